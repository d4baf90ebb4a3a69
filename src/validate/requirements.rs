//! The rules of the requirements over a capture, wherever it holds what they need. What cannot be decided is said so: a
//! rule speaks of the end of a delivery, and a capture may end before.

use std::time::Duration;

use cpm_wire::time::Time;

use super::casting::Casting;
use crate::evidence::{ChatKind, Event, Protocol, Record, What};
use crate::rules::missed_group_content::{
    Complete, InOrder, Isolated, NoPrematureReport, NotBeforeReachable, Once, Since, Unchanged, VersionsGrow,
};
use crate::rules::{Judgement, Moment, Rule};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::target::users::User;
use crate::target::{Profile, Role};
use crate::verdict::Finding;

/// So many times at which a user could be reached are remembered.
const INTERVALS: usize = 4096;

/// What is known of the element under test besides the capture.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which side of CPM it is.
    pub role: Role,
    /// One answer for each option (ICS).
    pub statement: Statement,
    /// The served users, each by all public identities.
    pub served: Vec<Vec<String>>,
    /// From a trigger to the end of a delivery.
    pub drain: Duration,
}

impl Known {
    /// What a profile says.
    #[must_use]
    pub fn of(profile: &Profile) -> Known {
        let all = |user: &User| user.impu.iter().chain(&user.tel).map(|uri| uri.as_str().to_owned()).collect();
        Known {
            role: profile.role,
            statement: profile.statement().clone(),
            served: profile.pools().values().flatten().map(all).collect(),
            drain: profile.timers().drain,
        }
    }
}

/// What the rules of the requirements say.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub findings: Vec<Finding>,
    /// How many rules were met.
    pub met: usize,
    /// What could not be decided, and why.
    pub undecided: Vec<String>,
}

/// Follows a capture of a participating function.
pub(super) struct Requirements {
    known: Known,
    casting: Casting,
    story: Story,
    /// Since when a user could be reached, and until when, if that is over.
    reachable: Vec<(String, Time, Option<Time>)>,
    /// When each item of the story was there.
    times: Vec<Time>,
}

impl Requirements {
    pub fn new(known: Known) -> Requirements {
        let (casting, events) = Casting::new(&known.served);
        let mut story = Story::new();
        for event in events {
            story.observe(0, &Record { at: Time::ZERO, what: What::Event(event) });
        }
        Requirements { known, casting, story, reachable: Vec::new(), times: Vec::new() }
    }

