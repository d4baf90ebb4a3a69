//! Talking to the target as its serving CSCF: OPTIONS, a third-party REGISTER, a message of a served user that has to come back,
//! and the charging server listening meanwhile. The requests are those that a run sends.

mod core;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use cpm_wire::diameter;
use cpm_wire::diameter::dictionary::RESULT_CODE;
use cpm_wire::endpoint::{Peer, Protocol, Transport, TransportEvent, response_peer};
use cpm_wire::io::Input;
use cpm_wire::net::{Binding, Clock, Driver, Inputs};
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, Event, Layer, Output, Timers};

use super::meaning::{self, Answer, Charged};
use super::proposals::{Observed, proposals};
use super::{Examination, Outcome, arrangement};
use crate::actors::charging_server::{Accounts, ChargingServer};
use crate::actors::ids::Ids;
use crate::actors::media::Links;
use crate::actors::message::Letter;
use crate::actors::message::letter::Author;
use crate::actors::outbox::LinkOutput;
use crate::actors::serving_cscf::{Served, ServingCscf, host_of};
use crate::actors::signalling::Signalling;
use crate::evidence::{Direction, What};
use crate::target::network::ActorName;
use crate::target::users::Class;
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
    layer: Layer<Peer>,
    signalling: Signalling,
    charging: Option<ChargingServer>,
    links: Links,
    answers: HashMap<ClientId, (Answer, Option<Message>)>,
    asked: Vec<(Message, SocketAddr)>,
    charged: Charged,
}

impl Line {
    /// Binds what a run would bind; none when the serving CSCF has no socket.
    async fn open(profile: &Profile, target: Option<SocketAddr>, checks: &mut Vec<Outcome>) -> Option<Line> {
        let clock = Clock::start();
        let (driver, inputs) = Driver::new(clock);
        let (mut cscf, mut charging) = (None, None);
        for (name, key, address) in arrangement::listeners(profile) {
            let udp = name == profile.signalling_actor();
            let bound = driver.bind(Binding { udp, tcp: true, address }).await;
            checks.push(meaning::bind(key, address, bound.as_ref().err()));
            match (name, bound) {
                (_, Ok(address)) if udp => cscf = Some(address),
                (ActorName::ChargingServer, Ok(address)) => {
                    charging =
                        Some(ChargingServer::new(address, profile.charging_identity(), Accounts::default(), false));
                }
                _ => {}
            }
        }
        let address = cscf?;
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
        Some(Line {
            driver,
            inputs,
            clock,
            transport: Transport::new(address),
            layer: Layer::new(Timers::default()),
            signalling: Signalling::new(cscf, Ids::new("doctor", seed), Timers::default()),
            charging,
            links: Links::default(),
            answers: HashMap::new(),
            asked: Vec::new(),
            charged: Charged::default(),
        })
    }

    /// What a participating function is asked.
    async fn of_function(&mut self, profile: &Profile, target: SocketAddr, examination: &mut Examination) {
        let within = profile.timers().answer;
        let advertised = self.signalling.cscf.advertise.clone();
        let checks = &mut examination.checks;
        let request = self.options();
        let (answer, options) = self.ask(request, within).await;
        let about = format!("network.target.sip {target}");
        checks.push(meaning::options(&about, &answer, &advertised, within));
        checks.push(meaning::clock(options.as_ref().and_then(|own| own.header(&Name::Date)), self.clock.now()));
        let users = profile.users(Class::Plain);
        let identities: Vec<String> =
            users.iter().filter_map(|user| user.identities().into_iter().next()).take(2).collect();
        let Some(user) = identities.first().filter(|_| answer != Answer::Unsent) else { return };
        let request = self.register(user, REGISTERED_S);
        let (answer, _) = self.ask(request, within).await;
        checks.push(meaning::register(user, &answer, &advertised));
        if matches!(answer, Answer::Final { status: 200..=299, .. }) {
            let other = identities.get(1).cloned().unwrap_or_else(|| format!("sip:nobody@{}", profile.domain()));
            self.way_back(profile, (user, &other), within, checks).await;
            let request = self.register(user, 0);
            self.ask(request, within).await;
        }
        if let Some(bind) = profile.charging_server_bind().filter(|_| self.charging.is_some()) {
            let until = self.clock.now() + within;
            self.pump(until, |line| line.charged.capabilities.is_some()).await;
            let told = profile.network.actor(ActorName::ChargingServer).advertise;
            let told = told.map_or_else(|| bind.to_string(), |own| own.to_string());
            checks.push(meaning::charging("network.actors.charging_server", &told, &self.charged));
        }
        let options = options.filter(|own| own.status().is_some_and(|status| status < 300));
        let asked = self.asked.iter().map(|(message, _)| message.clone()).collect();
        let observed = Observed { options, asked, charged: self.charged.clone() };
        examination.proposals = proposals(profile, &observed);
    }

