//! Delivery begins when the user can be reached, not before, and is not tried without end (L06, L07, L16).

use std::collections::BTreeMap;

use super::chat::flowing;
use super::{CONV_058A, Chat, fail, harness, outside, undeclared, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg, MediaDirection};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const NOT_BEFORE_REACHABLE: RuleEntry = RuleEntry {
    id: "missed_group_content.not_before_reachable",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L06", "L07", "L16"],
    stage3: false,
    what: "Delivery begins once the user can be reached, and not before, in one of the shapes of the ledger.",
    source: "CPM-CONV-058a",
};

/// Nothing of the group reaches the person before the person can be reached; then it begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotBeforeReachable {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for NotBeforeReachable {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_BEFORE_REACHABLE
    }

    fn expects(&self) -> String {
        format!("delivery of \"{}\" to {} begins once {} can be reached", self.group, self.person, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let reachable = story.cast().reachability(&self.person).find(|change| change.yes).map(|change| change.frame);
        if let Some((observed, frame)) = self.early(&chat, reachable) {
            return Judgement::Broken(fail(&NOT_BEFORE_REACHABLE, self.expects(), observed, Some(frame))).into();
        }
        let waiting = chat.owed().iter().any(|item| reachable.is_some_and(|reachable| item.frame < reachable));
        match (chat.came(None).next(), moment) {
            (Some(first), _) if waiting => self.begun(&chat, statement, first),
            (_, Moment::Open) => Judgement::Undecided.into(),
            (_, Moment::Closed) if chat.owed().is_empty() => chat.nothing_owed(&NOT_BEFORE_REACHABLE).into(),
            (_, Moment::Closed) if !waiting => {
                harness(format!("nothing of \"{}\" was waiting when {} returned", self.group, self.person)).into()
            }
            (_, Moment::Closed) => {
                let observed =
                    format!("{} could be reached (frame {}), and nothing came", self.person, reachable.unwrap_or(0));
                chat.missing(&NOT_BEFORE_REACHABLE, self.expects(), observed, reachable).into()
            }
        }
    }
}

impl NotBeforeReachable {
    /// An invitation or a message to a device before the first trigger.
    fn early(&self, chat: &Chat<'_>, reachable: Option<u64>) -> Option<(String, u64)> {
        let early = |frame: u64| reachable.is_none_or(|reachable| frame < reachable);
        if let Some(leg) = chat.story.drains_of(chat.person, chat.group).find(|leg| early(leg.invited)) {
            return Some((format!("the target invited {} in frame {}, before", self.person, leg.invited), leg.invited));
        }
        let mut came = flowing(chat.story, Flow::TargetToDevice);
        let item = came.find(|item| {
            item.person.as_ref() == Some(&self.person) && item.group.as_ref() == Some(&self.group) && early(item.first)
        })?;
        let what = item.chat_id().map_or_else(|| "a message".to_owned(), |id| chat.name(id));
        Some((format!("{what} came in frame {}, before", item.first), item.first))
    }

    fn begun(&self, chat: &Chat<'_>, statement: &Statement, first: &Item) -> Assessment {
        let mut warnings = shape(chat, statement, first).into_iter().collect::<Vec<_>>();
        warnings.extend(at_once(chat));
        let triggers = chat.story.cast().reachability(chat.person);
        let mut again = triggers.filter(|change| change.yes && Some(&change.device) == first.device.as_ref()).skip(1);
        // A device that calls by itself begins the delivery when it calls.
        let called = chat.story.leg_of(first).is_some_and(|leg| !leg.by_target);
        if let Some(again) = again.next().filter(|again| !called && again.frame < first.first) {
            let expected = "delivery begins at the first trigger".to_owned();
            let observed = format!("it began (frame {}) after a second one (frame {})", first.first, again.frame);
            let finding = outside(&NOT_BEFORE_REACHABLE, "L06", expected, observed, Some(first.first));
            return Assessment { judgement: Judgement::Broken(finding), warnings };
        }
        Assessment { judgement: Judgement::Met { checks: 2 }, warnings }
    }
}

