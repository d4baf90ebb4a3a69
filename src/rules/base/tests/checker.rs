//! The checker as a whole: what it forgives, what it forgets, and whom it blames.

use std::sync::LazyLock;

use pretty_assertions::assert_eq;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::sip::{INVITE, accepted, invite, message};
use super::{Turn, judge, target, tester, turn};
use crate::evidence::{Protocol, Record, Transport, What};
use crate::rules::base::{Checker, FINDINGS_OF_A_RULE, Judged, Severity, Side, catalogue};
use crate::verdict::{Blame, FindingVerdict};

fn rules(scene: &[Turn]) -> Vec<String> {
    judge(scene).into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn a_fault_of_the_tester_is_an_error_of_the_harness() {
    let found = judge(&[tester(INVITE.replace("Max-Forwards: 70\n", ""))]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].verdict, found[0].blame), (FindingVerdict::Error, Blame::Harness));
    let found = judge(&[invite().with("Max-Forwards: 70\n", "")]);
    assert_eq!((found[0].verdict, found[0].blame), (FindingVerdict::Fail, Blame::Target));
}

#[test]
fn what_was_declared_malformed_is_not_judged_and_its_answer_is_forgiven() {
    let odd = tester(INVITE.replace(";tag=a1", "")).declared_malformed();
    let refusal =
        target(accepted().text.replace("\r\n", "\n").replace("200 OK", "400 Bad Request").replace(";tag=a1", ""));
    assert_eq!(rules(&[odd, refusal.clone()]), [""; 0]);
    let garbage = tester("INVITE\n\n").declared_malformed();
    assert_eq!(rules(&[garbage, refusal]).contains(&"base.sip.response_unasked".to_owned()), false);
}

#[test]
fn the_same_fault_is_told_a_few_times_only() {
    let scene: Vec<Turn> = (0..50)
        .map(|n| message().with("z9hG4bKm1", &format!("z9hG4bKm{n}x")).with("Max-Forwards: 70", "Max-Forwards: x"))
        .collect();
    assert_eq!(rules(&scene).len(), FINDINGS_OF_A_RULE);
}

#[test]
fn a_side_that_is_not_judged_is_heeded() {
    let mut checker = Checker::new(Judged::Only(Side::Target));
    let mut observe = |turn: Turn| checker.observe(1, &turn.records()[0]);
    assert_eq!(observe(tester(INVITE.replace("Max-Forwards: 70\n", ""))), []);
    assert_eq!(observe(target(accepted().text.replace("\r\n", "\n"))), []);
}

#[test]
fn keep_alives_and_empty_lines_are_no_messages() {
    let crlf = |side, transport| turn(side, Protocol::Sip, transport, "\n\n");
    assert_eq!(rules(&[crlf(Side::Target, Transport::Tcp), crlf(Side::Tester, Transport::Udp)]), [""; 0]);
    let mut led = message().with("Max-Forwards: 70", "Max-Forwards: x").with("Content-Length: ~", "Content-Length: 2");
    led.text.insert_str(0, "\r\n\r\n");
    let found = judge(std::slice::from_ref(&led));
    let (start, end) = found[0].octets.unwrap();
    assert_eq!(&led.octets()[start..end], b"x");
}

#[test]
fn habits_of_real_stacks_are_accepted() {
    let folded = message().with("Expires: 600", "Subject: one\n two\nExpires: 600");
    let compact = message()
        .with("From:", "f:")
        .with("To:", "t:")
        .with("Via:", "v:")
        .with("Call-ID:", "i:")
        .with("Content-Type:", "c:");
    let v6 = message().with("pf.home.example:5060", "[2001:db8::1]:5060").with("z9hG4bKm1", "z9hG4bKm2");
    let empty = "MSRP d93kswow SEND\nTo-Path: msrp://192.0.2.4:7654/b;tcp\nFrom-Path: msrp://192.0.2.1:2855/a;tcp\nMessage-ID: 12339sdqwer\nByte-Range: 1-0/0\n-------d93kswow$\n";
    let opening = turn(Side::Target, Protocol::Msrp, Transport::Tcp, empty);
    assert_eq!(rules(&[folded, compact.with("z9hG4bKm1", "z9hG4bKm3"), v6, opening]), [""; 0]);
}

#[test]
fn an_msrp_finding_points_into_the_record_where_the_message_stands() {
    let send = |id: &str, range: &str| {
        format!(
            "MSRP {id} SEND\nTo-Path: msrp://192.0.2.4:1/b;tcp\nFrom-Path: msrp://192.0.2.1:1/a;tcp\nMessage-ID: {id}\nByte-Range: {range}\nContent-Type: text/plain\n\nHi\n-------{id}$\n"
        )
    };
    let two = turn(Side::Target, Protocol::Msrp, Transport::Tcp, send("aaaa", "1-2/2") + &send("bbbb", "1-3/3"));
    let found = judge(std::slice::from_ref(&two));
    assert_eq!(found.len(), 1);
    let (start, end) = found[0].octets.unwrap();
    assert_eq!(&two.octets()[start..end], b"1-3/3");
    // Cut in two, it has no one place; the record in which it begins is named.
    let (left, right) = (two.text[..300].to_owned(), two.text[300..].to_owned());
    let cut = |text: String| Turn { text, ..two.clone() };
    let found = judge(&[cut(left), cut(right)]);
    assert_eq!((found[0].frame, found[0].octets), (Some(1), None));
}

#[test]
fn every_rule_says_what_it_asks_and_where_that_is_written() {
    for rule in catalogue() {
        assert!(rule.id.starts_with("base.") && rule.what.ends_with('.'), "{rule:?}");
        assert!(["RFC ", "OMA-TS-", "TS "].iter().any(|kind| rule.source.starts_with(kind)), "{rule:?}");
    }
    assert!(catalogue().iter().any(|rule| rule.severity == Severity::Habit));
}

static SCENES: LazyLock<Vec<Vec<Turn>>> = LazyLock::new(|| super::cases().into_iter().map(|case| case.right).collect());

proptest! {
    /// Whatever octets come, the checker says something or nothing, and lives.
    #[test]
    fn no_octets_bring_the_checker_down(
        scene in proptest::sample::select(&**SCENES),
        edits in vec((any::<Index>(), any::<Index>(), vec(any::<u8>(), 0..6)), 1..8),
    ) {
        let mut checker = Checker::default();
        let records: Vec<Record> = scene.iter().flat_map(Turn::records).collect();
        for (frame, mut record) in (1..).zip(records) {
            if let What::Octets(octets) = &mut record.what {
                let mut damaged = octets.octets.to_vec();
                for (from, to, with) in &edits {
                    let (from, to) = (from.index(damaged.len() + 1), to.index(damaged.len() + 1));
                    damaged.splice(from.min(to)..from.max(to).min(from.min(to) + 20), with.iter().copied());
                }
                octets.octets = damaged.into();
            }
            checker.observe(frame, &record);
        }
    }
}
