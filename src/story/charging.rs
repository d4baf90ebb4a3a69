//! What the target charges: each request to the charging server, offline (Rf, RFC 6733 section 9) or online (Ro, RFC 8506), whom
//! it charges and what for, and its answer. Where in the request that stands is nobody's matter here: AVPs of 3GPP (TS 32.299
//! section 7.2) are looked for in whatever group they are. Where the target charges otherwise, a hook of the profile may hand its
//! records over (`handed_over`).

mod handed_over;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::{Avp, Message, application, command};
use cpm_wire::sip::{self, identity_key};
use cpm_wire::time::Time;

use super::cast::Cast;
use super::legs::When;
use crate::evidence::{Direction, Event, Octets};

/// Requests kept of one scenario.
const CHARGES: usize = 20_000;
/// So deep are groups read.
const DEEPEST: usize = 6;

/// How it is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interface {
    /// By records: ACR.
    Offline,
    /// By asking for credit: CCR.
    Online,
}

/// What a request does to its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// It is about one event, and all there is: EVENT_RECORD, EVENT_REQUEST.
    Event,
    /// START_RECORD, INITIAL_REQUEST.
    Begin,
    /// INTERIM_RECORD, UPDATE_REQUEST.
    Middle,
    /// STOP_RECORD, TERMINATION_REQUEST.
    End,
}

/// The last units that were granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    /// For so many seconds, if they are measured so.
    pub seconds: Option<u32>,
    /// Final-Unit-Action: 0 TERMINATE, 1 REDIRECT, 2 RESTRICT_ACCESS.
    pub action: i32,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// Where.
    pub frame: u64,
    /// When that was.
    pub at: Time,
    /// Result-Code, or Experimental-Result-Code.
    pub result: u32,
    /// The last units, if it grants them.
    pub last: Option<Last>,
}

impl Verdict {
    /// Whether it is a 2xxx.
    pub fn is_success(&self) -> bool {
        (2000..3000).contains(&self.result)
    }
}

/// One request, however often it was sent.
#[derive(Clone, Debug)]
pub struct Charge {
    /// Where it came first.
    pub frame: u64,
    /// When that was.
    pub at: Time,
    /// How it charges.
    pub interface: Interface,
    /// What it does to its session.
    pub step: Step,
    /// Session-Id.
    pub session: String,
    /// Acct-Multi-Session-Id: what sessions that belong together have in common.
    pub joined: Option<String>,
    /// Accounting-Record-Number, or CC-Request-Number.
    pub number: Option<u32>,
    /// Where it came again.
    pub repeated: Option<u64>,
    /// The served user who is charged.
    pub person: Option<String>,
    /// IMS-Charging-Identifier.
    pub icid: Option<String>,
    /// User-Session-Id.
    pub call_id: Option<String>,
    /// The Contribution-ID, where a record that was handed over has it.
    pub contribution: Option<String>,
    /// Comparable identities of who called and who was called.
    pub parties: Vec<String>,
    /// SIP-Method.
    pub method: Option<String>,
    /// Role-Of-Node: 0 originating, 1 terminating.
    pub role: Option<u32>,
    /// Whether it gives back what was taken: Requested-Action REFUND_ACCOUNT.
    pub refunds: bool,
    /// The units that were used, all kinds together, if it tells of any.
    pub used: Option<u64>,
    /// The answer.
    pub answer: Option<Verdict>,
    /// Whether a hook of the profile handed it over: then nobody saw when it came, and nobody answered it.
    pub handed_over: bool,
}

impl Charge {
    /// What it is, told in a finding.
    pub fn told(&self) -> String {
        let what = match (self.interface, self.step) {
            (Interface::Offline, Step::Event) => "the record of an event",
            (Interface::Offline, Step::Begin) => "the first record",
            (Interface::Offline, Step::Middle) => "the record in between",
            (Interface::Offline, Step::End) => "the last record",
            (Interface::Online, Step::Event) => "the request about an event",
            (Interface::Online, Step::Begin) => "the first request for credit",
            (Interface::Online, Step::Middle) => "the request for more credit",
            (Interface::Online, Step::End) => "the last request",
        };
        format!("{what} (frame {})", self.frame)
    }

    /// Whether it is one and the same request: of the same number in the same charging session.
    fn is(&self, other: &Charge) -> bool {
        (self.interface, self.step, self.number, self.session.as_str())
            == (other.interface, other.step, other.number, other.session.as_str())
    }

    /// Whether it was answered by a success.
    pub fn succeeded(&self) -> bool {
        self.answer.is_some_and(|answer| answer.is_success())
    }
}

