//! What is said in a session: CPIM in MSRP (RFC 3862, RFC 4975).

use super::{Call, Calls};
use crate::actors::client::reports::{displayed, notification_envelope};
use crate::actors::media::SessionKey;
use crate::actors::signalling::Signalling;
use crate::evidence::Event;
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::msrp::FailureReport;
use cpm_wire::msrp_session::{Outgoing, SessionEvent};

/// Something to be said in a session.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    /// The session.
    pub session: &'a str,
    /// The identity of the one who is to read it.
    pub to: &'a str,
    /// The text, by which the scenario names it.
    pub text: &'a str,
    /// The media type of its content.
    pub content_type: &'a str,
    /// Its content.
    pub content: Bytes,
    /// Disposition notifications asked for, as in imdn.Disposition-Notification.
    pub dispositions: &'a [&'a str],
    /// Whether a success report is asked for (RFC 4975 section 7.1.2).
    pub success_report: bool,
    /// The size of a chunk; none for the default.
    pub chunk_octets: Option<usize>,
}

impl Calls {
    /// Says something; gives its Message-ID, or none when the session does not stand.
    pub fn say(&mut self, signalling: &mut Signalling, words: &Words<'_>) -> Option<String> {
        let key = self.of(words.session)?.media?;
        let message_id = signalling.ids.token();
        let envelope = cpim::Builder::new(&self.identity, words.to)
            .date_time(&signalling.now.to_rfc3339())
            .message_id(&message_id)
            .dispositions(words.dispositions)
            .content(words.content_type, words.content.clone())
            .build();
        signalling.links.out.event(Event::Message {
            group: Some(words.session.to_owned()),
            label: words.text.to_owned(),
            message_id: message_id.clone(),
            author: self.identity.clone(),
            private_to: None,
        });
        let outgoing = Outgoing {
            message_id: message_id.clone(),
            content_type: "message/cpim".to_owned(),
            octets: envelope,
            success_report: words.success_report,
            failure_report: FailureReport::Yes,
            chunk_octets: words.chunk_octets,
        };
        self.media.send(signalling.now, key, outgoing, &mut signalling.links);
        self.expects_answer(words.session, &message_id, true);
        Some(message_id)
    }

    /// Sends an envelope that is written already; false when the session does not stand.
    pub fn sends_envelope(
        &mut self,
        signalling: &mut Signalling,
        session: &str,
        message_id: &str,
        envelope: Bytes,
    ) -> bool {
        let Some(key) = self.of(session).and_then(|call| call.media) else { return false };
        let outgoing = Outgoing {
            message_id: message_id.to_owned(),
            content_type: "message/cpim".to_owned(),
            octets: envelope,
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: None,
        };
        self.media.send(signalling.now, key, outgoing, &mut signalling.links);
        self.expects_answer(session, message_id, true);
        true
    }

    /// Sends a file as it is (RFC 5547); false when the session does not stand.
    pub fn sends_file(&mut self, signalling: &mut Signalling, session: &str, content_type: &str, file: Bytes) -> bool {
        let Some(key) = self.of(session).and_then(|call| call.media) else { return false };
        let message_id = signalling.ids.token();
        let outgoing = Outgoing {
            message_id: message_id.clone(),
            content_type: content_type.to_owned(),
            octets: file,
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: None,
        };
        self.media.send(signalling.now, key, outgoing, &mut signalling.links);
        self.expects_answer(session, &message_id, true);
        true
    }

    /// Reports that a message of a session was shown (RFC 5438 section 7.2.1.3); false when there is no session, or no such
    /// message came in it.
    pub fn report_shown(&mut self, signalling: &mut Signalling, session: &str, author: &str, message_id: &str) -> bool {
        let came = |call: &&Call| call.received.iter().any(|id| id == message_id);
        let Some(key) = self.of(session).filter(came).and_then(|call| call.media) else { return false };
        let notification = displayed(message_id, &signalling.now.to_rfc3339());
        let envelope = notification_envelope(signalling, &self.identity, author, &notification);
        let outgoing = Outgoing {
            message_id: signalling.ids.token(),
            content_type: "message/cpim".to_owned(),
            octets: envelope,
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: None,
        };
        self.media.send(signalling.now, key, outgoing, &mut signalling.links);
        true
    }

    /// Gives up a message that is being sent.
    pub fn give_up(&mut self, signalling: &mut Signalling, session: &str, message_id: &str) {
        let Some(key) = self.of(session).and_then(|call| call.media) else { return };
        signalling.links.out.event(Event::Aborted { message_id: message_id.to_owned() });
        self.media.abort(signalling.now, key, message_id, &mut signalling.links);
        self.expects_answer(session, message_id, false);
    }

    /// Whether an answer to a message of this end is still to come.
    fn expects_answer(&mut self, session: &str, message_id: &str, expects: bool) {
        let number = self.number_of(session);
        let Some(call) = number.and_then(|number| self.held.get_mut(&number)) else { return };
        match expects {
            true => call.outstanding.insert(message_id.to_owned()),
            false => call.outstanding.remove(message_id),
        };
    }

    /// Leaves a message that is being sent as it is: nothing more of it comes, and no word that it is over.
    pub fn leave_off(&mut self, signalling: &mut Signalling, session: &str, message_id: &str) {
        signalling.links.out.event(Event::Aborted { message_id: message_id.to_owned() });
        self.fall_silent(session);
        self.expects_answer(session, message_id, false);
    }

    /// From now on the end neither reads nor answers in the session, though its connection stays open.
    pub fn fall_silent(&mut self, session: &str) {
        if let Some(key) = self.of(session).and_then(|call| call.media) {
            self.media.fall_silent(key);
        }
    }

    pub(super) fn heard(&mut self, signalling: &mut Signalling, key: SessionKey, event: SessionEvent) {
        let at = |call: &&mut Call| call.media == Some(key) || call.former.contains(&key);
        let Some(call) = self.held.values_mut().find(at) else { return };
        if let SessionEvent::Acknowledged { message_id }
        | SessionEvent::Refused { message_id, .. }
        | SessionEvent::Unanswered { message_id } = &event
        {
            call.outstanding.remove(message_id);
            if call.outstanding.is_empty() {
                for former in call.former.drain(..) {
                    self.media.close(former, &mut signalling.links);
                }
            }
        }
        match event {
            SessionEvent::Received { octets, success_report, message_id, reply, .. } => {
                let imdn =
                    cpim::Message::parse(octets).ok().and_then(|message| message.imdn_message_id().map(str::to_owned));
                call.received.push(imdn.unwrap_or_else(|| message_id.clone()));
                self.media.reply(key, reply, 200, &mut signalling.links);
                if success_report {
                    self.media.report(key, &message_id, 200, &mut signalling.links);
                }
            }
            SessionEvent::Acknowledged { message_id } => {
                call.answered.insert(message_id, Some(200));
            }
            SessionEvent::Refused { message_id, status } => {
                call.answered.insert(message_id, Some(status));
            }
            SessionEvent::Unanswered { message_id } => {
                call.answered.insert(message_id, None);
            }
            SessionEvent::Reported { message_id, status, .. } => {
                call.reported.insert(message_id, status);
            }
            SessionEvent::Bodiless { .. } | SessionEvent::Aborted { .. } => {}
        }
    }
}
