//! The lines of a session description, each by its letter: which may stand where, how often, and what they hold
//! (RFC 8866 sections 5 and 9).

use cpm_wire::search::{cut, find};

use super::read::{Description, Line, Name};
use crate::rules::base::grammar::{is_digits, is_token, uri};
use crate::rules::base::piece::Piece;
use crate::rules::base::sheet::{BaseRule, Sheet, must, shown};

static ORDER: BaseRule = must(
    "base.sdp.order",
    "RFC 8866 section 5",
    "The lines v, o, s and t are there, and all lines stand in the order of the grammar.",
);
static ONCE: BaseRule = must(
    "base.sdp.once",
    "RFC 8866 section 9",
    "v, o, s, i, u, k and the c of a session stand once, and i and k once in a medium.",
);
static ORIGIN: BaseRule =
    must("base.sdp.origin", "RFC 8866 section 5.2", "o= has a user name, two numbers, IN, IP4 or IP6, and an address.");
static SESSION_NAME: BaseRule = must(
    "base.sdp.session_name",
    "RFC 8866 sections 5.3, 5.4 and 9",
    "s= and i= hold at least one character, which may be a hyphen or a space.",
);
static CONTACT: BaseRule = must(
    "base.sdp.contact",
    "RFC 8866 sections 5.5 and 5.6",
    "u= is a URI, e= holds an address with an @, p= a telephone number.",
);
static CONNECTION: BaseRule = must(
    "base.sdp.connection",
    "RFC 8866 section 5.7",
    "There is a c= line of IN, IP4 or IP6 and an address, for the session or in every media description.",
);
static BANDWIDTH: BaseRule =
    must("base.sdp.bandwidth", "RFC 8866 section 5.8", "b= is a kind of bandwidth, a colon and a number.");
