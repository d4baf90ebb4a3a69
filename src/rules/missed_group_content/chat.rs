//! One person's view of one chat: what is owed, what came, and why something did not.

pub(super) use super::findings::same_author;
use super::findings::{self, Spot, harness};
use crate::rules::{Judgement, RuleEntry};
use crate::story::content::Envelope;
use crate::story::legs::{Ending, Leg};
use crate::story::{Flow, Item, Story};
use crate::verdict::Blame;

/// One person's view of one chat: what is owed, and what came.
pub(super) struct Chat<'a> {
    pub story: &'a Story,
    pub person: &'a str,
    pub group: &'a str,
}

impl<'a> Chat<'a> {
    pub fn new(story: &'a Story, person: &'a str, group: &'a str) -> Chat<'a> {
        Chat { story, person, group }
    }

    /// The chat messages that the focus sent whole towards the person, of types that the target takes, the first of each
    /// imdn.Message-ID, in the order in which they became whole. What the target had not answered when it was killed is
    /// not among them.
    pub fn owed(&self) -> Vec<&'a Item> {
        let mut owed: Vec<&Item> = Vec::new();
        for item in self.story.from_network(self.person, self.group) {
            let Some(id) = item.chat_id() else { continue };
            if !self.takes(item) || self.cut_off_by_kill(item) || owed.iter().any(|known| known.chat_id() == Some(id)) {
                continue;
            }
            owed.push(item);
        }
        owed
    }

    fn cut_off_by_kill(&self, item: &Item) -> bool {
        item.expects_answer && item.answer.is_none() && self.story.cast().killed_after(item.frame)
    }

    /// Whether the target's session description lists the types of an item.
    pub fn takes(&self, item: &Item) -> bool {
        let target = self.story.leg_of(item).and_then(|leg| leg.target.as_ref());
        target.is_none_or(|media| media.takes(&item.content))
    }

