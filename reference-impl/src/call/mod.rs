//! The shared mechanics of the function: legs of a back-to-back agent, media, registrations, writes to the store.
//!
//! Nothing here decides what a service does. A function calls the mechanics and is told, by [`Event`]s that name
//! their [`Owner`], what came of it.

pub mod admission;
pub mod availability;
pub mod bodies;
pub mod carried;
pub mod invite;
pub mod legs;
mod malformed;
pub mod media;
mod metering;
pub mod offer;
pub mod pass;
pub mod registrations;
pub mod schedule;
pub mod seen;
pub mod served;
pub mod sip;
pub mod tokens;
mod writing;

use crate::config::Config;
use crate::neighbours::administration::Administration;
use crate::neighbours::charging::{ChargingServer, Told};
use crate::neighbours::mediation::Mediation;
use crate::neighbours::message_store::MessageStore;
use crate::neighbours::preferences::{Outcome, PreferenceServer, Wanted};
use crate::store::{DeferredRecord, Token, Write};
use availability::Availability;
use carried::Carried;
use cpm_wire::io;
use cpm_wire::sip::{Builder, Editor, Message, Method, reason_phrase};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use legs::{Leg, LegEvent, LegId, Over};
use media::{Media, MediaEvent, MediaId};
pub use metering::Metered;
use metering::Metering;
use registrations::Registrations;
use schedule::Schedule;
use sip::Sip;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use tokens::Tokens;
pub use writing::Load;

/// Who gets to hear what becomes of a leg, a media session, a request or a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A chat of one served user.
    Chat(u64),
    /// A session that is only passed through.
    Session(u64),
    /// A request outside sessions that is only passed through.
    Passed(u64),
    /// Something about what waits for its user outside sessions.
    Deferred(u64),
    /// The changes of a user's preferences.
    Preferences(u64),
    /// A message in a session of its own.
    Large(u64),
    /// A copy of a message for a device that could not be had before.
    Copy(u64),
    /// A message that the interworking function is to take.
    Interworked(u64),
    /// The presence of a user.
    Presence(u64),
}

/// Where a request within a dialog belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// To a leg.
    Leg(LegId),
    /// To a subscription of the function's own.
    Subscriber(Owner),
    /// To a subscription of a device, by its number.
    Notifier(Owner, u64),
    /// To a subscription or a session that the function has ended: its last word is awaited.
    Parted,
}

/// The own end of a dialog, which may have several others yet: its Call-ID and the own tag, joined by a character that neither can
/// contain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct OwnEnd(Box<str>);

impl OwnEnd {
    fn new(call_id: &str, local_tag: &str) -> OwnEnd {
        OwnEnd([call_id, local_tag].join("\n").into())
    }
}

/// The service identifier of sessions of two.
pub const CHAT_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session";
/// The feature tag of sessions of two.
pub const CHAT_TAG: &str = "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"";
/// The service identifier of group sessions.
pub const GROUP_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session.group";
/// The feature tag of group sessions.
pub const GROUP_TAG: &str = "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session.group\"";

/// True for a refusal that says that the user cannot be had now, not that the user will not.
pub fn is_absence(status: u16) -> bool {
    matches!(status, 404 | 408 | 410 | 430 | 480 | 487 | 500 | 502 | 503 | 504)
}

/// The most ended subscriptions and sessions whose last word is awaited.
const MOST_PARTED: usize = 1024;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A request outside any dialog.
    Initial {
        /// To be answered here.
        server: ServerId,
        /// The request.
        request: Message,
    },
    /// Something about a leg.
    Leg {
        /// Its owner.
        owner: Owner,
        /// The leg.
        leg: LegId,
        /// What.
        event: LegEvent,
    },
    /// Something about a media session.
    Media {
        /// Its owner.
        owner: Owner,
        /// The session.
        session: MediaId,
        /// What.
        event: MediaEvent,
    },
    /// A response to a request outside legs; none when there was no answer.
    Response {
        /// Who sent the request.
        owner: Owner,
        /// The request.
        client: ClientId,
        /// The response.
        response: Option<Message>,
    },
    /// A request within a subscription's dialog.
    Subscription {
        /// The subscription: never [`Usage::Leg`].
        usage: Usage,
        /// To be answered here.
        server: ServerId,
        /// The request.
        request: Message,
    },
    /// Something about what is charged.
    Metered(Metered),
    /// The credit of a session is used up.
    Spent {
        /// Whose session it is.
        owner: Owner,
        /// The leg of who began it.
        leg: LegId,
    },
    /// The charging server has answered, or has not.
    Charging(Told),
    /// An INVITE that no leg was made of was cancelled. The CANCEL is answered.
    Withdrawn(ServerId),
    /// What became of a document of preferences that was asked for.
    Preferences {
        /// Which.
        wanted: Wanted,
        /// What became of it.
        outcome: Outcome,
    },
    /// What was to be written is on the disk.
    Persisted {
        /// Who asked for it.
        owner: Owner,
        /// By which name.
        token: Token,
    },
    /// What was to be written could not be.
    Unwritten {
        /// Who asked for it.
        owner: Owner,
        /// By which name.
        token: Token,
    },
    /// What was to be loaded; none when it could not be read.
    Loaded {
        /// By which name.
        token: Token,
        /// The items that there are.
        records: Option<Vec<DeferredRecord>>,
    },
}

