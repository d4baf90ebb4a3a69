//! A message reaches whom it is for, as it was sent.

use super::course::{self, Course};
use super::{Judged, MSG_02, Unmet, harness, missing, unkept};
use crate::rules::findings::{difference, outside, same_author, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::standalone::{Mode, Standalone};
use crate::story::{Answer, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const DELIVERED: RuleEntry = RuleEntry {
    id: "messages.delivered",
    requirement: MSG_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L14", "L16", "L29"],
    stage3: false,
    what: "A message reaches whom it is for with the same author, date, message id, requests and octets, under the same \
           conversation and contribution, and its sender is told so.",
    source: "PF-MSG-02, RFC 3428 sections 5 and 7",
};

/// The message comes to a device of the served user, or to a user of another network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivered {
    /// The message.
    pub label: String,
    /// The one whom it reaches.
    pub person: String,
    /// The device; none for a user of another network, and for any device.
    pub device: Option<String>,
}

impl Rule for Delivered {
    fn entry(&self) -> &'static RuleEntry {
        &DELIVERED
    }

    fn expects(&self) -> String {
        let device = self.device.as_ref().map(|device| format!("'s {device}")).unwrap_or_default();
        format!("the message \"{}\" reaches {}{device} as it was sent", self.label, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, warnings| self.judged(course, statement, warnings))
    }
}

impl Delivered {
    fn judged(&self, course: &Course<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let came = came_to(course, &self.person, self.device.as_deref())?;
        let Some(first) = came.iter().find(|passage| passage.taken()) else {
            return Err(lacking(&DELIVERED, self.expects(), course, &came));
        };
        for passage in came.iter().filter(|passage| passage.taken()) {
            as_sent(&DELIVERED, &self.expects(), course, passage)?;
        }
        told(&DELIVERED, &self.expects(), course)?;
        warnings.extend(self.again(&came));
        let checks = 3;
        Ok(by_the_target(&DELIVERED, course, first, statement).unwrap_or(Judgement::Met { checks }))
    }

    /// That it came more than once to one device (L14).
    fn again(&self, came: &[Standalone<'_>]) -> Option<Finding> {
        let mut taken = came.iter().filter(|passage| passage.taken());
        let first = taken.next()?;
        let same = |other: &&Standalone<'_>| other.device == first.device && other.request_uri == first.request_uri;
        let again = taken.find(same)?;
        let observed = format!("it came in frame {} and in frame {}", first.frame, again.frame);
        Some(warning(&DELIVERED, "L14", "it comes once".to_owned(), observed, again.frame))
    }
}

/// What came of a message to the one whom it is to reach.
pub(in crate::rules) fn came_to<'a>(
    course: &Course<'a>,
    person: &str,
    device: Option<&str>,
) -> Result<Vec<Standalone<'a>>, Unmet> {
    let known = course.story.cast().person(person);
    let known = known.ok_or_else(|| harness(format!("{person} was not introduced")))?;
    if known.served {
        return Ok(course.to_devices(person).filter(|passage| reaches(passage, device)).collect());
    }
    Ok(known.identities.iter().flat_map(|identity| course.to_identity(identity)).collect())
}

