//! Disposition notifications, `message/imdn+xml` (RFC 5438 sections 7.2 and 11), and the interworking notification
//! that CPM adds in a namespace of its own.

use crate::xml::{self, Element, Writer};
use std::fmt;

pub use crate::xml::XmlError;

/// The media type of a disposition notification.
pub const MEDIA_TYPE: &str = "message/imdn+xml";
const NAMESPACE: &str = "urn:ietf:params:xml:ns:imdn";
const CPM_NAMESPACE: &str = "urn:oma:xml:cpm:imdn-extensions:1.0";

/// What a notification tells about (RFC 5438 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `<delivery-notification>`.
    Delivery,
    /// `<display-notification>`.
    Display,
    /// `<processing-notification>`: of an intermediary.
    Processing,
    /// `<interworking-notification>` of the CPM extensions: the message left CPM for another service.
    Interworking,
}

impl Kind {
    /// The name of the element.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Delivery => "delivery-notification",
            Kind::Display => "display-notification",
            Kind::Processing => "processing-notification",
            Kind::Interworking => "interworking-notification",
        }
    }

    const ALL: [Kind; 4] = [Kind::Delivery, Kind::Display, Kind::Processing, Kind::Interworking];

    fn of(element: Element<'_, '_>) -> Option<Kind> {
        let named = Kind::ALL.into_iter().find(|kind| kind.as_str() == element.name());
        named.filter(|kind| *kind == Kind::Interworking || element.is_own())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of the message (RFC 5438 section 7.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It was delivered to the recipient.
    Delivered,
    /// It could not be delivered.
    Failed,
    /// It was shown to the recipient.
    Displayed,
    /// An intermediary processed it.
    Processed,
    /// An intermediary stored it.
    Stored,
    /// The status may not be told.
    Forbidden,
    /// An error kept the status from being known.
    Error,
    /// A status of an extension, for instance `legacy-sms` of an interworking notification.
    Other(String),
}

impl Status {
    /// The name of the element.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Delivered => "delivered",
            Status::Failed => "failed",
            Status::Displayed => "displayed",
            Status::Processed => "processed",
            Status::Stored => "stored",
            Status::Forbidden => "forbidden",
            Status::Error => "error",
            Status::Other(name) => name,
        }
    }

    fn from_name(name: &str) -> Status {
        use Status::{Delivered, Displayed, Error, Failed, Forbidden, Processed, Stored};
        let known = [Delivered, Failed, Displayed, Processed, Stored, Forbidden, Error];
        known.into_iter().find(|status| status.as_str() == name).unwrap_or_else(|| Status::Other(name.to_owned()))
    }

    /// True when the schema of RFC 5438 section 11 allows this status in a notification of that kind.
    pub fn belongs_to(&self, kind: Kind) -> bool {
        match self {
            Status::Delivered | Status::Failed => kind == Kind::Delivery,
            Status::Displayed => kind == Kind::Display,
            Status::Processed | Status::Stored => kind == Kind::Processing,
            Status::Forbidden | Status::Error => kind != Kind::Interworking,
            Status::Other(_) => kind == Kind::Interworking,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A disposition notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The imdn.Message-ID of the message that it tells about.
    pub message_id: String,
    /// The DateTime of that message. The schema requires it; `None` when a peer left it out.
    pub date_time: Option<String>,
    /// To whom the message went.
    pub recipient_uri: Option<String>,
    /// To whom the sender had addressed it, when a list server changed that (imdn.Original-To).
    pub original_recipient_uri: Option<String>,
    /// The subject of the message.
    pub subject: Option<String>,
    /// What this tells about.
    pub kind: Kind,
    /// What became of the message.
    pub status: Status,
}

impl Notification {
    /// A notification about the message with this imdn.Message-ID and DateTime; the rest is left out.
    pub fn new(message_id: &str, date_time: &str, kind: Kind, status: Status) -> Notification {
        Notification {
            message_id: message_id.to_owned(),
            date_time: Some(date_time.to_owned()),
            recipient_uri: None,
            original_recipient_uri: None,
            subject: None,
            kind,
            status,
        }
    }

    /// Reads a `message/imdn+xml` body. Elements that RFC 5438 does not know are passed over, except the CPM
    /// interworking notification, which is taken in any namespace because its own is known from the field only.
    pub fn parse(octets: &[u8]) -> Result<Notification, XmlError> {
        xml::read(octets, NAMESPACE, "imdn", |root| {
            let notification = root.foreign().find_map(|child| Some((Kind::of(child)?, child)));
            let (kind, element) = notification.ok_or_else(|| root.missing("notification"))?;
            Ok(Notification {
                message_id: root.child_token("message-id").ok_or_else(|| root.missing("message-id"))?,
                date_time: root.child_token("datetime"),
                recipient_uri: root.child_token("recipient-uri"),
                original_recipient_uri: root.child_token("original-recipient-uri"),
                subject: root.child_text("subject"),
                kind,
                status: status_of(element)?,
            })
        })
    }

    /// Writes the body in the element order of the schema.
    pub fn to_xml(&self) -> String {
        let cpm = (self.kind == Kind::Interworking).then_some(CPM_NAMESPACE);
        Writer::document("imdn", &[("xmlns", Some(NAMESPACE))], |imdn| {
            imdn.leaf("message-id", &[], &self.message_id);
            imdn.optional("datetime", self.date_time.as_deref());
            imdn.optional("recipient-uri", self.recipient_uri.as_deref());
            imdn.optional("original-recipient-uri", self.original_recipient_uri.as_deref());
            imdn.optional("subject", self.subject.as_deref());
            imdn.element(self.kind.as_str(), &[("xmlns", cpm)], |notification| {
                notification.element("status", &[], |status| status.empty(self.status.as_str()));
            });
        })
    }
}

/// The first element in `<status>`, whatever its namespace: extensions add statuses.
fn status_of(notification: Element<'_, '_>) -> Result<Status, XmlError> {
    let status = notification.foreign().find(|child| child.name() == "status");
    let status = status.ok_or_else(|| notification.missing("status"))?;
    let value = status.foreign().next().ok_or_else(|| status.missing("status value"))?;
    Ok(Status::from_name(value.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 5438 section 7.2.1.1: the delivery notification of the example exchange.
    const DELIVERED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn">
  <message-id>34jk324j</message-id>
  <datetime>2008-04-04T12:16:49-05:00</datetime>
  <recipient-uri>im:bob@example.com</recipient-uri>
  <original-recipient-uri
    >im:bob@example.com</original-recipient-uri>
     <delivery-notification>
        <status>
           <delivered/>
        </status>
     </delivery-notification>
</imdn>
"#;

    const DISPLAYED: &str = r#"<i:imdn xmlns:i="urn:ietf:params:xml:ns:imdn" xmlns:e="urn:example:extension">
  <i:message-id> 34jk324j </i:message-id><e:display-notification><e:status/></e:display-notification>
  <i:display-notification><i:status><i:displayed/></i:status></i:display-notification>
</i:imdn>"#;

    fn parse(text: &str) -> Result<Notification, XmlError> {
        Notification::parse(text.as_bytes())
    }

    #[test]
    fn reads_the_example_of_rfc_5438() {
        let got = parse(DELIVERED).unwrap();
        assert_eq!((got.kind, &got.status), (Kind::Delivery, &Status::Delivered));
        assert_eq!(got.message_id, "34jk324j");
        assert_eq!(got.date_time.as_deref(), Some("2008-04-04T12:16:49-05:00"));
        assert_eq!(got.recipient_uri.as_deref(), Some("im:bob@example.com"));
        assert_eq!(got.original_recipient_uri.as_deref(), Some("im:bob@example.com"));
        assert_eq!(got.subject, None);
    }

    #[test]
    fn reads_prefixes_and_passes_over_extensions() {
        let got = parse(DISPLAYED).unwrap();
        assert_eq!((got.kind, got.status, got.message_id.as_str()), (Kind::Display, Status::Displayed, "34jk324j"));
        assert_eq!(got.date_time, None);
    }

    #[test]
    fn reads_the_interworking_notification_of_cpm() {
        let text = r#"<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>m</message-id><datetime>d</datetime>
            <interworking-notification xmlns="urn:oma:xml:cpm:imdn-extensions:1.0"><status><legacy-sms/></status>
            </interworking-notification></imdn>"#;
        let got = parse(text).unwrap();
        assert_eq!((got.kind, &got.status), (Kind::Interworking, &Status::Other("legacy-sms".into())));
        assert_eq!(parse(&got.to_xml()), Ok(got));
    }

    #[test]
    fn writes_the_elements_in_the_order_of_the_schema() {
        let mut notification = Notification::new("m1", "2026-01-31T09:05:07.250Z", Kind::Delivery, Status::Failed);
        notification.recipient_uri = Some("sip:bob@example.com".into());
        notification.original_recipient_uri = Some("sip:list@example.com".into());
        notification.subject = Some("R&D".into());
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn">
 <message-id>m1</message-id>
 <datetime>2026-01-31T09:05:07.250Z</datetime>
 <recipient-uri>sip:bob@example.com</recipient-uri>
 <original-recipient-uri>sip:list@example.com</original-recipient-uri>
 <subject>R&amp;D</subject>
 <delivery-notification>
  <status>
   <failed/>
  </status>
 </delivery-notification>
</imdn>
"#;
        assert_eq!(notification.to_xml(), expected);
        assert_eq!(parse(expected), Ok(notification));
    }

    #[test]
    fn what_the_schema_requires_must_be_there() {
        let cut = |piece: &str| DELIVERED.replace(piece, "");
        let missing = |text: String| match parse(&text) {
            Err(XmlError::Missing { missing, .. }) => missing,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(cut("<message-id>34jk324j</message-id>")), "message-id");
        assert_eq!(missing(cut("<delivered/>")), "status value");
        assert_eq!(missing(DELIVERED.replace("status>", "state>")), "status");
        assert_eq!(missing(DELIVERED.replace("delivery-", "deliverance-")), "notification");
    }

    #[test]
    fn each_status_belongs_to_its_kind() {
        assert!(Status::Stored.belongs_to(Kind::Processing) && !Status::Stored.belongs_to(Kind::Delivery));
        assert!(Status::Error.belongs_to(Kind::Display) && !Status::Displayed.belongs_to(Kind::Delivery));
    }

    #[test]
    fn a_document_cut_anywhere_is_an_error() {
        for length in 0..DELIVERED.trim_end().len() {
            assert!(Notification::parse(&DELIVERED.as_bytes()[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(id in "[!-~]{1,30}", subject in "\\PC*", status in 0..7usize) {
            use Status::*;
            let status = [Delivered, Failed, Displayed, Processed, Stored, Forbidden, Error][status].clone();
            let mut written = Notification::new(&id, "2026-01-31T09:05:07.250Z", Kind::Display, status);
            written.subject = Some(subject);
            prop_assert_eq!(parse(&written.to_xml()), Ok(written));
        }

        #[test]
        fn no_octets_panic(octets: Vec<u8>, at in 0..DELIVERED.len(), octet: u8) {
            let _ = Notification::parse(&octets);
            let mut bent = DELIVERED.as_bytes().to_vec();
            bent[at] = octet;
            let _ = Notification::parse(&bent);
        }
    }
}
