//! The controlling function of a group chat: one focus (RFC 4579) that plays all remote members over one leg to each
//! served user, and tells its roster to whoever subscribes (RFC 4575).

mod changing;
mod inviting;
mod matter;
mod notifier;
mod speaking;

use super::media::{Media, MediaEvent, SessionKey};
use super::serving_cscf;
use super::signalling::Signalling;
use crate::evidence::{ChatKind, Event, Member, MemberStatus};
use bytes::Bytes;
use cpm_wire::dialog::Dialog;
use cpm_wire::io::Input;
use cpm_wire::msrp_session::{Outgoing, SessionEvent};
use cpm_wire::sdp::MsrpMedia;
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use cpm_wire::transaction::ClientId;
pub use matter::Matter;
pub use notifier::Watcher;
pub(in crate::actors) use notifier::user;
pub use speaking::{Said, Saying};
use std::collections::{BTreeMap, VecDeque};

/// Where the leg to one served user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegState {
    /// Invited, not yet answered.
    Inviting,
    /// Established.
    Established,
    /// Refused with this status, or never answered (0).
    Refused(u16),
    /// Withdrawn by the focus.
    Withdrawn,
    /// Ended by the far end.
    Left,
    /// Ended by the focus, together with the chat.
    Ended,
    /// Ended by the focus, because the user was removed.
    Removed,
}

/// The leg to one served user.
#[derive(Debug)]
pub struct Leg {
    /// Where it stands.
    pub state: LegState,
    /// A provisional answer came.
    pub rings: bool,
    pub(super) invite: Option<(ClientId, Message)>,
    pub(super) dialog: Option<Dialog>,
    pub(super) offer: Option<MsrpMedia>,
    pub(super) session: Option<SessionKey>,
    /// What is to be sent once the leg carries messages.
    pub(super) queue: VecDeque<Outgoing>,
    /// Message-IDs sent and not yet answered, in their order.
    pub(super) unanswered: Vec<String>,
    /// Message-IDs that the far end acknowledged.
    pub acknowledged: Vec<String>,
    /// How often media were (re)established.
    pub media_generation: u32,
}

/// How a chat is named on the wire.
#[derive(Clone, Debug)]
pub struct Names {
    /// The identity of the group session; in a chat of two the identity of the other.
    pub uri: String,
    /// Contribution-ID.
    pub contribution: String,
    /// Conversation-ID.
    pub conversation: String,
    /// In a chat of two, the contact of the other's device.
    pub device: String,
}

/// Something that happened in a group.
#[derive(Clone, Debug)]
pub enum Logged {
    /// Something was said, or a member reported on it.
    Said {
        /// As it was said, in its envelope.
        envelope: Bytes,
        /// The imdn.Message-ID of what was said; none for a report.
        message_id: Option<String>,
        /// The identity of the member for whom alone it is.
        only_for: Option<String>,
    },
    /// A member came or went.
    Member(Member),
}

/// A focus.
#[derive(Debug)]
pub struct Focus {
    /// The group's name in the scenario.
    pub name: String,
    /// What sort of chat it is.
    pub kind: ChatKind,
    /// The identity of the group session; in a chat of two the identity of the other.
    pub uri: String,
    /// Identities that it had before it was started again.
    pub former: Vec<String>,
    /// The chat: its Contribution-ID.
    pub contribution: String,
    /// The conversation.
    pub conversation: String,
    /// In a chat of two: the contact of the other's device, and the identity of the served user.
    pub(super) device: String,
    pub(super) partner: String,
    /// Its subject.
    pub subject: String,
    /// The URIs by which members who hide are known to the others, by their identities.
    pub(super) aliases: BTreeMap<String, String>,
    /// Who is in it, as the focus holds true.
    pub members: Vec<Member>,
    /// The chat has ended.
    pub ended: bool,
    /// Legs by the name of the served user.
    pub legs: BTreeMap<String, Leg>,
    /// Invitations whose leg was replaced before they were answered.
    pub(super) replaced: Vec<Message>,
    /// The list from which a client is told on, change by change, where its network keeps lists for it; a group that has
    /// ended is still told of then.
    pub(super) told_from: Option<Vec<Member>>,
    /// The network of a client under test answers for this focus after its end.
    pub kept_after_end: bool,
    /// Who watches the roster.
    pub watchers: BTreeMap<u64, Watcher>,
    /// What was said.
    pub said: Vec<Said>,
    /// The texts that their authors will give up.
    doomed: Vec<String>,
    /// All that happened in it, in order.
    pub log: Vec<Logged>,
    /// Odd items that were sent: to whom, and their Message-IDs.
    pub odd: Vec<(String, String)>,
    /// Its MSRP side.
    pub media: Media,
    pub(super) next: u64,
}

impl Focus {
    /// A focus with its first members, who are all connected.
    pub fn new(name: &str, kind: ChatKind, names: Names, members: Vec<String>, media: Media) -> Focus {
        let connected = |entity| Member { entity, status: MemberStatus::Connected };
        Focus {
            name: name.to_owned(),
            kind,
            uri: names.uri,
            former: Vec::new(),
            contribution: names.contribution,
            conversation: names.conversation,
            device: names.device,
            partner: String::new(),
            subject: name.to_owned(),
            aliases: BTreeMap::new(),
            members: members.into_iter().map(connected).collect(),
            ended: false,
            legs: BTreeMap::new(),
            replaced: Vec::new(),
            told_from: None,
            kept_after_end: false,
            watchers: BTreeMap::new(),
            said: Vec::new(),
            doomed: Vec::new(),
            log: Vec::new(),
            odd: Vec::new(),
            media,
            next: 0,
        }
    }

