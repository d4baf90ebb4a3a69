//! Header field names, canonical and compact.

use std::fmt;

/// The name of a header field. Names are compared without case (RFC 3261 section 7.3.1).
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Name {
    Accept,
    AcceptContact,
    AcceptEncoding,
    AcceptLanguage,
    AlertInfo,
    Allow,
    AllowEvents,
    AuthenticationInfo,
    Authorization,
    CallId,
    CallInfo,
    Contact,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    ContentLength,
    ContentType,
    ContributionId,
    ConversationId,
    CSeq,
    Date,
    ErrorInfo,
    Event,
    Expires,
    FeatureCaps,
    From,
    HistoryInfo,
    Identity,
    InReplyTo,
    InReplyToContributionId,
    MaxForwards,
    MessageExpires,
    MimeVersion,
    MinExpires,
    MinSe,
    Organization,
    PAccessNetworkInfo,
    PAssertedIdentity,
    PAssertedService,
    PAssociatedUri,
    PCalledPartyId,
    PChargingFunctionAddresses,
    PChargingVector,
    PPreferredIdentity,
    PPreferredService,
    PProfileKey,
    PServedUser,
    PVisitedNetworkId,
    Path,
    Priority,
    Privacy,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyRequire,
    RAck,
    RSeq,
    Reason,
    RecordRoute,
    ReferSub,
    ReferTo,
    ReferredBy,
    RejectContact,
    Replaces,
    ReplyTo,
    RequestDisposition,
    Require,
    RetryAfter,
    Route,
    Server,
    ServiceRoute,
    SessionExpires,
    SessionReplaces,
    SipEtag,
    SipIfMatch,
    Subject,
    SubscriptionState,
    Supported,
    Timestamp,
    To,
    Unsupported,
    UserAgent,
    Via,
    Warning,
    WwwAuthenticate,
    /// A name that this stack has no word for, as it stood on the wire.
    Other(Box<str>),
}

/// Known names by their length, so that a look-up compares few of them.
const fn of_length(length: usize) -> &'static [(&'static str, Name)] {
    match length {
        2 => &[("To", Name::To)],
        3 => &[("Via", Name::Via)],
        4 => &[
            ("CSeq", Name::CSeq),
            ("Date", Name::Date),
            ("From", Name::From),
            ("Path", Name::Path),
            ("RAck", Name::RAck),
            ("RSeq", Name::RSeq),
        ],
        5 => &[("Allow", Name::Allow), ("Event", Name::Event), ("Route", Name::Route)],
        6 => &[("Accept", Name::Accept), ("Min-SE", Name::MinSe), ("Reason", Name::Reason), ("Server", Name::Server)],
        7 => &[
            ("Call-ID", Name::CallId),
            ("Contact", Name::Contact),
            ("Expires", Name::Expires),
            ("Privacy", Name::Privacy),
            ("Require", Name::Require),
            ("Subject", Name::Subject),
            ("Warning", Name::Warning),
        ],
        8 => &[
            ("Identity", Name::Identity),
            ("Priority", Name::Priority),
            ("Refer-To", Name::ReferTo),
            ("Replaces", Name::Replaces),
            ("Reply-To", Name::ReplyTo),
            ("SIP-ETag", Name::SipEtag),
        ],
        9 => &[
            ("Call-Info", Name::CallInfo),
            ("Refer-Sub", Name::ReferSub),
            ("Supported", Name::Supported),
            ("Timestamp", Name::Timestamp),
        ],
        10 => &[("Alert-Info", Name::AlertInfo), ("Error-Info", Name::ErrorInfo), ("User-Agent", Name::UserAgent)],
        11 => &[
            ("In-Reply-To", Name::InReplyTo),
            ("Min-Expires", Name::MinExpires),
            ("Referred-By", Name::ReferredBy),
            ("Retry-After", Name::RetryAfter),
            ("Unsupported", Name::Unsupported),
        ],
        12 => &[
            ("Allow-Events", Name::AllowEvents),
            ("Content-Type", Name::ContentType),
            ("Feature-Caps", Name::FeatureCaps),
            ("History-Info", Name::HistoryInfo),
            ("Max-Forwards", Name::MaxForwards),
            ("MIME-Version", Name::MimeVersion),
            ("Organization", Name::Organization),
            ("Record-Route", Name::RecordRoute),
            ("SIP-If-Match", Name::SipIfMatch),
        ],
        13 => &[
            ("Authorization", Name::Authorization),
            ("P-Profile-Key", Name::PProfileKey),
            ("P-Served-User", Name::PServedUser),
            ("Proxy-Require", Name::ProxyRequire),
            ("Service-Route", Name::ServiceRoute),
        ],
        14 => &[
            ("Accept-Contact", Name::AcceptContact),
            ("Content-Length", Name::ContentLength),
            ("Reject-Contact", Name::RejectContact),
        ],
        15 => &[
            ("Accept-Encoding", Name::AcceptEncoding),
            ("Accept-Language", Name::AcceptLanguage),
            ("Contribution-ID", Name::ContributionId),
            ("Conversation-ID", Name::ConversationId),
            ("Message-Expires", Name::MessageExpires),
            ("Session-Expires", Name::SessionExpires),
        ],
        16 => &[
            ("Content-Encoding", Name::ContentEncoding),
            ("Content-Language", Name::ContentLanguage),
            ("P-Associated-URI", Name::PAssociatedUri),
            ("Session-Replaces", Name::SessionReplaces),
            ("WWW-Authenticate", Name::WwwAuthenticate),
        ],
        17 => &[("P-Called-Party-ID", Name::PCalledPartyId), ("P-Charging-Vector", Name::PChargingVector)],
        18 => &[
            ("P-Asserted-Service", Name::PAssertedService),
            ("Proxy-Authenticate", Name::ProxyAuthenticate),
            ("Subscription-State", Name::SubscriptionState),
        ],
        19 => &[
            ("Authentication-Info", Name::AuthenticationInfo),
            ("Content-Disposition", Name::ContentDisposition),
            ("P-Asserted-Identity", Name::PAssertedIdentity),
            ("P-Preferred-Service", Name::PPreferredService),
            ("Proxy-Authorization", Name::ProxyAuthorization),
            ("Request-Disposition", Name::RequestDisposition),
        ],
        20 => &[("P-Preferred-Identity", Name::PPreferredIdentity), ("P-Visited-Network-ID", Name::PVisitedNetworkId)],
        21 => &[("P-Access-Network-Info", Name::PAccessNetworkInfo)],
        25 => &[("InReplyTo-Contribution-ID", Name::InReplyToContributionId)],
        29 => &[("P-Charging-Function-Addresses", Name::PChargingFunctionAddresses)],
        _ => &[],
    }
}

