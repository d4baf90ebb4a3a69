//! What of the features would run against which target, and what becomes of the rest.

use super::closing;
use super::features::{self, Chooser};
use super::{RunError, Selection, Written};
use crate::report::ScenarioResult;
use crate::requirements::{Catalogue, Claim};
use crate::target::{Profile, Retention, Statement};
use crate::verdict::{Level, Outcome};

/// One scenario of the plan.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The scenario.
    pub written: Written,
    /// Whether it will run; else what becomes of it, and why.
    pub applicable: Result<(), (Outcome, String)>,
}

/// What would run, and why not.
///
/// # Errors
/// Features at fault, or an expression that is none.
pub fn plan(selection: &Selection, profiles: &[Profile], embedded: bool) -> Result<Vec<Planned>, RunError> {
    let chooser = Chooser::new(selection)?;
    let features = features::all()?;
    let catalogue = Catalogue::embedded();
    let scenarios = features.into_iter().flat_map(|feature| feature.scenarios);
    Ok(scenarios
        .filter(|written| chooser.takes(written))
        .map(|written| Planned { applicable: applicable(&written, profiles, embedded, &catalogue), written })
        .collect())
}

fn applicable(
    written: &Written,
    profiles: &[Profile],
    embedded: bool,
    catalogue: &Catalogue,
) -> Result<(), (Outcome, String)> {
    let Some(profile) = profiles.iter().find(|profile| profile.role_name() == written.role) else {
        let roles: Vec<&str> = profiles.iter().map(Profile::role_name).collect();
        return Err((Outcome::NotApplicable, format!("the element under test is a {}", roles.join(" and a "))));
    };
    if let Some(declined) = declined(written, profile.statement(), catalogue) {
        return Err(declined);
    }
    if written.tags.iter().any(|tag| tag == "restart") && !embedded && !profile.can_restart() {
        return Err((Outcome::NotApplicable, "the profile has no control.restart".to_owned()));
    }
    // Several answers to one question are alternatives.
    let claims_made: Vec<(&str, &str)> = written.tags.iter().filter_map(|tag| claim(tag)).collect();
    let given = |key: &str| claims_made.iter().any(|(other, value)| *other == key && claims(profile, key, value));
    if let Some((key, value)) = claims_made.iter().find(|(key, _)| !given(key)) {
        return Err((Outcome::NotApplicable, format!("the statement does not name {value} under {key}")));
    }
    let stored_elsewhere = profile.statement().has("storage_locus", "controlling_function");
    let about_storing = written.requirements.iter().any(|id| id.starts_with("CPM-CONV-058"));
    if stored_elsewhere && about_storing {
        let why = "not observable: the statement says that the controlling function stores (L01)";
        return Err((Outcome::Inconclusive, why.to_owned()));
    }
    Ok(())
}

/// What becomes of a scenario all of whose requirements the statement declines: a MAY does not apply then, a SHALL is not
/// met, which its requirement says, and nothing is run for it.
fn declined(written: &Written, statement: &Statement, catalogue: &Catalogue) -> Option<(Outcome, String)> {
    let mut reason = None;
    for requirement in written.requirements.iter().filter_map(|id| catalogue.requirement(id)) {
        match requirement.claim(statement) {
            Claim::Declined(why) if requirement.level == Level::Shall => reason = Some((Outcome::NotRun, why)),
            Claim::Declined(why) => reason = reason.or(Some((Outcome::NotApplicable, why))),
            Claim::Claimed | Claim::NotObservable(_) => return None,
        }
    }
    reason
}

/// Parts what runs from what is decided without running.
pub(super) fn sort(planned: Vec<Planned>) -> (Vec<Written>, Vec<ScenarioResult>) {
    let mut to_run = Vec::new();
    let mut decided = Vec::new();
    for planned in planned {
        match planned.applicable {
            Ok(()) => to_run.push(planned.written),
            Err((outcome, why)) => decided.push(closing::decided(planned.written, outcome, why)),
        }
    }
    (to_run, decided)
}

/// A tag that binds a scenario to an answer of the statement: `final_list_carrier=carrier_msrp`.
fn claim(tag: &str) -> Option<(&str, &str)> {
    tag.split_once('=')
}

/// Whether the statement gives this answer. Of the policy of storing: whether it limits this at all.
fn claims(profile: &Profile, key: &str, value: &str) -> bool {
    let statement = profile.statement();
    let limited = statement.store_policy().is_some_and(|policy| match value {
        "quota" => policy.quota.is_some(),
        "refused_types" => !policy.refused_types.is_empty(),
        "retention" => policy.retention != Retention::None,
        _ => false,
    });
    statement.has(key, value) || (key == "store_policy" && limited)
}
