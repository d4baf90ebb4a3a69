//! Credit (RFC 8506, TS 32.260 section 5.3): of a session it is reserved before it goes on, asked for anew when it was changed
//! or is used up, and returned at the end; a message is debited before it goes on, and refunded where it is not taken.

use super::facts::{CONTEXT, Facts};
use super::units::{Grant, Use, Verdict, failure_handling};
use crate::call::media::Volume;
use crate::call::{Mechanics, Owner};
use crate::config::FailureHandling;
use cpm_wire::diameter::dictionary::{
    AUTH_APPLICATION_ID, CC_CORRELATION_ID, CC_REQUEST_NUMBER, CC_REQUEST_TYPE, CC_SERVICE_SPECIFIC_UNITS,
    EVENT_TIMESTAMP, MULTIPLE_SERVICES_CREDIT_CONTROL, MULTIPLE_SERVICES_INDICATOR, REQUESTED_ACTION,
    REQUESTED_SERVICE_UNIT, SERVICE_CONTEXT_ID, SERVICE_IDENTIFIER, TERMINATION_CAUSE, USED_SERVICE_UNIT,
};
use cpm_wire::diameter::{Builder, Message, Value, application, command};
use cpm_wire::time::Time;
use std::time::Duration;

/// Termination-Cause: the user has ended the service (RFC 6733 section 8.15).
const LOGOUT: i32 = 1;
/// The Service-Identifier of messaging; the operator knows one alone.
const MESSAGING: u32 = 1;

/// CC-Request-Type (RFC 8506 section 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Initial = 1,
    Update = 2,
    Termination = 3,
    Event = 4,
}

/// Requested-Action (RFC 8506 section 8.41).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    DirectDebiting = 0,
    RefundAccount = 1,
}

/// Where credit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The first answer is awaited.
    Asked,
    /// The same, and nobody needs the credit any more.
    Unneeded,
    /// There is credit.
    Granted,
    /// Nothing is counted.
    Free,
    /// There is none.
    Over,
}

/// What is to be done upon an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The service may go on.
    Go,
    /// It may not, for want of credit.
    Refuse,
    /// It may not, since nobody knows.
    Fail,
    /// A session that goes on ends.
    End,
    /// Nothing is left to be done.
    Nothing,
}

/// The credit of one request.
#[derive(Debug)]
pub(super) struct Credit {
    session: String,
    number: u32,
    state: State,
    grant: Grant,
    /// When it was granted.
    granted: Time,
    /// The question that is open, and what it was.
    open: Option<(u64, Message)>,
    retried: bool,
    failure: FailureHandling,
    used: Option<Use>,
    /// Whose media are counted.
    owner: Option<Owner>,
    /// The session is to end for want of it. That may take a while: a 2xx that nobody has acknowledged comes first.
    spent: bool,
}

impl Credit {
    /// Asks for credit.
    pub fn begin(m: &mut Mechanics, facts: &Facts) -> Credit {
        let mut credit = Credit {
            session: m.charging.session_id(m.now),
            number: 0,
            state: State::Asked,
            grant: Grant::default(),
            granted: m.now,
            open: None,
            retried: false,
            failure: m.config.charging.as_ref().map(|charging| charging.failure).unwrap_or_default(),
            used: None,
            owner: None,
            spent: false,
        };
        match facts.is_event() {
            true => credit.debit(m, facts),
            false => credit.ask(m, facts, Kind::Initial),
        }
        credit
    }

    /// The name of the question that is open.
    pub fn open(&self) -> Option<u64> {
        self.open.as_ref().map(|(name, _)| *name)
    }

    /// True where nothing is left to be asked.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// True for credit of this session.
    pub fn is_of(&self, session: &str) -> bool {
        self.session == session
    }

    fn debit(&mut self, m: &mut Mechanics, facts: &Facts) {
        let debit = self.event(m, facts, Action::DirectDebiting).build();
        self.send(m, debit.ok());
    }

