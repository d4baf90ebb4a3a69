//! What comes in a session or by MESSAGE, and what is told about it: messages, disposition notifications (RFC 5438), lists
//! of participants (RFC 4575).

use super::chat::{By, Entry, State};
use super::control::Reply;
use super::core::{Core, Purpose};
use super::legs::Leg;
use crate::call::Owner;
use crate::call::bodies;
use crate::call::media::{MediaEvent, MediaId, Received, outgoing};
use bytes::Bytes;
use cpm_wire::conference_info;
use cpm_wire::cpim;
use cpm_wire::imdn::{self, Kind, Notification, Status};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;

const CPIM: &str = "message/cpim";
const COMPOSING: &str = "application/im-iscomposing+xml";
const MESSAGE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg";
/// A text that is shown is cut after this many characters.
const MOST_CHARACTERS: usize = 100_000;

/// A report that is due.
#[derive(Debug)]
pub(super) struct Due {
    account: usize,
    contribution: String,
    /// The session in which its message came.
    leg: Option<u64>,
    about: String,
    date_time: String,
    author: String,
    status: Status,
}

impl Core {
    pub(super) fn media_event(&mut self, owner: Owner, event: MediaEvent) {
        // A session whose connection is lost stays in SIP until somebody ends it; a new connection may bind it again.
        if let (Owner::Session(number), MediaEvent::Received(received)) = (owner, event) {
            self.received(number, *received);
        }
    }

    /// A whole message in a session.
    fn received(&mut self, number: u64, received: Received) {
        let Received { media, message_id, content_type, octets, success_report, reply } = received;
        let Some(leg) = self.legs.get(&number) else { return };
        let (at, contribution) = (leg.account, leg.contribution.clone());
        let history = self.config.intermediate_lists;
        let status = match essence(&content_type).as_str() {
            COMPOSING => 200,
            conference_info::MEDIA_TYPE => {
                if let Some(chat) = self.chat_mut(at, &contribution) {
                    // Whether it can be read or not, it came.
                    chat.told(By::Session, &octets, history);
                }
                200
            }
            CPIM => match cpim::Message::parse(octets) {
                Ok(message) => self.enveloped(at, &contribution, Some(number), &message),
                Err(_) => 400,
            },
            _ => 415,
        };
        self.media.reply(media, reply, status);
        if success_report && status == 200 {
            self.media.report(media, &message_id, 200);
        }
        self.tell_what_is_due();
    }

    /// A message in its envelope; gives the MSRP status.
    fn enveloped(&mut self, at: usize, contribution: &str, leg: Option<u64>, message: &cpim::Message) -> u16 {
        let kind = message.content_type().map(essence).unwrap_or_default();
        if kind == COMPOSING {
            return 200;
        }
        if kind == imdn::MEDIA_TYPE {
            return self.reported(at, contribution, message);
        }
        if kind.starts_with("multipart/") {
            return self.reported_together(at, contribution, message);
        }
        let Some(id) = message.imdn_message_id().map(str::to_owned) else {
            // Nothing can be reported about a message without a name; it is shown under one of our own.
            let entry = entry_of(self.tokens.token(), message, &kind);
            self.show(at, contribution, entry);
            return 200;
        };
        let wishes: Vec<String> = message.dispositions().into_iter().map(str::to_ascii_lowercase).collect();
        let mut entry = entry_of(id, message, &kind);
        entry.display_wanted = wishes.iter().any(|wish| wish == "display");
        let (author, date_time, about) = (entry.author.clone(), entry.date_time.clone(), entry.message_id.clone());
        let new = self.show(at, contribution, entry);
        if new && wishes.iter().any(|wish| wish == "positive-delivery") {
            let (account, contribution) = (at, contribution.to_owned());
            self.due.push(Due { account, contribution, leg, about, date_time, author, status: Status::Delivered });
        }
        200
    }

    /// Shows a message; false when it is shown already, or there is no such chat.
    fn show(&mut self, at: usize, contribution: &str, entry: Entry) -> bool {
        self.chat_mut(at, contribution).is_some_and(|chat| chat.add(entry))
    }

