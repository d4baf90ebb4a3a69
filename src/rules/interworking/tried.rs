//! A message or a session on its way to somebody whom CPM may not reach: what the recipient's side said, what went to the
//! interworking function, and what the sender heard.

use cpm_wire::sip::identity_key;

use crate::rules::RuleEntry;
use crate::rules::messages::course::Course;
use crate::rules::messages::delivered::as_sent;
use crate::rules::sessions::attempt::Attempt;
use crate::rules::sessions::{Unmet, harness, missing, unkept};
use crate::story::legs::{End, Leg};
use crate::story::standalone::Standalone;
use crate::story::{Answer, Flow, Story};

/// A message or a session that somebody sent to somebody.
pub(super) struct Tried<'a> {
    pub story: &'a Story,
    /// What the target was asked: told in findings.
    pub told: String,
    /// The frame of that.
    pub frame: u64,
    /// What the sender heard.
    pub heard: Option<Answer>,
    /// Whether what was sent was taken from the sender in whole.
    pub taken: bool,
    /// The refusals of the recipient's side, in order.
    pub refusals: Vec<Answer>,
    /// Each time that it went to the interworking function.
    pub gone: Vec<Gone<'a>>,
}

/// What went to the interworking function.
pub(super) struct Gone<'a> {
    /// The request.
    pub frame: u64,
    /// What the interworking function answered.
    pub answer: Option<Answer>,
    /// Whether it took all of it.
    pub taken: bool,
    what: What<'a>,
}

enum What<'a> {
    Message(Box<Course<'a>>, Standalone<'a>),
    Session(&'a Leg, &'a Leg),
}

impl<'a> Tried<'a> {
    /// The last message, or else session, of this name with this person that was begun before a frame.
    pub fn last(story: &'a Story, label: &str, person: &str, before: u64) -> Result<Tried<'a>, Unmet> {
        if story.announced().iter().any(|known| known.label == label) {
            return Course::last(story, label, before).map(Tried::of_message);
        }
        Attempt::last(story, label, person, before).map(Tried::of_session)
    }

    fn of_message(course: Course<'a>) -> Tried<'a> {
        let (story, announced, sent) = (course.story, course.announced, course.sent);
        let (gone, others): (Vec<_>, Vec<_>) =
            course.came().partition(|passage| passage.flow == Flow::TargetToInterworking);
        let refusals = others.iter().filter_map(|passage| passage.answer()).filter(|answer| !answer.is_success());
        let gone = gone.into_iter().map(|passage| Gone {
            frame: passage.frame,
            answer: passage.answer(),
            taken: passage.taken(),
            what: What::Message(Box::new(Course { story, announced, sent }), passage),
        });
        Tried {
            story,
            told: sent.told(),
            frame: sent.frame,
            heard: sent.answer(),
            taken: sent.taken(),
            refusals: refusals.collect(),
            gone: gone.collect(),
        }
    }

    fn of_session(attempt: Attempt<'a>) -> Tried<'a> {
        let calling = attempt.calling;
        let gone = attempt.story.legs().iter().filter(|leg| {
            leg.end == End::Interworking
                && leg.by_target
                && leg.invited > calling.invited
                && leg.contribution.is_some()
                && leg.contribution == calling.contribution
        });
        Tried {
            story: attempt.story,
            told: format!("the call in frame {}", calling.invited),
            frame: calling.invited,
            heard: calling.answer,
            taken: calling.established(),
            refusals: attempt.called.iter().filter_map(|leg| leg.answer).filter(|it| !it.is_success()).collect(),
            gone: gone
                .map(|leg| Gone {
                    frame: leg.invited,
                    answer: leg.answer,
                    taken: leg.established(),
                    what: What::Session(calling, leg),
                })
                .collect(),
        }
    }

    /// What the sender heard, for a finding.
    pub fn heard_told(&self) -> String {
        self.heard.map_or("was never answered".to_owned(), |answer| {
            format!("was answered {} in frame {}", answer.status, answer.frame)
        })
    }

    /// The last refusal of the recipient's side, if it has one.
    pub fn refusal(&self) -> Option<Answer> {
        self.refusals.last().copied()
    }

    /// The first time that it went to the interworking function, which it should have done.
    pub fn went(&self, entry: &RuleEntry, expected: String) -> Result<&Gone<'a>, Unmet> {
        if let Some(gone) = self.gone.first() {
            return Ok(gone);
        }
        let refused = self.refusal().map_or(String::new(), |answer| {
            format!(", after the recipient's side had refused it ({}, frame {})", answer.status, answer.frame)
        });
        let observed = format!("{} {}{refused}, and nothing went on", self.told, self.heard_told());
        let frame = self.heard.map_or(self.frame, |answer| answer.frame);
        Err(missing(self.story, entry, expected, observed, frame))
    }
}

impl Gone<'_> {
    /// That it went on as it came, for the same recipient.
    pub fn as_it_came(&self, entry: &RuleEntry, expected: &str, recipient: &str) -> Result<(), Unmet> {
        match &self.what {
            What::Message(course, passage) => {
                as_sent(entry, expected, course, passage)?;
                names(entry, expected, course, passage, recipient)
            }
            What::Session(calling, leg) => {
                let same = |was: &Option<String>, is: &Option<String>| was.is_none() || was == is;
                if same(&calling.conversation, &leg.conversation) && same(&calling.contribution, &leg.contribution) {
                    return Ok(());
                }
                let observed =
                    format!("the INVITE in frame {} names another conversation or contribution", leg.invited);
                Err(unkept(entry, expected.to_owned(), observed, leg.invited))
            }
        }
    }
}

/// That it says whom it is for.
fn names(
    entry: &RuleEntry,
    expected: &str,
    course: &Course<'_>,
    passage: &Standalone<'_>,
    recipient: &str,
) -> Result<(), Unmet> {
    let person = course.story.cast().person(recipient);
    let person = person.ok_or_else(|| harness(format!("{recipient} was not introduced")))?;
    let within = passage.envelope().map(|envelope| envelope.to.clone()).unwrap_or_default();
    if passage.called.iter().chain(&within).any(|uri| person.identities.contains(&identity_key(uri))) {
        return Ok(());
    }
    let observed = format!("{} names {:?}", passage.told(), passage.called);
    Err(unkept(entry, format!("{expected}, for {recipient}"), observed, passage.frame))
}
