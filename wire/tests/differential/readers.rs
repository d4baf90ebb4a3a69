//! What each reader makes of the same octets, value by value, in the same words.

use std::collections::BTreeMap;

use bytes::Bytes;
use cpm_wire::sdp::Session;
use cpm_wire::sip::{HeaderError, Message, Name, NameAddr};

/// What stands for a whole message that is refused.
pub const WHOLE: &str = "the whole";
/// What stands for a header that is not there, and for a value that is there and cannot be read.
const ABSENT: &str = "-";
const REFUSED: &str = "refused";

/// The values of a message by what they are; none of a message that is refused.
pub type Values = Option<BTreeMap<&'static str, String>>;
/// A reader of one kind of message.
pub type Reader = fn(&[u8]) -> Values;

/// Those who read SIP besides this stack.
pub const SIP: [(&str, Reader); 2] = [("rsip", rsip::read), ("rsipstack", rsipstack::read)];
/// Those who read session descriptions besides this stack.
pub const SDP: [(&str, Reader); 1] = [("sdp-rs", sdp_rs)];

/// A URI with its scheme, its host and the parameter `transport` in one case: there case says nothing (RFC 3261 section
/// 19.1.4), and the others write these as they like.
fn spelled(uri: &str) -> String {
    let same = |part: &str| match part.get(..10) {
        Some(name) if name.eq_ignore_ascii_case("transport=") => part.to_ascii_lowercase(),
        _ => part.to_owned(),
    };
    uri.split(';').map(same).collect::<Vec<_>>().join(";")
}

fn absent_or(value: Option<impl ToString>) -> String {
    value.map_or(ABSENT.to_owned(), |value| value.to_string())
}

/// SIP as this stack reads it.
pub fn ours(octets: &[u8]) -> Values {
    let message = Message::parse(Bytes::copy_from_slice(octets)).ok()?;
    let mut values = BTreeMap::new();
    let first = match message.status() {
        Some(status) => status.to_string(),
        None => format!("{} {}", message.method(), spelled(message.request_uri().unwrap_or_default())),
    };
    values.insert("first line", first);
    values.insert("Call-ID", absent_or(message.call_id()));
    let read = |name: &Name, value: String| if message.header(name).is_none() { ABSENT.to_owned() } else { value };
    let cseq = message.cseq().map_or(REFUSED.to_owned(), |cseq| format!("{} {}", cseq.number, cseq.method));
    values.insert("CSeq", read(&Name::CSeq, cseq));
    values.insert("From", read(&Name::From, address(message.from())));
    values.insert("To", read(&Name::To, address(message.to())));
    values.insert("Contact", message.contacts().next().map_or(ABSENT.to_owned(), address));
    let branch = message.via().map_or(REFUSED.to_owned(), |via| absent_or(via.branch()));
    values.insert("branch", read(&Name::Via, branch));
    let length = message.content_length().map(|length| length.map_or(REFUSED.to_owned(), |length| length.to_string()));
    values.insert("Content-Length", absent_or(length));
    values.insert("body", String::from_utf8_lossy(message.body()).into_owned());
    Some(values)
}

/// The URI, and the tag where there is one.
fn address(address: Result<NameAddr<'_>, HeaderError>) -> String {
    match address {
        Ok(address) => format!("{}{}", spelled(address.uri), tag(address.tag())),
        Err(_) => REFUSED.to_owned(),
    }
}

fn tag(tag: Option<&str>) -> String {
    tag.map_or(String::new(), |tag| format!(", tag {tag}"))
}