/// What is to be said of a message that was taken nowhere.
pub(in crate::rules) fn lacking(
    entry: &RuleEntry,
    expected: String,
    course: &Course<'_>,
    came: &[Standalone<'_>],
) -> Unmet {
    let sent = course.sent;
    let answered = sent.answer().map_or("was never answered".to_owned(), |answer| {
        format!("was answered {} in frame {}", answer.status, answer.frame)
    });
    let (observed, frame) = match came.iter().find_map(|passage| Some((passage, passage.answer()?))) {
        Some((passage, answer)) if !answer.is_success() => {
            return harness(format!("{} was refused by the recipient ({})", passage.told(), answer.status));
        }
        Some((passage, _)) => (format!("{} came, and nothing whole in it was taken", passage.told()), passage.frame),
        None => (format!("{} {answered}, and nothing of it came", sent.told()), sent.frame),
    };
    missing(course.story, entry, expected, observed, frame)
}

/// Whether a passage goes to this device: it names it, or it is for all that there are, or the device answered.
pub(in crate::rules) fn reaches(passage: &Standalone<'_>, device: Option<&str>) -> bool {
    let Some(device) = device else { return true };
    match passage.mode {
        Mode::Pager => passage.device.as_deref() == Some(device) || passage.at_large,
        Mode::Large => {
            passage.legs().any(|leg| leg.device.as_deref() == Some(device)) || {
                passage.at_large && passage.legs().all(|leg| leg.device.is_none())
            }
        }
    }
}

/// That what came is what was sent: the envelope with all that is in it, and the names of conversation and contribution.
pub(in crate::rules) fn as_sent(
    entry: &RuleEntry,
    expected: &str,
    course: &Course<'_>,
    came: &Standalone<'_>,
) -> Result<(), Unmet> {
    let sent = course.sent;
    let broken = |observed: String| Err(unkept(entry, expected.to_owned(), observed, came.frame));
    match (sent.envelope(), came.envelope()) {
        (Some(was), Some(is)) if was.message_id != is.message_id => {
            let (was, is) = (was.message_id.as_deref(), is.message_id.as_deref());
            return broken(format!("{} has the message id {}, and not {}", came.told(), none(is), none(was)));
        }
        (Some(was), Some(is)) => {
            if let Some((wanted, observed)) = difference(was, is) {
                return Err(unkept(entry, format!("{expected}, with {wanted}"), observed, came.frame));
            }
        }
        (Some(_), None) => return broken(format!("{} has no envelope that can be read", came.told())),
        (None, _) => {
            if sent.content() != came.content() {
                return broken(format!("the content of {} is another than was sent", came.told()));
            }
        }
    }
    for (what, was, is) in [
        ("Conversation-ID", &sent.conversation, &came.conversation),
        ("Contribution-ID", &sent.contribution, &came.contribution),
    ] {
        if was.is_some() && was != is {
            let (was, is) = (was.as_deref().unwrap_or_default(), is.as_deref().unwrap_or("none"));
            return broken(format!("{what} {is} in {}, and not {was}", came.told()));
        }
    }
    match foreign(&sent, came) {
        Some(observed) => broken(observed),
        None => Ok(()),
    }
}

/// Where a passage says another author than was sent: another one is asserted, or named in From, and whom it is of is not
/// referred to; or it says one who asked not to be said.
fn foreign(sent: &Standalone<'_>, came: &Standalone<'_>) -> Option<String> {
    let hides = sent.privacy.iter().any(|word| word == "id");
    if hides && !came.privacy.iter().any(|word| word == "id") {
        return Some(format!("no Privacy in {}, and its author had asked for it", came.told()));
    }
    let lost = sent.asserted.first()?;
    if same_author(came.referred_by.as_deref(), Some(lost)) {
        return None;
    }
    let kept = sent.asserted.iter().any(|own| came.asserted.iter().any(|is| same_author(Some(own), Some(is))));
    if !kept && (hides || !came.asserted.is_empty()) {
        return Some(format!("P-Asserted-Identity {:?} in {}, and not {lost}", came.asserted, came.told()));
    }
    // A privacy service may take the name out (RFC 3323 section 5.3).
    let named = same_author(Some(&sent.from), Some(&came.from)) || came.from.to_ascii_lowercase().contains("anonymous");
    (!named).then(|| format!("From {} in {}, and not {}", came.from, came.told(), sent.from))
}

fn none(text: Option<&str>) -> &str {
    text.unwrap_or("none")
}

/// That the sender was told of the success: by the answer to the MESSAGE, or to the message in the session.
pub(in crate::rules) fn told(entry: &RuleEntry, expected: &str, course: &Course<'_>) -> Result<(), Unmet> {
    let sent = course.sent;
    if sent.taken() {
        return Ok(());
    }
    let observed = match sent.answer() {
        Some(answer) if !answer.is_success() => {
            let observed = format!("{} was answered {} in frame {}", sent.told(), answer.status, answer.frame);
            return Err(unkept(entry, expected.to_owned(), observed, answer.frame));
        }
        Some(Answer { frame, .. }) => format!("what was said after frame {frame} was not acknowledged"),
        None => format!("{} was never answered", sent.told()),
    };
    Err(missing(course.story, entry, expected.to_owned(), observed, sent.frame))
}

/// What was seen and is nothing that the target did. Where the statement has the target fork by itself, and the request went on
/// as it came, to nobody in particular, the serving CSCF did the rest (L16); where it has the media go through the target,
/// and they go past it, the ends did (L29).
pub(in crate::rules) fn by_the_target(
    entry: &RuleEntry,
    course: &Course<'_>,
    came: &Standalone<'_>,
    statement: &Statement,
) -> Option<Judgement> {
    let passed_on = came.mode == Mode::Pager && came.call_id == course.sent.call_id && came.at_large;
    if passed_on && !statement.has("device_mode", "s_cscf_forks") {
        let expected = format!("device_mode: {}, as the statement says", statement.values("device_mode").join(", "));
        let observed = format!("{} went on as it came, for the serving CSCF to fork", came.told());
        return Some(Judgement::Broken(outside(entry, "L16", expected, observed, came.frame)));
    }
    let path = |leg: Option<&crate::story::legs::Leg>| Some(leg?.own.as_ref()?.session.clone());
    let theirs = came.leg().and_then(|leg| Some(leg.target.as_ref()?.session.clone()));
    let past = came.mode == Mode::Large && theirs.is_some() && theirs == path(course.sent.leg());
    if past && statement.has("media_path", "in") {
        let expected = "media_path: in, as the statement says".to_owned();
        let observed = format!("{} has the path of the sender, unchanged", came.told());
        return Some(Judgement::Broken(outside(entry, "L29", expected, observed, came.frame)));
    }
    None
}
