//! A ladder as SVG 1.1, without scripts, fonts or network: one column for each that takes part, SIP solid, MSRP dashed, other
//! protocols dotted, what was sent again with a second, fine line. What was found is in its colour, and leads to its octets.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::drawing::{Arrow, Ladder, Row, Wait};
use crate::evidence::Protocol;
use crate::report::page::escaped;
use crate::report::style::{cut, one_line};

/// What was found in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The word of its verdict, `fail`.
    pub verdict: &'static str,
    /// The anchor of the finding in the page.
    pub anchor: String,
}

/// What was found, by record.
pub type Flags = BTreeMap<u64, Flag>;

const STYLE: &str = include_str!("svg.css");
/// Left of the first column: time, record, bracket.
const GUTTER: usize = 148;
/// Between two columns.
const GAP: usize = 240;
/// Half of that, right of the last.
const MARGIN: usize = 120;
/// Half of the width of a name.
const NAME: usize = 114;
const HEAD: usize = 34;
const LINE: usize = 26;
/// The names stand again after so many rows.
const AGAIN: usize = 40;
/// The most rows that are drawn.
const MOST_ROWS: usize = 1500;
/// Pixels of a character, nearly.
const CHARACTER: usize = 7;

/// The drawing. `page` is the address of the page that has the octets, seen from where the drawing stands: empty within it.
#[must_use]
pub fn svg(ladder: &Ladder, title: &str, flags: &Flags, page: &str) -> String {
    let mut svg = Svg { ladder, flags, page, text: String::new(), y: 0, tops: Vec::new() };
    svg.heads();
    for (number, row) in ladder.rows.iter().take(MOST_ROWS).enumerate() {
        if number > 0 && number % AGAIN == 0 {
            svg.heads();
        }
        svg.tops.push(svg.y);
        svg.row(row);
    }
    if let Some(more) = ladder.rows.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        svg.y += LINE;
        let _ = writeln!(svg.text, "<text x=\"8\" y=\"{}\">{more} more rows are not drawn</text>", svg.y - 8);
    }
    svg.finish(title)
}

struct Svg<'a> {
    ladder: &'a Ladder,
    flags: &'a Flags,
    page: &'a str,
    text: String,
    /// Down to where it is drawn.
    y: usize,
    /// Where each row begins.
    tops: Vec<usize>,
}

