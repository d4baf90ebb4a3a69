//! What the user's devices send: messages and reports on their way to the focus. The device's SEND is answered as
//! the focus answers it. A report finds its author also when the chat has ended.

use super::chat::{Chat, DeviceLeg, DeviceState, Focus, Reporter, Upward};
use super::content::{About, Content, Report, content};
use super::items::Item;
use crate::call::media::{self, MediaEvent, MediaId, Received};
use crate::call::{Mechanics, bodies};
use crate::config::Reports;
use crate::store::{ItemKind, ItemRecord};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method};

/// The most reports of a chat that are remembered.
const MOST_REPORTED: usize = 100_000;

/// True for the URI of one who does not want to be known (RFC 3323 section 4.1.1.3): nobody is there.
pub fn is_nobody(uri: &str) -> bool {
    uri.to_ascii_lowercase().contains("@anonymous.invalid")
}

/// The reports in a MESSAGE.
pub fn reports_in(request: &Message) -> Vec<Report> {
    if request.method() != Method::Message {
        return Vec::new();
    }
    let reports = |part: bodies::Part| match content(&part.content_type, &part.octets) {
        Content::Notification(_, reports) => reports,
        _ => Vec::new(),
    };
    bodies::parts(request).into_iter().flat_map(reports).collect()
}

impl Chat {
    /// A device has sent a message.
    pub fn device_sent(&mut self, m: &mut Mechanics, at: usize, received: Received) {
        let media = received.media;
        match content(&received.content_type, &received.octets) {
            Content::Refused(status) => m.media.reply(media, received.reply, status),
            Content::Transient if !self.focus.is_live() => m.media.reply(media, received.reply, 200),
            Content::Notification(about, reports) => self.report_from_device(m, at, received, &about, reports),
            Content::Message(_) | Content::Transient if self.focus.is_live() => self.send_upward(m, received),
            // RFC 4975 section 10: the session goes on, but there is nobody to send to.
            Content::Message(_) | Content::Transient => m.media.reply(media, received.reply, 403),
        }
    }

    /// The author gets one report of each kind, however many devices the user has.
    fn report_from_device(
        &mut self,
        m: &mut Mechanics,
        at: usize,
        received: Received,
        about: &About,
        reports: Vec<Report>,
    ) {
        let author = self.addressee(about, &reports);
        if !reports.is_empty() && !self.is_news(m, at, reports) {
            m.media.reply(received.media, received.reply, 200);
            return self.pump(m);
        }
        if self.focus.is_live() {
            self.send_upward(m, received);
        } else {
            m.media.reply(received.media, received.reply, 200);
            self.tell_said(m, true, &received.content_type, &received.octets);
            if let Some(author) = author {
                self.send_to_author(m, &author, &received.content_type, received.octets.clone());
            }
        }
        self.pump(m);
    }

    /// Who is to have a report: the one that it is addressed to; when it is addressed to nobody, the author of the
    /// message that it is about.
    fn addressee(&self, about: &About, reports: &[Report]) -> Option<String> {
        if let Some(to) = about.to.clone().filter(|to| !is_nobody(to)) {
            return Some(to);
        }
        if self.is_one_to_one() {
            return Some(self.record.focus.clone());
        }
        let message = reports.first().map(|report| &report.about);
        let meant = |item: &&Item| message.is_some() && item.about.message_id.as_ref() == message;
        self.items.held.iter().find(meant).and_then(|item| item.about.author.clone())
    }

    /// Notes what a device has reported; true when its author has not heard it yet.
    fn is_news(&mut self, m: &Mechanics, at: usize, reports: Vec<Report>) -> bool {
        let Some(leg) = self.devices.get_mut(at) else { return false };
        for report in &reports {
            leg.owes.remove(&report.about);
        }
        let reporter = match m.config.delivery.reports {
            Reports::One => Reporter::User,
            Reports::PerDevice => Reporter::Device(leg.device.key.clone()),
        };
        let news: Vec<bool> = reports.into_iter().map(|report| self.is_first(report, &reporter)).collect();
        news.contains(&true)
    }

