//! The place in a message of which a finding speaks: the line with what is wrong underlined, or octets in hexadecimal.

use std::fmt::Write;

/// So many characters of a line are shown.
const WIDTH: usize = 100;
/// So many of them before what is wrong.
const BEFORE: usize = 40;
/// So many octets make a row in hexadecimal.
const ROW: usize = 16;

/// A line, and what of it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// What the message begins with, `INVITE sip:bob@example.com SIP/2.0`.
    pub title: String,
    /// One line of text without control characters, or one row of octets.
    pub line: String,
    /// Where in `line` the underlining begins and ends, in characters; none when the whole message is meant.
    pub mark: Option<(usize, usize)>,
}

impl Excerpt {
    /// Of a message, around these octets of it.
    #[must_use]
    pub fn of(message: &[u8], octets: Option<(usize, usize)>) -> Excerpt {
        let binary = is_binary(message);
        let title = if binary { hexadecimal(message.get(..ROW).unwrap_or(message)) } else { first_line(message) };
        let Some((start, end)) = octets else { return Excerpt { title, line: String::new(), mark: None } };
        let (start, end) = (start.min(message.len()), end.clamp(start.min(message.len()), message.len()));
        let (line, mark) = if binary { row(message, start, end) } else { text(message, start, end) };
        Excerpt { title, line, mark: Some(mark) }
    }

    /// The marks to stand below the line: carets under what is meant.
    #[must_use]
    pub fn underline(&self) -> Option<String> {
        let (start, end) = self.mark?;
        Some(format!("{}{}", " ".repeat(start), "^".repeat(end.saturating_sub(start).max(1))))
    }
}

/// Text has no octets that are neither printable nor white space.
fn is_binary(message: &[u8]) -> bool {
    let head = message.get(..4).unwrap_or(message);
    head.iter().any(|octet| *octet < b'\t' || (0x0e..0x20).contains(octet))
}

fn first_line(message: &[u8]) -> String {
    let start = message.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    let rest = message.get(start..).unwrap_or_default();
    let end = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n')).unwrap_or(rest.len());
    printable(rest.get(..end.min(WIDTH)).unwrap_or_default()).0
}

/// The line around `start`, shortened at both ends.
fn text(message: &[u8], start: usize, end: usize) -> (String, (usize, usize)) {
    let before = message.get(..start).unwrap_or_default();
    let line_start = before.iter().rposition(|octet| *octet == b'\n').map_or(0, |place| place + 1);
    let line_start = line_start.max(start.saturating_sub(BEFORE));
    let rest = message.get(start..).unwrap_or_default();
    let line_end = start + rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
    // The end of the line is shown where it is what is wrong.
    let returns = usize::from(end != line_end && message.get(line_end.wrapping_sub(1)) == Some(&b'\r'));
    let line_end = (line_end - returns).min(line_start + WIDTH).max(start);
    let (mut line, width) = printable(message.get(line_start..start).unwrap_or_default());
    let (meant, meant_width) = printable(message.get(start..end.min(line_end)).unwrap_or_default());
    let (after, _) = printable(message.get(end.min(line_end)..line_end).unwrap_or_default().trim_ascii_end());
    line.push_str(&meant);
    line.push_str(&after);
    (line, (width, width + meant_width))
}

/// Octets as text that a terminal obeys in nothing, and how many characters that is.
fn printable(octets: &[u8]) -> (String, usize) {
    let mut text = String::with_capacity(octets.len());
    for character in String::from_utf8_lossy(octets).chars() {
        match character {
            '\r' => text.push_str("\\r"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push(' '),
            other if other.is_control() => text.extend(other.escape_default()),
            other => text.push(other),
        }
    }
    let width = text.chars().count();
    (text, width)
}

/// The row of octets in which `start` lies.
fn row(message: &[u8], start: usize, end: usize) -> (String, (usize, usize)) {
    let first = start / ROW * ROW;
    let octets = message.get(first..message.len().min(first + ROW)).unwrap_or_default();
    let label = format!("{first:06x}  ");
    let place = |octet: usize| label.len() + (octet.min(first + ROW) - first) * 3;
    let mark = (place(start), place(end).saturating_sub(1));
    (format!("{label}{}", hexadecimal(octets)), mark)
}

fn hexadecimal(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 3);
    for octet in octets {
        // Writing into a string does not fail.
        let _ = write!(text, "{octet:02x} ");
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn what_is_meant_is_underlined() {
        let message = b"OPTIONS sip:a@b SIP/2.0\r\nMax-Forwards: 700\r\nTo: x\r\n\r\n";
        let excerpt = Excerpt::of(message, Some((39, 42)));
        assert_eq!(excerpt.title, "OPTIONS sip:a@b SIP/2.0");
        assert_eq!(excerpt.line, "Max-Forwards: 700");
        assert_eq!(excerpt.underline().unwrap(), "              ^^^");
    }

    #[test]
    fn octets_that_are_no_text_stand_in_hexadecimal() {
        let message: Vec<u8> = (0..40).collect();
        let excerpt = Excerpt::of(&message, Some((17, 19)));
        assert_eq!(excerpt.line, "000010  10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f");
        assert_eq!(excerpt.underline().unwrap(), "           ^^^^^");
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        let message = b"INVITE sip:\x1b[2Ja SIP/2.0\r\n";
        let excerpt = Excerpt::of(message, Some((11, 15)));
        assert_eq!(excerpt.line, "INVITE sip:\\u{1b}[2Ja SIP/2.0");
        assert_eq!(excerpt.underline().unwrap().len(), 11 + 9);
    }

    #[test]
    fn spans_outside_of_the_message_do_no_harm() {
        for (start, end) in [(0, 0), (3, 2), (2, 90), (90, 99)] {
            let excerpt = Excerpt::of(b"ACK x\r\n", Some((start, end)));
            assert!(excerpt.underline().is_some());
        }
        assert_eq!(Excerpt::of(b"", Some((0, 4))).line, "");
    }
}