    /// What was debited is given back. That is a question of its own (RFC 8506 section 6.4), whose answer changes nothing.
    pub fn refund(&mut self, m: &mut Mechanics, facts: &Facts) {
        if self.state != State::Granted {
            return;
        }
        let debited = std::mem::replace(&mut self.session, m.charging.session_id(m.now));
        self.number = 0;
        let refund = self.event(m, facts, Action::RefundAccount).avp(&CC_CORRELATION_ID, debited.as_bytes()).build();
        refund.into_iter().for_each(|refund| {
            m.charging.ask(m.now, refund);
        });
    }

    fn event(&mut self, m: &mut Mechanics, facts: &Facts, action: Action) -> Builder {
        let event = self.head(m, facts, Kind::Event).avp(&REQUESTED_ACTION, Value::Integer32(action as i32));
        let event = event.group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |group| {
            let one = |units: cpm_wire::diameter::Group| units.avp(&CC_SERVICE_SPECIFIC_UNITS, 1_u64);
            group.group(&REQUESTED_SERVICE_UNIT, one).avp(&SERVICE_IDENTIFIER, MESSAGING)
        });
        facts.information_to(event, None, false)
    }

    fn head(&mut self, m: &mut Mechanics, facts: &Facts, kind: Kind) -> Builder {
        let ccr = m.charging.request(m.now, command::CREDIT_CONTROL, application::CREDIT_CONTROL, &self.session);
        let ccr = ccr
            .avp(&AUTH_APPLICATION_ID, application::CREDIT_CONTROL)
            .avp(&SERVICE_CONTEXT_ID, CONTEXT)
            .avp(&CC_REQUEST_TYPE, Value::Integer32(kind as i32))
            .avp(&CC_REQUEST_NUMBER, self.number)
            .avp(&EVENT_TIMESTAMP, m.now);
        self.number += 1;
        facts.subscription_to(ccr)
    }

    /// Asks about the session. What was used is reported with it, and counted anew.
    fn ask(&mut self, m: &mut Mechanics, facts: &Facts, kind: Kind) {
        let (now, volume) = (m.now, self.volume(m));
        let used = self.used;
        let mut ccr = self.head(m, facts, kind);
        if kind == Kind::Termination {
            ccr = ccr.avp(&TERMINATION_CAUSE, Value::Integer32(LOGOUT));
        }
        if kind == Kind::Initial {
            ccr = ccr.avp(&MULTIPLE_SERVICES_INDICATOR, Value::Integer32(1));
        }
        let ccr = ccr.group(&MULTIPLE_SERVICES_CREDIT_CONTROL, |group| {
            // What is granted is the server's to choose: nothing is said in what is asked for.
            let group =
                if kind == Kind::Termination { group } else { group.group(&REQUESTED_SERVICE_UNIT, |units| units) };
            let group = match used {
                Some(used) => group.group(&USED_SERVICE_UNIT, |units| used.tell(now, volume, units)),
                None if kind == Kind::Initial => group,
                None => {
                    let nothing = Use { since: now, before: volume };
                    group.group(&USED_SERVICE_UNIT, |units| nothing.tell(now, volume, units))
                }
            };
            group.avp(&SERVICE_IDENTIFIER, MESSAGING)
        });
        self.used = self.used.map(|_| Use { since: now, before: volume });
        let ccr = facts.information_to(ccr, None, false).build().ok();
        self.send(m, ccr);
    }

    fn send(&mut self, m: &mut Mechanics, ccr: Option<Message>) {
        self.retried = false;
        self.open = ccr.map(|ccr| (m.charging.ask(m.now, ccr.clone()), ccr));
    }

    fn volume(&self, m: &Mechanics) -> Volume {
        self.owner.map(|owner| m.media.volume(owner)).unwrap_or_default()
    }

    /// The open question is answered, or is not.
    pub fn answered(&mut self, m: &mut Mechanics, facts: &Facts, answer: Option<&Message>) -> Outcome {
        let Some((_, asked)) = self.open.take() else { return Outcome::Nothing };
        self.failure = answer.and_then(failure_handling).unwrap_or(self.failure);
        let running = self.state == State::Granted;
        match Verdict::of(answer) {
            Verdict::Granted(_) if self.state == State::Unneeded => {
                self.state = State::Granted;
                self.end(m, facts);
                Outcome::Nothing
            }
            _ if self.state == State::Unneeded => self.refused(false, Outcome::Nothing),
            Verdict::Granted(grant) => {
                (self.state, self.grant, self.granted) = (State::Granted, grant, m.now);
                self.count(m);
                if running { Outcome::Nothing } else { Outcome::Go }
            }
            Verdict::Failed if self.failure == FailureHandling::RetryAndTerminate && !self.retried => {
                let again = asked.repeated();
                self.send(m, Some(again));
                self.retried = true;
                Outcome::Nothing
            }
            Verdict::Failed if self.failure != FailureHandling::Continue => self.refused(running, Outcome::Fail),
            Verdict::Free | Verdict::Failed => {
                self.state = State::Free;
                self.count_no_more(m);
                if running { Outcome::Nothing } else { Outcome::Go }
            }
            Verdict::Refused => self.refused(running, Outcome::Refuse),
        }
    }

    fn refused(&mut self, running: bool, outcome: Outcome) -> Outcome {
        if running {
            self.spent = true;
            return Outcome::End;
        }
        self.state = State::Over;
        outcome
    }

    /// The session begins: what is used is counted from now on.
    pub fn start(&mut self, m: &mut Mechanics, owner: Owner) {
        if self.state == State::Granted {
            m.media.meter(owner);
            self.owner = Some(owner);
            self.used = Some(Use { since: m.now, before: m.media.volume(owner) });
            self.granted = m.now;
            self.count(m);
        }
    }

    /// Wants to hear when what is granted is used up.
    fn count(&self, m: &mut Mechanics) {
        let (Some(owner), Some(used)) = (self.owner, self.used) else { return };
        let octets = self.grant.octets.map(|octets| used.before.octets.saturating_add(octets));
        let messages = self.grant.messages.map(|messages| used.before.messages.saturating_add(messages));
        m.media.tell_at(owner, octets, messages);
    }

    fn count_no_more(&mut self, m: &mut Mechanics) {
        if let Some(owner) = self.owner.take() {
            m.media.meter_no_more(owner);
        }
    }

    /// When the time that is granted is used up, or the grant holds no more.
    pub fn due(&self) -> Option<Time> {
        let used = self.used.filter(|_| self.state == State::Granted && self.open.is_none() && !self.spent)?;
        let time = self.grant.time.map(|seconds| used.since + Duration::from_secs(seconds.into()));
        let validity = self.grant.validity.map(|validity| self.granted + validity);
        time.into_iter().chain(validity).min()
    }

    /// What is granted is used up, or holds no more.
    pub fn used_up(&mut self, m: &mut Mechanics, facts: &Facts, all: bool) -> Outcome {
        if self.state != State::Granted || self.open.is_some() {
            return Outcome::Nothing;
        }
        let time = self.grant.time.zip(self.used);
        let all = all || time.is_some_and(|(seconds, used)| m.now >= used.since + Duration::from_secs(seconds.into()));
        if all && self.grant.last {
            self.spent = true;
            return Outcome::End;
        }
        self.ask(m, facts, Kind::Update);
        Outcome::Nothing
    }

    /// The session was changed, or the server wants to hear of it.
    pub fn update(&mut self, m: &mut Mechanics, facts: &Facts) {
        if self.state == State::Granted && self.open.is_none() {
            self.ask(m, facts, Kind::Update);
        }
    }

    /// The session is over, or never came to be: what is left is returned. True while an answer has to be awaited for that.
    pub fn end(&mut self, m: &mut Mechanics, facts: &Facts) -> bool {
        match self.state {
            State::Asked => self.state = State::Unneeded,
            State::Granted => {
                self.ask(m, facts, Kind::Termination);
                self.state = State::Over;
            }
            State::Unneeded | State::Free | State::Over => {}
        }
        self.count_no_more(m);
        self.state == State::Unneeded
    }
}