    /// A message of a served user comes back to the next Route.
    async fn way_back(&mut self, profile: &Profile, pair: (&str, &str), within: Duration, checks: &mut Vec<Outcome>) {
        let advertised = self.signalling.cscf.advertise.clone();
        let request = self.message(pair.0, pair.1);
        let (answer, _) = self.ask(request, within).await;
        let came =
            |line: &Line| line.asked.iter().find(|(message, _)| message.method() == Method::Message).map(|own| own.1);
        let refused = matches!(answer, Answer::Final { status, .. } if status >= 300);
        if !refused {
            let until = self.clock.now() + within;
            self.pump(until, |line| came(line).is_some()).await;
        }
        let sources = profile.sources();
        let known = |from: SocketAddr| sources.is_empty() || sources.iter().any(|range| range.holds(from.ip()));
        let came = came(self).map(|from| (from, known(from)));
        checks.push(meaning::route(pair.0, &answer, came, &advertised));
    }

    /// A client comes by itself: whether it does is all that can be seen.
    async fn of_client(&mut self, profile: &Profile, examination: &mut Examination) {
        let within = profile.timers().answer;
        let registers = |line: &Line| line.asked.iter().any(|(message, _)| message.method() == Method::Register);
        let until = self.clock.now() + within;
        self.pump(until, registers).await;
        let about = "network.actors.serving_cscf";
        let advertised = self.signalling.cscf.advertise.clone();
        examination.checks.push(match self.asked.iter().find(|(message, _)| message.method() == Method::Register) {
            Some((_, from)) => Outcome::fine("register", about, format!("a client registers from {from}")),
            None => Outcome::note(
                "register",
                about,
                format!("no client registered at {advertised} within {} ms", within.as_millis()),
                format!("set {advertised} as the outbound proxy of the client, and have it register while this looks"),
            ),
        });
    }

