//! Reliable provisional answers (RFC 3262), on each leg by itself: those of the peer are acknowledged here by PRACK, those of
//! the own come again until their PRACK is here.

use super::{Early, LegEvent, LegId};
use crate::call::Mechanics;
use cpm_wire::dialog::Dialog;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use std::collections::VecDeque;
use std::time::Duration;

/// The option tag.
pub const TAG: &str = "100rel";

/// Early dialogs of one INVITE, at most: more branches than that nobody rings.
const MOST_EARLY: usize = 16;
/// Provisional answers that wait for the PRACK of another, at most.
const MOST_WAITING: usize = 8;

/// The own reliable provisional answers to one INVITE.
#[derive(Debug, Default)]
pub(super) struct Reliable {
    last: u32,
    /// Boxed: a leg seldom has one, and never for long.
    sent: Option<Box<Sent>>,
    waiting: VecDeque<Message>,
}

#[derive(Debug)]
struct Sent {
    rseq: u32,
    response: Message,
    since: Time,
    interval: Duration,
}

impl Reliable {
    /// The final answer is given: nothing comes again, but a PRACK that is under way still finds what it acknowledges.
    pub(super) fn settle(&mut self) {
        self.waiting.clear();
    }
}

/// True for a message that asks for the extension, or knows it.
fn names(message: &Message, header: &Name) -> bool {
    message.tokens(header).any(|tag| tag.eq_ignore_ascii_case(TAG))
}

fn number(message: &Message, name: &Name) -> Option<u32> {
    message.header(name)?.split_whitespace().next()?.parse().ok()
}

impl Mechanics {
    /// Answers the INVITE of a leg provisionally: so that the peer acknowledges it if that is wished and the peer can, or if
    /// the peer requires it.
    pub fn progress(
        &mut self,
        leg: LegId,
        status: u16,
        contact: &str,
        reliably: bool,
        fill: impl FnOnce(Builder) -> Builder,
    ) {
        let Some(held) = self.legs.get_mut(&leg) else { return };
        let required = names(&held.invite, &Name::Require);
        if !(required || reliably && names(&held.invite, &Name::Supported)) {
            return self.answer(leg, status, contact, fill);
        }
        held.reliable.last += 1;
        held.contact = contact.to_owned();
        let response = Builder::response(&held.invite, status, reason_phrase(status)).to_tag(&held.local_tag);
        let response = fill(response)
            .header(Name::Contact, contact)
            .header(Name::Require, TAG)
            .header(Name::RSeq, held.reliable.last)
            .build();
        match held.reliable.sent {
            Some(_) if held.reliable.waiting.len() >= MOST_WAITING => held.reliable.last -= 1,
            Some(_) => held.reliable.waiting.push_back(response),
            None => self.send_reliably(leg, response),
        }
    }

    fn send_reliably(&mut self, leg: LegId, response: Message) {
        let (now, interval) = (self.now, self.config.t1);
        let Some(held) = self.legs.get_mut(&leg) else { return };
        let Some(server) = held.server else { return };
        let rseq = number(&response, &Name::RSeq).unwrap_or_default();
        held.reliable.sent = Some(Box::new(Sent { rseq, response: response.clone(), since: now, interval }));
        self.unacknowledged.set(leg, Some(now + interval));
        self.sip.respond(now, server, response);
    }

    /// The peer acknowledges a provisional answer (RFC 3262 section 3).
    pub(super) fn provisionally_acknowledged(&mut self, leg: LegId, server: ServerId, prack: &Message) {
        let Some(held) = self.legs.get_mut(&leg) else { return self.refuse(server, prack, 481) };
        let rseq = number(prack, &Name::RAck);
        if rseq.is_none() || held.reliable.sent.as_ref().map(|sent| sent.rseq) != rseq {
            return self.refuse(server, prack, 481);
        }
        held.reliable.sent = None;
        let next = held.reliable.waiting.pop_front();
        self.unacknowledged.set(leg, None);
        self.refuse(server, prack, 200);
        if let Some(next) = next {
            self.send_reliably(leg, next);
        }
    }

    /// Sends again what is not acknowledged, twice as late each time; after 64*T1 the INVITE is refused.
    pub(in crate::call) fn repeat_provisional(&mut self) {
        for leg in self.unacknowledged.due(self.now) {
            let (now, patience) = (self.now, self.config.t1 * 64);
            let Some(held) = self.legs.get_mut(&leg) else { continue };
            let Some((server, sent)) = held.server.zip(held.reliable.sent.as_mut()) else {
                self.unacknowledged.set(leg, None);
                continue;
            };
            if now.since(sent.since) >= patience {
                self.tell(leg, LegEvent::Ended(None));
                self.answer(leg, 504, "", |response| response);
                continue;
            }
            sent.interval *= 2;
            let (response, due) = (sent.response.clone(), (now + sent.interval).min(sent.since + patience));
            self.unacknowledged.set(leg, Some(due));
            self.sip.respond(now, server, response);
        }
    }

    /// A provisional answer of the peer makes an early dialog; a reliable one is acknowledged there (RFC 3262 section 4).
    /// False for one that came before, or before its turn.
    pub(super) fn progress_received(&mut self, leg: LegId, response: &Message) -> bool {
        let Some(held) = self.legs.get_mut(&leg) else { return false };
        let known = held.early.iter().position(|early| Some(early.dialog.id.remote_tag.as_str()) == response.to_tag());
        let at = match known {
            Some(at) => at,
            None => {
                let Ok(mut dialog) = Dialog::uac(&held.invite, response) else { return true };
                dialog.route_set.retain(|route| !self.sip.is_own_route(route));
                if held.early.len() >= MOST_EARLY {
                    return true;
                }
                held.early.push(Early { dialog, rseq: None });
                held.early.len() - 1
            }
        };
        let (Some(early), Some(rseq)) = (held.early.get_mut(at), number(response, &Name::RSeq)) else { return true };
        if !names(response, &Name::Require) {
            return true;
        }
        if early.rseq.is_some_and(|last| rseq != last.wrapping_add(1)) {
            return false;
        }
        early.rseq = Some(rseq);
        let invite = held.invite.cseq().map_or(1, |cseq| cseq.number);
        let prack = early.dialog.request(Method::Prack).header(Name::RAck, format!("{rseq} {invite} INVITE")).build();
        // Its answer tells nothing that the INVITE's own does not.
        self.sip.request(self.now, prack);
        true
    }
}
