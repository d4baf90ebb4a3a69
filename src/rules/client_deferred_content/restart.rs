//! The client starts a chat again with the final list, and follows the focus that answers (L11).

use std::collections::BTreeSet;

use cpm_wire::sip::identity_key;

use super::chat::{Chat, client_legs};
use super::told::difference;
use super::{CONV_058C, fail, harness, outside, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::legs::{Leg, MediaDirection};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const RESTARTS_WITH_FINAL_LIST: RuleEntry = RuleEntry {
    id: "client_deferred_content.restarts_with_final_list",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "A restart invites the others of the final list, and at most its own user besides, in the same contribution.",
    source: "CPM-CONV-058c, RFC 5366 section 3",
};

/// The person's client starts a chat again with its final list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RestartsWithFinalList {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for RestartsWithFinalList {
    fn entry(&self) -> &'static RuleEntry {
        &RESTARTS_WITH_FINAL_LIST
    }

    fn expects(&self) -> String {
        format!("the client of {} starts \"{}\" again with the final list", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        match (restart(chat), moment) {
            (Some(leg), _) => Assessment { judgement: self.restarted(chat, leg), warnings: own_name(chat, leg) },
            (None, Moment::Open) => Judgement::Undecided.into(),
            (None, Moment::Closed) => not_restarted(chat).into(),
        }
    }
}

/// Who starts the chat need not be called; no paper forbids that he is.
fn own_name(chat: Chat<'_>, leg: &Leg) -> Vec<Finding> {
    if !leg.list.iter().flatten().any(|uri| chat.name_of(uri) == chat.person) {
        return Vec::new();
    }
    let expected = format!("the restart invites the others, and not {}", chat.person);
    let observed = format!("{} is in the list as well", chat.person);
    vec![warning(&RESTARTS_WITH_FINAL_LIST, "L11", expected, observed, leg.invited)]
}

impl RestartsWithFinalList {
    fn restarted(&self, chat: Chat<'_>, leg: &Leg) -> Judgement {
        let broken = |expected: String, observed: String| {
            Judgement::Broken(fail(&RESTARTS_WITH_FINAL_LIST, expected, observed, leg.invited))
        };
        if !leg.contribution.as_deref().is_some_and(|id| chat.is_called(id)) {
            let expected = format!("the restart keeps the Contribution-ID of \"{}\"", chat.group);
            return broken(expected, leg.contribution.clone().unwrap_or_else(|| "it has none".to_owned()));
        }
        let present = chat.present_at(leg.invited);
        if present.is_empty() {
            return harness(format!("nobody but {} is in \"{}\"", chat.person, chat.group));
        }
        let expected = format!("the restart invites {}", present.iter().cloned().collect::<Vec<_>>().join(", "));
        let Some(list) = &leg.list else {
            let observed = "it carries no list".to_owned();
            return Judgement::Broken(outside(&RESTARTS_WITH_FINAL_LIST, "L11", expected, observed, leg.invited));
        };
        let named: BTreeSet<String> =
            list.iter().map(|uri| chat.name_of(uri)).filter(|name| name != chat.person).collect();
        let Some(difference) = difference(&present, &named) else {
            return Judgement::Met { checks: 1 + named.len() };
        };
        // An INVITE that was lost is sent again as it was: what counts is what the client knew as its user asked for it.
        let asked = chat.acts(&["restart"]).filter(|asked| *asked < leg.invited).max();
        if chat.was_told(&present, asked.unwrap_or(leg.invited)) {
            return broken(expected, difference);
        }
        if chat.subscriptions().next().is_none() {
            let observed = format!("{difference}; the client never asked for the roster, so that nobody told it");
            return Judgement::Broken(outside(&RESTARTS_WITH_FINAL_LIST, "L11", expected, observed, leg.invited));
        }
        harness(format!("the client was not given the final list of \"{}\": {difference}", chat.group))
    }
}

/// The latest INVITE of the client that starts the chat again: at a factory, not at a focus, and not to fetch.
fn restart(chat: Chat<'_>) -> Option<&Leg> {
    let asked = chat.acts(&["restart"]).min();
    let of_chat = |leg: &Leg| match &leg.group {
        Some(group) => group == chat.group,
        None => asked.is_some_and(|asked| leg.invited > asked),
    };
    let fetches = |leg: &Leg| {
        leg.list.is_none() && leg.target.as_ref().is_some_and(|media| media.direction == MediaDirection::RecvOnly)
    };
    let own = client_legs(chat.story, chat.person).filter(|leg| leg.by_target && of_chat(leg) && !fetches(leg));
    own.filter(|leg| chat.story.cast().group_at(&leg.request_uri).is_none()).last()
}

