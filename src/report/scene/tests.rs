//! Pages of a scenario: everything is there, nothing harms, nothing is too large.

use std::collections::BTreeSet;

use bytes::Bytes;
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;

use super::files;
use super::layers::{Layer, layers};
use super::octets::{Mark, text};
use crate::evidence::{Direction, Protocol, Record, Recorder, What};
use crate::report::event::ScenarioResult;
use crate::report::ladder::messages::messages;
use crate::report::samples;
use crate::requirements::Catalogue;

fn page(records: &[Record], result: &ScenarioResult) -> String {
    let [(name, page), ..] = files(&samples::header(), records, result, &Catalogue::embedded());
    assert_eq!(name, format!("scenario/{}.html", result.id));
    page
}

/// The ids of a page, each of which stands there once, and the addresses within it.
fn ids(page: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let quoted = |mark: &'static str| page.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
    let ids: Vec<&str> = quoted(" id=\"").collect();
    let once: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "an id stands twice");
    (once, quoted(" href=\"#").collect())
}

#[test]
fn every_record_stands_in_the_page_and_every_address_leads_somewhere() {
    let records = samples::exchange();
    let page = page(&records, &samples::failed_in(&records));
    let (ids, links) = ids(&page);
    for frame in 1..=records.len() {
        assert!(ids.contains(format!("f{frame}").as_str()), "record {frame}");
    }
    assert!(ids.contains("place-1") && ids.contains("place-2") && ids.contains("finding-2"), "{ids:?}");
    let nowhere: Vec<&&str> = links.difference(&ids).collect();
    assert!(nowhere.is_empty(), "{nowhere:?}");
}

#[test]
fn a_finding_stands_below_the_octets_that_it_is_about() {
    let records = samples::exchange();
    let page = page(&records, &samples::failed_in(&records));
    let marked = "<mark class=\"fail\">&lt;delivered/&gt;</mark>";
    let (_, after) = page.split_once(marked).unwrap();
    let (line, _) = after.split_once("id=\"place-2\"").unwrap();
    assert!(line.len() < 200, "{line}");
    assert!(page.contains("<a class=\"verdict fail\" href=\"#finding-2\">fail</a>"), "the step is not red");
}

#[test]
fn tables_and_texts_of_steps_stand_there_and_so_do_steps_that_were_not_reached() {
    let records = samples::exchange();
    let page = page(&records, &samples::failed_in(&records));
    let (_, steps) = page.split_once("<ol class=\"steps\">").unwrap();
    let (steps, _) = steps.split_once("</ol>").unwrap();
    let items: Vec<&str> = steps.split("<li ").skip(1).collect();
    assert_eq!(items.len(), 4, "{steps}");
    let table = "<table class=\"text\"><tr><th scope=\"col\">message</th><th scope=\"col\">by</th></tr>\
                 <tr><td>m1</td><td>&lt;b&gt;Alice&lt;/b&gt;</td></tr></table>";
    assert!(items[1].contains(table), "{}", items[1]);
    assert!(items[2].contains("did not go on") && !items[2].contains("not reached"), "{}", items[2]);
    assert!(items[3].starts_with("class=\"unreached\"><b>And</b> Alice leaves"), "{}", items[3]);
    assert!(items[3].contains("not reached") && items[3].contains("<pre>&lt;i&gt;two"), "{}", items[3]);
}

#[test]
fn expected_and_observed_are_held_against_each_other() {
    let records = samples::exchange();
    let mut result = samples::failed_in(&records);
    result.findings[1].expected = "CSeq 1 INVITE".to_owned();
    result.findings[1].observed = "CSeq 2 <INVITE>".to_owned();
    let page = page(&records, &result);
    assert!(page.contains("<dt>expected</dt><dd>CSeq <mark>1</mark> INVITE</dd>"), "{page}");
    assert!(page.contains("<dt>observed</dt><dd>CSeq <mark>2</mark> &lt;INVITE&gt;</dd>"), "{page}");
}

fn told(layer: &Layer, depth: usize, out: &mut String) {
    let fault = layer.fault.as_ref().map(|why| format!(" !{why}")).unwrap_or_default();
    let range = &layer.range;
    out.push_str(&format!(
        "{}{} {}..{}: {}{fault}\n",
        "  ".repeat(depth),
        layer.name,
        range.start,
        range.end,
        layer.says
    ));
    layer.inner.iter().for_each(|inner| told(inner, depth + 1, out));
}

