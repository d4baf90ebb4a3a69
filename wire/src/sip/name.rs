//! Header field names, canonical and compact: those of the registry of SIP header fields that a CPM element can meet,
//! and those of CPM itself.

use super::grammar::TOKEN;
use super::parse::without_space_after;
use crate::search::{self, find};
use std::fmt;

/// Makes the enum, its texts and the table of all of them.
macro_rules! names {
    ($($name:ident $text:literal,)*) => {
        /// The name of a header field. Names are compared without case (RFC 3261 section 7.3.1).
        #[derive(Clone, Debug)]
        pub enum Name {
            $(#[doc = concat!("`", $text, "`")] $name,)*
            /// A name that this stack has no word for, as it stood on the wire.
            Other(Unknown),
        }

        /// The names by number; all others share the last one.
        #[repr(u8)]
        enum Number { $($name,)* Other }

        impl Name {
            /// The canonical name.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Name::$name => $text,)*
                    Name::Other(name) => name.as_str(),
                }
            }

            /// The number of the name; all unknown ones share the last one.
            #[inline]
            pub(super) const fn number(&self) -> u8 {
                match self {
                    $(Name::$name => Number::$name as u8,)*
                    Name::Other(_) => Number::Other as u8,
                }
            }

            /// The known name of that number.
            #[inline(always)]
            #[allow(non_upper_case_globals, reason = "each is named as its name is")]
            const fn numbered(number: usize) -> Option<Name> {
                $(const $name: usize = Number::$name as usize;)*
                match number {
                    $($name => Some(Name::$name),)*
                    _ => None,
                }
            }
        }

        const TEXTS: &[&[u8]] = &[$($text.as_bytes()),*];
    };
}

/// A name that this stack has no word for. It is one pointer, so that a name without it is small too.
#[derive(Clone, Debug)]
pub struct Unknown(Box<Spelling>);

#[derive(Clone, Debug)]
struct Spelling(Box<str>);

