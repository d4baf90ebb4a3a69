//! The history of the members as a client was told it: who came and who went, and between which messages (L23).

use std::collections::BTreeSet;

use super::chat::Chat;
use crate::evidence::ShownChat;

/// Somebody came, or went.
pub(super) struct Change<'a> {
    name: String,
    joined: bool,
    /// The message before it.
    after: Option<&'a str>,
    /// The message behind it.
    before: Option<&'a str>,
}

/// All changes since the first list.
pub(super) struct History<'a> {
    /// Who was there to begin with.
    first: BTreeSet<String>,
    /// In order.
    pub changes: Vec<Change<'a>>,
    /// The latest document.
    pub latest: Option<u64>,
}

impl<'a> History<'a> {
    /// What the documents of the carrier that brought most of them come to.
    pub fn of(chat: Chat<'a>) -> History<'a> {
        let (notified, in_session) = (chat.notified(), chat.told_in_session());
        let chain = if notified.len() >= in_session.len() { notified } else { in_session };
        let mut history = History { first: BTreeSet::new(), changes: Vec::new(), latest: None };
        let mut present = None;
        for told in chain {
            let now = chat.present_in(&told.held.by_schema);
            match &present {
                None => history.first.clone_from(&now),
                Some(before) => history.changed(chat, told.frame, before, &now),
            }
            present = Some(now);
        }
        history
    }

    fn changed(&mut self, chat: Chat<'a>, told: u64, was: &BTreeSet<String>, is: &BTreeSet<String>) {
        let taken = |item: &&crate::story::Item| item.accepted();
        let before = chat.messages().filter(taken).filter(|item| item.frame < told).last();
        let earlier = |id: Option<&str>| chat.messages().any(|item| item.chat_id() == id && item.frame < told);
        let behind = chat.messages().filter(taken).find(|item| item.frame > told && !earlier(item.chat_id()));
        let (after, before) = (before.and_then(|item| item.chat_id()), behind.and_then(|item| item.chat_id()));
        let came = is.difference(was).map(|name| (name, true));
        for (name, joined) in came.chain(was.difference(is).map(|name| (name, false))) {
            self.changes.push(Change { name: name.clone(), joined, after, before });
            self.latest = Some(told);
        }
    }

    /// The first difference between what the client shows and what it was told: what is right, and what is shown.
    pub fn differs(&self, chat: Chat<'_>, shown: &ShownChat) -> Option<(String, String)> {
        let mut left: Vec<_> =
            shown.changes.iter().filter(|change| chat.name_of(&change.entity) != chat.person).collect();
        for change in &self.changes {
            let same = |shown: &&crate::evidence::ShownChange| {
                chat.name_of(&shown.entity) == change.name && shown.what == change.word()
            };
            let expected = || format!("{} {} {}", change.name, change.word(), change.place(chat));
            let Some(at) = left.iter().position(same) else {
                return Some((format!("{} is shown", expected()), "it is not".to_owned()));
            };
            let place = left.remove(at).after_messages;
            if !change.stands_at(shown, place) {
                return Some((expected(), format!("it is shown after {place} messages")));
            }
        }
        // Those of the first list may be shown as having come before everything.
        let first = |name: &String| self.first.contains(name);
        let stray = left.iter().find(|change| {
            change.what != "joined" || change.after_messages > 0 || !first(&chat.name_of(&change.entity))
        })?;
        let observed = format!("{} {}, after {} messages", stray.entity, stray.what, stray.after_messages);
        Some(("nothing is shown that nobody told".to_owned(), observed))
    }
}

impl Change<'_> {
    fn word(&self) -> &'static str {
        if self.joined { "joined" } else { "left" }
    }

    fn place(&self, chat: Chat<'_>) -> String {
        let after = self.after.map(|id| format!("after {}", chat.name(id)));
        let before = self.before.map(|id| format!("before {}", chat.name(id)));
        after.into_iter().chain(before).collect::<Vec<_>>().join(" and ")
    }

    /// Whether a place among the messages that are shown lies between those two.
    fn stands_at(&self, shown: &ShownChat, place: usize) -> bool {
        let earlier = |id: &str| shown.messages.iter().take(place).any(|message| message.message_id == id);
        self.after.is_none_or(earlier) && !self.before.is_some_and(earlier)
    }
}
