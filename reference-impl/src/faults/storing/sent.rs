//! A SEND that is changed on its way.

use bytes::{Bytes, BytesMut};
use cpm_wire::msrp::{self, ByteRange, Chunk, FailureReport, Flag, Method};
use cpm_wire::{cpim, sip};

/// What the names of a repeated SEND end in.
const AGAIN: &str = "again";

/// One SEND, open to changes.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    transaction: String,
    to_path: Vec<String>,
    from_path: String,
    message_id: String,
    success_report: bool,
    failure_report: FailureReport,
    /// Where the chunk stands in its message.
    pub byte_range: ByteRange,
    content_type: String,
    /// Its octets; none for a SEND without a body.
    pub body: Option<Bytes>,
    /// How it goes on.
    pub flag: Flag,
}

impl Sent {
    /// Reads a SEND.
    pub(super) fn of(message: &msrp::Message) -> Option<Sent> {
        let owned = |path: Vec<&str>| path.into_iter().map(str::to_owned).collect();
        message.is(&Method::Send).then(|| Sent {
            transaction: message.transaction.clone(),
            to_path: owned(message.to_path()),
            from_path: message.from_path().join(" "),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            success_report: message.success_report(),
            failure_report: message.failure_report(),
            byte_range: message.byte_range().unwrap_or(ByteRange { start: 1, end: None, total: None }),
            content_type: message.content_type().unwrap_or_default().to_owned(),
            body: message.body(),
            flag: message.flag,
        })
    }

    /// True for a message in one chunk.
    pub(super) fn is_whole(&self) -> bool {
        self.byte_range.start == 1 && self.flag == Flag::Complete && self.body.is_some()
    }

    /// The envelope of a message in one chunk.
    pub(super) fn envelope(&self) -> Option<cpim::Message> {
        let body = self.body.clone().filter(|_| self.is_whole() && self.content_type.starts_with("message/cpim"))?;
        cpim::Message::parse(body).ok()
    }

    /// The same to the same, with another body.
    pub(super) fn with(self, body: impl Into<Bytes>) -> Sent {
        Sent { body: Some(body.into()), ..self }
    }

    /// The same under names of its own.
    pub(super) fn again(self) -> Sent {
        // An id of MSRP has 32 characters at most (RFC 4975 section 9), of which the last tell it from others.
        let named = |name: &str| format!("x{}{AGAIN}", name.get(name.len().saturating_sub(26)..).unwrap_or(name));
        Sent { transaction: named(&self.transaction), message_id: named(&self.message_id), ..self }
    }

    /// The same back to where it came from, under names of its own.
    pub(super) fn back(self) -> Sent {
        let to_path = self.from_path.split(' ').map(str::to_owned).collect();
        Sent { from_path: self.to_path.join(" "), to_path, success_report: false, ..self }.again()
    }

    /// Its octets; a message in one chunk tells its length anew.
    pub(super) fn octets(&self) -> Bytes {
        let length = self.body.as_ref().map_or(0, Bytes::len) as u64;
        let whole = ByteRange { start: 1, end: Some(length), total: Some(length) };
        let (_, octets) = msrp::send(&Chunk {
            transaction: &self.transaction,
            to_path: &self.to_path,
            from_path: &self.from_path,
            message_id: &self.message_id,
            success_report: self.success_report,
            failure_report: self.failure_report,
            byte_range: if self.is_whole() { whole } else { self.byte_range },
            content: self.body.as_ref().map(|body| (self.content_type.as_str(), body.as_ref())),
            flag: self.flag,
        });
        octets
    }
}

/// True for what comes back for a SEND that was made here, which the core knows nothing of.
pub(super) fn answers_repeated(message: &msrp::Message) -> bool {
    let reported = message.is(&Method::Report) && message.message_id().is_some_and(|id| id.ends_with(AGAIN));
    reported || (message.status().is_some() && message.transaction.ends_with(AGAIN))
}

/// An envelope with another value of a header; without the header for None.
pub(super) fn with_header(
    envelope: &cpim::Message,
    namespace: Option<&str>,
    name: &str,
    value: Option<&str>,
) -> Option<Bytes> {
    let field = envelope.find(namespace, name).next()?;
    let line_end = field.value.end + b"\r\n".len();
    let replaced = if value.is_some() { field.value.clone() } else { field.name.start..line_end };
    let octets = envelope.octets();
    let mut changed = BytesMut::from(octets.get(..replaced.start)?);
    changed.extend_from_slice(value.unwrap_or_default().as_bytes());
    changed.extend_from_slice(octets.get(replaced.end..)?);
    Some(changed.freeze())
}