    /// Tells the evidence what the focus is.
    pub fn introduce(&self, signalling: &mut Signalling) {
        signalling.links.out.event(Event::Group {
            group: self.name.clone(),
            contribution: self.contribution.clone(),
            conversation: self.conversation.clone(),
            focus: self.uri.clone(),
            subject: self.subject.clone(),
            kind: self.kind,
        });
        self.tell_roster(signalling);
    }

    /// To whom it is said when it is said to everybody.
    pub(super) fn address(&self) -> String {
        if self.kind == ChatKind::OneToOne { self.partner.clone() } else { self.uri.clone() }
    }

    pub(super) fn tell_roster(&self, signalling: &mut Signalling) {
        let (group, members) = (self.name.clone(), self.members.clone());
        signalling.links.out.event(Event::Roster { group, members });
    }

    /// Sets what the focus holds true of one member, and notifies whoever watches.
    pub fn member(&mut self, signalling: &mut Signalling, entity: &str, status: MemberStatus) {
        let entity = self.known_as(entity);
        match self.members.iter_mut().find(|member| member.entity == entity) {
            Some(member) if member.status == status => return,
            Some(member) => member.status = status,
            None => self.members.push(Member { entity: entity.clone(), status }),
        }
        self.log.push(Logged::Member(Member { entity: entity.clone(), status }));
        self.tell_roster(signalling);
        self.notify_change(signalling, &entity);
    }

    /// Takes input of the focus's own connections.
    pub fn receive(&mut self, signalling: &mut Signalling, input: Input) {
        self.media.receive(signalling.now, input, &mut signalling.links);
        self.handle_media(signalling);
    }

    /// When [`Focus::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.media.poll_timeout()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, signalling: &mut Signalling) {
        self.media.handle_timeout(signalling.now, &mut signalling.links);
        self.handle_media(signalling);
    }

    pub(super) fn handle_media(&mut self, signalling: &mut Signalling) {
        while let Some(event) = self.media.poll_event() {
            match event {
                MediaEvent::Bound(session) => self.bound(signalling, session),
                MediaEvent::Lost(session, _) => self.lost(session),
                MediaEvent::Session(session, event) => self.session_event(signalling, session, *event),
            }
        }
    }

    fn session_event(&mut self, signalling: &mut Signalling, session: SessionKey, event: SessionEvent) {
        match event {
            SessionEvent::Received { reply, message_id, success_report, content_type, octets, .. } => {
                self.media.reply(session, reply, 200, &mut signalling.links);
                if success_report {
                    self.media.report(session, &message_id, 200, &mut signalling.links);
                }
                self.pass_on(signalling, session, &content_type, octets);
            }
            SessionEvent::Acknowledged { message_id } => {
                self.answered(session, &message_id, true);
                self.give_up_doomed(signalling);
            }
            SessionEvent::Refused { message_id, .. } | SessionEvent::Unanswered { message_id } => {
                self.answered(session, &message_id, false);
            }
            SessionEvent::Bodiless { .. } | SessionEvent::Aborted { .. } | SessionEvent::Reported { .. } => {}
        }
    }

    /// The far end's stream broke: what it had not answered is not waited for any more.
    fn lost(&mut self, session: SessionKey) {
        if let Some(leg) = self.legs.values_mut().find(|leg| leg.session == Some(session)) {
            leg.unanswered.clear();
        }
    }

    fn answered(&mut self, session: SessionKey, message_id: &str, well: bool) {
        let leg = self.legs.values_mut().find(|leg| leg.session == Some(session));
        let Some(leg) = leg else { return };
        leg.unanswered.retain(|id| id != message_id);
        if well {
            leg.acknowledged.push(message_id.to_owned());
        }
    }

    pub(super) fn leg_with_session(&self, session: SessionKey) -> Option<&String> {
        self.legs.iter().find(|(_, leg)| leg.session == Some(session)).map(|(person, _)| person)
    }

    /// True when there are as many watchers of the roster as served users who take part.
    pub fn is_watched_by_all(&self) -> bool {
        let taking_part = self.legs.values().filter(|leg| leg.state == LegState::Established).count();
        self.watchers.len() >= taking_part
    }

    /// True when the leg to a served user carries messages.
    pub fn carries(&self, person: &str) -> bool {
        let session =
            self.legs.get(person).filter(|leg| leg.state == LegState::Established).and_then(|leg| leg.session);
        session.is_some_and(|session| self.media.is_bound(session))
    }

    /// True when the far end of a leg has taken up its session, or is out of it for good.
    pub fn came_back(&self, person: &str) -> bool {
        self.legs.get(person).is_some_and(|leg| matches!(leg.state, LegState::Left | LegState::Ended))
            || self.carries(person)
    }

    /// True when everything that was said has been sent and answered, or cannot be sent any more.
    pub fn is_settled(&self) -> bool {
        self.legs.values().all(|leg| match leg.state {
            LegState::Inviting => false,
            LegState::Established => leg.queue.is_empty() && leg.unanswered.is_empty(),
            _ => true,
        })
    }

    pub(super) fn host(&self) -> String {
        serving_cscf::host_of(self.media.address)
    }
}
