//! One standalone message for a served user, by the name that the scenario gives it, and all that became of it: how it was
//! sent to the target, where it was offered, told of and fetched, and where it arrived.

use crate::rules::RuleEntry;
use crate::rules::findings::{same_author, undeclared, warning};
use crate::rules::sessions::attempt::items_of;
use crate::rules::sessions::{Unmet, harness};
use crate::story::content::Envelope;
use crate::story::deferred::{Carrier, Notice};
use crate::story::legs::{End, Leg};
use crate::story::standalone::{Announced, Standalone};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Finding;

/// A message for a served user.
pub(in crate::rules) struct Kept<'a> {
    pub story: &'a Story,
    /// As it was announced; the last, if several are called so.
    pub announced: &'a Announced,
    /// The served user.
    pub person: &'a str,
}

impl<'a> Kept<'a> {
    /// The message of this name for this person.
    pub fn of(story: &'a Story, person: &'a str, label: &str) -> Result<Kept<'a>, Unmet> {
        let is_it = |known: &&Announced| known.label == label && known.to.iter().any(|to| to == person);
        let announced = story.announced().iter().rfind(is_it);
        let nobody = || harness(format!("nobody sent {person} \"{label}\""));
        Ok(Kept { story, announced: announced.ok_or_else(nobody)?, person })
    }

    /// What word of it may call it.
    pub fn ids(&self) -> Vec<&'a str> {
        let own = self.announced.message_id.as_deref();
        own.into_iter().chain([self.announced.contribution.as_str()]).collect()
    }

    /// Its name, for a finding.
    pub fn name(&self) -> String {
        format!("\"{}\"", self.announced.label)
    }

    /// How it was sent to the target.
    pub fn submitted(&self) -> Result<Standalone<'a>, Unmet> {
        let sent = self.passages(Flow::NetworkToTarget).find(|passage| passage.frame > self.announced.frame);
        sent.ok_or_else(|| harness(format!("{} was never sent to the target", self.name())))
    }

    /// Each time that the target offered it to a device of the person: the requests.
    pub fn offers(&self) -> impl Iterator<Item = Standalone<'a>> {
        self.passages(Flow::TargetToDevice)
    }

    fn passages(&self, flow: Flow) -> impl Iterator<Item = Standalone<'a>> {
        let (announced, person) = (self.announced, self.person);
        self.story.standalone().filter(move |passage| {
            let named = passage.contribution.as_deref() == Some(announced.contribution.as_str());
            let within = || passage.message_id().is_some() && passage.message_id() == announced.message_id.as_deref();
            let report = passage.is_report();
            passage.flow == flow
                && !passage.echoed
                && !report
                && (named || within())
                && passage.person.as_deref().is_none_or(|of| of == person)
        })
    }

    /// Each time that it came to a device of anybody, whoever opened the way, taken or not.
    pub fn arrivals(&self) -> impl Iterator<Item = &'a Item> {
        let id = self.announced.message_id.as_deref();
        self.story
            .items()
            .iter()
            .filter(move |item| item.flow == Flow::TargetToDevice && item.chat_id().is_some() && item.chat_id() == id)
    }

    /// Each time that a device of the person had it whole and took it.
    pub fn taken(&self) -> impl Iterator<Item = &'a Item> {
        let person = self.person;
        self.arrivals().filter(move |item| item.person.as_deref() == Some(person) && item.accepted())
    }

    /// Word of it, to this device or to the user at large.
    pub fn told_to(&self, device: &'a str) -> impl Iterator<Item = &'a Notice> {
        let ids = self.ids();
        words_to(self.story, self.person, device).filter(move |notice| notice.tells(&ids))
    }

    /// How an arrival came, in the words of the statement.
    pub fn way(&self, item: &Item) -> &'static str {
        let Some(leg) = self.story.leg_of(item).filter(|leg| !leg.by_target) else { return "push" };
        let ids = self.ids();
        let device = leg.device.as_deref().or(item.device.as_deref()).unwrap_or_default();
        let told = words_to(self.story, self.person, device).filter(|notice| notice.frame < leg.invited);
        // Who fetches what was offered before, and not taken, was not left to ask by itself.
        let unasked = if self.offers().any(|offer| offer.frame < leg.invited) { "push" } else { "fetch" };
        told.filter(|notice| notice.tells(&ids)).last().map_or(unasked, |notice| notice.carrier.as_str())
    }
}

/// The sessions in which a device of the person asked for what has this Contribution-ID.
pub(in crate::rules) fn fetches<'a>(
    story: &'a Story,
    person: &'a str,
    contribution: &'a str,
) -> impl Iterator<Item = &'a Leg> {
    story.legs().iter().filter(move |leg| {
        leg.end == End::Device
            && !leg.by_target
            && leg.person.as_deref() == Some(person)
            && leg.contribution.as_deref() == Some(contribution)
    })
}

/// Word of whatever waits, to this device or to the user at large.
pub(in crate::rules) fn words_to<'a>(
    story: &'a Story,
    person: &'a str,
    device: &'a str,
) -> impl Iterator<Item = &'a Notice> {
    story.words_to(person).filter(move |notice| notice.device.as_deref().is_none_or(|to| to == device))
}

/// What came with content in a session.
pub(in crate::rules) fn brought<'a>(story: &'a Story, leg: &'a Leg) -> Option<&'a Item> {
    items_of(story, leg).find(|item| item.flow == Flow::TargetToDevice && item.content.body.length > 0)
}

/// Whether two messages are the same but for their names: author, type and octets.
pub(in crate::rules) fn same_content(one: &Envelope, other: &Envelope) -> bool {
    same_author(one.from.as_deref(), other.from.as_deref())
        && one.content_type == other.content_type
        && one.body == other.body
}

/// What is worth telling of the way in which something came.
pub(in crate::rules) fn remarks(
    entry: &RuleEntry,
    statement: &Statement,
    way: &'static str,
    frame: u64,
) -> impl Iterator<Item = Finding> {
    let unsolicited = (way == Carrier::Unsolicited.as_str()).then(|| {
        let expected = "word in a subscription of the device (RFC 6665)".to_owned();
        warning(entry, "L32", expected, "a NOTIFY without one".to_owned(), frame)
    });
    undeclared(entry, statement, ("deferred_delivery", way), "L32", frame).into_iter().chain(unsolicited)
}
