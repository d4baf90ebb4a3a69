//! A group chat of one served user, and what it is made of: the leg to the focus, the legs to the user's devices, the
//! items that wait, the roster.

use super::items::Items;
use super::lists::Lists;
use super::roster::RosterKeeper;
use super::stored_notifications::NotificationSessions;
use crate::call::legs::LegId;
use crate::call::media::{MediaId, Received};
use crate::call::offer::Local;
use crate::call::registrations::Device;
use crate::call::{Mechanics, Owner};
use crate::config::Policy;
use crate::store::{ChatRecord, StoredDialog, Token, Write};
use cpm_wire::dialog::Dialog;
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// A group chat of one served user.
pub struct Chat {
    /// What is stored of it.
    pub record: ChatRecord,
    /// The key of the served user.
    pub user: String,
    /// What the provider lets be stored for the user.
    pub policy: Policy,
    /// The leg to the focus.
    pub focus: Focus,
    /// A device has called the factory, or another focus, while the user is a member here.
    pub elsewhere: Option<Elsewhere>,
    /// The legs to the user's devices.
    pub devices: Vec<DeviceLeg>,
    /// The sessions that bring devices stored notifications alone.
    pub notification_sessions: NotificationSessions,
    /// The devices that are to be called if none before them answers.
    pub next_devices: VecDeque<Device>,
    /// What came from the focus and is not with every device yet.
    pub items: Items,
    /// What the focus tells of its members.
    pub roster: RosterKeeper,
    /// Drains that were refused and are to be tried again, by device.
    pub attempts: BTreeMap<String, Attempt>,
    /// What the devices sent and the focus has not acknowledged.
    pub upward: VecDeque<Upward>,
    /// Reports that went to an author already: message and status, and whose they are.
    pub reported: HashSet<(String, String, Reporter)>,
    /// Requests within a leg that went on to the other side: who waits for the answer.
    pub through: HashMap<ClientId, (ServerId, Message)>,
    /// True once the user was a member.
    pub established: bool,
    /// True once a device took part.
    pub known_to_user: bool,
    /// When the media path to the focus is built anew.
    pub mend: Option<Time>,
    /// How often that was tried since there was one.
    pub mends: u32,
    /// Nothing is to be remembered of the chat any more.
    pub over: bool,
}

/// Whose a report is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reporter {
    /// The user's.
    User,
    /// One device's.
    Device(String),
}

/// The leg to the focus.
#[derive(Debug)]
pub enum Focus {
    /// There is none: the chat has ended, or not begun.
    Absent,
    /// The focus has invited the user, and is not answered yet.
    Inviting {
        /// Its leg.
        leg: LegId,
        /// When the function stands in, unless a device answers.
        until: Time,
        /// What devices answered that do not want the session.
        refusals: Vec<u16>,
        /// True once the focus was told that a device rings.
        ringing: bool,
    },
    /// The 2xx waits for the chat's record to be on the disk.
    Answering {
        /// Its leg.
        leg: LegId,
        /// The own media.
        local: Local,
        /// What is awaited.
        record: Token,
    },
    /// The function has invited the focus: a device joins, or the function stands in again.
    Calling {
        /// Its leg.
        leg: LegId,
        /// The own media.
        local: Local,
    },
    /// After a restart: the session is offered a new media path in its old dialog.
    Resuming {
        /// Its leg.
        leg: LegId,
        /// The own media.
        local: Local,
        /// The re-INVITE.
        client: ClientId,
    },
    /// The user is a member of the chat, in person or stood in for.
    Live {
        /// Its leg.
        leg: LegId,
        /// The own media.
        local: Local,
    },
}

impl Focus {
    /// The leg, in whatever state.
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Focus::Absent => None,
            Focus::Inviting { leg, .. }
            | Focus::Answering { leg, .. }
            | Focus::Calling { leg, .. }
            | Focus::Resuming { leg, .. }
            | Focus::Live { leg, .. } => Some(*leg),
        }
    }

    /// The own media, once there are some.
    pub fn local(&self) -> Option<&Local> {
        match self {
            Focus::Absent | Focus::Inviting { .. } => None,
            Focus::Answering { local, .. }
            | Focus::Calling { local, .. }
            | Focus::Resuming { local, .. }
            | Focus::Live { local, .. } => Some(local),
        }
    }

    /// True while the user counts as a member.
    pub fn is_live(&self) -> bool {
        matches!(self, Focus::Answering { .. } | Focus::Resuming { .. } | Focus::Live { .. })
    }
}

/// The call of a device that went on to a place where the user is no member yet.
#[derive(Debug)]
pub struct Elsewhere {
    /// The leg to there.
    pub leg: LegId,
    /// The own media.
    pub local: Local,
}

/// A leg to a device of the user.
#[derive(Debug)]
pub struct DeviceLeg {
    /// The leg.
    pub leg: LegId,
    /// The device.
    pub device: Device,
    /// The own media.
    pub local: Local,
    /// How far it is.
    pub state: DeviceState,
    /// What it was made for.
    pub purpose: Purpose,
    /// What was sent to the device and not acknowledged yet.
    pub in_flight: Option<InFlight>,
    /// True when the device takes notifications in the session.
    pub notifications: bool,
    /// Reports that the device owes.
    pub owes: HashSet<String>,
    /// When a complete drain of an ended chat is over at the latest.
    pub linger: Option<Time>,
    /// Until when there has to be a connection.
    pub connect_by: Option<Time>,
    /// The lists of participants that come in the session.
    pub lists: Lists,
    /// Until when messages wait for the device to ask for the list of participants.
    pub list_wait: Option<Time>,
    /// True when the device showed itself again while it was called: if it does not answer, it is called at once.
    pub shown: bool,
}

