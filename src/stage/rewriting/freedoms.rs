//! The freedoms by their names, which of them are taken, and how often each was.

use super::chance::Chance;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! freedoms {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Something that a standard leaves to the sender.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Freedom {
            $($(#[$doc])* $variant,)*
        }

        impl Freedom {
            /// Every freedom.
            pub const ALL: &[Freedom] = &[$(Freedom::$variant,)*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Freedom::$variant => $name,)*
                }
            }
        }
    };
}

freedoms! {
    // SIP, SDP, timing
    /// Compact names of headers (RFC 3261 section 7.3.3).
    SipCompactNames = "sip-compact-names",
    /// Names of headers have no case (RFC 3261 section 7.3.1).
    SipNameCase = "sip-name-case",
    /// Headers of different names stand in any order (RFC 3261 section 7.3.1).
    SipHeaderOrder = "sip-header-order",
    /// White space around the colon after a name (RFC 3261 section 25.1, HCOLON).
    SipColonSpace = "sip-colon-space",
    /// White space around separators (RFC 3261 section 25.1: SEMI, EQUAL, COMMA, SLASH, COLON, LAQUOT, RAQUOT).
    SipSeparatorSpace = "sip-separator-space",
    /// White space holds a line end (RFC 3261 sections 7.3.1 and 25.1, LWS).
    SipFolding = "sip-folding",
    /// Several headers of one name are one with commas (RFC 3261 section 7.3.1).
    SipListJoining = "sip-list-joining",
    /// One header with commas is several of its name (RFC 3261 section 7.3.1).
    SipListSplitting = "sip-list-splitting",
    /// Parameters of headers have no order (RFC 3261 sections 7.3.1 and 20).
    SipParameterOrder = "sip-parameter-order",
    /// Names of parameters have no case (RFC 3261 section 7.3.1).
    SipParameterCase = "sip-parameter-case",
    /// Tokens have no case, where nothing else is said of them (RFC 3261 section 7.3.1).
    SipTokenCase = "sip-token-case",
    /// Headers that nobody knows (RFC 3261 sections 7.3.1 and 8.2.2, extension-header).
    SipUnknownHeader = "sip-unknown-header",
    /// Headers of which the effect is none: Date, Organization, User-Agent, Server (RFC 3261 section 20).
    SipOptionalHeader = "sip-optional-header",
    /// Parameters that nobody knows (RFC 3261 sections 20.10, 20.20 and 25.1, generic-param).
    SipUnknownParameter = "sip-unknown-parameter",
    /// Option tags in Supported that nobody knows (RFC 3261 sections 19.2 and 20.37).
    SipUnknownOption = "sip-unknown-option",
    /// Methods in Allow that nobody knows (RFC 3261 sections 20.5 and 25.1, extension-method).
    SipUnknownMethod = "sip-unknown-method",
    /// The reason phrase is free (RFC 3261 sections 7.2 and 21).
    SipReasonPhrase = "sip-reason-phrase",
    /// An INVITE is refused by any code that asks for no other attempt (RFC 3261 sections 21.4 to 21.6).
    SipRefusal = "sip-refusal",
    /// Zeros before a number (RFC 3261 section 25.1, 1*DIGIT; RFC 4475 section 3.1.1.1).
    SipLeadingZeros = "sip-leading-zeros",
    /// More white space than one between number and method of CSeq (RFC 3261 section 25.1, LWS).
    SipCSeqSpace = "sip-cseq-space",
    /// A display name is tokens or a quoted string (RFC 3261 section 25.1).
    SipDisplayQuotes = "sip-display-quotes",
    /// Characters of a quoted string are escaped (RFC 3261 section 25.1, quoted-pair).
    SipQuotedPair = "sip-quoted-pair",
    /// An address has angle brackets or not (RFC 3261 sections 20 and 20.20).
    SipAngleBrackets = "sip-angle-brackets",
    /// A datagram has no Content-Length (RFC 3261 sections 18.3 and 20.14).
    SipNoContentLength = "sip-no-content-length",
    /// Empty lines before a message on a stream (RFC 3261 section 7.5).
    SipLeadingLines = "sip-leading-lines",
    /// A stream is cut anywhere (RFC 3261 section 18.3, RFC 9293 section 3.7).
    SipStreamCuts = "sip-stream-cuts",
    /// Media types with white space, and names in any case (RFC 3261 sections 20.15 and 25.1, RFC 2045 section 5.1).
    SipMediaTypeForm = "sip-media-type-form",
    /// An offer is the one part of a multipart body (RFC 5621 section 3.1).
    SipBodyInMultipart = "sip-body-in-multipart",
    /// A multipart body is the one part of another (RFC 5621 section 3.1, RFC 2046 section 5.1).
    SipMultipartNested = "sip-multipart-nested",
    /// Any boundary that stands in no part, in quotes or not (RFC 2046 section 5.1.1, RFC 2045 section 5.1).
    SipMultipartBoundary = "sip-multipart-boundary",
    /// Text before the first part and after the last (RFC 2046 section 5.1.1).
    SipMultipartPreamble = "sip-multipart-preamble",
    /// Parts have names (RFC 2045 section 7, RFC 5621 section 9.1).
    SipMultipartContentId = "sip-multipart-content-id",
    /// Attributes that nobody knows (RFC 8866 sections 5.13 and 6).
    SdpUnknownAttribute = "sdp-unknown-attribute",
    /// Attributes of one section have no order (RFC 8866 sections 5 and 5.13).
    SdpAttributeOrder = "sdp-attribute-order",
    /// Attributes of session and medium stand at either (RFC 8866 section 6.7, RFC 4145 section 4).
    SdpAttributeLevel = "sdp-attribute-level",
    /// What is the default is not said (RFC 8866 section 6.7, RFC 3264 section 5.1).
    SdpUnspokenDefault = "sdp-unspoken-default",
    /// Bandwidth is told, of known and unknown kinds (RFC 8866 section 5.8).
    SdpBandwidth = "sdp-bandwidth",
    /// Name and description of a session are free (RFC 8866 sections 5.3 and 5.4).
    SdpSessionName = "sdp-session-name",
    /// Username and number of a session are free, and stay as they are (RFC 8866 section 5.2, RFC 3264 sections 5 and 8).
    SdpOrigin = "sdp-origin",
    /// Connection data stand at session or medium (RFC 8866 section 5.7).
    SdpConnectionLevel = "sdp-connection-level",
    /// Types that are accepted have no order (RFC 4975 section 8.6).
    SdpTypeOrder = "sdp-type-order",
    /// 100 before the final response to an INVITE (RFC 3261 section 17.2.1).
    TimingTrying = "timing-trying",
    /// 180 or 183 before the 2xx to an INVITE (RFC 3261 section 13.3.1.1).
    TimingProvisional = "timing-provisional",
    /// 180, 183 or no more than 100 while somebody is asked (RFC 3261 sections 13.3.1.1, 17.2.1 and 21.1).
    TimingRinging = "timing-ringing",
    /// A request is sent again before its answer (RFC 3261 sections 17.1.1.2, 17.1.2.2 and 17.1.1.1 for shorter T1).
    TimingRequestAgain = "timing-request-again",
    /// A final response is sent again (RFC 3261 sections 13.3.1.4, 17.2.1 and 17.2.2).
    TimingResponseAgain = "timing-response-again",
    /// The first NOTIFY comes before the 2xx to SUBSCRIBE (RFC 6665 sections 4.1.2.4 and 4.4.1).
    TimingEarlyNotify = "timing-early-notify",
    /// A NOTIFY takes its time (RFC 6665 section 4.2.2).
    TimingLateNotify = "timing-late-notify",
    /// MESSAGE and REFER are answered 202 as well as 200 (RFC 3428 section 7, RFC 3515 section 2.4.2, RFC 7647 section 5).
    TimingAccepted = "timing-accepted",
    // MSRP, CPIM, documents
    /// A message is cut into chunks of any size (RFC 4975 sections 5.1 and 7.1).
    MsrpChunks = "msrp-chunks",
    /// Chunks of several messages take turns on a connection (RFC 4975 section 5.1).
    MsrpInterleaving = "msrp-interleaving",
    /// `*` for the end of a chunk, and for a total before the last chunk (RFC 4975 section 7.1.1).
    MsrpByteRange = "msrp-byte-range",
    /// Transaction ids of 4 to 32 characters (RFC 4975 section 9).
    MsrpTransactionId = "msrp-transaction-id",
    /// Headers after To-Path and From-Path stand in any order (RFC 4975 section 9).
    MsrpHeaderOrder = "msrp-header-order",
    /// Names of headers have no case (RFC 4975 section 9 with RFC 4234 section 2.3).
    MsrpHeaderCase = "msrp-header-case",
    /// Headers that nobody knows (RFC 4975 section 9, ext-header).
    MsrpUnknownHeader = "msrp-unknown-header",
    /// Success-Report: no and Failure-Report: yes are said although they are the default (RFC 4975 section 7.1.1).
    MsrpSpokenDefaults = "msrp-spoken-defaults",
    /// The comment of a response and of a Status (RFC 4975 section 9).
    MsrpComment = "msrp-comment",
    /// A SEND is refused by any code that ends neither session nor connection (RFC 4975 section 10).
    MsrpRefusal = "msrp-refusal",
    /// A SEND without content opens the connection (RFC 4975 section 5.4).
    MsrpOpeningSend = "msrp-opening-send",
    /// Message headers of an envelope stand in any order (RFC 3862 section 2).
    CpimHeaderOrder = "cpim-header-order",
    /// The prefix of a namespace is the sender's choice (RFC 3862 section 3.4).
    CpimPrefix = "cpim-prefix",
    /// Headers of a namespace that nobody knows (RFC 3862 section 3.4).
    CpimUnknownHeader = "cpim-unknown-header",
    /// The same instant in another offset, or with a longer fraction (RFC 3862 section 4.4, RFC 3339 section 5.6).
    CpimDateTime = "cpim-date-time",
    /// A formal name is a string or tokens (RFC 3862 section 4.1).
    CpimFormalName = "cpim-formal-name",
    /// The disposition notifications asked for are a set (RFC 5438 section 6.2).
    CpimWishOrder = "cpim-wish-order",
    /// MIME headers of content stand in any order (RFC 822 section 4.1).
    MimeHeaderOrder = "mime-header-order",
    /// Names of MIME headers have no case (RFC 2045 section 2, RFC 822 section 3.4.7).
    MimeHeaderCase = "mime-header-case",
    /// MIME headers are folded before white space (RFC 822 section 3.1.1).
    MimeFolding = "mime-folding",
    /// Types and names of parameters have no case; parameters have white space around them, and quotes or not
    /// (RFC 2045 section 5.1).
    MimeTypeForm = "mime-type-form",
    /// Content-Length of content that ends with the message is said or not (RFC 3862 section 2, RFC 2045 section 9).
    MimeContentLength = "mime-content-length",
    /// The XML declaration is there or not (XML 1.0 sections 2.8 and 4.3.3).
    XmlDeclaration = "xml-declaration",
    /// A namespace is the default or has any prefix (Namespaces in XML section 3).
    XmlPrefix = "xml-prefix",
    /// White space between elements that hold elements alone (XML 1.0 sections 2.10 and 3.2.1).
    XmlWhiteSpace = "xml-white-space",
    /// Attributes have no order (XML 1.0 section 3.1).
    XmlAttributeOrder = "xml-attribute-order",
    /// Either quotes stand around values (XML 1.0 section 2.3).
    XmlQuotes = "xml-quotes",
    /// Comments are no part of the data (XML 1.0 section 2.5).
    XmlComments = "xml-comments",
    /// Characters are written as references (XML 1.0 section 4.1).
    XmlReferences = "xml-references",
    /// Text is written as a CDATA section (XML 1.0 section 2.7).
    XmlSections = "xml-sections",
    /// An empty element has one tag or two (XML 1.0 section 3.1).
    XmlEmptyElements = "xml-empty-elements",
    /// Elements and attributes of another namespace, where the schema lets them (RFC 4575 section 5, RFC 5438 section
    /// 11, RFC 4826 section 3.2).
    XmlExtensions = "xml-extensions",
    /// The users of a conference are a set (RFC 4575 section 4.4).
    ConferenceUserOrder = "conference-user-order",
    /// The entries of a list are a set (RFC 4826 section 3.1).
    ListEntryOrder = "list-entry-order",
}

