//! The shape of what was observed: the sentence without what differs from scenario to scenario.

use crate::report::style::one_line;

/// So many words make a shape; the rest of a long sentence tells of details.
const WORDS: usize = 12;

/// A shape of fewer plain words than this says too little to be known by.
const TELLING: usize = 3;

/// The shape of a sentence: without what stands in quotation marks or brackets, with a sign each for addresses, numbers and
/// names. A status code stays, since 481 and 500 are two things. None for a sentence that says too little.
pub(super) fn shape(observed: &str) -> Option<String> {
    let plain = without_details(&one_line(observed));
    let mut words: Vec<&str> = Vec::new();
    for word in plain.split_whitespace() {
        let bare = word.trim_matches(|sign: char| sign.is_ascii_punctuation() && sign != '@');
        let word = sign(bare, words.last().copied());
        if !word.is_empty() && words.last() != Some(&word) {
            words.push(word);
        }
        if words.len() == WORDS {
            break;
        }
    }
    let telling = words.iter().filter(|word| word.len() > 1 && word.starts_with(|c: char| c.is_ascii_lowercase()));
    (telling.count() >= TELLING).then(|| words.join(" "))
}

/// A sentence without what stands in quotation marks and brackets.
fn without_details(text: &str) -> String {
    let (mut plain, mut depth, mut quoted) = (String::new(), 0_usize, false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if !quoted && depth == 0 => plain.push(character),
            _ => {}
        }
    }
    plain
}

/// The word itself, or the sign of what it is.
fn sign<'a>(word: &'a str, before: Option<&str>) -> &'a str {
    let scheme = ["sip:", "sips:", "tel:", "msrp:", "msrps:", "urn:"].iter().any(|scheme| word.starts_with(scheme));
    let is_code = word.len() == 3 && word.bytes().all(|octet| octet.is_ascii_digit());
    let name = word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains(|c: char| c.is_ascii_lowercase());
    if scheme || word.contains('@') {
        "@"
    } else if is_code && matches!(before, Some("answered" | "with")) {
        word
    } else if word.contains(|c: char| c.is_ascii_digit()) {
        "#"
    } else if name {
        "_"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn what_differs_from_scenario_to_scenario_is_left_out() {
        let same = [
            "\"The place\" of sip:alice@s4.example (imdn.Message-ID s4-b9), sent towards the target, never came",
            "\"Chapter three\" of sip:carol@s9.example, sent towards the target (frame 29), never came",
        ];
        assert_eq!(shape(same[0]).unwrap(), "of @ sent towards the target never came");
        assert_eq!(shape(same[1]), shape(same[0]));
        let dave = shape("Dave is missing, and the focus holds Dave connected");
        assert_eq!(dave.unwrap(), "_ is missing and the focus holds _ connected");
    }

    #[test]
    fn codes_stay_and_short_texts_have_no_shape() {
        assert_ne!(shape("the client answered 481 (frame 38)"), shape("the client answered 500 (frame 9)"));
        assert_eq!(shape("2"), None);
        assert_eq!(shape("text/plain"), None);
        assert_eq!(shape(&"(".repeat(1_000_000)), None);
    }
}