    fn options(&mut self) -> Message {
        let Signalling { cscf, ids, .. } = &mut self.signalling;
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

    fn register(&mut self, user: &str, expires: u32) -> Message {
        let device = self.device_register(user, expires);
        let Signalling { cscf, ids, .. } = &mut self.signalling;
        let cscf = cscf.clone();
        cscf.third_party_register(ids, user, expires, Some(&device))
    }

    fn device_register(&mut self, user: &str, expires: u32) -> Message {
        let Signalling { cscf, ids, .. } = &mut self.signalling;
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
        self.signalling.now = self.clock.now();
        let letter = Letter::new(&mut self.signalling, TEXT);
        let author = Author { identity: from, host: host_of(self.signalling.cscf.address) };
        let served = Served { identity: from, originating: true, registered: true };
        letter.request(&mut self.signalling, &author, (to, &[]), &served)
    }

    /// Sends a request to the target, and waits for its final response.
    async fn ask(&mut self, request: Message, within: Duration) -> (Answer, Option<Message>) {
        let target = self.signalling.cscf.target;
        let (message, peer) = self.signalling.cscf.toward(request, target);
        let now = self.clock.now();
        let client = self.layer.request(now, message, peer, peer.protocol.is_reliable());
        self.pump(now + within, |line| line.answers.contains_key(&client)).await;
        self.answers.remove(&client).unwrap_or((Answer::Silent, None))
    }

    /// Moves what comes and goes, until then or until what is waited for is there.
    async fn pump(&mut self, until: Time, done: impl Fn(&Line) -> bool) {
        loop {
            self.settle();
            if done(self) || self.clock.now() >= until {
                return;
            }
            let due = self.layer.poll_timeout().map_or(until, |due| due.min(until));
            let due = tokio::time::Instant::from_std(self.clock.instant(due));
            tokio::select! {
                input = self.inputs.recv() => match input {
                    Some((at, input)) => self.take(at, input),
                    None => return,
                },
                () = tokio::time::sleep_until(due) => self.layer.handle_timeout(self.clock.now()),
            }
        }
    }

    fn take(&mut self, at: Time, input: Input) {
        if let Some(charging) = self.charging.as_mut().filter(|charging| charging.owns(&input)) {
            self.charged.connected = true;
            charging.receive(at, input, &mut self.links);
            while charging.next(at, &mut self.links).is_some() {}
        } else if self.transport.owns(&input) {
            self.transport.receive(input);
        }
    }

    fn settle(&mut self) {
        while let Some(what) = self.links.out.next_evidence() {
            self.witness(&what);
        }
        while let Some(output) = self.links.out.next_output() {
            if let LinkOutput::Net(output) = output {
                self.driver.perform(output);
            }
        }
        while let Some(event) = self.transport.poll_event() {
            self.transported(event);
        }
        while let Some(output) = self.layer.poll_output() {
            match output {
                Output::Send { message, peer } => self.transport.send(&message, &peer),
                Output::Event(event) => self.happened(event),
            }
        }
        while let Some(output) = self.transport.poll_output() {
            self.driver.perform(output);
        }
    }

    /// What the charging server answers to capabilities.
    fn witness(&mut self, what: &What) {
        let What::Octets(octets) = what else { return };
        let Ok(message) = diameter::Message::parse(octets.octets.clone()) else { return };
        let introduces = message.header().command == diameter::command::CAPABILITIES_EXCHANGE;
        if introduces && octets.direction == Direction::Sent {
            self.charged.capabilities = message.find(&RESULT_CODE).and_then(|code| code.unsigned32().ok());
        }
    }

    fn transported(&mut self, event: TransportEvent) {
        let now = self.clock.now();
        match event {
            TransportEvent::Message { message, peer, .. } => {
                let reliable = peer.protocol.is_reliable();
                let peer = if message.is_request() { response_peer(&message, &peer) } else { peer };
                self.layer.receive(now, message, peer, reliable);
            }
            TransportEvent::WentByUdp { message, peer } => self.layer.went_unreliably(now, message, peer),
            TransportEvent::Failed { messages, .. } => {
                let clients: Vec<ClientId> = messages.iter().filter_map(|own| self.layer.client_of(own)).collect();
                for client in clients {
                    self.layer.transport_failed(now, client);
                    self.answers.insert(client, (Answer::Unsent, None));
                }
            }
            TransportEvent::Malformed { .. } => {}
        }
    }

    fn happened(&mut self, event: Event<Peer>) {
        match event {
            Event::Response { client, message, peer, .. } => {
                let Some(status) = message.status().filter(|status| *status >= 200) else { return };
                let reason = message.reason().to_owned();
                let answer = Answer::Final { status, reason, from: peer.address };
                self.answers.entry(client).or_insert((answer, Some(message)));
            }
            Event::TransportError { client, .. } => {
                self.answers.insert(client, (Answer::Unsent, None));
            }
            Event::Request { server, message, peer } => {
                // Whoever answers in a run is not there now; and who registers has to come again when he is.
                let status = match message.method() {
                    Method::Message | Method::Options | Method::Notify => 200,
                    Method::Register => 503,
                    _ => 480,
                };
                let tag = self.signalling.ids.token();
                let mut response = Builder::response(&message, status, reason_phrase(status)).to_tag(&tag);
                if status == 503 {
                    response = response.header(Name::RetryAfter, 1);
                }
                self.layer.respond(self.clock.now(), server, response.build());
                self.asked.push((message, peer.address));
            }
            _ => {}
        }
    }
}
