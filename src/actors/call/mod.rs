//! One end of sessions between two: the device of a served user, or the whole of a user of another network. It calls
//! and is called, changes what was agreed, says something, hangs up (RFC 3261, RFC 3264, RFC 4975).
//!
//! An end acts as it is told, by its [`Manner`] and by steps; it never judges what the target makes of it.

mod answering;
mod besides;
mod calling;
mod changing;
mod ending;
mod manner;
mod moving;
mod speaking;
mod voice;
mod wrong;

use super::media::{Media, MediaEvent, SessionKey};
use super::serving_cscf;
use super::session::{CHAT_SERVICE, FILE_SERVICE, LARGE_LIST_SERVICE, LARGE_SERVICE, VOICE_SERVICE, feature_tag};
use super::signalling::Signalling;
use crate::evidence::{ChatKind, Event};
pub use besides::Beside;
use bytes::Bytes;
use cpm_wire::dialog::{Dialog, DialogId};
use cpm_wire::io::Input;
use cpm_wire::sdp::MsrpMedia;
use cpm_wire::sip::{Message, Method};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
pub use manner::{Answering, Manner, Naming};
pub use moving::{Claim, replaces};
pub use speaking::Words;
use std::collections::{BTreeMap, BTreeSet};
pub use wrong::Wrong;

/// Who is at one end: a person, and for a served user the device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// The name in the scenario.
    pub person: String,
    /// The device; none for a user of another network.
    pub device: Option<String>,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// A chat of two.
    #[default]
    Chat,
    /// A file (RFC 5547).
    FileTransfer,
    /// Sound, beside a chat.
    Voice,
    /// One message that is too large for a MESSAGE.
    LargeMessage,
    /// The same to a list.
    LargeList,
}

impl Service {
    /// Its identifier in P-Asserted-Service.
    pub const fn identifier(self) -> &'static str {
        match self {
            Service::Chat => CHAT_SERVICE,
            Service::FileTransfer => FILE_SERVICE,
            Service::Voice => VOICE_SERVICE,
            Service::LargeMessage => LARGE_SERVICE,
            Service::LargeList => LARGE_LIST_SERVICE,
        }
    }
}

/// A session as the scenario names it, and its names on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The name in the scenario.
    pub name: String,
    /// Contribution-ID.
    pub contribution: String,
    /// Conversation-ID.
    pub conversation: String,
    /// What it is for.
    pub service: Service,
}

impl Occasion {
    /// Tells the evidence of the session, and who the user of another network in it is.
    pub fn introduce(&self, signalling: &mut Signalling, remote: &str) {
        signalling.links.out.event(Event::Group {
            group: self.name.clone(),
            contribution: self.contribution.clone(),
            conversation: self.conversation.clone(),
            focus: remote.to_owned(),
            subject: self.name.clone(),
            kind: ChatKind::OneToOne,
        });
    }
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    /// Calling, or called; not finally answered.
    Early,
    /// Answered with a 2xx.
    Established,
    /// The final answer was this one.
    Refused(u16),
    /// Ended by one of the two ends, or withdrawn.
    Ended,
}

/// A change of what was agreed, and what the far end said to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub(super) client: ClientId,
    pub(super) cseq: u32,
    /// The final answer.
    pub status: Option<u16>,
}

/// One session, seen from one end.
#[derive(Debug)]
pub struct Call {
    /// The session's name in the scenario.
    pub session: String,
    /// Where it stands.
    pub state: CallState,
    /// A provisional answer above 100 came, or was sent.
    pub rings: bool,
    /// Its dialog.
    pub dialog: Option<Dialog>,
    /// Our description of the media.
    pub local: Option<MsrpMedia>,
    /// That of the far end.
    pub remote: Option<MsrpMedia>,
    /// Its MSRP session.
    pub media: Option<SessionKey>,
    /// MSRP sessions of former descriptions in which an answer is still to come.
    former: Vec<SessionKey>,
    /// Own messages, whole or not, that are not answered.
    outstanding: BTreeSet<String>,
    /// Messages of the far end that arrived whole: their imdn.Message-IDs, or without envelope their Message-IDs.
    pub received: Vec<String>,
    /// Own messages that the far end has answered, by Message-ID, with the status; none for one that it left unanswered.
    pub answered: BTreeMap<String, Option<u16>>,
    /// Own messages that a REPORT came on, by Message-ID, with its status.
    pub reported: BTreeMap<String, u16>,
    /// Changes that this end asked for, in order.
    pub changes: Vec<Change>,
    /// How many changes the far end asked for.
    pub changed: usize,
    /// Our INVITE, and its transaction.
    invite: Option<(ClientId, Message)>,
    /// The far end's INVITE, not finally answered.
    server: Option<ServerId>,
    /// Reliable provisional answers of the far end that were acknowledged.
    acknowledged: Vec<(DialogId, u32)>,
    /// Dialogs that our INVITE made besides the one of the call, and that were ended.
    surplus: Vec<DialogId>,
    /// The highest number that a request of ours had before there was a dialog.
    last_cseq: u32,
    /// Our tag.
    tag: String,
    /// The session of our description, the same in each of its versions (RFC 3264 section 8).
    origin: u64,
    /// The version of our session description.
    version: u64,
    /// The offer of a change that is under way.
    offered: Option<MsrpMedia>,
    /// The far end was asked for an offer, and has not made it.
    asked_for_offer: bool,
    /// The answer to such an offer, with the number of the INVITE that had asked for it.
    offer_answered: Option<(u32, Bytes)>,
    /// The second message session of our offer.
    second: Option<MsrpMedia>,
}

