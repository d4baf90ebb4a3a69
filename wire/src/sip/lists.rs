//! Comma lists (RFC 3261 section 7.3.1): commas inside quotes and angle brackets belong to a value.

use super::grammar::{after_quoted, trim};
use crate::search::{Search, find};

/// The values of a comma list, trimmed. An empty value stays, so that a stray comma can be seen.
pub fn split_list(list: &str) -> impl Iterator<Item = &str> {
    List::of(list)
}

/// What is left of a comma list.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    list: &'a str,
    /// What may end a value or hide its end.
    stops: Search,
    /// Where the next value begins; None after the last.
    next: Option<usize>,
}

impl<'a> List<'a> {
    /// The values of a list.
    #[inline]
    pub const fn of(list: &'a str) -> List<'a> {
        List { list, stops: Search::new(), next: Some(0) }
    }

    /// The next comma outside quotes and angle brackets.
    #[inline]
    fn comma(&mut self) -> Option<usize> {
        let (octets, mut from) = (self.list.as_bytes(), 0);
        while let Some(at) = self.stops.next([b',', b'"', b'<'], octets) {
            // What is hidden was counted too.
            if at < from {
                continue;
            }
            from = match octets.get(at)? {
                b'"' => after_quoted(octets, at + 1)?,
                b'<' => at + find([b'>'], octets.get(at..)?)? + 1,
                _ => return Some(at),
            };
        }
        None
    }
}

impl<'a> Iterator for List<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let start = self.next?;
        let comma = self.comma();
        self.next = comma.map(|comma| comma + 1);
        self.list.get(start..comma.unwrap_or(self.list.len())).map(trim)
    }
}

/// The first semicolon outside quotes.
pub(super) fn semicolon(octets: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + find([b';', b'"'], octets.get(from..)?)?;
        if octets.get(at) == Some(&b';') {
            return Some(at);
        }
        from = after_quoted(octets, at + 1)?;
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
    fn a_quote_hides_semicolons() {
        assert_eq!(semicolon(br#"x=";";y"#), Some(5));
        assert_eq!(semicolon(b"\";"), None);
    }
}
