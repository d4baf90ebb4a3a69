//! What was missed of groups: asked of every served user and group between which the capture shows an invitation.

use cpm_wire::time::Time;

use super::{Decided, Requirements, is_doubted};
use crate::evidence::ChatKind;
use crate::rules::missed_group_content::{
    Complete, InOrder, Isolated, NoPrematureReport, NotBeforeReachable, Once, Since, Unchanged, VersionsGrow,
};
use crate::rules::sessions::attempt::items_of;
use crate::rules::{Judgement, Moment, Rule};
use crate::story::legs::Leg;
use crate::story::{Flow, Item};

/// The rules that captures are asked for, and what a capture must hold for each.
pub(super) const ASKED: [(&str, &str); 8] = [
    ("missed_group_content.complete", "a message of a group, and time enough to deliver it"),
    ("missed_group_content.unchanged", "a message of a group at a device"),
    ("missed_group_content.in_order", "a message of a group at a device"),
    ("missed_group_content.once", "a message of a group at a device"),
    ("missed_group_content.not_before_reachable", "a message of a group at a device"),
    ("missed_group_content.no_premature_report", "a message of a group at a device"),
    ("missed_group_content.versions_grow", "a message of a group at a device"),
    ("missed_group_content.isolated", "a message of a group at a device"),
];

/// What a capture must hold for a rule to be asked.
#[derive(Clone, Copy)]
enum Needs {
    /// The time by which everything has come.
    TheEnd,
    /// Something that came to a device.
    Content,
    /// That, and no hole in what was captured.
    Whole,
    /// That, and when the user could be reached.
    Reached,
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
        (boxed(own(), |(person, group)| NotBeforeReachable { person, group }), Needs::Reached),
        (boxed(own(), |(person, group)| NoPrematureReport { person, group }), Needs::Whole),
        (boxed(own(), |(person, group)| VersionsGrow { person, group }), Needs::Content),
    ]
}

fn boxed<R: Rule + 'static>(own: (String, String), make: impl Fn((String, String)) -> R) -> Box<dyn Rule> {
    Box::new(make(own))
}

impl Requirements {
    /// Judges what became of groups. `until`: nothing more comes after that.
    pub(super) fn group_content(&mut self, until: Time, decided: &mut Decided) {
        // What is missed of a session between two is no matter of these rules.
        let of_two = |chat: &str| self.story.cast().group(chat).is_some_and(|known| known.kind == ChatKind::OneToOne);
        let chats = self.casting.invited().filter(|(_, chat)| !of_two(chat));
        let chats: Vec<(String, String)> = chats.map(|(person, chat)| (person.to_owned(), chat.to_owned())).collect();
        if chats.is_empty() {
            decided.undecided.push(
                "requirements: no invitation of a served user to a group is in the capture, so that nothing is owed to anybody"
                    .to_owned(),
            );
            return;
        }
        for (person, chat) in &chats {
            if !self.story.from_network(person, chat).any(|item| item.accepted() && item.chat_id().is_some()) {
                let why = "the target acknowledged no message of it, and whether it should have is in no capture";
                decided.undecided.push(format!("\"{chat}\" for {person}: undecided: {why}"));
                continue;
            }
            let came = self.story.to_devices(person, chat).any(|item| item.accepted() && item.chat_id().is_some());
            let lacks = self.lacks_of(person);
            let hole = lacks.clone().or_else(|| self.incomplete()).or_else(|| self.cut_off(person, chat));
            let open = self.open(person, chat, until).or_else(|| hole.clone());
            self.story.doubt(open.clone());
            for (rule, needs) in rules(person, chat) {
                let why = match needs {
                    _ if lacks.is_some() => lacks.as_deref(),
                    Needs::TheEnd => open.as_deref(),
                    Needs::Whole if came => hole.as_deref(),
                    Needs::Reached if came && !self.reachable.iter().any(|(known, ..)| known == person) => {
                        Some("the capture does not show when the user could be reached")
                    }
                    Needs::Content | Needs::Whole | Needs::Reached => {
                        Some("nothing of it came to a device").filter(|_| !came)
                    }
                };
                self.judge(rule.as_ref(), why, decided);
            }
        }
        let (mut people, mut groups): (Vec<_>, Vec<_>) = chats.into_iter().unzip();
        people.dedup();
        groups.sort();
        groups.dedup();
        let content = |item: &Item| item.flow == Flow::TargetToDevice && item.chat_id().is_some();
        let came = self.story.items().iter().any(content);
        self.judge(&Isolated { people, groups }, (!came).then_some("nothing came to a device"), decided);
    }

    /// Asks a rule. `open`: why something that is missing may still come, or lie outside of the capture.
    fn judge(&self, rule: &dyn Rule, open: Option<&str>, decided: &mut Decided) {
        let assessment = rule.judge(&self.story, &self.known.statement, Moment::Closed);
        decided.findings.extend(assessment.warnings);
        let why = match (assessment.judgement, open) {
            (Judgement::Met { .. }, _) => return decided.met(rule),
            (Judgement::Broken(finding), None) if is_doubted(&finding) => finding.observed,
            (Judgement::Broken(finding), None) => return decided.findings.push(finding),
            (Judgement::Broken(_), Some(open)) => open.to_owned(),
            (Judgement::Undecided, _) => "more would have to be seen".to_owned(),
            (Judgement::Unseen { why, .. }, _) => why,
        };
        decided.open(rule, &why);
    }

    /// Why more may have come to a device than the capture shows: a session of it is over, and its connection is not seen to end.
    /// No number tells of octets after the last ones. Of a connection that goes on everything is taken to be there.
    fn cut_off(&self, person: &str, chat: &str) -> Option<String> {
        let legs = || self.story.device_legs(person, chat).filter(|leg| leg.established());
        let over = |leg: &&Leg| {
            let replaced = legs().any(|other| other.device == leg.device && other.invited > leg.invited);
            leg.ended.is_some() || replaced
        };
        let ends = |leg: &Leg| {
            let mut own = items_of(&self.story, leg).peekable();
            own.peek().is_some() && own.all(|item| self.story.closing_of(item).is_some())
        };
        let leg = legs().filter(over).find(|leg| !ends(leg))?;
        Some(format!("the capture lacks the end of the connection of the session that packet {} began", leg.invited))
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
