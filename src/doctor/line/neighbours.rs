//! Neighbours with sockets of their own, or behind the serving CSCF, at which the target calls by itself: whether it did, once there was
//! a reason to.

use std::net::SocketAddr;

use cpm_wire::diameter;
use cpm_wire::diameter::dictionary::RESULT_CODE;
use cpm_wire::sip::{Message, Method, Name};

use super::Line;
use super::people::{KEEPER, REMOTE, WATCHED, remote};
use crate::actors::{charging_server, message_store, preference_server};
use crate::doctor::Outcome;
use crate::doctor::meaning::{self, Charged};
use crate::doctor::proposals::Observed;
use crate::doctor::ways::{self, Visit, visit};
use crate::evidence::Direction;
use crate::target::Profile;
use crate::target::network::ActorName;

const PRESENCE: &str = "network.actors.presence_server";

impl Line {
    /// Neighbours at which the target calls by itself, when users are there for whom it has a reason to.
    pub(super) async fn neighbours(&mut self, profile: &Profile, checks: &mut Vec<Outcome>, observed: &mut Observed) {
        let within = profile.timers().answer;
        for person in [KEEPER, WATCHED] {
            if self.has(person) {
                self.registers(person, within).await;
            }
        }
        if let Some(bind) = profile.message_store_bind() {
            if self.has(KEEPER) {
                self.letter(profile, (remote(REMOTE), &[KEEPER]), |_| true).await;
            }
            let entered = |line: &Line| entered(&line.record.heard(message_store::ACTOR));
            self.until(within, entered).await;
            observed.entered_store = entered(self);
            checks.push(self.visited(
                profile,
                ActorName::MessageStore,
                bind,
                &Visit {
                    check: "store",
                    about: "network.actors.message_store",
                    told: "",
                    from: None,
                    spoke: observed.entered_store,
                    after: if self.has(KEEPER) { "a message to a user whose history is kept" } else { "a message" },
                    first: "a login of IMAP",
                    otherwise: "set network.message_store.mode to where history is",
                    required: false,
                },
                message_store::ACTOR,
            ));
        }
        if let Some(bind) = profile.preference_server_bind() {
            let asks = |line: &Line| line.record.heard(preference_server::ACTOR).contains("HTTP/1.");
            self.until(within, asks).await;
            checks.push(self.visited(
                profile,
                ActorName::PreferenceServer,
                bind,
                &Visit {
                    check: "xcap",
                    about: "network.actors.preference_server",
                    told: "",
                    from: None,
                    spoke: asks(self),
                    after: "a registration",
                    first: "a request of HTTP",
                    otherwise: "set network.xcap.mode to who keeps preferences",
                    required: false,
                },
                preference_server::ACTOR,
            ));
        }
        self.presence(profile, checks).await;
    }

    fn visited(&self, profile: &Profile, name: ActorName, bind: SocketAddr, seen: &Visit<'_>, actor: &str) -> Outcome {
        let told = ways::told(profile.network.actor(name).advertise.map(|own| own.to_string()), bind);
        let from = self.record.accepted(actor).map(|from| self.known(profile, from));
        visit(&Visit { told: &told, from, ..*seen })
    }

    /// What the statement says of presence, for a user whose presence is published and watched.
    async fn presence(&mut self, profile: &Profile, checks: &mut Vec<Outcome>) {
        if !profile.plays_presence_server() {
            return;
        }
        let (within, statement) = (profile.timers().answer, profile.statement());
        let asked = [("presence_source", Method::Publish), ("presence_watcher", Method::Subscribe)];
        for (key, method) in asked.into_iter().filter(|(key, _)| statement.flag(key)) {
            if !self.has(WATCHED) {
                checks.push(Outcome::skipped("presence", PRESENCE, "network.users has nobody of the class present"));
                return;
            }
            let about =
                |message: &Message| message.header(&Name::Event).is_some_and(|event| event.starts_with("presence"));
            self.until(within, |line| line.record.asked(&method, about).is_some()).await;
            let word = method.as_str();
            checks.push(match self.record.asked(&method, about) {
                Some((_, from)) => Outcome::fine("presence", PRESENCE, format!("{word} came from {from}")),
                None => Outcome::note(
                    "presence",
                    PRESENCE,
                    format!("no {word} for a user of the class present came to {}", self.advertised()),
                    format!(
                        "send it by way of network.actors.serving_cscf, behind which the presence server stands, prepare the class \
                         present, or answer statement.{key}: false"
                    ),
                ),
            });
        }
    }

    /// The charging server listened all the while.
    pub(super) async fn charging(&mut self, profile: &Profile, checks: &mut Vec<Outcome>, observed: &mut Observed) {
        if let Some(bind) = profile.charging_server_bind().filter(|_| self.ensemble.charging_server.is_some()) {
            self.until(profile.timers().answer, |line| line.charged().capabilities.is_some()).await;
            let told =
                ways::told(profile.network.actor(ActorName::ChargingServer).advertise.map(|own| own.to_string()), bind);
            observed.charged = self.charged();
            checks.push(meaning::charging("network.actors.charging_server", &told, &observed.charged));
        }
    }

    /// How far charging came: a connection, and the answer to capabilities.
    fn charged(&self) -> Charged {
        let sent = self.record.octets.iter().filter(|own| &*own.actor == charging_server::ACTOR);
        let sent = sent.filter(|own| own.direction == Direction::Sent);
        let capabilities = sent.filter_map(|own| {
            let message = diameter::Message::parse(own.octets.clone()).ok()?;
            let introduces = message.header().command == diameter::command::CAPABILITIES_EXCHANGE;
            message.find(&RESULT_CODE).filter(|_| introduces)?.unsigned32().ok()
        });
        Charged { connected: self.record.accepted(charging_server::ACTOR).is_some(), capabilities: capabilities.last() }
    }
}

/// Whether somebody has entered the store (RFC 3501 section 6.2).
fn entered(heard: &str) -> bool {
    let heard = heard.to_ascii_uppercase();
    heard.contains(" LOGIN ") || heard.contains(" AUTHENTICATE ")
}
