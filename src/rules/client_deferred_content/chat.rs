//! One chat as the client of one person has it: its sessions, what was sent to it, what it said, what it shows.

use cpm_wire::sip::{Uri, identity_key};

use crate::evidence::{Member, MemberStatus, ShownChat};
use crate::rules::findings::{self, Spot, harness};
use crate::rules::{Judgement, RuleEntry};
use crate::story::client::Notice;
use crate::story::content::{Disposition, Kind, Report};
use crate::story::legs::{End, Leg};
use crate::story::{Flow, Item, Story};
use crate::verdict::Blame;

/// The user part under which stores deliver (L27).
const STORE: &str = "rcse-standfw";

/// One chat of the client of one person.
#[derive(Clone, Copy)]
pub(super) struct Chat<'a> {
    pub story: &'a Story,
    pub person: &'a str,
    pub group: &'a str,
}

/// What an observer told last.
pub(super) struct Look<'a> {
    pub frame: u64,
    /// Every chat that the client shows.
    pub all: &'a [ShownChat],
    /// Those that bear an identifier of this chat.
    pub own: Vec<&'a ShownChat>,
}

impl<'a> Chat<'a> {
    pub fn new(story: &'a Story, person: &'a str, group: &'a str) -> Chat<'a> {
        Chat { story, person, group }
    }

    /// Sessions of the chat, whoever opened them; those with stored notifications alone are none.
    pub fn legs(self) -> impl Iterator<Item = &'a Leg> {
        client_legs(self.story, self.person)
            .filter(move |leg| leg.group.as_deref() == Some(self.group) && !is_of_store(leg))
    }

