//! What is sent through the target, one thing after the other, so that it comes back to each actor: messages, a session with its
//! media, a group, an order of interception. Each round says what came of it; nothing is judged here.

use cpm_wire::sip::{Message, Method, Name};

use super::people::{ABSENT, FIRST, REFUSING, REMOTE, SECOND, device, remote, served};
use super::{Line, TEXT};
use crate::actors::call::{CallState, Party, Service};
use crate::actors::client::Conduct;
use crate::actors::client::joining::Joining;
use crate::actors::controlling_function::Focus;
use crate::actors::message::Addressed;
use crate::actors::session::GROUP_SERVICE;
use crate::doctor::meaning::Answer;
use crate::doctor::record::is_for;
use crate::doctor::ways::{Came, Medium, is_host_of};
use crate::target::Profile;
use cpm_wire::sdp::Direction;

/// How a session is called that is tried, a group, and one that is made at the factory.
const SESSION: &str = "a look";
pub(super) const GROUP: &str = "a look at groups";
pub(super) const MADE: &str = "a look at the factory";
pub(super) const UNSEEN: &str = "a look at who is absent";

/// What came of something that was sent.
pub(super) struct Trip {
    pub answer: Answer,
    pub came: Option<Came>,
}

impl Line {
    /// An address of the target, and whether the profile knows it.
    pub(super) fn known(&self, profile: &Profile, from: std::net::SocketAddr) -> Came {
        let sources = profile.sources();
        (from, sources.is_empty() || sources.iter().any(|range| range.holds(from.ip())))
    }

    /// Where such a request of the target came from.
    fn from(&self, profile: &Profile, method: &Method, which: impl Fn(&Message) -> bool) -> Option<Came> {
        self.record.asked(method, which).map(|(_, from)| self.known(profile, *from))
    }

    /// A message from one to others; it has to come to where `there` says, when it was not refused.
    pub(super) async fn letter(
        &mut self,
        profile: &Profile,
        (author, to): (Party, &[&str]),
        there: impl Fn(&Message) -> bool,
    ) -> Trip {
        let within = profile.timers().answer;
        let (answer, id) = self.posts(profile, author, to).await;
        let is_it = |message: &Message| carries(message, &id) && there(message);
        let mut trip = Trip { answer, came: None };
        if !trip.answer.is_refused() {
            self.until(within, |line| line.record.asked(&Method::Message, is_it).is_some()).await;
        }
        trip.came = self.from(profile, &Method::Message, is_it);
        trip
    }

    /// A message from one to others: what was answered, and its Message-ID.
    pub(super) async fn posts(&mut self, profile: &Profile, author: Party, to: &[&str]) -> (Answer, String) {
        let letter = self.ensemble.letter(TEXT);
        let to = to.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let addressed = Addressed { is_list: to.len() > 1, to, by_number: false };
        let (answer, _) = self
            .act(profile.timers().answer, |ensemble| {
                ensemble.posts(&author, &addressed, &letter);
            })
            .await;
        (answer, letter.message_id)
    }

    /// A message of the first user to the second, which comes back to the next Route.
    pub(super) async fn comes_back(&mut self, profile: &Profile) -> Trip {
        if !self.has(SECOND) {
            self.ensemble.somebody(SECOND);
        }
        self.letter(profile, (served(FIRST), &[SECOND]), |_| true).await
    }

    /// A message of the first user to somebody who refuses it, which may go on to interworking.
    pub(super) async fn goes_on(&mut self, profile: &Profile) -> Trip {
        let status = profile.statement().interworking_codes().first().copied().unwrap_or(404);
        self.ensemble.somebody(REFUSING);
        self.ensemble.remote_takes(REFUSING, Conduct::Refuse(status));
        self.ensemble.interworking_takes(Conduct::Accept);
        let function = profile.interworking();
        self.letter(profile, (served(FIRST), &[REFUSING]), |message| is_for(message, &function)).await
    }