    /// A notification about one of the user's own messages.
    fn reported(&mut self, at: usize, contribution: &str, message: &cpim::Message) -> u16 {
        let Ok(notification) = Notification::parse(message.body()) else { return 400 };
        self.note(at, contribution, &notification);
        200
    }

    /// Several notifications in one message.
    fn reported_together(&mut self, at: usize, contribution: &str, message: &cpim::Message) -> u16 {
        let boundary = message.content_type().and_then(boundary_of);
        let parts = boundary.and_then(|boundary| cpm_wire::multipart::parse(message.body(), &boundary).ok());
        for part in parts.iter().flatten() {
            if part.content_type().map(essence).as_deref() == Some(imdn::MEDIA_TYPE)
                && let Ok(notification) = Notification::parse(part.body())
            {
                self.note(at, contribution, &notification);
            }
        }
        if parts.is_some() { 200 } else { 400 }
    }

    fn note(&mut self, at: usize, contribution: &str, notification: &Notification) {
        let state = match notification.status {
            Status::Delivered => State::Delivered,
            Status::Displayed => State::Displayed,
            Status::Failed | Status::Forbidden | Status::Error => State::Failed,
            Status::Processed | Status::Stored | Status::Other(_) => return,
        };
        let Some(account) = self.accounts.get_mut(at) else { return };
        match account.chats.get_mut(contribution) {
            Some(chat) => chat.report(&notification.message_id, state),
            // By MESSAGE the chat need not be named.
            None => account.chats.values_mut().for_each(|chat| chat.report(&notification.message_id, state)),
        }
    }

    /// A MESSAGE outside sessions: a notification, as a rule.
    pub(super) fn pager(&mut self, server: ServerId, at: usize, request: &Message) {
        let contribution = request.header(&Name::ContributionId).unwrap_or_default().to_owned();
        let parts = bodies::parts(request);
        let Some(part) = parts.iter().find(|part| part.essence == CPIM) else {
            return self.reply(server, request, 415, |response| response.header(Name::Accept, CPIM));
        };
        let status = match cpim::Message::parse(part.octets.clone()) {
            Ok(message) => self.enveloped(at, &contribution, None, &message),
            Err(_) => 400,
        };
        self.refuse(server, request, status);
        self.tell_what_is_due();
    }

    /// The user opens a chat: what is seen now is reported as displayed.
    pub(super) fn open(&mut self, at: usize, contribution: &str) -> Reply {
        let Some(seen) = self.chat_mut(at, contribution).map(super::chat::Chat::open) else {
            return Reply::cannot("this chat is not known");
        };
        for entry in seen {
            let Entry { message_id: about, date_time, author, .. } = entry;
            let (account, contribution, leg) = (at, contribution.to_owned(), None);
            self.due.push(Due { account, contribution, leg, about, date_time, author, status: Status::Displayed });
        }
        self.tell_what_is_due();
        Reply::done()
    }

    /// The user says something.
    pub(super) fn say(&mut self, at: usize, contribution: &str, text: &str) -> Reply {
        let Some(media) = self.speaking(at, contribution, None) else {
            return Reply::cannot("the user is not in this chat");
        };
        let Some(identity) = self.accounts.get(at).map(|account| account.user.identity.clone()) else {
            return Reply::cannot("no such user");
        };
        let to = self.chat(at, contribution).map(|chat| chat.focus.clone()).filter(|focus| !focus.is_empty());
        let to = to.unwrap_or_else(|| "sip:anonymous@anonymous.invalid".to_owned());
        let (id, date_time) = (self.tokens.token(), self.now.to_rfc3339());
        let octets = cpim::Builder::new(&identity, &to)
            .date_time(&date_time)
            .message_id(&id)
            .dispositions(&["positive-delivery", "display"])
            .content("text/plain; charset=utf-8", text.as_bytes().to_vec())
            .build();
        let entry = Entry {
            message_id: id.clone(),
            author: identity,
            text: text.to_owned(),
            date_time,
            state: State::Sent,
            display_wanted: false,
        };
        self.show(at, contribution, entry);
        self.media.send(self.now, media, outgoing(id, CPIM.to_owned(), octets));
        Reply::done()
    }