/// What a request that was sent is for.
#[derive(Clone, Copy, Debug)]
enum Use {
    /// The INVITE that makes a leg.
    Invite(LegId),
    /// A request within a leg.
    InLeg(LegId),
    /// A request whose response its owner awaits.
    Request(Owner),
}

/// The mechanics.
pub struct Mechanics {
    /// The time of the input that is being handled.
    pub now: Time,
    /// The configuration.
    pub config: Arc<Config>,
    /// The SIP side.
    pub sip: Sip,
    /// The MSRP side.
    pub media: Media,
    /// The message store of the users.
    pub message_store: MessageStore,
    /// The document server of the users' preferences.
    pub preferences: PreferenceServer,
    /// The charging server.
    pub charging: ChargingServer,
    /// The administration function, which orders interception.
    pub administration: Administration,
    /// The mediation functions, which take what was intercepted.
    pub mediation: Mediation,
    /// Which devices can be reached.
    pub registrations: Registrations,
    /// Who of those is not to be had.
    pub availability: Availability,
    /// Fresh names.
    pub tokens: Tokens,
    /// Boxed, as all tables of what is large: half of a table may be empty.
    legs: HashMap<LegId, Box<Leg>>,
    metering: Metering,
    dialogs: HashMap<OwnEnd, Usage>,
    parted: VecDeque<OwnEnd>,
    over: VecDeque<Over>,
    uses: HashMap<ClientId, Use>,
    /// The legs whose INVITE is not finally answered here.
    unanswered: HashMap<ServerId, LegId>,
    acknowledging: HashMap<ServerId, LegId>,
    /// When the legs whose provisional answer waits for its PRACK send it again.
    unacknowledged: Schedule<LegId>,
    /// What stands for the INVITE of a leg that needs it no more.
    no_invite: Arc<Message>,
    events: VecDeque<Event>,
    carried: VecDeque<Carried>,
    writes: VecDeque<(Token, Vec<Write>)>,
    loads: VecDeque<Load>,
    loading: HashSet<Token>,
    /// What nobody waits for and could not be written is tried again then.
    owed: Option<(Time, Vec<Write>)>,
    awaited: HashMap<Token, Owner>,
    last: u64,
    records: u64,
}

impl Mechanics {
    /// Mechanics at these addresses.
    pub fn new(config: Arc<Config>, sip: SocketAddr, msrp: SocketAddr, seed: u64) -> Mechanics {
        let mut tokens = Tokens::new(seed);
        Mechanics {
            now: Time::ZERO,
            sip: Sip::new(config.t1, sip, config.serving_cscf, tokens.number()),
            media: Media::new(msrp),
            message_store: MessageStore::new(config.message_store.as_ref(), config.retry),
            preferences: PreferenceServer::new(config.preferences.as_ref()),
            charging: ChargingServer::new(config.charging.as_ref(), &config.domain, tokens.number()),
            administration: Administration::default(),
            mediation: Mediation::new(config.interception.as_ref()),
            registrations: Registrations::default(),
            availability: Availability::default(),
            config,
            tokens,
            legs: HashMap::new(),
            metering: Metering::default(),
            dialogs: HashMap::new(),
            parted: VecDeque::new(),
            over: VecDeque::new(),
            uses: HashMap::new(),
            unanswered: HashMap::new(),
            acknowledging: HashMap::new(),
            unacknowledged: Schedule::default(),
            no_invite: Arc::new(Builder::request(Method::Invite, "").build()),
            events: VecDeque::new(),
            carried: VecDeque::new(),
            writes: VecDeque::new(),
            loads: VecDeque::new(),
            loading: HashSet::new(),
            owed: None,
            awaited: HashMap::new(),
            last: 0,
            records: 0,
        }
    }