/// rsip and rsipstack have the same names: one grew out of the other.
macro_rules! reader {
    ($reader:ident, $sip:path, $($traits:path),+) => {
        mod $reader {
            use super::{ABSENT, REFUSED, Values, absent_or, spelled, tag};
            use std::collections::BTreeMap;
            use $sip as sip;
            use sip::{Header, SipMessage};
            $(use $traits;)+

            macro_rules! typed {
                ($header:expr, $show:expr) => {
                    match $header {
                        Ok(header) => header.typed().map_or(REFUSED.to_owned(), $show),
                        Err(_) => ABSENT.to_owned(),
                    }
                };
            }

            pub fn read(octets: &[u8]) -> Values {
                let message = SipMessage::try_from(octets).ok()?;
                let mut values = BTreeMap::new();
                let (first, body) = match &message {
                    SipMessage::Request(request) => {
                        (format!("{} {}", request.method, spelled(&request.uri.to_string())), request.body.clone())
                    }
                    SipMessage::Response(response) => (response.status_code.code().to_string(), response.body.clone()),
                };
                values.insert("first line", first);
                values.insert("body", String::from_utf8_lossy(&body).into_owned());
                let length = message.headers().iter().find_map(|header| match header {
                    Header::ContentLength(length) => Some(length.value().to_string()),
                    _ => None,
                });
                let number = |length: String| length.parse::<u32>().map_or(REFUSED.to_owned(), |length| length.to_string());
                values.insert("Content-Length", absent_or(length.map(number)));
                values.insert("Call-ID", absent_or(message.call_id_header().ok().map(|id| id.value().to_owned())));
                values.insert("CSeq", typed!(message.cseq_header(), |cseq| format!("{} {}", cseq.seq, cseq.method)));
                let from = typed!(message.from_header(), |from| {
                    format!("{}{}", spelled(&from.uri.to_string()), tag(from.tag().map(|tag| tag.value())))
                });
                let to = typed!(message.to_header(), |to| {
                    format!("{}{}", spelled(&to.uri.to_string()), tag(to.tag().map(|tag| tag.value())))
                });
                values.insert("From", from);
                values.insert("To", to);
                let contact = typed!(message.contact_header(), |contact| spelled(&contact.uri.to_string()));
                values.insert("Contact", contact);
                let branch = typed!(message.via_header(), |via| absent_or(via.branch().map(|branch| branch.value().to_owned())));
                values.insert("branch", branch);
                Some(values)
            }
        }
    };
}

reader!(
    rsip,
    ::rsip,
    sip::prelude::HeadersExt,
    sip::prelude::HasHeaders,
    sip::prelude::ToTypedHeader,
    sip::prelude::UntypedHeader
);
reader!(rsipstack, ::rsipstack::sip, sip::prelude::HeadersExt, sip::prelude::HasHeaders, sip::prelude::ToTypedHeader);

/// A session description as this stack reads it.
pub fn our_sdp(octets: &[u8]) -> Values {
    let session = Session::parse(octets).ok()?;
    let origin = session.origin();
    let connection = |connection: Option<cpm_wire::sdp::Connection<'_>>| absent_or(connection.map(|c| c.address));
    let media = session.media().map(|media| {
        let head = format!("{} {} {} {}", media.kind, media.port, media.protocol, media.formats);
        (head, connection(media.connection()), media.attributes().map(attribute).collect::<String>())
    });
    let (heads, others): (Vec<_>, Vec<_>) = media.map(|(head, connection, rest)| (head, (connection, rest))).unzip();
    let (connections, attributes): (Vec<_>, Vec<_>) = others.into_iter().unzip();
    Some(BTreeMap::from([
        ("o=", format!("{} {} {} {}", origin.username, origin.session_id, origin.version, origin.address)),
        ("c=", format!("{}; {}", connection(session.connection()), connections.join("; "))),
        ("m=", heads.join("; ")),
        ("a=", format!("{}; {}", session.attributes().map(attribute).collect::<String>(), attributes.join("; "))),
    ]))
}

fn attribute(attribute: cpm_wire::sdp::Attribute<'_>) -> String {
    match attribute.value {
        Some(value) => format!("[{}:{value}]", attribute.name),
        None => format!("[{}]", attribute.name),
    }
}

fn sdp_rs(octets: &[u8]) -> Values {
    let session = sdp_rs::SessionDescription::try_from(std::str::from_utf8(octets).ok()?).ok()?;
    let origin = &session.origin;
    let connection = |connection: Option<&sdp_rs::lines::Connection>| {
        absent_or(connection.map(|connection| connection.connection_address.base))
    };
    let attributes = |attributes: &[sdp_rs::lines::Attribute]| {
        let text = |attribute: &sdp_rs::lines::Attribute| attribute.to_string().replacen("a=", "[", 1) + "]";
        attributes.iter().map(text).collect::<String>()
    };
    let media = &session.media_descriptions;
    let head = |media: &sdp_rs::MediaDescription| {
        let media = &media.media;
        format!("{} {} {} {}", media.media, media.port, media.proto, media.fmt)
    };
    let joined = |all: Vec<String>| all.join("; ");
    let connections = media.iter().map(|media| connection(media.connections.last())).collect();
    Some(BTreeMap::from([
        ("o=", format!("{} {} {} {}", origin.username, origin.sess_id, origin.sess_version, origin.unicast_address)),
        ("c=", format!("{}; {}", connection(session.connection.as_ref()), joined(connections))),
        ("m=", joined(media.iter().map(head).collect())),
        (
            "a=",
            format!(
                "{}; {}",
                attributes(&session.attributes),
                joined(media.iter().map(|media| attributes(&media.attributes)).collect())
            ),
        ),
    ]))
}
