//! What waited comes, once and as it was sent (L12, L14, L32).

use super::MSG_04;
use super::kept::{Kept, remarks, same_content};
use crate::rules::findings::{difference, warning};
use crate::rules::sessions::{Judged, Unmet, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Envelope;
use crate::story::standalone::{Mode, Standalone};
use crate::story::{Answer, Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const DELIVERED: RuleEntry = RuleEntry {
    id: "deferred_messages.delivered",
    requirement: MSG_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L12", "L14", "L32"],
    stage3: false,
    what: "A message that waited reaches a device of its recipient, once, to nobody else, and as it was sent: author, \
           instant, imdn.Message-ID, requested dispositions, media type and octets.",
    source: "PF-MSG-04, RFC 3862 section 2, RFC 5438 section 6",
};

/// The message reaches the person, or one device of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivered {
    /// Whose.
    pub person: String,
    /// What it is called.
    pub label: String,
    /// The device; any when it is left out.
    pub device: Option<String>,
}

impl Rule for Delivered {
    fn entry(&self) -> &'static RuleEntry {
        &DELIVERED
    }

    fn expects(&self) -> String {
        let whom = self.device.as_ref().map_or_else(|| self.person.clone(), |own| format!("{}'s {own}", self.person));
        format!("\"{}\" reaches {whom}, once and as it was sent", self.label)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let kept = match Kept::of(story, &self.person, &self.label) {
            Ok(kept) => kept,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let warnings = self.remarks(&kept, statement);
        settled(self.judged(&kept), warnings, moment)
    }
}

impl Delivered {
    fn taken<'a>(&self, kept: &Kept<'a>) -> impl Iterator<Item = &'a Item> {
        kept.taken().filter(|item| self.device.is_none() || item.device == self.device)
    }

    fn judged(&self, kept: &Kept<'_>) -> Judged {
        let sent = kept.submitted()?;
        arrives_well(&DELIVERED, kept, &sent)?;
        let checks = self.taken(kept).count();
        if checks > 0 {
            return Ok(Judgement::Met { checks });
        }
        let observed = match (sent.answer(), self.offered(kept)) {
            (_, Some(offer)) => format!("{} was refused by the device that it was offered to", offer.told()),
            (Some(answer), None) if !answer.is_success() => {
                format!("{} was answered {} (frame {})", sent.told(), answer.status, answer.frame)
            }
            (Some(answer), None) => {
                format!("{} was taken ({}, frame {}), and it never came", sent.told(), answer.status, answer.frame)
            }
            (None, None) => format!("{} was never answered", sent.told()),
        };
        Err(missing(kept.story, &DELIVERED, self.expects(), observed, spot(&sent)))
    }

    fn offered<'a>(&self, kept: &Kept<'a>) -> Option<Standalone<'a>> {
        let refused = |answer: Option<Answer>| answer.is_some_and(|answer| !answer.is_success());
        kept.offers().filter(|offer| refused(offer.answer())).last()
    }

    /// What came otherwise than declared, and what came again.
    fn remarks(&self, kept: &Kept<'_>, statement: &Statement) -> Vec<Finding> {
        let mut first: Vec<&Item> = Vec::new();
        let mut told = Vec::new();
        for item in self.taken(kept) {
            if let Some(known) = first.iter().find(|known| known.device == item.device) {
                let observed = format!("it came in frame {} and again in frame {}", known.frame, item.frame);
                told.push(warning(&DELIVERED, "L14", format!("{} comes once", kept.name()), observed, item));
            } else {
                first.push(item);
                told.extend(remarks(&DELIVERED, statement, kept.way(item), item.frame));
            }
        }
        told
    }
}

/// Whatever came of a message is what was sent, under its own name, and to nobody else.
pub(super) fn arrives_well(entry: &RuleEntry, kept: &Kept<'_>, sent: &Standalone<'_>) -> Result<(), Unmet> {
    let Some(original) = sent.envelope() else { return Ok(()) };
    for item in kept.arrivals() {
        if let Some(person) = item.person.as_deref().filter(|person| !kept.announced.to.iter().any(|to| to == person)) {
            let observed = format!("it came to {person} (frame {})", item.frame);
            return Err(unkept(entry, format!("{} comes to {} alone", kept.name(), kept.person), observed, item));
        }
        if let Some((expected, observed)) = item.content.chat().and_then(|came| difference(original, came)) {
            let expected = format!("{} keeps {expected}", kept.name());
            return Err(unkept(entry, expected, format!("it came with {observed} (frame {})", item.frame), item));
        }
    }
    match renamed(kept, original) {
        Some((item, id)) => {
            let observed = format!("the same content came as {id} (frame {})", item.frame);
            Err(unkept(entry, format!("{} keeps its imdn.Message-ID", kept.name()), observed, item))
        }
        None => Ok(()),
    }
}

/// The content of the message under a name that nobody gave to anything.
fn renamed<'a>(kept: &Kept<'a>, original: &Envelope) -> Option<(&'a Item, &'a str)> {
    let known = |id: &str| kept.story.announced().iter().any(|other| other.message_id.as_deref() == Some(id));
    let mut came = kept.story.items().iter().filter(|item| item.flow == Flow::TargetToDevice);
    came.find_map(|item| {
        let id = item.chat_id().filter(|id| !known(id))?;
        let same = item.person.as_deref() == Some(kept.person)
            && item.content.chat().is_some_and(|came| same_content(original, came));
        same.then_some((item, id))
    })
}

/// Where a finding about a request points to: its answer, or itself.
pub(super) fn spot(sent: &Standalone<'_>) -> u64 {
    sent.answer().map_or(sent.frame, |answer| answer.frame)
}

pub(super) const NOT_LOST: RuleEntry = RuleEntry {
    id: "deferred_messages.not_lost",
    requirement: MSG_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L12", "L14", "L32"],
    stage3: false,
    what: "A message that no device takes for now is refused, so that its author knows, or is kept and delivered.",
    source: "PF-MSG-04, RFC 3428 section 7",
};

/// The message is refused, or reaches the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotLost {
    /// Whose.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for NotLost {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_LOST
    }

    fn expects(&self) -> String {
        format!("\"{}\" is refused, or reaches {} once that can be reached", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl NotLost {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let sent = kept.submitted()?;
        arrives_well(&NOT_LOST, &kept, &sent)?;
        let came = kept.taken().count();
        let observed = match sent.answer() {
            Some(answer) if !answer.is_success() || refused_in_session(&sent) => {
                return Ok(Judgement::Met { checks: 1 });
            }
            _ if came > 0 => return Ok(Judgement::Met { checks: came }),
            Some(answer) => {
                format!("{} was taken ({}, frame {}), and no device has it", sent.told(), answer.status, answer.frame)
            }
            None => format!("{} was never answered", sent.told()),
        };
        Err(missing(story, &NOT_LOST, self.expects(), observed, spot(&sent)))
    }
}

/// Whether what was sent in the session of a large message was refused there.
pub(super) fn refused_in_session(sent: &Standalone<'_>) -> bool {
    sent.mode == Mode::Large && sent.items().any(|item| item.refusal().is_some())
}
