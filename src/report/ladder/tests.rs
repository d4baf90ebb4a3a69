//! Ladders of an exchange that has everything in it.

use pretty_assertions::assert_eq;

use super::drawing::{Ladder, Row};
use super::messages::messages;
use super::svg::{Flag, Flags, svg};
use super::{mermaid, words};
use crate::evidence::{Direction, Event, Header, Protocol, Record, Recorder, What};
use crate::report::samples;
use cpm_wire::time::Time;

fn ladder(records: &[Record]) -> Ladder {
    Ladder::of(&samples::header(), records, &messages(records))
}

fn flags() -> Flags {
    Flags::from([(16, Flag { verdict: "fail", anchor: "place-2".to_owned() })])
}

#[test]
fn a_drawing_has_everybody_in_a_column_and_every_line() {
    let drawn = svg(&ladder(&samples::exchange()), "A sample", &flags(), "");
    roxmltree::Document::parse(&drawn).unwrap();
    insta::assert_snapshot!(drawn);
}

#[test]
fn mermaid_has_the_same_lines() {
    insta::assert_snapshot!(mermaid::mermaid(&ladder(&samples::exchange()), &flags()));
}

#[test]
fn chunks_are_one_line_and_so_is_what_is_sent_again() {
    let ladder = ladder(&samples::exchange());
    let arrows: Vec<(String, usize)> = ladder
        .rows
        .iter()
        .filter_map(|row| match row {
            Row::Arrow(arrow) => Some((arrow.label(), arrow.frames.len())),
            _ => None,
        })
        .collect();
    let expected = [
        ("INVITE sip:bob@home.example, sent 2 times", 2),
        ("200 OK (INVITE)", 1),
        ("SEND (text/plain), 3 chunks", 4),
        ("200 OK, 3 chunks", 3),
        ("SEND (delivered)", 1),
    ];
    assert_eq!(arrows, expected.map(|(label, frames)| (label.to_owned(), frames)));
    assert_eq!(
        ladder.waits.iter().map(super::Wait::label).collect::<Vec<_>>(),
        ["waited 1000 ms in vain for missed_group_content.complete"]
    );
}

#[test]
fn the_target_stands_between_those_whom_it_serves_and_the_network() {
    let ladder = ladder(&samples::exchange());
    let names: Vec<&str> = ladder.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Bob's phone", "serving CSCF", "participating function (target)", "focus of Book club"]);
    assert_eq!(ladder.target, 2);
}

/// Evidence in which whatever the target may choose is hostile.
fn hostile() -> (Header, Vec<Record>) {
    let evil = "</text></svg></pre><script>alert(1)</script>\u{1b}[2J\u{202e};%%{init:{}}%%#\"'&lt;";
    let mut recorder = Recorder::new();
    let text = format!("INVITE sip:{evil} SIP/2.0\r\nEvent: {evil}\r\n\r\n{evil}");
    recorder.push(Time::ZERO, samples::octets(&format!("focus/{evil}"), Protocol::Sip, Direction::Received, text));
    let text = format!("MSRP a SEND\r\nTo-Path: {evil}\r\nContent-Type: {evil}\r\n\r\n{evil}\r\n-------a$\r\n");
    recorder.push(Time::ZERO, samples::octets("device/a/b", Protocol::Msrp, Direction::Received, text));
    recorder.push(Time::ZERO, What::Event(Event::Target { what: evil.to_owned() }));
    let step = Event::Step { index: 1, keyword: evil.to_owned(), text: evil.to_owned(), line: 1 };
    recorder.push(Time::ZERO, What::Event(step));
    (Header { role: evil.to_owned(), ..samples::header() }, recorder.into_records())
}

#[test]
fn nothing_that_a_target_says_is_markup() {
    let (header, records) = hostile();
    let ladder = Ladder::of(&header, &records, &messages(&records));
    let drawn = svg(&ladder, "<script>", &Flags::new(), "../a\"b");
    let document = roxmltree::Document::parse(&drawn).unwrap();
    assert!(!document.descendants().any(|node| node.has_tag_name("script")), "{drawn}");
    let text = mermaid::mermaid(&ladder, &Flags::new());
    assert!(!text.contains("%%") && !text.contains('<') && !text.contains('{') && !text.contains('\u{1b}'), "{text}");
    assert!(text.lines().skip(1).all(|line| line.starts_with("  ")), "{text}");
}

#[test]
fn octets_that_are_no_message_stand_there_all_the_same() {
    let mut recorder = Recorder::new();
    for text in ["MSRP a SEND\r\nno colon\r\n", "and more", "MSRP b 200 OK\r\n-------b$\r\n"] {
        recorder.push(Time::ZERO, samples::octets("focus/g", Protocol::Msrp, Direction::Received, text));
    }
    recorder.push(Time::ZERO, samples::octets("focus/h", Protocol::Msrp, Direction::Received, "MSRP a SEND\r\nTo-Pa"));
    let told = messages(recorder.records());
    let faults: Vec<Option<&str>> = told.iter().flatten().map(|told| told.fault.as_deref()).collect();
    assert_eq!(
        faults[1..],
        [
            Some("a message before it cannot be read"),
            Some("a message before it cannot be read"),
            Some("it is not whole")
        ]
    );
    assert!(faults[0].unwrap().contains("no colon"), "{faults:?}");
    assert_eq!(words::essence("Text/Plain;charset=utf-8"), "text/plain");
}
