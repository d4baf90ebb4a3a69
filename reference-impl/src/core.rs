//! The participating function, sans-IO: inputs and the time go in, octets and writes come out. Here is dispatch alone;
//! what is decided stands in [`functions`](crate::functions), how it is done in [`call`](crate::call).

mod deferred;
mod history;
mod interworking;
mod messages;
mod presence;

use crate::call::legs::LegEvent;
use crate::call::offer::description;
use crate::call::pass::{Passing, Settled, Target, Untaken};
use crate::call::registrations::{self, Device, Registrations, Told};
use crate::call::served::{ServedUser, SessionCase, served_user};
use crate::call::{Event, Load, Mechanics, Owner, Usage, admission, bodies};
use crate::config::{BlockedContent, Config};
use crate::functions::charging::{self, Charging, Service};
use crate::functions::conversation_history::ConversationHistory;
use crate::functions::deferred_messages::DeferredMessages;
use crate::functions::disposition_reports::Said;
use crate::functions::interworking::{Interworking, Resort, resort};
use crate::functions::lawful_interception::LawfulInterception;
use crate::functions::media_negotiation;
use crate::functions::messages::{Goal, Messages, Why, is_large};
use crate::functions::missed_group_content::{self, MissedGroupContent};
use crate::functions::multi_device::Reach;
use crate::functions::multi_device::preference::DevicePreference;
use crate::functions::policies_and_preferences::{self, Beginning, Decision, Pending, Policies, SessionKind};
use crate::functions::presence::Presence;
use crate::functions::session_continuity::Claim;
use crate::functions::sessions::{self, Absent, Sessions, Terms};
use crate::store::{Contents, DeferredRecord, Token, Write};
use cpm_wire::io;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use std::net::SocketAddr;
use std::sync::Arc;

/// Where the function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Its SIP address, over UDP and TCP.
    pub sip: SocketAddr,
    /// Its MSRP address.
    pub msrp: SocketAddr,
    /// Where it takes orders of interception, if anywhere.
    pub x1: Option<SocketAddr>,
}

/// What goes in.
#[derive(Clone, Debug)]
pub enum Input {
    /// Something from the network.
    Net(io::Input),
    /// A batch of writes is on the disk.
    Persisted(Token),
    /// A batch of writes could not be written, and is given back; or what was to be loaded could not be read.
    Failed(Token, Vec<Write>),
    /// What was to be loaded, as far as it is there.
    Loaded(Token, Vec<DeferredRecord>),
}

/// What comes out.
#[derive(Clone, Debug)]
pub enum Output {
    /// Something for the network.
    Net(io::Output),
    /// A batch of writes. [`Input::Persisted`] tells when it is on the disk, [`Input::Failed`] that it cannot be.
    Persist {
        /// The name of the batch.
        token: Token,
        /// The writes, in order.
        writes: Vec<Write>,
    },
    /// Deferred items that are to be read from the disk; [`Input::Loaded`] brings them.
    Load(Load),
}

/// The participating function.
pub struct Core {
    mechanics: Mechanics,
    missed: MissedGroupContent,
    sessions: Sessions,
    policies: Policies,
    messages: Messages,
    passing: Passing,
    deferred: DeferredMessages,
    said: Said,
    charging: Charging,
    interworking: Interworking,
    history: ConversationHistory,
    presence: Presence,
    interception: LawfulInterception,
}

impl Core {
    /// A function at these addresses, with what its store holds. `seed` decides every name that it makes up.
    pub fn new(config: Config, addresses: Addresses, mut restored: Contents, seed: u64) -> Core {
        let interception = LawfulInterception::new(config.interception.as_ref());
        let mut mechanics = Mechanics::new(Arc::new(config), addresses.sip, addresses.msrp, seed);
        mechanics.administration.at = addresses.x1;
        mechanics.registrations = Registrations::restored(&restored.registrations);
        mechanics.count_from(&restored);
        mechanics.restore_charging(std::mem::take(&mut restored.charging));
        let deferred = DeferredMessages::restored(std::mem::take(&mut restored.deferred));
        for record in std::mem::take(&mut restored.history) {
            mechanics.message_store.keep(Time::ZERO, record);
        }
        let presence = Presence::restored(restored.registrations.iter().map(|record| record.user.clone()));
        let missed = MissedGroupContent::restored(&mechanics, restored);
        Core {
            mechanics,
            missed,
            sessions: Sessions::default(),
            policies: Policies::default(),
            messages: Messages::default(),
            passing: Passing::default(),
            deferred,
            said: Said::default(),
            charging: Charging::default(),
            interworking: Interworking::default(),
            history: ConversationHistory::default(),
            presence,
            interception,
        }
    }

