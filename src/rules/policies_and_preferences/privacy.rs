//! Who is called may not learn who calls; the network may (RFC 3323, RFC 3325).

use super::{
    Assessment, Attempt, Judged, Judgement, Moment, PRF_01, RuleEntry, asked, outside, settled, unkept, warning,
};
use crate::rules::Rule;
use crate::rules::findings::same_author;
use crate::rules::messages::course::{self, Course};
use crate::rules::messages::delivered::lacking;
use crate::story::Story;
use crate::story::legs::Leg;
use crate::story::standalone::Standalone;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const PRIVATE: RuleEntry = RuleEntry {
    id: "policies_and_preferences.private",
    requirement: PRF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L34"],
    stage3: false,
    what: "A call of a user who wishes to be hidden asks for privacy, and is asserted all the same to the network.",
    source: "PF-PRF-01, RFC 3323 section 4.2, RFC 3325 sections 7 and 9.3",
};

/// The call goes out with privacy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Private {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for Private {
    fn entry(&self) -> &'static RuleEntry {
        &PRIVATE
    }

    fn expects(&self) -> String {
        format!(
            "the call of {} for \"{}\" asks for privacy, and the network knows who calls",
            self.person, self.session
        )
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => settled(self.judged(&attempt), renamed(&attempt).into_iter().collect(), moment),
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

impl Private {
    fn judged(&self, attempt: &Attempt<'_>) -> Judged {
        let (near, far) = (attempt.calling, attempt.stood(&PRIVATE, self.expects())?);
        hidden(&PRIVATE, self.expects(), &near.into(), &far.into(), far.invited)
    }
}

pub(super) const MESSAGE_PRIVATE: RuleEntry = RuleEntry {
    id: "policies_and_preferences.message_private",
    requirement: PRF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L34"],
    stage3: false,
    what: "A message of a user who wishes to be hidden asks for privacy, and its author is asserted all the same to the network.",
    source: "PF-PRF-01, RFC 3323 section 4.2, RFC 3325 sections 7 and 9.3",
};

/// The message goes out with privacy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessagePrivate {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for MessagePrivate {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_PRIVATE
    }

    fn expects(&self) -> String {
        format!(
            "the message \"{}\" of {} asks for privacy, and the network knows who wrote it",
            self.label, self.person
        )
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, _| self.judged(course))
    }
}

impl MessagePrivate {
    fn judged(&self, course: &Course<'_>) -> Judged {
        let out: Vec<Standalone<'_>> = course.to_network().collect();
        let Some(far) = out.iter().find(|passage| passage.taken()) else {
            return Err(lacking(&MESSAGE_PRIVATE, self.expects(), course, &out));
        };
        hidden(&MESSAGE_PRIVATE, self.expects(), &(&course.sent).into(), &far.into(), far.frame)
    }
}

/// Who a request says that it is of.
struct Author<'a> {
    from: &'a str,
    asserted: &'a [String],
    privacy: &'a [String],
}

impl<'a> From<&'a Leg> for Author<'a> {
    fn from(leg: &'a Leg) -> Author<'a> {
        Author { from: &leg.from, asserted: &leg.asserted, privacy: &leg.privacy }
    }
}

impl<'a> From<&'a Standalone<'_>> for Author<'a> {
    fn from(passage: &'a Standalone<'_>) -> Author<'a> {
        Author { from: &passage.from, asserted: &passage.asserted, privacy: &passage.privacy }
    }
}

impl Author<'_> {
    /// Whether the asserted identity is to be taken out where the network ends (RFC 3325 section 9.3).
    fn asks_for_privacy(&self) -> bool {
        self.privacy.iter().any(|word| word == "id")
    }
}

/// That what goes out asks for privacy, and says to the network, and to nobody else, who it is of.
fn hidden(entry: &RuleEntry, expected: String, near: &Author<'_>, far: &Author<'_>, frame: u64) -> Judged {
    let broken = |observed| Err(unkept(entry, expected, observed, frame));
    if !far.asks_for_privacy() {
        return broken(format!("Privacy {:?} in frame {frame}", far.privacy.join(";")));
    }
    let kept = |uri: &&String| far.asserted.iter().any(|came| same_author(Some(uri), Some(came)));
    if let Some(lost) = near.asserted.iter().find(|uri| !kept(uri)) {
        return broken(format!("P-Asserted-Identity {:?}, and not {lost}", far.asserted));
    }
    if !same_author(Some(near.from), Some(far.from)) && !is_anonymous(far.from) {
        return broken(format!("From {}, and not {}", far.from, near.from));
    }
    Ok(Judgement::Met { checks: 3 })
}

pub(super) const SHOWN: RuleEntry = RuleEntry {
    id: "policies_and_preferences.shown",
    requirement: PRF_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L34"],
    stage3: false,
    what: "A call of a user who wishes to be known says who it is.",
    source: "PF-PRF-01, RFC 3323 section 4.2",
};

/// The call goes out without privacy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for Shown {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWN
    }

    fn expects(&self) -> String {
        format!("the call of {} for \"{}\" says who calls", self.person, self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => settled(self.judged(&attempt), Vec::new(), moment),
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

impl Shown {
    fn judged(&self, attempt: &Attempt<'_>) -> Judged {
        let (near, far) = (attempt.calling, attempt.stood(&SHOWN, self.expects())?);
        if !same_author(Some(&near.from), Some(&far.from)) {
            let observed = format!("From {}, and not {}", far.from, near.from);
            return Err(unkept(&SHOWN, self.expects(), observed, far.invited));
        }
        if Author::from(far).asks_for_privacy() {
            // Privacy for everybody may be the provider's order; then nobody can tell what the user's wish does.
            let observed = format!("Privacy {:?} in frame {}", far.privacy.join(";"), far.invited);
            let finding = outside(&SHOWN, "L34", self.expects(), observed, far.invited);
            return Err(Judgement::Broken(finding).into());
        }
        Ok(Judgement::Met { checks: 2 })
    }
}

fn is_anonymous(uri: &str) -> bool {
    same_author(Some(uri), Some("sip:anonymous@anonymous.invalid"))
}

/// A From that the caller had signed, and that names nobody any more: a privacy service may do so (RFC 3323 section 5.3).
fn renamed(attempt: &Attempt<'_>) -> Option<Finding> {
    let (near, far) = (attempt.calling, attempt.taken().next()?);
    if is_anonymous(&near.from) || !is_anonymous(&far.from) {
        return None;
    }
    let expected = format!("From {}, as it was sent", near.from);
    Some(warning(&PRIVATE, "L34", expected, format!("From {}", far.from), far.invited))
}
