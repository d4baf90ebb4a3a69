//! The tester's sockets with the actors of a run behind them: what they send is what a run sends, and whatever crosses is kept
//! in a [`Record`]. Before a real core, and for a client under test, nobody stands behind the serving CSCF: it answers by itself.

mod client;
mod core;
mod function;
mod interception;
mod neighbours;
mod people;
mod rounds;

use std::net::SocketAddr;
use std::time::Duration;

use cpm_wire::endpoint::{Peer, Protocol, Transport, TransportEvent, response_peer};
use cpm_wire::io::Input;
use cpm_wire::net::{Binding, Clock, Driver, Inputs};
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use cpm_wire::time::Time;
use cpm_wire::transaction::Timers;

use super::meaning::{self, Answer};
use super::record::Record;
use super::{Examination, Outcome, arrangement};
use crate::actors::Ensemble;
use crate::actors::charging_server::{Accounts, ChargingServer};
use crate::actors::client::pulling::Customs;
use crate::actors::ids::Ids;
use crate::actors::message::Letter;
use crate::actors::message::letter::Author;
use crate::actors::message_store::{MessageStore, Outages};
use crate::actors::outbox::LinkOutput;
use crate::actors::preference_server::watching::Served as ServedDocuments;
use crate::actors::preference_server::{Documents, PreferenceServer};
use crate::actors::presence_server::PresenceServer;
use crate::actors::serving_cscf::{Served, ServingCscf, host_of};
use crate::actors::signalling::{Purpose, Signalling};
use crate::target::network::ActorName;
use crate::target::{Profile, Role};

/// How long a registration for a look lasts.
const REGISTERED_S: u32 = 600;
/// What a message says that is sent to see whether it comes back.
const TEXT: &str = "A look at the way back; nobody need read this.";

/// Talks to the target, where it is known, and looks whether the tester's addresses can be bound.
pub(super) async fn talk(profile: &Profile, target: Option<SocketAddr>, examination: &mut Examination) {
    let Some(mut line) = Line::open(profile, target, &mut examination.checks).await else { return };
    match target {
        Some(core) if profile.is_before_core() => line.of_core(profile, core, examination).await,
        Some(target) => line.of_function(profile, target, examination).await,
        None if profile.role == Role::Client => line.of_client(profile, examination).await,
        None => {}
    }
}

/// The tester's sockets, as a run has them.
struct Line {
    driver: Driver,
    inputs: Inputs,
    clock: Clock,
    transport: Transport,
    ensemble: Ensemble,
    record: Record,
    /// Nobody stands behind the serving CSCF.
    alone: bool,
}

impl Line {
    /// Binds what a run would bind; none when the serving CSCF has no socket.
    async fn open(profile: &Profile, target: Option<SocketAddr>, checks: &mut Vec<Outcome>) -> Option<Line> {
        let clock = Clock::start();
        let (driver, inputs) = Driver::new(clock);
        let mut bound = Vec::new();
        for (name, key, address) in arrangement::listeners(profile) {
            let udp = name == profile.signalling_actor();
            let opened = driver.bind(Binding { udp, tcp: true, address }).await;
            checks.push(meaning::bind(key, address, opened.as_ref().err()));
            bound.extend(opened.ok().map(|address| (name, address)));
        }
        let address = bound.iter().find(|(name, _)| *name == profile.signalling_actor())?.1;
        let cscf = ServingCscf {
            address,
            advertise: profile.serving_cscf_advertise(address),
            target: target.unwrap_or(address),
            preferred: if profile.prefers_tcp() { Protocol::Tcp } else { Protocol::Udp },
            domain: profile.domain(),
            tells_served_user: profile.tells_served_user(),
            embeds_register: profile.embeds_register(),
            before_core: profile.is_before_core(),
            client: None,
        };
        let seed = clock.now().as_nanos();
        let ids = Ids::new(&format!("doctor{:06x}", seed & 0xff_ffff), seed);
        let customs = Customs { deferred: profile.deferred(), exploder: profile.exploder(), ..Customs::default() };
        let mut ensemble = Ensemble::new(Signalling::new(cscf, ids, Timers::default()), customs);
        ensemble.makes_groups_at(&profile.factory());
        neighbours(profile, &bound, &mut ensemble);
        let alone = profile.is_before_core() || profile.role == Role::Client;
        let transport = Transport::new(address);
        Some(Line { driver, inputs, clock, transport, ensemble, record: Record::default(), alone })
    }

