//! What comes in a session or by MESSAGE: messages, and lists of participants (RFC 4575).

use super::chat::{Entry, State};
use super::control::Reply;
use super::core::Core;
use super::lists::Told;
use super::reports::Due;
use crate::call::bodies;
use crate::call::media::{Received, outgoing};
use cpm_wire::conference_info;
use cpm_wire::cpim;
use cpm_wire::imdn::{self, Kind};
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::ServerId;

pub(super) const CPIM: &str = "message/cpim";
const COMPOSING: &str = "application/im-iscomposing+xml";
/// A text that is shown is cut after this many characters.
const MOST_CHARACTERS: usize = 100_000;

impl Core {
    /// A whole message in a session.
    pub(super) fn received(&mut self, number: u64, received: Received) {
        let Received { media, message_id, content_type, octets, success_report, reply } = received;
        let Some(leg) = self.legs.get(&number) else { return self.media.reply(media, reply, 481) };
        let (at, contribution) = (leg.account, leg.contribution.clone());
        let status = match essence(&content_type).as_str() {
            COMPOSING => 200,
            conference_info::MEDIA_TYPE => self.listed_in(number, &octets),
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

    /// A document about the members in a session. Whether it can be read or not, it came. It is the last word on who takes
    /// part unless the focus itself tells that, now; with a claim to that its changes are remembered.
    fn listed_in(&mut self, number: u64, octets: &[u8]) -> u16 {
        let Some(leg) = self.legs.get_mut(&number) else { return 481 };
        let (told, changes) = leg.listing.take(octets);
        let (at, contribution, members) = (leg.account, leg.contribution.clone(), leg.listing.members());
        let watched = self.is_watched(&contribution, at);
        let history = self.config.intermediate_lists;
        if let Some(chat) = self.chat_mut(at, &contribution).filter(|_| told == Told::Understood) {
            if !watched {
                chat.listed(members);
            }
            if history {
                chat.remember(changes);
            }
        }
        200
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
        if let Some(number) = leg.filter(|_| kind == conference_info::MEDIA_TYPE) {
            return self.listed_in(number, message.body());
        }
        if message.from().is_none() {
            // What nobody says he wrote is not shown as anybody's.
            return 400;
        }
        let Some(id) = message.imdn_message_id().map(str::to_owned) else {
            // Nothing can be reported about a message without a name; it is shown under one of our own.
            let entry = entry_of(self.tokens.token(), message, &kind);
            self.show(at, contribution, entry);
            return 200;
        };
        let wishes: Vec<String> = message.dispositions().map(str::to_ascii_lowercase).collect();
        let mut entry = entry_of(id, message, &kind);
        if self.accounts.get(at).is_some_and(|account| account.is(&entry.author)) {
            // The user's own, from another device or from before: nobody is told about it.
            entry.state = State::Sent;
            self.show(at, contribution, entry);
            return 200;
        }
        entry.display_wanted = wishes.iter().any(|wish| wish == "display");
        let (author, date_time, about) = (entry.author.clone(), entry.date_time.clone(), entry.message_id.clone());
        entry.leg = leg;
        let new = self.show(at, contribution, entry);
        if new && wishes.iter().any(|wish| wish == "positive-delivery") {
            let (account, contribution) = (at, contribution.to_owned());
            self.due.push(Due { account, contribution, leg, about, date_time, author, kind: Kind::Delivery });
        }
        200
    }

    /// Shows a message, in a chat that is made if there is none; false when it is shown already.
    fn show(&mut self, at: usize, contribution: &str, entry: Entry) -> bool {
        self.chat_or_new(at, contribution, "").is_some_and(|chat| chat.add(entry))
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

    /// The user says something.
    pub(super) fn say(&mut self, at: usize, contribution: &str, text: &str) -> Reply {
        let Some((_, media)) = self.speaking(at, contribution, None) else {
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
            leg: None,
        };
        self.show(at, contribution, entry);
        self.media.send(self.now, media, outgoing(id, CPIM.to_owned(), octets));
        Reply::done()
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
        leg: None,
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
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
