//! Disposition notifications (RFC 5438): those that the client sends, each once and never about a notification, and those
//! that it gets about the user's own messages.

use super::chat::{Chat, Entry, State};
use super::control::Reply;
use super::core::{Core, Purpose};
use super::legs::Leg;
use super::messages::{CPIM, essence};
use crate::call::Owner;
use crate::call::media::{MediaEvent, MediaId, outgoing};
use bytes::Bytes;
use cpm_wire::cpim;
use cpm_wire::imdn::{self, Kind, Notification, Status};
use cpm_wire::sip::{Method, Name, Uri};
use std::collections::HashMap;

const MESSAGE_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg";

/// Reports that wait for their answer in a session, by their MSRP Message-ID.
pub(super) type Unanswered = HashMap<String, Due>;

/// A report that is due.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub account: usize,
    pub contribution: String,
    /// The session in which its message came.
    pub leg: Option<u64>,
    /// The imdn.Message-ID of that message.
    pub about: String,
    pub date_time: String,
    pub author: String,
    /// That it was delivered, or displayed.
    pub kind: Kind,
}

impl Core {
    pub(super) fn media_event(&mut self, owner: Owner, event: MediaEvent) {
        let Owner::Session(number) = owner else { return };
        match event {
            MediaEvent::Received(received) => self.received(number, *received),
            MediaEvent::Answered { message_id, status } => self.answered(number, &message_id, status == Some(200)),
            // The session stays in SIP until somebody ends it; a new connection may bind it again.
            MediaEvent::Lost => self.lost(number),
            MediaEvent::Ready | MediaEvent::Passed(_) => {}
        }
    }

    /// What the client sent was answered, or was not in time.
    fn answered(&mut self, number: u64, message_id: &str, arrived: bool) {
        let over = self.closing.get_mut(&number);
        let report = match (over, self.legs.get_mut(&number)) {
            (Some((_, reports)), _) => reports.remove(message_id),
            (None, Some(leg)) => match leg.reports.remove(message_id) {
                Some(report) => Some(report),
                None => return self.said(number, message_id, arrived),
            },
            (None, None) => None,
        };
        if let Some(report) = report.filter(|_| !arrived) {
            self.by_message(&report);
        }
        self.close_if_answered(number);
    }

    /// A message of the user's own was answered.
    fn said(&mut self, number: u64, message_id: &str, arrived: bool) {
        let Some(leg) = self.legs.get(&number) else { return };
        let (at, contribution) = (leg.account, leg.contribution.clone());
        if let Some(chat) = self.chat_mut(at, &contribution).filter(|_| !arrived) {
            chat.report(message_id, State::Failed);
        }
    }

    /// The connection of a session is gone: what was not answered did not arrive.
    fn lost(&mut self, number: u64) {
        let over = self.closing.get_mut(&number).map(|(_, reports)| std::mem::take(reports));
        let reports = over.or_else(|| self.legs.get_mut(&number).map(|leg| std::mem::take(&mut leg.reports)));
        for report in reports.into_iter().flat_map(HashMap::into_values) {
            self.by_message(&report);
        }
        self.close_if_answered(number);
    }

    /// The media of a session that is over are closed once every report in it is answered.
    fn close_if_answered(&mut self, number: u64) {
        if self.closing.get(&number).is_some_and(|(_, reports)| reports.is_empty())
            && let Some((media, _)) = self.closing.remove(&number)
        {
            self.media.close(media);
        }
    }

    /// A notification about one of the user's own messages.
    pub(super) fn reported(&mut self, at: usize, contribution: &str, message: &cpim::Message) -> u16 {
        let Ok(notification) = Notification::parse(message.body()) else { return 400 };
        self.note(at, contribution, &notification);
        200
    }

    /// Several notifications in one message.
    pub(super) fn reported_together(&mut self, at: usize, contribution: &str, message: &cpim::Message) -> u16 {
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
        let state = match (notification.kind, &notification.status) {
            (Kind::Delivery, Status::Delivered) => State::Delivered,
            (Kind::Delivery, Status::Failed | Status::Error) => State::Failed,
            (Kind::Display, Status::Displayed) => State::Displayed,
            _ => return,
        };
        let Some(account) = self.accounts.get_mut(at) else { return };
        let about = &notification.message_id;
        let named = account.chats.get_mut(contribution).is_some_and(|chat| chat.report(about, state));
        if !named {
            // A session of notifications alone, or a MESSAGE, need not name the chat.
            account.chats.values_mut().any(|chat| chat.report(about, state));
        }
    }

