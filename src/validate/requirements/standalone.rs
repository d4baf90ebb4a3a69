//! Standalone messages: which of them can be told apart, and what is asked of each that goes on.

use std::collections::BTreeMap;

use super::Requirements;
use super::table::Question;
use crate::evidence::{Event, Record, What};
use crate::rules::messages::Unaltered;
use crate::rules::messages::course::Course;
use crate::story::Answer;
use crate::story::standalone::Announced;

/// So many messages of one capture are followed.
const FOLLOWED: usize = 2000;

/// What a capture must hold for the rule about messages.
pub(super) const PASSED_ON: (&str, &str) =
    ("messages.unaltered", "a message with Contribution-ID and envelope, outside of chats, that goes on");

impl Requirements {
    /// Gives every standalone message that somebody sent to the target a name that rules can ask for: the id of its envelope.
    /// One whose Contribution-ID is that of another as well has none.
    pub(super) fn name_standalone(&mut self) {
        let mut sent: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        let own = self.story.standalone().filter(|passage| !passage.by_target() && !passage.is_report());
        for passage in own.take(FOLLOWED) {
            let (Some(contribution), Some(id)) = (passage.contribution.clone(), passage.message_id()) else { continue };
            let conversation = passage.conversation.clone().unwrap_or_default();
            let (label, message_id) = (id.to_owned(), Some(id.to_owned()));
            let (author, to) = (String::new(), Vec::new());
            let announced =
                Event::Standalone { label, message_id, contribution: contribution.clone(), conversation, author, to };
            sent.entry(contribution).or_default().push(announced);
        }
        let (frame, at) = (self.story.frames(), self.story.now());
        for event in sent.into_values().filter(|events| events.len() == 1).flatten() {
            self.story.observe(frame, &Record { at, what: What::Event(event) });
        }
    }

    /// What goes on of each of them. That nothing does may have reasons that no capture shows.
    pub(super) fn passed_on(&self) -> Vec<Question> {
        let goes_on = |announced: &&Announced| {
            let course = Course::of(&self.story, announced);
            course.is_some_and(|course| {
                course.came().next().is_some() || course.sent.answer().is_some_and(Answer::is_success)
            })
        };
        let messages = self.story.announced().iter().filter(goes_on);
        messages.map(|announced| Question::seen(Unaltered { label: announced.label.clone() })).collect()
    }
}