impl Unknown {
    /// As it stood on the wire.
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

impl From<&str> for Unknown {
    fn from(name: &str) -> Unknown {
        Unknown(Box::new(Spelling(name.into())))
    }
}

names! {
    To "To",
    Via "Via",
    CSeq "CSeq", From "From", Date "Date", Join "Join", Path "Path", RAck "RAck", RSeq "RSeq",
    Allow "Allow", Event "Event", Route "Route",
    Accept "Accept", MinSe "Min-SE", Reason "Reason", Server "Server",
    CallId "Call-ID", Contact "Contact", Expires "Expires", Require "Require", Privacy "Privacy",
    Subject "Subject", Warning "Warning",
    Identity "Identity", Priority "Priority", ReferTo "Refer-To", Replaces "Replaces", ReplyTo "Reply-To",
    SipEtag "SIP-ETag",
    Supported "Supported", CallInfo "Call-Info", PolicyId "Policy-ID", RecvInfo "Recv-Info", ReferSub "Refer-Sub",
    Timestamp "Timestamp",
    UserAgent "User-Agent", AlertInfo "Alert-Info", ContentId "Content-ID", ErrorInfo "Error-Info",
    FlowTimer "Flow-Timer", SessionId "Session-ID",
    AnswerMode "Answer-Mode", Geolocation "Geolocation", InReplyTo "In-Reply-To", MaxBreadth "Max-Breadth",
    MinExpires "Min-Expires", ReferredBy "Referred-By", RetryAfter "Retry-After", Unsupported "Unsupported",
    ContentType "Content-Type", MaxForwards "Max-Forwards", RecordRoute "Record-Route",
    AllowEvents "Allow-Events", FeatureCaps "Feature-Caps", HistoryInfo "History-Info",
    InfoPackage "Info-Package", MimeVersion "MIME-Version", Organization "Organization",
    SipIfMatch "SIP-If-Match", UserToUser "User-to-User",
    Authorization "Authorization", IdentityInfo "Identity-Info", PEarlyMedia "P-Early-Media",
    PProfileKey "P-Profile-Key", PServedUser "P-Served-User", ProxyRequire "Proxy-Require",
    ServiceRoute "Service-Route", TargetDialog "Target-Dialog",
    AcceptContact "Accept-Contact", ContentLength "Content-Length", OriginationId "Origination-Id",
    PAnswerState "P-Answer-State", PolicyContact "Policy-Contact", RejectContact "Reject-Contact",
    RelayedCharge "Relayed-Charge", ResourceShare "Resource-Share",
    ContributionId "Contribution-ID", ConversationId "Conversation-ID", SessionExpires "Session-Expires",
    AcceptEncoding "Accept-Encoding", AcceptLanguage "Accept-Language", MessageExpires "Message-Expires",
    PUserDatabase "P-User-Database", ReferEventsAt "Refer-Events-At", ResponseSource "Response-Source",
    SecurityClient "Security-Client", SecurityServer "Security-Server", SecurityVerify "Security-Verify",
    TriggerConsent "Trigger-Consent",
    AttestationInfo "Attestation-Info", ContentEncoding "Content-Encoding", ContentLanguage "Content-Language",
    PAssociatedUri "P-Associated-URI", PrivAnswerMode "Priv-Answer-Mode", RestorationInfo "Restoration-Info",
    SessionReplaces "Session-Replaces", WwwAuthenticate "WWW-Authenticate",
    PChargingVector "P-Charging-Vector", GeolocationError "Geolocation-Error", PCalledPartyId "P-Called-Party-ID",
    ResourcePriority "Resource-Priority", SuppressIfMatch "Suppress-If-Match",
    PAssertedService "P-Asserted-Service", PRefusedUriList "P-Refused-URI-List",
    PermissionMissing "Permission-Missing", ProxyAuthenticate "Proxy-Authenticate",
    SubscriptionState "Subscription-State",
    ContentDisposition "Content-Disposition", PAssertedIdentity "P-Asserted-Identity",
    AdditionalIdentity "Additional-Identity", AuthenticationInfo "Authentication-Info",
    GeolocationRouting "Geolocation-Routing", PPreferredService "P-Preferred-Service",
    ProxyAuthorization "Proxy-Authorization", RequestDisposition "Request-Disposition",
    PPreferredIdentity "P-Preferred-Identity", PVisitedNetworkId "P-Visited-Network-ID",
    PAccessNetworkInfo "P-Access-Network-Info", CellularNetworkInfo "Cellular-Network-Info",
    PMediaAuthorization "P-Media-Authorization", ServiceInteractInfo "Service-Interact-Info",
    AcceptResourcePriority "Accept-Resource-Priority",
    InReplyToContributionId "InReplyTo-Contribution-ID", ProxyAuthenticationInfo "Proxy-Authentication-Info",
    PPrivateNetworkIndication "P-Private-Network-Indication",
    PChargingFunctionAddresses "P-Charging-Function-Addresses",
}

// A set of names has a bit for each number.
const _: () = assert!(TEXTS.len() < u128::BITS as usize);

/// So many octets are compared at once; no known name is longer, with colon and space.
const WIDTH: usize = 32;

/// A text as it begins a line: with colon and space, filled up with NUL. None for one that is too long.
const fn at_line_start(text: &[u8]) -> Option<[u8; WIDTH]> {
    let mut line = [0; WIDTH];
    let Some((name, [colon, space, ..])) = line.split_at_mut_checked(text.len()) else { return None };
    name.copy_from_slice(text);
    (*colon, *space) = (b':', b' ');
    Some(line)
}

/// The known names as they begin a line.
static LINES: [[u8; WIDTH]; TEXTS.len()] = lines();

const fn lines() -> [[u8; WIDTH]; TEXTS.len()] {
    let mut table = [[0; WIDTH]; TEXTS.len()];
    let (mut slots, mut texts): (&mut [[u8; WIDTH]], _) = (&mut table, TEXTS);
    while let ([slot, more @ ..], [text, rest @ ..]) = (slots, texts) {
        if let Some(line) = at_line_start(text) {
            *slot = line;
        }
        (slots, texts) = (more, rest);
    }
    table
}

/// For each hash the place of a known name, counted from 1; 0 when there is none.
static PLACES: [u8; 1024] = places();

const fn places() -> [u8; 1024] {
    let mut table = [0; 1024];
    let (mut texts, mut place) = (TEXTS, 0);
    while let [text, rest @ ..] = texts {
        place += 1;
        if let Some(line) = at_line_start(text)
            && let Some(hash) = hash(&line, text.len())
            && let [slot, ..] = table.split_at_mut(hash).1
        {
            *slot = place;
        }
        texts = rest;
    }
    table
}

/// Told by the first four letters and the last four, in any case, of the name that begins the line: with this factor no two
/// known names share a hash. Where a name is shorter, what follows it is taken too.
#[inline(always)]
const fn hash(line: &[u8; WIDTH], length: usize) -> Option<usize> {
    let (Some(first), Some(last)) =
        (line.first_chunk(), line.split_at(length.saturating_sub(4) % WIDTH).1.first_chunk())
    else {
        return None;
    };
    let told = u32::from_le_bytes(*first) as u64 | (u32::from_le_bytes(*last) as u64) << 32;
    Some(((told | 0x2020_2020_2020_2020).wrapping_mul(0xcf76_6ede_4ad3_6fb5) >> 54) as usize)
}

/// The number of the name at the beginning, and where its colon stands, if it is written as it is registered. Nearly all
/// are, and for those there is no branch here.
#[inline(always)]
fn plain(rest: &[u8]) -> Option<(usize, usize)> {
    let window = rest.first_chunk::<WIDTH>()?;
    let colon = (search::marks32([b':'], window) | 1 << (WIDTH - 1)).trailing_zeros() as usize;
    let number = usize::from(*PLACES.get(hash(window, colon)?)?).checked_sub(1)?;
    let equal = search::equal32(window, LINES.get(number)?);
    // The colon is among the equal ones, so that none is left over in either.
    (equal.trailing_ones() as usize > colon).then_some((number, colon))
}

/// The number of a known name in any case.
fn number(octets: &[u8]) -> Option<usize> {
    let number = usize::from(*PLACES.get(hash(&at_line_start(octets)?, octets.len())?)?).checked_sub(1)?;
    TEXTS.get(number)?.eq_ignore_ascii_case(octets).then_some(number)
}

impl Name {
    /// The name that stands on the wire: canonical, compact, in any case.
    pub fn parse(text: &str) -> Name {
        Name::rare(text.as_bytes()).unwrap_or_else(|| Name::Other(text.into()))
    }

