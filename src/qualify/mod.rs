//! The suite against what it must see: references with one known fault each, and targets that are none. It shows that each
//! requirement turns red for the right reason, and that nothing that stores nothing passes anything.

mod page;
mod row;

use crate::report::{Results, RunInfo, Selection as Selected};
use crate::requirements::{Catalogue, FaultKind};
use crate::run::{self, LinkKind, Options, RunError, Selection, Written, features};
use crate::stage::null_targets::{NullTarget, Recordings};
use crate::stage::trial::{Subject, Trial};
use crate::target::{Profile, Role};
pub use page::page;
use regex::Regex;
pub use row::{Control, FaultRow, NullRow};
use serde::Serialize;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::Sender;
use tokio::sync::mpsc;

/// The seed of every run: a kill is the same on every machine.
const SEED: u64 = 1;
/// How many scenarios of one run are played at once: behind sockets they wait, in virtual time they compute.
const fn jobs(link: LinkKind) -> usize {
    match link {
        LinkKind::Virtual => 4,
        LinkKind::Sockets => 88,
    }
}

/// The requirement that a fault breaks has to be named for so many of a hundred.
const RIGHT_OF_HUNDRED: usize = 95;

/// One thing that the suite is put before.
#[derive(Clone, Debug)]
pub struct Case {
    /// What stands where the target stands.
    pub subject: Subject,
    /// The link to it.
    pub link: LinkKind,
    /// True for one that is tried again, over another link than the rest.
    pub again: bool,
    /// What of the features it is put before.
    pub selection: Selection,
}

impl Case {
    /// A subject before all scenarios.
    pub fn new(subject: Subject, link: LinkKind, again: bool) -> Case {
        Case { subject, link, again, selection: Selection::default() }
    }
}

/// The same cases before fewer scenarios, where they are faults that must fail somewhere: those of the fault's own requirement,
/// by which it is seen or not seen as before all of them, and of the others one in `one_of`, which are others for each fault.
///
/// # Errors
/// The features are at fault.
pub fn narrowed(cases: Vec<Case>, one_of: u64) -> Result<Vec<Case>, RunError> {
    let catalogue = Catalogue::embedded();
    let scenarios: Vec<&Written> = features::all()?.iter().flat_map(|feature| &feature.scenarios).collect();
    let narrowed = |case: Case| {
        let Subject::Faulty(fault) = case.subject else { return Ok(case) };
        let Some((requirement, _)) = catalogue.fault(fault.id).filter(|(_, row)| row.kind == FaultKind::Hard) else {
            return Ok(case);
        };
        let taken = |scenario: &&&Written| {
            let mut hasher = DefaultHasher::new();
            (fault.id, &scenario.id).hash(&mut hasher);
            scenario.requirements.contains(&requirement.id) || hasher.finish().is_multiple_of(one_of)
        };
        let ids: Vec<String> = scenarios.iter().filter(taken).map(|scenario| regex::escape(&scenario.id)).collect();
        let name = Regex::new(&format!("^({})$", ids.join("|"))).map_err(|error| RunError::Usage(error.to_string()))?;
        Ok(Case { selection: Selection { name: Some(name), ..case.selection }, ..case })
    };
    cases.into_iter().map(narrowed).collect()
}

/// What the suite made of one case.
#[derive(Clone, Debug)]
pub enum Row {
    /// Of the reference without a fault.
    Control(Control),
    /// Of a fault.
    Fault(FaultRow),
    /// Of a target that is none.
    Null(NullRow),
}

/// What the suite made of all of them: what stands in qualify.json.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Qualification {
    /// The shape of the file.
    pub schema: &'static str,
    /// The suite.
    pub suite_version: &'static str,
    /// The reference without a fault.
    pub control: Vec<Control>,
    /// Each fault.
    pub faults: Vec<FaultRow>,
    /// Each target that is none.
    pub null_targets: Vec<NullRow>,
    /// Some of them again, as processes behind real sockets.
    pub sockets: Sample,
}

/// What was done again over sockets.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sample {
    /// Faults.
    pub faults: Vec<FaultRow>,
    /// Targets that are none.
    pub null_targets: Vec<NullRow>,
}

