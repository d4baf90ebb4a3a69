//! The participating function of a user whose client is under test, and the registrar before it: what the client sees of
//! its home network. The group itself is played by the focus, with whom the client speaks directly once it is in.
//!
//! What a group says and what becomes of its members while the client is away is kept, and delivered in a session of its
//! own that this actor opens, in one of the shapes of the ledger (L07).

mod delivering;
mod lists;
mod registrar;
mod telling;

use super::controlling_function::Logged;
use super::media::{Media, MediaEvent, SessionKey};
use super::signalling::Signalling;
use crate::evidence::Member;
use cpm_wire::dialog::Dialog;
use cpm_wire::io::Input;
use cpm_wire::msrp_session::{Outgoing, SessionEvent};
use cpm_wire::sdp::MsrpMedia;
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use cpm_wire::transaction::ClientId;
pub use delivering::{Delivery, Ending, Inviter, Lists};
pub use registrar::Registration;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
pub use telling::Telling;

/// Where a session to the client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegState {
    /// Invited, not yet answered.
    Inviting,
    /// Established.
    Established,
    /// Refused with this status, or never answered (0).
    Refused(u16),
    /// Ended by this side.
    Ended,
    /// Ended by the client.
    Left,
}

/// A session to the client.
#[derive(Debug)]
pub struct Leg {
    /// The group's name.
    pub group: String,
    /// Where it stands.
    pub state: LegState,
    invite: (ClientId, Message),
    offer: MsrpMedia,
    dialog: Option<Dialog>,
    session: Option<SessionKey>,
    /// What is to be sent once the session carries messages.
    queue: VecDeque<Next>,
    unanswered: Vec<String>,
    /// A list is to be told before anything else is sent, but not later than this.
    held_until: Option<Time>,
}

/// What comes next in a session.
#[derive(Debug)]
enum Next {
    /// A message.
    Send(Outgoing),
    /// A list by notification.
    List(Missed),
}

/// A list that is told by notification.
#[derive(Clone, Debug)]
pub(super) enum Missed {
    /// That of the invitation.
    Invitation,
    /// One member of it has changed.
    Change(Member),
    /// There are no more: the final list is told.
    All,
}

/// How long a client that asks for no list holds up what was kept.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a list that is told may hold up what was kept: as long as its transaction lasts (RFC 3261 section 17.1.2.2).
const TELLING: Duration = Duration::from_secs(32);

/// What is kept for the user of one group.
#[derive(Clone, Debug)]
struct Kept {
    /// Who was in it as the user was invited.
    invited_with: Vec<Member>,
    /// How much of what happened in it the user has had.
    next: usize,
}

/// The participating function of one user.
#[derive(Debug)]
pub struct Home {
    /// The user's name in the scenario.
    pub person: String,
    /// The name of the device.
    pub device: String,
    /// The public identity.
    pub identity: String,
    /// Where the client is registered.
    pub registration: Option<Registration>,
    /// Its MSRP side.
    pub media: Media,
    /// The sessions to the client.
    pub legs: BTreeMap<u64, Leg>,
    kept: BTreeMap<String, Kept>,
    /// Lists that a focus is to tell by notification.
    lists: VecDeque<(String, Missed)>,
    last: u64,
}

impl Home {
    /// The home of a user whose client has not registered yet.
    pub fn new(person: &str, device: &str, identity: &str, media: Media) -> Home {
        Home {
            person: person.to_owned(),
            device: device.to_owned(),
            identity: identity.to_owned(),
            registration: None,
            media,
            legs: BTreeMap::new(),
            kept: BTreeMap::new(),
            lists: VecDeque::new(),
            last: 0,
        }
    }

    /// True while a session for a group has something to send, or waits for answers to what it sent.
    pub fn is_busy_with(&self, group: &str) -> bool {
        self.legs.values().filter(|leg| leg.group == group).any(|leg| match leg.state {
            LegState::Inviting => true,
            LegState::Established => {
                let bound = leg.session.is_some_and(|session| self.media.is_bound(session));
                !leg.queue.is_empty() || !leg.unanswered.is_empty() || !bound
            }
            _ => false,
        })
    }

    /// True when an invitation for a group is answered, whatever the answer.
    pub fn is_answered(&self, group: &str) -> bool {
        let mut own = self.legs.values().filter(|leg| leg.group == group);
        own.all(|leg| leg.state != LegState::Inviting)
    }

    /// True when the client has refused a session for a group, or ended one.
    pub fn is_turned_down(&self, group: &str) -> bool {
        let mut own = self.legs.values().filter(|leg| leg.group == group);
        own.any(|leg| matches!(leg.state, LegState::Refused(_) | LegState::Left))
    }

