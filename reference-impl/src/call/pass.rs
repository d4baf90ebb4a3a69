//! Requests outside sessions that are not for the function: it sends them on as a stateful proxy does (RFC 3261
//! section 16), to every registered device of a terminating user, and gives the sender the best answer.

use super::{Mechanics, Owner};
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::{ClientId, ServerId};
use std::collections::{HashMap, HashSet};

/// The requests that are under way.
#[derive(Default)]
pub struct Passing {
    last: u64,
    under_way: HashMap<u64, Passed>,
}

struct Passed {
    server: ServerId,
    request: Message,
    waiting: HashSet<ClientId>,
    best: Option<Message>,
    answered: bool,
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
}

impl Passing {
    /// Sends a request on to these targets.
    pub fn pass(&mut self, m: &mut Mechanics, server: ServerId, request: Message, targets: &[String]) {
        self.last += 1;
        let id = self.last;
        let hops = request.max_forwards().and_then(Result::ok).unwrap_or(70).saturating_sub(1);
        let onward = m.sip.routed_on(&request).set(Name::MaxForwards, hops).finish();
        let send = |target: &String| m.send(Owner::Passed(id), onward.edit().set_request_uri(target).finish());
        let waiting = targets.iter().map(send).collect();
        self.under_way.insert(id, Passed { server, request, waiting, best: None, answered: false });
    }

    /// A target has answered, or never did. Gives the request back when all have refused it.
    pub fn answered(
        &mut self,
        m: &mut Mechanics,
        id: u64,
        client: ClientId,
        response: Option<Message>,
    ) -> Option<Untaken> {
        let passed = self.under_way.get_mut(&id)?;
        let status = response.as_ref().and_then(Message::status);
        if status.is_some_and(|status| status < 200) {
            if let Some(response) = response.filter(|_| status != Some(100) && !passed.answered) {
                m.sip.pass_response(m.now, passed.server, without_own_via(&response));
            }
            return None;
        }
        passed.waiting.remove(&client);
        match response {
            // Further copies of the request were taken too: the sender knows already.
            Some(_) if passed.answered => {}
            Some(response) if status.is_some_and(|status| status < 300) => {
                passed.answered = true;
                m.sip.pass_response(m.now, passed.server, without_own_via(&response));
            }
            Some(response) => passed.keep_best(response),
            None => {}
        }
        if !passed.waiting.is_empty() {
            return None;
        }
        let Passed { server, request, best, answered, .. } = self.under_way.remove(&id)?;
        (!answered).then_some(Untaken { server, request, best })
    }

    /// Gives the sender the answer of the target.
    pub fn refuse(m: &mut Mechanics, untaken: &Untaken) {
        match &untaken.best {
            Some(best) => m.sip.pass_response(m.now, untaken.server, without_own_via(best)),
            // RFC 4320 section 4.2: never 408 to such a request.
            None => m.refuse(untaken.server, &untaken.request, 480),
        }
    }
}

impl Passed {
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