    /// Takes in what the driver brings.
    pub fn handle_net(&mut self, input: io::Input) {
        if self.sip.owns(&input) {
            self.sip.receive(self.now, input);
        } else if self.message_store.owns(&input) {
            self.message_store.receive(self.now, input);
        } else if self.preferences.owns(&input) {
            self.preferences.receive(self.now, input);
        } else if self.charging.owns(&input) {
            self.charging.receive(self.now, input);
        } else if self.administration.owns(&input) {
            self.administration.receive(self.now, input);
        } else if self.mediation.owns(&input) {
            self.mediation.receive(self.now, input);
        } else {
            self.media.receive(self.now, input);
        }
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self) {
        self.write_again();
        self.sip.handle_timeout(self.now);
        self.repeat_provisional();
        self.media.handle_timeout(self.now);
        self.message_store.handle_timeout(self.now);
        self.preferences.handle_timeout(self.now);
        self.charging.handle_timeout(self.now);
        self.administration.handle_timeout(self.now);
        self.mediation.handle_timeout(self.now);
    }

    /// When [`Mechanics::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let own = [self.sip.poll_timeout(), self.media.poll_timeout(), self.unacknowledged.next()];
        let neighbours =
            [self.message_store.poll_timeout(), self.preferences.poll_timeout(), self.charging.poll_timeout()];
        let interception = [self.administration.poll_timeout(), self.mediation.poll_timeout()];
        let owed = self.owed.as_ref().map(|(at, _)| *at);
        own.into_iter().chain(neighbours).chain(interception).flatten().chain(owed).min()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        loop {
            // How a request was answered comes before what became of it then.
            if let Some(event) = self.poll_metered() {
                return Some(event);
            }
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if let Some(event) = self.sip.poll_event() {
                self.sip_event(event);
                continue;
            }
            if let Some(told) = self.charging.poll_told() {
                return Some(Event::Charging(told));
            }
            if let Some((wanted, outcome)) = self.preferences.poll_outcome() {
                return Some(Event::Preferences { wanted, outcome });
            }
            let (session, owner, event) = self.media.poll_event()?;
            return Some(Event::Media { owner, session, event });
        }
    }

    /// The next octets to be moved.
    pub fn poll_net(&mut self) -> Option<io::Output> {
        let own = self.sip.poll_output().or_else(|| self.media.poll_output());
        let own = own.or_else(|| self.message_store.poll_output()).or_else(|| self.preferences.poll_output());
        let own = own.or_else(|| self.charging.poll_output());
        own.or_else(|| self.administration.poll_output()).or_else(|| self.mediation.poll_output())
    }

    /// A number that was not used before.
    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Sends a request outside legs, without Via; its owner gets the responses.
    pub fn send(&mut self, owner: Owner, request: Message) -> ClientId {
        let client = self.sip.request(self.now, request);
        self.uses.insert(client, Use::Request(owner));
        client
    }

    /// Sends a request on that was received so, and is still being changed.
    pub fn send_onward(&mut self, owner: Owner, received: &Message, onward: Editor) -> ClientId {
        let client = self.sip.request_onward(self.now, received, onward);
        self.uses.insert(client, Use::Request(owner));
        client
    }

    /// Answers a request with a status and nothing else.
    pub fn refuse(&mut self, server: ServerId, request: &Message, status: u16) {
        self.reply(server, request, status, |response| response);
    }

    /// Answers a request; `fill` adds to the response.
    pub fn reply(&mut self, server: ServerId, request: &Message, status: u16, fill: impl FnOnce(Builder) -> Builder) {
        let response = Builder::response(request, status, reason_phrase(status)).to_tag(&self.tokens.tag());
        self.sip.respond(self.now, server, fill(response).build());
    }

    /// Says where the requests of a dialog belong.
    pub fn route(&mut self, call_id: &str, local_tag: &str, usage: Usage) {
        self.dialogs.insert(OwnEnd::new(call_id, local_tag), usage);
    }

    /// A subscription or a session that the function has ended: nobody is told of what still comes.
    pub fn part(&mut self, call_id: &str, local_tag: &str) {
        self.route(call_id, local_tag, Usage::Parted);
        self.parted.push_back(OwnEnd::new(call_id, local_tag));
        if self.parted.len() > MOST_PARTED
            && let Some(longest_ago) = self.parted.pop_front()
        {
            self.dialogs.remove(&longest_ago);
        }
    }

    /// Forgets a dialog.
    pub fn unroute(&mut self, call_id: &str, local_tag: &str) {
        self.dialogs.remove(&OwnEnd::new(call_id, local_tag));
    }

    /// The own SIP URI, for Contact.
    pub fn contact_uri(&self) -> String {
        format!("sip:{}", self.sip.local())
    }

    /// The own Contact, with what the function can do (RFC 3840).
    pub fn own_contact(&self) -> String {
        format!("<{}>;{GROUP_TAG}", self.contact_uri())
    }
}