    /// The known name at the beginning of a text, and where its colon stands, if it is written as it is registered.
    #[inline(always)]
    pub(super) fn plain(text: &[u8]) -> Option<(Name, usize)> {
        // A number comes back in a register, where a name would be copied through memory twice.
        let (number, colon) = plain(text)?;
        Some((Name::numbered(number)?, colon))
    }

    /// The name in this line, how long it is, and where the colon after it stands: None for what is no token. Only an
    /// unknown name is looked at for that. White space before the colon is legal too (RFC 3261 section 7.3.1).
    pub(super) fn of_line(line: &[u8]) -> Option<(Name, usize, usize)> {
        let colon = find([b':'], line)?;
        let name = without_space_after(line.get(..colon)?);
        Some((Name::rare(name)?, name.len(), colon))
    }

    /// A name in any form.
    fn rare(octets: &[u8]) -> Option<Name> {
        if let Some(name) = number(octets).and_then(Name::numbered) {
            return Some(name);
        }
        if let [letter] = octets
            && let Some(name) = Name::compact(letter.to_ascii_lowercase())
        {
            return Some(name);
        }
        let is_name = !octets.is_empty() && TOKEN.run(octets, 0) == octets.len();
        std::str::from_utf8(octets).ok().filter(|_| is_name).map(|text| Name::Other(text.into()))
    }

