//! Headers that name calls and dialogs (RFC 3261 sections 20.8 and 20.21, RFC 3891, RFC 3911, RFC 4538).

use super::{Form, parameters_of, with_parameters};
use crate::rules::base::grammar::{Fault, fault, is_call_id, is_token};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, must};

static CALL: BaseRule = must("base.sip.call_id", "RFC 3261 section 25.1", "A Call-ID is a word, or two around an @.");
static REPLY: BaseRule =
    must("base.sip.in_reply_to", "RFC 3261 sections 20.21 and 25.1", "In-Reply-To is a list of Call-IDs.");
static DIALOG: BaseRule = must(
    "base.sip.dialog_reference",
    "RFC 3891 section 6.1, RFC 3911 section 7.1, RFC 4538 section 7",
    "Replaces and Join name a Call-ID, one to-tag and one from-tag; Target-Dialog a Call-ID, a local-tag and a remote-tag.",
);

pub(super) static RULES: &[&BaseRule] = &[&CALL, &REPLY, &DIALOG];

pub(in super::super) static CALL_ID: Form = Form::new(&CALL, "a word, or two around an @", call_id);
pub(in super::super) static IN_REPLY_TO: Form = Form::new(&REPLY, "Call-IDs", call_id);
pub(in super::super) static DIALOG_REFERENCE: Form =
    Form::new(&DIALOG, "a Call-ID, a to-tag and a from-tag", |value| dialog(value, ["to-tag", "from-tag"]));
pub(in super::super) static TARGET_DIALOG: Form =
    Form::new(&DIALOG, "a Call-ID, a local-tag and a remote-tag", |value| dialog(value, ["local-tag", "remote-tag"]));

fn call_id(piece: Piece<'_>) -> Result<(), Fault> {
    if is_call_id(piece.text) { Ok(()) } else { fault(piece, "this is no word, and not two around an @") }
}

fn dialog(piece: Piece<'_>, tags: [&str; 2]) -> Result<(), Fault> {
    with_parameters(piece, call_id)?;
    for tag in tags {
        let mut found = parameters_of(piece).filter(|parameter| parameter.name.text.eq_ignore_ascii_case(tag));
        match (found.next().and_then(|parameter| parameter.value), found.next()) {
            (Some(value), None) if is_token(value.text) => {}
            (None, _) => return fault(piece, "a tag is missing"),
            (_, Some(second)) => return fault(second.name, "a tag stands twice"),
            (Some(value), None) => return fault(value, "a tag is no token"),
        }
    }
    Ok(())
}
