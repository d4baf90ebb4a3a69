//! Header field names, canonical and compact: those of the registry of SIP header fields that a CPM element can meet,
//! and those of CPM itself.

use super::grammar::TOKEN;
use std::fmt;

/// Makes the enum, its texts and the look-up by length from one table. Within a length the most frequent name stands
/// first.
macro_rules! names {
    ($($length:literal { $($name:ident $text:literal),* })*) => {
        /// The name of a header field. Names are compared without case (RFC 3261 section 7.3.1).
        #[derive(Clone, Debug)]
        pub enum Name {
            $($(#[doc = concat!("`", $text, "`")] $name,)*)*
            /// A name that this stack has no word for, as it stood on the wire.
            Other(Box<str>),
        }

        /// Known names by their length, so that a look-up compares few of them.
        const fn of_length(length: usize) -> &'static [(&'static str, Name)] {
            match length {
                $($length => &[$(($text, Name::$name)),*],)*
                _ => &[],
            }
        }

        impl Name {
            /// The canonical name.
            pub fn as_str(&self) -> &str {
                match self {
                    $($(Name::$name => $text,)*)*
                    Name::Other(name) => name,
                }
            }
        }
    };
}

names! {
    2 { To "To" }
    3 { Via "Via" }
    4 { CSeq "CSeq", From "From", Date "Date", Join "Join", Path "Path", RAck "RAck", RSeq "RSeq" }
    5 { Allow "Allow", Event "Event", Route "Route" }
    6 { Accept "Accept", MinSe "Min-SE", Reason "Reason", Server "Server" }
    7 {
        CallId "Call-ID", Contact "Contact", Expires "Expires", Require "Require", Privacy "Privacy",
        Subject "Subject", Warning "Warning"
    }
    8 {
        Identity "Identity", Priority "Priority", ReferTo "Refer-To", Replaces "Replaces", ReplyTo "Reply-To",
        SipEtag "SIP-ETag"
    }
    9 {
        Supported "Supported", CallInfo "Call-Info", PolicyId "Policy-ID", RecvInfo "Recv-Info", ReferSub "Refer-Sub",
        Timestamp "Timestamp"
    }
    10 {
        UserAgent "User-Agent", AlertInfo "Alert-Info", ContentId "Content-ID", ErrorInfo "Error-Info",
        FlowTimer "Flow-Timer", SessionId "Session-ID"
    }
    11 {
        AnswerMode "Answer-Mode", Geolocation "Geolocation", InReplyTo "In-Reply-To", MaxBreadth "Max-Breadth",
        MinExpires "Min-Expires", ReferredBy "Referred-By", RetryAfter "Retry-After", Unsupported "Unsupported"
    }
    12 {
        ContentType "Content-Type", MaxForwards "Max-Forwards", RecordRoute "Record-Route",
        AllowEvents "Allow-Events", FeatureCaps "Feature-Caps", HistoryInfo "History-Info",
        InfoPackage "Info-Package", MimeVersion "MIME-Version", Organization "Organization",
        SipIfMatch "SIP-If-Match", UserToUser "User-to-User"
    }
    13 {
        Authorization "Authorization", IdentityInfo "Identity-Info", PEarlyMedia "P-Early-Media",
        PProfileKey "P-Profile-Key", PServedUser "P-Served-User", ProxyRequire "Proxy-Require",
        ServiceRoute "Service-Route", TargetDialog "Target-Dialog"
    }
    14 {
        AcceptContact "Accept-Contact", ContentLength "Content-Length", OriginationId "Origination-Id",
        PAnswerState "P-Answer-State", PolicyContact "Policy-Contact", RejectContact "Reject-Contact",
        RelayedCharge "Relayed-Charge", ResourceShare "Resource-Share"
    }
    15 {
        ContributionId "Contribution-ID", ConversationId "Conversation-ID", SessionExpires "Session-Expires",
        AcceptEncoding "Accept-Encoding", AcceptLanguage "Accept-Language", MessageExpires "Message-Expires",
        PUserDatabase "P-User-Database", ReferEventsAt "Refer-Events-At", ResponseSource "Response-Source",
        SecurityClient "Security-Client", SecurityServer "Security-Server", SecurityVerify "Security-Verify",
        TriggerConsent "Trigger-Consent"
    }
    16 {
        AttestationInfo "Attestation-Info", ContentEncoding "Content-Encoding", ContentLanguage "Content-Language",
        PAssociatedUri "P-Associated-URI", PrivAnswerMode "Priv-Answer-Mode", RestorationInfo "Restoration-Info",
        SessionReplaces "Session-Replaces", WwwAuthenticate "WWW-Authenticate"
    }
    17 {
        PChargingVector "P-Charging-Vector", GeolocationError "Geolocation-Error", PCalledPartyId "P-Called-Party-ID",
        ResourcePriority "Resource-Priority", SuppressIfMatch "Suppress-If-Match"
    }
    18 {
        PAssertedService "P-Asserted-Service", PRefusedUriList "P-Refused-URI-List",
        PermissionMissing "Permission-Missing", ProxyAuthenticate "Proxy-Authenticate",
        SubscriptionState "Subscription-State"
    }
    19 {
        ContentDisposition "Content-Disposition", PAssertedIdentity "P-Asserted-Identity",
        AdditionalIdentity "Additional-Identity", AuthenticationInfo "Authentication-Info",
        GeolocationRouting "Geolocation-Routing", PPreferredService "P-Preferred-Service",
        ProxyAuthorization "Proxy-Authorization", RequestDisposition "Request-Disposition"
    }
    20 { PPreferredIdentity "P-Preferred-Identity", PVisitedNetworkId "P-Visited-Network-ID" }
    21 {
        PAccessNetworkInfo "P-Access-Network-Info", CellularNetworkInfo "Cellular-Network-Info",
        PMediaAuthorization "P-Media-Authorization", ServiceInteractInfo "Service-Interact-Info"
    }
    24 { AcceptResourcePriority "Accept-Resource-Priority" }
    25 { InReplyToContributionId "InReplyTo-Contribution-ID", ProxyAuthenticationInfo "Proxy-Authentication-Info" }
    28 { PPrivateNetworkIndication "P-Private-Network-Indication" }
    29 { PChargingFunctionAddresses "P-Charging-Function-Addresses" }
}

