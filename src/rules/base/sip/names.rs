//! The header fields that are known, each with its compact name, its form, and how often it may stand. One table, and
//! one look at a name tells all of it.

use std::sync::LazyLock;

use super::forms::{self, Form};

/// How the values of one header are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules::base) enum Often {
    /// One line with one value.
    Once,
    /// A comma list, on one line or on several.
    List,
    /// One value a line, on any number of lines: the value has commas of its own.
    Lines,
}

macro_rules! headers {
    ($($name:ident $text:literal $compact:literal $often:ident $form:ident;)*) => {
        /// A header field that is known.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(in crate::rules::base) enum Name {
            $($name,)*
        }

        const NAMES: [Name; COUNT] = [$(Name::$name,)*];
        const TEXTS: [(&str, &str); COUNT] = [$(($text, $compact),)*];
        /// So many are known.
        pub(super) const COUNT: usize = [$($text,)*].len();
        // A set of names has a bit for each.
        const _: () = assert!(COUNT <= u128::BITS as usize);

        impl Name {
            /// Its full name.
            pub fn text(self) -> &'static str {
                match self {
                    $(Name::$name => $text,)*
                }
            }

            /// How often it may stand.
            pub fn often(self) -> Often {
                match self {
                    $(Name::$name => Often::$often,)*
                }
            }

            /// What its values look like.
            pub fn form(self) -> &'static Form {
                match self {
                    $(Name::$name => &forms::$form,)*
                }
            }
        }
    };
}