/// A response with another status.
pub(super) fn with_status(response: &sip::Message, status: u16) -> Option<Bytes> {
    let octets = response.octets();
    let end = octets.iter().position(|octet| *octet == b'\r')?;
    let mut changed = BytesMut::from(format!("SIP/2.0 {status} {}", sip::reason_phrase(status)).as_bytes());
    changed.extend_from_slice(octets.get(end..)?);
    Some(changed.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn message(octets: &str) -> msrp::Message {
        let mut framer = msrp::Framer::default();
        framer.push(Bytes::copy_from_slice(octets.as_bytes()));
        framer.next().unwrap().unwrap()
    }

    fn envelope() -> cpim::Message {
        let built =
            cpim::Builder::new("sip:a@example.com", "sip:b@example.com").message_id("m1").dispositions(&["display"]);
        cpim::Message::parse(built.content("text/plain", "Hello").build()).unwrap()
    }

    fn sent() -> Sent {
        let head = "MSRP t1 SEND\r\nTo-Path: msrp://b:1/s;tcp\r\nFrom-Path: msrp://a:2/r;tcp\r\nMessage-ID: 7\r\n";
        let text = String::from_utf8(envelope().octets().to_vec()).unwrap();
        let range = format!("Byte-Range: 1-{0}/{0}\r\nContent-Type: message/cpim\r\n\r\n", text.len());
        Sent::of(&message(&format!("{head}{range}{text}\r\n-------t1$\r\n"))).unwrap()
    }

    fn read(sent: &Sent) -> msrp::Message {
        message(std::str::from_utf8(&sent.octets()).unwrap())
    }

    #[test]
    fn another_body_tells_its_own_length() {
        let other = read(&sent().with("other"));
        assert_eq!(other.body().unwrap(), "other");
        assert_eq!(other.header("Byte-Range"), Some("1-5/5"));
        assert_eq!((other.transaction.as_str(), other.message_id()), ("t1", Some("7")));
    }

    #[test]
    fn what_comes_back_for_a_repeated_send_is_known_from_the_rest() {
        let repeated = read(&sent().again());
        assert_eq!((repeated.to_path(), repeated.message_id()), (vec!["msrp://b:1/s;tcp"], Some("x7again")));
        let long = Sent { message_id: "0123456789abcdef0123456789abcdef".to_owned(), ..sent() };
        assert_eq!(read(&long.again()).message_id(), Some("x6789abcdef0123456789abcdefagain"));
        let answer =
            |message: &msrp::Message| self::message(std::str::from_utf8(&msrp::response(message, 200)).unwrap());
        assert!(answers_repeated(&answer(&repeated)));
        assert!(!answers_repeated(&answer(&read(&sent()))) && !answers_repeated(&repeated));
        let back = read(&sent().back());
        assert_eq!((back.to_path(), back.from_path()), (vec!["msrp://a:2/r;tcp"], vec!["msrp://b:1/s;tcp"]));
    }

    #[test]
    fn a_header_is_replaced_or_goes_and_the_rest_stays() {
        let imdn = Some(cpim::IMDN_NAMESPACE);
        let changed = |name: &str, value: Option<&str>| {
            cpim::Message::parse(with_header(&sent().envelope().unwrap(), imdn, name, value).unwrap()).unwrap()
        };
        let renamed = changed("Message-ID", Some("another"));
        assert_eq!((renamed.imdn_message_id(), renamed.dispositions().collect()), (Some("another"), vec!["display"]));
        let stripped = changed("Disposition-Notification", None);
        assert_eq!((stripped.imdn_message_id(), stripped.dispositions().collect()), (Some("m1"), vec![]));
        assert_eq!((stripped.body(), renamed.body()), (b"Hello".as_slice(), b"Hello".as_slice()));
        assert_eq!(with_header(&envelope(), imdn, "Original-To", None), None);
    }

    #[test]
    fn a_response_gets_another_status_and_keeps_the_rest() {
        let invite =
            sip::Builder::request(sip::Method::Invite, "sip:b@example.com").header(sip::Name::CallId, "c1").build();
        let declined = sip::Builder::response(&invite, 603, "Decline").build();
        let absent = sip::Message::parse(with_status(&declined, 480).unwrap()).unwrap();
        assert_eq!((absent.status(), absent.call_id()), (Some(480), Some("c1")));
    }
}