    /// The user opens a chat: what is seen now is reported as displayed.
    pub(super) fn open(&mut self, at: usize, contribution: &str) -> Reply {
        let Some(seen) = self.chat_mut(at, contribution).map(Chat::open) else {
            return Reply::cannot("this chat is not known");
        };
        for entry in seen {
            let Entry { message_id: about, date_time, author, leg, .. } = entry;
            let (account, contribution) = (at, contribution.to_owned());
            self.due.push(Due { account, contribution, leg, about, date_time, author, kind: Kind::Display });
        }
        self.tell_what_is_due();
        Reply::done()
    }

    /// The session that carries words of the user in a chat, and its media: this one before any other.
    pub(super) fn speaking(&self, at: usize, contribution: &str, first: Option<u64>) -> Option<(u64, MediaId)> {
        let usable = |leg: &Leg| {
            let same = leg.account == at && leg.contribution == contribution && leg.sends();
            leg.media.filter(|media| same && self.media.is_ready(*media))
        };
        let wanted = first.and_then(|number| Some((number, self.legs.get(&number)?)));
        let mut others = self.legs.iter().rev().map(|(number, leg)| (*number, leg));
        let of = |(number, leg): (u64, &Leg)| Some((number, usable(leg)?));
        wanted.and_then(of).or_else(|| others.find_map(of))
    }

    /// Sends the reports that are due: in a session where one carries them, else by MESSAGE.
    pub(super) fn tell_what_is_due(&mut self) {
        for report in std::mem::take(&mut self.due) {
            let Some((number, media)) = self.speaking(report.account, &report.contribution, report.leg) else {
                self.by_message(&report);
                continue;
            };
            let (id, octets) = (self.tokens.token(), self.notification(&report));
            if let Some(leg) = self.legs.get_mut(&number) {
                leg.reports.insert(id.clone(), report);
            }
            self.media.send(self.now, media, outgoing(id, CPIM.to_owned(), octets));
        }
    }

    /// A notification in its envelope. It asks for none itself (RFC 5438 section 7.2.1.1).
    fn notification(&mut self, report: &Due) -> Bytes {
        let identity =
            self.accounts.get(report.account).map(|account| account.user.identity.clone()).unwrap_or_default();
        let status = if report.kind == Kind::Display { Status::Displayed } else { Status::Delivered };
        let notification = Notification::new(&report.about, &report.date_time, report.kind, status);
        cpim::Builder::new(&identity, &report.author)
            .date_time(&self.now.to_rfc3339())
            .message_id(&self.tokens.token())
            .content_disposition("notification")
            .content(imdn::MEDIA_TYPE, notification.to_xml().into_bytes())
            .build()
    }

    fn by_message(&mut self, report: &Due) {
        let Due { account: at, contribution, author, .. } = report;
        let at = *at;
        let chat = self.chat(at, contribution).map(|chat| (chat.conversation.clone(), chat.focus.clone()));
        let (conversation, focus) = chat.unwrap_or_default();
        // One who hides, or gives no address at all, is reached through the group alone.
        let target = if is_address(author) { author.clone() } else { focus };
        if !is_address(&target) {
            return;
        }
        let octets = self.notification(report);
        let Some(mut request) = self.initial(at, Method::Message, &target) else { return };
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

/// True for a URI that a request can be sent to.
fn is_address(uri: &str) -> bool {
    let known = matches!(Uri::parse(uri), Ok(Uri::Sip(_) | Uri::Tel(_)));
    known && uri.len() <= 1024 && !uri.ends_with("@anonymous.invalid")
}

fn boundary_of(content_type: &str) -> Option<String> {
    let params = content_type.split(';').skip(1).filter_map(|param| param.split_once('='));
    let mut named = params.filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
    named.next().map(|(_, value)| value.trim().trim_matches('"').to_owned())
}
