//! Messages that are not everybody's, not whole or not kept: private ones, those that were given up, those of a type that
//! the provider does not keep, states that pass.

use super::chat::{flowing, same_content};
use super::focus::removal;
use super::{CONV_058, Chat, fail, harness, undeclared};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::{Envelope, Kind};
use crate::story::{Carriage, Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const NEVER_REACHES: RuleEntry = RuleEntry {
    id: "missed_group_content.never_reaches",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L05", "L08", "L19"],
    stage3: false,
    what: "A message private to another, given up, of a type not kept, or after a removal never reaches the user.",
    source: "CPM-CONV-058, RFC 4975 section 7.1",
};

/// This message never reaches a device of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NeverReaches {
    /// Who.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for NeverReaches {
    fn entry(&self) -> &'static RuleEntry {
        &NEVER_REACHES
    }

    fn expects(&self) -> String {
        format!("\"{}\" of \"{}\" never reaches {}", self.label, self.group, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let id = match chat.called(&self.label) {
            Ok(id) => id,
            Err(_) if moment == Moment::Open => return Judgement::Undecided.into(),
            Err(unknown) => return (*unknown).into(),
        };
        let mut came = flowing(story, Flow::TargetToDevice).filter(|item| item.person.as_ref() == Some(&self.person));
        if let Some(item) = came.find(|item| is_message(story, item, &id)) {
            let observed = format!("{} came in frame {}", chat.name(&id), item.frame);
            let removed = self.why(&chat, statement, &id) == Some(Why::Removed);
            if !removed {
                return Judgement::Broken(fail(&NEVER_REACHES, self.expects(), observed, item)).into();
            }
            // Whether anything is kept for one who was removed is left to the provider.
            let warnings = undeclared(&NEVER_REACHES, statement, ("after_removal", "stored"), "L05", item);
            return Assessment { judgement: Judgement::Met { checks: 1 }, warnings: warnings.into_iter().collect() };
        }
        if moment == Moment::Open {
            return Judgement::Undecided.into();
        }
        match (self.why(&chat, statement, &id), chat.reachable(None)) {
            (None, _) => harness(format!("there is no reason why {} should not come", chat.name(&id))),
            (_, None) => harness(format!("{} was never reachable, so nothing could have come", self.person)),
            _ => Judgement::Met { checks: 1 },
        }
        .into()
    }
}

/// Why a message is not to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// It is private to another.
    Private,
    /// Its author gave it up.
    GivenUp,
    /// The provider does not keep its type.
    Type,
    /// It is of the time after the user was removed.
    Removed,
}

impl NeverReaches {
    fn why(&self, chat: &Chat<'_>, statement: &Statement, id: &str) -> Option<Why> {
        let cast = chat.story.cast();
        let private_to = cast.label(id).and_then(|told| told.private_to.as_deref());
        if private_to.is_some_and(|to| cast.person_of(to).is_none_or(|person| person.name != self.person)) {
            return Some(Why::Private);
        }
        if cast.is_aborted(id) {
            return Some(Why::GivenUp);
        }
        let sent =
            flowing(chat.story, Flow::NetworkToTarget).filter(|item| item.chat_id() == Some(id)).collect::<Vec<_>>();
        let refused = statement.store_policy().map(|policy| policy.refused_types.as_slice()).unwrap_or_default();
        let is_refused = |item: &&Item| {
            let kind = item.content.chat().map(|envelope| envelope.content_type.as_str()).unwrap_or_default();
            let essence = kind.split(';').next().unwrap_or_default();
            refused.iter().any(|refused| refused.eq_ignore_ascii_case(essence))
        };
        if sent.iter().any(is_refused) {
            return Some(Why::Type);
        }
        let removed = removal(chat)?;
        (!sent.is_empty() && sent.iter().all(|item| item.frame > removed)).then_some(Why::Removed)
    }
}

