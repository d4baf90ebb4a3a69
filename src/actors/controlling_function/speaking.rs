//! What the members of a group say, and what the focus does with what served users say.

use super::{Focus, LegState};
use crate::actors::client::reports;
use crate::actors::media::SessionKey;
use crate::actors::signalling::Signalling;
use crate::evidence::Event;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::Notification;
use cpm_wire::msrp::FailureReport;
use cpm_wire::msrp_session::Outgoing;

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
}

/// Something to be said.
#[derive(Clone, Debug)]
pub struct Saying<'a> {
    /// The identity of the author.
    pub author: &'a str,
    /// The text.
    pub text: &'a str,
    /// The least size of the content, filled up with text.
    pub octets: usize,
    /// Disposition notifications asked for, as in imdn.Disposition-Notification.
    pub dispositions: &'a [String],
    /// The size of a chunk; None for the default.
    pub chunk_octets: Option<usize>,
}

impl Focus {
    /// A member says something to everybody.
    pub fn say(&mut self, signalling: &mut Signalling, saying: &Saying<'_>) -> String {
        let message_id = signalling.ids.token();
        let mut content = saying.text.to_owned();
        while content.len() < saying.octets {
            content.push_str(" · ");
            content.push_str(saying.text);
        }
        let dispositions: Vec<&str> = saying.dispositions.iter().map(String::as_str).collect();
        let date_time = signalling.now.to_rfc3339();
        let envelope = cpim::Builder::new(saying.author, &self.uri)
            .date_time(&date_time)
            .message_id(&message_id)
            .dispositions(&dispositions)
            .content("text/plain; charset=utf-8", content.into_bytes())
            .build();
        self.said.push(Said {
            text: saying.text.to_owned(),
            message_id: message_id.clone(),
            author: saying.author.to_owned(),
            date_time,
        });
        signalling.links.out.event(Event::Message {
            group: Some(self.name.clone()),
            label: saying.text.to_owned(),
            message_id: message_id.clone(),
            author: saying.author.to_owned(),
            private_to: None,
        });
        self.spread(signalling, envelope, saying.chunk_octets, None);
        message_id
    }

    /// A member reports on a message of somebody.
    pub fn report(&mut self, signalling: &mut Signalling, reporter: &str, author: &str, notification: &Notification) {
        let envelope = reports::notification_envelope(signalling, reporter, author, notification);
        self.spread(signalling, envelope, None, None);
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

    fn spread(
        &mut self,
        signalling: &mut Signalling,
        envelope: Bytes,
        chunk_octets: Option<usize>,
        except: Option<SessionKey>,
    ) {
        for leg in self.legs.values_mut() {
            if !matches!(leg.state, LegState::Inviting | LegState::Established)
                || (except.is_some() && leg.session == except)
            {
                continue;
            }
            let outgoing = Outgoing {
                message_id: signalling.ids.token(),
                content_type: "message/cpim".to_owned(),
                octets: envelope.clone(),
                success_report: false,
                failure_report: FailureReport::Yes,
                chunk_octets,
            };
            match leg.session {
                Some(session) if self.media.is_bound(session) => {
                    leg.unanswered.push(outgoing.message_id.clone());
                    self.media.send(signalling.now, session, outgoing, &mut signalling.links);
                }
                _ => leg.queue.push_back(outgoing),
            }
        }
        self.handle_media(signalling);
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
        let is_report = message.content_type().is_some_and(|kind| kind.starts_with("message/imdn"));
        if let (false, Some(id), Some(author)) = (is_report, message.imdn_message_id(), message.from()) {
            let text = String::from_utf8_lossy(message.body()).into_owned();
            let date_time = message.date_time().unwrap_or_default().to_owned();
            let author = reports::uri_in(author).to_owned();
            self.said.push(Said { text, message_id: id.to_owned(), author, date_time });
            self.spread(signalling, octets, None, Some(session));
        }
    }
}
