//! Comma lists (RFC 3261 section 7.3.1): commas inside quotes and angle brackets belong to a value.

/// The values of a comma list, trimmed. An empty value stays, so that a stray comma can be seen.
pub fn split_list(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = next_comma(text);
        match at {
            None => {
                rest = None;
                Some(trim(text))
            }
            Some(at) => {
                rest = text.get(at + 1..);
                Some(trim(text.get(..at).unwrap_or_default()))
            }
        }
    })
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

fn next_comma(text: &str) -> Option<usize> {
    memchr::memchr(b',', text.as_bytes())?;
    outside(text, |octet| octet == b',')
}

/// The first octet outside quotes and angle brackets that is looked for.
pub(super) fn outside(text: &str, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (at, octet) in text.bytes().enumerate() {
        if quoted {
            match octet {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match octet {
            _ if !bracketed && wanted(octet) => return Some(at),
            b'"' if !bracketed => quoted = true,
            b'<' => bracketed = true,
            b'>' => bracketed = false,
            _ => {}
        }
    }
    None
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
    }
}
