//! The rules of the requirements over a capture, wherever it holds what they need. What cannot be decided is said so: a
//! rule speaks of the end of an exchange, and a capture may end before.
//!
//! Asked are rules that need nothing but octets, of each user, chat and session that the capture shows. What only the plan
//! of a test knows is asked of nobody here: what a user wishes, what an operator orders, what a wrong message was to provoke.

mod call;
mod clock;
mod continuity;
mod devices;
mod gaps;
mod group_content;
mod media;
mod messages;
mod sessions;
mod standalone;
mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use cpm_wire::sip::Message;
use cpm_wire::time::Time;

use super::casting::Casting;
use crate::evidence::{Direction, Event, Protocol, Record, What};
use crate::rules::{Judgement, Moment, Rule};
use crate::story::Story;
use crate::story::legs::When;
use crate::target::statement::Statement;
use crate::target::users::User;
use crate::target::{Profile, Role};
use crate::verdict::{Blame, Finding, FindingVerdict};
use clock::Clock;
use gaps::Gaps;
use table::Question;
pub use table::needed_of_captures;

/// So many times at which a user could be reached are remembered.
const INTERVALS: usize = 4096;

/// What is known of the element under test besides the capture.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which side of CPM it is.
    pub role: Role,
    /// One answer for each option (ICS).
    pub statement: Statement,
    /// The service identity of the interworking function.
    pub interworking: String,
    /// The served users, each by all public identities.
    pub served: Vec<Vec<String>>,
    /// From a trigger to the end of a delivery.
    pub drain: Duration,
    /// From a stimulus to what has to follow of it.
    pub answer: Duration,
}

impl Known {
    /// What a profile says.
    #[must_use]
    pub fn of(profile: &Profile) -> Known {
        let all = |user: &User| user.impu.iter().chain(&user.tel).map(|uri| uri.as_str().to_owned()).collect();
        Known {
            role: profile.role,
            statement: profile.statement().clone(),
            interworking: profile.interworking(),
            served: profile.pools().values().flatten().map(all).collect(),
            drain: profile.timers().drain,
            answer: profile.timers().answer,
        }
    }
}

/// What the rules of the requirements say.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub findings: Vec<Finding>,
    /// How often each rule was met.
    pub met: BTreeMap<&'static str, usize>,
    /// What could not be decided, and why.
    pub undecided: Vec<String>,
}

impl Decided {
    fn met(&mut self, rule: &dyn Rule) {
        *self.met.entry(rule.id()).or_default() += 1;
    }

    fn open(&mut self, rule: &dyn Rule, why: &str) {
        self.undecided.push(format!("{}: undecided: {why}", rule.expects()));
    }
}

/// Follows a capture of a participating function.
pub(super) struct Requirements {
    known: Known,
    casting: Casting,
    story: Story,
    clock: Clock,
    gaps: Gaps,
    /// Since when a user could be reached, and until when, if that is over.
    reachable: Vec<(String, Time, Option<Time>)>,
    /// When each item of the story was there.
    times: Vec<Time>,
    /// Whether octets of streams are missing.
    lossy: bool,
}

impl Requirements {
    pub fn new(known: Known) -> Requirements {
        let (casting, events) = Casting::new(&known.served);
        let mut story = Story::new();
        let function = Event::InterworkingFunction { identity: known.interworking.clone() };
        for event in std::iter::once(function).chain(events) {
            story.observe(0, &Record { at: Time::ZERO, what: What::Event(event) });
        }
        let (clock, gaps, reachable, times) = (Clock::default(), Gaps::default(), Vec::new(), Vec::new());
        Requirements { known, casting, story, clock, gaps, reachable, times, lossy: false }
    }