    const fn compact(letter: u8) -> Option<Name> {
        Some(match letter {
            b'a' => Name::AcceptContact,
            b'b' => Name::ReferredBy,
            b'c' => Name::ContentType,
            b'd' => Name::RequestDisposition,
            b'e' => Name::ContentEncoding,
            b'f' => Name::From,
            b'i' => Name::CallId,
            b'j' => Name::RejectContact,
            b'k' => Name::Supported,
            b'l' => Name::ContentLength,
            b'm' => Name::Contact,
            b'n' => Name::IdentityInfo,
            b'o' => Name::Event,
            b'r' => Name::ReferTo,
            b's' => Name::Subject,
            b't' => Name::To,
            b'u' => Name::AllowEvents,
            b'v' => Name::Via,
            b'x' => Name::SessionExpires,
            b'y' => Name::Identity,
            _ => return None,
        })
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        match (self, other) {
            _ if std::mem::discriminant(self) != std::mem::discriminant(other) => false,
            (Name::Other(a), Name::Other(b)) => a.as_str().eq_ignore_ascii_case(b.as_str()),
            _ => true,
        }
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_compact_and_any_case_are_one_name() {
        for text in ["Via", "VIA", "v", "V"] {
            assert_eq!(Name::parse(text), Name::Via);
        }
        assert_eq!(Name::parse("contribution-id"), Name::ContributionId);
        assert_eq!(Name::parse("X-Own"), Name::Other("x-OWN".into()));
        assert_ne!(Name::parse("X-Own"), Name::parse("X-Other"));
        assert_ne!(Name::parse("X-Own"), Name::Via);
    }

    #[test]
    fn every_known_name_reads_back() {
        let mut known = 0;
        for (number, text) in TEXTS.iter().enumerate() {
            let (name, text) = (Name::numbered(number).unwrap(), std::str::from_utf8(text).unwrap());
            assert_eq!((name.as_str(), usize::from(name.number())), (text, number));
            assert_eq!(Name::parse(text), name);
            assert_eq!(Name::parse(&text.to_uppercase()), name);
            let line = format!("{text}: and more than is compared at once");
            assert_eq!(Name::plain(line.as_bytes()), Some((name.clone(), text.len())));
            assert_eq!(Name::of_line(line.as_bytes()), Some((name.clone(), text.len(), text.len())));
            let longer = format!("{text}-x: and more than is compared at once");
            let other = Name::Other(format!("{text}-X").as_str().into());
            assert_eq!(Name::plain(longer.as_bytes()), None);
            assert_eq!(Name::of_line(longer.as_bytes()), Some((other, text.len() + 2, text.len() + 2)));
            assert!(!(name.is_list() && name.is_single()), "{name}");
            known += 1;
        }
        assert!(known > 100);
    }

    #[test]
    fn the_compact_forms_of_the_registry() {
        let compact = "aAccept-Contact bReferred-By cContent-Type dRequest-Disposition eContent-Encoding fFrom \
            iCall-ID jReject-Contact kSupported lContent-Length mContact nIdentity-Info oEvent rRefer-To sSubject \
            tTo uAllow-Events vVia xSession-Expires yIdentity";
        for (letter, name) in compact.split_whitespace().map(|both| both.split_at(1)) {
            assert_eq!(Name::parse(letter).as_str(), name);
        }
        assert_eq!(Name::parse("z"), Name::Other("z".into()));
    }

    #[test]
    fn what_is_no_token_is_no_name() {
        assert_eq!(Name::of_line(b"X-Own : a"), Some((Name::parse("x-own"), 5, 6)));
        for bad in [&b""[..], b":", b"a b:", b"\xff:", b"a(b:", b"a"] {
            assert_eq!(Name::of_line(bad), None);
        }
    }
}
