//! What the members of a group say, and what the focus does with what served users say.

use super::matter::Matter;
use super::{Focus, LegState, Logged};
use crate::actors::client::reports;
use crate::actors::media::SessionKey;
use crate::actors::signalling::Signalling;
use crate::evidence::Event;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::Notification;
use cpm_wire::msrp::FailureReport;
use cpm_wire::msrp_session::Outgoing;
use cpm_wire::multipart::{self, Part};

/// Something that was said in a group.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its text, by which the scenario names it.
    pub text: String,
    /// Its imdn.Message-ID.
    pub message_id: String,
    /// The identity of its author.
    pub author: String,
    /// Its DateTime.
    pub date_time: String,
    /// The Message-IDs under which it went out, and to whom.
    sent: Vec<(String, String)>,
}

/// Something to be said.
#[derive(Clone, Debug)]
pub struct Saying<'a> {
    /// The identity of the author.
    pub author: &'a str,
    /// The text.
    pub text: &'a str,
    /// What it is made of.
    pub matter: &'a Matter,
    /// The least size of the content.
    pub octets: usize,
    /// Disposition notifications asked for, as in imdn.Disposition-Notification.
    pub dispositions: &'a [String],
    /// The size of a chunk; None for the default.
    pub chunk_octets: Option<usize>,
    /// True when its author gives it up in the middle.
    pub given_up: bool,
    /// For whom alone it is: the name and the identity of a member.
    pub only_for: Option<(&'a str, &'a str)>,
}

/// To whom something goes: to everybody, unless this says otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ToAll<'a> {
    chunk_octets: Option<usize>,
    /// Not back to where it came from.
    except: Option<SessionKey>,
    /// To this one alone.
    only: Option<&'a str>,
}

impl Focus {
    /// A member says something, to everybody or to one.
    pub fn say(&mut self, signalling: &mut Signalling, saying: &Saying<'_>) -> String {
        let message_id = signalling.ids.token();
        let (content_type, content) = saying.matter.content(saying.text, saying.octets);
        let dispositions: Vec<&str> = saying.dispositions.iter().map(String::as_str).collect();
        let date_time = signalling.now.to_rfc3339();
        let author = self.known_as(saying.author);
        let everybody = self.address();
        let to = saying.only_for.map_or(everybody.as_str(), |(_, identity)| identity);
        let envelope = cpim::Builder::new(&author, to)
            .date_time(&date_time)
            .message_id(&message_id)
            .dispositions(&dispositions)
            .content(&content_type, content)
            .build();
        signalling.links.out.event(Event::Message {
            group: Some(self.name.clone()),
            label: saying.text.to_owned(),
            message_id: message_id.clone(),
            author: author.clone(),
            private_to: saying.only_for.map(|(_, identity)| identity.to_owned()),
        });
        self.log.push(Logged::Said {
            envelope: envelope.clone(),
            message_id: Some(message_id.clone()),
            only_for: saying.only_for.map(|(_, identity)| identity.to_owned()),
        });
        let only = saying.only_for.map(|(person, _)| person);
        let to = ToAll { chunk_octets: saying.chunk_octets, except: None, only };
        let sent = self.spread_as(signalling, "message/cpim", envelope, &to);
        let text = saying.text.to_owned();
        if saying.given_up {
            self.doomed.push(text.clone());
        }
        self.said.push(Said { text, message_id: message_id.clone(), author, date_time, sent });
        message_id
    }

    /// What its author will give up goes no further, once some of it is on its way: it is sent in chunks of which only
    /// so many are under way at a time.
    pub fn give_up_doomed(&mut self, signalling: &mut Signalling) {
        let mut sessions = self.legs.values().filter_map(|leg| leg.session);
        if !sessions.any(|session| self.media.is_bound(session)) {
            return;
        }
        for text in std::mem::take(&mut self.doomed) {
            self.give_up(signalling, &text);
        }
    }

    /// The author of something that is still being sent gives it up.
    fn give_up(&mut self, signalling: &mut Signalling, text: &str) {
        let Some(said) = self.said.iter_mut().find(|said| said.text == text) else { return };
        signalling.links.out.event(Event::Aborted { message_id: said.message_id.clone() });
        for (person, id) in std::mem::take(&mut said.sent) {
            let Some(leg) = self.legs.get_mut(&person) else { continue };
            leg.queue.retain(|outgoing| outgoing.message_id != id);
            leg.unanswered.retain(|unanswered| *unanswered != id);
            if let Some(session) = leg.session {
                self.media.abort(signalling.now, session, &id, &mut signalling.links);
            }
        }
        self.handle_media(signalling);
    }