    /// The chat messages that the person's devices took, each as often as it came.
    pub fn delivered(&self, device: Option<&'a str>) -> impl Iterator<Item = &'a Item> {
        self.came(device).filter(|item| item.accepted())
    }

    /// The chat messages that came to the person's devices, taken or not.
    pub fn came(&self, device: Option<&'a str>) -> impl Iterator<Item = &'a Item> {
        self.story
            .to_devices(self.person, self.group)
            .filter(move |item| device.is_none_or(|device| item.device.as_deref() == Some(device)))
            .filter(|item| item.chat_id().is_some())
    }

    /// The first original of an imdn.Message-ID that the focus sent towards the person.
    pub fn original(&self, id: &str) -> Option<&'a Item> {
        self.story.from_network(self.person, self.group).find(|item| item.chat_id() == Some(id))
    }

    /// imdn.Message-ID of the message that the feature calls so: the one that was sent towards the person, if there is.
    pub fn called(&self, label: &str) -> Result<String, Box<Judgement>> {
        let ids = self.story.cast().called_in(self.group, label).map(str::to_owned).collect::<Vec<_>>();
        let sent = ids.iter().find(|id| self.original(id).is_some()).or(ids.first());
        let unknown = || harness(format!("no message of \"{}\" is called \"{label}\"", self.group)).into();
        sent.cloned().ok_or_else(unknown)
    }

    /// The frame of the first trigger of the person, or of this device of the person.
    pub fn reachable(&self, device: Option<&str>) -> Option<u64> {
        let mut triggers = self.story.cast().reachability(self.person).filter(|change| change.yes);
        triggers.find(|change| device.is_none_or(|device| change.device == device)).map(|change| change.frame)
    }

    /// Whether a device took this message.
    pub fn has(&self, device: Option<&'a str>, id: &str) -> bool {
        self.delivered(device).any(|came| came.chat_id() == Some(id))
    }

    /// Whether every owed message was taken by a device of the person.
    pub fn all_delivered(&self) -> bool {
        let owed = self.owed();
        !owed.is_empty() && owed.iter().filter_map(|item| item.chat_id()).all(|id| self.has(None, id))
    }

    /// Why nothing is owed, once nothing more will come. A target that lets no content come to it has not kept the
    /// requirement; a focus that sent none has not put it to the test.
    pub fn nothing_owed(&self, entry: &RuleEntry) -> Judgement {
        let Some(leg) = self.story.network_legs(self.person, self.group).filter(|leg| !leg.by_target).last() else {
            return harness(format!("the focus of \"{}\" sent {} no invitation", self.group, self.person));
        };
        let invitation = format!("the invitation of {} to \"{}\" (frame {})", self.person, self.group, leg.invited);
        let observed = match leg.answer {
            None => format!("{invitation} was never answered"),
            Some(answer) if !answer.is_success() => {
                format!(
                    "{invitation} was answered {} (frame {}), and its content never came",
                    answer.status, answer.frame
                )
            }
            Some(answer) if leg.target.is_none() => {
                format!("{invitation} was answered {} without a usable MSRP description", answer.status)
            }
            Some(_) => {
                let connections = self.story.connections_of(&format!("focus/{}", self.group));
                match connections.failed {
                    Some(frame) => {
                        format!("{invitation} was accepted, its MSRP address takes no connection (frame {frame})")
                    }
                    None if connections.made == 0 => {
                        format!("{invitation} was accepted, and no MSRP connection came to be")
                    }
                    None => return self.nothing_acknowledged(entry),
                }
            }
        };
        let frame = leg.answer.map_or(leg.invited, |answer| answer.frame);
        let expected = format!("the content of \"{}\" is taken for {} and delivered later", self.group, self.person);
        self.missing(entry, expected, observed, Some(frame))
    }

    /// Why nothing is owed although the session with the focus stands.
    pub fn nothing_acknowledged(&self, entry: &RuleEntry) -> Judgement {
        let mut sent = self.story.from_network(self.person, self.group).filter(|item| item.chat_id().is_some());
        let Some(first) = sent.next() else {
            return self.unsent(entry, format!("the focus of \"{}\" sent {} no message", self.group, self.person));
        };
        if !self.takes(first) {
            let why = format!("the target takes no content of the type sent, {}", first.content.content_type);
            return Judgement::Unseen { why, blame: Blame::Configuration };
        }
        let expected = "the target acknowledges the messages that it gets for an absent user".to_owned();
        let observed =
            format!("{} (frame {}) was not acknowledged", self.name(first.chat_id().unwrap_or_default()), first.frame);
        self.missing(entry, expected, observed, first)
    }

    /// Why the focus sent the person nothing that could be missed: of its own accord, or because the target had left.
    pub fn unsent(&self, entry: &RuleEntry, why: String) -> Judgement {
        let mut legs = self.story.network_legs(self.person, self.group);
        let Some(left) = legs.find_map(|leg| self.left(leg)).filter(|_| !self.user_left()) else { return harness(why) };
        let expected = format!("the target stays in \"{}\" for {} and takes what comes", self.group, self.person);
        let observed = format!("it left (BYE in frame {}), and {why}", left.frame);
        self.missing(entry, expected, observed, Some(left.frame))
    }

    /// The BYE of the target towards the focus, while the chat goes on and no other leg of the user stands in it.
    pub fn left(&self, leg: &'a Leg) -> Option<&'a Ending> {
        let ending = leg.ended.as_ref().filter(|ending| ending.by_target)?;
        let over = self.story.cast().group(self.group)?.ended.is_some_and(|ended| ended < ending.frame);
        let mut others = self.story.network_legs(self.person, self.group);
        let replaced = others.any(|other| other.established() && other.alive_at(ending.frame));
        (!over && !replaced).then_some(ending)
    }

    /// Whether a device of the user declined the chat or left it.
    fn user_left(&self) -> bool {
        let left = |leg: &Leg| leg.ended.as_ref().is_some_and(|ending| !ending.by_target);
        let declined = |leg: &Leg| leg.answer.is_some_and(|answer| answer.status == 603);
        self.story.device_legs(self.person, self.group).any(|leg| left(leg) || declined(leg))
    }

    /// What was to come by now and has not. When the tester itself was late or lost datagrams, nobody can tell.
    pub fn missing(&self, entry: &RuleEntry, expected: String, observed: String, spot: impl Into<Spot>) -> Judgement {
        findings::missing(self.story, entry, expected, observed, spot)
    }

    /// How a message is called in findings.
    pub fn name(&self, id: &str) -> String {
        name(self.story, id)
    }
}

/// How a message is called in findings: by its label and author, and its imdn.Message-ID.
pub(super) fn name(story: &Story, id: &str) -> String {
    match story.cast().label(id) {
        Some(label) => format!("\"{}\" of {} (imdn.Message-ID {id})", label.label, label.author),
        None => format!("the message with imdn.Message-ID {id}"),
    }
}

/// Same author, content type and content: what makes two messages one under two names.
pub(super) fn same_content(left: &Envelope, right: &Envelope) -> bool {
    left.body == right.body
        && left.content_type == right.content_type
        && same_author(left.from.as_deref(), right.from.as_deref())
}

/// Messages of a flow, over all chats.
pub(super) fn flowing(story: &Story, flow: Flow) -> impl Iterator<Item = &Item> {
    story.items().iter().filter(move |item| item.flow == flow)
}

/// Whether the focus sent this chat message in a group, towards whomever.
pub(super) fn sent_in(story: &Story, group: &str, id: &str) -> bool {
    flowing(story, Flow::NetworkToTarget).any(|item| item.group.as_deref() == Some(group) && item.chat_id() == Some(id))
}