impl Name {
    /// The name that stands on the wire: canonical, compact, in any case.
    pub fn parse(text: &str) -> Name {
        Name::known(text.as_bytes()).unwrap_or_else(|| Name::Other(text.into()))
    }

    /// As [`Name::parse`], for octets: None for what is no token. Only an unknown name is looked at for that.
    pub(super) fn of_octets(octets: &[u8]) -> Option<Name> {
        if let Some(name) = Name::known(octets) {
            return Some(name);
        }
        let is_name = !octets.is_empty() && TOKEN.run(octets, 0) == octets.len();
        std::str::from_utf8(octets).ok().filter(|_| is_name).map(|text| Name::Other(text.into()))
    }

    fn known(octets: &[u8]) -> Option<Name> {
        let (first, rest) = octets.split_first()?;
        let first = first.to_ascii_lowercase();
        if rest.is_empty() {
            return Name::compact(first);
        }
        // Few names share length and first letter: comparing letters first spares most comparisons of whole names.
        let is_same = |text: &[u8]| {
            text.first().is_some_and(|own| own.to_ascii_lowercase() == first) && text.eq_ignore_ascii_case(octets)
        };
        let (_, name) = of_length(octets.len()).iter().find(|(text, _)| is_same(text.as_bytes()))?;
        Some(name.clone())
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
            (Name::Other(a), Name::Other(b)) => a.eq_ignore_ascii_case(b),
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
        for length in 0..40 {
            for (text, name) in of_length(length) {
                assert_eq!(text.len(), length);
                assert_eq!(name.as_str(), *text);
                assert_eq!(Name::parse(&text.to_uppercase()), *name);
                assert!(!(name.is_list() && name.is_single()), "{name}");
                known += 1;
            }
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
        assert_eq!(Name::of_octets(b"X-Own"), Some(Name::parse("x-own")));
        for bad in [&b""[..], b"a b", b"a:b", b"\xff", b"a(b"] {
            assert_eq!(Name::of_octets(bad), None);
        }
    }
}
