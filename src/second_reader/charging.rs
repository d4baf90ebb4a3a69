//! The crate `diameter` reads what the tester's charging server says (RFC 6733). It reads by a dictionary of its own; what it read is
//! written again, and has to be the same octets.
//!
//! Its releases after 0.4 bring a library of the system for TLS, which nothing here is to need: hence that one.

#[cfg(test)]
mod tests;

use std::io::Cursor;

use cpm_wire::diameter::Message;
use diameter::DiameterMessage;
use diameter::error::Error;

use super::Disagreement;

const DIAMETER: &str = "diameter";

/// Whether `diameter` reads a message of the tester as it was meant.
pub fn agrees(octets: &[u8]) -> Result<(), Disagreement> {
    let unread = |why: String| Disagreement::Unread { reader: DIAMETER, what: "the message", why };
    let differs = |what: &str, ours: String, theirs: String| {
        Err(Disagreement::Differs { reader: DIAMETER, what: what.to_owned(), ours, theirs })
    };
    let message = Message::parse(octets.to_vec().into()).map_err(|why| unread(why.to_string()))?;
    let read = match DiameterMessage::decode_from(&mut Cursor::new(octets)) {
        Ok(read) => read,
        // Its dictionary does not have every AVP: then it reads nothing of the message ([`super::Limit::UnknownAvp`]).
        Err(Error::UnknownAvpCode(_)) => return Ok(()),
        Err(why) => return Err(unread(why.to_string())),
    };
    let header = message.header();
    let numbers = [
        ("the command", header.command, read.get_command_code() as u32),
        ("the application", header.application, read.get_application_id() as u32),
        ("the flags", header.flags.0.into(), read.get_flags().into()),
        ("the hop-by-hop identifier", header.hop_by_hop, read.get_hop_by_hop_id()),
        ("the end-to-end identifier", header.end_to_end, read.get_end_to_end_id()),
    ];
    if let Some((what, ours, theirs)) = numbers.into_iter().find(|(_, ours, theirs)| ours != theirs) {
        return differs(what, ours.to_string(), theirs.to_string());
    }
    let described = |codes: &mut dyn Iterator<Item = (u32, Option<u32>)>| format!("{:?}", codes.collect::<Vec<_>>());
    let ours = described(&mut message.avps().map(|avp| (avp.code, avp.vendor)));
    let theirs = described(&mut read.get_avps().iter().map(|avp| (avp.get_code(), avp.get_vendor_id())));
    if ours != theirs {
        return differs("its AVPs", ours, theirs);
    }
    let mut again = Vec::with_capacity(octets.len());
    read.encode_to(&mut again).map_err(|why| unread(why.to_string()))?;
    if again != octets {
        return differs(
            "the octets, written again",
            octets.escape_ascii().to_string(),
            again.escape_ascii().to_string(),
        );
    }
    Ok(())
}