impl Call {
    fn new(session: &str, tag: String, origin: u64) -> Call {
        Call {
            session: session.to_owned(),
            state: CallState::Early,
            rings: false,
            dialog: None,
            local: None,
            remote: None,
            media: None,
            former: Vec::new(),
            outstanding: BTreeSet::new(),
            received: Vec::new(),
            answered: BTreeMap::new(),
            reported: BTreeMap::new(),
            changes: Vec::new(),
            changed: 0,
            invite: None,
            server: None,
            acknowledged: Vec::new(),
            surplus: Vec::new(),
            last_cseq: 0,
            tag,
            origin,
            version: 1,
            offered: None,
            asked_for_offer: false,
            offer_answered: None,
            second: None,
        }
    }
}

/// All calls of one end.
#[derive(Debug)]
pub struct Calls {
    /// Who it is.
    pub party: Party,
    /// The public identity.
    pub identity: String,
    /// The contact address.
    pub contact: String,
    /// `+sip.instance` of a device.
    pub instance: Option<String>,
    /// How it behaves.
    pub manner: Manner,
    /// Its MSRP side.
    pub media: Media,
    /// Its calls, the newest last.
    pub held: BTreeMap<u64, Call>,
    next: u64,
}

impl Calls {
    /// An end that is in no session.
    pub fn new(party: Party, identity: &str, contact: String, instance: Option<String>, media: Media) -> Calls {
        Calls {
            party,
            identity: identity.to_owned(),
            contact,
            instance,
            manner: Manner::default(),
            media,
            held: BTreeMap::new(),
            next: 0,
        }
    }

    /// The newest call of a session.
    pub fn of(&self, session: &str) -> Option<&Call> {
        self.held.values().rev().find(|call| call.session == session)
    }

    pub(super) fn number_of(&self, session: &str) -> Option<u64> {
        self.held.iter().rev().find(|(_, call)| call.session == session).map(|(number, _)| *number)
    }

    /// True when a session stands and its connection carries messages.
    pub fn carries(&self, session: &str) -> bool {
        self.of(session).is_some_and(|call| {
            call.state == CallState::Established && call.media.is_some_and(|key| self.media.is_bound(key))
        })
    }

    /// Takes input of the end's own connections.
    pub fn receive(&mut self, signalling: &mut Signalling, input: Input) {
        self.media.receive(signalling.now, input, &mut signalling.links);
        self.handle_media(signalling);
    }

    /// When [`Calls::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.media.poll_timeout()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, signalling: &mut Signalling) {
        self.media.handle_timeout(signalling.now, &mut signalling.links);
        self.handle_media(signalling);
    }

    fn handle_media(&mut self, signalling: &mut Signalling) {
        while let Some(event) = self.media.poll_event() {
            match event {
                MediaEvent::Session(key, event) => self.heard(signalling, key, *event),
                // A lost connection ends nothing in SIP: that is for steps to say.
                MediaEvent::Bound(_) | MediaEvent::Lost(..) => {}
            }
        }
    }

    fn add(&mut self, call: Call) -> u64 {
        self.next += 1;
        self.held.insert(self.next, call);
        self.next
    }

    fn host(&self) -> String {
        serving_cscf::host_of(self.media.address)
    }

    /// Contact with the feature tag of the service.
    fn contact_value(&self, service: Service) -> String {
        let instance = self.instance.as_ref().map(|urn| format!(";+sip.instance=\"<{urn}>\"")).unwrap_or_default();
        format!("<{}>{instance};{}", self.contact, feature_tag(service.identifier()))
    }

    /// Takes a request within one of the sessions; false when it is in none.
    pub fn in_dialog(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) -> bool {
        let found = self.held.iter_mut().find(|(_, call)| call.dialog.as_ref().is_some_and(|d| d.matches(request)));
        let Some((number, call)) = found else { return false };
        let number = *number;
        if call.dialog.as_mut().is_some_and(|dialog| dialog.receive(request).is_err()) {
            signalling.refuse(server, 500);
            return true;
        }
        match request.method() {
            Method::Bye => {
                signalling.refuse(server, 200);
                self.end(signalling, number, CallState::Ended);
            }
            Method::Invite | Method::Update => self.offered_change(signalling, number, server, request),
            _ => signalling.refuse(server, 200),
        }
        true
    }

    fn end(&mut self, signalling: &mut Signalling, number: u64, state: CallState) {
        let Some(call) = self.held.get_mut(&number) else { return };
        call.state = state;
        for key in call.media.take().into_iter().chain(call.former.drain(..)) {
            self.media.close(key, &mut signalling.links);
        }
    }
}
