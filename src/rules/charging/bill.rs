//! What of all that was charged to a user is about one session, or one message.

use cpm_wire::sip::identity_key;

use super::{L21, Unmet, missing};
use crate::rules::findings::{outside, warning};
use crate::rules::messages::course::Course;
use crate::rules::sessions::attempt::Attempt;
use crate::rules::{Judgement, RuleEntry};
use crate::story::Story;
use crate::story::charging::{Charge, Interface, Step};
use crate::story::legs::Leg;
use crate::story::standalone::Standalone;
use crate::verdict::Finding;

/// Everything that was charged to a user for one thing.
pub(super) struct Bill<'a> {
    story: &'a Story,
    person: &'a str,
    /// The charging identifiers of its requests.
    icids: Vec<&'a str>,
    /// Their Call-IDs.
    call_ids: Vec<&'a str>,
    /// Their Contribution-IDs.
    contributions: Vec<&'a str>,
    /// Comparable identities of those on the other side.
    others: Vec<String>,
    /// Where it began.
    from: u64,
}

impl<'a> Bill<'a> {
    /// Of a call for a session.
    pub fn of_attempt(attempt: &Attempt<'a>, person: &'a str) -> Bill<'a> {
        let legs: Vec<&'a Leg> = attempt.legs().collect();
        let icids = legs.iter().filter_map(|leg| leg.icid.as_deref()).collect();
        let call_ids = legs.iter().map(|leg| leg.call_id.as_str()).collect();
        let named = [attempt.calling.from.as_str(), attempt.calling.request_uri.as_str()];
        let contributions = legs.iter().filter_map(|leg| leg.contribution.as_deref()).collect();
        let bill = Bill::new(attempt.story, person, (icids, call_ids), named, attempt.calling.invited);
        Bill { contributions, ..bill }
    }

    /// Of a message, on either side of the target.
    pub fn of_course(course: &Course<'a>, person: &'a str) -> Bill<'a> {
        let passages: Vec<Standalone<'a>> = std::iter::once(course.sent).chain(course.came()).collect();
        let icids = passages.iter().filter_map(|passage| passage.passage().icid.as_deref()).collect();
        let call_ids = passages.iter().map(|passage| passage.passage().call_id.as_str()).collect();
        let sent = course.sent.passage();
        let named = [sent.from.as_str(), sent.request_uri.as_str()];
        let contributions = passages.iter().filter_map(|passage| passage.passage().contribution.as_deref()).collect();
        let bill = Bill::new(course.story, person, (icids, call_ids), named, sent.frame);
        Bill { contributions, ..bill }
    }

    fn new(
        story: &'a Story,
        person: &'a str,
        (icids, call_ids): (Vec<&'a str>, Vec<&'a str>),
        named: [&str; 2],
        from: u64,
    ) -> Bill<'a> {
        let is_own = |key: &String| story.cast().person_of(key).is_some_and(|known| known.name == person);
        let others = named.into_iter().map(identity_key).filter(|key| !is_own(key)).collect();
        Bill { story, person, icids, call_ids, contributions: Vec::new(), others, from }
    }

    /// All of it, in order.
    pub fn charges(&self) -> Vec<&'a Charge> {
        let own: Vec<&'a Charge> = self.possible().collect();
        let named: Vec<&str> = own.iter().filter(|charge| self.names(charge)).map(|one| one.session.as_str()).collect();
        own.into_iter().filter(|charge| named.contains(&charge.session.as_str())).collect()
    }

    /// What of it was charged in this way and at this step.
    pub fn at(&self, interface: Interface, step: Step) -> Vec<&'a Charge> {
        self.charges().into_iter().filter(|charge| (charge.interface, charge.step) == (interface, step)).collect()
    }

    /// Everything charged to the user since.
    fn possible(&self) -> impl Iterator<Item = &'a Charge> + use<'a> {
        let (person, from) = (self.person, self.from);
        let charges = self.story.charges().iter();
        charges.filter(move |charge| charge.person.as_deref() == Some(person) && charge.frame > from)
    }

    /// Whether a request names what this is about: the charging identifier, where it has one that anybody knows; else the Call-ID;
    /// else the Contribution-ID; else who is on the other side.
    fn names(&self, charge: &Charge) -> bool {
        if let (Some(contribution), true) = (&charge.contribution, charge.icid.is_none() && charge.call_id.is_none()) {
            return self.contributions.contains(&contribution.as_str());
        }
        match (&charge.icid, &charge.call_id) {
            (Some(icid), _) if self.story.is_charging_identifier(icid) => self.icids.contains(&icid.as_str()),
            (_, Some(call_id)) => self.call_ids.contains(&call_id.as_str()),
            (Some(_), None) => false,
            (None, None) => charge.parties.iter().any(|party| self.others.contains(party)),
        }
    }

    /// A request that charges the user under an identifier which nobody has heard of, and could be about this.
    fn strange(&self) -> Option<&'a Charge> {
        let odd = self.possible().find(|charge| {
            let unknown = charge.icid.as_ref().is_some_and(|icid| !self.story.is_charging_identifier(icid));
            let with_others = charge.parties.is_empty() || charge.parties.iter().any(|one| self.others.contains(one));
            unknown && with_others
        });
        odd.or_else(|| self.unknown())
    }

    /// A record that was handed over of somebody, or something, that the scenario does not know.
    fn unknown(&self) -> Option<&'a Charge> {
        let own = |charge: &&Charge| charge.person.as_deref().is_none_or(|person| person == self.person);
        let handed = self.story.charges().iter().filter(|charge| charge.handed_over).filter(own);
        handed.into_iter().find(|charge| charge.person.is_none() || !self.is_known(charge))
    }

    /// Whether a request of the scenario has an identifier of this record.
    fn is_known(&self, charge: &Charge) -> bool {
        let contribution = charge.contribution.as_deref();
        let of_leg = |leg: &Leg| Some(&leg.call_id) == charge.call_id.as_ref() || has(contribution, &leg.contribution);
        let of_passage = |passage: &Standalone<'_>| {
            let passage = passage.passage();
            Some(&passage.call_id) == charge.call_id.as_ref() || has(contribution, &passage.contribution)
        };
        charge.icid.as_ref().is_some_and(|icid| self.story.is_charging_identifier(icid))
            || self.story.legs().iter().any(of_leg)
            || self.story.standalone().any(|passage| of_passage(&passage))
    }

    /// What is to be said of something that was not charged. What was charged under an identifier of nobody may be meant for it:
    /// nobody can say (L21).
    pub fn lacking(&self, entry: &RuleEntry, expected: String, observed: String, frame: u64) -> Unmet {
        let Some(strange) = self.strange() else { return missing(self.story, entry, expected, observed, frame) };
        let observed = match &strange.icid {
            Some(icid) if strange.person.is_some() => {
                format!("{observed}; {} has the charging identifier {icid}, which no request had", strange.told())
            }
            _ => format!("{observed}; {} is of somebody or something that no request names", strange.told()),
        };
        Judgement::Broken(outside(entry, L21, expected, observed, strange.frame)).into()
    }

    /// That what was charged bears the charging identifier of its request: another is nobody's (L21).
    pub fn identified(&self, entry: &RuleEntry, charge: &Charge) -> Result<(), Unmet> {
        let Some(icid) = charge.icid.as_deref().filter(|icid| !self.icids.contains(icid)) else { return Ok(()) };
        let expected = format!("the charging identifier {}", self.icids.join(" or "));
        let observed = format!("{icid} in {}", charge.told());
        Err(Judgement::Broken(outside(entry, L21, expected, observed, charge.frame)).into())
    }

    /// Where what was charged bears no charging identifier at all.
    pub fn anonymous(&self, entry: &RuleEntry, charges: &[&Charge]) -> Vec<Finding> {
        if self.icids.is_empty() || charges.iter().any(|charge| charge.icid.is_some()) {
            return Vec::new();
        }
        let without = charges.first().into_iter();
        let expected = format!("the charging identifier {}", self.icids.join(" or "));
        without
            .map(|one| warning(entry, L21, expected.clone(), format!("{} has none", one.told()), one.frame))
            .collect()
    }
}

fn has(contribution: Option<&str>, own: &Option<String>) -> bool {
    contribution.is_some() && contribution == own.as_deref()
}

/// What stands for a list of requests, in a finding.
pub(super) fn told(charges: &[&Charge]) -> String {
    match charges.iter().map(|charge| charge.told()).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "nothing was charged for it".to_owned(),
        all => format!("there is {all}"),
    }
}
