//! A session comes to be on both sides of the function.

use super::attempt::{Attempt, asked, items_of, opposite, spot};
use super::findings::{same_author, warning};
use super::{Judged, SES_01, Unmet, harness, missing, settled, unkept};
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a caller waits for the first answer: 200 ms (RFC 3261 section 17.2.1), and the estimate of a round trip.
const PROMPT: Duration = Duration::from_millis(200 + 500);

pub(super) const ESTABLISHED: RuleEntry = RuleEntry {
    id: "sessions.established",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L28", "L29"],
    stage3: false,
    what: "An invitation reaches the other side with its identifiers and identities, and its acceptance comes back; media flow.",
    source: "PF-SES-01, RFC 3261 section 13, RFC 4975 section 5.4",
};

/// The session stands between a device of the user and the other side.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Established {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// His device.
    pub device: String,
}

impl Rule for Established {
    fn entry(&self) -> &'static RuleEntry {
        &ESTABLISHED
    }

    fn expects(&self) -> String {
        format!("the session \"{}\" stands with {}'s {}", self.session, self.person, self.device)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => settled(self.judged(&attempt, statement), late(&attempt).into_iter().collect(), moment),
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

impl Established {
    fn judged(&self, attempt: &Attempt<'_>, statement: &Statement) -> Judged {
        let (near, far) = (attempt.calling, self.far(attempt)?);
        let missing = |observed, leg: &Leg| missing(attempt.story, &ESTABLISHED, self.expects(), observed, spot(leg));
        if near.acknowledged.is_none() {
            return Err(harness(format!("the caller did not acknowledge the answer in frame {}", spot(near))));
        }
        if far.acknowledged.is_none() {
            let observed = format!("the acceptance in frame {} was never acknowledged there", spot(far));
            return Err(missing(observed, far));
        }
        let mut checks = 2 + self.compared(near, far)?;
        for leg in [near, far].into_iter().filter(|_| near.own.is_some()) {
            if leg.target.is_none() {
                return Err(missing(format!("the description of media in frame {} is not usable", spot(leg)), leg));
            }
            if !items_of(attempt.story, leg).any(Item::accepted) {
                let observed = format!("no message, and none without content, was taken on the {} side", side(leg));
                return Err(missing(observed, leg));
            }
            checks += 1;
        }
        Ok(attempt.met(&ESTABLISHED, statement, checks))
    }

    /// The leg on the other side; one of the two has to be of the device.
    fn far<'a>(&self, attempt: &Attempt<'a>) -> Result<&'a Leg, Unmet> {
        let first = attempt.stood(&ESTABLISHED, self.expects())?;
        let is_it = |leg: &&Leg| leg.device.as_deref() == Some(&self.device);
        let far = match attempt.calling.end {
            End::Device => Some(first).filter(|_| is_it(&attempt.calling)),
            End::Network | End::Interworking | End::Client => attempt.taken().find(|leg| is_it(leg)),
        };
        far.ok_or_else(|| {
            let by = if attempt.calling.end == End::Device { attempt.calling } else { first };
            let observed = format!("it stands with {}", by.device.as_deref().unwrap_or("a device that nobody knows"));
            unkept(&ESTABLISHED, self.expects(), observed, spot(by))
        })
    }

    /// Whether the invitation is the same on the other side: conversation, contribution, who calls, what for.
    fn compared(&self, near: &Leg, far: &Leg) -> Result<usize, Unmet> {
        let shown = |value: Option<&str>| value.unwrap_or("none").to_owned();
        let pairs = [
            ("Contribution-ID", near.contribution.as_deref(), far.contribution.as_deref()),
            ("Conversation-ID", near.conversation.as_deref(), far.conversation.as_deref()),
        ];
        let other = |expected: String, observed: String| {
            let observed = format!("{observed} on the {} side (frame {})", side(far), far.invited);
            Err(unkept(&ESTABLISHED, expected, observed, far.invited))
        };
        for (name, sent, came) in pairs {
            if sent != came {
                return other(format!("{name} {}", shown(sent)), format!("{name} {}", shown(came)));
            }
        }
        if !same_author(Some(&near.from), Some(&far.from)) {
            return other(format!("From {}", near.from), format!("From {}", far.from));
        }
        let kept = |uri: &&String| far.asserted.iter().any(|came| same_author(Some(uri), Some(came)));
        if let Some(lost) = near.asserted.iter().find(|uri| !kept(uri)) {
            return other(format!("P-Asserted-Identity {lost}"), format!("P-Asserted-Identity {:?}", far.asserted));
        }
        if opposite(near.end) == End::Network && near.service != far.service {
            let name = "P-Asserted-Service";
            let (sent, came) = (shown(near.service.as_deref()), shown(far.service.as_deref()));
            return other(format!("{name} {sent}"), format!("{name} {came}"));
        }
        Ok(pairs.len() + 2)
    }
}

const fn side(leg: &Leg) -> &'static str {
    match leg.end {
        End::Device => "device's",
        End::Network | End::Interworking | End::Client => "network's",
    }
}

/// A first answer that let the caller wait, unless the network lost something meanwhile.
fn late(attempt: &Attempt<'_>) -> Option<Finding> {
    let heard = attempt.calling.heard?;
    let waited = heard.at.since(attempt.calling.invited_at);
    if waited <= PROMPT || attempt.story.trouble().is_some() {
        return None;
    }
    let expected = "the caller hears something within 200 ms and the way there and back".to_owned();
    let observed = format!("the first answer (frame {}) came after {} ms", heard.frame, waited.as_millis());
    Some(warning(&ESTABLISHED, "L28", expected, observed, heard.frame))
}