headers! {
    To "To" "t" Once ADDRESS;
    Via "Via" "v" List VIA;
    CSeq "CSeq" "" Once CSEQ;
    Date "Date" "" Once DATE;
    From "From" "f" Once ADDRESS;
    Join "Join" "" Once DIALOG_REFERENCE;
    Path "Path" "" List ROUTE;
    RAck "RAck" "" Once RACK;
    RSeq "RSeq" "" Once RSEQ;
    Allow "Allow" "" List TOKENS_OR_NONE;
    Event "Event" "o" Once EVENT;
    Route "Route" "" List ROUTE;
    Accept "Accept" "" List MEDIA_RANGE;
    MinSe "Min-SE" "" Once SESSION_SECONDS;
    Reason "Reason" "" List CODED;
    Server "Server" "" Once PRODUCTS;
    CallId "Call-ID" "i" Once CALL_ID;
    Contact "Contact" "m" List CONTACT;
    Expires "Expires" "" Once EXPIRES;
    Privacy "Privacy" "" Once PRIVACY;
    Require "Require" "" List TOKENS;
    Subject "Subject" "s" Once FREE;
    Warning "Warning" "" List WARNING;
    Identity "Identity" "y" List FREE;
    Priority "Priority" "" Once TOKEN;
    ReferTo "Refer-To" "r" Once ADDRESS;
    Replaces "Replaces" "" Once DIALOG_REFERENCE;
    ReplyTo "Reply-To" "" Once ADDRESS;
    SipEtag "SIP-ETag" "" Once TOKEN;
    CallInfo "Call-Info" "" List INFO_URI;
    RecvInfo "Recv-Info" "" List CODED_OR_NONE;
    ReferSub "Refer-Sub" "" Once CODED;
    Supported "Supported" "k" List TOKENS_OR_NONE;
    Timestamp "Timestamp" "" Once TIMESTAMP;
    Diversion "Diversion" "" List ADDRESS;
    AlertInfo "Alert-Info" "" List INFO_URI;
    ErrorInfo "Error-Info" "" List INFO_URI;
    FlowTimer "Flow-Timer" "" Once NUMBER;
    SessionId "Session-ID" "" Once SESSION_ID;
    UserAgent "User-Agent" "" Once PRODUCTS;
    AnswerMode "Answer-Mode" "" Once CODED;
    InReplyTo "In-Reply-To" "" List IN_REPLY_TO;
    MaxBreadth "Max-Breadth" "" Once NUMBER;
    MinExpires "Min-Expires" "" Once EXPIRES;
    ReferredBy "Referred-By" "b" Once ADDRESS;
    RetryAfter "Retry-After" "" Once RETRY_AFTER;
    Unsupported "Unsupported" "" List TOKENS_OR_NONE;
    AllowEvents "Allow-Events" "u" List TOKENS;
    ContentType "Content-Type" "c" Once CONTENT_TYPE;
    FeatureCaps "Feature-Caps" "" List PREFERENCE;
    HistoryInfo "History-Info" "" List HISTORY;
    InfoPackage "Info-Package" "" Once CODED;
    MaxForwards "Max-Forwards" "" Once MAX_FORWARDS;
    MimeVersion "MIME-Version" "" Once MIME_VERSION;
    Organization "Organization" "" Once FREE;
    RecordRoute "Record-Route" "" List ROUTE;
    SipIfMatch "SIP-If-Match" "" Once TOKEN;
    Authorization "Authorization" "" Lines CREDENTIALS;
    PEarlyMedia "P-Early-Media" "" List CODED_OR_NONE;
    PProfileKey "P-Profile-Key" "" Once ADDRESS;
    PServedUser "P-Served-User" "" Once SERVED_USER;
    ProxyRequire "Proxy-Require" "" List TOKENS;
    ServiceRoute "Service-Route" "" List ROUTE;
    TargetDialog "Target-Dialog" "" Once TARGET_DIALOG;
    AcceptContact "Accept-Contact" "a" List PREFERENCE;
    ContentLength "Content-Length" "l" Once CONTENT_LENGTH;
    PAnswerState "P-Answer-State" "" Once CODED;
    RejectContact "Reject-Contact" "j" List PREFERENCE;
    AcceptEncoding "Accept-Encoding" "" List CODED_OR_NONE;
    AcceptLanguage "Accept-Language" "" List LANGUAGE;
    ContributionId "Contribution-ID" "" Once IDENTIFIER;
    ConversationId "Conversation-ID" "" Once IDENTIFIER;
    PUserDatabase "P-User-Database" "" Once ADDRESS;
    SecurityClient "Security-Client" "" List CODED;
    SecurityServer "Security-Server" "" List CODED;
    SecurityVerify "Security-Verify" "" List CODED;
    SessionExpires "Session-Expires" "x" Once SESSION_SECONDS;
    ContentEncoding "Content-Encoding" "e" List TOKENS;
    ContentLanguage "Content-Language" "" List LANGUAGE;
    PAssociatedUri "P-Associated-URI" "" List ADDRESSES_OR_NONE;
    PrivAnswerMode "Priv-Answer-Mode" "" Once CODED;
    SessionReplaces "Session-Replaces" "" Once IDENTIFIER;
    WwwAuthenticate "WWW-Authenticate" "" Lines CHALLENGE;
    PCalledPartyId "P-Called-Party-ID" "" Once ADDRESS;
    PChargingVector "P-Charging-Vector" "" Once CHARGING_VECTOR;
    ResourcePriority "Resource-Priority" "" List TOKENS;
    SuppressIfMatch "Suppress-If-Match" "" Once TOKEN;
    PAssertedService "P-Asserted-Service" "" List SERVICE;
    ProxyAuthenticate "Proxy-Authenticate" "" Lines CHALLENGE;
    PRefusedUriList "P-Refused-URI-List" "" List FREE;
    SubscriptionState "Subscription-State" "" Once SUBSCRIPTION_STATE;
    AuthenticationInfo "Authentication-Info" "" List AUTHENTICATION_INFO;
    ContentDisposition "Content-Disposition" "" Once CODED;
    PAssertedIdentity "P-Asserted-Identity" "" List ADDRESS;
    PPreferredService "P-Preferred-Service" "" List SERVICE;
    ProxyAuthorization "Proxy-Authorization" "" Lines CREDENTIALS;
    RequestDisposition "Request-Disposition" "d" List TOKENS;
    PPreferredIdentity "P-Preferred-Identity" "" List ADDRESS;
    PVisitedNetworkId "P-Visited-Network-ID" "" List VISITED_NETWORK;
    PAccessNetworkInfo "P-Access-Network-Info" "" List CODED;
    CellularNetworkInfo "Cellular-Network-Info" "" List CODED;
    InReplyToContributionId "InReplyTo-Contribution-ID" "" Once IDENTIFIER;
    ProxyAuthenticationInfo "Proxy-Authentication-Info" "" List AUTHENTICATION_INFO;
    PChargingFunctionAddresses "P-Charging-Function-Addresses" "" List CHARGING_FUNCTIONS;
}