/// Whether an item is the message, under its own name or under one that nobody gave.
fn is_message(story: &Story, item: &Item, id: &str) -> bool {
    if item.chat_id() == Some(id) {
        return true;
    }
    let unknown = item.chat_id().is_none_or(|came| story.cast().label(came).is_none());
    let mut originals = flowing(story, Flow::NetworkToTarget).filter(|sent| sent.chat_id() == Some(id));
    unknown
        && originals.any(|sent| match (sent.content.chat(), item.content.chat()) {
            (Some(sent), Some(came)) => same_content(sent, came),
            _ => false,
        })
}

pub(super) const PRIVATE_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.private_kept",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01"],
    stage3: false,
    what: "A private message reaches the one it is for, and still is for that one alone.",
    source: "CPM-CONV-058, RFC 7701 section 6",
};

/// The private message reaches the person, and is still private.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrivateKept {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for PrivateKept {
    fn entry(&self) -> &'static RuleEntry {
        &PRIVATE_KEPT
    }

    fn expects(&self) -> String {
        format!(
            "the private message \"{}\" of \"{}\" reaches {} and stays private",
            self.label, self.group, self.person
        )
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        match found(&chat, &PRIVATE_KEPT, &self.label, self.expects(), moment) {
            Ok((original, came)) => self.compare(&chat, original, came),
            Err(judgement) => *judgement,
        }
        .into()
    }
}

impl PrivateKept {
    fn compare(&self, chat: &Chat<'_>, original: &Item, came: &Item) -> Judgement {
        let cast = chat.story.cast();
        let to = |item: &Item| item.content.chat().map(|envelope| envelope.to.clone()).unwrap_or_default();
        let ours = |uri: &String| cast.person_of(uri).is_some_and(|person| person.name == self.person);
        if !to(original).iter().all(ours) || to(original).is_empty() {
            return harness(format!("\"{}\" was not sent as a private message", self.label));
        }
        if !to(came).is_empty() && to(came).iter().all(ours) {
            return Judgement::Met { checks: 1 };
        }
        let name = chat.name(came.chat_id().unwrap_or_default());
        let expected = format!("{name} is for {} alone: To {}", self.person, to(original).join(", "));
        let observed = format!("it came with To {} (frame {})", to(came).join(", "), came.frame);
        Judgement::Broken(fail(&PRIVATE_KEPT, expected, observed, came))
    }
}

/// A message that the feature calls so: as it was sent, and as a device took it.
fn found<'a>(
    chat: &Chat<'a>,
    entry: &RuleEntry,
    label: &str,
    expected: String,
    moment: Moment,
) -> Result<(&'a Item, &'a Item), Box<Judgement>> {
    if moment == Moment::Open && chat.called(label).is_err() {
        return Err(Judgement::Undecided.into());
    }
    let id = chat.called(label)?;
    let came = chat.delivered(None).find(|item| item.chat_id() == Some(&id));
    match (chat.original(&id), came) {
        (Some(original), Some(came)) => Ok((original, came)),
        _ if moment == Moment::Open => Err(Judgement::Undecided.into()),
        (Some(original), None) => {
            let observed =
                format!("{}, sent towards the target (frame {}), never came", chat.name(&id), original.frame);
            Err(chat.missing(entry, expected, observed, original).into())
        }
        (None, _) => Err(chat.nothing_owed(entry).into()),
    }
}

pub(super) const CAME_WHOLE: RuleEntry = RuleEntry {
    id: "missed_group_content.came_whole",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01"],
    stage3: false,
    what: "A message comes whole, to the octet, however it was cut into chunks.",
    source: "CPM-CONV-058, RFC 4975 section 5.1",
};