/// The schema that [`Qualification`] follows.
pub const SCHEMA: &str = "cpm-qualify/1";

/// Those that are tried over sockets too when everything is tried in virtual time: one that loses, one that forgets, one of
/// each role, and targets that say nothing, yes, and no.
const SAMPLE: [&str; 3] = ["loses-one-in-ten", "forgets-on-restart", "answers-and-sends-no-report"];
const SAMPLED_NULLS: [NullTarget; 3] = [NullTarget::Silent, NullTarget::Always200, NullTarget::Always486];

/// Everything there is to try over one link.
pub fn everything(link: LinkKind) -> Vec<Case> {
    let nulls = NullTarget::ALL.into_iter().map(Subject::Null);
    let all = std::iter::once(Subject::Reference).chain(Subject::faults()).chain(nulls);
    let all = all.filter(|subject| is_possible(subject, link)).map(|subject| Case::new(subject, link, false));
    let faults = SAMPLE.into_iter().filter_map(Subject::named);
    let sample = faults.chain(SAMPLED_NULLS.into_iter().map(Subject::Null)).filter(|_| link == LinkKind::Virtual);
    let sample = sample.map(|subject| Case::new(subject, LinkKind::Sockets, true));
    sample.chain(all).collect()
}

/// A process cannot replay what another one did: it would have to have been there.
fn is_possible(subject: &Subject, link: LinkKind) -> bool {
    link == LinkKind::Virtual || !matches!(subject, Subject::Null(NullTarget::Replay))
}

/// Puts the suite before each case, as many at a time as there are processors. Each row goes to `told` as soon as it is
/// known; `program` serves those that stand behind sockets.
///
/// # Errors
/// The first run that could not take place.
pub fn qualify(cases: Vec<Case>, program: Option<PathBuf>, told: &Sender<Row>) -> Result<Qualification, RunError> {
    // Behind sockets time passes by itself: whoever waits there keeps no processor busy.
    let behind_sockets = cases.iter().filter(|case| case.link == LinkKind::Sockets).count();
    let workers = std::thread::available_parallelism().map_or(1, usize::from) + behind_sockets.min(SAMPLE.len());
    let workers = workers.min(cases.len().max(1));
    let waiting = Mutex::new(cases.into_iter().enumerate().collect::<std::collections::VecDeque<_>>());
    let work = || -> Result<Vec<(usize, bool, Row)>, RunError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| RunError::Usage(format!("no runtime: {error}")))?;
        let mut rows = Vec::new();
        let next = || waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
        while let Some((at, case)) = next() {
            let row = runtime.block_on(judge(&case, program.clone()))?;
            // Who listened may have gone.
            let _ = told.send(row.clone());
            rows.push((at, case.again, row));
        }
        Ok(rows)
    };
    let done = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join()).collect::<Vec<_>>()
    });
    let mut rows = Vec::new();
    for worker in done {
        rows.extend(worker.map_err(|_| RunError::Usage("the suite panicked".to_owned()))??);
    }
    rows.sort_by_key(|(at, ..)| *at);
    Ok(collected(rows))
}

fn collected(rows: Vec<(usize, bool, Row)>) -> Qualification {
    let mut whole =
        Qualification { schema: SCHEMA, suite_version: env!("CARGO_PKG_VERSION"), ..Qualification::default() };
    for (_, again, row) in rows {
        match (again, row) {
            (_, Row::Control(control)) => whole.control.push(control),
            (false, Row::Fault(fault)) => whole.faults.push(fault),
            (false, Row::Null(null)) => whole.null_targets.push(null),
            (true, Row::Fault(fault)) => whole.sockets.faults.push(fault),
            (true, Row::Null(null)) => whole.sockets.null_targets.push(null),
        }
    }
    whole
}

impl Qualification {
    /// Every fault and null target, over sockets as well.
    fn all_faults(&self) -> impl Iterator<Item = &FaultRow> {
        self.faults.iter().chain(&self.sockets.faults)
    }

    fn all_nulls(&self) -> impl Iterator<Item = &NullRow> {
        self.null_targets.iter().chain(&self.sockets.null_targets)
    }