fn not_restarted(chat: Chat<'_>) -> Judgement {
    if chat.acts(&["restart"]).next().is_none() {
        return harness(format!("the user of the client never restarted \"{}\"", chat.group));
    }
    let why = format!("{} restarted \"{}\", and the client sent no invitation", chat.person, chat.group);
    Judgement::Unseen { why, blame: Blame::Target }
}

pub(super) const FOLLOWS_FOCUS: RuleEntry = RuleEntry {
    id: "client_deferred_content.follows_focus",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "After a restart the client asks for the roster, and leaves, at the focus that answered.",
    source: "CPM-CONV-058c, RFC 3261 section 12.2.1.1",
};

/// The person's client follows a chat to its new focus.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FollowsFocus {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for FollowsFocus {
    fn entry(&self) -> &'static RuleEntry {
        &FOLLOWS_FOCUS
    }

    fn expects(&self) -> String {
        format!("the client of {} follows \"{}\" to its newest focus", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        match self.followed(chat) {
            Ok(0) if moment == Moment::Open => Judgement::Undecided,
            Ok(0) => Judgement::Unseen {
                why: format!("the client of {} asked nothing of the newest focus of \"{}\"", self.person, self.group),
                blame: Blame::Target,
            },
            Ok(checks) => Judgement::Met { checks },
            Err(Judgement::Broken(finding)) => Judgement::Broken(finding),
            Err(_) if moment == Moment::Open => Judgement::Undecided,
            Err(judgement) => judgement,
        }
        .into()
    }
}

impl FollowsFocus {
    fn followed(&self, chat: Chat<'_>) -> Result<usize, Judgement> {
        let foci = chat.story.cast().group(chat.group).map(|group| group.foci.as_slice()).unwrap_or_default();
        let newest = match foci {
            [older @ .., newest] if older.iter().any(|focus| focus != newest) => newest,
            _ => return Err(harness(format!("\"{}\" has had one focus alone", chat.group))),
        };
        let Some((leg, since)) = restart(chat).and_then(|leg| Some((leg, answered(leg)?))) else {
            return Err(not_restarted(chat));
        };
        let mut checks = 0;
        for (frame, what, uri) in asked_after(chat, since) {
            if identity_key(uri) == *newest {
                checks += 1;
            } else if let Some(acknowledged) = leg.acknowledged.filter(|acknowledged| *acknowledged < frame) {
                // Until its ACK, what the client asks may have crossed the answer.
                let expected = format!("from frame {acknowledged} on the client turns to {newest}");
                return Err(chat.untimely(&FOLLOWS_FOCUS, expected, format!("its {what} goes to {uri}"), frame));
            }
        }
        checks += self.left(chat, leg, since, newest)?;
        Ok(checks)
    }

    /// Whether the user left at the newest focus, once the user left.
    fn left(&self, chat: Chat<'_>, leg: &Leg, since: u64, newest: &str) -> Result<usize, Judgement> {
        let Some(left) = chat.acts(&["leave"]).find(|left| *left > since) else { return Ok(0) };
        let expected = format!("the client leaves at {newest}");
        let broken = |observed: String, frame: u64| {
            Err(Judgement::Broken(fail(&FOLLOWS_FOCUS, expected.clone(), observed, frame)))
        };
        match &leg.ended {
            Some(ending) if ending.by_target && identity_key(&ending.request_uri) == *newest => return Ok(1),
            Some(ending) if ending.by_target => {
                return broken(format!("its BYE goes to {}", ending.request_uri), ending.frame);
            }
            _ => {}
        }
        let elsewhere = chat.legs().filter_map(|leg| leg.ended.as_ref()).find(|end| end.by_target && end.frame > left);
        match elsewhere {
            Some(ending) => broken(format!("it left an older session, at {}", ending.request_uri), ending.frame),
            None => Err(Judgement::Unseen {
                why: format!("{} left (frame {left}), and the client sent no BYE", chat.person),
                blame: Blame::Target,
            }),
        }
    }
}

fn answered(leg: &Leg) -> Option<u64> {
    leg.answer.filter(|answer| answer.is_success()).map(|answer| answer.frame)
}

/// What the client asked of any focus of the chat after a frame: for the roster, to be let in.
fn asked_after(chat: Chat<'_>, since: u64) -> impl Iterator<Item = (u64, &str, &str)> {
    let subscribed = chat.subscriptions().map(|asked| (asked.frame, "SUBSCRIBE", asked.request_uri.as_str()));
    let rejoined = chat.legs().filter(|leg| leg.by_target && chat.story.cast().group_at(&leg.request_uri).is_some());
    let rejoined = rejoined.map(|leg| (leg.invited, "INVITE", leg.request_uri.as_str()));
    subscribed.chain(rejoined).filter(move |(frame, ..)| *frame > since)
}
