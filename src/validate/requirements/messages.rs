//! What was said in sessions between two: which messages can be told apart, and whether their way can be judged.

use std::collections::{BTreeMap, BTreeSet};

use super::Requirements;
use super::call::Call;
use super::table::Question;
use crate::evidence::{Event, Record, What};
use crate::rules::sessions::KeptApart;
use crate::rules::sessions::attempt::{Attempt, items_of, onward, refusal};
use crate::story::legs::{Leg, MediaDirection};
use crate::story::{Item, Story};

/// So many messages of one capture are followed.
const FOLLOWED: usize = 2000;

/// A message of a session.
pub(super) struct Said<'a> {
    pub id: &'a str,
    pub item: &'a Item,
}

impl<'a> Call<'a> {
    /// What the ends said in the session, each message once, by the id of its envelope.
    pub fn said(&self) -> Vec<Said<'a>> {
        let own =
            |item: &&Item| item.group.as_deref() == Some(self.session) && item.person.as_deref() == Some(self.person);
        self.story.items().iter().filter(own).filter_map(|item| self.one(item)).collect()
    }

    fn one(&self, item: &'a Item) -> Option<Said<'a>> {
        let id = item.chat_id().filter(|_| onward(item.flow).is_some())?;
        // Nothing else is called so, anywhere.
        self.story.cast().label(id).filter(|label| label.group.as_deref() == Some(self.session))?;
        Some(Said { id, item })
    }

    /// Why a message that did not come to a leg may have been kept with reason, or come unseen.
    pub fn may_be_kept(&self, said: &Said<'_>, leg: &Leg) -> Option<String> {
        let (item, why) = (said.item, |why: &str| Some(format!("{why} (packet {})", said.item.frame)));
        let changed = self.attempt.legs().any(|leg| leg.changes.iter().any(|change| change.describes));
        let one_way = |leg: &Leg| leg.own.as_ref().is_none_or(|own| own.direction != MediaDirection::SendRecv);
        let soon = |leg: &Leg| {
            leg.ended.as_ref().is_some_and(|ending| self.clock.between(item.frame, ending.frame) < self.answer)
        };
        let largest = leg.own.as_ref().and_then(|own| own.max_octets);
        match () {
            () if !item.accepted() => why("the target did not take it"),
            () if leg.answer.is_none_or(|answer| answer.frame > item.first) => {
                why("the other side had not accepted yet")
            }
            () if !self.has_media(leg) => why("no message of the other side is in the capture"),
            () if changed => why("what was agreed of messages changed meanwhile"),
            () if one_way(leg) => why("the other side takes no messages"),
            () if self.attempt.legs().any(soon) => why("the session ended soon after it was said"),
            () if largest.is_some_and(|most| item.content.body.length as u64 > most) => {
                why("it is larger than the other side takes")
            }
            () if !leg.own.as_ref().is_some_and(|own| own.takes(&item.content)) => {
                why("the other side takes none of its type")
            }
            () => self.open_since(item.frame),
        }
    }
}

impl Requirements {
    /// Gives every message that ends said in sessions between two a name that rules can ask for: the id of its envelope. One
    /// whose id was used in several sessions, or which was reported on elsewhere, has none.
    pub(super) fn name_messages(&mut self) {
        let talks: BTreeSet<&str> = self.casting.talks().map(|(_, chat)| chat).collect();
        let said = || self.story.items().iter().filter(|item| onward(item.flow).is_some());
        let mut places: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        for item in said().filter(|item| item.chat_id().is_some()).take(FOLLOWED) {
            places.entry(item.chat_id().unwrap_or_default().to_owned()).or_default().push(item.group.clone());
        }
        for item in said() {
            for report in item.content.reports() {
                places.entry(report.about.clone()).and_modify(|places| places.push(item.group.clone()));
            }
        }
        let named: Vec<Event> = places.into_iter().filter_map(|(id, places)| named(id, &places, &talks)).collect();
        let (frame, at) = (self.story.frames(), self.story.now());
        for event in named {
            self.story.observe(frame, &Record { at, what: What::Event(event) });
        }
    }

    /// Whether sessions of one user that stood are kept apart. Those of one conversation belong together.
    pub(super) fn kept_apart(&self) -> Vec<Question> {
        let mut of: BTreeMap<&str, BTreeMap<Option<&str>, String>> = BTreeMap::new();
        for (person, session) in self.casting.talks() {
            if let Some(conversation) = stood_with_messages(&self.story, session, person) {
                of.entry(person).or_default().insert(conversation, session.to_owned());
            }
        }
        let several = of.into_iter().filter(|(_, sessions)| sessions.len() > 1);
        let question = |(person, of): (&str, BTreeMap<Option<&str>, String>)| {
            let lacks = self.lacks_of(person);
            let rule = KeptApart { person: person.to_owned(), sessions: of.into_values().collect() };
            Question { lacks, ..Question::seen(rule) }
        };
        several.map(question).collect()
    }
}

fn named(id: String, places: &[Option<String>], talks: &BTreeSet<&str>) -> Option<Event> {
    let group = places.first().cloned().flatten().filter(|first| talks.contains(first.as_str()))?;
    let only = places.iter().all(|place| place.as_ref() == Some(&group));
    only.then(|| Event::Message {
        group: Some(group),
        label: id.clone(),
        message_id: id,
        author: String::new(),
        private_to: None,
    })
}

/// The conversation of a session in which somebody said something.
fn stood_with_messages<'a>(story: &'a Story, session: &str, person: &str) -> Option<Option<&'a str>> {
    let attempt = Attempt::last(story, session, person, u64::MAX).ok()?;
    let stood = attempt.calling.established() && attempt.taken().next().is_some() && refusal(attempt.calling).is_none();
    let said = |leg: &Leg| items_of(story, leg).any(|item| item.chat_id().is_some() && onward(item.flow).is_some());
    (stood && attempt.legs().any(said)).then_some(attempt.calling.conversation.as_deref())
}