    /// Sessions that were offered to the client.
    pub fn deliveries(self) -> impl Iterator<Item = &'a Leg> {
        self.legs().filter(|leg| !leg.by_target)
    }

    /// Everything that was sent to the client in the chat, but for what the store said in a session of its own.
    pub fn sent(self) -> impl Iterator<Item = &'a Item> {
        to_client(self.story, self.person)
            .filter(move |item| item.group.as_deref() == Some(self.group))
            .filter(move |item| !self.story.leg_of(item).is_some_and(is_of_store))
    }

    /// The chat messages that were sent to the client, each as often as it was.
    pub fn messages(self) -> impl Iterator<Item = &'a Item> {
        self.sent().filter(|item| item.chat_id().is_some())
    }

    /// Whether the client's session description lists the types of an item.
    pub fn takes(self, item: &Item) -> bool {
        let client = self.story.leg_of(item).and_then(|leg| leg.target.as_ref());
        item.content.kind == Kind::Bodiless || client.is_none_or(|media| media.takes(&item.content))
    }

    /// Reports of the client that belong to the chat, or to none that is known.
    pub fn reports(self) -> impl Iterator<Item = (&'a Item, &'a Report)> {
        let said = self.story.items().iter().filter(move |item| {
            item.flow == Flow::FromClient
                && item.person.as_deref() == Some(self.person)
                && item.group.as_deref().is_none_or(|group| group == self.group)
        });
        said.flat_map(|item| item.content.reports().iter().map(move |report| (item, report)))
    }

    /// Reports of one kind on one message.
    pub fn reports_on(self, id: &str, kind: Disposition) -> Vec<(&'a Item, &'a Report)> {
        self.reports().filter(|(_, report)| report.about == id && report.disposition == kind).collect()
    }

    /// Notifications of the client's subscriptions to the chat's roster.
    pub fn notices(self) -> impl Iterator<Item = &'a Notice> {
        self.story.notices().iter().filter(move |notice| {
            notice.person.as_deref() == Some(self.person) && notice.group.as_deref() == Some(self.group)
        })
    }

    /// The frames in which the user did something with the chat, or with all.
    pub fn acts(self, acts: &'a [&str]) -> impl Iterator<Item = u64> + 'a {
        let here = move |chat: &Option<String>| chat.as_deref().is_none_or(|chat| self.is_called(chat));
        self.story
            .acts()
            .iter()
            .filter(move |act| act.person == self.person && acts.contains(&act.act.as_str()) && here(&act.chat))
            .map(|act| act.frame)
    }

    /// Whether this is a Contribution-ID of the chat.
    pub fn is_called(self, contribution: &str) -> bool {
        let group = self.story.cast().group(self.group);
        group.is_some_and(|group| group.contributions.iter().any(|own| own == contribution))
    }

    /// What the client showed when somebody last looked.
    pub fn look(self) -> Option<Look<'a>> {
        let shown = self.story.shown().iter().rfind(|shown| shown.person == self.person)?;
        let own = shown.chats.iter().filter(|chat| self.is_called(&chat.contribution)).collect();
        Some(Look { frame: shown.frame, all: &shown.chats, own })
    }

    /// What the client showed once it had all that was sent before `frame`. Who looked before then has not looked.
    pub fn look_after(self, frame: Option<u64>) -> Result<Look<'a>, Judgement> {
        match self.look() {
            Some(look) if frame.is_none_or(|frame| look.frame > frame) => Ok(look),
            Some(_) => Err(harness(format!("nobody looked at the client of {} since it got this", self.person))),
            None => Err(Judgement::Unseen {
                why: format!("no observer tells what the client of {} shows", self.person),
                blame: Blame::Configuration,
            }),
        }
    }

    /// What the client shows as this one chat.
    pub fn one<'l>(self, entry: &RuleEntry, look: &'l Look<'a>) -> Result<&'l ShownChat, Judgement> {
        let observed = match look.own.as_slice() {
            [one] => return Ok(one),
            [] => format!("it shows no chat with the Contribution-ID of \"{}\"", self.group),
            several => format!("it shows {} chats of that Contribution-ID", several.len()),
        };
        let expected = format!("the client of {} shows one chat for \"{}\"", self.person, self.group);
        Err(self.missing(entry, expected, observed, look.frame))
    }

    /// The imdn.Message-ID of the message of the chat that is called so: by its label, or by its text.
    pub fn id_of(self, label: &'a str) -> Option<&'a str> {
        let of_chat = |id: &str| {
            let of_chat = self.story.items().iter().filter(|item| item.chat_id() == Some(id));
            of_chat.map(|item| item.group.as_deref()).any(|group| group == Some(self.group))
        };
        let called = || self.story.cast().called(label);
        let own_words = |item: &&Item| item.content.chat().is_some_and(|said| said.body.head() == label.as_bytes());
        let said = self.story.items().iter().filter(|item| item.flow == Flow::FromClient);
        called().find(|id| of_chat(id)).or_else(|| called().next()).or_else(|| said.clone().find(own_words)?.chat_id())
    }

    /// The roster that the focus held in a frame.
    pub fn roster_at(self, frame: u64) -> Option<&'a [Member]> {
        let rosters = &self.story.cast().group(self.group)?.rosters;
        let held = rosters.iter().rfind(|(since, _)| *since <= frame);
        held.or(rosters.first()).map(|(_, members)| members.as_slice())
    }

    /// One name for all public identities of somebody.
    pub fn name_of(self, uri: &str) -> String {
        self.story.cast().person_of(uri).map_or_else(|| identity_key(uri), |person| person.name.clone())
    }

    /// How a message is called in findings.
    pub fn name(self, id: &str) -> String {
        match self.story.cast().label(id) {
            Some(label) => format!("\"{}\" of {} (imdn.Message-ID {id})", label.label, label.author),
            None => format!("the message with imdn.Message-ID {id}"),
        }
    }

    /// What was to come by now and has not.
    pub fn missing(self, entry: &RuleEntry, expected: String, observed: String, spot: impl Into<Spot>) -> Judgement {
        findings::missing(self.story, entry, expected, observed, spot)
    }

    /// What was no longer to come, and came.
    pub fn untimely(self, entry: &RuleEntry, expected: String, observed: String, spot: impl Into<Spot>) -> Judgement {
        findings::untimely(self.story, entry, expected, observed, spot)
    }
}

/// Sessions between the client of a person and its network.
pub(super) fn client_legs<'a>(story: &'a Story, person: &'a str) -> impl Iterator<Item = &'a Leg> {
    story.legs().iter().filter(move |leg| leg.end == End::Client && leg.person.as_deref() == Some(person))
}

/// Everything that was sent to the client of a person.
pub(super) fn to_client<'a>(story: &'a Story, person: &'a str) -> impl Iterator<Item = &'a Item> {
    story.items().iter().filter(move |item| item.flow == Flow::ToClient && item.person.as_deref() == Some(person))
}

/// Whether a session was offered in the name of the store and for its notifications alone: no focus, no list (L27).
pub(super) fn is_of_store(leg: &Leg) -> bool {
    !leg.by_target && !leg.at_focus && leg.list.is_none() && (names_store(&leg.from) || store_is_asserted(leg))
}

/// Whether the network vouches for the name of the store.
pub(super) fn store_is_asserted(leg: &Leg) -> bool {
    leg.asserted.iter().any(|identity| names_store(identity))
}

fn names_store(uri: &str) -> bool {
    matches!(Uri::parse(uri), Ok(Uri::Sip(uri)) if uri.user.is_some_and(|user| user.eq_ignore_ascii_case(STORE)))
}

/// Whether somebody of this status takes part, or is about to.
pub(super) fn is_present(status: MemberStatus) -> bool {
    matches!(status, MemberStatus::Connected | MemberStatus::Invited)
}