#[test]
fn messages_are_trees_of_layers() {
    let records = samples::exchange();
    let mut out = String::new();
    for (record, messages) in records.iter().zip(messages(&records)) {
        let What::Octets(octets) = &record.what else { continue };
        messages.iter().for_each(|message| told(&layers(octets.protocol, octets.direction, message), 0, &mut out));
    }
    insta::assert_snapshot!(out);
}

fn alone(protocol: Protocol, octets: impl Into<Bytes>) -> Vec<Record> {
    let mut recorder = Recorder::new();
    recorder.push(Time::ZERO, samples::octets("serving_cscf", protocol, Direction::Received, octets));
    recorder.into_records()
}

#[test]
fn a_header_of_a_megabyte_leaves_a_small_page_that_says_how_much_is_cut() {
    let long = "x".repeat(1 << 20);
    let text = format!("MESSAGE sip:bob@home.example SIP/2.0\r\nX-Long: {long}\r\nContent-Length: 0\r\n\r\n");
    let records = alone(Protocol::Sip, text.clone());
    let mut result = samples::failed();
    result.findings[1].frame = Some(1);
    result.findings[1].octets = Some((text.len() - 21, text.len() - 4));
    result.findings[1].observed = long;
    result.findings.remove(0);
    let page = page(&records, &result);
    assert!(page.len() < 64 * 1024, "{}", page.len());
    let shown = page.split("<p class=\"cut\">").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let shown: usize = shown.parse().unwrap();
    assert!(shown > 1_000_000, "{shown} octets cut");
    // What the finding is about is shown, wherever it stands.
    assert!(page.contains("<mark class=\"fail\">Content-Length: 0</mark>"), "the end is not shown");
    assert!(page.contains("characters cut"), "a long observation is told whole");
}

#[test]
fn nothing_that_a_target_says_is_markup() {
    let evil = "<script>alert(1)</script>\u{1b}\u{202e}\"><img src=x>";
    let text = format!(
        "MESSAGE sip:{evil} SIP/2.0\r\n{evil}: {evil}\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\nContent-Type: {evil}\r\n\r\n{evil}\r\n--b--"
    );
    let mut result = samples::failed();
    result.findings[1].observed = evil.to_owned();
    result.findings[1].frame = Some(1);
    result.findings[0].rule = evil.to_owned();
    result.findings[0].frame = Some(900);
    result.reason = Some(evil.to_owned());
    for protocol in [Protocol::Sip, Protocol::Msrp, Protocol::Imap, Protocol::Http, Protocol::Diameter, Protocol::X2x3]
    {
        let page = page(&alone(protocol, text.clone()), &result);
        assert!(
            !page.contains("<script") && !page.contains("<img") && !page.contains(['\u{1b}', '\u{202e}']),
            "{protocol:?}"
        );
    }
}

fn shown(octets: &[u8], marks: &mut [Mark]) -> String {
    let mut html = String::new();
    text(&mut html, octets, 0..octets.len(), marks, 1000);
    html
}

#[test]
fn what_is_not_seen_is_shown_as_a_sign() {
    let html = shown(b"a\r\nb\nc\rd\0\xff&\xe2\x80\xae", &mut []);
    assert_eq!(html, "<pre>a\nb\u{240a}\nc\u{240d}d\u{2400}\\xff&amp;\\u{202e}</pre>");
}

#[test]
fn marks_may_overlap_and_each_stands_below_its_last_octet() {
    let mark = |range, html: &str| Mark { range: Some(range), verdict: "fail", html: html.to_owned(), placed: false };
    let mut marks = [mark(0..3, "[1]"), mark(2..7, "[2]"), mark(8..8, "[3]")];
    let html = shown(b"abcd\nefgh", &mut marks);
    let expected = "<pre><mark class=\"fail\">ab</mark><mark class=\"fail\">c</mark><mark class=\"fail\">d\u{240a}\n</mark></pre>[1]<pre>\
                    <mark class=\"fail\">ef</mark>gh</pre>[2][3]";
    assert_eq!(html, expected);
    assert!(marks.iter().all(|mark| mark.placed));
}