    /// A member reports on a message of somebody.
    pub fn report(&mut self, signalling: &mut Signalling, reporter: &str, author: &str, notification: &Notification) {
        let reporter = self.known_as(reporter);
        let envelope = reports::notification_envelope(signalling, &reporter, author, notification);
        self.log.push(Logged::Said { envelope: envelope.clone(), message_id: None, only_for: Some(author.to_owned()) });
        self.spread_as(signalling, "message/cpim", envelope, &ToAll::default());
    }

    /// The focus gathers reports of several members on one message (RFC 5438 section 8.3).
    pub fn report_together(&mut self, signalling: &mut Signalling, author: &str, notifications: &[Notification]) {
        let part = |notification: &Notification| {
            Part::new("message/imdn+xml", Bytes::from(notification.to_xml()))
                .header("Content-Disposition", "notification")
        };
        let parts: Vec<Part> = notifications.iter().map(part).collect();
        let (content_type, content) = multipart::build(&parts);
        let envelope = cpim::Builder::new(&self.uri, author)
            .date_time(&signalling.now.to_rfc3339())
            .message_id(&signalling.ids.token())
            .content(&content_type, content)
            .build();
        self.spread_as(signalling, "message/cpim", envelope, &ToAll::default());
    }

    /// Sends an item that is no good message to everybody; false when no odd item has that name.
    pub fn odd_item(&mut self, signalling: &mut Signalling, item: &str) -> bool {
        let (content_type, octets) = match item {
            "without envelope" => ("text/plain", Bytes::from_static(b"no envelope around this")),
            "of a barred type" => ("application/x-not-for-chats", Bytes::from_static(b"\x00\x01\x02")),
            "without content" => {
                for (person, leg) in &self.legs {
                    let Some(session) = leg.session else { continue };
                    let id = self.media.send_bodiless(signalling.now, session, &mut signalling.links);
                    self.odd.extend(id.map(|id| (person.clone(), id)));
                }
                return true;
            }
            _ => return false,
        };
        for (person, leg) in self.legs.iter_mut().filter(|(_, leg)| leg.state == LegState::Established) {
            let Some(session) = leg.session else { continue };
            let message_id = signalling.ids.token();
            self.odd.push((person.clone(), message_id.clone()));
            leg.unanswered.push(message_id.clone());
            let outgoing = Outgoing {
                message_id,
                content_type: content_type.to_owned(),
                octets: octets.clone(),
                success_report: false,
                failure_report: FailureReport::Yes,
                chunk_octets: None,
            };
            self.media.send(signalling.now, session, outgoing, &mut signalling.links);
        }
        self.handle_media(signalling);
        true
    }

    /// Sends the same to each served user whom it is for; tells to whom it went, and under which Message-ID.
    pub(super) fn spread_as(
        &mut self,
        signalling: &mut Signalling,
        content_type: &str,
        octets: Bytes,
        to: &ToAll<'_>,
    ) -> Vec<(String, String)> {
        let mut sent = Vec::new();
        for (person, leg) in &mut self.legs {
            let there = matches!(leg.state, LegState::Inviting | LegState::Established);
            let own = to.except.is_some() && leg.session == to.except;
            if !there || own || to.only.is_some_and(|only| only != person) {
                continue;
            }
            let outgoing = Outgoing {
                message_id: signalling.ids.token(),
                content_type: content_type.to_owned(),
                octets: octets.clone(),
                success_report: false,
                failure_report: FailureReport::Yes,
                chunk_octets: to.chunk_octets,
            };
            sent.push((person.clone(), outgoing.message_id.clone()));
            match leg.session {
                Some(session) if self.media.is_bound(session) => {
                    leg.unanswered.push(outgoing.message_id.clone());
                    self.media.send(signalling.now, session, outgoing, &mut signalling.links);
                }
                _ => leg.queue.push_back(outgoing),
            }
        }
        self.handle_media(signalling);
        sent
    }

    /// A served user said something: everybody else is to have it.
    pub(super) fn pass_on(
        &mut self,
        signalling: &mut Signalling,
        session: SessionKey,
        content_type: &str,
        octets: Bytes,
    ) {
        if !content_type.to_ascii_lowercase().starts_with("message/cpim") || self.leg_with_session(session).is_none() {
            return;
        }
        let Ok(message) = cpim::Message::parse(octets.clone()) else { return };
        let is_report =
            message.content_type().is_some_and(|kind| kind.to_ascii_lowercase().starts_with("message/imdn"));
        if let (false, Some(id), Some(author)) = (is_report, message.imdn_message_id(), message.from()) {
            let text = String::from_utf8_lossy(message.body()).into_owned();
            let date_time = message.date_time().unwrap_or_default().to_owned();
            let author = reports::uri_in(author).to_owned();
            self.said.push(Said { text, message_id: id.to_owned(), author, date_time, sent: Vec::new() });
            let to = ToAll { except: Some(session), ..ToAll::default() };
            self.spread_as(signalling, "message/cpim", octets, &to);
        }
    }
}
