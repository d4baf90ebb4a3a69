//! The small words of the grammar (RFC 3261 section 25.1): sets of octets, white space, quoted strings, escapes.

use crate::search::{cut, find};
use memchr::memchr;
use std::borrow::Cow;

/// A set of octets, as a table: the parser asks it for every octet that it reads.
pub(crate) struct Octets([bool; 256]);

/// Letters and digits.
pub(crate) const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// `mark`: with letters and digits, what needs no escape in any URI.
pub(crate) const MARKS: &[u8] = b"-_.!~*'()";

impl Octets {
    /// The octets of these groups.
    pub const fn of(groups: &[&[u8]]) -> Octets {
        let mut table = [false; 256];
        let (mut slots, mut octet): (&mut [bool], u8) = (&mut table, 0);
        while let [slot, rest @ ..] = slots {
            *slot = contains(groups, octet);
            octet = octet.wrapping_add(1);
            slots = rest;
        }
        Octets(table)
    }

    /// True for an octet of the set.
    pub fn has(&self, octet: u8) -> bool {
        self.0.get(usize::from(octet)) == Some(&true)
    }

    /// True when all octets are of the set.
    pub fn all(&self, text: &str) -> bool {
        self.run(text.as_bytes(), 0) == text.len()
    }

    /// Where the run of octets of the set ends that begins at `from`.
    pub fn run(&self, octets: &[u8], from: usize) -> usize {
        let Some(mut rest) = octets.get(from..) else { return from };
        let end = octets.len();
        // Eight at a time without a branch between them: this is where most of the time of reading goes.
        while let Some((eight, after)) = rest.split_first_chunk::<8>() {
            let outside = eight.iter().rev().fold(0u32, |bits, octet| bits << 1 | u32::from(!self.has(*octet)));
            if outside != 0 {
                return end - rest.len() + outside.trailing_zeros() as usize;
            }
            rest = after;
        }
        end - rest.len() + rest.iter().take_while(|octet| self.has(**octet)).count()
    }

    /// As [`Octets::run`], but escapes (`%41`) belong to the run too.
    pub fn run_escaped(&self, octets: &[u8], from: usize) -> usize {
        let mut end = self.run(octets, from);
        while octets.get(end) == Some(&b'%') && escaped(octets, end).is_some() {
            end = self.run(octets, end + 3);
        }
        end
    }
}

const fn contains(mut groups: &[&[u8]], octet: u8) -> bool {
    while let [group, rest @ ..] = groups {
        let mut group = *group;
        while let [first, others @ ..] = group {
            if *first == octet {
                return true;
            }
            group = others;
        }
        groups = rest;
    }
    false
}

/// What a token is made of.
pub(crate) static TOKEN: Octets = Octets::of(&[ALPHANUMERIC, b"-.!%*_+`'~"]);
/// Digits.
pub(crate) static DIGITS: Octets = Octets::of(&[b"0123456789"]);
/// White space, folding included.
pub(crate) static SPACE: Octets = Octets::of(&[b" \t\r\n"]);
static UNRESERVED: Octets = Octets::of(&[ALPHANUMERIC, MARKS]);

/// A token.
pub(crate) fn token(text: &str) -> bool {
    !text.is_empty() && TOKEN.all(text)
}

/// Without white space at its beginning.
#[inline]
pub(crate) fn trim_start(text: &str) -> &str {
    // Mostly there is none, or one space.
    match text.as_bytes() {
        [] => text,
        [first, ..] if *first > b' ' => text,
        [b' ', second, ..] if *second > b' ' => text.get(1..).unwrap_or_default(),
        _ => after_space(text),
    }
}

#[cold]
#[inline(never)]
fn after_space(text: &str) -> &str {
    let lead = text.bytes().take_while(|octet| SPACE.has(*octet)).count();
    text.get(lead..).unwrap_or_default()
}

/// Without white space at its end.
#[inline]
pub(crate) fn trim_end(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [.., last] if *last > b' ' => text,
        [.., before, b' '] if *before > b' ' => text.get(..text.len() - 1).unwrap_or_default(),
        _ => before_space(text),
    }
}

#[cold]
#[inline(never)]
fn before_space(text: &str) -> &str {
    let tail = text.bytes().rev().take_while(|octet| SPACE.has(*octet)).count();
    text.get(..text.len() - tail).unwrap_or_default()
}

/// Without white space around it.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    trim_start(trim_end(text))
}

/// Where the quoted string ends whose inside begins at `from`: the index after its closing quote.
pub(crate) fn after_quoted(octets: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + find([b'"', b'\\'], octets.get(from..)?)?;
        if octets.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        from = at + 2;
    }
}

/// A whole quoted string and nothing else.
pub(crate) fn quoted(text: &str) -> bool {
    text.starts_with('"') && after_quoted(text.as_bytes(), 1) == Some(text.len())
}

/// A quoted string without its quotes and escapes; anything else as it is.
pub(crate) fn unquote(text: &str) -> Cow<'_, str> {
    if !quoted(text) {
        return Cow::Borrowed(text);
    }
    let inner = text.get(1..text.len() - 1).unwrap_or_default();
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            out.extend(letters.next());
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// The octet whose escape begins at `at`.
fn escaped(octets: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| octets.get(at).and_then(|octet| char::from(*octet).to_digit(16));
    u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
}

/// An escaped text in the form in which it is compared: escapes of unreserved characters are resolved, all others are
/// written in upper case, for an escaped reserved character is not the character itself (RFC 3261 section 19.1.4,
/// RFC 3986 section 6.2.2).
pub(crate) fn normal(text: &str) -> Cow<'_, str> {
    if memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = cut(rest, b'%') {
        out.push_str(before);
        let hex = after.get(..2);
        match (hex, escaped(rest.as_bytes(), before.len())) {
            (Some(_), Some(octet)) if UNRESERVED.has(octet) => out.push(char::from(octet)),
            (Some(hex), Some(_)) => {
                out.push('%');
                out.push_str(&hex.to_ascii_uppercase());
            }
            _ => {
                out.push('%');
                rest = after;
                continue;
            }
        }
        rest = after.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_strings_end_at_their_own_quote() {
        assert_eq!(after_quoted(br#""a\"b"c"#, 1), Some(6));
        assert_eq!(after_quoted(br#""a\\"c"#, 1), Some(5));
        assert_eq!(after_quoted(br#""open"#, 1), None);
        assert_eq!(after_quoted(br#""open\"#, 1), None);
        assert!(quoted("\"\"") && !quoted("\"") && !quoted("\"a\"b\""));
        assert_eq!(unquote(r#""a\"b\\c""#), r#"a"b\c"#);
        assert_eq!(unquote("plain"), "plain");
    }

    #[test]
    fn escapes_of_unreserved_characters_alone_are_resolved() {
        assert_eq!(normal("%61lice%3b%3D%zz%4"), "alice%3B%3D%zz%4");
        assert_eq!(normal("%"), "%");
        assert_eq!(normal("caf%c3%a9é"), "caf%C3%A9é");
        let run = |text: &str| UNRESERVED.run_escaped(text.as_bytes(), 0);
        assert_eq!((run("a%20b@"), run("a%2"), run("%g0"), run("%41%42"), run("")), (5, 1, 0, 6, 0));
    }

    #[test]
    fn white_space_is_that_of_the_grammar() {
        assert_eq!(trim(" \t\r\n a b \r\n "), "a b");
        assert_eq!(trim("\u{a0}a"), "\u{a0}a");
        assert_eq!(trim(" \t"), "");
    }
}