    /// Takes the next record to or from the target, which is in the `frame`th packet.
    pub fn observe(&mut self, frame: u64, record: &Record) {
        if let What::Octets(octets) = &record.what
            && octets.protocol == Protocol::Sip
            && let Ok(message) = Message::parse(octets.octets.clone())
        {
            let (when, sent) = (When { frame, at: record.at }, octets.direction == Direction::Sent);
            self.gaps.observe(when, sent, octets.transport, &message);
            for event in self.casting.observe(&message, octets.direction) {
                if let Event::Reachable { person, yes, .. } = &event {
                    self.trigger(person, *yes, record.at);
                }
                self.story.observe(frame, &Record { at: record.at, what: What::Event(event) });
            }
        }
        self.story.observe(frame, record);
        self.clock.tick(frame, record.at);
        self.times.resize(self.story.items().len(), record.at);
    }

    /// Octets of a stream are missing in the capture.
    pub const fn lost(&mut self) {
        self.lossy = true;
    }

    fn trigger(&mut self, person: &str, yes: bool, at: Time) {
        let known = self.reachable.iter_mut().rev().find(|(known, _, until)| known == person && until.is_none());
        if let Some((.., until)) = known {
            *until = (!yes).then_some(at);
        } else if yes && self.reachable.len() < INTERVALS {
            self.reachable.push((person.to_owned(), at, None));
        }
    }

    /// Judges everything that was seen, until then; nothing more comes.
    pub fn close(mut self, until: Time) -> Decided {
        let mut decided = Decided::default();
        if self.known.role != Role::ParticipatingFunction {
            let why = "requirements: undecided: what the user of a client does and sees is in no capture";
            decided.undecided.push(why.to_owned());
            return decided;
        }
        self.clock.close(until);
        self.gaps.close(until);
        self.group_content(until, &mut decided);
        self.name_messages();
        self.name_standalone();
        for question in self.questions(&mut decided) {
            self.ask(question, &mut decided);
        }
        decided
    }

    /// Asks a rule of a session. Where something missing proves nothing, only what was seen and is wrong is told.
    fn ask(&mut self, question: Question, decided: &mut Decided) {
        let Question { rule, open, lacks } = question;
        self.story.doubt(lacks.clone().or(open).or_else(|| self.incomplete()));
        let assessment = rule.judge(&self.story, &self.known.statement, Moment::Closed);
        if lacks.is_none() {
            decided.findings.extend(assessment.warnings);
        }
        match (assessment.judgement, lacks) {
            (Judgement::Met { .. }, _) => decided.met(rule.as_ref()),
            // What is not there may have made right what is.
            (Judgement::Broken(_), Some(lacks)) => decided.open(rule.as_ref(), &lacks),
            (Judgement::Broken(finding), _) if is_doubted(&finding) => decided.open(rule.as_ref(), &finding.observed),
            (Judgement::Broken(finding), None) => decided.findings.push(finding),
            // What was to be put to the test did not happen, and nobody has to say so.
            (Judgement::Unseen { blame: Blame::Harness, .. }, _) => {}
            (Judgement::Unseen { why, .. }, _) => decided.open(rule.as_ref(), &why),
            (Judgement::Undecided, _) => decided.open(rule.as_ref(), "more would have to be seen"),
        }
    }

    /// What the capture lacks of anything that was said to a user or by one.
    fn lacks_of(&self, person: &str) -> Option<String> {
        self.gaps.of(std::iter::empty(), self.casting.identities(person), 0)
    }

    /// Why not even what is missing in a capture that goes on for long enough proves anything.
    fn incomplete(&self) -> Option<String> {
        let why = match (self.lossy, self.story.overflowed()) {
            (true, _) => "octets of streams are missing in the capture",
            (_, true) => "the capture holds more than is kept",
            _ => return None,
        };
        Some(why.to_owned())
    }
}

/// Whether a finding is about what is missing where that proves nothing.
fn is_doubted(finding: &Finding) -> bool {
    finding.verdict == FindingVerdict::Inconclusive && finding.blame == Blame::Unknown
}
