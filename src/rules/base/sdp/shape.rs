//! The shape of a description: all that it says but for what is new in every session. Rules that look at one description
//! alone say the same of all of one shape.

use std::ops::Range;

use cpm_wire::search::{every, find};

use super::read::{Description, Line, Name};
use crate::rules::base::digest::{digest, mix};
use crate::rules::base::grammar::{is_digits, is_plain};
use crate::rules::base::piece::Piece;

/// Sets these prints apart from those of other things.
const MARK: u64 = 0x6465_7363_7269_6265;

/// The print of the shape.
pub(super) fn print(description: &Description<'_>) -> u64 {
    let segment = |range: Range<usize>| digest(description.text.get(range).unwrap_or_default().as_bytes());
    let (mut print, mut told) = (MARK, 0);
    for new in description.lines.iter().filter_map(new) {
        print = mix(print, segment(told..new.start));
        told = new.end;
    }
    mix(print, segment(told..description.text.len()))
}

/// Where a line holds what is new in every session, and can be nothing but right.
fn new(line: &Line<'_>) -> Option<Range<usize>> {
    match (line.letter, line.name) {
        (b'o', _) => numbers(line.value),
        (_, Name::Path) => session_id(line.said?),
        _ => None,
    }
}

/// The number of the session and that of its version, with one space between.
fn numbers(origin: Piece<'_>) -> Option<Range<usize>> {
    let (_, rest) = origin.split_once(' ')?;
    let (session, after) = rest.split_once(' ')?;
    let version = after.before(' ');
    (is_digits(session.text) && is_digits(version.text)).then(|| session.at..version.span().1)
}

/// The session of the last URI of a path, which stands between a slash behind the host and the transport.
fn session_id(path: Piece<'_>) -> Option<Range<usize>> {
    let slash = memchr::memrchr(b'/', path.text.as_bytes())?;
    let session = path.from(slash + 1);
    let session = session.to(find([b';'], session.text.as_bytes())?);
    let behind_host = !path.to(slash).text.ends_with('/');
    let plain = !session.text.is_empty() && every(session.text.as_bytes(), is_plain);
    (behind_host && plain).then(|| session.at..session.span().1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print_of(text: &str) -> u64 {
        print(&Description::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn numbers_and_sessions_make_no_other_shape_and_all_else_does() {
        let text = "v=0\r\no=- 12 3 IN IP4 h.example\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n\
                    a=path:msrp://h.example:9/s1;tcp\r\n";
        let own = print_of(text);
        for (from, to) in [("12 3", "7 88"), ("/s1", "/other-one")] {
            assert_eq!(print_of(&text.replace(from, to)), own, "{to}");
        }
        for (from, to) in [
            ("12 3", "12 x"),
            ("12 3", "12  3"),
            ("h.example:9/s1", "h.example:9"),
            ("h.example:9/s1", "h.example:9/"),
            ("h.example:9/s1", "h.example:8/s1"),
            ("/s1", "/s!"),
            ("t=0 0", "t=0 1"),
            ("a=path", "a=x-path"),
        ] {
            assert_ne!(print_of(&text.replace(from, to)), own, "{to}");
        }
        assert_ne!(print_of("a=path:msrp://one;tcp\r\n"), print_of("a=path:msrp://o-;tcp\r\n"), "a host is no session");
    }
}