impl Name {
    /// The name that stands on the wire: canonical, compact, in any case.
    pub fn parse(text: &str) -> Name {
        Name::known(text.as_bytes()).unwrap_or_else(|| Name::Other(text.into()))
    }

    /// The name, if this stack has a word for it. The splitter asks before it checks that a name is a token at all.
    pub(super) fn known(text: &[u8]) -> Option<Name> {
        if let [letter] = text {
            return Name::compact(letter.to_ascii_lowercase());
        }
        // Hardly two names share length, first and last letter: few are compared as a whole, and most of these are
        // written as they are here.
        let ends = |text: &[u8]| Some((text.first()? | 0x20, text.last()? | 0x20));
        let wanted = ends(text);
        let mut same_length = of_length(text.len()).iter();
        let (_, name) = same_length.find(|(name, _)| {
            let name = name.as_bytes();
            ends(name) == wanted && (name == text || name.eq_ignore_ascii_case(text))
        })?;
        Some(name.clone())
    }

    const fn compact(letter: u8) -> Option<Name> {
        Some(match letter {
            b'a' => Name::AcceptContact,
            b'u' => Name::AllowEvents,
            b'i' => Name::CallId,
            b'm' => Name::Contact,
            b'e' => Name::ContentEncoding,
            b'l' => Name::ContentLength,
            b'c' => Name::ContentType,
            b'o' => Name::Event,
            b'f' => Name::From,
            b'y' => Name::Identity,
            b'r' => Name::ReferTo,
            b'b' => Name::ReferredBy,
            b'j' => Name::RejectContact,
            b'd' => Name::RequestDisposition,
            b'x' => Name::SessionExpires,
            b's' => Name::Subject,
            b'k' => Name::Supported,
            b't' => Name::To,
            b'v' => Name::Via,
            _ => return None,
        })
    }