/// The shape of the delivery, against the statement (L07).
fn shape(chat: &Chat<'_>, statement: &Statement, first: &Item) -> Option<Finding> {
    let leg = chat.story.leg_of(first)?;
    let one_way = leg.target.as_ref().is_some_and(|media| media.direction == MediaDirection::SendOnly);
    let shape = match (leg.by_target, one_way) {
        // Whoever fetches calls the store; whoever comes back calls the chat.
        (false, _) if chat.story.cast().group_at(&leg.request_uri).is_none() => "store_and_notify",
        (false, _) => "client_rejoin_leg",
        (true, true) => "sendonly_then_rejoin",
        (true, false) => "sendrecv",
    };
    let ended = chat.story.cast().group(chat.group)?.ended.is_some_and(|ended| ended < leg.invited);
    let key = if ended { "drain_shape_ended" } else { "drain_shape_live" };
    undeclared(&NOT_BEFORE_REACHABLE, statement, (key, shape), "L07", Some(leg.invited))
}

/// Two deliveries of one chat to one device at a time (L16).
fn at_once(chat: &Chat<'_>) -> Option<Finding> {
    let drains = chat.story.drains_of(chat.person, chat.group).filter(|leg| leg.device.is_some()).collect::<Vec<_>>();
    let second = drains.iter().enumerate().find_map(|(at, leg)| {
        let earlier = drains.iter().take(at).find(|earlier| {
            earlier.device == leg.device && earlier.invited < leg.invited && earlier.alive_at(leg.invited)
        });
        earlier.map(|earlier| (earlier.invited, leg.invited))
    });
    let (earlier, later) = second?;
    let expected = "one delivery of a chat to a device at a time".to_owned();
    let observed = format!("invitations in frames {earlier} and {later} stood at once");
    Some(warning(&NOT_BEFORE_REACHABLE, "L16", expected, observed, Some(later)))
}

pub(super) const WITHIN_ATTEMPTS: RuleEntry = RuleEntry {
    id: "missed_group_content.within_attempts",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: true,
    ledger: &["L06", "L07"],
    stage3: false,
    what: "After a refused delivery the target tries again by itself no more often than declared.",
    source: "CPM-CONV-058a",
};

/// The target has not tried too often to deliver the group to the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WithinAttempts {
    /// To whom.
    pub person: String,
    /// Which group.
    pub group: String,
    /// How many retries between triggers are declared.
    pub retries: u64,
}

impl Rule for WithinAttempts {
    fn entry(&self) -> &'static RuleEntry {
        &WITHIN_ATTEMPTS
    }

    fn expects(&self) -> String {
        format!("at most {} retries to deliver \"{}\" to {} between triggers", self.retries, self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut attempts: BTreeMap<(Option<&str>, usize), Vec<u64>> = BTreeMap::new();
        let triggers = self.triggers(story);
        for leg in story.drains_of(&self.person, &self.group) {
            let trigger = triggers.iter().filter(|trigger| **trigger < leg.invited).count();
            let tried = attempts.entry((leg.device.as_deref(), trigger)).or_default();
            if !tried.contains(&leg.invited) {
                tried.push(leg.invited);
            }
        }
        // The first attempt after a trigger is its answer; what follows is the target's own.
        let beyond = attempts.values().find_map(|tried| tried.iter().skip(1).nth(usize::try_from(self.retries).ok()?));
        if let Some(frame) = beyond {
            let observed = format!("the invitation in frame {frame} is one more");
            return Judgement::Broken(fail(&WITHIN_ATTEMPTS, self.expects(), observed, Some(*frame))).into();
        }
        match (moment, attempts.values().map(Vec::len).sum::<usize>()) {
            (Moment::Open, _) => Judgement::Undecided,
            // Where the device calls by itself, nothing is tried.
            (Moment::Closed, 0) => match Chat::new(story, &self.person, &self.group).delivered(None).count() {
                0 => harness(format!("no device of {} was invited", self.person)),
                checks => Judgement::Met { checks },
            },
            (Moment::Closed, checks) => Judgement::Met { checks },
        }
        .into()
    }
}

impl WithinAttempts {
    /// Whatever gives the target a reason to try: registrations, requests of a device, invitations by the focus.
    fn triggers(&self, story: &Story) -> Vec<u64> {
        let registered = story.cast().reachability(&self.person).filter(|change| change.yes).map(|change| change.frame);
        let of_person = |leg: &&Leg| leg.person.as_ref() == Some(&self.person) && !leg.by_target;
        let asked = story.legs().iter().filter(of_person);
        let asked = asked.filter(|leg| leg.end == End::Device || leg.group.as_ref() == Some(&self.group));
        let subscribed = story
            .subscriptions()
            .iter()
            .filter(|subscription| !subscription.by_target && subscription.person.as_ref() == Some(&self.person));
        registered
            .chain(asked.map(|leg| leg.invited))
            .chain(subscribed.map(|subscription| subscription.frame))
            .collect()
    }
}
