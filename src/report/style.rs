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

/// A text on one line, without anything that a terminal would obey.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for character in word.chars() {
            if character.is_control() {
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
    }

    #[test]
    fn colours_wrap_the_text_or_stay_away() {
        assert_eq!(Style::PLAIN.outcome(Outcome::Fail, "fail"), "fail");
        assert_eq!(Style { colour: true }.outcome(Outcome::Fail, "fail"), "\u{1b}[31mfail\u{1b}[0m");
    }
}
