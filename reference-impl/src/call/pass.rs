//! Requests outside sessions that are not for the function: it sends them on as a stateful proxy does (RFC 3261
//! section 16), to every device that a terminating user is to have them on, and gives the sender the best answer.

use super::{Mechanics, Owner, is_absence};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use std::collections::{HashMap, VecDeque};

/// The requests that are under way.
#[derive(Default)]
pub struct Passing {
    last: u64,
    under_way: HashMap<u64, Passed>,
    /// When devices that have not answered a MESSAGE count as ones that never do, in order.
    due: VecDeque<(Time, u64)>,
}

/// Where a request goes on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The Request-URI.
    pub uri: String,
    /// The key of the device, if it is one.
    pub device: Option<String>,
}

impl Target {
    /// The target of a request that goes on to somebody else.
    pub fn of(uri: &str) -> Target {
        Target { uri: uri.to_owned(), device: None }
    }
}

struct Passed {
    server: ServerId,
    request: Message,
    waiting: Vec<(ClientId, Option<String>)>,
    /// The devices that could not be had.
    missed: Vec<String>,
    best: Option<Message>,
    /// Somebody has refused it for good.
    refused: bool,
    answered: bool,
}

/// What is left to do with a request that nobody answers any more.
#[derive(Debug)]
pub enum Settled {
    /// Nobody took it.
    Untaken(Untaken),
    /// It was taken, and its sender knows; but these devices, by their keys, could not be had.
    Missed(Message, Vec<String>),
}

/// What is to be done with a request that nobody took.
#[derive(Debug)]
pub struct Untaken {
    /// To be answered here.
    pub server: ServerId,
    /// The request.
    pub request: Message,
    /// The best of the answers, when there was one.
    pub best: Option<Message>,
    /// Nobody has refused it for good: whoever it was sent to could not be had.
    pub absent: bool,
}

/// True for the answer to a MESSAGE that says that the device cannot be had now.
fn is_absent(status: u16) -> bool {
    is_absence(status) && !matches!(status, 404 | 410 | 430 | 487)
}

impl Passing {
    /// Sends a request on to these targets.
    pub fn pass(&mut self, m: &mut Mechanics, server: ServerId, request: Message, targets: Vec<Target>) {
        self.last += 1;
        let id = self.last;
        let hops = request.max_forwards().and_then(Result::ok).unwrap_or(70).saturating_sub(1);
        let onward = m.sip.routed_on(&request).set(Name::MaxForwards, hops);
        let to_devices = targets.iter().any(|target| target.device.is_some());
        let send = |target: Target| {
            let onward = onward.clone().set_request_uri(&target.uri);
            (m.send_onward(Owner::Passed(id), &request, onward), target.device)
        };
        let waiting = targets.into_iter().map(send).collect();
        if to_devices && request.method() == Method::Message {
            self.due.push_back((m.now + m.config.no_answer, id));
        }
        let missed = Vec::new();
        let passed = Passed { server, request, waiting, missed, best: None, refused: false, answered: false };
        self.under_way.insert(id, passed);
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        self.under_way.len()
    }

    /// A target has answered, or never did.
    pub fn answered(
        &mut self,
        m: &mut Mechanics,
        id: u64,
        client: ClientId,
        response: Option<Message>,
    ) -> Option<Settled> {
        let passed = self.under_way.get_mut(&id)?;
        let status = response.as_ref().and_then(Message::status);
        if status.is_some_and(|status| status < 200) {
            if let Some(response) = response.filter(|_| status != Some(100) && !passed.answered) {
                m.sip.pass_response(m.now, passed.server, without_own_via(&response));
            }
            return None;
        }
        let at = passed.waiting.iter().position(|(waiting, _)| *waiting == client)?;
        let (_, device) = passed.waiting.swap_remove(at);
        match response {
            Some(response) if status.is_some_and(|status| status < 300) => {
                // Further copies of the request were taken too: the sender knows already.
                if !std::mem::replace(&mut passed.answered, true) {
                    m.sip.pass_response(m.now, passed.server, without_own_via(&response));
                    if passed.request.method() == Method::Message {
                        m.carried_request(&passed.request);
                    }
                }
            }
            Some(response) => passed.not_taken(response, device),
            None => passed.missed.extend(device),
        }
        if passed.waiting.is_empty() { self.settled(id) } else { None }
    }

    /// Nobody is waited for any more.
    fn settled(&mut self, id: u64) -> Option<Settled> {
        let passed = self.under_way.remove(&id)?;
        self.forget_settled();
        let Passed { server, request, missed, best, refused, answered, .. } = passed;
        match answered {
            true => (!missed.is_empty()).then_some(Settled::Missed(request, missed)),
            false => Some(Settled::Untaken(Untaken { server, request, best, absent: !refused })),
        }
    }

    /// Nobody needs to be woken for what is settled.
    fn forget_settled(&mut self) {
        while self.due.front().is_some_and(|(_, id)| !self.under_way.contains_key(id)) {
            self.due.pop_front();
        }
    }

    /// When [`Passing::overdue`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.front().map(|(due, _)| *due)
    }

    /// The next request whose devices have not answered in time, so that nobody waits for them any more. Its sender would not
    /// wait for long either (RFC 3261 section 17.1.2.2).
    pub fn overdue(&mut self, now: Time) -> Option<Settled> {
        while let Some((_, id)) = self.due.front().copied().filter(|(due, _)| *due <= now) {
            self.due.pop_front();
            let Some(passed) = self.under_way.get_mut(&id) else { continue };
            let silent = std::mem::take(&mut passed.waiting);
            passed.missed.extend(silent.into_iter().filter_map(|(_, device)| device));
            if let Some(settled) = self.settled(id) {
                return Some(settled);
            }
        }
        None
    }

    /// Gives the sender the answer of the target.
    pub fn refuse(m: &mut Mechanics, untaken: &Untaken) {
        match &untaken.best {
            Some(best) if best.status() != Some(408) => {
                m.sip.pass_response(m.now, untaken.server, without_own_via(best));
            }
            // RFC 4320 section 4.2: never 408 to such a request.
            _ => m.refuse(untaken.server, &untaken.request, 480),
        }
    }
}

impl Passed {
    fn not_taken(&mut self, response: Message, device: Option<String>) {
        match response.status().is_some_and(is_absent) {
            true => self.missed.extend(device),
            false => self.refused = true,
        }
        self.keep_best(response);
    }

    /// RFC 3261 section 16.7 item 6: 6xx before all, else the lowest class.
    fn keep_best(&mut self, response: Message) {
        let rank = |message: &Message| match message.status().unwrap_or(500) / 100 {
            6 => 0,
            class => class,
        };
        if self.best.as_ref().is_none_or(|best| rank(&response) < rank(best)) {
            self.best = Some(response);
        }
    }
}

fn without_own_via(response: &Message) -> Message {
    response.edit().remove_first(&Name::Via).finish()
}
