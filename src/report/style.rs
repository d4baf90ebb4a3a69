//! Colours, on a terminal that wants them, and texts of a target made safe to print.

use std::io::IsTerminal;

use crate::verdict::Outcome;

/// Whether and how outcomes are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// No colours at all.
    pub const PLAIN: Style = Style { colour: false };

    /// Colours if standard output is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn of_stdout() -> Style {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Style { colour: std::io::stdout().is_terminal() && !refused && !dumb }
    }

    /// The text in the colour of an outcome.
    #[must_use]
    pub fn outcome(self, outcome: Outcome, text: &str) -> String {
        let code = match outcome {
            Outcome::Pass => "32",
            Outcome::Fail => "31",
            Outcome::Inconclusive | Outcome::Waived => "33",
            Outcome::Error => "35",
            Outcome::NotApplicable | Outcome::NotRun => "2",
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Whether a character is not seen but does something: controls, marks that turn the direction of writing or have no width,
/// and what no text may hold.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    let marks = matches!(
        character,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    marks || character.is_control() || matches!(character as u32 & 0xffff, 0xfffe | 0xffff)
}

/// A text of at most so many characters; of a longer one the beginning, and how much was cut.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let (begin, rest) = text.split_at(end);
            format!("{begin}… ({} characters cut)", rest.chars().count())
        }
        None => text.to_owned(),
    }
}

/// A text on one line, without anything that a terminal or a browser would obey.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for character in word.chars() {
            if is_unseen(character) {
                line.extend(character.escape_default());
            } else {
                line.push(character);
            }
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(one_line("a\r\n b\u{1b}[2J\u{7}c\u{9b}"), "a b\\u{1b}[2J\\u{7}c\\u{9b}");
        assert_eq!(one_line("a\u{202e}b\u{200b}c\u{ffff}"), "a\\u{202e}b\\u{200b}c\\u{ffff}");
    }

    #[test]
    fn what_is_cut_is_counted() {
        assert_eq!((cut("äöü", 3), cut("äöü", 2)), ("äöü".to_owned(), "äö… (1 characters cut)".to_owned()));
    }

    #[test]
    fn colours_wrap_the_text_or_stay_away() {
        assert_eq!(Style::PLAIN.outcome(Outcome::Fail, "fail"), "fail");
        assert_eq!(Style { colour: true }.outcome(Outcome::Fail, "fail"), "\u{1b}[31mfail\u{1b}[0m");
    }
}
