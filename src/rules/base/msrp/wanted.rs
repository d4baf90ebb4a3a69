//! Whether a message is one that its receiver has asked for: by the direction of the session, and by the types that it
//! takes within an envelope (RFC 4975 section 8.6). Nothing is said of who was not described.

use cpm_wire::msrp::Message;

use super::fields::Fields;
use crate::rules::base::bodies::Content;
use crate::rules::base::cpim;
use crate::rules::base::mime::essence;
use crate::rules::base::piece::Piece;
use crate::rules::base::sdp::{Session, Sessions};
use crate::rules::base::sheet::{BaseRule, Sheet, habit, shown};

static WRAPPED: BaseRule = habit(
    "base.msrp.accept_wrapped_types",
    "RFC 4975 section 8.6",
    "What is sent in an envelope is of a type that a=accept-wrapped-types or a=accept-types of its receiver has.",
);
static DIRECTION: BaseRule = habit(
    "base.msrp.direction",
    "RFC 3264 sections 5.1 and 6.1",
    "No content is sent to who said a=sendonly or a=inactive, other than notifications about what came.",
);

pub(super) static RULES: &[&BaseRule] = &[&WRAPPED, &DIRECTION];

/// Takes a message that is whole now, with the chunk that made it so.
pub(super) fn check(
    sheet: &mut Sheet<'_>,
    message: &Message,
    fields: &Fields<'_>,
    content: &Content,
    sessions: &Sessions,
) {
    let Some(receiver) = fields.to_path.and_then(|path| sessions.of(path.text)) else { return };
    let Some(outer) = std::str::from_utf8(&content.content_type).ok().and_then(essence) else { return };
    let envelope = is(outer, "message", "cpim");
    let carried = if envelope { cpim::carried(&content.octets) } else { None };
    let inner = carried.and_then(|value| essence(value.text));
    if let Some((value, kind)) = carried.zip(inner) {
        let body = message.body_range().filter(|_| content.at.is_some()).map(|body| body.start);
        wrapped(&mut sheet.inside(body), receiver, value, kind);
    }
    // An envelope that cannot be read is an envelope's fault.
    let kind = if envelope { inner } else { Some(outer) };
    if !receiver.receives && !content.octets.is_empty() && kind.is_some_and(|kind| !is_about_messages(kind)) {
        let (span, (kind, sub)) = (fields.to_path.map(Piece::span), kind.unwrap_or_default());
        sheet.find(&DIRECTION, span, "no content, for the receiver only sends", format!("{kind}/{sub}"));
    }
}

fn wrapped(sheet: &mut Sheet<'_>, receiver: &Session, value: Piece<'_>, (kind, sub): (&str, &str)) {
    if !receiver.accepts_wrapped(kind, sub) {
        let expected = format!("one of {}", shown(receiver.wrapped_types()));
        sheet.find(&WRAPPED, Some(value.span()), expected, format!("{kind}/{sub}"));
    }
}

/// Disposition notifications go back through the session in which the messages came, though it is one-way: customary.
fn is_about_messages(kind: (&str, &str)) -> bool {
    is(kind, "message", "imdn+xml") || is(kind, "application", "im-iscomposing+xml")
}

fn is(found: (&str, &str), kind: &str, sub: &str) -> bool {
    found.0.eq_ignore_ascii_case(kind) && found.1.eq_ignore_ascii_case(sub)
}
