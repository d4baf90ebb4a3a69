//! A session is charged: by records, or by credit that is asked for before it goes on.

use super::bill::{Bill, told};
use super::{Judged, L21, SES_04, Unmet, harness, missing, settled, unkept};
use crate::rules::findings::outside;
use crate::rules::sessions::attempt::{Attempt, asked};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::charging::{Charge, Interface, Step};
use crate::story::legs::Ending;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use cpm_wire::diameter::result;
use serde::{Deserialize, Serialize};

pub(super) const SESSION_RECORDED: RuleEntry = RuleEntry {
    id: "charging.session_recorded",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "A session of a user who is charged offline has a first record and, after its end, a last one, of one charging \
           session and with another number.",
    source: "PF-SES-04, RFC 6733 sections 9.8.1 and 9.8.3",
};

/// The session is recorded from its beginning to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionRecorded {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for SessionRecorded {
    fn entry(&self) -> &'static RuleEntry {
        &SESSION_RECORDED
    }

    fn expects(&self) -> String {
        format!("\"{}\" of {} is recorded from its beginning to its end", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let attempt = match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => attempt,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let bill = Bill::of_attempt(&attempt, &self.person);
        let mut warnings = Vec::new();
        let judged = recorded(&SESSION_RECORDED, self.expects(), &attempt, &bill, &mut warnings);
        settled(judged.map(|checks| Judgement::Met { checks }), warnings, moment)
    }
}

/// How many checks held of the records of a session that has ended.
pub(super) fn recorded(
    entry: &RuleEntry,
    expected: String,
    attempt: &Attempt<'_>,
    bill: &Bill<'_>,
    warnings: &mut Vec<Finding>,
) -> Result<usize, Unmet> {
    attempt.stood(entry, expected.clone())?;
    let over = ended(attempt).ok_or_else(|| harness("nobody ended the session".to_owned()))?;
    let (first, last) = (bill.at(Interface::Offline, Step::Begin), bill.at(Interface::Offline, Step::End));
    let Some((first, last)) = pair(&first, &last) else {
        let all: Vec<&Charge> = bill.charges().into_iter().filter(|one| one.interface == Interface::Offline).collect();
        let observed = told(&all);
        // Events alone are another form of the same.
        if !all.is_empty() && all.iter().all(|charge| charge.step == Step::Event) {
            return Err(
                Judgement::Broken(outside(entry, L21, expected, observed, all.first().map(|one| one.frame))).into()
            );
        }
        return Err(bill.lacking(entry, expected, observed, over.frame));
    };
    if too_early(last, over) {
        let observed = format!("{} came before anybody had ended it (frame {})", last.told(), over.frame);
        return Err(unkept(entry, expected, observed, last.frame));
    }
    // Whoever puts the records together tells them apart by their numbers (RFC 6733 section 9.8.3).
    if first.session == last.session && first.number.is_some() && first.number == last.number {
        let number = first.number.unwrap_or_default();
        let observed = format!("{} and {} both have the number {number}", first.told(), last.told());
        return Err(unkept(entry, expected, observed, last.frame));
    }
    for charge in [first, last] {
        bill.identified(entry, charge)?;
        if charge.answer.is_none() && !charge.handed_over {
            return Err(harness(format!("the charging server did not answer {}", charge.told())));
        }
    }
    warnings.extend(bill.anonymous(entry, &[first, last]));
    Ok(2)
}

/// A first record and a last one of one charging session, or of two that are joined.
fn pair<'a>(first: &[&'a Charge], last: &[&'a Charge]) -> Option<(&'a Charge, &'a Charge)> {
    let together = |one: &Charge, other: &Charge| {
        one.session == other.session || one.joined.is_some() && one.joined == other.joined
    };
    first.iter().find_map(|first| Some((*first, *last.iter().find(|last| together(first, last))?)))
}

pub(super) const SESSION_RESERVED: RuleEntry = RuleEntry {
    id: "charging.session_reserved",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "Credit for a session of a user who pays beforehand is asked for before the session goes on, and the charging \
           session is over when the session is.",
    source: "PF-SES-04, RFC 8506 sections 5.2 and 5.4",
};

