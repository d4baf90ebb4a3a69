//! Octets as HTML that harms nobody: what is markup is escaped, what is not seen is shown as a sign, what is long is cut with
//! a note of how much, and what a finding is about is marked, with the finding below its line.

use std::fmt::Write;
use std::ops::Range;

use crate::report::style::is_unseen;

/// Before and after what is marked at least so many octets are shown.
const AROUND: usize = 160;
/// So many octets stand in a line of digits.
const DIGITS: usize = 16;

/// What a finding is about.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where, in the message; none where it is about the message as a whole.
    pub range: Option<Range<usize>>,
    /// The word of its verdict.
    pub verdict: &'static str,
    /// What stands below, HTML already.
    pub html: String,
    /// Whether it stands in the page.
    pub placed: bool,
}

impl Mark {
    /// The octet below whose line it stands.
    fn last(&self) -> Option<usize> {
        self.range.as_ref().map(|range| range.end.saturating_sub(1).max(range.start))
    }

    fn touches(&self, part: &Range<usize>) -> bool {
        self.range.as_ref().is_some_and(|range| range.start < part.end && range.end > part.start)
    }
}

/// Writes octets of a message as text: `most` of them, and those around every mark. Gives how many were written.
pub fn text(html: &mut String, octets: &[u8], part: Range<usize>, marks: &mut [Mark], most: usize) -> usize {
    let mut at = part.start;
    let mut written = 0;
    for window in windows(&part, marks, most) {
        cut(html, window.start - at);
        written += window.len();
        at = window.end;
        html.push_str("<pre>");
        let mut line = window.start;
        while line < window.end {
            let rest = octets.get(line..window.end).unwrap_or_default();
            let next = memchr::memchr(b'\n', rest).map_or(window.end, |feed| line + feed + 1);
            marked(html, octets, line..next, marks);
            let ends = part.end == next;
            let own =
                |mark: &Mark| mark.last().is_some_and(|last| (line..next).contains(&last) || ends && last == next);
            below(html, marks, own);
            line = next;
        }
        end(html);
    }
    cut(html, part.end - at);
    written
}

/// Ends what stands together; where nothing does, it never began.
fn end(html: &mut String) {
    match html.strip_suffix("<pre>").map(str::len) {
        Some(before) => html.truncate(before),
        None => html.push_str("</pre>"),
    }
}

/// Writes the findings that are to stand here.
fn below(html: &mut String, marks: &mut [Mark], here: impl Fn(&Mark) -> bool) {
    for mark in marks.iter_mut().filter(|mark| !mark.placed && here(mark)) {
        mark.placed = true;
        end(html);
        html.push_str(&mark.html);
        html.push_str("<pre>");
    }
}

fn cut(html: &mut String, octets: usize) {
    if octets > 0 {
        let _ = write!(html, "<p class=\"cut\">{octets} octets are not shown; the evidence has them</p>");
    }
}

/// The parts that are shown, in order and apart.
fn windows(part: &Range<usize>, marks: &[Mark], most: usize) -> Vec<Range<usize>> {
    let clip = |range: Range<usize>| range.start.clamp(part.start, part.end)..range.end.clamp(part.start, part.end);
    let mut windows = vec![clip(part.start..part.start.saturating_add(most))];
    for range in marks.iter().filter_map(|mark| mark.range.clone()).filter(|range| clip(range.clone()) == *range) {
        windows.push(clip(range.start.saturating_sub(AROUND)..range.end.min(range.start + AROUND) + AROUND));
        windows.push(clip(range.end.saturating_sub(AROUND)..range.end + AROUND));
    }
    windows.retain(|window| !window.is_empty());
    windows.sort_by_key(|window| window.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for window in windows {
        match apart.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => apart.push(window),
        }
    }
    apart
}