    /// What is wrong with the suite, one sentence each; nothing when it can be trusted as far as this goes.
    pub fn complaints(&self) -> Vec<String> {
        let survived = self.all_faults().filter(|fault| !fault.killed);
        let mut told: Vec<String> =
            survived.map(|fault| format!("{}: the suite does not see this fault", fault.id)).collect();
        let passed = self.all_nulls().filter(|null| null.passed > 0);
        told.extend(passed.map(|null| format!("{}: passes {}", null.id, null.passing.join(" "))));
        let right = self.faults.iter().filter(|fault| fault.right_requirement).count();
        if right * 100 < self.faults.len() * RIGHT_OF_HUNDRED {
            told.push(format!("the right requirement is named for {right} of {} faults alone", self.faults.len()));
        }
        told
    }

    /// What broke in the suite itself, one sentence each.
    pub fn errors(&self) -> Vec<String> {
        let control =
            self.control.iter().flat_map(|control| &control.troubles).map(|id| format!("without a fault: {id}"));
        let faults =
            self.all_faults().flat_map(|fault| fault.errors.iter().map(move |id| format!("{}: {id}", fault.id)));
        let nulls = self.all_nulls().flat_map(|null| null.errors.iter().map(move |id| format!("{}: {id}", null.id)));
        control.chain(faults).chain(nulls).collect()
    }
}

/// Runs the features against one case, and says what it came to.
async fn judge(case: &Case, program: Option<PathBuf>) -> Result<Row, RunError> {
    let both = [Role::ParticipatingFunction, Role::Client].into_iter();
    let profiles = both.filter(|role| case.subject.role().is_none_or(|own| own == *role)).map(profile).collect();
    let results = match case.subject {
        Subject::Null(NullTarget::Replay) => replayed(profiles, case).await?,
        _ => perform(profiles, case, Trial { subject: case.subject, ..Trial::default() }, SEED, program).await?,
    };
    Ok(match case.subject {
        Subject::Reference => Row::Control(Control::of(&results)),
        Subject::Null(null) => Row::Null(NullRow::of(null.as_str(), &results)),
        Subject::Faulty(fault) => {
            let catalogue = Catalogue::embedded();
            let (requirement, row) = catalogue
                .fault(fault.id)
                .ok_or_else(|| RunError::Usage(format!("the catalogue does not know the fault {}", fault.id)))?;
            Row::Fault(FaultRow::of(&requirement.id, row, &results))
        }
    })
}

fn profile(role: Role) -> Profile {
    match role {
        Role::ParticipatingFunction => Profile::reference(),
        Role::Client => Profile::reference_client(),
    }
}

/// Runs the features against the reference first, under another seed, and then against a replay of that.
async fn replayed(profiles: Vec<Profile>, case: &Case) -> Result<Results, RunError> {
    let recorded = Trial { recordings: Some(Recordings::default()), ..Trial::default() };
    perform(profiles.clone(), case, recorded.clone(), SEED + 1, None).await?;
    perform(profiles, case, Trial { subject: case.subject, ..recorded }, SEED, None).await
}

async fn perform(
    profiles: Vec<Profile>,
    case: &Case,
    trial: Trial,
    seed: u64,
    program: Option<PathBuf>,
) -> Result<Results, RunError> {
    let options = Options {
        profiles,
        embedded: true,
        program,
        selection: case.selection.clone(),
        jobs: Some(jobs(case.link)),
        seed: Some(seed),
        output: None,
        fail_fast: false,
        link: case.link,
        trial,
        waivers: None,
        info: info(case.link),
    };
    let (sink, mut events) = mpsc::unbounded_channel();
    let draining = tokio::spawn(async move { while events.recv().await.is_some() {} });
    let results = run::run(options, sink).await;
    // It ends with the sink.
    let _ = draining.await;
    results
}

fn info(link: LinkKind) -> RunInfo {
    RunInfo {
        id: "qualify".to_owned(),
        started: "2026-01-01T00:00:00.000Z".to_owned(),
        duration_ms: 0,
        seed: SEED,
        jobs: jobs(link),
        shard: "1/1".to_owned(),
        selection: Selected::Full,
        suite_version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: String::new(),
        parts: Vec::new(),
        invocation: Box::default(),
        scenarios: 0,
    }
}
