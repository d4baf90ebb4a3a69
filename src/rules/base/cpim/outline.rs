//! The message headers of an envelope at a glance: what is new in every message, and a print of all the rest. Rules of headers
//! say the same of all heads of one print.

use cpm_wire::search::{Places, every};

use super::head::is_of_id;
use crate::rules::base::digest::{digest, mix};
use crate::rules::base::grammar::is_date_time;
use crate::rules::base::piece::Piece;

/// Sets these prints apart from those of other things.
const MARK: u64 = 0x656e_7665_6c6f_7065;

/// What the headers say that more than one rule asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said<'a> {
    pub date_time: Option<Piece<'a>>,
    pub message_id: Option<Piece<'a>>,
    /// Which disposition notifications are asked for.
    pub asked: Option<Piece<'a>>,
}

/// A head at a glance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline<'a> {
    pub print: u64,
    pub said: Said<'a>,
}

impl<'a> Outline<'a> {
    /// Looks at a head; none where its time or its Message-ID may be wrong.
    pub fn of(text: &'a str) -> Option<Outline<'a>> {
        let (mut print, mut told, mut said) = (MARK, 0, Said::default());
        let mut begin = 0;
        for end in Places::of([b'\n'], text.as_bytes()).chain([text.len()]) {
            let line = Piece::new(text.get(begin..end)?, begin);
            let line = line.to(line.text.strip_suffix('\r').unwrap_or(line.text).len());
            begin = end + 1;
            if let Some(new) = said.take(line)? {
                print = mix(print, digest(text.get(told..new.at)?.as_bytes()));
                told = new.span().1;
            }
        }
        Some(Outline { print: mix(print, digest(text.get(told..)?.as_bytes())), said })
    }
}

impl<'a> Said<'a> {
    /// Takes a line as nearly all write it; gives what is new in it, and none at all where that may be wrong.
    fn take(&mut self, line: Piece<'a>) -> Option<Option<Piece<'a>>> {
        let after = |name: &str| line.text.starts_with(name).then(|| line.from(name.len()));
        let (slot, value, right) = if let Some(value) = after("DateTime: ") {
            (&mut self.date_time, value, is_date_time(value.text))
        } else if let Some(value) = after("imdn.Message-ID: ") {
            (&mut self.message_id, value, !value.text.is_empty() && every(value.text.as_bytes(), is_of_id))
        } else {
            self.asked = self.asked.or_else(|| after("imdn.Disposition-Notification: "));
            return Some(None);
        };
        let first = slot.replace(value).is_none();
        (right && first).then_some(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::{assert_eq, assert_ne};

    const HEAD: &str = "From: <sip:a@b.example>\r\nDateTime: 2026-01-01T00:00:00Z\r\nimdn.Message-ID: one\r\n\
                        imdn.Disposition-Notification: display";

    #[test]
    fn times_and_identifiers_make_no_other_print_and_all_else_does() {
        let own = Outline::of(HEAD).unwrap();
        let Said { date_time, message_id, asked } = own.said;
        for (said, text) in [(date_time, "2026-01-01T00:00:00Z"), (message_id, "one"), (asked, "display")] {
            assert_eq!(said, Some(Piece::new(text, HEAD.find(text).unwrap())));
        }
        for (from, to) in [("2026", "2027"), (": one", ": another.one")] {
            assert_eq!(Outline::of(&HEAD.replace(from, to)).unwrap().print, own.print, "{to}");
        }
        for (from, to) in [("a@b", "c@b"), (": display", ": failed"), ("imdn.Message", "x.Message"), ("\r\nD", "\nD")] {
            assert_ne!(Outline::of(&HEAD.replace(from, to)).unwrap().print, own.print, "{to}");
        }
    }

    #[test]
    fn what_may_be_wrong_is_not_judged_at_a_glance() {
        let twice = ("From: <sip:a@b.example>", "DateTime: 2026-01-01T00:00:00Z");
        for (from, to) in [("2026-01", "2026-13"), (": one", ": "), (": one", ": <one>"), twice] {
            assert!(Outline::of(&HEAD.replace(from, to)).is_none(), "{to}");
        }
    }
}