impl Svg<'_> {
    fn finish(self, title: &str) -> String {
        let (width, height) = (self.width(), self.y + 12);
        let title = escaped(&cut(&one_line(title), 200));
        let mut lines = String::new();
        for (number, column) in self.ladder.columns.iter().enumerate() {
            let class = if column.actor.is_none() { "life target" } else { "life" };
            let _ = write!(lines, "<path class=\"{class}\" d=\"M{} {HEAD}V{height}\"/>", x(number));
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ladder\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"group\" aria-label=\"{title}\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
             <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n{lines}\n{}</svg>\n",
            self.text
        )
    }

    fn width(&self) -> usize {
        x(self.ladder.columns.len().saturating_sub(1)) + MARGIN
    }

    fn heads(&mut self) {
        let y = self.y;
        for (number, column) in self.ladder.columns.iter().enumerate() {
            let class = if column.actor.is_none() { "head target" } else { "head" };
            let name = self.words(&column.name, 31);
            let (left, width, middle) = (x(number) - NAME, 2 * NAME, x(number));
            let _ = writeln!(
                self.text,
                "<rect class=\"{class}\" x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"22\" rx=\"3\"/>\
                 <text class=\"name\" x=\"{middle}\" y=\"{}\">{name}</text>",
                y + 6,
                y + 21
            );
        }
        self.y += HEAD;
    }

    fn row(&mut self, row: &Row) {
        self.y += LINE;
        match row {
            Row::Step { index, text, frame } => self.step(*index, text, *frame),
            Row::Arrow(arrow) => self.arrow(arrow),
            Row::Note { column, text, frame, at } => {
                let ms = at.since(self.ladder.began).as_millis();
                let (place, y, text) = (x(*column), self.y, self.words(text, 60));
                self.linked(
                    *frame,
                    &[*frame],
                    ms,
                    &format!("<text class=\"note\" x=\"{place}\" y=\"{}\">{text}</text>", y - 8),
                );
            }
            Row::Waited(wait) => {
                if let Some(wait) = self.ladder.waits.get(*wait) {
                    self.bracket(wait);
                }
            }
        }
    }

    fn step(&mut self, index: u32, text: &str, frame: u64) {
        let (y, width) = (self.y - LINE + 5, self.width());
        let most = width / CHARACTER;
        let page = escaped(self.page);
        let _ = writeln!(
            self.text,
            "<a href=\"{page}#f{frame}\"><rect class=\"step\" y=\"{y}\" width=\"{width}\" height=\"20\"/>\
             <text class=\"sentence\" x=\"8\" y=\"{}\">{index}. {}</text></a>",
            y + 14,
            self.words(text, most)
        );
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let (own, target) = (x(arrow.column), x(self.ladder.target));
        let (from, to) = if arrow.by_target { (target, own) } else { (own, target) };
        let (back, y) = (if to < from { 7 } else { -7 }, self.y - 4);
        let class = match arrow.protocol {
            Protocol::Sip => "sip",
            Protocol::Msrp => "msrp",
            _ => "other",
        };
        let mut drawn = format!("<path class=\"{class}\" d=\"M{from} {y}H{to}\"/>");
        let _ = write!(drawn, "<path class=\"tip\" d=\"M{to} {y}l{back} -4v8z\"/>");
        if arrow.copies > 1 {
            let _ = write!(drawn, "<path class=\"again\" d=\"M{from} {}H{to}\"/>", y + 4);
        }
        let label = arrow.label();
        let (middle, most) = ((from + to) / 2, from.abs_diff(to) / CHARACTER);
        let words = self.words(&label, most.saturating_sub(1));
        let _ = write!(drawn, "<text class=\"label\" x=\"{middle}\" y=\"{}\">{words}</text>", y - 4);
        if words != escaped(&label) {
            let _ = write!(drawn, "<title>{}</title>", escaped(&cut(&one_line(&label), 400)));
        }
        let ms = arrow.at.since(self.ladder.began).as_millis();
        let first = arrow.frames.first().copied().unwrap_or_default();
        self.linked(first, &arrow.frames, ms, &drawn);
    }

    /// Draws something that leads to its octets; where something was found in one of its records, to that.
    fn linked(&mut self, frame: u64, frames: &[u64], ms: u128, drawn: &str) {
        let flag = frames.iter().find_map(|frame| self.flags.get(frame));
        let class = flag.map_or("", |flag| flag.verdict);
        let anchor = flag.map_or_else(|| format!("f{frame}"), |flag| flag.anchor.clone());
        let (page, anchor, y) = (escaped(self.page), escaped(&anchor), self.y - 4);
        let _ = writeln!(
            self.text,
            "<a href=\"{page}#{anchor}\" class=\"{class}\"><text class=\"time\" x=\"8\" y=\"{y}\">+{}.{:03}</text>\
             <text class=\"frame\" x=\"108\" y=\"{y}\">{frame}</text>{drawn}</a>",
            ms / 1000,
            ms % 1000
        );
    }

    fn bracket(&mut self, wait: &Wait) {
        let bottom = self.y - 6;
        let top = self.tops.get(wait.from).map_or(bottom - 12, |top| top + 6).min(bottom - 12);
        let flag = self.flags.get(&wait.frame);
        let class = flag.map_or("", |flag| flag.verdict);
        let anchor = flag.map_or_else(|| format!("f{}", wait.frame), |flag| flag.anchor.clone());
        let (page, left) = (escaped(self.page), GUTTER - 32);
        let _ = writeln!(
            self.text,
            "<a href=\"{page}#{}\" class=\"{class}\"><path class=\"wait\" d=\"M{} {top}h-6V{bottom}h6\"/>\
             <text class=\"waited\" x=\"{}\" y=\"{}\">{}</text></a>",
            escaped(&anchor),
            left + 6,
            left + 12,
            self.y - 7,
            self.words(&wait.label(), 110)
        );
    }

    fn words(&self, text: &str, most: usize) -> String {
        let text = one_line(text);
        let Some((end, _)) = text.char_indices().nth(most.max(2)) else { return escaped(&text) };
        let kept: String = text.get(..end).unwrap_or_default().chars().take(most.max(2) - 1).collect();
        format!("{}…", escaped(&kept))
    }
}

/// The middle of a column.
const fn x(column: usize) -> usize {
    GUTTER + 100 + column * GAP
}
