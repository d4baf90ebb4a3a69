//! What the user is told of a chat that went on, moved or closed: its newest focus, its kind, the user's removal.

use cpm_wire::sip::identity_key;

use super::carriers::{Brought, declared_carriers, final_list};
use super::chat::flowing;
use super::devices::settled;
use super::store::group_states;
use super::{CONV_058A, Chat, fail, harness, outside, undeclared, warning};
use crate::evidence::{ChatKind, MemberStatus};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const NEWEST_FOCUS: RuleEntry = RuleEntry {
    id: "missed_group_content.newest_focus",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L11"],
    stage3: false,
    what: "Of a chat that moved the user gets all content, and the identity and list of its newest focus.",
    source: "CPM-CONV-058a, RFC 4579 section 4.2",
};

/// The person gets the content of all foci of the group, and is led to the newest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewestFocus {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for NewestFocus {
    fn entry(&self) -> &'static RuleEntry {
        &NEWEST_FOCUS
    }

    fn expects(&self) -> String {
        format!("{} gets all of \"{}\", and is led to its newest focus", self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = self.led(&chat, statement, moment, &mut warnings);
        settled(judgement, warnings, moment)
    }
}

impl NewestFocus {
    fn led(&self, chat: &Chat<'_>, statement: &Statement, moment: Moment, warnings: &mut Vec<Finding>) -> Judgement {
        let Some((foci, moved)) = moved(chat) else {
            return harness(format!("\"{}\" has never moved to another focus", self.group));
        };
        let owed = chat.owed();
        let (old, new): (Vec<&Item>, Vec<&Item>) = owed.into_iter().partition(|item| item.frame < moved);
        if old.is_empty() || new.is_empty() {
            return match chat.owed().is_empty() {
                true => chat.nothing_owed(&NEWEST_FOCUS),
                false => harness(format!("one focus of \"{}\" sent {} nothing", self.group, self.person)),
            };
        }
        let mut all = old.iter().chain(&new);
        if let Some(lost) = all.find(|item| !item.chat_id().is_some_and(|id| chat.has(None, id))) {
            let name = chat.name(lost.chat_id().unwrap_or_default());
            let observed = format!("sent towards the target in frame {}, it never did", lost.frame);
            return chat.missing(&NEWEST_FOCUS, format!("{name} reaches {}", self.person), observed, *lost);
        }
        let newest = foci.last().map(String::as_str).unwrap_or_default();
        let drain = chat.story.drains_of(chat.person, chat.group).filter(|leg| leg.invited > moved).last();
        if let Some((leg, contact)) = drain.and_then(|leg| Some((leg, leg.contact.as_deref()?))) {
            let named = identity_key(contact);
            let expected = format!("the delivery leads to the newest focus, {newest}");
            let observed = format!("its Contact is {contact} (frame {})", leg.invited);
            if foci.contains(&named) && named != newest {
                return Judgement::Broken(fail(&NEWEST_FOCUS, expected, observed, Some(leg.invited)));
            }
            if named != newest {
                warnings.push(warning(&NEWEST_FOCUS, "L11", expected, observed, Some(leg.invited)));
            }
        }
        match self.listed(chat, statement, moment, warnings) {
            Ok(checks) => Judgement::Met { checks: old.len() + new.len() + checks },
            Err(judgement) => *judgement,
        }
    }

    /// The final list is that of the newest focus.
    fn listed(
        &self,
        chat: &Chat<'_>,
        statement: &Statement,
        moment: Moment,
        warnings: &mut Vec<Finding>,
    ) -> Result<usize, Box<Judgement>> {
        match final_list(chat, statement, &declared_carriers(statement), None, moment) {
            Brought::Right { equal, warnings: remarks } => {
                warnings.extend(remarks);
                Ok(equal.checks)
            }
            Brought::Nothing(judgement) => Err(judgement.into()),
            Brought::Wrong(observed, frame) => {
                let expected = format!("{} holds the list of the newest focus of \"{}\"", self.person, self.group);
                Err(chat.missing(&NEWEST_FOCUS, expected, observed, frame).into())
            }
        }
    }
}

/// The identities of the chat, and the frame in which the newest came to be; none when there was only one.
fn moved<'a>(chat: &Chat<'a>) -> Option<(&'a [String], u64)> {
    let group = chat.story.cast().group(chat.group)?;
    let moved = group.opened.get(1..).and_then(|later| later.last())?;
    Some((&group.foci, *moved))
}

pub(super) const KIND_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.kind_kept",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L19", "L27"],
    stage3: false,
    what: "A closed group is not shown as an open one, nor a chat of two as a group.",
    source: "CPM-CONV-058a",
};

/// The group stays of its kind in what reaches the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KindKept {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for KindKept {
    fn entry(&self) -> &'static RuleEntry {
        &KIND_KEPT
    }

    fn expects(&self) -> String {
        format!("\"{}\" reaches {} as the chat that it is", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = self.kept(&chat, &mut warnings);
        settled(judgement, warnings, moment)
    }
}