/// A line, with what is marked in it.
fn marked(html: &mut String, octets: &[u8], line: Range<usize>, marks: &[Mark]) {
    // A mark that has nearly all of a long message marks nothing.
    let here: Vec<&Mark> =
        marks.iter().filter(|mark| mark.touches(&line)).filter(|mark| narrow(mark, octets)).collect();
    let mut borders = vec![line.start, line.end];
    for range in here.iter().filter_map(|mark| mark.range.as_ref()) {
        borders.extend([range.start, range.end].into_iter().filter(|border| line.contains(border)));
    }
    borders.sort_unstable();
    for pair in borders.windows(2) {
        let [start, end] = *pair else { continue };
        let part = start..end;
        match here.iter().find(|mark| mark.touches(&part)) {
            Some(mark) => {
                let _ = write!(html, "<mark class=\"{}\">", mark.verdict);
                visible(html, octets, part);
                html.push_str("</mark>");
            }
            None => visible(html, octets, part),
        }
    }
}

fn narrow(mark: &Mark, octets: &[u8]) -> bool {
    mark.range.as_ref().is_some_and(|range| range.len() < octets.len().max(80) * 3 / 4)
}

/// Octets in which nothing is markup and nothing unseen. Line ends of CR and LF are line ends; one without the other is shown.
pub fn visible(html: &mut String, octets: &[u8], part: Range<usize>) {
    let (before, after) = (part.start.checked_sub(1).and_then(|at| octets.get(at)), octets.get(part.end));
    let own = octets.get(part).unwrap_or_default();
    let mut last = before.map(|octet| char::from(*octet));
    for chunk in own.utf8_chunks() {
        let mut rest = chunk.valid();
        while !rest.is_empty() {
            // Most is plain, and goes as it is.
            let plain = rest.bytes().position(|octet| !is_plain(octet)).unwrap_or(rest.len());
            let (run, special) = rest.split_at(plain);
            html.push_str(run);
            last = run.chars().next_back().or(last);
            let mut letters = special.chars();
            let Some(letter) = letters.next() else { break };
            rest = letters.as_str();
            let next = rest.chars().next().or_else(|| after.map(|octet| char::from(*octet)));
            match letter {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '\r' if next == Some('\n') => {}
                '\n' if last == Some('\r') => html.push('\n'),
                '\n' => html.push_str("\u{240a}\n"),
                '\t' => html.push('\t'),
                '\0'..='\u{1f}' => html.push(char::from_u32(0x2400 + u32::from(letter)).unwrap_or(letter)),
                _ if is_unseen(letter) => html.extend(letter.escape_unicode()),
                _ => html.push(letter),
            }
            last = Some(letter);
        }
        for octet in chunk.invalid() {
            let _ = write!(html, "\\x{octet:02x}");
            last = None;
        }
    }
}

/// Whether an octet is a letter that is seen, and no markup.
const fn is_plain(octet: u8) -> bool {
    matches!(octet, b' '..=b'~') && !matches!(octet, b'&' | b'<' | b'>')
}

/// Writes octets as hexadecimal digits, `most` of them. Gives how many were written.
pub fn digits(html: &mut String, octets: &[u8], part: Range<usize>, most: usize) -> usize {
    let own = octets.get(part).unwrap_or_default();
    let shown = own.get(..most.min(own.len())).unwrap_or_default();
    html.push_str("<pre>");
    for (number, line) in shown.chunks(DIGITS).enumerate() {
        let _ = write!(html, "{:06x} ", number * DIGITS);
        for octet in line {
            let _ = write!(html, " {octet:02x}");
        }
        html.push_str(&"   ".repeat(DIGITS - line.len()));
        html.push_str("  ");
        for octet in line {
            match octet {
                b'&' => html.push_str("&amp;"),
                b'<' => html.push_str("&lt;"),
                b'>' => html.push_str("&gt;"),
                b' '..=b'~' => html.push(char::from(*octet)),
                _ => html.push('.'),
            }
        }
        html.push('\n');
    }
    html.push_str("</pre>");
    cut(html, own.len() - shown.len());
    shown.len()
}
