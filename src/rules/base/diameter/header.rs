//! Rules about the header of a message (RFC 6733 section 3).

use cpm_wire::diameter::{CommandFlags, command};

use super::view::{HEADER, View, word};
use crate::rules::base::sheet::{BaseRule, Sheet, habit, must};

static VERSION: BaseRule = must("base.diameter.version", "RFC 6733 section 3", "The version of Diameter is 1.");
static LENGTH: BaseRule = must(
    "base.diameter.length",
    "RFC 6733 section 3",
    "The length in the header counts every octet of the message, padding included, and is a multiple of four.",
);
static RESERVED: BaseRule =
    must("base.diameter.reserved_bits", "RFC 6733 section 3", "The reserved bits of the command flags are zero.");
static ERROR_BIT: BaseRule =
    must("base.diameter.error_bit", "RFC 6733 section 3", "The E bit is not set in a request.");
static AGAIN_BIT: BaseRule =
    must("base.diameter.retransmission_bit", "RFC 6733 section 3", "The T bit is not set in an answer.");
static PROXIABLE: BaseRule = habit(
    "base.diameter.proxiable",
    "RFC 6733 sections 3.2, 5.3.1, 5.4.1 and 5.5.1",
    "Requests of an application may be proxied (P bit); those between two peers may not.",
);
static APPLICATION: BaseRule = must(
    "base.diameter.application",
    "RFC 6733 section 2.4",
    "Capabilities exchange, watchdog and disconnection are of application 0, common messages.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&VERSION, &LENGTH, &RESERVED, &ERROR_BIT, &AGAIN_BIT, &PROXIABLE, &APPLICATION];

/// Where the command flags stand.
pub(super) const FLAGS: (usize, usize) = (4, 5);
const APPLICATION_AT: (usize, usize) = (8, 12);

/// Whether octets have the head and the length of a message; if not, nothing more can be said of them.
pub(super) fn is_message(sheet: &mut Sheet<'_>, octets: &[u8]) -> bool {
    let Some(first) = word(octets, 0).filter(|_| octets.len() >= HEADER) else {
        sheet.find(&LENGTH, Some((0, octets.len())), "the 20 octets of a header", format!("{}", octets.len()));
        return false;
    };
    let (version, length) = (first >> 24, (first & 0x00FF_FFFF) as usize);
    if version != 1 {
        sheet.find(&VERSION, Some((0, 1)), "version 1", format!("version {version}"));
    } else if length != octets.len() || !length.is_multiple_of(4) {
        let expected = format!("the length of these {} octets, a multiple of four", octets.len());
        sheet.find(&LENGTH, Some((1, 4)), expected, length.to_string());
    } else {
        return true;
    }
    false
}

/// Whether a command goes from peer to peer only.
pub(super) fn is_between_peers(code: u32) -> bool {
    matches!(code, command::CAPABILITIES_EXCHANGE | command::DEVICE_WATCHDOG | command::DISCONNECT_PEER)
}

pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>) {
    let mut flag = |rule, expected: &str| {
        sheet.find(rule, Some(FLAGS), expected, format!("flags 0x{:02x}", view.flags));
    };
    if view.has(CommandFlags::RESERVED) {
        flag(&RESERVED, "four reserved bits that are zero");
    }
    if view.is_request() && view.has(CommandFlags::ERROR) {
        flag(&ERROR_BIT, "no E bit in a request");
    }
    if !view.is_request() && view.has(CommandFlags::RETRANSMITTED) {
        flag(&AGAIN_BIT, "no T bit in an answer");
    }
    let proxiable = view.has(CommandFlags::PROXIABLE);
    if view.is_request() && is_between_peers(view.command) && proxiable {
        flag(&PROXIABLE, "no P bit, for it goes no further than the peer");
    } else if view.is_request()
        && command::name(view.command, true).is_some()
        && proxiable == is_between_peers(view.command)
    {
        flag(&PROXIABLE, "the P bit");
    }
    if is_between_peers(view.command) && view.application != 0 {
        sheet.find(&APPLICATION, Some(APPLICATION_AT), "application 0", view.application.to_string());
    }
}
