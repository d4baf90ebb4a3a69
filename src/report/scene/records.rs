//! Every record of the evidence: messages with their layers, and the findings below the octets that they are about; what became
//! of connections; what the stage did.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::ops::Range;

use super::Scene;
use super::layers::{Form, Layer, layers, name};
use super::octets::{self, Mark};
use crate::evidence::{Direction, Event, Octets, Record, What};
use crate::report::ladder::messages::Told;
use crate::report::ladder::words::{fate, first_line};
use crate::report::ladder::{Arrow, Ladder, Row};
use crate::report::page::escaped;
use crate::report::style::{cut, one_line};

/// So many octets of a page are shown; then those about which something was found, alone.
const PAGE: usize = 256 * 1024;
/// So many octets are shown of what stands together.
const TOGETHER: usize = 4 * 1024;
/// So many of what is no text.
const DIGITS: usize = 512;
/// So many characters of what a layer says.
const SAYS: usize = 400;

/// The records of a scenario as HTML, step by step.
pub(super) fn records(scene: &Scene<'_>, ladder: &Ladder, messages: &[Vec<Told>]) -> String {
    let mut labels: HashMap<u64, Vec<&str>> = HashMap::new();
    for row in &ladder.rows {
        if let Row::Arrow(Arrow { frames, text, .. }) = row
            && let Some(first) = frames.first()
        {
            labels.entry(*first).or_default().push(text);
        }
    }
    let mut writer = Writer { scene, labels, html: String::new(), left: PAGE, placed: BTreeSet::new() };
    for ((frame, record), told) in (1..).zip(scene.records).zip(messages) {
        writer.record(frame, record, told);
    }
    writer.html
}

struct Writer<'a> {
    scene: &'a Scene<'a>,
    /// What the ladder says of the messages that begin in a record.
    labels: HashMap<u64, Vec<&'a str>>,
    html: String,
    /// How many octets may still be shown.
    left: usize,
    /// Findings that stand with their record, by number.
    placed: BTreeSet<usize>,
}