/// From when on the charging server answers for a user, or does not.
#[derive(Clone, Debug)]
pub struct Standing {
    /// From where on.
    pub frame: u64,
    /// The served user.
    pub person: String,
    /// Whether it answers.
    pub answers: bool,
}

/// All that was charged.
#[derive(Debug, Default)]
pub(super) struct Charging {
    all: Vec<Charge>,
    asked: HashMap<(Arc<str>, Option<u64>, u32), usize>,
    icids: HashSet<String>,
    standings: Vec<Standing>,
}

impl Charging {
    pub fn all(&self) -> &[Charge] {
        &self.all
    }

    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// Whether a SIP message bore this charging identifier.
    pub fn knows(&self, icid: &str) -> bool {
        self.icids.contains(icid)
    }

    /// Takes an event; false when there is too much in it.
    pub fn event(&mut self, when: When, event: &Event, cast: &Cast) -> bool {
        match event {
            Event::Account { person, account, .. } => {
                let answers = !matches!(account.as_str(), "down" | "silent");
                self.standings.push(Standing { frame: when.frame, person: person.clone(), answers });
                true
            }
            Event::Charged { records, .. } => self.handed_over(when, records, cast),
            _ => true,
        }
    }

    pub fn sip(&mut self, message: &sip::Message) {
        if self.icids.len() < CHARGES {
            self.icids.extend(icid(message));
        }
    }

    /// Takes a message; false when there are too many.
    pub fn observe(&mut self, when: When, octets: &Octets, cast: &Cast) -> bool {
        let Ok(message) = Message::parse(octets.octets.clone()) else { return true };
        let key = (octets.actor.clone(), octets.connection, message.header().hop_by_hop);
        let by_target = octets.direction == Direction::Received;
        if !message.is_request() {
            if let Some(at) = self.asked.get(&key).copied().filter(|_| !by_target) {
                self.answered(when, at, &message);
            }
            return true;
        }
        let Some(charge) = self.read(when, &message, cast).filter(|_| by_target) else { return true };
        if let Some(at) = self.all.iter().rposition(|known| known.is(&charge)) {
            if let Some(known) = self.all.get_mut(at) {
                known.repeated = Some(when.frame);
            }
            self.asked.insert(key, at);
            return true;
        }
        let fits = self.all.len() < CHARGES;
        if fits {
            self.asked.insert(key, self.all.len());
            self.all.push(charge);
        }
        fits
    }

    fn answered(&mut self, when: When, at: usize, message: &Message) {
        let (Some(charge), Some(result)) = (self.all.get_mut(at), message.result()) else { return };
        let mut last = None;
        each(message, &mut |avp| {
            if avp.is(&FINAL_UNIT_INDICATION) {
                let action = avp.group().find(&FINAL_UNIT_ACTION).and_then(|action| action.integer32().ok());
                last = last.or(action.map(|action| Last { seconds: None, action }));
            }
        });
        let seconds = within(message, &GRANTED_SERVICE_UNIT, &CC_TIME);
        let last = last.map(|last| Last { seconds, ..last });
        charge.answer.get_or_insert(Verdict { frame: when.frame, at: when.at, result, last });
    }

    fn read(&self, when: When, message: &Message, cast: &Cast) -> Option<Charge> {
        let (interface, step) = step(message)?;
        let session = message.session_id()?.to_owned();
        let number = match interface {
            Interface::Offline => &ACCOUNTING_RECORD_NUMBER,
            Interface::Online => &CC_REQUEST_NUMBER,
        };
        let number = message.find(number).and_then(|number| number.unsigned32().ok());
        let role = find(message, &ROLE_OF_NODE).and_then(|role| role.unsigned32().ok());
        let [calling, called] = [&CALLING_PARTY_ADDRESS, &CALLED_PARTY_ADDRESS].map(|side| texts(message, side));
        let named = subscriptions(message).into_iter().chain(match role {
            Some(1) => called.iter().chain(&calling).cloned().collect::<Vec<_>>(),
            _ => calling.iter().chain(&called).cloned().collect(),
        });
        let named: Vec<String> = named.collect();
        let person = named.iter().find_map(|uri| cast.person_of(uri).filter(|person| person.served));
        let before = self.all.iter().rfind(|known| known.session == session);
        let inherited = before.and_then(|known| known.person.clone());
        let text = |definition| find(message, definition).and_then(|avp| avp.text().ok()).map(str::to_owned);
        Some(Charge {
            frame: when.frame,
            at: when.at,
            interface,
            step,
            joined: message.find(&ACCT_MULTI_SESSION_ID).and_then(|avp| avp.text().ok()).map(str::to_owned),
            number,
            repeated: None,
            person: person.map(|person| person.name.clone()).or(inherited),
            icid: text(&IMS_CHARGING_IDENTIFIER),
            call_id: text(&USER_SESSION_ID),
            parties: calling.iter().chain(&called).map(|uri| identity_key(uri)).collect(),
            method: text(&SIP_METHOD),
            role,
            refunds: find(message, &REQUESTED_ACTION).and_then(|action| action.integer32().ok()) == Some(1),
            used: used(message),
            contribution: None,
            answer: None,
            handed_over: false,
            session,
        })
    }
}