/// The freedoms that are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freedoms(BTreeSet<Freedom>);

impl Freedoms {
    /// Every freedom.
    pub fn all() -> Freedoms {
        Freedoms(Freedom::ALL.iter().copied().collect())
    }

    /// One alone.
    pub fn only(freedom: Freedom) -> Freedoms {
        Freedoms(BTreeSet::from([freedom]))
    }

    /// These without one.
    pub fn without(&self, freedom: Freedom) -> Freedoms {
        let mut others = self.clone();
        others.0.remove(&freedom);
        others
    }

    /// Whether it is taken.
    pub fn has(&self, freedom: Freedom) -> bool {
        self.0.contains(&freedom)
    }
}

/// How often each freedom changed what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses(BTreeMap<Freedom, u64>);

impl Uses {
    /// It changed something.
    pub fn count(&mut self, freedom: Freedom) {
        *self.0.entry(freedom).or_default() += 1;
    }

    /// How often it changed something.
    pub fn of(&self, freedom: Freedom) -> u64 {
        self.0.get(&freedom).copied().unwrap_or(0)
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Uses) {
        for (freedom, times) in &other.0 {
            *self.0.entry(*freedom).or_default() += times;
        }
    }
}

/// Who rewrites: what is allowed, what chance says, and what is counted.
#[derive(Debug)]
pub struct Licence<'a> {
    /// What is allowed.
    pub freedoms: &'a Freedoms,
    /// What chance says.
    pub chance: &'a mut Chance,
    /// What is counted.
    pub uses: &'a mut Uses,
}

