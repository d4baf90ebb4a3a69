//! White space where the grammar lets it stand (RFC 3261 section 25.1): LWS, SWS, and the separators made of them.

use super::super::freedoms::{Freedom, Licence};

/// A freedom that is taken now and then, since there are many places for it.
fn rarely(licence: &mut Licence<'_>, freedom: Freedom, one_in: usize) -> bool {
    let taken = licence.freedoms.has(freedom) && licence.chance.one_in(one_in);
    licence.note(freedom, taken);
    taken
}

/// White space with a line end in it, or `usual`.
pub(super) fn fold(licence: &mut Licence<'_>, usual: &'static str) -> &'static str {
    if rarely(licence, Freedom::SipFolding, 12) {
        return licence.chance.pick(&["\r\n ", "\r\n\t", " \r\n  "]).copied().unwrap_or(usual);
    }
    usual
}

/// White space, or `usual`, which may be none.
pub(super) fn gap(licence: &mut Licence<'_>, usual: &'static str) -> &'static str {
    if rarely(licence, Freedom::SipSeparatorSpace, 8) {
        return licence.chance.pick(&["  ", "\t", "   ", " \t"]).copied().unwrap_or(usual);
    }
    fold(licence, usual)
}

/// A separator with what stands around it.
pub(super) fn around(licence: &mut Licence<'_>, separator: &str) -> String {
    let (sign, usual) = match separator.strip_suffix(' ') {
        Some(sign) => (sign, " "),
        None => (separator, ""),
    };
    let before = gap(licence, "");
    format!("{before}{sign}{}", gap(licence, usual))
}

/// The colon after a name: white space without line ends before it, any after it.
pub(super) fn colon(licence: &mut Licence<'_>) -> String {
    if rarely(licence, Freedom::SipColonSpace, 3) {
        let before = licence.chance.pick(&["", " ", "\t", "  "]).copied().unwrap_or_default();
        let after = licence.chance.pick(&["", "  ", "\t"]).copied().unwrap_or_default();
        return format!("{before}:{after}");
    }
    format!(":{}", fold(licence, " "))
}
