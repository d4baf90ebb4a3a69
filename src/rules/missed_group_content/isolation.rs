//! What is stored for one user and one chat stays apart from all other.

use super::chat::{flowing, name, sent_in};
use super::{CONV_058, Chat, fail};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Carriage, Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const ISOLATED: RuleEntry = RuleEntry {
    id: "missed_group_content.isolated",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L07"],
    stage3: false,
    what: "Nothing of one user or chat reaches another; each chat keeps its Contribution-ID and Conversation-ID.",
    source: "CPM-CONV-058",
};

/// What is delivered to these persons belongs to the chat in whose session it comes, and to them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Isolated {
    /// The persons.
    pub people: Vec<String>,
    /// The groups.
    pub groups: Vec<String>,
}

impl Rule for Isolated {
    fn entry(&self) -> &'static RuleEntry {
        &ISOLATED
    }

    fn expects(&self) -> String {
        "nothing of one chat or user reaches another".to_owned()
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let mut checks = 0;
        for person in &self.people {
            if let Some((observed, frame)) = self.foreign_id(story, statement, person) {
                return Judgement::Broken(fail(&ISOLATED, self.expects(), observed, Some(frame))).into();
            }
            for item in flowing(story, Flow::TargetToDevice).filter(|item| item.person.as_ref() == Some(person)) {
                match self.strays(story, person, item) {
                    Some(observed) => {
                        let finding = fail(&ISOLATED, self.expects(), observed, item);
                        return Judgement::Broken(finding).into();
                    }
                    None => checks += usize::from(item.chat_id().is_some()),
                }
            }
        }
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed if checks > 0 => Judgement::Met { checks },
            Moment::Closed => self.nothing_came(story),
        }
        .into()
    }
}

impl Isolated {
    /// How an item came to the wrong person or chat, if it did. Content that the tester knows nothing of is left from an
    /// earlier time, and not judged.
    fn strays(&self, story: &Story, person: &str, item: &Item) -> Option<String> {
        let known = |id: &&str| self.groups.iter().any(|group| sent_in(story, group, id));
        if let Some(id) = item.chat_id().filter(known) {
            let name = name(story, id);
            let Some(group) = self.chat_of(story, person, item, id) else {
                return Some(format!("{name} came to {person} in a session of another chat (frame {})", item.frame));
            };
            if story.network_legs(person, group).next().is_none() && story.cast().invited(group, person).is_none() {
                return Some(format!("{name} came to {person}, who was not invited (frame {})", item.frame));
            }
            if self.is_private_to_another(story, person, item) {
                return Some(format!("{name}, private to another, came to {person} (frame {})", item.frame));
            }
        }
        let report = item.content.reports().iter().find(|report| reported_to_another(story, person, &report.about))?;
        Some(format!("a report on {}, for another user, came to {person} (frame {})", report.about, item.frame))
    }

    /// The chat that a message belongs to, if that is where it came. A MESSAGE outside any chat came to none in
    /// particular.
    fn chat_of<'a>(&'a self, story: &Story, person: &str, item: &'a Item, id: &str) -> Option<&'a str> {
        if matches!(item.carriage, Carriage::Session { .. }) || item.group.is_some() {
            return item.group.as_deref().filter(|group| sent_in(story, group, id));
        }
        let mut groups = self.groups.iter().map(String::as_str).filter(|group| sent_in(story, group, id));
        let first = groups.clone().next();
        groups.find(|group| story.cast().invited(group, person).is_some()).or(first)
    }

    /// Addressed to one served user, and never sent towards this one.
    fn is_private_to_another(&self, story: &Story, person: &str, item: &Item) -> bool {
        let Some(envelope) = item.content.chat() else { return false };
        let to = envelope.to.iter().filter_map(|uri| story.cast().person_of(uri)).collect::<Vec<_>>();
        let sent_here = flowing(story, Flow::NetworkToTarget)
            .any(|sent| sent.person.as_deref() == Some(person) && sent.chat_id() == item.chat_id());
        !to.is_empty() && to.iter().all(|to| to.name != person) && !sent_here
    }

    fn foreign_id(&self, story: &Story, statement: &Statement, person: &str) -> Option<(String, u64)> {
        let joined = statement.values("device_mode").first() == Some(&"all_joined");
        self.groups.iter().find_map(|group| foreign_id(story, person, group, joined))
    }

    fn nothing_came(&self, story: &Story) -> Judgement {
        let person = self.people.first().map(String::as_str).unwrap_or_default();
        let group = self.groups.first().map(String::as_str).unwrap_or_default();
        let chat = Chat::new(story, person, group);
        match chat.owed().first() {
            None => chat.nothing_owed(&ISOLATED),
            Some(first) => {
                let observed = "nothing was delivered to any of them".to_owned();
                chat.missing(&ISOLATED, self.expects(), observed, *first)
            }
        }
    }
}

/// An invitation of a delivery that names the chat by an identifier that is not the chat's. Where all devices are joined,
/// each may have a contribution of its own.
fn foreign_id(story: &Story, person: &str, group: &str, joined: bool) -> Option<(String, u64)> {
    let known = story.cast().group(group)?;
    story.drains_of(person, group).find_map(|leg| {
        let ids = [
            ("Contribution-ID", leg.contribution.as_ref(), &known.contributions),
            ("Conversation-ID", leg.conversation.as_ref(), &known.conversations),
        ];
        let mut ids = ids.into_iter().skip(usize::from(joined));
        let (name, id, _) = ids.find(|(_, id, known)| !id.is_some_and(|id| known.contains(id)))?;
        let id = id.map_or("none", String::as_str);
        let observed = format!("the invitation to \"{group}\" in frame {} has the {name} {id}", leg.invited);
        Some((observed, leg.invited))
    })
}

fn reported_to_another(story: &Story, person: &str, about: &str) -> bool {
    let mut sent = flowing(story, Flow::NetworkToTarget)
        .filter(|item| item.content.reports().iter().any(|report| report.about == about))
        .peekable();
    sent.peek().is_some() && sent.all(|item| item.person.as_deref().is_some_and(|of| of != person))
}
