//! Comma lists (RFC 3261 section 7.3.1): commas inside quotes and angle brackets belong to a value.

use super::grammar::{after_quoted, trim};
use memchr::{memchr, memchr2, memchr3};

/// The values of a comma list, trimmed. An empty value stays, so that a stray comma can be seen.
pub fn split_list(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = comma(text.as_bytes());
        rest = at.and_then(|at| text.get(at + 1..));
        text.get(..at.unwrap_or(text.len())).map(trim)
    })
}

/// The first comma outside quotes and angle brackets.
fn comma(octets: &[u8]) -> Option<usize> {
    let mut from = memchr(b',', octets)?.min(memchr2(b'"', b'<', octets).unwrap_or(usize::MAX));
    loop {
        from += memchr3(b',', b'"', b'<', octets.get(from..)?)?;
        from = match octets.get(from)? {
            b'"' => after_quoted(octets, from + 1)?,
            b'<' => from + memchr(b'>', octets.get(from..)?)? + 1,
            _ => return Some(from),
        };
    }
}

/// The first semicolon outside quotes.
pub(super) fn semicolon(octets: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        from += memchr2(b';', b'"', octets.get(from..)?)?;
        if octets.get(from) == Some(&b';') {
            return Some(from);
        }
        from = after_quoted(octets, from + 1)?;
    }
}

/// The first opening bracket outside quotes.
pub(super) fn bracket(octets: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        from += memchr2(b'<', b'"', octets.get(from..)?)?;
        if octets.get(from) == Some(&b'<') {
            return Some(from);
        }
        from = after_quoted(octets, from + 1)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_quotes_and_brackets_do_not_split() {
        let list = "\"Watson, \\\"Tom\\\"\" <sip:a@b;x=\"1,2\">;q=0.1 , <sip:c,d@e>,f";
        assert_eq!(
            split_list(list).collect::<Vec<_>>(),
            ["\"Watson, \\\"Tom\\\"\" <sip:a@b;x=\"1,2\">;q=0.1", "<sip:c,d@e>", "f"]
        );
        assert_eq!(split_list("a,,b").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(split_list("").collect::<Vec<_>>(), [""]);
        assert_eq!(split_list(",").collect::<Vec<_>>(), ["", ""]);
        assert_eq!(split_list("a \"open, b").collect::<Vec<_>>(), ["a \"open, b"]);
        assert_eq!(split_list("a <open, b").collect::<Vec<_>>(), ["a <open, b"]);
    }

    #[test]
    fn a_quote_hides_brackets_and_semicolons() {
        assert_eq!(bracket(br#""<" <a>"#), Some(4));
        assert_eq!(semicolon(br#"x=";";y"#), Some(5));
        assert_eq!((bracket(b"\"<"), semicolon(b"\";")), (None, None));
    }
}