impl KindKept {
    fn kept(&self, chat: &Chat<'_>, warnings: &mut Vec<Finding>) -> Judgement {
        let Some(group) = chat.story.cast().group(chat.group) else {
            return harness(format!("there is no \"{}\"", self.group));
        };
        if let Some(state) =
            group_states(chat).find(|state| state.fault.is_none() && !same_kind(state.kind, group.kind))
        {
            let expected = format!("{}: {:?}", self.expects(), group.kind);
            let observed = format!("the object in the message store says {:?} (frame {})", state.kind, state.frame);
            return Judgement::Broken(fail(&KIND_KEPT, expected, observed, Some(state.frame)));
        }
        let owed = chat.owed();
        if let Some(lost) = owed.iter().find(|item| !item.chat_id().is_some_and(|id| chat.has(None, id))) {
            let name = chat.name(lost.chat_id().unwrap_or_default());
            let observed = format!("sent towards the target in frame {}, it never did", lost.frame);
            return chat.missing(&KIND_KEPT, format!("{name} reaches {}", self.person), observed, *lost);
        }
        if owed.is_empty() {
            return chat.nothing_owed(&KIND_KEPT);
        }
        if let Some(leg) = opened(chat) {
            let expected = format!("the invitation says that \"{}\" is closed, as that of the focus did", self.group);
            let observed = format!("the invitation in frame {} does not", leg.invited);
            // The mark is one of clients in use; the paper fixes none.
            return Judgement::Broken(outside(&KIND_KEPT, "L19", expected, observed, Some(leg.invited)));
        }
        let is_group = |leg: &Leg| leg.at_focus || leg.list.is_some();
        let of_two = group.kind == ChatKind::OneToOne;
        if let Some(leg) = chat.story.drains_of(chat.person, chat.group).find(|leg| is_group(leg) == of_two) {
            let expected = self.expects();
            if of_two {
                let observed = format!("the invitation in frame {} is that of a group", leg.invited);
                return Judgement::Broken(outside(&KIND_KEPT, "L27", expected, observed, Some(leg.invited)));
            }
            let observed = format!("the invitation in frame {} does not show a focus", leg.invited);
            warnings.push(warning(&KIND_KEPT, "L27", expected, observed, Some(leg.invited)));
        }
        Judgement::Met { checks: owed.len() }
    }
}

/// An invitation of a delivery that is silent on what the focus said: that the group is closed.
fn opened<'a>(chat: &Chat<'a>) -> Option<&'a Leg> {
    let mut invited = chat.story.network_legs(chat.person, chat.group).filter(|leg| !leg.by_target);
    let told = invited.any(|leg| leg.closed);
    chat.story.drains_of(chat.person, chat.group).find(|leg| told && !leg.closed)
}

/// A store tells open from closed, and nothing of chats of two.
fn same_kind(shown: ChatKind, kind: ChatKind) -> bool {
    kind == ChatKind::OneToOne || shown == kind
}

pub(super) const UP_TO_REMOVAL: RuleEntry = RuleEntry {
    id: "missed_group_content.up_to_removal",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L05"],
    stage3: false,
    what: "One who was removed gets everything up to the removal.",
    source: "CPM-CONV-058a",
};

/// The person gets everything of the group up to the removal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UpToRemoval {
    /// Who was removed.
    pub person: String,
    /// From which group.
    pub group: String,
}

impl Rule for UpToRemoval {
    fn entry(&self) -> &'static RuleEntry {
        &UP_TO_REMOVAL
    }

    fn expects(&self) -> String {
        format!("{} gets everything of \"{}\" up to the removal", self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = match removal(&chat) {
            None => harness(format!("{} was not removed from \"{}\"", self.person, self.group)),
            Some(removed) => {
                let word = self.later(&chat, removed);
                let told = ("after_removal", if word.is_some() { "stored" } else { "nothing" });
                warnings.extend(undeclared(&UP_TO_REMOVAL, statement, told, "L05", word.or(Some(removed))));
                self.complete(&chat, removed)
            }
        };
        // What came after the removal can be told only in the end.
        match (moment, warnings.is_empty()) {
            (Moment::Open, false) => Judgement::Undecided.into(),
            _ => settled(judgement, warnings, moment),
        }
    }
}

impl UpToRemoval {
    /// The first message of the time after the removal that came.
    fn later(&self, chat: &Chat<'_>, removed: u64) -> Option<u64> {
        let sent_later = |id: &str| {
            let mut all = flowing(chat.story, Flow::NetworkToTarget);
            all.find(|item| item.chat_id() == Some(id)).is_some_and(|item| item.frame > removed)
        };
        chat.came(None).find(|item| item.chat_id().is_some_and(sent_later)).map(|item| item.frame)
    }

    fn complete(&self, chat: &Chat<'_>, removed: u64) -> Judgement {
        let owed = chat.owed().into_iter().filter(|item| item.frame < removed).collect::<Vec<_>>();
        match owed.iter().find(|item| !item.chat_id().is_some_and(|id| chat.has(None, id))) {
            _ if owed.is_empty() => chat.nothing_owed(&UP_TO_REMOVAL),
            None => Judgement::Met { checks: owed.len() },
            Some(lost) => {
                let name = chat.name(lost.chat_id().unwrap_or_default());
                let expected = format!("{name}, of the time before the removal, reaches {}", self.person);
                let observed = format!("sent towards the target in frame {}, it never did", lost.frame);
                chat.missing(&UP_TO_REMOVAL, expected, observed, *lost)
            }
        }
    }
}

/// The frame in which the person was removed from the chat.
pub(super) fn removal(chat: &Chat<'_>) -> Option<u64> {
    let ours = |uri: &str| chat.story.cast().person_of(uri).is_some_and(|person| person.name == chat.person);
    let group = chat.story.cast().group(chat.group)?;
    let gone = group.rosters.iter().find(|(_, members)| {
        members.iter().any(|member| member.status == MemberStatus::Removed && ours(&member.entity))
    });
    gone.map(|(frame, _)| *frame)
}