    /// Takes one input.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        self.mechanics.now = now;
        match input {
            Input::Net(input) => self.mechanics.handle_net(input),
            Input::Persisted(token) => self.mechanics.handle_persisted(token),
            Input::Failed(token, writes) => self.mechanics.handle_failed(token, writes),
            Input::Loaded(token, records) => self.mechanics.handle_loaded(token, records),
        }
        self.dispatch();
    }

    /// The clock has reached what [`Core::poll_timeout`] said.
    pub fn handle_timeout(&mut self, now: Time) {
        self.mechanics.now = now;
        self.missed.resume(&mut self.mechanics);
        self.mechanics.handle_timeout();
        self.dispatch();
        self.missed.handle_timeout(&mut self.mechanics);
        self.sessions.handle_timeout(&mut self.mechanics);
        self.policies.handle_timeout(&mut self.mechanics);
        self.messages.handle_timeout(&mut self.mechanics);
        self.deferred.handle_timeout(&mut self.mechanics);
        self.charging.handle_timeout(&mut self.mechanics);
        self.presence.handle_timeout(&mut self.mechanics);
        while let Some(settled) = self.passing.overdue(self.mechanics.now) {
            self.settled(settled);
        }
        self.end_overdue_interworking();
        self.stand_in_for_absent();
        self.serve_deferred();
        self.dispatch();
    }

    /// The operator ends the sessions between two of a user that have this contribution. Gives how many there were.
    pub fn release(&mut self, now: Time, user: &str, contribution: &str) -> usize {
        self.mechanics.now = now;
        let released = self.sessions.release(&mut self.mechanics, user, contribution);
        self.dispatch();
        released
    }

    /// The function is about to end: who wants to be told so is.
    pub fn part(&mut self, now: Time) {
        self.mechanics.now = now;
        self.mechanics.charging.part(now);
    }

    /// True once all that were told know.
    pub fn has_parted(&self) -> bool {
        self.mechanics.charging.has_parted()
    }

    /// The next line of the audit log of interception.
    pub fn poll_audit(&mut self) -> Option<String> {
        self.interception.poll_audit()
    }

    /// The next output.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some((token, writes)) = self.mechanics.poll_writes() {
            return Some(Output::Persist { token, writes });
        }
        if let Some(load) = self.mechanics.poll_load() {
            return Some(Output::Load(load));
        }
        self.mechanics.poll_net().map(Output::Net)
    }

    /// When [`Core::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let functions = [self.missed.poll_timeout(), self.sessions.poll_timeout(), self.policies.poll_timeout()];
        let messages = [self.passing.poll_timeout(), self.messages.poll_timeout(), self.deferred.poll_timeout()];
        let others = [self.charging.poll_timeout(), self.interworking.poll_timeout(), self.mechanics.poll_timeout()];
        let others = others.into_iter().chain([self.presence.poll_timeout()]);
        functions.into_iter().chain(messages).chain(others).flatten().min()
    }

    fn dispatch(&mut self) {
        loop {
            if let Some(pending) = self.policies.poll_ready() {
                self.decided(pending);
            } else if let Some(user) = self.policies.poll_changed() {
                self.deferred.preferences_changed(&mut self.mechanics, &user);
            } else if let Some(user) = self.presence.poll_opened() {
                self.opened(&user);
            } else if let Some(service) = self.charging.poll_granted() {
                self.goes_on(service);
            } else if let Some(event) = self.mechanics.poll_event() {
                self.event(event);
            } else if let Some(carried) = self.mechanics.poll_carried() {
                self.keep(carried);
            } else if let Some(done) = self.messages.poll_done() {
                self.message_done(done);
            } else {
                self.interception.serve(&mut self.mechanics);
                return self.mechanics.forget_kept();
            }
            self.stand_in_for_absent();
            self.serve_deferred();
        }
    }

    fn event(&mut self, event: Event) {
        let Some(event) = self.deferred_event(event).and_then(|event| self.presence_event(event)) else { return };
        let m = &mut self.mechanics;
        match event {
            Event::Initial { server, request } => self.initial(server, request),
            Event::Leg { owner: Owner::Chat(chat), leg, event } => self.missed.leg(m, chat, leg, event),
            Event::Leg { owner: Owner::Session(session), leg, event } => self.sessions.leg(m, session, leg, event),
            Event::Leg { owner: Owner::Large(id), event, .. } => self.messages.leg(m, id, event),
            Event::Leg { event: LegEvent::Request { server, request }, .. } => m.refuse(server, &request, 481),
            Event::Leg { .. } => {}
            Event::Media { owner: Owner::Chat(chat), session, event } => self.missed.media(m, chat, session, event),
            Event::Media { owner: Owner::Session(id), session, event } => self.sessions.media(m, id, session, event),
            Event::Media { owner: Owner::Large(id), event, .. } => self.messages.media(m, id, event),
            Event::Media { .. } => {}
            Event::Response { owner, client, response } => match owner {
                Owner::Chat(chat) => self.missed.response(m, chat, client, response.as_ref()),
                Owner::Passed(id) => {
                    if let Some(settled) = self.passing.answered(m, id, client, response) {
                        self.settled(settled);
                    }
                }
                Owner::Preferences(number) => self.policies.response(m, number, client, response.as_ref()),
                Owner::Interworked(id) => {
                    if let Some(outcome) = self.interworking.answered(m, id, response) {
                        self.not_interworked(outcome);
                    }
                }
                Owner::Copy(id) => self.messages.copy_answered(id, response.as_ref()),
                Owner::Session(_) | Owner::Large(_) | Owner::Deferred(_) | Owner::Presence(_) => {}
            },
            Event::Subscription { usage: Usage::Subscriber(Owner::Preferences(number)), server, request } => {
                self.policies.notified(m, number, server, &request);
            }
            Event::Subscription { usage, server, request } => self.missed.in_subscription(m, usage, server, &request),
            Event::Persisted { owner: Owner::Chat(chat), token } => self.missed.persisted(m, chat, token),
            Event::Unwritten { owner: Owner::Chat(chat), token } => self.missed.unwritten(m, chat, token),
            Event::Persisted { .. } | Event::Unwritten { .. } | Event::Loaded { .. } => {}
            Event::Preferences { wanted, outcome } => self.policies.told(m, wanted, outcome),
            Event::Metered(news) => self.charging.metered(m, news),
            Event::Spent { owner: Owner::Session(session), .. } => self.sessions.spent(m, session),
            Event::Spent { leg, .. } => m.cut(leg, charging::SPENT),
            Event::Charging(told) => self.charging.told(m, told),
            Event::Withdrawn(server) => {
                let waiting = self.policies.withdrawn(server).or_else(|| self.charging.withdrawn(server));
                if let Some(invite) = waiting {
                    m.refuse(server, &invite, 487);
                }
            }
        }
    }

    /// A request outside any dialog.
    fn initial(&mut self, server: ServerId, request: Message) {
        let m = &mut self.mechanics;
        if m.sip.has_sent(&request) {
            let target = request.request_uri().unwrap_or_default().to_owned();
            return self.passing.pass(m, server, request, vec![Target::of(&target)]);
        }
        match request.method() {
            Method::Register => self.register(server, &request),
            Method::Options if request.routes().count() < 2 => m.reply(server, &request, 200, |response| {
                response.header(Name::Allow, admission::ALLOW).header(Name::Accept, admission::ACCEPT)
            }),
            Method::Bye | Method::Update | Method::Notify | Method::Info => m.refuse(server, &request, 481),
            Method::Invite => self.invite(server, request),
            Method::Message => self.message(server, request),
            _ => self.outside_sessions(server, request),
        }
    }

    /// The serving CSCF tells who can be reached.
    fn register(&mut self, server: ServerId, request: &Message) {
        let m = &mut self.mechanics;
        let expires = request.expires();
        m.reply(server, request, 200, |mut response| {
            for contact in request.headers(&Name::Contact) {
                response = response.header(Name::Contact, contact);
            }
            expires.into_iter().fold(response, |response, seconds| response.header(Name::Expires, seconds))
        });
        let told = registrations::told(m.now, request);
        for user in registrations::users_of(request) {
            match &told {
                Told::Registered(devices) => devices.iter().for_each(|device| self.registered(&user, device)),
                Told::Gone(devices) => {
                    devices.iter().for_each(|device| self.deregistered(&user, Some(&device.key)));
                }
                Told::AllGone => self.deregistered(&user, None),
            }
            self.presence.registrations_changed(&mut self.mechanics, &user);
        }
    }

    fn registered(&mut self, user: &str, device: &Device) {
        let m = &mut self.mechanics;
        let record = m.registrations.register(m.now, user, device.clone());
        m.write(vec![Write::Registration(record)]);
        if device.messages {
            self.messages.registered(m, user, device);
            self.registered_for_messages(user, device);
        }
        if !device.chat {
            return;
        }
        self.sessions.registered(&mut self.mechanics, user, device);
        self.reachable_for_chats(user, device);
    }

    fn deregistered(&mut self, user: &str, device: Option<&str>) {
        let m = &mut self.mechanics;
        let gone = m.registrations.forget(user, device);
        let forget = |device| Write::ForgetRegistration { user: user.to_owned(), device };
        m.write(gone.into_iter().map(forget).collect());
        self.missed.deregistered(m, user, device);
        self.sessions.deregistered(m, user, device);
        self.deferred.deregistered(m, user, device);
        if !m.registrations.has(m.now, user) {
            self.policies.gone(m, user);
        }
        self.stand_in_for_absent();
    }

    /// An invitation to a session.
    fn invite(&mut self, server: ServerId, invite: Message) {
        let m = &mut self.mechanics;
        let Some(served) = served_user(&invite) else { return m.refuse(server, &invite, 400) };
        let fetches = served.case == SessionCase::Originating && missed_group_content::fetches(&invite);
        let large = !fetches && is_large(&invite);
        let group = !large && (bodies::is_group(&invite) || self.missed.knows(&served, &invite));
        let Some(invite) = sessions::identified(m, server, invite, group || fetches) else { return };
        if !matches!(invite.contacts().next(), Some(Ok(_))) {
            return m.refuse(server, &invite, 400);
        }
        if let Some(status) = media_negotiation::refusal(&m.config.media, description(&invite).as_ref()) {
            return m.refuse(server, &invite, status);
        }
        match self.sessions.claimed(m, &served, &invite) {
            Claim::Refused(status) => return m.refuse(server, &invite, status),
            Claim::Session(id, leg) => return self.sessions.take_over(m, (id, leg), server, invite),
            Claim::Nothing => {}
            Claim::Chat(id, leg) => {
                if !self.missed.take_over(m, (id, leg), server, &invite, &served) {
                    m.refuse(server, &invite, 403);
                }
                return;
            }
        }
        let session = match group {
            _ if fetches => SessionKind::Fetch,
            _ if large => SessionKind::Large,
            true => SessionKind::OfGroup,
            false => SessionKind::OfTwo,
        };
        self.policies.wait(m, Pending::Session(Box::new(Beginning { server, invite, served, session })));
    }

    /// What its user's documents decide need not wait for them any more.
    fn decided(&mut self, pending: Pending) {
        match pending {
            Pending::Session(beginning) => self.begun(*beginning),
            Pending::Message(arrived) => self.message_begun(*arrived),
            Pending::Registered(user, device) => {
                self.withhold(&user);
                self.missed.registered(&mut self.mechanics, &user, &device);
            }
            Pending::Reachable(user, device) => self.deferred.registered(&mut self.mechanics, &user, &device),
        }
    }

    /// A session begins as policies and preferences let it.
    fn begun(&mut self, beginning: Beginning) {
        let full = self.is_full(&beginning);
        let Beginning { server, invite, served, session } = beginning;
        if full {
            return self.mechanics.refuse_full(server, &invite);
        }
        if served.case == SessionCase::Originating {
            self.withhold(&served.key);
        }
        self.ask_for_history(&served, &invite);
        let m = &mut self.mechanics;
        if session == SessionKind::Fetch {
            return match self.missed.is_known(&served, &invite) {
                true => self.missed.fetch(m, server, invite, &served),
                false => self.deferred.fetch(m, server, invite, &served),
            };
        }
        let decision = match session {
            SessionKind::Large => self.policies.decide_message(m, &served, &invite),
            _ => self.policies.decide(m, &served, &invite),
        };
        if let Some(invite) = policies_and_preferences::admitted(m, server, invite, &decision) {
            let beginning = Box::new(Beginning { server, invite, served, session });
            self.charging.wait(m, Service::Session(beginning, decision));
        }
    }

    /// What is charged may go on.
    fn goes_on(&mut self, service: Service) {
        match service {
            Service::Session(beginning, decision) => self.session_goes_on(*beginning, decision),
            Service::Message(arrived, decision) => self.message_goes_on(*arrived, &decision),
        }
    }

    fn session_goes_on(&mut self, beginning: Beginning, decision: Decision) {
        let m = &mut self.mechanics;
        let Beginning { server, invite, served, session } = beginning;
        match (served.case, session) {
            (SessionCase::Terminating, SessionKind::OfTwo) => self.session_for(server, invite, &served, decision),
            (SessionCase::Terminating, SessionKind::Large) => self.large_comes(server, invite, &served, decision),
            (SessionCase::Originating, SessionKind::Large) => self.large_leaves(server, invite, &served, decision),
            (SessionCase::Terminating, _) => {
                let absent = decision.defers() || !decision.available;
                let devices = if absent { Vec::new() } else { m.devices_for(&served) };
                let devices = match &decision.devices {
                    Some(wish) => wish.arranged(devices),
                    None => devices,
                };
                self.missed.invitation(m, server, invite, &served, devices);
            }
            (SessionCase::Originating, SessionKind::OfTwo) => {
                let resort = resort(&m.config, &served, &decision);
                let kept = self.history.wants_session(m, &self.policies, &served, &invite);
                let terms = Terms { stand_in: false, barred: decision.barred, hidden: decision.hidden, resort, kept };
                self.sessions.originating(m, server, invite, &served, terms);
            }
            (SessionCase::Originating, _) => {
                let invite = if decision.hidden { policies_and_preferences::with_privacy(&invite) } else { invite };
                self.missed.rejoin(m, server, invite, &served);
            }
        }
    }

    /// True when there are as many sessions as may be, and this would be one more: who joins a chat that is in session begins none.
    fn is_full(&self, Beginning { invite, served, session, .. }: &Beginning) -> bool {
        let joins = matches!(session, SessionKind::OfGroup | SessionKind::Fetch);
        let joins = joins && self.missed.is_in_session(served, invite);
        let sessions = self.sessions.count() + self.missed.sessions() + self.messages.sessions();
        let sessions = sessions + self.charging.waiting();
        !joins && sessions >= self.mechanics.config.max_sessions
    }

    /// What authors said whom the user has blocked since is not for the user any more, if it is to be so.
    fn withhold(&mut self, user: &str) {
        let (m, policies) = (&mut self.mechanics, &self.policies);
        if m.config.blocked_content == BlockedContent::Withhold {
            self.missed.withhold(m, user, |m, author| policies.blocks(m, user, author));
        }
    }

    /// An invitation to a session that is no group's: of a user who cannot be had, the words of a chat are kept.
    fn session_for(&mut self, server: ServerId, invite: Message, served: &ServedUser, decision: Decision) {
        let m = &mut self.mechanics;
        let resort = resort(&m.config, served, &decision);
        if !decision.available && resort != Resort::Offline {
            return m.refuse(server, &invite, 480);
        }
        let policy = m.config.policy(&served.identity);
        let wish = decision.devices.clone().unwrap_or_else(|| DevicePreference::by_policy(policy.device_mode));
        let devices = if decision.defers() || !decision.available { Vec::new() } else { m.devices_for(served) };
        let reach = Reach::new(m.now, policy.device_mode, wish, devices);
        // What is kept is kept under its contribution.
        let named = invite.header(&Name::ContributionId).is_some_and(|value| !value.is_empty());
        let stand_in = named && missed_group_content::is_chat(&invite) && policy.store;
        if reach.devices.is_empty() && stand_in && resort != Resort::Offline {
            let received = invite.clone();
            let called = |m: &mut Mechanics, owner| m.called(owner, server, received);
            return self.missed.one_to_one(m, &invite, served, called);
        }
        let kept = self.history.wants_session(m, &self.policies, served, &invite);
        let terms = Terms { stand_in, barred: decision.barred, hidden: false, resort, kept };
        self.sessions.terminating(m, server, invite, served, reach, terms);
    }

    /// Nobody answered in a chat: the caller's words are kept.
    fn stand_in_for_absent(&mut self) {
        let m = &mut self.mechanics;
        for Absent { leg, served } in self.sessions.take_absent() {
            let Some(invite) = m.leg(leg).map(|leg| leg.invite().clone()) else { continue };
            let called = |m: &mut Mechanics, owner| {
                m.hand_over(leg, owner);
                leg
            };
            match is_large(&invite) {
                true => self.messages.take(m, invite, served, Goal::Defer(Why::Absent), called),
                false => self.missed.one_to_one(m, &invite, &served, called),
            }
        }
    }

    /// SUBSCRIBE, REFER and the like.
    fn outside_sessions(&mut self, server: ServerId, request: Message) {
        let m = &mut self.mechanics;
        let Some(served) = served_user(&request) else { return m.refuse(server, &request, 400) };
        let Some((server, request)) = self.for_deferred(server, request, &served) else { return };
        let m = &mut self.mechanics;
        if served.case == SessionCase::Terminating {
            let devices = m.devices_for(&served);
            return self.pass_to(server, request, &served, devices);
        }
        if request.method() == Method::Subscribe && self.missed.subscription(m, server, &request, &served) {
            return;
        }
        let target = request.request_uri().unwrap_or_default().to_owned();
        self.passing.pass(m, server, request, vec![Target::of(&target)]);
    }

    /// A request goes on to these devices of a served user.
    fn pass_to(&mut self, server: ServerId, request: Message, served: &ServedUser, devices: Vec<Device>) {
        if devices.is_empty() {
            return self.untaken(Untaken { server, request, best: None, absent: true });
        }
        self.passing.pass(&mut self.mechanics, server, request, targets(served, devices));
    }

    /// Nobody answers a request any more.
    fn settled(&mut self, settled: Settled) {
        match settled {
            Settled::Untaken(untaken) => self.untaken(untaken),
            Settled::Missed(request, devices) => self.missed_by(&request, devices),
        }
    }

    /// Nobody took a request.
    fn untaken(&mut self, untaken: Untaken) {
        match untaken.request.method() {
            Method::Message => self.message_untaken(untaken),
            _ => Passing::refuse(&mut self.mechanics, &untaken),
        }
    }
}

