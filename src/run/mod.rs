//! A run: the features against a target, from the selection to the results.

mod asking;
mod attach;
mod captures;
mod closing;
mod context;
mod edges;
pub(crate) mod features;
mod hooks;
mod operator;
mod plan;
mod procedure;
mod provisioning;
mod shard;
mod switches;
mod writer;

use crate::report::event::Event;
use crate::report::{self, Results, RunInfo, TargetInfo, Waivers};
use crate::requirements::Catalogue;
use crate::stage::switchboard::Switchboard;
use crate::stage::target::StartError;
use crate::stage::trial::Trial;
use crate::target::Profile;
use crate::verdict::Outcome;
pub use asking::Interception;
pub use context::{Context, Hand, Lent, Needs};
pub use features::{Selection, Written};
pub use plan::{Planned, plan, planned, unrun};
pub use procedure::{Procedure, Sentence, procedures};
pub use shard::{NoShard, Shard};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
pub use switches::{Switched, Switches, switches};
use tokio::sync::mpsc;

/// The link between tester and target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Real sockets.
    Sockets,
    /// A simulated network in virtual time, with the reference in this process.
    Virtual,
}

/// What is to be run, against what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The targets' profiles, one for each role that is tested.
    pub profiles: Vec<Profile>,
    /// True when the targets are the embedded references.
    pub embedded: bool,
    /// The program that serves the embedded reference; this one when missing.
    pub program: Option<PathBuf>,
    /// What of the features.
    pub selection: Selection,
    /// How many scenarios at once; 64 when missing.
    pub jobs: Option<usize>,
    /// The seed of all names; from the clock when missing.
    pub seed: Option<u64>,
    /// The folder of the run; none where nobody will read its evidence again.
    pub output: Option<PathBuf>,
    /// Start no further scenario after the first that does not pass.
    pub fail_fast: bool,
    /// Sockets or virtual.
    pub link: LinkKind,
    /// What the suite itself is put through; nothing in a run that tests a target.
    pub trial: Trial,
    /// What the user excuses for a while, if anything.
    pub waivers: Option<Waivers>,
    /// The run's id and start.
    pub info: RunInfo,
}

impl Options {
    /// What is told of the targets.
    fn targets(&self) -> Vec<TargetInfo> {
        self.profiles.iter().map(|profile| TargetInfo::of(profile, self.embedded)).collect()
    }
}

/// Why a run cannot take place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The features are at fault: the suite's own mistake.
    #[error("the features are at fault: {0}")]
    Features(String),
    /// An option is.
    #[error("{0}")]
    Usage(String),
    /// A socket cannot be bound.
    #[error("cannot listen at {address}: {source}; choose another address in actors.serving_cscf.bind of the profile")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The embedded target does not start.
    #[error(transparent)]
    Target(#[from] StartError),
    /// The target cannot be reached.
    #[error("the target at {address} cannot be reached: {why}")]
    Unreachable {
        /// Where it was looked for.
        address: SocketAddr,
        /// What the network said.
        why: String,
    },
    /// The run's folder cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing fits the selection.
    #[error("no scenario fits the selection; `cpm-conformance list scenarios` shows what there is")]
    NothingSelected,
}

/// Runs the features. Each scenario's result goes to `sink` as soon as it is known.
///
/// # Errors
/// Whatever keeps the run from taking place; a failing target is a result, never an error.
pub async fn run(options: Options, sink: mpsc::UnboundedSender<Event>) -> Result<Results, RunError> {
    if let Some(profile) = captures::of(&options) {
        return captures::run(&options, profile, &sink);
    }
    let started = Instant::now();
    let planned = plan(&options.selection, &options.profiles, options.embedded)?;
    if planned.is_empty() {
        return Err(RunError::NothingSelected);
    }
    let seed = options.seed.unwrap_or(options.info.seed);
    options.output.as_deref().map_or(Ok(()), prepare)?;
    let program = options.program.clone().or_else(|| std::env::current_exe().ok());
    let (to_run, mut results) = plan::sort(planned);
    let mut contexts = Vec::new();
    let mut targets = Vec::new();
    for profile in &options.profiles {
        if !to_run.iter().any(|written| written.role == profile.role_name()) {
            continue;
        }
        let own = program.clone().filter(|_| options.embedded);
        let context = Context::open(profile.clone(), options.link, seed, own).await?.with_trial(options.trial.clone());
        let (context, target) = attach::attach(context, &options, program.as_deref()).await?;
        contexts.push(Arc::new(context));
        targets.extend(target);
    }
    let contexts = Contexts(contexts);
    let jobs = options.jobs.unwrap_or(64);
    let info = RunInfo { seed, jobs, selection: options.selection.is_full().into(), ..options.info.clone() };
    // A reader that has gone away does not stop the run.
    let _ = sink.send(Event::RunStarted(info.clone()));

    let scenarios = hooks::perform(&contexts, &options, to_run, &info, &sink, jobs).await?;
    results.extend(scenarios);
    for result in results.iter().filter(|result| matches!(result.outcome, Outcome::NotApplicable)) {
        let _ = sink.send(Event::ScenarioFinished(Box::new(result.clone())));
    }
    for target in targets {
        target.stop().await;
    }
    let info = RunInfo { duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), ..info };
    let strays: Vec<_> = contexts.boards().flat_map(|board| board.strays()).collect();
    let catalogue = Catalogue::embedded();
    let strays = strays_as_reasons(&strays);
    let waivers = options.waivers.as_ref();
    let results = report::excused_results(info, options.targets(), results, &catalogue, &strays, waivers);
    let _ = sink.send(Event::RunFinished(Box::new(results.clone())));
    Ok(results)
}

/// The contexts of a run, one for each role that is tested.
#[derive(Clone)]
struct Contexts(Vec<Arc<Context>>);

impl Contexts {
    /// The context in which scenarios of this role run.
    fn of(&self, role: &str) -> Option<&Arc<Context>> {
        self.0.iter().find(|context| context.profile.role_name() == role)
    }

    fn boards(&self) -> impl Iterator<Item = &Switchboard> {
        self.0.iter().filter_map(|context| context.board())
    }
}

fn prepare(output: &Path) -> Result<(), RunError> {
    let folder = output.join("evidence");
    std::fs::create_dir_all(&folder).map_err(|source| RunError::Output { path: folder, source })
}

fn strays_as_reasons(strays: &[crate::stage::switchboard::Stray]) -> Vec<String> {
    strays
        .iter()
        .take(20)
        .map(|stray| format!("traffic from {} belongs to no user of any scenario: {}", stray.from, stray.what))
        .collect()
}
