//! Comma lists (RFC 3261 section 7.3.1): commas inside quotes and angle brackets belong to a value.

use super::grammar::{after_quoted, trim};
use crate::search::{Places, find};

/// The values of a comma list, trimmed. An empty value stays, so that a stray comma can be seen.
pub fn split_list(list: &str) -> impl Iterator<Item = &str> {
    List::of(list)
}

/// That a text may be more than one value.
pub(super) fn has_comma(list: &str) -> bool {
    find([b','], list.as_bytes()).is_some()
}

/// What is left of a comma list.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    rest: Option<&'a str>,
    /// What may end a value or hide its end.
    stops: Places<'a, 3>,
    /// Where `rest` begins for `stops`.
    at: usize,
}

impl<'a> List<'a> {
    /// The values of a list.
    #[inline]
    pub fn of(list: &'a str) -> List<'a> {
        List { rest: Some(list), stops: Places::of([b',', b'"', b'<'], list.as_bytes()), at: 0 }
    }

    /// The next comma outside quotes and angle brackets, counted in `rest`.
    #[inline]
    fn comma(&mut self, rest: &[u8]) -> Option<usize> {
        let mut from = 0;
        for stop in &mut self.stops {
            // What is hidden was counted too.
            let Some(at) = stop.checked_sub(self.at).filter(|at| *at >= from) else { continue };
            from = match rest.get(at)? {
                b'"' => after_quoted(rest, at + 1)?,
                b'<' => at + find([b'>'], rest.get(at..)?)? + 1,
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
        let text = self.rest.take()?;
        let Some(at) = self.comma(text.as_bytes()) else { return Some(trim(text)) };
        self.rest = text.get(at + 1..);
        self.at += at + 1;
        text.get(..at).map(trim)
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