/// So many places are there for names: several for each, so that most stand where they are looked for.
const PLACES: usize = 512;

/// Each name at the place that its length and three of its letters tell, or at the next one that was free.
static BY_LETTERS: LazyLock<Vec<Option<Name>>> = LazyLock::new(|| {
    let mut held = vec![None; PLACES + COUNT];
    for (name, (text, _)) in NAMES.into_iter().zip(TEXTS) {
        let free = held.iter_mut().skip(place(text.as_bytes())).find(|held| held.is_none());
        free.into_iter().for_each(|free| *free = Some(name));
    }
    held
});

/// The place of a name, whatever the case of its letters.
fn place(name: &[u8]) -> usize {
    let letter = |place: usize| usize::from(name.get(place).copied().unwrap_or_default() & 0x1f);
    let letters = letter(0) << 10 | letter(name.len() / 2) << 5 | letter(name.len().saturating_sub(1));
    ((letters * 31) ^ (name.len() * 7)) % PLACES
}

/// The names of the compact forms, by their letters.
static COMPACT: LazyLock<[Option<Name>; 26]> = LazyLock::new(|| {
    let named = |letter: char| {
        let mut names = NAMES.into_iter().zip(TEXTS);
        names.find(|(_, (_, compact))| compact.chars().eq([letter])).map(|(name, _)| name)
    };
    let mut letters = 'a'..='z';
    std::array::from_fn(|_| letters.next().and_then(named))
});

impl Name {
    /// Whether the value is another one in every message, or in every call.
    pub fn is_singular(self) -> bool {
        matches!(
            self,
            Name::CallId
                | Name::ContributionId
                | Name::ConversationId
                | Name::ContentLength
                | Name::RSeq
                | Name::Timestamp
                | Name::Date
        )
    }

    /// After which mark a word stands that is another one in every message or call, where nothing else is.
    pub fn singular_after(self) -> Option<&'static str> {
        match self {
            Name::Via => Some(";branch="),
            Name::From | Name::To => Some(";tag="),
            Name::PChargingVector => Some("icid-value="),
            _ => None,
        }
    }

    /// The header that is called so, in full or compact; names have no case (RFC 3261 sections 7.3.1 and 7.3.3).
    pub fn of(text: &str) -> Option<Name> {
        if let [letter] = text.as_bytes() {
            let place = letter.to_ascii_lowercase().wrapping_sub(b'a');
            return COMPACT.get(usize::from(place)).copied().flatten();
        }
        let mut alike = BY_LETTERS.get(place(text.as_bytes())..)?.iter().map_while(|held| *held);
        alike.find(|name| name.text() == text || name.text().eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_full_and_compact_in_any_case() {
        for (name, (text, compact)) in NAMES.into_iter().zip(TEXTS) {
            assert_eq!(name.text(), text);
            assert_eq!(Name::of(text), Some(name), "{text}");
            assert_eq!(Name::of(&text.to_ascii_uppercase()), Some(name), "{text}");
            assert!(compact.is_empty() || Name::of(&compact.to_ascii_uppercase()) == Some(name), "{text}");
        }
        for unknown in ["", "Tp", "z", "@", "X-Own", "P-Charging-Function-Addresse", "P-Charging-Function-Addressess"] {
            assert_eq!(Name::of(unknown), None, "{unknown}");
        }
    }
}
