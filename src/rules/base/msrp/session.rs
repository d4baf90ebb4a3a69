//! Who may send what to whom on a connection: roles (RFC 4975 section 5.4, RFC 6135), the two ends of a session, and
//! what its description lets through (RFC 4975 section 8). Bounded.

use super::fields::Fields;
use super::message::ByteRange;
use crate::rules::base::bounded::Bounded;
use crate::rules::base::digest::{digest_without_case, mix};
use crate::rules::base::mime::essence;
use crate::rules::base::piece::Piece;
use crate::rules::base::sdp::Sessions;
use crate::rules::base::sheet::{BaseRule, Sheet, Side, habit, must, shown};

static FIRST_SEND: BaseRule = habit(
    "base.msrp.first_send",
    "RFC 4975 section 5.4",
    "The first SEND on a connection comes from the side that opened it.",
);
static ACTIVE_SIDE: BaseRule = must(
    "base.msrp.active_side",
    "RFC 4145 section 4, RFC 6135 section 4.2",
    "The side that said a=setup:passive waits for the connection, and does not open it.",
);
static SESSION_PATHS: BaseRule = must(
    "base.msrp.session_paths",
    "RFC 4975 sections 5.4 and 7.1",
    "On a connection the two ends of a session stay the same, and each side names them the other way round.",
);
static ACCEPT_TYPES: BaseRule = habit(
    "base.msrp.accept_types",
    "RFC 4975 section 8.6",
    "What is sent is of a type that a=accept-types of its receiver has.",
);
static MAX_SIZE: BaseRule =
    habit("base.msrp.max_size", "RFC 4975 section 8.6", "What is sent is no longer than a=max-size of its receiver.");

pub(super) static RULES: &[&BaseRule] = &[&FIRST_SEND, &ACTIVE_SIDE, &SESSION_PATHS, &ACCEPT_TYPES, &MAX_SIZE];

/// So many sessions of one connection are remembered.
const LIMIT: usize = 1024;

/// What is known of the sessions of a connection.
#[derive(Debug)]
pub(super) struct Session {
    opened_by: Option<Side>,
    begun: bool,
    /// The print of the other end of each end of a session, by side and the print of its URI.
    ends: Bounded<u64, u64>,
}

impl Default for Session {
    fn default() -> Session {
        Session { opened_by: None, begun: false, ends: Bounded::new(LIMIT) }
    }
}

impl Session {
    /// A connection that this side opened.
    pub fn opened_by(side: Side) -> Session {
        Session { opened_by: Some(side), ..Session::default() }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.ends.halve();
    }

    /// A SEND comes that is not judged.
    pub fn begins_unseen(&mut self) {
        self.begun = true;
    }

    /// A SEND comes, or a chunk of one.
    pub fn sends(&mut self, sheet: &mut Sheet<'_>, fields: &Fields<'_>, sessions: &Sessions) {
        if !std::mem::replace(&mut self.begun, true) {
            self.begins(sheet, fields, sessions);
        }
        self.ends(sheet, fields, sessions);
    }

    fn begins(&self, sheet: &mut Sheet<'_>, fields: &Fields<'_>, sessions: &Sessions) {
        let Some(opened_by) = self.opened_by else { return };
        let span = fields.from_path.map(Piece::span);
        if opened_by != sheet.side {
            sheet.find(&FIRST_SEND, span, "a SEND of the side that opened the connection", "one of the other side");
        } else if fields.from_path.and_then(|path| sessions.of(path.text)).is_some_and(|own| own.passive) {
            let observed = "a connection that it opened itself";
            sheet.find(&ACTIVE_SIDE, span, "that the passive side waits for the connection", observed);
        }
    }

    fn ends(&mut self, sheet: &mut Sheet<'_>, fields: &Fields<'_>, sessions: &Sessions) {
        let (from, to) = (Fields::last(fields.from_path), Fields::last(fields.to_path));
        let (own, other) = (digest_without_case(from), digest_without_case(to));
        let known = self.ends.get(&end(sheet.side, own)).copied();
        let mirrored = self.ends.get(&end(sheet.side.other(), other)).copied();
        // Whom a description names so is rightly called so, whatever he calls himself.
        let described = || sessions.of(to).is_some();
        if known.is_some_and(|known| known != other) {
            if !described() {
                let observed = shown(to);
                sheet.find(&SESSION_PATHS, fields.to_path.map(Piece::span), "the other end of the session", observed);
            }
        } else if mirrored.is_some_and(|mirrored| mirrored != own) {
            let observed = shown(from);
            sheet.find(
                &SESSION_PATHS,
                fields.from_path.map(Piece::span),
                "the URI that the other side names",
                observed,
            );
        } else if known.is_none() {
            self.ends.insert(end(sheet.side, own), other);
            self.ends.insert(end(sheet.side.other(), other), own);
        }
    }
}

fn end(side: Side, uri: u64) -> u64 {
    mix(uri, side as u64)
}

/// Whether a message that begins is one that its receiver has described, whatever was seen of the connection before.
pub(super) fn fits(sheet: &mut Sheet<'_>, fields: &Fields<'_>, range: Option<ByteRange>, sessions: &Sessions) {
    let receiver = fields.to_path.and_then(|path| sessions.of(path.text));
    let (Some(receiver), Some(range)) = (receiver, range.filter(|range| range.start == 1)) else { return };
    let total = fields.byte_range.zip(range.total).zip(receiver.max_size);
    if let Some(((value, total), limit)) = total.filter(|((_, total), limit)| total > limit) {
        sheet.find(&MAX_SIZE, Some(value.span()), format!("{limit} octets at most"), format!("{total} octets"));
    }
    let kind = fields.content_type.and_then(|value| Some((value, essence(value.text)?)));
    if let Some((value, (kind, sub))) = kind.filter(|(_, (kind, sub))| !receiver.accepts(kind, sub)) {
        let expected = format!("one of {}", shown(receiver.types()));
        sheet.find(&ACCEPT_TYPES, Some(value.span()), expected, format!("{kind}/{sub}"));
    }
}
