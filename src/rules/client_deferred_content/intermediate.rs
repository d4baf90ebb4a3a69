//! Intermediate lists: shown where they belong by who claims them, borne by who does not (L23).

use std::collections::BTreeSet;

use super::chat::Chat;
use super::history::History;
use super::roster::{members_right, shown_present};
use super::shown::{all_shown, seen, taken};
use super::taking::Offer;
use super::told::Sent;
use super::{CONV_058D, fail, harness, outside};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Level};
use serde::{Deserialize, Serialize};

pub(super) const SHOWS_HISTORY: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_history",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "Who came and who went is shown at its place among the messages, and the members are those of the final list.",
    source: "CPM-CONV-058d, CPM-CONV-058b",
};

/// The person's client shows the history of the members.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowsHistory {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ShowsHistory {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_HISTORY
    }

    fn expects(&self) -> String {
        format!("the client of {} shows who came to \"{}\" and who went, where it happened", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        seen(self.shown(chat), moment).into()
    }
}

impl ShowsHistory {
    fn shown(&self, chat: Chat<'_>) -> Result<usize, Judgement> {
        let history = History::of(chat);
        if history.changes.is_empty() {
            return Err(told_nothing(chat));
        }
        let look = chat.look_after(history.latest)?;
        let one = chat.one(&SHOWS_HISTORY, &look)?;
        if let Some((expected, observed)) = history.differs(chat, one) {
            return Err(chat.missing(&SHOWS_HISTORY, expected, observed, look.frame));
        }
        Ok(history.changes.len() + members_right(&SHOWS_HISTORY, chat)?)
    }
}

pub(super) const TOLERATES_INTERMEDIATE: RuleEntry = RuleEntry {
    id: "client_deferred_content.tolerates_intermediate",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "Intermediate lists are answered, used or not, and the session lives.",
    source: "CPM-CONV-058d, RFC 6665 section 4.1.3, RFC 4975 section 10.6",
};

/// The person's client bears intermediate lists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToleratesIntermediate {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ToleratesIntermediate {
    fn entry(&self) -> &'static RuleEntry {
        &TOLERATES_INTERMEDIATE
    }

    fn expects(&self) -> String {
        format!("the client of {} bears the intermediate lists of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        match self.borne(chat, moment) {
            Ok(checks) => Judgement::Met { checks },
            Err(Judgement::Unseen { .. }) if moment == Moment::Open => Judgement::Undecided,
            Err(judgement) => judgement,
        }
        .into()
    }
}

impl ToleratesIntermediate {
    fn borne(&self, chat: Chat<'_>, moment: Moment) -> Result<usize, Judgement> {
        let told = chat.lists_sent();
        if told.is_empty() {
            return Err(told_nothing(chat));
        }
        if let Some(given_up) = chat.given_up(&TOLERATES_INTERMEDIATE) {
            return Err(given_up);
        }
        for list in &told {
            answered(chat, list, moment)?;
        }
        match chat.acknowledged(&TOLERATES_INTERMEDIATE, moment)? {
            0 => Err(chat.nothing_taken(&TOLERATES_INTERMEDIATE)),
            acknowledged => Ok(told.len() + acknowledged),
        }
    }
}

/// A list is answered: 200 to a NOTIFY; 200 to a SEND, or 415.
fn answered(chat: Chat<'_>, list: &Sent, moment: Moment) -> Result<(), Judgement> {
    let carrier = if list.in_session { "SEND" } else { "NOTIFY" };
    let expected = format!("the {carrier} with a list is answered");
    match list.answer {
        Some(answer) if answer.is_success() || list.in_session && answer.status == 415 => Ok(()),
        Some(answer) => {
            let observed = format!("with {}", answer.status);
            Err(Judgement::Broken(if list.in_session {
                outside(&TOLERATES_INTERMEDIATE, "L23", expected, observed, answer.frame)
            } else {
                fail(&TOLERATES_INTERMEDIATE, expected, observed, answer.frame)
            }))
        }
        None if !list.due => Ok(()),
        None if moment == Moment::Open => Err(Judgement::Undecided),
        None => Err(chat.missing(&TOLERATES_INTERMEDIATE, expected, "it never was".to_owned(), list.frame)),
    }
}

/// Why no list came, or none that changed anything.
fn told_nothing(chat: Chat<'_>) -> Judgement {
    if chat.subscriptions().next().is_none() && chat.legs().any(|leg| leg.established()) {
        return Judgement::Unseen {
            why: format!("the client of {} asked for no lists of \"{}\"", chat.person, chat.group),
            blame: Blame::Target,
        };
    }
    harness(format!("no intermediate list of \"{}\" was sent to {}", chat.group, chat.person))
}

pub(super) const KEEPS_WHAT_IT_KNEW: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_what_it_knew",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "A delivery without a final list takes nothing away from what the client knew.",
    source: "CPM-CONV-058d",
};

