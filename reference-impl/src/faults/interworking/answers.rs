//! Faults in what the sender hears of the interworking function's answer.

use super::is_interworked;
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Message, Name, reason_phrase};
use std::collections::HashSet;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function(
        "says-interworked-when-it-failed",
        "What the interworking function refuses counts as taken",
        || Answers::boxed(|status, of_message| (of_message && status >= 300).then_some(200)),
    ),
    Fault::of_function(
        "says-failed-when-interworked",
        "What the interworking function takes counts as refused",
        || Answers::boxed(|status, _| (200..300).contains(&status).then_some(403)),
    ),
    Fault::of_function(
        "keeps-quiet-when-interworking-fails",
        "The sender of what the interworking function refuses hears nothing",
        || Box::new(Quiet::default()),
    ),
];

/// The interworking function's final answers are other ones.
struct Answers {
    asked: HashSet<String>,
    instead: fn(status: u16, of_message: bool) -> Option<u16>,
}

impl Answers {
    fn boxed(instead: fn(u16, bool) -> Option<u16>) -> Box<dyn Mischief> {
        Box::new(Answers { asked: HashSet::new(), instead })
    }
}

impl Mischief for Answers {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(call_id) = message.call_id() else { return Fate::Pass };
        if way == Way::Out && is_interworked(message) {
            self.asked.insert(call_id.to_owned());
        }
        let Some(status) = message.status().filter(|status| way == Way::In && *status >= 200) else {
            return Fate::Pass;
        };
        let of_message = message.header(&Name::CSeq).is_some_and(|cseq| cseq.ends_with("MESSAGE"));
        match (self.instead)(status, of_message) {
            Some(status) if self.asked.contains(call_id) => Fate::altered(with_status(message, status)),
            _ => Fate::Pass,
        }
    }
}

/// The same response with another status.
fn with_status(response: &Message, status: u16) -> Bytes {
    let octets = response.octets();
    let line = octets.windows(2).position(|two| two == b"\r\n").unwrap_or_default();
    let mut answer = format!("SIP/2.0 {status} {}", reason_phrase(status)).into_bytes();
    answer.extend_from_slice(octets.get(line..).unwrap_or_default());
    answer.into()
}

/// Whoever is refused after interworking was tried hears nothing.
#[derive(Default)]
struct Quiet {
    /// Calls of those who sent it.
    senders: HashSet<String>,
    /// By contribution, the call of the sender.
    came: Vec<(String, String)>,
}

impl Mischief for Quiet {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let contribution = message.header(&Name::ContributionId).unwrap_or_default().to_owned();
        let Some(call_id) = message.call_id().map(str::to_owned) else { return Fate::Pass };
        if way == Way::In && message.is_request() && !contribution.is_empty() {
            self.came.push((contribution, call_id));
            return Fate::Pass;
        }
        if way == Way::Out && is_interworked(message) {
            let of_it = |(of, _): &&(String, String)| *of == contribution;
            self.senders.extend(self.came.iter().filter(of_it).map(|(_, call)| call.clone()));
            return Fate::Pass;
        }
        let refused = message.status().is_some_and(|status| status >= 300);
        if way == Way::Out && refused && self.senders.contains(&call_id) { Fate::LOST } else { Fate::Pass }
    }
}
