//! SIP (RFC 3261) and MSRP (RFC 4975).

use bytes::Bytes;
use cpm_wire::msrp::{self, Kind};
use cpm_wire::sip::{Message, Name};

use super::bodies::{Body, body};
use super::{DEPTH, Layer, slice};

/// A SIP message. Empty lines before it belong to no message (RFC 3261 section 7.5).
pub(super) fn sip(octets: &Bytes) -> Layer {
    let lead = octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    let all = 0..octets.len();
    if lead == octets.len() {
        return Layer::new("SIP", "empty lines, which keep a flow alive (RFC 5626)", all);
    }
    let message = match Message::parse(octets.clone()) {
        Ok(message) => message,
        Err(why) => return Layer { fault: Some(why.to_string()), ..Layer::new("SIP", "", all) },
    };
    let mut says = match message.status() {
        Some(status) => format!("response {status} to {}", message.method()),
        None => format!("request {}", message.method()),
    };
    if message.surplus() > 0 {
        says.push_str(&format!("; {} octets after its Content-Length", message.surplus()));
    }
    let span = message.body_span().range();
    let range = span.start + lead..span.end + lead;
    let inner = (!range.is_empty()).then(|| {
        body(Body {
            content_type: message.header(&Name::ContentType),
            coding: message.header(&Name::ContentEncoding),
            octets: slice(octets, range.clone()),
            at: range.start,
            whole: true,
            depth: DEPTH,
        })
    });
    Layer::new("SIP", says, all).with(inner)
}

/// An MSRP message, or a chunk.
pub(super) fn msrp(message: &msrp::Message) -> Layer {
    let all = 0..message.octets().len();
    let says = match &message.kind {
        Kind::Response { status, comment } => format!("response {status} {comment}"),
        Kind::Request { .. } => asked(message),
    };
    let first = message.byte_range().is_none_or(|range| range.start <= 1);
    let inner = message.body_range().filter(|range| !range.is_empty()).map(|range| {
        let octets = slice(message.octets(), range.clone());
        if !first {
            return Layer::new("content", "goes on from an earlier chunk", range);
        }
        let whole = message.flag == msrp::Flag::Complete;
        body(Body { content_type: message.content_type(), coding: None, octets, at: range.start, whole, depth: DEPTH })
    });
    Layer::new("MSRP", says, all).with(inner)
}

fn asked(message: &msrp::Message) -> String {
    let mut says = "request".to_owned();
    if let Some(range) = message.byte_range() {
        let star = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
        says.push_str(&format!(", octets {} to {} of {}", range.start, star(range.end), star(range.total)));
    }
    says.push_str(match message.flag {
        msrp::Flag::Complete => ", complete",
        msrp::Flag::More => ", more follow",
        msrp::Flag::Abort => ", given up",
    });
    if message.success_report() {
        says.push_str(", a report of success is asked for");
    }
    says
}