/// Where a request for a served user goes on to.
fn targets(served: &ServedUser, devices: Vec<Device>) -> Vec<Target> {
    let target = |device: Device| Target {
        uri: device.contact.unwrap_or_else(|| served.identity.clone()),
        device: Some(device.key),
    };
    devices.into_iter().map(target).collect()
}

impl Mechanics {
    /// The devices by which a terminating user may be reached now: the registered ones that can chat, or the public
    /// identity when the serving CSCF says that the user is registered and has told no more.
    fn devices_for(&self, served: &ServedUser) -> Vec<Device> {
        if served.registered == Some(false) {
            return Vec::new();
        }
        let registered = self.registrations.devices(self.now, &served.key);
        if registered.is_empty() && served.registered == Some(true) {
            return vec![Device::any(self.now)];
        }
        registered.into_iter().filter(|device| device.chat).collect()
    }

    /// The same for messages outside sessions.
    fn message_devices_for(&self, served: &ServedUser) -> Vec<Device> {
        if served.registered == Some(false) {
            return Vec::new();
        }
        let registered = self.registrations.devices(self.now, &served.key);
        if registered.is_empty() && served.registered == Some(true) {
            return vec![Device::any(self.now)];
        }
        registered.into_iter().filter(|device| device.messages).collect()
    }
}
