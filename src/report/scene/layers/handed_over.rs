//! What interception hands over (ETSI TS 103 221-2): a PDU, its attributes, and in it the message that was intercepted.

use bytes::Bytes;
use cpm_wire::msrp;
use cpm_wire::x2x3::{Pdu, format};

use super::{Form, Layer, signalling, slice};

/// A PDU.
pub(super) fn pdu(octets: &Bytes) -> Layer {
    let all = 0..octets.len();
    let pdu = match Pdu::parse(octets.clone()) {
        Ok(pdu) => pdu,
        Err(why) => return Layer { fault: Some(why.to_string()), form: Form::Digits, ..Layer::new("X2/X3", "", all) },
    };
    let mut says = format!("{:?}, {:?}, task {}", pdu.kind, pdu.direction, pdu.xid);
    let about = [
        pdu.sequence_number().map(|number| format!("number {number}")),
        pdu.timestamp().map(|at| format!("of {}", at.to_rfc3339())),
        pdu.matched_target().map(|target| format!("of {target}")),
    ];
    for about in about.into_iter().flatten() {
        says.push_str(&format!(", {about}"));
    }
    let at = octets.len().saturating_sub(pdu.payload.len());
    let mut inner = match pdu.format {
        format::SIP => Some(signalling::sip(&pdu.payload)),
        format::MSRP => whole(&pdu.payload).map(|message| signalling::msrp(&message)),
        _ => None,
    };
    if let Some(inner) = &mut inner {
        moved(inner, at);
    }
    // Where the payload cannot be opened it is shown as it is.
    let plain = || Layer::new("payload", format!("format {}", pdu.format), at..octets.len());
    let inner = inner.or_else(|| (!slice(octets, at..octets.len()).is_empty()).then(plain));
    Layer { form: Form::Digits, ..Layer::new("X2/X3", says, all) }.with(inner)
}

fn whole(octets: &Bytes) -> Option<msrp::Message> {
    let mut framer = msrp::Framer::default();
    framer.push(octets.clone());
    framer.next()?.ok()
}

/// Counts the places of a layer from further ahead.
fn moved(layer: &mut Layer, by: usize) {
    layer.range = layer.range.start + by..layer.range.end + by;
    layer.inner.iter_mut().for_each(|inner| moved(inner, by));
}
