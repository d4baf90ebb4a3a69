//! A line of an exchange in words: the one description of it, for the failure block, for drawings and for pages.

use cpm_wire::diameter::{Header, command};
use cpm_wire::msrp::{Kind, Message, Method};
use cpm_wire::sip::{self, Name, Tokenized};
use cpm_wire::{conference_info, cpim, imdn};

use crate::evidence::{ConnectionWhat, Protocol};

/// What became of a connection; none while all is well.
#[must_use]
pub fn fate(what: ConnectionWhat) -> Option<String> {
    match what {
        ConnectionWhat::Opened | ConnectionWhat::Accepted => None,
        ConnectionWhat::Finished { by_target } => Some(ended("connection ended", by_target)),
        ConnectionWhat::Reset { by_target } => Some(ended("connection reset", by_target)),
        ConnectionWhat::Refused => Some("connection refused".to_owned()),
        ConnectionWhat::Unreachable => Some("no connection".to_owned()),
    }
}

fn ended(what: &str, by_target: bool) -> String {
    format!("{what} by the {}", if by_target { "target" } else { "tester" })
}

/// The start line of a message, without the version and the URI's parameters; none for octets that begin none.
pub fn first_line(protocol: Protocol, octets: &[u8]) -> Option<String> {
    if protocol == Protocol::Diameter {
        return told(octets);
    }
    let end = memchr::memchr(b'\r', octets)?;
    let line = std::str::from_utf8(octets.get(..end)?).ok()?;
    match protocol {
        Protocol::Sip => {
            let mut words = line.splitn(3, ' ');
            match (words.next()?, words.next()?, words.next()) {
                ("SIP/2.0", code, reason) => Some(format!("{code} {}", reason.unwrap_or_default())),
                (method, uri, _) => Some(format!("{method} {}", uri.split(';').next().unwrap_or(uri))),
            }
        }
        // The transaction identifier tells nobody anything.
        Protocol::Msrp => {
            let mut words = line.strip_prefix("MSRP ")?.splitn(2, ' ');
            words.next()?;
            words.next().map(str::to_owned)
        }
        // The object of an APPEND, and whatever else begins no line of IMAP, has words of its own.
        Protocol::Imap => {
            let word = line.split(' ').nth(1)?;
            word.bytes().all(|octet| octet.is_ascii_uppercase()).then(|| word.to_owned())
        }
        Protocol::Http => {
            let mut words = line.splitn(3, ' ');
            match (words.next()?, words.next()?, words.next()) {
                ("HTTP/1.1", code, reason) => Some(format!("{code} {}", reason.unwrap_or_default())),
                (method, path, Some("HTTP/1.1")) => Some(format!("{method} {path}")),
                // A further piece of a document.
                _ => None,
            }
        }
        Protocol::Diameter | Protocol::X2x3 => None,
    }
}

/// The name of a command of Diameter, `CCR`, or its number.
fn told(octets: &[u8]) -> Option<String> {
    let header = Header::parse(octets).ok()?;
    let kind = if header.is_request() { "request" } else { "answer" };
    let name = command::name(header.command, header.is_request()).map(str::to_owned);
    Some(name.unwrap_or_else(|| format!("{kind} {}", header.command)))
}

/// What a SIP message is about, where its start line does not say: the method that is answered, the event.
#[must_use]
pub fn about_sip(octets: &bytes::Bytes) -> Option<String> {
    let message = sip::Message::parse(octets.clone()).ok()?;
    if !message.is_request() {
        return Some(message.method().as_str().to_owned()).filter(|method| !method.is_empty());
    }
    message.header(&Name::Event).map(|event| Tokenized::parse(event).value.to_owned())
}

/// What an MSRP request carries, by the labels that the scenario gave to its messages.
#[must_use]
pub fn about_msrp(message: &Message, label: impl Fn(&str) -> Option<String>) -> Option<String> {
    match &message.kind {
        Kind::Response { .. } => None,
        Kind::Request { method: Method::Report } => message.header("Status").map(str::to_owned),
        Kind::Request { .. } => {
            let body = message.body()?;
            match essence(message.content_type()?).as_str() {
                "message/cpim" => {
                    let envelope = cpim::Message::parse(body).ok()?;
                    if envelope.content_type().map(essence).as_deref() == Some(imdn::MEDIA_TYPE) {
                        let told = imdn::Notification::parse(envelope.body()).ok();
                        return Some(told.map_or_else(|| "notification".to_owned(), |told| told.status.to_string()));
                    }
                    let id = envelope.imdn_message_id()?;
                    Some(label(id).unwrap_or_else(|| id.to_owned()))
                }
                conference_info::MEDIA_TYPE => Some("who takes part".to_owned()),
                other => Some(other.to_owned()),
            }
        }
    }
}

/// `type/subtype` in lower case.
#[must_use]
pub fn essence(content_type: &str) -> String {
    sip::MediaType::parse(content_type).map_or_else(|_| content_type.to_owned(), |kind| kind.essence())
}