    fn advertised(&self) -> String {
        self.ensemble.signalling.cscf.advertise.clone()
    }

    fn options(&mut self) -> Message {
        let Signalling { cscf, ids, .. } = &mut self.ensemble.signalling;
        Builder::request(Method::Options, &cscf.target_uri())
            .header(Name::Via, cscf.via(&ids.branch()))
            .header(Name::MaxForwards, 70)
            .header(Name::From, format!("<{}>;tag={}", cscf.uri(), ids.token()))
            .header(Name::To, format!("<{}>", cscf.target_uri()))
            .header(Name::CallId, format!("{}@{}", ids.token(), cscf.address.ip()))
            .header(Name::CSeq, "1 OPTIONS")
            .header(Name::Contact, format!("<{}>", cscf.uri()))
            .header(Name::Accept, "application/sdp")
            .build()
    }

    fn device_register(&mut self, user: &str, expires: u32) -> Message {
        let Signalling { cscf, ids, .. } = &mut self.ensemble.signalling;
        let domain = cscf.domain.clone();
        Builder::request(Method::Register, &format!("sip:{domain}"))
            .header(Name::Via, cscf.via(&ids.branch()))
            .header(Name::MaxForwards, 70)
            .header(Name::From, format!("<{user}>;tag={}", ids.token()))
            .header(Name::To, format!("<{user}>"))
            .header(Name::CallId, format!("{}@{domain}", ids.token()))
            .header(Name::CSeq, "1 REGISTER")
            .header(Name::Contact, format!("<sip:{}@{}>;expires={expires}", ids.token(), cscf.advertise))
            .build()
    }

    fn message(&mut self, from: &str, to: &str) -> Message {
        let signalling = &mut self.ensemble.signalling;
        signalling.now = self.clock.now();
        let letter = Letter::new(signalling, TEXT);
        let author = Author { identity: from, host: host_of(signalling.cscf.address) };
        let served = Served { identity: from, originating: true, registered: true };
        letter.request(signalling, &author, (to, &[]), &served)
    }

    /// Sends a request to the target, and waits for its final response.
    async fn ask(&mut self, request: Message, within: Duration) -> (Answer, Option<Message>) {
        self.act(within, move |ensemble| {
            ensemble.signalling.request(request, Purpose::Plain);
        })
        .await
    }

    /// Lets the actors do something, and waits for the final answer to the first request that they send for it.
    async fn act(&mut self, within: Duration, work: impl FnOnce(&mut Ensemble)) -> (Answer, Option<Message>) {
        let before = self.record.sent.len();
        self.lets(work);
        let first = self.record.sent.get(before..).into_iter().flatten();
        let first = first.into_iter().find(|sent| sent.method() != Method::Ack).cloned();
        let Some(request) = first else { return (Answer::Unsent, None) };
        self.until(within, |line| line.record.answer(&request).0 != Answer::Silent).await;
        self.record.answer(&request)
    }

    /// Lets the actors do something now.
    fn lets(&mut self, work: impl FnOnce(&mut Ensemble)) {
        self.ensemble.signalling.now = self.clock.now();
        work(&mut self.ensemble);
        self.ensemble.settle();
        self.flush();
    }

