//! Faults with several devices of one user in sessions between two. [PF-DEV-01], [PF-DEV-05].

mod answers;
mod calling;
mod changing;
mod messages;
mod together;

use super::Fault;
use super::passage::Way;
use super::scene::{Scene, Side};
use super::sessions::begins_between_two;
use bytes::Bytes;
use cpm_wire::msrp;
use cpm_wire::sip::{Builder, Message, Method, Name};

pub(super) const FAULTS: &[&[Fault]] =
    &[calling::FAULTS, answers::FAULTS, changing::FAULTS, together::FAULTS, messages::FAULTS];

/// A leg of a session between two.
pub(super) struct Call {
    pub call_id: String,
    pub user: String,
    pub contribution: String,
    pub side: Side,
    /// Whether the invitation came in or went out.
    pub way: Way,
    pub invite: Message,
    /// The last answer to it.
    pub answer: Option<Message>,
    /// How many acceptances there were when it began.
    before: usize,
    /// Which acceptance of all this is.
    pub accepted: Option<usize>,
    pub refused: bool,
    pub over: bool,
}

impl Call {
    /// True for a leg to a device that is in the session.
    pub fn stands(&self) -> bool {
        self.side == Side::Device && self.accepted.is_some() && !self.over
    }

    /// True for another leg of the same session.
    pub fn is_beside(&self, other: &Call) -> bool {
        self.user == other.user && self.contribution == other.contribution && self.call_id != other.call_id
    }

    /// The peer's request by this method within the dialog.
    pub fn by_peer(&self, method: Method) -> Option<Bytes> {
        let answer = self.answer.as_ref()?;
        let (from, to) = match self.way {
            Way::In => (Name::From, Name::To),
            Way::Out => (Name::To, Name::From),
        };
        // A branch is a token, and a Call-ID may be more.
        let name: String = self.call_id.chars().filter(char::is_ascii_alphanumeric).collect();
        let request = Builder::request(method.clone(), "sip:function.invalid")
            .header(Name::Via, format!("SIP/2.0/UDP 192.0.2.1:5060;branch={BRANCH}{name}"))
            .header(Name::MaxForwards, 70)
            .header(Name::From, answer.header(&from)?)
            .header(Name::To, answer.header(&to)?)
            .header(Name::CallId, &self.call_id)
            .header(Name::CSeq, format!("90000 {method}"));
        Some(request.build().octets().clone())
    }
}

/// Begins the branch of a request of the fault's own.
pub(super) const BRANCH: &str = "z9hG4bKfault";

/// True for an answer to a request of the fault's own.
pub(super) fn answers_own(message: &Message) -> bool {
    let branch = message.via().ok().and_then(|via| via.branch().map(str::to_owned));
    message.status().is_some() && branch.is_some_and(|branch| branch.starts_with(BRANCH))
}

/// The legs of sessions between two, in the order in which they began.
#[derive(Default)]
pub(super) struct Calls {
    pub legs: Vec<Call>,
    acceptances: usize,
}

impl Calls {
    /// Learns of what passes.
    pub fn watch(&mut self, scene: &Scene, way: Way, message: &Message) {
        let Some(leg) = scene.leg(message) else { return };
        let Some(call) = self.legs.iter_mut().find(|call| call.call_id == leg.call_id) else {
            if begins_between_two(message) {
                self.legs.push(Call {
                    call_id: leg.call_id.clone(),
                    user: leg.user.clone(),
                    contribution: leg.contribution.clone(),
                    side: leg.side,
                    way,
                    invite: message.clone(),
                    answer: None,
                    before: self.acceptances,
                    accepted: None,
                    refused: false,
                    over: false,
                });
            }
            return;
        };
        let status = message.status().filter(|_| message.method() == Method::Invite && message.to_tag().is_some());
        if status.is_some_and(|status| status > 100) && call.accepted.is_none() {
            call.answer = Some(message.clone());
            call.refused |= status.is_some_and(|status| status >= 300);
        }
        if status.is_some_and(|status| (200..300).contains(&status)) && call.accepted.is_none() {
            call.accepted = Some(self.acceptances);
            self.acceptances += 1;
        }
        call.over |= message.is_request() && message.method() == Method::Bye;
    }

    /// The leg of a SIP message.
    pub fn of(&self, message: &Message) -> Option<&Call> {
        let call_id = message.call_id()?;
        self.legs.iter().find(|call| call.call_id == call_id)
    }

    /// The leg of an MSRP message.
    pub fn of_media(&self, scene: &Scene, way: Way, message: &msrp::Message) -> Option<&Call> {
        let leg = scene.leg_of(way, message)?;
        self.legs.iter().find(|call| call.call_id == leg.call_id)
    }

    /// The other legs of its session, to devices or to the far end.
    pub fn beside<'a>(&'a self, call: &'a Call, side: Side) -> impl Iterator<Item = &'a Call> {
        self.legs.iter().filter(move |other| other.side == side && other.is_beside(call))
    }

    /// True when the one was called after the other had accepted.
    pub fn began_after(&self, one: &Call, other: &Call) -> bool {
        other.accepted.is_some_and(|accepted| accepted < one.before)
    }

    /// True for a device that accepted after another one of the same user.
    pub fn is_later(&self, call: &Call) -> bool {
        let before = |other: &Call| match (other.accepted, call.accepted) {
            (Some(other), Some(own)) => other < own,
            (Some(_), None) => true,
            (None, _) => false,
        };
        call.side == Side::Device && self.beside(call, Side::Device).any(before)
    }
}

/// True for a request by this method.
pub(super) fn asks(message: &Message, method: Method) -> bool {
    message.is_request() && message.method() == method
}
