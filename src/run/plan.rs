//! What of the features would run against which target, and what becomes of the rest.

use super::closing;
use super::features::{self, Chooser};
use super::{RunError, Selection, Written, edges};
use crate::report::{ScenarioResult, TargetInfo};
use crate::requirements::{Catalogue, Claim};
use crate::target::{Profile, Retention, Statement, Topology};
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
    let targets: Vec<TargetInfo> = profiles.iter().map(|profile| TargetInfo::of(profile, embedded)).collect();
    let mut planned = planned(&targets)?;
    planned.retain(|planned| chooser.takes(&planned.written));
    let part = planned.into_iter().enumerate().filter(|(place, _)| selection.shard.takes(*place));
    Ok(part.map(|(_, planned)| planned).collect())
}

/// What of all scenarios would run against these targets, and why not.
///
/// # Errors
/// Features at fault.
pub fn planned(targets: &[TargetInfo]) -> Result<Vec<Planned>, RunError> {
    let catalogue = Catalogue::embedded();
    let scenarios = features::all()?.iter().flat_map(|feature| feature.scenarios.iter().cloned());
    Ok(scenarios.map(|written| Planned { applicable: applicable(&written, targets, &catalogue), written }).collect())
}

/// What becomes of a scenario that leaves no evidence: it does not apply, or the run ended before it.
#[must_use]
pub fn unrun(planned: Planned) -> ScenarioResult {
    let not_reached = || (Outcome::NotRun, "the run ended before it".to_owned());
    let (outcome, why) = planned.applicable.err().unwrap_or_else(not_reached);
    closing::decided(planned.written, outcome, why)
}

fn applicable(written: &Written, targets: &[TargetInfo], catalogue: &Catalogue) -> Result<(), (Outcome, String)> {
    let Some(target) = targets.iter().find(|target| target.role == written.role) else {
        let roles: Vec<&str> = targets.iter().map(|target| target.role.as_str()).collect();
        return Err((Outcome::NotApplicable, format!("the element under test is a {}", roles.join(" and a "))));
    };
    if target.topology == Topology::CaptureOnly {
        let why = "not judged: in captures nobody gives a stimulus, and what does not come proves nothing";
        return Err((Outcome::NotRun, why.to_owned()));
    }
    if let Some(declined) = declined(written, &target.statement, catalogue) {
        return Err(declined);
    }
    if written.tags.iter().any(|tag| tag == "restart") && !target.restartable {
        return Err((Outcome::NotApplicable, "the profile has no control.restart".to_owned()));
    }
    if written.tags.iter().any(|tag| tag == "admin_release") && !target.releasable {
        return Err((Outcome::NotApplicable, "the profile has no control.admin_release".to_owned()));
    }
    // Several answers to one question are alternatives.
    let claims_made: Vec<(&str, &str)> = written.tags.iter().filter_map(|tag| claim(tag)).collect();
    let given =
        |key: &str| claims_made.iter().any(|(other, value)| *other == key && claims(&target.statement, key, value));
    if let Some((key, value)) = claims_made.iter().find(|(key, _)| !given(key)) {
        if let Some(why) = beyond_hooks(target, key) {
            return Err((Outcome::Inconclusive, why));
        }
        return Err((Outcome::NotApplicable, format!("the statement does not name {value} under {key}")));
    }
    if let Some(why) = unobserved(target, &claims_made) {
        return Err((Outcome::NotApplicable, why));
    }
    let stored_elsewhere = target.statement.has("storage_locus", "controlling_function");
    let about_storing = written.requirements.iter().any(|id| id.starts_with("CPM-CONV-058"));
    if stored_elsewhere && about_storing {
        let why = "not observable: the statement says that the controlling function stores (L01)";
        return Err((Outcome::Inconclusive, why.to_owned()));
    }
    match edges::hidden(written).filter(|_| target.topology == Topology::ImsCore) {
        Some(what) => Err((Outcome::Inconclusive, format!("not observable at the edges of a core: {what}"))),
        None => Ok(()),
    }
}

/// The hook that shows what the tester itself does not see, under an answer to a question.
fn hook_for(key: &str, value: &str) -> Option<&'static str> {
    match (key, value) {
        ("charging_interface", "nchf" | "files") => Some("control.charging_records"),
        ("li_form", "other") => Some("control.li_delivery"),
        _ => None,
    }
}

/// Why a scenario shows nothing of this target: what the statement says, no hook hands over.
fn unobserved(target: &TargetInfo, claims_made: &[(&str, &str)]) -> Option<String> {
    let given = |(key, value): &&(&str, &str)| claims(&target.statement, key, value);
    let (key, value, hook) =
        claims_made.iter().filter(given).find_map(|(key, value)| Some((*key, *value, hook_for(key, value)?)))?;
    (!target.shows(key))
        .then(|| format!("not observable: the statement says {key}: {value}, and the profile has no {hook}"))
}

/// Why a hook shows something of what a question is about, and not what this scenario is about.
fn beyond_hooks(target: &TargetInfo, key: &str) -> Option<String> {
    let what = match key {
        "charging_interface" => "records tell nothing of credit, nor of a charging server that is away",
        "li_form" => "who orders interception otherwise than by X1 shows nobody",
        _ => return None,
    };
    target.shows(key).then(|| format!("not observable: {what}"))
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
        match &planned.applicable {
            Ok(()) => to_run.push(planned.written),
            Err(_) => decided.push(unrun(planned)),
        }
    }
    (to_run, decided)
}

/// A tag that binds a scenario to an answer of the statement: `final_list_carrier=carrier_msrp`.
fn claim(tag: &str) -> Option<(&str, &str)> {
    tag.split_once('=')
}

/// Whether the sessions of a user are `limited`, or are `at_least_` so many at a time.
fn has_room(statement: &Statement, value: &str) -> bool {
    let limit = statement.number("max_sessions");
    let needed = value.strip_prefix("at_least_").and_then(|needed| needed.parse::<u64>().ok());
    needed.map_or(value == "limited" && limit.is_some(), |needed| limit.is_none_or(|limit| limit >= needed))
}

/// Whether the statement gives this answer. Of the policy of storing: whether it limits this at all; of the number of sessions:
/// whether it limits that, or lets a user have as many as a scenario needs; of the size of messages: whether it limits that.
fn claims(statement: &Statement, key: &str, value: &str) -> bool {
    let limited = statement.store_policy().is_some_and(|policy| match value {
        "quota" => policy.quota.is_some(),
        "refused_types" => !policy.refused_types.is_empty(),
        "retention" => policy.retention != Retention::None,
        _ => false,
    });
    statement.has(key, value)
        || (key == "store_policy" && limited)
        || (key == "max_sessions" && has_room(statement, value))
        || (key == "max_pager_octets" && value == "limited" && statement.number(key).is_some())
}