/// Credit is asked for before the session goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionReserved {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for SessionReserved {
    fn entry(&self) -> &'static RuleEntry {
        &SESSION_RESERVED
    }

    fn expects(&self) -> String {
        format!("credit is asked for before \"{}\" of {} goes on", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl SessionReserved {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        attempt.stood(&SESSION_RESERVED, format!("\"{}\" stands", self.session))?;
        let bill = Bill::of_attempt(&attempt, &self.person);
        let first = begun(&SESSION_RESERVED, self.expects(), &attempt, &bill)?;
        bill.identified(&SESSION_RESERVED, first)?;
        // What the target itself ends, it may end there first or last.
        let hung_up = ended(&attempt).filter(|over| !over.by_target);
        let Some(over) = hung_up else { return Ok(Judgement::Met { checks: 1 }) };
        let last = bill.at(Interface::Online, Step::End).into_iter().find(|last| last.session == first.session);
        match last {
            Some(last) if too_early(last, over) => {
                let observed = format!("{} came before anybody had ended it (frame {})", last.told(), over.frame);
                Err(unkept(&SESSION_RESERVED, self.expects(), observed, last.frame))
            }
            Some(_) => Ok(Judgement::Met { checks: 2 }),
            None => {
                let observed = format!("it ended in frame {}, and its charging session goes on", over.frame);
                Err(missing(story, &SESSION_RESERVED, self.expects(), observed, over.frame))
            }
        }
    }
}

/// The first BYE of a session.
fn ended<'a>(attempt: &Attempt<'a>) -> Option<&'a Ending> {
    attempt.legs().filter_map(|leg| leg.ended.as_ref()).min_by_key(|ending| ending.frame)
}

/// Whether the charging session was over before the session. Where the target itself ends both, either may be seen first. A
/// record that a hook handed over before anybody ended the session was there before, too.
fn too_early(last: &Charge, over: &Ending) -> bool {
    !over.by_target && last.frame < over.frame
}

/// The first request for credit, if it came before anybody on the other side was called.
pub(super) fn begun<'a>(
    entry: &RuleEntry,
    expected: String,
    attempt: &Attempt<'a>,
    bill: &Bill<'a>,
) -> Result<&'a Charge, Unmet> {
    let first = bill.at(Interface::Online, Step::Begin);
    let on = attempt.called.iter().map(|leg| leg.invited).min();
    let Some(first) = first.first().copied() else {
        let all: Vec<&Charge> = bill.charges().into_iter().filter(|one| one.interface == Interface::Online).collect();
        let observed = told(&all);
        if let Some(event) = all.iter().find(|charge| charge.step == Step::Event) {
            return Err(Judgement::Broken(outside(entry, L21, expected, observed, event.frame)).into());
        }
        return Err(bill.lacking(entry, expected, observed, attempt.calling.invited));
    };
    match on {
        Some(on) if on < first.frame => {
            Err(unkept(entry, expected, format!("it went on in frame {on}, before {}", first.told()), on))
        }
        _ => Ok(first),
    }
}

pub(super) const SESSION_UNCHARGED: RuleEntry = RuleEntry {
    id: "charging.session_uncharged",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "A session for which the charging server says that no credit is needed goes on.",
    source: "PF-SES-04, RFC 8506 section 9.1",
};

/// The session stands, though it is not charged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionUncharged {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for SessionUncharged {
    fn entry(&self) -> &'static RuleEntry {
        &SESSION_UNCHARGED
    }

    fn expects(&self) -> String {
        format!("\"{}\" of {} goes on, for which no credit is needed", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl SessionUncharged {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let bill = Bill::of_attempt(&attempt, &self.person);
        let first = begun(&SESSION_UNCHARGED, self.expects(), &attempt, &bill)?;
        free(first)?;
        attempt.stood(&SESSION_UNCHARGED, self.expects())?;
        Ok(Judgement::Met { checks: 2 })
    }
}

/// That the charging server said of this request that no credit is needed.
pub(super) fn free(charge: &Charge) -> Result<(), Unmet> {
    match charge.answer {
        Some(answer) if answer.result == result::CREDIT_CONTROL_NOT_APPLICABLE => Ok(()),
        answer => {
            let answer = answer.map_or("nothing".to_owned(), |answer| answer.result.to_string());
            Err(harness(format!("the charging server answered {} with {answer}", charge.told())))
        }
    }
}
