//! What the tests rewrite, and what it means.

use super::chance::Chance;
use super::freedoms::{Freedom, Freedoms, Licence, Uses};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::Notification;
use cpm_wire::time::Time;
use std::collections::BTreeSet;

/// A message of a user.
pub const ENVELOPE: &str = "From: \"Alice\" <sip:alice@example.com>\r\n\
To: <sip:group@example.com>\r\n\
To: Bob Brown <sip:bob@example.com>\r\n\
DateTime: 2026-01-31T23:05:07.250Z\r\n\
NS: imdn <urn:ietf:params:imdn>\r\n\
imdn.Message-ID: 34jk324j\r\n\
imdn.Disposition-Notification: positive-delivery, display\r\n\
NS: cpm <http://www.openmobilealliance.org/cpm/>\r\n\
cpm.Payload-Type: text/plain\r\n\
\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Disposition: render\r\n\
Content-Length: 7\r\n\
\r\n\
hello\r\n";

/// A disposition notification.
pub const NOTIFICATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn">
 <message-id>34jk324j &amp; co</message-id>
 <datetime>2026-01-31T23:05:07.250Z</datetime>
 <recipient-uri>sip:bob@example.com</recipient-uri>
 <original-recipient-uri>sip:group@example.com</original-recipient-uri>
 <delivery-notification>
  <status>
   <delivered/>
  </status>
 </delivery-notification>
</imdn>
"#;

/// Does something with one freedom alone.
pub fn with<R>(freedom: Freedom, seed: u64, act: impl FnOnce(&mut Licence<'_>) -> R) -> R {
    let (freedoms, mut chance, mut uses) = (Freedoms::only(freedom), Chance::new(seed), Uses::default());
    act(&mut Licence { freedoms: &freedoms, chance: &mut chance, uses: &mut uses })
}

/// What an envelope says, however it says it.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    from: String,
    to: Vec<String>,
    at: Option<Time>,
    message_id: Option<String>,
    dispositions: BTreeSet<String>,
    payload_type: Option<String>,
    content_type: String,
    disposition: Option<String>,
    content: Result<Notification, Bytes>,
}

/// What an envelope says.
pub fn meaning(octets: &[u8]) -> Meaning {
    let message = cpim::Message::parse(Bytes::copy_from_slice(octets)).unwrap();
    let plain = |text: &str| text.replace(['"', ' '], "");
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let body = message.body_octets();
    Meaning {
        from: plain(message.from().unwrap()),
        to: message.to().map(plain).collect(),
        at: message.date_time().map(|time| Time::parse_rfc3339(time).unwrap()),
        message_id: owned(message.imdn_message_id()),
        dispositions: message.dispositions().map(str::to_owned).collect(),
        payload_type: owned(message.header(Some("http://www.openmobilealliance.org/cpm/"), "Payload-Type")),
        content_type: plain(message.content_type().unwrap()).replace("\r\n", "").to_ascii_lowercase(),
        disposition: owned(message.content_disposition()),
        content: Notification::parse(&body).map_err(|_| body),
    }
}
