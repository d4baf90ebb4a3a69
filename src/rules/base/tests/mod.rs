//! Every base rule has a golden scene that keeps it, and the same scene with one place changed that breaks it, and it
//! alone. The scenes are conversations in octets; `~` stands for the length of the body after the change.

mod book;
mod checker;
mod clients;
mod content;
mod descriptions;
mod dialogs;
mod diameter;
mod documents;
mod edits;
mod forms;
mod headers;
mod msrp;
mod notices;
mod presence;
mod sip;

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;

use super::{Checker, Judged, Side, catalogue};
use crate::evidence::{Connection, ConnectionWhat, Direction, Octets, Protocol, Record, Transport, What};
use crate::verdict::Finding;

/// One message of a scene.
#[derive(Clone, Debug)]
struct Turn {
    side: Side,
    protocol: Protocol,
    transport: Transport,
    text: String,
    malformed: bool,
    /// The sender ends the connection afterwards.
    finishes: bool,
    /// Who opens the connection before.
    opens: Option<Side>,
    /// Octets that are no text, instead of it.
    binary: Option<Bytes>,
}

fn turn(side: Side, protocol: Protocol, transport: Transport, text: impl Into<String>) -> Turn {
    let text = text.into().replace('\n', "\r\n");
    Turn { side, protocol, transport, text, malformed: false, finishes: false, opens: None, binary: None }
}

/// SIP by the target over UDP; line ends are written as `\n` and become CRLF.
fn target(text: impl Into<String>) -> Turn {
    turn(Side::Target, Protocol::Sip, Transport::Udp, text)
}

/// SIP by the tester over UDP.
fn tester(text: impl Into<String>) -> Turn {
    turn(Side::Tester, Protocol::Sip, Transport::Udp, text)
}

impl Turn {
    fn over_tcp(mut self) -> Turn {
        self.transport = Transport::Tcp;
        self.text = self.text.replace("SIP/2.0/UDP", "SIP/2.0/TCP");
        self
    }

    fn declared_malformed(mut self) -> Turn {
        self.malformed = true;
        self
    }

    fn with(mut self, from: &str, to: &str) -> Turn {
        assert!(self.text.contains(&from.replace('\n', "\r\n")), "{from:?} is not in {}", self.text);
        self.text = self.text.replacen(&from.replace('\n', "\r\n"), &to.replace('\n', "\r\n"), 1);
        self
    }

    fn octets(&self) -> Bytes {
        if let Some(octets) = &self.binary {
            return octets.clone();
        }
        let body = self.text.find("\r\n\r\n").map_or(0, |end| self.text.len() - end - 4);
        Bytes::from(self.text.replace("Content-Length: ~", &format!("Content-Length: {body}")))
    }

    fn records(&self) -> Vec<Record> {
        let (local, remote) = ("127.0.0.1:5060".parse().unwrap(), "127.0.0.1:5070".parse().unwrap());
        let actor: Arc<str> = Arc::from("serving_cscf");
        let octets = What::Octets(Octets {
            actor: actor.clone(),
            step: 1,
            protocol: self.protocol,
            transport: self.transport,
            direction: if self.side == Side::Target { Direction::Received } else { Direction::Sent },
            local,
            remote,
            connection: (self.transport == Transport::Tcp).then_some(1),
            octets: self.octets(),
            malformed: self.malformed.then(|| "declared".to_owned()),
        });
        let of =
            |what| What::Connection(Connection { actor: actor.clone(), step: 1, connection: 1, local, remote, what });
        let opens = self.opens.map(|side| match side {
            Side::Tester => of(ConnectionWhat::Opened),
            Side::Target => of(ConnectionWhat::Accepted),
        });
        let ends = self.finishes.then(|| of(ConnectionWhat::Finished { by_target: self.side == Side::Target }));
        let all = opens.into_iter().chain([octets]).chain(ends);
        all.map(|what| Record { at: Time::ZERO, what }).collect()
    }
}