    /// Notes a report; true when there was none like it. One of the user is like that of any device.
    pub fn is_first(&mut self, report: Report, reporter: &Reporter) -> bool {
        if self.reported.len() >= MOST_REPORTED {
            self.reported.clear();
        }
        let of_user = (report.about, report.status, Reporter::User);
        if self.reported.contains(&of_user) {
            return false;
        }
        self.reported.insert((of_user.0, of_user.1, reporter.clone()))
    }

    /// True for a message that came, and is still remembered or was reported on.
    pub fn knows_message(&self, message_id: &str) -> bool {
        let held = self.items.held.iter().any(|item| item.about.message_id.as_deref() == Some(message_id));
        held || self.reported.iter().any(|(about, ..)| about == message_id)
    }

    /// Forgets a report that did not reach its author.
    pub fn take_back(&mut self, report: Report) {
        self.reported.remove(&(report.about, report.status, Reporter::User));
    }

    /// Queues a message for the focus.
    pub fn send_upward(&mut self, m: &mut Mechanics, received: Received) {
        let (content_type, octets) = (received.content_type.clone(), received.octets.clone());
        self.upward.push_back(Upward { sent_as: None, content_type, octets, from: Some(received) });
        self.pump_upward(m);
    }

    /// Sends the focus what waits.
    pub fn pump_upward(&mut self, m: &mut Mechanics) {
        let Focus::Live { local, .. } = &self.focus else { return };
        if !m.media.is_ready(local.media) {
            return;
        }
        for one in self.upward.iter_mut().filter(|one| one.sent_as.is_none()) {
            let message_id = m.tokens.token();
            one.sent_as = Some(message_id.clone());
            let outgoing = media::outgoing(message_id, one.content_type.clone(), one.octets.clone());
            m.media.send(m.now, local.media, outgoing);
        }
    }

    /// Something happened to the media of the focus.
    pub fn focus_media(&mut self, m: &mut Mechanics, event: MediaEvent) {
        match event {
            MediaEvent::Ready => {
                self.mends = 0;
                self.pump_upward(m);
            }
            MediaEvent::Lost => self.focus_lost(m),
            MediaEvent::Received(received) => self.focus_sent(m, *received),
            MediaEvent::Answered { message_id, status } => self.sent_upward(m, &message_id, status.unwrap_or(408)),
            // Chats are joined to nothing.
            MediaEvent::Passed(_) => {}
        }
    }

    /// The focus has answered: so is the device.
    fn sent_upward(&mut self, m: &mut Mechanics, message_id: &str, status: u16) {
        let sent = |one: &Upward| one.sent_as.as_deref() == Some(message_id);
        let Some(one) = self.upward.iter().position(sent).and_then(|at| self.upward.remove(at)) else { return };
        if let Some(from) = one.from {
            if status == 200 {
                self.tell_said(m, true, &one.content_type, &one.octets);
                self.copy_to_others(m, from.media, one.content_type, one.octets);
            }
            m.media.reply(from.media, from.reply, status);
            if from.success_report && status == 200 {
                m.media.report(from.media, &from.message_id, status);
            }
        }
    }

    /// What one device has said the others that take part are to see. None of them owes its author a report.
    fn copy_to_others(&mut self, m: &mut Mechanics, from: MediaId, content_type: String, octets: Bytes) {
        let Content::Message(about) = content(&content_type, &octets) else { return };
        let Some(author) = self.device_of(from).and_then(|at| self.devices.get(at)).map(|leg| leg.device.key.clone())
        else {
            return;
        };
        let other = |leg: &DeviceLeg| leg.state == DeviceState::Joined && leg.device.key != author;
        if !self.devices.iter().any(other) {
            return;
        }
        for status in ["delivered", "displayed"] {
            let message = about.message_id.clone();
            self.reported.extend(message.map(|message| (message, status.to_owned(), Reporter::User)));
        }
        let record = ItemRecord {
            id: m.record_number(),
            chat: self.record.id,
            kind: ItemKind::Message,
            content_type,
            octets,
            received: m.now.as_nanos(),
            expires: None,
            delivered: vec![author],
        };
        self.items.held.push_back(Item { record, about, stored: true, missed: false, kept: false });
        self.pump(m);
    }

    /// There is no focus any more for what waits.
    pub fn fail_upward(&mut self, m: &mut Mechanics) {
        for one in std::mem::take(&mut self.upward) {
            if let Some(from) = one.from {
                m.media.reply(from.media, from.reply, 408);
            }
        }
    }
}
