//! Faults in what becomes of a change of a session between two. [PF-SES-01].

use super::{changes, refuses, with_status};
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("answers-changes-by-itself", "A change is accepted, and the other side not asked", || {
        Box::new(AnswersChanges { spared: 0, ..AnswersChanges::default() })
    }),
    Fault::of_function(
        "passes-the-first-change-alone",
        "Of the changes of a session only the first is passed on",
        || Box::new(AnswersChanges { spared: 1, ..AnswersChanges::default() }),
    ),
    Fault::of_function("loses-the-second-change", "Of the changes of a session the second is never answered", || {
        Box::new(AnswersChanges { spared: 1, silent: true, ..AnswersChanges::default() })
    }),
    Fault::of_function("accepts-a-refused-change", "A change that the other side refuses is accepted", || {
        Box::new(AnswersRefusals { asked: HashSet::new(), status: 200 })
    }),
    Fault::of_function("forgets-the-dialog-of-a-refused-change", "A change that is refused is answered 481", || {
        Box::new(AnswersRefusals { asked: HashSet::new(), status: 481 })
    }),
];

/// The descriptions that the function gave last, and how often each side wanted a change, by Call-ID.
#[derive(Default)]
struct AnswersChanges {
    /// How many are passed on before.
    spared: usize,
    /// Whether the others get no answer at all.
    silent: bool,
    given: HashMap<String, String>,
    asked: HashMap<String, HashSet<u32>>,
}

impl Mischief for AnswersChanges {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        if way == Way::Out && !message.body().is_empty() {
            self.given.insert(leg.call_id.clone(), String::from_utf8_lossy(message.body()).into_owned());
        }
        let Some(cseq) = message.cseq().ok().filter(|_| way == Way::In && changes(message)) else { return Fate::Pass };
        let asked = self.asked.entry(leg.call_id.clone()).or_default();
        asked.insert(cseq.number);
        match self.given.get(&leg.call_id).filter(|_| asked.len() > self.spared) {
            Some(_) if self.silent => Fate::LOST,
            Some(given) => Fate::Answered(accepted(message, given)),
            None => Fate::Pass,
        }
    }
}

/// The acceptance of a change with this description, in the direction that goes with the offer (RFC 3264 section 6.1).
fn accepted(change: &Message, given: &str) -> Bytes {
    let offer = String::from_utf8_lossy(change.body()).into_owned();
    let directions = [("a=sendonly", "a=recvonly"), ("a=recvonly", "a=sendonly"), ("a=inactive", "a=inactive")];
    let fitting =
        directions.into_iter().find(|(offered, _)| offer.contains(offered)).map_or("a=sendrecv", |(_, own)| own);
    let is_direction = |line: &&str| matches!(*line, "a=sendonly" | "a=recvonly" | "a=inactive" | "a=sendrecv");
    let kept: Vec<&str> = given.lines().filter(|line| !is_direction(line)).chain([fitting, ""]).collect();
    let contact = format!("<{}>", change.request_uri().unwrap_or_default());
    let ok = Builder::response(change, 200, reason_phrase(200)).header(Name::Contact, contact);
    ok.body(cpm_wire::sdp::MEDIA_TYPE, kept.join("\r\n")).build().octets().clone()
}

/// The changes that were asked for, by Call-ID and CSeq; the refusal of one becomes another answer.
struct AnswersRefusals {
    asked: HashSet<(String, u32)>,
    status: u16,
}

impl Mischief for AnswersRefusals {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let (Some(call_id), Ok(cseq)) = (message.call_id(), message.cseq()) else { return Fate::Pass };
        let change = (call_id.to_owned(), cseq.number);
        if way == Way::In && changes(message) {
            self.asked.insert(change);
            return Fate::Pass;
        }
        // Changes that cross are put off, which is no refusal (RFC 3261 section 14.2).
        let refused = way == Way::Out && refuses(message) && !matches!(message.status(), Some(491 | 500));
        let own = matches!(message.method(), Method::Invite | Method::Update) && self.asked.contains(&change);
        if refused && own { Fate::altered(with_status(message, self.status)) } else { Fate::Pass }
    }
}