/// What is found in a scene.
fn judge(scene: &[Turn]) -> Vec<Finding> {
    found(scene, Checker::new(Judged::Both))
}

/// The same, had somebody captured it.
fn noticed(scene: &[Turn]) -> Vec<Finding> {
    found(scene, Checker::of_capture())
}

fn found(scene: &[Turn], mut checker: Checker) -> Vec<Finding> {
    let records: Vec<Record> = scene.iter().flat_map(Turn::records).collect();
    let found: Vec<Finding> = (1..).zip(&records).flat_map(|(frame, record)| checker.observe(frame, record)).collect();
    for finding in &found {
        let frame = usize::try_from(finding.frame.unwrap()).unwrap();
        if let (What::Octets(octets), Some((start, end))) = (&records[frame - 1].what, finding.octets) {
            assert!(start <= end && end <= octets.octets.len(), "{finding:?} points outside of its record");
        }
    }
    found
}

/// A rule, a scene that keeps it, and the same scene with one place changed, which breaks it.
struct Case {
    rule: &'static str,
    right: Vec<Turn>,
    wrong: Vec<Turn>,
}

/// The one place where `from` stands in the scene becomes `to`.
fn case(rule: &'static str, scene: impl Into<Vec<Turn>>, from: &str, to: &str) -> Case {
    let right: Vec<Turn> = scene.into();
    let (from, to) = (from.replace('\n', "\r\n"), to.replace('\n', "\r\n"));
    let places: usize = right.iter().map(|turn| turn.text.matches(&from).count()).sum();
    assert_eq!(places, 1, "{rule}: {from:?} is not one place");
    let change = |turn: &Turn| Turn { text: turn.text.replace(&from, &to), ..turn.clone() };
    let wrong = right.iter().map(change).collect();
    Case { rule, right, wrong }
}

/// The last message of the scene is another one.
fn last(rule: &'static str, scene: impl Into<Vec<Turn>>, wrong: Turn) -> Case {
    let right: Vec<Turn> = scene.into();
    let mut changed = right.clone();
    *changed.last_mut().unwrap() = wrong;
    Case { rule, right, wrong: changed }
}

impl Case {
    /// What is wrong with the case, if anything is.
    fn fault(&self) -> Option<String> {
        let judge = if self.rule.starts_with("base.note.") { noticed } else { judge };
        let found = judge(&self.right);
        if !found.is_empty() {
            return Some(format!("{}: the scene is not right: {found:#?}", self.rule));
        }
        let found = judge(&self.wrong);
        let rules: BTreeSet<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
        let texts: Vec<&str> = self.wrong.iter().map(|turn| turn.text.as_str()).collect();
        (rules != BTreeSet::from([self.rule]))
            .then(|| format!("{} should be found, and is not alone: {found:#?} in {}", self.rule, texts.join("\n")))
    }
}

fn cases() -> Vec<Case> {
    let rooms = [
        sip::cases(),
        headers::cases(),
        presence::cases(),
        dialogs::cases(),
        clients::cases(),
        content::cases(),
        descriptions::cases(),
        documents::cases(),
        msrp::cases(),
        notices::cases(),
        diameter::cases(),
    ];
    rooms.into_iter().flatten().collect()
}

#[test]
fn every_rule_passes_what_is_right_and_finds_what_is_wrong() {
    let faults: Vec<String> = cases().iter().filter_map(Case::fault).collect();
    assert!(faults.is_empty(), "{} cases:\n{}", faults.len(), faults.join("\n\n"));
}

#[test]
fn every_rule_has_a_case_and_every_case_a_rule() {
    let covered: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let known: BTreeSet<&str> = catalogue().iter().map(|rule| rule.id).collect();
    assert_eq!(covered, known);
    assert_eq!(known.len(), catalogue().len(), "two rules have one name");
}
