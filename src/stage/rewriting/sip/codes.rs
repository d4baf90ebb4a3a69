//! Status codes that say what another one says, where the answer is the target's choice.

use super::super::freedoms::{Freedom, Licence};
use cpm_wire::sip::Method;

/// What else refuses an invitation of an absent user for whom nothing is stored: any final response does
/// (TP-CPM-CONV-058-04, ledger L19). None of these asks for another attempt, as 401, 422 or 491 would.
const FOR_ABSENCE: &[u16] = &[403, 404, 410, 486, 504, 600, 603, 604];
/// What else refuses a session that is not asserted: any 4xx does (TP-CPM-CONV-058c-07).
const FOR_A_STRANGER: &[u16] = &[404, 410, 433, 480, 486];

/// The code with which a response is given: its own, or another that does as well.
/// A `reliable` one is no 100, which cannot be (RFC 3262 section 3).
pub(super) fn other(licence: &mut Licence<'_>, method: &Method, code: u16, reliable: bool) -> u16 {
    let (freedom, others): (Freedom, &[u16]) = match (method, code) {
        (Method::Invite, 180) if reliable => (Freedom::TimingRinging, &[183]),
        (Method::Invite, 183) if reliable => (Freedom::TimingRinging, &[180]),
        (Method::Message | Method::Refer, 200) => (Freedom::TimingAccepted, &[202]),
        (Method::Refer, 202) => (Freedom::TimingAccepted, &[200]),
        (Method::Invite, 180) => (Freedom::TimingRinging, &[100, 183]),
        (Method::Invite, 183) => (Freedom::TimingRinging, &[100, 180]),
        (Method::Invite, 480) => (Freedom::SipRefusal, FOR_ABSENCE),
        (Method::Invite, 403) => (Freedom::SipRefusal, FOR_A_STRANGER),
        _ => return code,
    };
    if !licence.takes(freedom) {
        return code;
    }
    licence.note(freedom, true);
    licence.chance.pick(others).copied().unwrap_or(code)
}
