//! Base rules of SIP (RFC 3261, 3428, 3515, 4028, 4320, 6665), message by message. What needs more than one message
//! stands in `transactions`.

mod addresses;
mod features;
pub(super) mod field;
mod fields;
mod forms;
mod identities;
pub(super) mod names;
pub(super) mod presence;
mod registration;
mod responses;
pub(super) mod view;

use bytes::Bytes;
use cpm_wire::sip::ParseError;

use super::memo::Memo;
use super::sheet::{BaseRule, Sheet, must, shown};
use crate::evidence::Transport;
use view::View;

static MESSAGE: BaseRule = must(
    "base.sip.message",
    "RFC 3261 section 7",
    "What stands where a SIP message should is one: a start line (a status is one from 100 to 699), header lines with colons, a blank line, a whole body.",
);

/// The rules of this protocol that look at one message.
pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    [&MESSAGE]
        .into_iter()
        .chain(forms::rules())
        .chain(fields::RULES.iter().copied())
        .chain(addresses::RULES.iter().copied())
        .chain(features::RULES.iter().copied())
        .chain(identities::RULES.iter().copied())
        .chain(presence::rules())
        .chain(registration::RULES.iter().copied())
        .chain(responses::RULES.iter().copied())
}

/// Says why octets cannot be split.
pub(super) fn cannot_be_split(sheet: &mut Sheet<'_>, octets: &Bytes, error: &ParseError) {
    let start = shown(&String::from_utf8_lossy(octets.get(..80).unwrap_or(octets)));
    let span = Some((error.at.start as usize, error.at.end as usize));
    sheet.find(&MESSAGE, span, "a SIP message", format!("{}; it begins {start}", error.kind));
}

/// Checks one message by itself.
pub(super) fn check(sheet: &mut Sheet<'_>, view: &View<'_>, memo: &mut Memo) {
    forms::check(sheet, view, memo);
    fields::check(sheet, view, memo);
    addresses::check(sheet, view);
    features::check(sheet, view, memo);
    identities::check(sheet, view, memo);
    presence::check(sheet, view);
    registration::check(sheet, view, memo);
    responses::check(sheet, view);
}

/// A keep-alive (RFC 5626 section 4.4.1) is no message.
pub(super) fn is_keep_alive(octets: &[u8], transport: Transport) -> bool {
    match transport {
        Transport::Tcp => !octets.is_empty() && octets.iter().all(|octet| matches!(octet, b'\r' | b'\n')),
        // Datagrams of a few NULs or line ends keep bindings of address translators open.
        Transport::Udp => octets.len() <= 4 && octets.iter().all(|octet| matches!(octet, b'\r' | b'\n' | 0)),
    }
}