/// The icid-value of a request's P-Charging-Vector (RFC 7315 section 5.6).
pub(super) fn icid(message: &sip::Message) -> Option<String> {
    Some(message.charging_vector()?.get("icid-value")??.into_owned())
}

fn step(message: &Message) -> Option<(Interface, Step)> {
    let kind = |definition| message.find(definition).and_then(|kind| kind.integer32().ok());
    match (message.header().command, message.header().application) {
        (command::ACCOUNTING, application::ACCOUNTING) => {
            let step = match kind(&ACCOUNTING_RECORD_TYPE)? {
                1 => Step::Event,
                2 => Step::Begin,
                3 => Step::Middle,
                4 => Step::End,
                _ => return None,
            };
            Some((Interface::Offline, step))
        }
        (command::CREDIT_CONTROL, application::CREDIT_CONTROL) => {
            let step = match kind(&CC_REQUEST_TYPE)? {
                1 => Step::Begin,
                2 => Step::Middle,
                3 => Step::End,
                4 => Step::Event,
                _ => return None,
            };
            Some((Interface::Online, step))
        }
        _ => None,
    }
}

/// Every AVP, also those in groups that the dictionary knows.
fn each<'a>(message: &'a Message, visit: &mut impl FnMut(Avp<'a>)) {
    fn deeper<'a>(avp: Avp<'a>, depth: usize, visit: &mut impl FnMut(Avp<'a>)) {
        visit(avp);
        if depth > 0 && avp.definition().is_some_and(|known| known.kind == Kind::Grouped) {
            avp.group().filter_map(Result::ok).for_each(|inner| deeper(inner, depth - 1, visit));
        }
    }
    message.avps().for_each(|avp| deeper(avp, DEEPEST, visit));
}

fn find<'a>(message: &'a Message, definition: &Definition) -> Option<Avp<'a>> {
    let mut found = None;
    each(message, &mut |avp| found = found.or(Some(avp).filter(|avp| avp.is(definition))));
    found
}

fn texts(message: &Message, definition: &Definition) -> Vec<String> {
    let mut all = Vec::new();
    each(message, &mut |avp| all.extend(avp.text().ok().filter(|_| avp.is(definition)).map(str::to_owned)));
    all
}

/// Subscription-Id (RFC 8506 section 8.46): an identity, or a number as tel URI.
fn subscriptions(message: &Message) -> Vec<String> {
    let mut all = Vec::new();
    each(message, &mut |avp| {
        let inside = |definition| avp.group().find(definition).filter(|_| avp.is(&SUBSCRIPTION_ID));
        let kind = inside(&SUBSCRIPTION_ID_TYPE).and_then(|kind| kind.integer32().ok());
        let data = inside(&SUBSCRIPTION_ID_DATA).and_then(|data| data.text().ok());
        all.extend(data.map(|data| match kind {
            Some(0) if !data.starts_with("tel:") => format!("tel:+{}", data.trim_start_matches('+')),
            _ => data.to_owned(),
        }));
    });
    all
}

fn within(message: &Message, group: &Definition, definition: &Definition) -> Option<u32> {
    let mut found = None;
    each(message, &mut |avp| {
        let inner = avp.group().find(definition).filter(|_| avp.is(group));
        found = found.or(inner.and_then(|inner| inner.unsigned32().ok()));
    });
    found
}

/// The units of every Used-Service-Unit, all kinds together.
fn used(message: &Message) -> Option<u64> {
    let mut sum = None;
    each(message, &mut |avp| {
        if !avp.is(&USED_SERVICE_UNIT) {
            return;
        }
        let units = avp.group().filter_map(Result::ok).filter_map(|unit| match unit.code {
            code if code == CC_TIME.code => unit.unsigned32().ok().map(u64::from),
            _ => unit.unsigned64().ok(),
        });
        sum = Some(sum.unwrap_or_default() + units.sum::<u64>());
    });
    sum
}
