//! To whom a change of a session goes [PF-DEV-01]: to the devices in session and to no other. The first that takes it answers for
//! all; then the others are asked.

use crate::call::Mechanics;
use crate::call::legs::LegId;
use crate::call::sip;
use crate::functions::media_negotiation::{self, Side as Media};
use crate::functions::sessions::session::Session;
use crate::functions::sessions::timer;
use cpm_wire::sip::Message;
use cpm_wire::transaction::ClientId;

/// A device that is asked for a change to which another has agreed.
pub(in crate::functions) struct Follower {
    client: ClientId,
    leg: LegId,
    /// What the far end asked for.
    request: Message,
    before: Box<Media>,
    /// What the far end has asked for since; one change of a dialog comes after the other (RFC 3261 section 14.1).
    next: Option<Message>,
}

impl Follower {
    /// True for the request to this device.
    pub fn is_of(&self, leg: LegId) -> bool {
        self.leg == leg
    }
}

impl Session {
    /// True while this side is asked for a change to which another has agreed.
    pub fn follows(&self, leg: LegId) -> bool {
        self.followers.iter().any(|follower| follower.is_of(leg))
    }

    /// A device in session that has not refused the change yet.
    pub fn next_to_change(&self, asked: &[LegId]) -> Option<LegId> {
        self.called.iter().find(|side| side.joined && !asked.contains(&side.leg)).map(|side| side.leg)
    }

    /// One device has agreed to what the far end wants: the others are asked too.
    pub fn change_others(&mut self, m: &mut Mechanics, agreed: &[LegId], request: &Message) {
        let others = self.called.iter().filter(|side| side.joined && !agreed.contains(&side.leg));
        for leg in others.map(|side| side.leg).collect::<Vec<_>>() {
            match self.followers.iter_mut().find(|follower| follower.is_of(leg)) {
                Some(follower) => follower.next = Some(request.clone()),
                None => self.follow(m, leg, request),
            }
        }
    }

    fn follow(&mut self, m: &mut Mechanics, leg: LegId, request: &Message) {
        let Some(before) = self.media_of(leg).map(|(own, _)| Box::new(own.clone())) else { return };
        let Ok(sdp) = self.described_to(m, leg, request) else { return };
        let client = self.ask(m, leg, request, sdp);
        self.may_move(m, leg, true);
        let request = request.clone();
        self.followers.extend(client.map(|client| Follower { client, leg, request, before, next: None }));
    }

    /// Passes a request for a change on to a side.
    pub fn ask(&mut self, m: &mut Mechanics, leg: LegId, request: &Message, sdp: Option<String>) -> Option<ClientId> {
        let known = m.config.session_timer;
        let side = self.side(leg)?;
        let timer = side.timer;
        // RFC 3311 section 4: no UPDATE to a peer that does not take it.
        let invite = cpm_wire::sip::Method::Invite;
        let method = if side.updates == Some(false) { invite } else { request.method() };
        m.pass_in(leg, method, request, |onward| {
            timer::continued(known, timer.as_ref(), sip::copied_with(request, onward, sdp))
        })
    }

    /// True when this was the answer of a device to what another had agreed to.
    pub fn followed(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) -> bool {
        let Some(at) = self.followers.iter().position(|follower| follower.client == client) else { return false };
        if response.and_then(Message::status).is_some_and(|status| status < 200) {
            return true;
        }
        let Follower { leg, request, before, next, .. } = self.followers.remove(at);
        let accepted = response.filter(|response| response.status().is_some_and(|status| status < 300));
        if let Some(response) = accepted
            && let Some(side) = self.side(leg)
        {
            side.told(response);
            side.timer = timer::agreed(m, response);
        }
        let Some((own, far)) = self.media_of(leg) else { return true };
        match accepted.map(|response| media_negotiation::joining(m, own, &request, response)) {
            Some(Ok(())) => {
                media_negotiation::start(m, own, far);
                self.regained(leg);
            }
            _ => own.fall_back(*before),
        }
        self.may_move(m, leg, false);
        self.still_lost(m);
        if let Some(next) = next {
            self.follow(m, leg, &next);
        }
        true
    }
}