/// The message reaches the person to the octet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CameWhole {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for CameWhole {
    fn entry(&self) -> &'static RuleEntry {
        &CAME_WHOLE
    }

    fn expects(&self) -> String {
        format!("\"{}\" of \"{}\" reaches {} whole", self.label, self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let (original, came) = match found(&chat, &CAME_WHOLE, &self.label, self.expects(), moment) {
            Ok(both) => both,
            Err(judgement) => return (*judgement).into(),
        };
        let (Some(sent), Some(got)) = (original.content.chat(), came.content.chat()) else {
            return Judgement::Undecided.into();
        };
        if sent.body == got.body && sent.content_type == got.content_type {
            return Judgement::Met { checks: 2 }.into();
        }
        let at = sent.body.first_difference(&got.body);
        let name = chat.name(came.chat_id().unwrap_or_default());
        let of = |envelope: &Envelope| {
            format!(
                "{} octets of {}, at octet {at} {}",
                envelope.body.length,
                envelope.content_type,
                envelope.body.excerpt(at)
            )
        };
        let observed = format!("{} (frame {})", of(got), came.frame);
        Judgement::Broken(fail(&CAME_WHOLE, format!("{name} comes as it was sent: {}", of(sent)), observed, came))
            .into()
    }
}

pub(super) const NOTHING_TRANSIENT: RuleEntry = RuleEntry {
    id: "missed_group_content.nothing_transient",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L01"],
    stage3: false,
    what: "States that pass, and SENDs without content, are not kept and delivered as items.",
    source: "CPM-CONV-058, RFC 3994, RFC 4975 section 5.4",
};

/// No state that passed while the person was away reaches the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NothingTransient {
    /// Who.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for NothingTransient {
    fn entry(&self) -> &'static RuleEntry {
        &NOTHING_TRANSIENT
    }

    fn expects(&self) -> String {
        format!("no state that passed in \"{}\" reaches {} as an item", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let joined = story.device_legs(&self.person, &self.group).map(|leg| leg.invited).min().unwrap_or(u64::MAX);
        let passing = |item: &&Item| matches!(item.content.kind, Kind::Transient | Kind::Bodiless);
        let sent = story.from_network(&self.person, &self.group).filter(passing).collect::<Vec<_>>();
        let (missed, live): (Vec<&Item>, Vec<&Item>) = sent.into_iter().partition(|item| item.frame < joined);
        let mut came = flowing(story, Flow::TargetToDevice).filter(|item| item.person.as_ref() == Some(&self.person));
        let kept = came.find_map(|item| {
            let of = missed.iter().find(|sent| same_state(sent, item))?;
            (!live.iter().any(|sent| sent.frame < item.frame && same_state(sent, item))).then_some((*of, item))
        });
        if let Some((sent, item)) = kept {
            let observed = format!(
                "{} of the time of absence (frame {}) came in frame {}",
                if sent.content.kind == Kind::Bodiless { "a SEND without content" } else { "a state" },
                sent.frame,
                item.frame
            );
            return Judgement::Broken(fail(&NOTHING_TRANSIENT, self.expects(), observed, item)).into();
        }
        match (moment, missed.len()) {
            (Moment::Open, _) => Judgement::Undecided,
            (Moment::Closed, 0) if story.network_legs(&self.person, &self.group).all(|leg| !leg.established()) => {
                chat.nothing_owed(&NOTHING_TRANSIENT)
            }
            (Moment::Closed, 0) => {
                harness(format!("no state passed in \"{}\" while {} was away", self.group, self.person))
            }
            (Moment::Closed, checks) if chat.reachable(None).is_some() => Judgement::Met { checks },
            (Moment::Closed, _) => harness(format!("{} was never reachable, so nothing could have come", self.person)),
        }
        .into()
    }
}

/// Whether what came is a state that was sent. A SEND without content that has no type either only binds a connection.
fn same_state(sent: &Item, came: &Item) -> bool {
    match (&sent.content.kind, &came.content.kind) {
        (Kind::Bodiless, Kind::Bodiless) => {
            let id = |item: &Item| match &item.carriage {
                Carriage::Session { message_id, .. } => Some(message_id.clone()),
                Carriage::Pager(_) => None,
            };
            id(sent) == id(came) || !came.content.content_type.is_empty()
        }
        (Kind::Transient, Kind::Transient) => sent.content.body == came.content.body || same_id(sent, came),
        _ => false,
    }
}

fn same_id(sent: &Item, came: &Item) -> bool {
    sent.content.message_id.is_some() && sent.content.message_id == came.content.message_id
}
