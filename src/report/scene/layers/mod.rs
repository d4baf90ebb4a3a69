//! What a message is made of, layer in layer: SIP, in it SDP or parts, in MSRP an envelope (RFC 3862), in that a notification.
//! Read by the parsers of the wire, as the stack reads; what they refuse is shown as it stands, with their reason.

mod bodies;
mod charging;
mod documents;
mod handed_over;
mod signalling;

use std::ops::Range;

use bytes::Bytes;

use crate::evidence::{Direction, Protocol};
use crate::report::ladder::messages::Told;
use crate::report::ladder::words::first_line;

/// Layers are followed so deep.
const DEPTH: usize = 10;
/// The most layers of one message.
const MOST: usize = 300;

/// One layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it is: `SIP`, `SDP`, the name of an AVP.
    pub name: String,
    /// What it says, in short.
    pub says: String,
    /// Why it could not be read.
    pub fault: Option<String>,
    /// Where it stands in the message.
    pub range: Range<usize>,
    /// How its own octets are shown: those that no inner layer has.
    pub form: Form,
    /// What is in it, in order.
    pub inner: Vec<Layer>,
}

/// How octets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As text.
    Text,
    /// As hexadecimal digits.
    Digits,
    /// Not by themselves: all that they say is said.
    Said,
}

impl Layer {
    fn new(name: &str, says: impl Into<String>, range: Range<usize>) -> Layer {
        Layer { name: name.to_owned(), says: says.into(), fault: None, range, form: Form::Text, inner: Vec::new() }
    }

    /// A layer that is what a parser read of it, or why it did not.
    fn read<E: std::fmt::Display>(name: &str, range: Range<usize>, read: Result<String, E>) -> Layer {
        match read {
            Ok(says) => Layer::new(name, says, range),
            Err(why) => Layer { fault: Some(why.to_string()), ..Layer::new(name, "", range) },
        }
    }

    fn with(mut self, inner: impl IntoIterator<Item = Layer>) -> Layer {
        self.inner.extend(inner);
        self
    }
}

/// The layers of a message.
#[must_use]
pub fn layers(protocol: Protocol, direction: Direction, told: &Told) -> Layer {
    let octets = &told.octets;
    let all = 0..octets.len();
    if let Some(why) = &told.fault {
        let form = if std::str::from_utf8(octets).is_ok() { Form::Text } else { Form::Digits };
        return Layer { fault: Some(why.clone()), form, ..Layer::new(name(protocol), "", all) };
    }
    let mut layer = match (protocol, &told.msrp) {
        (Protocol::Sip, _) => signalling::sip(octets),
        (Protocol::Msrp, Some(message)) => signalling::msrp(message),
        (Protocol::Diameter, _) => charging::diameter(octets),
        (Protocol::X2x3, _) => handed_over::pdu(octets),
        (Protocol::Http, _) => documents::http(octets, direction),
        (Protocol::Imap | Protocol::Msrp, _) => {
            Layer::new(name(protocol), first_line(protocol, octets).unwrap_or_default(), all)
        }
    };
    let mut left = MOST;
    bound(&mut layer, &mut left);
    layer
}

/// The name of a protocol.
#[must_use]
pub const fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Sip => "SIP",
        Protocol::Msrp => "MSRP",
        Protocol::Imap => "IMAP",
        Protocol::Diameter => "Diameter",
        Protocol::Http => "HTTP",
        Protocol::X2x3 => "X2/X3",
    }
}

/// Leaves so many layers, and of them those whose octets stand in theirs, in order.
fn bound(layer: &mut Layer, left: &mut usize) {
    let (mut at, end) = (layer.range.start, layer.range.end);
    layer.inner.retain(|inner| {
        let fits =
            inner.range.start >= at && inner.range.end >= inner.range.start && inner.range.end <= end && *left > 0;
        if fits {
            *left -= 1;
            at = inner.range.end;
        }
        fits
    });
    layer.inner.iter_mut().for_each(|inner| bound(inner, left));
}

/// The octets of a range; none outside.
fn slice(octets: &Bytes, range: Range<usize>) -> Bytes {
    if range.start <= range.end && range.end <= octets.len() { octets.slice(range) } else { Bytes::new() }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
