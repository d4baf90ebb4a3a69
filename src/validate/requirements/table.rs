//! The rules of sessions between two, and of messages, that captures are asked for, each with what a capture must hold for it.

use super::call::{Call, UNPROVEN};
use super::{Decided, Requirements, continuity, devices, group_content, media, sessions, standalone};
use crate::rules::Rule;
use crate::rules::sessions::attempt::{Attempt, legs};

/// A rule about a session, to be asked.
pub(super) struct Question {
    pub rule: Box<dyn Rule>,
    /// Why what is missing proves nothing.
    pub open: Option<String>,
    /// What the capture shows to lack of it: then nothing that is there proves a fault.
    pub lacks: Option<String>,
}

impl Question {
    /// What is missing was to be there by now, unless `open` says why not.
    pub fn new(rule: impl Rule + 'static, open: Option<String>) -> Question {
        Question { rule: Box::new(rule), open, lacks: None }
    }

    /// Nothing but what was seen can be wrong.
    pub fn seen(rule: impl Rule + 'static) -> Question {
        Question::new(rule, Some(UNPROVEN.to_owned()))
    }
}

/// A rule of sessions that is asked of captures.
pub(super) struct Asked {
    /// Its name.
    pub rule: &'static str,
    /// What the capture must hold of a call.
    pub needs: &'static str,
    /// The question, where the call has what it needs.
    pub of: fn(&Call<'_>) -> Vec<Question>,
}

/// What a capture must hold for a rule of the requirements to be asked of it; none where no capture is ever asked.
#[must_use]
pub fn needed_of_captures(rule: &str) -> Option<&'static str> {
    let sessions = all().map(|asked| (asked.rule, asked.needs));
    let mut both = sessions.chain([APART, standalone::PASSED_ON]).chain(group_content::ASKED);
    both.find(|(known, _)| *known == rule).map(|(_, needs)| needs)
}

/// The rule that is asked of all sessions of a user at once.
const APART: (&str, &str) = ("sessions.kept_apart", "messages in several conversations of a user");

/// All that are asked of one session each.
fn all() -> impl Iterator<Item = &'static Asked> {
    [sessions::ASKED, media::ASKED, devices::ASKED, continuity::ASKED].into_iter().flatten()
}

impl Requirements {
    /// What is to be asked of the sessions in the capture.
    pub(super) fn questions(&self, decided: &mut Decided) -> Vec<Question> {
        let mut questions = Vec::new();
        for (person, session) in self.casting.talks() {
            let Ok(attempt) = Attempt::last(&self.story, session, person, u64::MAX) else { continue };
            let (story, statement, clock) = (&self.story, &self.known.statement, &self.clock);
            let call = Call { story, statement, clock, answer: self.known.answer, session, person, attempt };
            decided.undecided.extend(one_sided(&call));
            let lacks = self.lacks_of_session(session, person);
            let asked = all().flat_map(|asked| (asked.of)(&call));
            questions.extend(asked.map(|question| Question { lacks: lacks.clone(), ..question }));
        }
        questions.extend(self.kept_apart());
        questions.extend(self.passed_on());
        questions
    }

    /// What the capture lacks of a session.
    fn lacks_of_session(&self, session: &str, person: &str) -> Option<String> {
        let own = || legs(&self.story, session, person);
        let since = own().map(|leg| leg.invited).min().unwrap_or_default();
        self.gaps.of(own().map(|leg| leg.call_id.as_str()), self.casting.identities(person), since)
    }
}

/// What is said of a session that stands with somebody who is not in the capture.
fn one_sided(call: &Call<'_>) -> Option<String> {
    let accepted = call.calling().established() && call.taken().is_empty();
    let (session, person) = (call.session, call.person);
    accepted.then(|| {
        format!("\"{session}\" of {person}: undecided: the capture shows nobody on the other side who accepted it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_captures_are_asked_for_are_rules_each_once() {
        let of_groups = group_content::ASKED.map(|(rule, _)| rule);
        let all: Vec<&str> =
            all().map(|asked| asked.rule).chain([APART.0, standalone::PASSED_ON.0]).chain(of_groups).collect();
        let known = |rule: &&str| crate::rules::catalogue().iter().any(|known| known.id == *rule);
        assert!(all.iter().all(known), "{all:?}");
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
