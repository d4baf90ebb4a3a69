//! Bodies of SIP and MSRP: session descriptions (RFC 8866), parts (RFC 2046), envelopes (RFC 3862), documents.

use bytes::Bytes;
use cpm_wire::sdp::{self, Session};
use cpm_wire::sip::MediaType;
use cpm_wire::{cpim, multipart};

use super::{Form, Layer, counted, documents};
use crate::report::ladder::words::essence;

/// A body, and where it stands.
pub(super) struct Body<'a> {
    pub content_type: Option<&'a str>,
    /// Content-Encoding.
    pub coding: Option<&'a str>,
    pub octets: Bytes,
    /// Its first octet within the message.
    pub at: usize,
    /// Whether it is all there: of several chunks the first has a part of it.
    pub whole: bool,
    /// How many layers may still follow.
    pub depth: usize,
}

/// The layers of a body.
pub(super) fn body(body: Body<'_>) -> Layer {
    let range = body.at..body.at + body.octets.len();
    let Some(content_type) = body.content_type else { return plain("content without a type", &body) };
    if let Some(coding) = body.coding.filter(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        let says = format!("coded, {coding}; shown as it is");
        return Layer { says, form: Form::Digits, ..plain(content_type, &body) };
    }
    if body.depth == 0 {
        return Layer { fault: Some("nested too deep to be followed".to_owned()), ..plain(content_type, &body) };
    }
    let kind = essence(content_type);
    match kind.as_str() {
        "message/cpim" => envelope(&body),
        _ if kind.starts_with("multipart/") => parts(content_type, &body),
        _ if !body.whole => plain(content_type, &body),
        sdp::MEDIA_TYPE => Layer::read("SDP", range, Session::parse(&body.octets).map(|session| described(&session))),
        _ => documents::document(&kind, &body.octets, range).unwrap_or_else(|| plain(content_type, &body)),
    }
}

/// Content of which no more is known than its type.
fn plain(name: &str, body: &Body<'_>) -> Layer {
    let text = std::str::from_utf8(&body.octets).is_ok_and(|text| !text.contains('\0'));
    let form = if text { Form::Text } else { Form::Digits };
    let says = counted(body.octets.len(), "octet", "octets");
    Layer { form, ..Layer::new(name, says, body.at..body.at + body.octets.len()) }
}

fn described(session: &Session<'_>) -> String {
    let media = session.media().map(|media| match media.port {
        0 => format!("{} refused", media.kind),
        port => {
            let direction = ["sendrecv", "sendonly", "recvonly", "inactive"]
                .into_iter()
                .find(|name| session.attribute_of(&media, name).is_some());
            format!("{} over {} at port {port}, {}", media.kind, media.protocol, direction.unwrap_or("sendrecv"))
        }
    });
    let media: Vec<String> = media.collect();
    format!("version {}: {}", session.origin().version, media.join("; "))
}

fn envelope(outer: &Body<'_>) -> Layer {
    let range = outer.at..outer.at + outer.octets.len();
    let message = match cpim::Message::parse(outer.octets.clone()) {
        Ok(message) => message,
        Err(why) => return Layer { fault: Some(why.to_string()), ..Layer::new("CPIM", "", range) },
    };
    let mut says = vec![format!("from {}", message.from().unwrap_or("nobody"))];
    says.extend(message.to().next().map(|to| format!("to {to}")));
    says.extend(message.imdn_message_id().map(|id| format!("Message-ID {id}")));
    let wishes: Vec<&str> = message.dispositions().collect();
    if !wishes.is_empty() {
        says.push(format!("asks for {}", wishes.join(" and ")));
    }
    let own = message.body_range();
    let inner = (!own.is_empty()).then(|| {
        body(Body {
            content_type: message.content_type(),
            coding: None,
            octets: message.body_octets(),
            at: outer.at + own.start,
            whole: outer.whole,
            depth: outer.depth - 1,
        })
    });
    Layer::new("CPIM", says.join(", "), range).with(inner)
}

fn parts(content_type: &str, outer: &Body<'_>) -> Layer {
    let range = outer.at..outer.at + outer.octets.len();
    let boundary = MediaType::parse(content_type).ok().and_then(|kind| kind.param("boundary"));
    let parts = match multipart::parse(&outer.octets, &boundary.unwrap_or_default()) {
        Ok(parts) => parts,
        Err(why) => return Layer { fault: Some(why.to_string()), ..Layer::new("multipart", "", range) },
    };
    let inner = parts.iter().filter(|part| !part.body().is_empty()).map(|part| {
        let at = outer.at + part.span.end - part.body().len();
        body(Body {
            content_type: part.content_type(),
            coding: part.get("Content-Encoding"),
            octets: part.body_octets(),
            at,
            whole: outer.whole,
            depth: outer.depth - 1,
        })
    });
    Layer::new("multipart", counted(parts.len(), "part", "parts"), range).with(inner)
}
