//! A user under interception: what was handed over under the tasks about the user.

use super::L30;
use super::orders::refused;
use crate::rules::Judgement;
use crate::rules::RuleEntry;
use crate::rules::findings::{outside, warning};
use crate::rules::sessions::{Unmet, missing};
use crate::story::Story;
use crate::story::interception::{Copy, Handed, Kind, Payload};
use crate::story::signals::Signal;
use crate::verdict::Finding;
use cpm_wire::uuid::Uuid;
use memchr::memmem;

/// A user under interception.
pub(super) struct Watched<'a> {
    story: &'a Story,
    person: &'a str,
    tasks: Vec<Uuid>,
}

impl<'a> Watched<'a> {
    /// The user, with all tasks that anybody ordered about the user.
    pub fn new(story: &'a Story, person: &'a str) -> Watched<'a> {
        Watched { story, person, tasks: story.interception().tasks_of(person).collect() }
    }

    /// Whether a task is about this user.
    fn is_own(&self, task: Uuid) -> bool {
        self.tasks.contains(&task)
    }

    /// Everything that was handed over of the user, in order.
    pub fn handed(&self) -> impl Iterator<Item = &'a Handed> {
        self.story.interception().handed().iter().filter(|handed| self.is_own(handed.task))
    }

    /// The messages among it.
    pub fn signals(&self) -> impl Iterator<Item = (&'a Handed, &'a Signal)> {
        self.handed().filter_map(|handed| match &handed.payload {
            Payload::Signal(signal) => Some((handed, signal.as_ref())),
            Payload::Chunk | Payload::Other(_) => None,
        })
    }

    /// The content among it that is whole.
    pub fn copies(&self) -> impl Iterator<Item = &'a Copy> {
        self.story.interception().copies().iter().filter(|copy| self.is_own(copy.task))
    }

    /// What is to be said of something that was not handed over. Where it may be in what nobody here can read, nobody can say.
    pub fn lacking(&self, entry: &RuleEntry, expected: String, observed: String, words: &[u8], frame: u64) -> Unmet {
        let unread = self.handed().find_map(|handed| match &handed.payload {
            Payload::Other(octets) => Some((handed, octets)),
            Payload::Signal(_) | Payload::Chunk => None,
        });
        let unread = unread.filter(|(_, octets)| words.is_empty() || memmem::find(octets, words).is_some());
        if let Some((handed, _)) = unread {
            let observed =
                format!("{observed}; the payload in frame {} is in another form ({})", handed.frame, handed.format);
            return Judgement::Broken(outside(entry, L30, expected, observed, handed.frame)).into();
        }
        if let Some(broken) = self.story.interception().broken() {
            let observed = format!("{observed}; what came in frame {broken} is no PDU that can be read");
            return Judgement::Broken(outside(entry, L30, expected, observed, broken)).into();
        }
        let orders = self.story.interception().orders().iter().rev();
        let order = orders.filter(|order| order.person == self.person && order.authorised).find(|order| !order.ends);
        let reply = order.and_then(|order| Some((order, order.reply.as_ref().filter(|reply| !reply.accepted)?)));
        let observed = match reply {
            Some((order, reply)) => format!("{observed}; {}", refused(order, &reply.told)),
            None => observed,
        };
        missing(self.story, entry, expected, observed, frame)
    }
}

/// Where something is handed over otherwise than TS 103 221-2 has it.
pub(super) fn form(entry: &RuleEntry, handed: &Handed, (kind, format): (Kind, u16)) -> Option<Finding> {
    let right = handed.kind == kind && handed.format == format;
    (!right).then(|| {
        let expected = format!("over {kind:?}, in the format {format}");
        let observed = format!("over {:?}, in the format {}", handed.kind, handed.format);
        warning(entry, L30, expected, observed, handed.frame)
    })
}
