//! A ladder as text for Mermaid (`sequenceDiagram`), as merge requests and wikis draw it: SIP solid, all else dotted.

use std::fmt::Write;

use super::drawing::{Arrow, Ladder, Row};
use super::svg::Flags;
use crate::evidence::Protocol;
use crate::report::style::{cut, one_line};

/// More rows than these Mermaid does not draw any more.
const MOST_ROWS: usize = 400;
/// The most characters of one line.
const MOST_WORDS: usize = 90;

/// The text of a diagram.
#[must_use]
pub fn mermaid(ladder: &Ladder, flags: &Flags) -> String {
    let mut text = "sequenceDiagram\n".to_owned();
    for (number, column) in ladder.columns.iter().enumerate() {
        let _ = writeln!(text, "  participant c{number} as {}", words(&column.name));
    }
    let over = format!("Note over c0,c{}", ladder.columns.len().saturating_sub(1));
    for row in ladder.rows.iter().take(MOST_ROWS) {
        let line = match row {
            Row::Step { index, text, .. } => format!("{over}: {index}. {}", words(text)),
            Row::Arrow(arrow) => self::arrow(ladder, arrow, flags),
            Row::Note { column, text, .. } => format!("Note over c{column}: {}", words(text)),
            Row::Waited(wait) => {
                let label = ladder.waits.get(*wait).map(|wait| words(&wait.label())).unwrap_or_default();
                format!("Note right of c{}: {label}", ladder.target)
            }
        };
        let _ = writeln!(text, "  {line}");
    }
    if let Some(more) = ladder.rows.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        let _ = writeln!(text, "  {over}: {more} more rows are not drawn");
    }
    text
}

fn arrow(ladder: &Ladder, arrow: &Arrow, flags: &Flags) -> String {
    let (own, target) = (arrow.column, ladder.target);
    let (from, to) = if arrow.by_target { (target, own) } else { (own, target) };
    let line = if arrow.protocol == Protocol::Sip { "->>" } else { "-->>" };
    let found = arrow.frames.iter().find_map(|frame| flags.get(frame));
    let found = found.map(|flag| format!("{}: ", flag.verdict.to_uppercase())).unwrap_or_default();
    let frame = arrow.frames.first().copied().unwrap_or_default();
    format!("c{from}{line}c{to}: {found}{frame} {}", words(&arrow.label()))
}

/// A text in which nothing has a meaning for Mermaid: letters, digits and a few signs stay, the rest becomes entities.
fn words(text: &str) -> String {
    let mut words = String::new();
    for character in cut(&one_line(text), MOST_WORDS).chars() {
        let plain = character.is_alphanumeric() || " .,:/-_+=@?!'\"()…".contains(character);
        if plain {
            words.push(character);
        } else {
            let _ = write!(words, "#{};", u32::from(character));
        }
    }
    words
}