static TIME: BaseRule = must(
    "base.sdp.time",
    "RFC 8866 sections 5.9 to 5.11",
    "t= is two times, r= an interval, a duration and offsets, z= pairs of a time and an offset.",
);
static KEY: BaseRule = must("base.sdp.key", "RFC 8866 section 5.12", "There is no k= line any more.");
static ATTRIBUTE: BaseRule = must(
    "base.sdp.attribute",
    "RFC 8866 sections 5.13 and 9",
    "a= is a token, or a token, a colon and a value that is not empty.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&ORDER, &ONCE, &ORIGIN, &SESSION_NAME, &CONTACT, &CONNECTION, &BANDWIDTH, &TIME, &KEY, &ATTRIBUTE];

/// The order of lines before the first m=, and of those after each (RFC 8866 section 9).
const SESSION_ORDER: &[u8] = b"vosiuepcbtrzka";
const MEDIA_ORDER: &[u8] = b"micbka";
/// Those that stand once in a session, and in a medium.
const SESSION_ONCE: &[u8] = b"vosiuck";
const MEDIA_ONCE: &[u8] = b"ik";

/// Checks all lines but m=.
pub(super) fn check(sheet: &mut Sheet<'_>, description: &Description<'_>) {
    order(sheet, description);
    for line in &description.lines {
        form(sheet, line);
    }
}

fn order(sheet: &mut Sheet<'_>, description: &Description<'_>) {
    for letter in b"vost" {
        if description.of(*letter).is_none() {
            sheet.find(&ORDER, None, format!("a line {}=", *letter as char), "none");
        }
    }
    let (mut sequence, mut once, mut last) = (SESSION_ORDER, SESSION_ONCE, 0);
    for line in &description.lines {
        if line.letter == b'm' {
            (sequence, once, last) = (MEDIA_ORDER, MEDIA_ONCE, 0);
        }
        let times = |letter: u8| matches!(letter, b't' | b'r' | b'z');
        let before = sequence.get(last).copied().unwrap_or_default();
        let place = sequence.iter().position(|letter| *letter == line.letter);
        match place {
            Some(place)
                if place == last && before == line.letter && once.contains(&before) && !is_first(description, line) =>
            {
                sheet.find(&ONCE, Some(whole(line)), format!("one {}=", before as char), told(line));
            }
            Some(place) if place >= last => last = place,
            // Several time descriptions, each with its own repetitions and zones.
            Some(place) if times(line.letter) && times(before) => last = place,
            Some(_) => {
                let expected = format!("{}= before the line before it", line.letter as char);
                return sheet.find(&ORDER, Some(whole(line)), expected, told(line));
            }
            None => return sheet.find(&ORDER, Some(whole(line)), "a letter that the grammar has here", told(line)),
        }
    }
}

fn is_first(description: &Description<'_>, line: &Line<'_>) -> bool {
    description.lines.first().is_some_and(|first| first.value.at == line.value.at)
}

/// The line with its letter.
fn whole(line: &Line<'_>) -> (usize, usize) {
    let (start, end) = line.value.span();
    (start.saturating_sub(2), end)
}

fn told(line: &Line<'_>) -> String {
    format!("{}={}", line.letter as char, shown(line.value.text))
}

/// What a line holds.
fn form(sheet: &mut Sheet<'_>, line: &Line<'_>) {
    let text = line.value.text;
    let (rule, right, expected) = match line.letter {
        b'a' => (&ATTRIBUTE, is_attribute(line), "a token, or a token, a colon and a value"),
        b'v' => (&ORIGIN, text == "0", "v=0"),
        b'o' => (&ORIGIN, is_origin(text), "a user name, two numbers, IN, IP4 or IP6, and an address"),
        b's' | b'i' => (&SESSION_NAME, !text.is_empty(), "a character at least"),
        b'u' => (&CONTACT, uri(line.value).is_ok(), "a URI"),
        b'e' => (&CONTACT, text.contains('@'), "an address with an @"),
        b'p' => (&CONTACT, text.bytes().any(|octet| octet.is_ascii_digit()), "a telephone number"),
        b'c' => (&CONNECTION, is_connection(text), "IN, IP4 or IP6, and an address"),
        b'b' => (&BANDWIDTH, is_bandwidth(text), "a token, a colon and a number"),
        b't' => (&TIME, is_times(text), "two times"),
        b'r' => (&TIME, text.split(' ').count() >= 3 && text.split(' ').all(is_typed_time), "three times or more"),
        b'z' => (&TIME, is_zones(text), "pairs of a time and an offset"),
        b'k' => (&KEY, false, "no k= line"),
        _ => return,
    };
    if !right {
        sheet.find(
            rule,
            Some(if line.letter == b'k' { whole(line) } else { line.value.span() }),
            expected,
            shown(text),
        );
    }
}

fn is_attribute(line: &Line<'_>) -> bool {
    // The names that rules know are tokens.
    match line.said {
        Some(said) if said.text.is_empty() => false,
        _ if line.name != Name::Other => true,
        Some(said) => line.value.text.get(..said.at - line.value.at - 1).is_some_and(is_token),
        None => is_token(line.value.text),
    }
}

fn is_origin(text: &str) -> bool {
    let mut words = words(text);
    let user = words.next().is_some_and(|user| !user.is_empty());
    user && words.next().is_some_and(is_digits) && words.next().is_some_and(is_digits) && is_address(words)
}

/// What stands between spaces.
fn words(text: &str) -> impl Iterator<Item = &str> {
    Piece::new(text, 0).split(' ').map(|word| word.text)
}

fn is_connection(text: &str) -> bool {
    is_address(words(text))
}

/// `IN`, a family, an address of it or a name, and nothing more. What follows a slash counts addresses.
fn is_address<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    let net = words.next() == Some("IN");
    let (family, address, after) = (words.next(), words.next(), words.next());
    let address = address.map(|address| cut(address, b'/').map_or(address, |(address, _)| address));
    let address = address.filter(|address| !address.is_empty());
    let of_family = match (family, address) {
        (Some("IP4"), Some(address)) => find([b':'], address.as_bytes()).is_none(),
        (Some("IP6"), Some(address)) => address.parse::<std::net::Ipv4Addr>().is_err(),
        _ => false,
    };
    net && of_family && after.is_none()
}

fn is_bandwidth(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, number)| is_token(kind) && is_digits(number))
}

fn is_times(text: &str) -> bool {
    text == "0 0" || text.split_once(' ').is_some_and(|(start, stop)| is_digits(start) && is_digits(stop))
}

/// `["-"] 1*DIGIT [ "d" / "h" / "m" / "s" ]`
fn is_typed_time(text: &str) -> bool {
    is_digits(text.strip_prefix('-').unwrap_or(text).trim_end_matches(['d', 'h', 'm', 's']))
        && text.bytes().filter(u8::is_ascii_alphabetic).count() <= 1
}

fn is_zones(text: &str) -> bool {
    let mut words = text.split(' ');
    let mut pairs = 0;
    while let Some(time) = words.next() {
        if !is_digits(time) || !words.next().is_some_and(is_typed_time) {
            return false;
        }
        pairs += 1;
    }
    pairs > 0
}

/// A medium without connection data, its own or of the session.
pub(super) fn has_connection(sheet: &mut Sheet<'_>, line: Piece<'_>, own: &[Line<'_>], session: &[Line<'_>]) {
    if !own.iter().chain(session).any(|line| line.letter == b'c') {
        sheet.find(&CONNECTION, Some(line.span()), "a c= line for the medium", "none");
    }
}