impl Writer<'_> {
    fn record(&mut self, frame: u64, record: &Record, told: &[Told]) {
        let at = record.at.since(self.scene.began()).as_millis();
        let at = format!("+{}.{:03}", at / 1000, at % 1000);
        match &record.what {
            What::Octets(octets) => self.octets(frame, &at, octets, told),
            What::Connection(connection) => {
                let what = fate(connection.what).unwrap_or_else(|| match connection.what {
                    crate::evidence::ConnectionWhat::Accepted => "connection opened by the target".to_owned(),
                    _ => "connection opened by the tester".to_owned(),
                });
                let ends = format!("{} and {}", connection.local, connection.remote);
                self.line(
                    frame,
                    &at,
                    &format!("{}: {what}, number {} between {ends}", connection.actor, connection.connection),
                );
            }
            What::Event(Event::Step { index, keyword, text, .. }) => {
                let sentence = escaped(&one_line(text));
                let _ = writeln!(
                    self.html,
                    "<h3 id=\"f{frame}\" class=\"step\">{index}. {} {sentence}</h3>",
                    escaped(&one_line(keyword))
                );
                self.findings(frame);
            }
            What::Event(event) => {
                let json = serde_json::to_string(event).unwrap_or_default();
                self.line(frame, &at, &cut(&one_line(&json), SAYS));
            }
        }
    }

    /// A record of one line.
    fn line(&mut self, frame: u64, at: &str, text: &str) {
        let text = escaped(&one_line(text));
        let _ = writeln!(self.html, "<p class=\"event\" id=\"f{frame}\"><b>{frame}</b> <span>{at}</span> {text}</p>");
        self.findings(frame);
    }

    /// The findings about a record that stand nowhere yet.
    fn findings(&mut self, frame: u64) {
        for (number, _) in self.scene.found_in(frame) {
            if self.placed.insert(number) {
                self.html.push_str(&self.scene.brief(number));
            }
        }
    }

    fn octets(&mut self, frame: u64, at: &str, octets: &Octets, told: &[Told]) {
        let worst = self.scene.worst_in(frame);
        let (from, to) = match octets.direction {
            Direction::Sent => (&*octets.actor, "target"),
            Direction::Received => ("target", &*octets.actor),
        };
        let says = match self.labels.get(&frame) {
            Some(labels) => labels.join(", "),
            None if told.is_empty() => "more of a message that began before".to_owned(),
            // What the ladder has folded into an earlier line.
            None => told.iter().map(|told| says(octets, told)).collect::<Vec<_>>().join(", "),
        };
        let (class, open) = (worst.unwrap_or(""), if worst.is_some() { " open=\"\"" } else { "" });
        let found = worst.map(|word| format!(" <strong>{word}</strong>")).unwrap_or_default();
        let _ = writeln!(
            self.html,
            "<details class=\"record {class}\"{open}><summary><b>{frame}</b> <span>{at}</span> {} → {} \
             <code>{}</code>{found}</summary>\n<div id=\"f{frame}\">",
            escaped(from),
            escaped(to),
            escaped(&cut(&one_line(&says), 160))
        );
        self.place(octets);
        for told in told {
            self.message(octets, told);
        }
        self.rest(frame);
        self.html.push_str("</div></details>\n");
    }

    /// From where to where, over what, and what is wrong on purpose.
    fn place(&mut self, octets: &Octets) {
        let (from, to) = match octets.direction {
            Direction::Sent => (octets.local, octets.remote),
            Direction::Received => (octets.remote, octets.local),
        };
        let over = format!("{:?}", octets.transport).to_uppercase();
        let connection = octets.connection.map(|number| format!(", connection {number}")).unwrap_or_default();
        let count = octets.octets.len();
        let _ = write!(self.html, "<p class=\"place\">{from} → {to} over {over}{connection}, {count} octets");
        if let Some(wrong) = &octets.malformed {
            let _ = write!(self.html, "; wrong on purpose: {}", escaped(&one_line(wrong)));
        }
        self.html.push_str("</p>\n");
    }

    fn message(&mut self, octets: &Octets, told: &Told) {
        let mut marks = self.marks(told);
        if let [first, .., last] = told.pieces.as_slice() {
            let _ = write!(
                self.html,
                "<p class=\"place\">its {} octets stand in records {} to {}</p>",
                told.octets.len(),
                first.frame,
                last.frame
            );
        }
        for mark in marks.iter_mut().filter(|mark| mark.range.is_none()) {
            self.html.push_str(&mark.html);
            mark.placed = true;
        }
        let layer = layers(octets.protocol, octets.direction, told);
        self.layer(&layer, &told.octets, &mut marks);
        // Octets that are not shown by themselves, those of AVPs for one, have their findings here.
        for mark in marks.iter().filter(|mark| !mark.placed) {
            self.html.push_str(&mark.html);
        }
    }

    /// What was found in a message, and stands nowhere yet.
    fn marks(&mut self, told: &Told) -> Vec<Mark> {
        let mut marks = Vec::new();
        for frame in told.frames() {
            for (number, finding) in self.scene.found_in(frame) {
                let range = finding.octets.map(|place| told.place(frame, place));
                // Of several messages in a record, the one that has the octets.
                if range == Some(None) || !self.placed.insert(number) {
                    continue;
                }
                let range = range.flatten().map(|(start, end)| start..end);
                let verdict = finding.verdict.as_str();
                marks.push(Mark { range, verdict, html: self.scene.brief(number), placed: false });
            }
        }
        marks
    }

    fn layer(&mut self, layer: &Layer, octets: &[u8], marks: &mut [Mark]) {
        let Range { start, end } = layer.range;
        let _ = write!(
            self.html,
            "<div class=\"layer\"><p><b>{}</b> {} <span>octets {start} to {end}</span></p>",
            escaped(&cut(&one_line(&layer.name), 80)),
            escaped(&cut(&one_line(&layer.says), SAYS))
        );
        if let Some(fault) = &layer.fault {
            let _ =
                write!(self.html, "<p class=\"fault\">cannot be read: {}</p>", escaped(&cut(&one_line(fault), SAYS)));
        }
        let mut at = start;
        for inner in &layer.inner {
            self.own(layer.form, octets, at..inner.range.start, marks);
            self.layer(inner, octets, marks);
            at = inner.range.end;
        }
        self.own(layer.form, octets, at..end, marks);
        if layer.form == Form::Said {
            let own = |mark: &Mark| mark.range.as_ref().is_some_and(|range| range.start >= start && range.end <= end);
            for mark in marks.iter_mut().filter(|mark| !mark.placed && own(mark)) {
                self.html.push_str(&mark.html);
                mark.placed = true;
            }
        }
        self.html.push_str("</div>\n");
    }

    /// The octets of a layer that no inner one has.
    fn own(&mut self, form: Form, octets: &[u8], part: Range<usize>, marks: &mut [Mark]) {
        if part.is_empty() {
            return;
        }
        let most = TOGETHER.min(self.left);
        let shown = match form {
            Form::Said => 0,
            Form::Text => octets::text(&mut self.html, octets, part, marks, most),
            Form::Digits => octets::digits(&mut self.html, octets, part, most.min(DIGITS)),
        };
        self.left = self.left.saturating_sub(shown);
    }

    /// What belongs to a message that began in an earlier record, and findings that no message has.
    fn rest(&mut self, frame: u64) {
        if let Some(first) = self.scene.earlier(frame) {
            let _ = write!(
                self.html,
                "<p class=\"place\">It has octets of the message that begins in <a href=\"#f{first}\">record {first}</a>, \
                 which stand there.</p>"
            );
        }
        self.findings(frame);
    }
}

fn says(octets: &Octets, told: &Told) -> String {
    let said = first_line(octets.protocol, &told.octets);
    said.unwrap_or_else(|| format!("{}, {} octets", name(octets.protocol), told.octets.len()))
}