impl Licence<'_> {
    /// Whether a freedom is to be taken here: every other time where it is allowed.
    pub fn takes(&mut self, freedom: Freedom) -> bool {
        self.freedoms.has(freedom) && self.chance.one_in(2)
    }

    /// Counts a freedom that changed something.
    pub fn note(&mut self, freedom: Freedom, changed: bool) {
        if changed {
            self.uses.count(freedom);
        }
    }

    /// Puts items into another order where that is allowed.
    pub fn shuffle<T: PartialEq + Clone>(&mut self, freedom: Freedom, items: &mut [T]) {
        if self.takes(freedom) {
            let before = items.to_vec();
            self.chance.shuffle(items);
            self.note(freedom, before != items);
        }
    }

    /// The same letters in other cases, where names have none.
    pub fn recase(&mut self, freedom: Freedom, name: &str) -> String {
        if !self.takes(freedom) {
            return name.to_owned();
        }
        let other = match self.chance.below(3) {
            0 => name.to_ascii_lowercase(),
            1 => name.to_ascii_uppercase(),
            _ => name.chars().map(|letter| self.either_case(letter)).collect(),
        };
        self.note(freedom, other != name);
        other
    }

    fn either_case(&mut self, letter: char) -> char {
        if self.chance.one_in(2) { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_unique() {
        let names: BTreeSet<&str> = Freedom::ALL.iter().map(|freedom| freedom.as_str()).collect();
        assert_eq!(names.len(), Freedom::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'-')));
    }

    #[test]
    fn one_alone_is_one_of_all() {
        for freedom in Freedom::ALL {
            let only = Freedoms::only(*freedom);
            assert!(Freedom::ALL.iter().all(|other| only.has(*other) == (other == freedom)));
            assert!(Freedoms::all().has(*freedom));
            assert!(!Freedoms::all().without(*freedom).has(*freedom));
            assert_eq!(only.without(*freedom), Freedoms::default());
        }
    }

    #[test]
    fn what_changed_is_counted() {
        let (mut chance, mut uses) = (Chance::new(1), Uses::default());
        let freedoms = Freedoms::only(Freedom::SipNameCase);
        let mut licence = Licence { freedoms: &freedoms, chance: &mut chance, uses: &mut uses };
        for _ in 0..20 {
            assert!(licence.recase(Freedom::SipNameCase, "Message-ID").eq_ignore_ascii_case("Message-ID"));
            assert_eq!(licence.recase(Freedom::SipParameterCase, "Content-Type"), "Content-Type");
        }
        let mut sum = Uses::default();
        sum.add(&uses);
        sum.add(&uses);
        assert!(uses.of(Freedom::SipNameCase) > 3);
        assert_eq!(sum.of(Freedom::SipNameCase), 2 * uses.of(Freedom::SipNameCase));
        assert_eq!(sum.of(Freedom::SipParameterCase), 0);
    }
}