    /// Takes the next record to or from the target, which is in the `frame`th packet.
    pub fn observe(&mut self, frame: u64, record: &Record) {
        if let What::Octets(octets) = &record.what
            && octets.protocol == Protocol::Sip
        {
            for event in self.casting.observe(&octets.octets, octets.direction) {
                if let Event::Reachable { person, yes, .. } = &event {
                    self.trigger(person, *yes, record.at);
                }
                self.story.observe(frame, &Record { at: record.at, what: What::Event(event) });
            }
        }
        self.story.observe(frame, record);
        self.times.resize(self.story.items().len(), record.at);
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
    pub fn close(self, until: Time) -> Decided {
        let mut decided = Decided::default();
        if self.known.role != Role::ParticipatingFunction {
            let why = "requirements: undecided: what the user of a client does and sees is in no capture";
            decided.undecided.push(why.to_owned());
            return decided;
        }
        // What is missed of a session between two is no matter of these rules.
        let of_two = |chat: &str| self.story.cast().group(chat).is_some_and(|known| known.kind == ChatKind::OneToOne);
        let chats = self.casting.invited().filter(|(_, chat)| !of_two(chat));
        let chats: Vec<(String, String)> = chats.map(|(person, chat)| (person.to_owned(), chat.to_owned())).collect();
        if chats.is_empty() {
            decided.undecided.push(
                "requirements: no invitation of a served user to a group is in the capture, so that nothing is owed to anybody"
                    .to_owned(),
            );
            return decided;
        }
        for (person, chat) in &chats {
            if !self.story.from_network(person, chat).any(|item| item.accepted() && item.chat_id().is_some()) {
                let why = "the target acknowledged no message of it, and whether it should have is in no capture";
                decided.undecided.push(format!("\"{chat}\" for {person}: undecided: {why}"));
                continue;
            }
            let came = self.story.to_devices(person, chat).any(|item| item.accepted() && item.chat_id().is_some());
            let open = self.open(person, chat, until);
            for (rule, needs) in rules(person, chat) {
                let why = match needs {
                    Needs::TheEnd => open.as_deref(),
                    Needs::Content => Some("nothing of it came to a device").filter(|_| !came),
                };
                self.judge(rule.as_ref(), why, &mut decided);
            }
        }
        let (mut people, mut groups): (Vec<_>, Vec<_>) = chats.into_iter().unzip();
        people.dedup();
        groups.sort();
        groups.dedup();
        let content = |item: &Item| item.flow == Flow::TargetToDevice && item.chat_id().is_some();
        let came = self.story.items().iter().any(content);
        self.judge(&Isolated { people, groups }, (!came).then_some("nothing came to a device"), &mut decided);
        decided
    }

    /// Asks a rule. `open`: why something that is missing may still come, or lie outside of the capture.
    fn judge(&self, rule: &dyn Rule, open: Option<&str>, decided: &mut Decided) {
        let assessment = rule.judge(&self.story, &self.known.statement, Moment::Closed);
        decided.findings.extend(assessment.warnings);
        let why = match (assessment.judgement, open) {
            (Judgement::Met { .. }, _) => {
                decided.met += 1;
                return;
            }
            (Judgement::Broken(finding), None) => {
                decided.findings.push(finding);
                return;
            }
            (Judgement::Broken(_), Some(open)) => open.to_owned(),
            (Judgement::Undecided, _) => "more would have to be seen".to_owned(),
            (Judgement::Unseen { why, .. }, _) => why,
        };
        decided.undecided.push(format!("{}: undecided: {why}", rule.expects()));
    }

    /// Why more may come of a chat for a person than the capture shows: unless the person could be reached for long enough after
    /// everything was there.
    fn open(&self, person: &str, chat: &str, until: Time) -> Option<String> {
        let sent = |item: &Item| {
            item.flow == Flow::NetworkToTarget
                && item.person.as_deref() == Some(person)
                && item.group.as_deref() == Some(chat)
        };
        let sent = self.story.items().iter().zip(&self.times).filter(|(item, _)| sent(item)).map(|(_, at)| *at);
        let last = sent.max().unwrap_or(Time::ZERO);
        let mut reachable = self.reachable.iter().filter(|(known, ..)| known == person).peekable();
        if reachable.peek().is_none() {
            return Some(format!("the capture does not show when {person} could be reached"));
        }
        let long = |since: Time, end: Option<Time>| end.unwrap_or(until).since(since.max(last)) >= self.known.drain;
        let decided = reachable.any(|(_, since, end)| long(*since, *end));
        let ms = self.known.drain.as_millis();
        (!decided).then(|| format!("{person} could not be reached for {ms} ms after all of it was sent"))
    }
}

/// What a capture must hold for a rule to be asked.
#[derive(Clone, Copy)]
enum Needs {
    /// The time by which everything has come.
    TheEnd,
    /// Something that came to a device.
    Content,
}

/// The rules about one user and one chat that need nothing but octets.
fn rules(person: &str, chat: &str) -> Vec<(Box<dyn Rule>, Needs)> {
    let own = || (person.to_owned(), chat.to_owned());
    let complete = |(person, group)| Complete { person, group, device: None, since: Since::Acknowledged };
    vec![
        (Box::new(complete(own())), Needs::TheEnd),
        (boxed(own(), |(person, group)| Unchanged { person, group }), Needs::Content),
        (boxed(own(), |(person, group)| InOrder { person, group }), Needs::Content),
        (boxed(own(), |(person, group)| Once { person, group }), Needs::Content),
        (boxed(own(), |(person, group)| NotBeforeReachable { person, group }), Needs::Content),
        (boxed(own(), |(person, group)| NoPrematureReport { person, group }), Needs::Content),
        (boxed(own(), |(person, group)| VersionsGrow { person, group }), Needs::Content),
    ]
}

fn boxed<R: Rule + 'static>(own: (String, String), make: impl Fn((String, String)) -> R) -> Box<dyn Rule> {
    Box::new(make(own))
}