    /// The media of a session that carries words of the user in a chat: this one before any other.
    fn speaking(&self, at: usize, contribution: &str, first: Option<u64>) -> Option<MediaId> {
        let usable = |leg: &&Leg| {
            leg.account == at
                && leg.contribution == contribution
                && leg.sends()
                && leg.media.is_some_and(|media| self.media.is_ready(media))
        };
        let wanted = first.and_then(|number| self.legs.get(&number)).filter(usable);
        wanted.or_else(|| self.legs.values().rev().find(usable)).and_then(|leg| leg.media)
    }

    /// Sends the reports that are due: in a session where one carries them, else by MESSAGE.
    fn tell_what_is_due(&mut self) {
        for report in std::mem::take(&mut self.due) {
            if report.author.is_empty() {
                continue;
            }
            let octets = self.notification(&report);
            match self.speaking(report.account, &report.contribution, report.leg) {
                Some(media) => {
                    let id = self.tokens.token();
                    self.media.send(self.now, media, outgoing(id, CPIM.to_owned(), octets));
                }
                None => self.by_message(&report, octets),
            }
        }
    }

    /// A notification in its envelope. It asks for none itself (RFC 5438 section 7.2.1.1).
    fn notification(&mut self, report: &Due) -> Bytes {
        let identity =
            self.accounts.get(report.account).map(|account| account.user.identity.clone()).unwrap_or_default();
        let kind = if report.status == Status::Displayed { Kind::Display } else { Kind::Delivery };
        let notification = Notification::new(&report.about, &report.date_time, kind, report.status.clone());
        cpim::Builder::new(&identity, &report.author)
            .date_time(&self.now.to_rfc3339())
            .message_id(&self.tokens.token())
            .content_disposition("notification")
            .content(imdn::MEDIA_TYPE, notification.to_xml().into_bytes())
            .build()
    }

    fn by_message(&mut self, report: &Due, octets: Bytes) {
        let Due { account: at, contribution, author, .. } = report;
        let at = *at;
        let conversation = self.chat(at, contribution).map(|chat| chat.conversation.clone()).unwrap_or_default();
        let Some(mut request) = self.initial(at, Method::Message, author) else { return };
        request = request
            .header(Name::PPreferredService, MESSAGE_SERVICE)
            .header(Name::AcceptContact, format!("*;+g.3gpp.icsi-ref=\"{}\"", MESSAGE_SERVICE.replace(':', "%3A")));
        if !conversation.is_empty() {
            request = request.header(Name::ConversationId, conversation);
        }
        if !contribution.is_empty() {
            request = request.header(Name::ContributionId, contribution);
        }
        self.send(request.body(CPIM, octets).build(), Purpose::Plain);
    }
}

fn entry_of(message_id: String, message: &cpim::Message, kind: &str) -> Entry {
    let text =
        if kind.starts_with("text/") { String::from_utf8_lossy(message.body()).into_owned() } else { String::new() };
    Entry {
        message_id,
        author: message.from().and_then(uri_in).unwrap_or_default(),
        text: text.chars().take(MOST_CHARACTERS).collect(),
        date_time: message.date_time().unwrap_or_default().to_owned(),
        state: State::Received,
        display_wanted: false,
    }
}

/// The URI between angle brackets, or the whole value.
fn uri_in(value: &str) -> Option<String> {
    let uri = match value.rsplit_once('<') {
        Some((_, rest)) => rest.split('>').next()?,
        None => value,
    };
    Some(uri.trim().to_owned()).filter(|uri| !uri.is_empty())
}

/// A media type without parameters, in lower case.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn boundary_of(content_type: &str) -> Option<String> {
    let params = content_type.split(';').skip(1).filter_map(|param| param.split_once('='));
    let mut named = params.filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
    named.next().map(|(_, value)| value.trim().trim_matches('"').to_owned())
}