/// How far a device leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// The device is being invited, until then.
    Called(Time),
    /// The device called, and waits for the focus.
    Waiting,
    /// The device takes part.
    Joined,
    /// The connection broke. The dialog is kept until then: a BYE of the user may be on its way.
    Lost(Time),
    /// Another leg to the device has taken its place; what is under way is waited for until then.
    Retiring(Time),
}

/// What a device leg was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The invitation of the focus went on to the device.
    Invitation,
    /// The function delivers what was missed.
    Drain,
    /// The device came by itself.
    Rejoin,
}

/// What was sent to a device and not acknowledged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// An item, by its number, in the session under this Message-ID.
    Send(u64, String),
    /// A list of participants, in the session under this Message-ID.
    List(String),
    /// An item, by its number, as a request of its own.
    Request(u64, ClientId),
}

/// A drain that was refused.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// How often it was tried since the last trigger.
    pub tried: u32,
    /// When it is tried again.
    pub due: Option<Time>,
}

/// A message of a device on its way to the focus.
#[derive(Debug)]
pub struct Upward {
    /// Its Message-ID on the leg to the focus, once it is sent.
    pub sent_as: Option<String>,
    /// Content-Type.
    pub content_type: String,
    /// The octets.
    pub octets: bytes::Bytes,
    /// What a device sent and waits to be answered; none when it is the function's own.
    pub from: Option<Received>,
}

impl InFlight {
    /// The item, when it is one.
    pub fn item(&self) -> Option<u64> {
        match self {
            InFlight::Send(item, _) | InFlight::Request(item, _) => Some(*item),
            InFlight::List(_) => None,
        }
    }
}

impl Chat {
    /// A chat of which this is known.
    pub fn new(record: ChatRecord, user: String, policy: Policy) -> Chat {
        let roster = RosterKeeper::new(&record);
        Chat {
            record,
            user,
            policy,
            focus: Focus::Absent,
            elsewhere: None,
            devices: Vec::new(),
            notification_sessions: NotificationSessions::default(),
            next_devices: VecDeque::new(),
            items: Items::default(),
            roster,
            attempts: BTreeMap::new(),
            upward: VecDeque::new(),
            reported: HashSet::new(),
            through: HashMap::new(),
            established: false,
            known_to_user: false,
            mend: None,
            mends: 0,
            over: false,
        }
    }

    /// The owner of all that belongs to the chat.
    pub fn owner(&self) -> Owner {
        Owner::Chat(self.record.id)
    }

    /// True while a device takes part.
    pub fn is_joined(&self) -> bool {
        self.devices.iter().any(|leg| leg.state == DeviceState::Joined)
    }

    /// True while somebody is called or connected: the focus, or a device.
    pub fn is_in_session(&self) -> bool {
        self.focus.leg().is_some() || !self.devices.is_empty() || !self.notification_sessions.is_empty()
    }

    /// Brings the record up to date with the leg.
    pub fn note_leg(&mut self, m: &Mechanics) {
        let leg = self.focus.leg().filter(|_| self.focus.is_live());
        let dialog = leg.and_then(|leg| m.leg(leg)).and_then(|leg| leg.dialog());
        let local = self.focus.local();
        self.record.leg = dialog.zip(local).map(|(dialog, local)| stored(dialog, local));
    }

    /// Has the record written, when the user's chats are stored at all.
    pub fn save(&mut self, m: &mut Mechanics) {
        self.note_leg(m);
        if self.policy.store {
            m.write(vec![Write::Chat(Box::new(self.record.clone()))]);
        }
    }

    /// The leg to a device, by its SIP leg.
    pub fn device_at(&self, leg: LegId) -> Option<usize> {
        self.devices.iter().position(|device| device.leg == leg)
    }

    /// The leg to a device, by its media session.
    pub fn device_of(&self, media: MediaId) -> Option<usize> {
        self.devices.iter().position(|device| device.local.media == media)
    }

    /// Takes a device leg out, and closes its media.
    pub fn remove_device(&mut self, m: &mut Mechanics, at: usize) -> Option<DeviceLeg> {
        if at >= self.devices.len() {
            return None;
        }
        let leg = self.devices.remove(at);
        m.media.close(leg.local.media);
        Some(leg)
    }
}

fn stored(dialog: &Dialog, local: &Local) -> StoredDialog {
    StoredDialog {
        call_id: dialog.id.call_id.clone(),
        local_tag: dialog.id.local_tag.clone(),
        remote_tag: dialog.id.remote_tag.clone(),
        local_uri: dialog.local_uri.clone(),
        remote_uri: dialog.remote_uri.clone(),
        remote_target: dialog.remote_target.clone(),
        route_set: dialog.route_set.clone(),
        local_cseq: dialog.local_cseq,
        remote_cseq: dialog.remote_cseq,
        sdp_version: local.version,
        sdp_session: local.session_id,
    }
}