    /// The canonical name.
    pub fn as_str(&self) -> &str {
        match self {
            Name::Accept => "Accept",
            Name::AcceptContact => "Accept-Contact",
            Name::AcceptEncoding => "Accept-Encoding",
            Name::AcceptLanguage => "Accept-Language",
            Name::AlertInfo => "Alert-Info",
            Name::Allow => "Allow",
            Name::AllowEvents => "Allow-Events",
            Name::AuthenticationInfo => "Authentication-Info",
            Name::Authorization => "Authorization",
            Name::CallId => "Call-ID",
            Name::CallInfo => "Call-Info",
            Name::Contact => "Contact",
            Name::ContentDisposition => "Content-Disposition",
            Name::ContentEncoding => "Content-Encoding",
            Name::ContentLanguage => "Content-Language",
            Name::ContentLength => "Content-Length",
            Name::ContentType => "Content-Type",
            Name::ContributionId => "Contribution-ID",
            Name::ConversationId => "Conversation-ID",
            Name::CSeq => "CSeq",
            Name::Date => "Date",
            Name::ErrorInfo => "Error-Info",
            Name::Event => "Event",
            Name::Expires => "Expires",
            Name::FeatureCaps => "Feature-Caps",
            Name::From => "From",
            Name::HistoryInfo => "History-Info",
            Name::Identity => "Identity",
            Name::InReplyTo => "In-Reply-To",
            Name::InReplyToContributionId => "InReplyTo-Contribution-ID",
            Name::MaxForwards => "Max-Forwards",
            Name::MessageExpires => "Message-Expires",
            Name::MimeVersion => "MIME-Version",
            Name::MinExpires => "Min-Expires",
            Name::MinSe => "Min-SE",
            Name::Organization => "Organization",
            Name::PAccessNetworkInfo => "P-Access-Network-Info",
            Name::PAssertedIdentity => "P-Asserted-Identity",
            Name::PAssertedService => "P-Asserted-Service",
            Name::PAssociatedUri => "P-Associated-URI",
            Name::PCalledPartyId => "P-Called-Party-ID",
            Name::PChargingFunctionAddresses => "P-Charging-Function-Addresses",
            Name::PChargingVector => "P-Charging-Vector",
            Name::PPreferredIdentity => "P-Preferred-Identity",
            Name::PPreferredService => "P-Preferred-Service",
            Name::PProfileKey => "P-Profile-Key",
            Name::PServedUser => "P-Served-User",
            Name::PVisitedNetworkId => "P-Visited-Network-ID",
            Name::Path => "Path",
            Name::Priority => "Priority",
            Name::Privacy => "Privacy",
            Name::ProxyAuthenticate => "Proxy-Authenticate",
            Name::ProxyAuthorization => "Proxy-Authorization",
            Name::ProxyRequire => "Proxy-Require",
            Name::RAck => "RAck",
            Name::RSeq => "RSeq",
            Name::Reason => "Reason",
            Name::RecordRoute => "Record-Route",
            Name::ReferSub => "Refer-Sub",
            Name::ReferTo => "Refer-To",
            Name::ReferredBy => "Referred-By",
            Name::RejectContact => "Reject-Contact",
            Name::Replaces => "Replaces",
            Name::ReplyTo => "Reply-To",
            Name::RequestDisposition => "Request-Disposition",
            Name::Require => "Require",
            Name::RetryAfter => "Retry-After",
            Name::Route => "Route",
            Name::Server => "Server",
            Name::ServiceRoute => "Service-Route",
            Name::SessionExpires => "Session-Expires",
            Name::SessionReplaces => "Session-Replaces",
            Name::SipEtag => "SIP-ETag",
            Name::SipIfMatch => "SIP-If-Match",
            Name::Subject => "Subject",
            Name::SubscriptionState => "Subscription-State",
            Name::Supported => "Supported",
            Name::Timestamp => "Timestamp",
            Name::To => "To",
            Name::Unsupported => "Unsupported",
            Name::UserAgent => "User-Agent",
            Name::Via => "Via",
            Name::Warning => "Warning",
            Name::WwwAuthenticate => "WWW-Authenticate",
            Name::Other(name) => name,
        }
    }

    /// True for fields whose value is a comma list that may be split over several fields (RFC 3261 section 7.3.1).
    pub const fn is_list(&self) -> bool {
        matches!(
            self,
            Name::Accept
                | Name::AcceptContact
                | Name::AcceptEncoding
                | Name::AcceptLanguage
                | Name::AlertInfo
                | Name::Allow
                | Name::AllowEvents
                | Name::CallInfo
                | Name::Contact
                | Name::ContentEncoding
                | Name::ContentLanguage
                | Name::ErrorInfo
                | Name::FeatureCaps
                | Name::HistoryInfo
                | Name::InReplyTo
                | Name::PAssertedIdentity
                | Name::PAssociatedUri
                | Name::PPreferredIdentity
                | Name::PVisitedNetworkId
                | Name::Path
                | Name::ProxyRequire
                | Name::Reason
                | Name::RecordRoute
                | Name::RejectContact
                | Name::RequestDisposition
                | Name::Require
                | Name::Route
                | Name::ServiceRoute
                | Name::Supported
                | Name::Unsupported
                | Name::Via
                | Name::Warning
        )
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        match (self, other) {
            (Name::Other(a), Name::Other(b)) => a.eq_ignore_ascii_case(b),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
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
    }

    #[test]
    fn every_known_name_reads_back() {
        for length in 0..40 {
            for (text, name) in of_length(length) {
                assert_eq!(text.len(), length);
                assert_eq!(name.as_str(), *text);
                assert_eq!(Name::parse(&text.to_uppercase()), *name);
            }
        }
    }
}
