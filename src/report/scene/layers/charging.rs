//! Diameter (RFC 6733): a message as its attribute-value pairs, groups as those within.

use std::ops::Range;

use bytes::Bytes;
use cpm_wire::diameter::dictionary::Kind;
use cpm_wire::diameter::{Avp, Avps, HEADER_LENGTH, Message, command};

use super::{DEPTH, Form, Layer};

/// A message.
pub(super) fn diameter(octets: &Bytes) -> Layer {
    let all = 0..octets.len();
    let message = match Message::parse(octets.clone()) {
        Ok(message) => message,
        Err(why) => {
            return Layer { fault: Some(why.to_string()), form: Form::Digits, ..Layer::new("Diameter", "", all) };
        }
    };
    let header = message.header();
    let name = command::name(header.command, header.is_request()).unwrap_or("a command that is not known");
    let says = format!(
        "{name} ({}), application {}, flags {:#04x}, hop-by-hop {:#010x}, end-to-end {:#010x}",
        header.command, header.application, header.flags.0, header.hop_by_hop, header.end_to_end
    );
    let pairs = octets.get(HEADER_LENGTH..).unwrap_or_default();
    Layer { form: Form::Said, ..Layer::new("Diameter", says, all) }.with(avps(octets, pairs, DEPTH))
}

/// The pairs in these octets, which are part of the message.
fn avps(message: &Bytes, octets: &[u8], depth: usize) -> Vec<Layer> {
    let mut layers = Vec::new();
    for avp in Avps::new(octets) {
        match avp {
            Ok(avp) => layers.push(pair(message, &avp, depth)),
            Err(why) => {
                let end = end_of(message, octets);
                let fault = Some(why.to_string());
                layers.push(Layer { fault, form: Form::Said, ..Layer::new("AVP", "", end..end) });
            }
        }
    }
    layers
}

fn pair(message: &Bytes, avp: &Avp<'_>, depth: usize) -> Layer {
    let end = end_of(message, avp.data);
    let header = if avp.vendor.is_some() { 12 } else { 8 };
    let range: Range<usize> = end.saturating_sub(avp.data.len() + header)..end;
    let definition = avp.definition();
    let name = definition.map_or_else(|| format!("AVP {} of {}", avp.code, vendor(avp)), |own| own.name.to_owned());
    let layer = Layer { form: Form::Said, ..Layer::new(&name, "", range) };
    match definition.map(|own| own.kind) {
        Some(Kind::Grouped) if depth > 0 => layer.with(avps(message, avp.data, depth - 1)),
        kind => Layer { says: value(avp, kind), ..layer },
    }
}

fn vendor(avp: &Avp<'_>) -> String {
    avp.vendor.map_or_else(|| "the IETF".to_owned(), |vendor| format!("vendor {vendor}"))
}

/// Where octets that lie in the message end.
fn end_of(message: &Bytes, part: &[u8]) -> usize {
    let start = part.as_ptr().addr().saturating_sub(message.as_ptr().addr());
    (start + part.len()).min(message.len())
}

fn value(avp: &Avp<'_>, kind: Option<Kind>) -> String {
    let read = match kind {
        Some(Kind::Unsigned32) => avp.unsigned32().map(|own| own.to_string()).ok(),
        Some(Kind::Unsigned64) => avp.unsigned64().map(|own| own.to_string()).ok(),
        Some(Kind::Integer32 | Kind::Enumerated(..) | Kind::Open) => avp.integer32().map(|own| own.to_string()).ok(),
        Some(Kind::Integer64) => avp.integer64().map(|own| own.to_string()).ok(),
        Some(Kind::Utf8String | Kind::DiameterIdentity | Kind::DiameterUri) => avp.text().map(str::to_owned).ok(),
        Some(Kind::Time) => avp.time().map(|own| own.to_rfc3339()).ok(),
        Some(Kind::Address | Kind::OctetString | Kind::Grouped) | None => None,
    };
    read.unwrap_or_else(|| digits(avp.data))
}

fn digits(octets: &[u8]) -> String {
    let shown: Vec<String> = octets.iter().take(32).map(|octet| format!("{octet:02x}")).collect();
    let more = octets.len().saturating_sub(32);
    let more = if more == 0 { String::new() } else { format!(" … ({more} octets cut)") };
    format!("{}{more}", shown.join(" "))
}