    /// Moves what comes and goes until this holds; false when it did not in time.
    async fn until(&mut self, within: Duration, done: impl Fn(&Line) -> bool) -> bool {
        let deadline = self.clock.now() + within;
        loop {
            self.flush();
            if done(self) {
                return true;
            }
            if self.clock.now() >= deadline {
                return false;
            }
            let due = self.ensemble.poll_timeout().map_or(deadline, |due| due.min(deadline));
            let due = tokio::time::Instant::from_std(self.clock.instant(due));
            tokio::select! {
                input = self.inputs.recv() => match input {
                    Some((at, input)) => self.take(at, input),
                    None => return false,
                },
                () = tokio::time::sleep_until(due) => {
                    let now = self.clock.now();
                    if self.ensemble.poll_timeout().is_some_and(|due| due <= now) {
                        self.ensemble.handle_timeout(now);
                    }
                }
            }
        }
    }

    fn take(&mut self, at: Time, input: Input) {
        if self.transport.owns(&input) { self.transport.receive(input) } else { self.ensemble.receive_net(at, input) }
    }

    /// Keeps what the actors saw and did, and does what they want, until they want no more.
    fn flush(&mut self) {
        loop {
            let mut idle = true;
            while let Some(what) = self.ensemble.signalling.links.out.next_evidence() {
                self.record.keep(what);
            }
            while let Some(output) = self.ensemble.signalling.links.out.next_output() {
                match output {
                    LinkOutput::Sip { message, peer } => self.transport.send(&message, &peer),
                    LinkOutput::Net(output) => self.driver.perform(output),
                }
            }
            while let Some(event) = self.transport.poll_event() {
                idle = false;
                self.transported(event);
            }
            while let Some(output) = self.transport.poll_output() {
                self.driver.perform(output);
            }
            if idle {
                return;
            }
        }
    }

    fn transported(&mut self, event: TransportEvent) {
        let now = self.clock.now();
        match event {
            TransportEvent::Message { message, peer, .. } => {
                self.record.came.push((message.clone(), peer.address));
                if self.alone && message.is_request() {
                    self.answer_alone(&message, &peer);
                } else {
                    self.ensemble.receive_sip(now, message, peer);
                }
            }
            TransportEvent::WentByUdp { message, peer } => {
                self.ensemble.signalling.layer.went_unreliably(now, message, peer);
            }
            TransportEvent::Failed { messages, .. } => {
                for message in messages {
                    if let Some(client) = self.ensemble.signalling.layer.client_of(&message) {
                        self.ensemble.signalling.layer.transport_failed(now, client);
                    }
                    self.record.unsent.push(message);
                }
                self.ensemble.settle();
            }
            TransportEvent::Malformed { .. } => {}
        }
    }

    /// Whoever answers in a run is not there now; and who registers has to come again when he is.
    fn answer_alone(&mut self, request: &Message, peer: &Peer) {
        let status = match request.method() {
            Method::Ack => return,
            Method::Message | Method::Options | Method::Notify => 200,
            Method::Register => 503,
            _ => 480,
        };
        let response = Builder::response(request, status, reason_phrase(status)).to_tag("doctor");
        let response = if status == 503 { response.header(Name::RetryAfter, 1) } else { response };
        self.transport.send(&response.build(), &response_peer(request, peer));
    }
}

/// The neighbours that have sockets of their own, and those who stand behind the serving CSCF.
fn neighbours(profile: &Profile, bound: &[(ActorName, SocketAddr)], ensemble: &mut Ensemble) {
    if profile.role == Role::ParticipatingFunction {
        ensemble.interworks_at(&profile.interworking());
        ensemble.presence_server = profile.plays_presence_server().then(PresenceServer::default);
    }
    for (name, address) in bound {
        match name {
            ActorName::ChargingServer => {
                let identity = profile.charging_identity();
                ensemble.charging_server = Some(ChargingServer::new(*address, identity, Accounts::default(), false));
            }
            ActorName::MessageStore => {
                ensemble.message_store = Some(MessageStore::new(*address, Outages::default()));
            }
            ActorName::PreferenceServer => {
                let documents = Documents::default();
                ensemble.preference_server = Some(PreferenceServer::new(*address, documents.clone()));
                let root = profile.preference_server_advertise(*address);
                ensemble.served = Some(ServedDocuments::new(documents, root));
            }
            _ => {}
        }
    }
}
