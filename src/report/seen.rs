//! What was seen of the target in a scenario besides what the rules look at: messages by enabler, what it calls itself, how its
//! clock goes, how long its answers took. Made of the evidence, so that whoever reads that comes to the same; for information,
//! and never a verdict.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::enablers::Enabler;
use super::event::ScenarioResult;

/// So many different names of a product are kept.
const NAMES: usize = 8;

/// What a target was asked, or did by itself, and was timed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timed {
    /// From an INVITE to its first provisional response other than 100 (RFC 3261 section 13).
    InviteProvisional,
    /// From an INVITE to its final response.
    InviteFinal,
    /// From a MESSAGE to its final response.
    Message,
    /// From a REGISTER to its final response.
    Register,
    /// From a SUBSCRIBE to its final response.
    Subscribe,
    /// From a NOTIFY to its final response.
    Notify,
    /// From a PUBLISH to its final response.
    Publish,
    /// From an OPTIONS to its final response.
    Options,
    /// From another request of SIP to its final response.
    Other,
    /// From the last octets of a SEND to its transaction response 200 (RFC 4975 section 7.2).
    MsrpSend,
    /// From the last octets of a message at a device to the first notification of its delivery at the other side (RFC 5438).
    Notification,
}

impl Timed {
    /// Every one, in the order in which they are listed.
    pub const ALL: [Timed; 11] = [
        Timed::InviteProvisional,
        Timed::InviteFinal,
        Timed::Message,
        Timed::Register,
        Timed::Subscribe,
        Timed::Notify,
        Timed::Publish,
        Timed::Options,
        Timed::Other,
        Timed::MsrpSend,
        Timed::Notification,
    ];

    /// It in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Timed::InviteProvisional => "INVITE, first provisional answer other than 100",
            Timed::InviteFinal => "INVITE, final answer",
            Timed::Message => "MESSAGE, final answer",
            Timed::Register => "REGISTER, final answer",
            Timed::Subscribe => "SUBSCRIBE, final answer",
            Timed::Notify => "NOTIFY, final answer",
            Timed::Publish => "PUBLISH, final answer",
            Timed::Options => "OPTIONS, final answer",
            Timed::Other => "other requests of SIP, final answer",
            Timed::MsrpSend => "MSRP SEND, 200",
            Timed::Notification => "delivery to a device, its notification at the other side",
        }
    }
}

/// What was seen of the target in a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    enablers: BTreeMap<Enabler, usize>,
    /// What Server and User-Agent of its messages said that no message of the tester did.
    pub names: BTreeSet<String>,
    /// How far its clock was ahead of the tester's, by the Date of its messages, in seconds: the least and the most.
    pub ahead_s: Option<(i64, i64)>,
    times_us: BTreeMap<Timed, Vec<u64>>,
}

impl Seen {
    /// So many more messages.
    pub fn add(&mut self, enabler: Enabler, messages: usize) {
        *self.enablers.entry(enabler).or_default() += messages;
    }

    /// How many messages of an enabler.
    #[must_use]
    pub fn of(&self, enabler: Enabler) -> usize {
        self.enablers.get(&enabler).copied().unwrap_or(0)
    }

    /// A name of the product; of too many, no more.
    pub fn name(&mut self, name: String) {
        if self.names.len() < NAMES {
            self.names.insert(name);
        }
    }

    /// A clock that is so many seconds ahead.
    pub fn clock(&mut self, ahead_s: i64) {
        let (least, most) = self.ahead_s.unwrap_or((ahead_s, ahead_s));
        self.ahead_s = Some((least.min(ahead_s), most.max(ahead_s)));
    }

    /// An answer that took so many microseconds.
    pub fn took(&mut self, what: Timed, us: u64) {
        self.times_us.entry(what).or_default().push(us);
    }

    /// What another one has as well.
    pub fn join(&mut self, other: &Seen) {
        other.enablers.iter().for_each(|(enabler, messages)| self.add(*enabler, *messages));
        other.names.iter().for_each(|name| self.name(name.clone()));
        for ahead_s in other.ahead_s.iter().flat_map(|(least, most)| [*least, *most]) {
            self.clock(ahead_s);
        }
        for (what, times) in &other.times_us {
            self.times_us.entry(*what).or_default().extend(times);
        }
    }
}

/// How long answers took, in microseconds, by nearest rank. For information: a target decides nothing by being quick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResponseTime {
    /// What was timed.
    pub what: Timed,
    /// How many times.
    pub count: usize,
    /// Half of them took no longer.
    pub median_us: u64,
    /// Nine of ten took no longer.
    pub p90_us: u64,
    /// Ninety-nine of a hundred took no longer.
    pub p99_us: u64,
}

/// How long the answers in these scenarios took; what was never asked is left out.
#[must_use]
pub fn response_times(scenarios: &[ScenarioResult]) -> Vec<ResponseTime> {
    let of = |what: Timed| {
        let own = scenarios.iter().filter_map(|scenario| scenario.seen.times_us.get(&what));
        let mut times: Vec<u64> = own.flatten().copied().collect();
        times.sort_unstable();
        // The smallest of which so many of a hundred are no larger.
        let rank = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        let (median_us, p90_us, p99_us) = (rank(50)?, rank(90)?, rank(99)?);
        Some(ResponseTime { what, count: times.len(), median_us, p90_us, p99_us })
    };
    Timed::ALL.into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::report::samples;
    use crate::verdict::Outcome;

    #[test]
    fn percentiles_are_ranks_over_all_scenarios() {
        let mut one = samples::scenario("TP-CPM-CONV-058-01", Outcome::Pass);
        let mut other = samples::scenario("TP-CPM-CONV-058-02", Outcome::Fail);
        (1..=100).for_each(|us| one.seen.took(Timed::Message, us));
        (101..=200).for_each(|us| other.seen.took(Timed::Message, us));
        other.seen.took(Timed::MsrpSend, 7);
        let told = response_times(&[one, other]);
        let message = ResponseTime { what: Timed::Message, count: 200, median_us: 100, p90_us: 180, p99_us: 198 };
        let send = ResponseTime { what: Timed::MsrpSend, count: 1, median_us: 7, p90_us: 7, p99_us: 7 };
        assert_eq!(told, [message, send]);
        assert_eq!(response_times(&[]), []);
    }

    #[test]
    fn what_two_saw_is_joined() {
        let mut one = Seen::default();
        one.clock(-2);
        one.name("PF/1".to_owned());
        let mut other = Seen::default();
        other.clock(5);
        (0..20).for_each(|at| other.name(format!("PF/{at}")));
        one.join(&other);
        assert_eq!((one.ahead_s, one.names.len()), (Some((-2, 5)), NAMES));
    }
}
