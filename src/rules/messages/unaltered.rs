//! Whatever the function sends of a message is that message, for the one whom it is for, once.

use super::course::Course;
use super::delivered::as_sent;
use super::{Judged, MSG_02, missing, settled, unkept};
use crate::rules::findings::warning;
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::standalone::Standalone;
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use cpm_wire::sip::identity_key;
use serde::{Deserialize, Serialize};

pub(super) const UNALTERED: RuleEntry = RuleEntry {
    id: "messages.unaltered",
    requirement: MSG_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L14"],
    stage3: false,
    what: "A message that the target has taken goes on as it was sent, to the user whom it is for and to no other, and once \
           to each device.",
    source: "PF-MSG-02, RFC 3428 section 5",
};

/// Whatever came of the message is the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unaltered {
    /// The message.
    pub label: String,
}

impl Rule for Unaltered {
    fn entry(&self) -> &'static RuleEntry {
        &UNALTERED
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" goes on as it was sent, to whom it is for", self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged =
            Course::last(story, &self.label, asked(story, self)).and_then(|course| self.judged(&course, &mut warnings));
        match (&judged, moment) {
            // Something else may come yet.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, warnings, moment),
        }
    }
}

impl Unaltered {
    fn judged(&self, course: &Course<'_>, warnings: &mut Vec<Finding>) -> Judged {
        let came: Vec<Standalone<'_>> = course.came().collect();
        for (at, passage) in came.iter().enumerate() {
            if !is_for(&course.sent, passage) {
                let observed = format!("{} went to {}", passage.told(), passage.request_uri);
                return Err(unkept(&UNALTERED, self.expects(), observed, passage.frame));
            }
            if passage.content().is_some() {
                as_sent(&UNALTERED, &self.expects(), course, passage)?;
            }
            let before = came.iter().take(at).find(|before| is_again(before, passage));
            warnings.extend(before.map(|before| {
                let observed = format!("it came in frame {} and in frame {}", before.frame, passage.frame);
                warning(&UNALTERED, "L14", "it comes once".to_owned(), observed, passage.frame)
            }));
        }
        if came.is_empty() {
            let observed = format!("nothing came of {}", course.sent.told());
            return Err(missing(course.story, &UNALTERED, self.expects(), observed, course.sent.frame));
        }
        Ok(Judgement::Met { checks: came.len() })
    }
}

/// Whether a passage goes to whom the message is for: a device of the same user, the same address, one of the list.
fn is_for(sent: &Standalone<'_>, came: &Standalone<'_>) -> bool {
    let to = identity_key(&came.request_uri);
    let addressed = || to == identity_key(&sent.request_uri);
    let listed = || sent.recipients.iter().flatten().any(|uri| identity_key(uri) == to);
    match (sent.flow, came.flow) {
        // Which names its recipient in a way of its own.
        (_, Flow::TargetToInterworking) => true,
        (Flow::NetworkToTarget, Flow::TargetToDevice) => sent.person == came.person,
        // On its way back to the serving CSCF it bears the name of its user still.
        (Flow::NetworkToTarget, _) => addressed(),
        (_, Flow::TargetToDevice) => came.person.is_some(),
        (..) => addressed() || listed(),
    }
}

/// Whether a passage brings to a device, or an address, what it has taken already.
fn is_again(before: &Standalone<'_>, passage: &Standalone<'_>) -> bool {
    before.taken()
        && passage.taken()
        && before.device == passage.device
        && identity_key(&before.request_uri) == identity_key(&passage.request_uri)
}