/// The person's client keeps what it knew of a chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeepsWhatItKnew {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsWhatItKnew {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_WHAT_IT_KNEW
    }

    fn expects(&self) -> String {
        format!("the client of {} keeps what it knew of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        seen(self.kept(chat), moment).into()
    }
}

impl KeepsWhatItKnew {
    fn kept(&self, chat: Chat<'_>) -> Result<usize, Judgement> {
        let ended = chat.deliveries().filter_map(|leg| leg.ended.as_ref()).map(|ending| ending.frame).max();
        let Some(ended) = ended else { return Err(chat.nothing_taken(&KEEPS_WHAT_IT_KNEW)) };
        let look = chat.look_after(Some(ended))?;
        let one = chat.one(&KEEPS_WHAT_IT_KNEW, &look)?;
        let ids = taken(chat, look.frame);
        if ids.is_empty() {
            return Err(chat.nothing_taken(&KEEPS_WHAT_IT_KNEW));
        }
        all_shown(&KEEPS_WHAT_IT_KNEW, chat, one, &ids, look.frame)?;
        let (known, since) = known_before(chat, ended);
        let gone = told_gone(chat, &known, since, look.frame);
        let shown = shown_present(chat, one);
        match known.iter().find(|name| !shown.contains(*name) && !gone.contains(*name)) {
            None => Ok(ids.len() + known.len()),
            Some(lost) => {
                let expected = format!("{lost}, whom the client knew and nobody told it to be gone, is shown");
                Err(chat.missing(&KEEPS_WHAT_IT_KNEW, expected, format!("{lost} is not shown"), look.frame))
            }
        }
    }
}

/// Who was shown as present when somebody last looked before a frame, and when that was.
fn known_before(chat: Chat<'_>, frame: u64) -> (BTreeSet<String>, u64) {
    let before = chat.story.shown().iter().rfind(|shown| shown.person == chat.person && shown.frame < frame);
    let Some(before) = before else { return (BTreeSet::new(), 0) };
    let own = before.chats.iter().filter(|own| chat.is_called(&own.contribution));
    (own.flat_map(|own| shown_present(chat, own)).collect(), before.frame)
}

/// Whom of these the lists between two frames tell to be gone.
fn told_gone(chat: Chat<'_>, known: &BTreeSet<String>, since: u64, until: u64) -> BTreeSet<String> {
    let told = chat.notified().into_iter().chain(chat.told_in_session());
    let last = told.filter(|told| told.frame > since && told.frame < until).max_by_key(|told| told.frame);
    let present = last.map(|told| chat.present_in(&told.held.by_schema));
    present.map_or_else(BTreeSet::new, |present| known.difference(&present).cloned().collect())
}

pub(super) const TAKES_NEXT_DELIVERY: RuleEntry = RuleEntry {
    id: "client_deferred_content.takes_next_delivery",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "After a delivery without a final list the next delivery is taken.",
    source: "CPM-CONV-058d",
};

/// The person's client takes the delivery after one without a final list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakesNextDelivery {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for TakesNextDelivery {
    fn entry(&self) -> &'static RuleEntry {
        &TAKES_NEXT_DELIVERY
    }

    fn expects(&self) -> String {
        format!("the client of {} takes the next delivery of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        match self.taken(chat, moment) {
            Ok(checks) => Judgement::Met { checks },
            Err(Judgement::Unseen { .. }) if moment == Moment::Open => Judgement::Undecided,
            Err(judgement) => judgement,
        }
        .into()
    }
}

impl TakesNextDelivery {
    fn taken(&self, chat: Chat<'_>, moment: Moment) -> Result<usize, Judgement> {
        let before = |next: &Leg| {
            let ended = chat.deliveries().filter(|leg| leg.established()).filter_map(|leg| leg.ended.as_ref());
            ended.map(|ending| ending.frame).any(|frame| frame < next.invited)
        };
        let Some(next) = chat.deliveries().last().filter(|next| before(next)) else {
            return Err(harness(format!("there was no second delivery of \"{}\"", chat.group)));
        };
        match Offer::of(next) {
            Offer::Taken(_) => {}
            Offer::Refused(leg, answer) => return Err(chat.refused(&TAKES_NEXT_DELIVERY, leg, answer)),
            Offer::Withdrawn => return Err(harness("the next offer was taken back".to_owned())),
            Offer::Open(_) if moment == Moment::Open => return Err(Judgement::Undecided),
            Offer::Open(leg) => return Err(chat.unanswered(&TAKES_NEXT_DELIVERY, leg)),
        }
        let of_next = |item: &&Item| chat.story.leg_of(item).is_some_and(|leg| std::ptr::eq(leg, next));
        match chat.acknowledged_of(&TAKES_NEXT_DELIVERY, moment, chat.owed().filter(of_next))? {
            0 => Err(chat.nothing_taken(&TAKES_NEXT_DELIVERY)),
            acknowledged => Ok(1 + acknowledged),
        }
    }
}