    /// Somebody of another network calls the first user; gives what came of the media at either end where the session stands.
    pub(super) async fn session(&mut self, profile: &Profile) -> (Trip, Option<[(&'static str, Medium); 2]>) {
        let within = profile.timers().answer;
        self.ensemble.plan(SESSION, REMOTE, Service::Chat, None);
        let contribution = self.ensemble.occasions.get(SESSION).map(|own| own.contribution.clone()).unwrap_or_default();
        let caller = remote(REMOTE);
        let (answer, _) = self
            .act(within, |ensemble| {
                ensemble.calls(&caller, FIRST, SESSION);
            })
            .await;
        let named = |message: &Message| message.header(&Name::ContributionId) == Some(contribution.as_str());
        let trip = Trip { came: self.from(profile, &Method::Invite, named), answer };
        let stands = |line: &Line, end: &Party| {
            let call = line.ensemble.calls.get(end).and_then(|calls| calls.of(SESSION));
            call.is_some_and(|call| call.state == CallState::Established)
        };
        let ends = [("remote/", remote(REMOTE)), ("session/", served(FIRST))];
        if !ends.iter().all(|(_, end)| stands(self, end)) {
            return (trip, None);
        }
        let carries =
            |line: &Line, end: &Party| line.ensemble.calls.get(end).is_some_and(|calls| calls.carries(SESSION));
        self.until(within, |line| ends.iter().all(|(_, end)| carries(line, end))).await;
        let media = ends.each_ref().map(|(actor, end)| {
            let listens = self.ensemble.calls.get(end).map(|calls| calls.media.address);
            self.medium(profile, actor, listens)
        });
        let [remote, own] = media;
        for (_, end) in &ends {
            self.lets(|ensemble| {
                ensemble.with_calls(end, |calls, signalling| calls.hang_up(signalling, SESSION));
            });
        }
        let about = ["network.actors.remote_participating_function", "network.actors.client"];
        let [of_remote, of_own] = about;
        (trip, remote.zip(own).map(|(remote, own)| [(of_remote, remote), (of_own, own)]))
    }

    /// What became of the media of an actor whose name begins so, and which listens there.
    pub(super) fn medium(
        &self,
        profile: &Profile,
        actor: &str,
        listens: Option<std::net::SocketAddr>,
    ) -> Option<Medium> {
        let own = |at: std::net::SocketAddr| self.is_own(at);
        if let Some(from) = self.record.accepted(actor) {
            return Some(if own(from) { Medium::Beside } else { Medium::Came(self.known(profile, from)) });
        }
        if let Some(at) = self.record.failed(actor) {
            return Some(Medium::Refused(at));
        }
        match self.record.opened(actor) {
            Some(at) if own(at) => Some(Medium::Beside),
            Some(at) => Some(Medium::Went(at, is_host_of(at, &profile.resolved_addresses()))),
            None => listens.map(Medium::Awaited),
        }
    }

    /// Whether this is the far end of a connection that the tester itself opened or accepted.
    fn is_own(&self, at: std::net::SocketAddr) -> bool {
        self.record.connections.iter().any(|own| own.local == at)
    }

    /// A focus invites a user.
    pub(super) async fn invites(&mut self, profile: &Profile, group: &str, person: &str) -> (Trip, Option<Medium>) {
        let within = profile.timers().answer;
        let (inviter, identity) = (self.ensemble.remote_member(REMOTE), self.ensemble.identity_of(person));
        let registered = self.ensemble.is_registered(person);
        let (answer, _) = self
            .act(within, |ensemble| {
                ensemble.with_focus(group, |focus, signalling| {
                    focus.invite(signalling, person, &identity, &inviter, registered);
                });
            })
            .await;
        let contribution = self.contribution(group);
        let named = |message: &Message| message.header(&Name::ContributionId) == Some(contribution.as_str());
        let trip = Trip { came: self.from(profile, &Method::Invite, named), answer };
        if !matches!(trip.answer, Answer::Final { status: 200, .. }) {
            return (trip, None);
        }
        let focus = |line: &Line| line.ensemble.focuses.get(group).is_some_and(|focus| focus.carries(person));
        self.until(within, focus).await;
        let listens = self.ensemble.focuses.get(group).map(|focus| focus.media.address);
        (trip, self.medium(profile, &format!("focus/{group}"), listens))
    }

    fn contribution(&self, group: &str) -> String {
        self.ensemble.focuses.get(group).map(|focus| focus.contribution.clone()).unwrap_or_default()
    }

    /// The device of the first user starts a group at an identity of the network, which has to come back for it.
    pub(super) async fn starts(&mut self, profile: &Profile, group: &str, at: &str) -> Trip {
        let within = profile.timers().answer;
        let Some(focus) = self.ensemble.focuses.get(group) else { return Trip { answer: Answer::Unsent, came: None } };
        let (contribution, conversation) = (focus.contribution.clone(), focus.conversation.clone());
        let member = self.ensemble.remote_member(REMOTE);
        let (answer, _) = self
            .act(within, |ensemble| {
                let joining = Joining {
                    uri: at,
                    contribution: &contribution,
                    conversation: &conversation,
                    subject: group,
                    list: Some(vec![member]),
                    replaces: None,
                    direction: Direction::SendRecv,
                    service: GROUP_SERVICE,
                };
                ensemble.with_device(&device(FIRST), |device, signalling| device.join(signalling, &joining));
            })
            .await;
        let came = |message: &Message| {
            message.header(&Name::ContributionId) == Some(contribution.as_str()) && is_for(message, at)
        };
        Trip { answer, came: self.from(profile, &Method::Invite, came) }
    }

    /// A group ends.
    pub(super) async fn over(&mut self, group: &str) {
        self.lets(|ensemble| {
            ensemble.with_focus(group, Focus::end);
        });
    }

    /// Whether what was kept for the absent user comes now, and how.
    pub(super) async fn comes_when_there(&mut self, profile: &Profile) -> Option<&'static str> {
        let (within, drain) = (profile.timers().answer, profile.timers().drain);
        self.registers(ABSENT, within).await;
        let own = self.ensemble.identity_of(ABSENT);
        let contact = self.ensemble.devices.get(&device(ABSENT)).map(|own| own.contact.clone()).unwrap_or_default();
        let way = move |line: &Line| {
            let to = |message: &Message| is_for(message, &own) || is_for(message, &contact);
            let mut ways = [(Method::Message, "push"), (Method::Notify, "notify_unsolicited")].into_iter();
            ways.find(|(method, _)| line.record.asked(method, to).is_some()).map(|(_, word)| word)
        };
        self.until(drain, |line| way(line).is_some()).await;
        way(self)
    }
}

/// Whether the body of a message names this.
fn carries(message: &Message, id: &str) -> bool {
    message.body().windows(id.len()).any(|window| window == id.as_bytes())
}
