//! Comma lists (RFC 3261 section 7.3.1): commas inside quotes and angle brackets belong to a value.

use memchr::{memchr, memchr2, memchr3};

/// The values of a comma list, trimmed. An empty value stays, so that a stray comma can be seen.
pub fn split_list(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = outside(text, b',');
        match at {
            None => {
                rest = None;
                Some(text.trim_ascii())
            }
            Some(at) => {
                rest = text.get(at + 1..);
                Some(text.get(..at).unwrap_or_default().trim_ascii())
            }
        }
    })
}

/// Text before and after the first such octet, an ASCII one.
pub(super) fn split_once(text: &str, octet: u8) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(memchr(octet, text.as_bytes())?)?;
    Some((before, rest.get(1..)?))
}

/// The first such octet outside quotes and angle brackets. A bracket may itself be what is looked for.
pub(super) fn outside(text: &str, wanted: u8) -> Option<usize> {
    let octets = text.as_bytes();
    // Mostly it is not there at all, or stands before all quotes and brackets.
    let first = memchr(wanted, octets)?;
    let Some(mut at) = memchr2(b'"', b'<', octets.get(..first)?) else { return Some(first) };
    loop {
        at = match octets.get(at)? {
            octet if *octet == wanted => return Some(at),
            b'"' => after_quoted(octets, at + 1)?,
            _ => at + memchr(b'>', octets.get(at..)?)? + 1,
        };
        at += memchr3(wanted, b'"', b'<', octets.get(at..)?)?;
    }
}

/// Where a quoted string that was opened before `at` is over.
fn after_quoted(octets: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', octets.get(at..)?)?;
        if octets.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Octet by octet, as section 25.1 is read aloud.
    fn plainly(text: &str, wanted: u8) -> Option<usize> {
        let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
        for (at, octet) in text.bytes().enumerate() {
            match octet {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' if !bracketed => quoted = !quoted,
                b'>' if bracketed => bracketed = false,
                _ if quoted || bracketed => {}
                _ if octet == wanted => return Some(at),
                b'<' => bracketed = true,
                _ => {}
            }
        }
        None
    }

    proptest! {
        #[test]
        fn what_is_outside_is_so_in_any_text(text in "[ab,;<>\"\\\\]{0,24}") {
            for wanted in [b',', b';', b'<'] {
                prop_assert_eq!(outside(&text, wanted), plainly(&text, wanted), "{} in {}", char::from(wanted), text);
            }
        }
    }

    #[test]
    fn commas_in_quotes_and_brackets_do_not_split() {
        let list = "\"Watson, \\\"Tom\\\"\" <sip:a@b;x=\"1,2\">;q=0.1 , <sip:c,d@e>,f";
        assert_eq!(
            split_list(list).collect::<Vec<_>>(),
            ["\"Watson, \\\"Tom\\\"\" <sip:a@b;x=\"1,2\">;q=0.1", "<sip:c,d@e>", "f"]
        );
        assert_eq!(split_list("a,,b").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(split_list("").collect::<Vec<_>>(), [""]);
    }
}
