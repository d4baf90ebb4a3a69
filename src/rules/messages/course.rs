//! The course of a standalone message: as it was sent, and what the target made of it on its other side.

use cpm_wire::sip::identity_key;
use serde::Serialize;

use crate::rules::sessions::attempt::asked;
use crate::rules::sessions::{Judged, Unmet, harness, settled};
use crate::rules::{Assessment, Moment, Rule};
use crate::story::standalone::{Announced, Mode, Standalone};
use crate::story::{Flow, Story};
use crate::verdict::Finding;

/// What a rule about the message of this name comes to: the last one that was sent before it was asked.
pub(in crate::rules) fn judge<'a>(
    rule: &(impl Rule + Serialize),
    label: &str,
    story: &'a Story,
    moment: Moment,
    judged: impl FnOnce(&Course<'a>, &mut Vec<Finding>) -> Judged,
) -> Assessment {
    let mut warnings = Vec::new();
    let course = Course::last(story, label, asked(story, rule));
    let judged = course.and_then(|course| judged(&course, &mut warnings));
    settled(judged, warnings, moment)
}

/// A message that was sent, and what came of it.
pub(crate) struct Course<'a> {
    pub story: &'a Story,
    /// What was announced of it.
    pub announced: &'a Announced,
    /// As it was sent.
    pub sent: Standalone<'a>,
}

impl<'a> Course<'a> {
    /// The last message of this name that was sent before a frame.
    pub fn last(story: &'a Story, label: &str, before: u64) -> Result<Course<'a>, Unmet> {
        let named = |known: &&Announced| known.label == label && known.frame < before;
        let announced = story.announced().iter().rev().find(named);
        let announced = announced.ok_or_else(|| harness(format!("nobody sent the message \"{label}\"")))?;
        Course::of(story, announced).ok_or_else(|| harness(format!("the message \"{label}\" was never on the wire")))
    }

    /// What was announced, as it was sent first.
    pub fn of(story: &'a Story, announced: &'a Announced) -> Option<Course<'a>> {
        let is_it = |passage: &Standalone<'_>| {
            let named = passage.contribution.as_deref() == Some(announced.contribution.as_str());
            // What names no contribution is known by its envelope.
            let within = || passage.contribution.is_none() && passage.message_id() == announced.message_id.as_deref();
            !passage.by_target() && (named || announced.message_id.is_some() && within())
        };
        let sent = story.standalone().find(is_it)?;
        Some(Course { story, announced, sent })
    }

    /// Everything that the target sent of it, in order: what has its imdn.Message-ID, and what bears its name but does not
    /// say, or not yet, what it is. Notifications about it are none of it.
    pub fn came(&self) -> impl Iterator<Item = Standalone<'a>> + use<'a> {
        let (story, announced, sent) = (self.story, self.announced, self.sent);
        story.standalone().filter(move |passage| {
            passage.by_target()
                && !passage.echoed
                && passage.frame > sent.frame
                && !passage.is_report()
                && is_of(passage, announced, &sent)
        })
    }

    /// What the target sent of it to devices of this user.
    pub fn to_devices(&self, person: &str) -> impl Iterator<Item = Standalone<'a>> + use<'a> {
        let person = person.to_owned();
        self.came().filter(move |passage| {
            passage.flow == Flow::TargetToDevice && passage.person.as_deref() == Some(person.as_str())
        })
    }

    /// What the target sent of it to users of other networks, or to the exploder.
    pub fn to_network(&self) -> impl Iterator<Item = Standalone<'a>> + use<'a> {
        self.came().filter(|passage| passage.flow == Flow::TargetToNetwork)
    }

    /// What the target sent of it to this identity.
    pub fn to_identity(&self, identity: &str) -> impl Iterator<Item = Standalone<'a>> + use<'a> {
        let key = identity_key(identity);
        self.to_network().filter(move |passage| identity_key(&passage.request_uri) == key)
    }
}

fn is_of(passage: &Standalone<'_>, announced: &Announced, sent: &Standalone<'_>) -> bool {
    let same_name = || passage.contribution.as_deref() == Some(announced.contribution.as_str());
    match (passage.message_id(), announced.message_id.as_deref()) {
        // What bears its name and another id is it all the same, and no right copy of it.
        (Some(came), Some(own)) => came == own || same_name(),
        // In a session nothing has come yet; in a MESSAGE nobody can tell by an envelope that is not there.
        (None, Some(_)) => same_name() && (passage.mode == Mode::Large || passage.content() == sent.content()),
        (_, None) => same_name() || passage.content().is_some() && passage.content() == sent.content(),
    }
}