    /// Takes input of this actor's own connections.
    pub fn receive(&mut self, signalling: &mut Signalling, input: Input) {
        self.media.receive(signalling.now, input, &mut signalling.links);
        self.handle_media(signalling);
    }

    /// When [`Home::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let held = self.legs.values().filter_map(|leg| leg.held_until);
        self.media.poll_timeout().into_iter().chain(held).min()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, signalling: &mut Signalling) {
        let now = signalling.now;
        let due = |leg: &Leg| leg.held_until.is_some_and(|at| at <= now);
        let groups: Vec<String> = self.legs.values().filter(|leg| due(leg)).map(|leg| leg.group.clone()).collect();
        for group in groups {
            self.lists.retain(|(own, _)| *own != group);
            self.list_told(signalling, &group);
        }
        self.media.handle_timeout(signalling.now, &mut signalling.links);
        self.handle_media(signalling);
    }

    fn handle_media(&mut self, signalling: &mut Signalling) {
        while let Some(event) = self.media.poll_event() {
            match event {
                MediaEvent::Bound(session) => self.bound(signalling, session),
                MediaEvent::Lost(session, _) => {
                    if let Some(leg) = self.leg_with(session) {
                        leg.unanswered.clear();
                    }
                }
                MediaEvent::Session(session, event) => self.session_event(signalling, session, *event),
            }
        }
    }

    fn leg_with(&mut self, session: SessionKey) -> Option<&mut Leg> {
        self.legs.values_mut().find(|leg| leg.session == Some(session))
    }

    fn session_event(&mut self, signalling: &mut Signalling, session: SessionKey, event: SessionEvent) {
        let answered = match event {
            SessionEvent::Received { reply, message_id, success_report, .. } => {
                self.media.reply(session, reply, 200, &mut signalling.links);
                if success_report {
                    self.media.report(session, &message_id, 200, &mut signalling.links);
                }
                return;
            }
            SessionEvent::Acknowledged { message_id }
            | SessionEvent::Refused { message_id, .. }
            | SessionEvent::Unanswered { message_id } => message_id,
            SessionEvent::Bodiless { .. } | SessionEvent::Aborted { .. } | SessionEvent::Reported { .. } => return,
        };
        if let Some(leg) = self.leg_with(session) {
            leg.unanswered.retain(|id| *id != answered);
        }
        self.send_next(signalling, session);
    }

    fn bound(&mut self, signalling: &mut Signalling, session: SessionKey) {
        self.send_next(signalling, session);
    }

    /// One message after the other: so the client has them in this order, whatever it does with each.
    fn send_next(&mut self, signalling: &mut Signalling, session: SessionKey) {
        let waits = |leg: &&mut Leg| leg.unanswered.is_empty() && leg.held_until.is_none();
        let Some(leg) = self.leg_with(session).filter(waits) else { return };
        match leg.queue.pop_front() {
            None => {}
            Some(Next::Send(outgoing)) => {
                leg.unanswered.push(outgoing.message_id.clone());
                self.media.send(signalling.now, session, outgoing, &mut signalling.links);
            }
            Some(Next::List(list)) => {
                leg.held_until = Some(signalling.now + PATIENCE);
                let group = leg.group.clone();
                self.lists.push_back((group, list));
            }
        }
    }

    /// The next list that a focus is to tell.
    pub(super) fn list_to_tell(&self) -> Option<(String, Missed)> {
        self.lists.front().cloned()
    }

    /// The focus has taken over the telling of a list: from now on the answer is awaited.
    pub(super) fn list_taken(&mut self, now: Time) {
        let Some((group, _)) = self.lists.pop_front() else { return };
        for leg in self.legs.values_mut().filter(|leg| leg.group == group && leg.held_until.is_some()) {
            leg.held_until = Some(now + TELLING);
        }
    }

    /// The client has answered what it was told of a group: the session goes on, unless this was about an earlier list.
    pub(super) fn list_told(&mut self, signalling: &mut Signalling, group: &str) {
        if self.lists.iter().any(|(own, _)| own == group) {
            return;
        }
        let sessions: Vec<SessionKey> = self
            .legs
            .values_mut()
            .filter(|leg| leg.group == group)
            .filter_map(|leg| leg.held_until.take().and(leg.session))
            .collect();
        for session in sessions {
            self.send_next(signalling, session);
        }
        self.handle_media(signalling);
    }
}

/// Whether this is something that goes to the user as a message.
fn is_for(logged: &Logged, identity: &str) -> bool {
    match logged {
        Logged::Said { only_for, .. } => only_for.as_ref().is_none_or(|only| only == identity),
        Logged::Member(_) => true,
    }
}
