//! A run: the features against a target, from the selection to the results.

mod closing;
mod context;
mod features;
mod writer;

use crate::evidence::Header;
use crate::report::event::Event;
use crate::report::{self, Results, RunInfo, ScenarioResult, TargetInfo};
use crate::requirements::Catalogue;
use crate::stage::target::{EmbeddedTarget, StartError, TargetAddresses};
use crate::steps;
use crate::target::{Profile, Retention};
use crate::verdict::{Blame, Outcome};
use crate::world::{Stop, World};
use closing::Finished;
pub use context::Context;
use cucumber::{ScenarioType, event};
use features::{Chooser, WrittenFeature};
pub use features::{Selection, Written};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;
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
    /// The target's profile.
    pub profile: Profile,
    /// True when the target is the embedded reference.
    pub embedded: bool,
    /// The program that serves the embedded reference; this one when missing.
    pub program: Option<PathBuf>,
    /// What of the features.
    pub selection: Selection,
    /// How many scenarios at once; 64 when missing.
    pub jobs: Option<usize>,
    /// The seed of all names; from the clock when missing.
    pub seed: Option<u64>,
    /// The folder of the run.
    pub output: PathBuf,
    /// Start no further scenario after the first that does not pass.
    pub fail_fast: bool,
    /// Sockets or virtual.
    pub link: LinkKind,
    /// The run's id and start.
    pub info: RunInfo,
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
pub fn plan(selection: &Selection, profile: &Profile, embedded: bool) -> Result<Vec<Planned>, RunError> {
    let chooser = Chooser::new(selection)?;
    let features = features::all()?;
    let scenarios = features.into_iter().flat_map(|feature| feature.scenarios);
    Ok(scenarios
        .filter(|written| chooser.takes(written))
        .map(|written| Planned { applicable: applicable(&written, profile, embedded), written })
        .collect())
}

fn applicable(written: &Written, profile: &Profile, embedded: bool) -> Result<(), (Outcome, String)> {
    if written.role != profile.role_name() {
        return Err((Outcome::NotApplicable, format!("the element under test is a {}", profile.role_name())));
    }
    if written.tags.iter().any(|tag| tag == "restart") && !embedded && !profile.can_restart() {
        return Err((Outcome::NotApplicable, "the profile has no control.restart".to_owned()));
    }
    if let Some(claim) =
        written.tags.iter().filter_map(|tag| claim(tag)).find(|(key, value)| !claims(profile, key, value))
    {
        return Err((Outcome::NotApplicable, format!("the statement does not name {} under {}", claim.1, claim.0)));
    }
    let stored_elsewhere = profile.statement().has("storage_locus", "controlling_function");
    let about_storing = written.requirements.iter().any(|id| id.starts_with("CPM-CONV-058"));
    if stored_elsewhere && about_storing {
        let why = "not observable: the statement says that the controlling function stores (L01)";
        return Err((Outcome::Inconclusive, why.to_owned()));
    }
    Ok(())
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

/// Runs the features. Each scenario's result goes to `sink` as soon as it is known.
///
/// # Errors
/// Whatever keeps the run from taking place; a failing target is a result, never an error.
pub async fn run(options: Options, sink: mpsc::UnboundedSender<Event>) -> Result<Results, RunError> {
    let started = Instant::now();
    let planned = plan(&options.selection, &options.profile, options.embedded)?;
    if planned.is_empty() {
        return Err(RunError::NothingSelected);
    }
    let seed = options.seed.unwrap_or(options.info.seed);
    prepare(&options.output)?;
    let program = options.program.clone().or_else(|| std::env::current_exe().ok());
    let context =
        Context::open(options.profile.clone(), options.link, seed, program.clone().filter(|_| options.embedded))
            .await?;
    let (context, target) = attach(context, &options, program.as_deref()).await?;
    let context = Arc::new(context);
    let jobs = options.jobs.unwrap_or(64);
    let info = RunInfo { seed, jobs, selection: options.selection.is_full().into(), ..options.info.clone() };
    // A reader that has gone away does not stop the run.
    let _ = sink.send(Event::RunStarted(info.clone()));

    let (to_run, mut results) = sort(planned);
    let scenarios = perform(&context, &options, to_run, &info, &sink, jobs).await?;
    results.extend(scenarios);
    for result in results.iter().filter(|result| matches!(result.outcome, Outcome::NotApplicable)) {
        let _ = sink.send(Event::ScenarioFinished(Box::new(result.clone())));
    }
    if let Some(target) = target {
        target.stop().await;
    }
    let info = RunInfo { duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), ..info };
    let strays = context.board().map(|board| board.strays()).unwrap_or_default();
    let catalogue = Catalogue::embedded();
    let results =
        report::results(info, vec![TargetInfo::of(&options.profile)], results, &catalogue, &strays_as_reasons(&strays));
    let _ = sink.send(Event::RunFinished(Box::new(results.clone())));
    Ok(results)
}

fn prepare(output: &Path) -> Result<(), RunError> {
    let folder = output.join("evidence");
    std::fs::create_dir_all(&folder).map_err(|source| RunError::Output { path: folder, source })
}

/// Starts the embedded target, or looks whether the external one is there.
async fn attach(
    context: Context,
    options: &Options,
    program: Option<&Path>,
) -> Result<(Context, Option<EmbeddedTarget>), RunError> {
    if options.link == LinkKind::Virtual {
        return Ok((context, None));
    }
    if options.embedded {
        let program =
            program.ok_or_else(|| RunError::Usage("this program does not know where it stands".to_owned()))?;
        let target = EmbeddedTarget::start(program, &options.profile, context.serving_cscf()).await?;
        return Ok((context.with_target(target.addresses()), Some(target)));
    }
    let sip = options
        .profile
        .target_address()
        .ok_or_else(|| RunError::Usage("the profile has no network.target.sip".to_owned()))?;
    reach(sip, options.profile.prefers_tcp()).await?;
    Ok((context.with_target(TargetAddresses { sip, msrp: None }), None))
}

/// A refused connection or an ICMP error says at once that nobody is there; silence says nothing yet.
async fn reach(address: SocketAddr, tcp: bool) -> Result<(), RunError> {
    let unreachable = |why: std::io::Error| RunError::Unreachable { address, why: why.to_string() };
    if tcp {
        let connecting = tokio::net::TcpStream::connect(address);
        return match tokio::time::timeout(std::time::Duration::from_secs(2), connecting).await {
            Ok(Err(error)) => Err(unreachable(error)),
            _ => Ok(()),
        };
    }
    let local: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = tokio::net::UdpSocket::bind(local).await.map_err(unreachable)?;
    socket.connect(address).await.map_err(unreachable)?;
    // Two line ends are a keep-alive (RFC 5626 section 3.5.1): no element may take offence at them.
    socket.send(b"\r\n\r\n").await.map_err(unreachable)?;
    let mut answer = [0u8; 16];
    match tokio::time::timeout(std::time::Duration::from_millis(200), socket.recv(&mut answer)).await {
        Ok(Err(error)) => Err(unreachable(error)),
        _ => Ok(()),
    }
}

/// Parts what runs from what is decided without running.
fn sort(planned: Vec<Planned>) -> (Vec<Written>, Vec<ScenarioResult>) {
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

/// What the hooks of cucumber share.
struct Hooks {
    context: Arc<Context>,
    written: HashMap<(String, usize), Written>,
    begun: Mutex<HashMap<String, Instant>>,
    finished: mpsc::UnboundedSender<Finished>,
    sink: mpsc::UnboundedSender<Event>,
    info: RunInfo,
    embedded: bool,
}

async fn perform(
    context: &Arc<Context>,
    options: &Options,
    to_run: Vec<Written>,
    info: &RunInfo,
    sink: &mpsc::UnboundedSender<Event>,
    jobs: usize,
) -> Result<Vec<ScenarioResult>, RunError> {
    let ids: HashMap<String, Written> = to_run.into_iter().map(|written| (written.id.clone(), written)).collect();
    let features = selected(features::all()?, &ids);
    let written = ids.values().map(|w| ((w.feature.clone(), w.line as usize), w.clone())).collect();
    let (finished, collecting) = mpsc::unbounded_channel();
    let hooks = Arc::new(Hooks {
        context: context.clone(),
        written,
        begun: Mutex::new(HashMap::new()),
        finished,
        sink: sink.clone(),
        info: info.clone(),
        embedded: options.embedded,
    });
    let collector = tokio::spawn(collect(collecting, context.clone(), options.output.clone(), sink.clone()));
    // What cucumber makes of features stays on one thread; the scenarios' own tasks are elsewhere.
    let (embedded, fail_fast) = (options.embedded, options.fail_fast);
    let runtime = tokio::runtime::Handle::current();
    let playing = tokio::task::spawn_blocking(move || {
        runtime.block_on(play(hooks, features, jobs, embedded, fail_fast));
    });
    playing.await.map_err(|error| RunError::Features(format!("the runner of the features broke off: {error}")))?;
    let mut results = collector.await.map_err(|error| RunError::Features(error.to_string()))?;
    // With --fail-fast some never began.
    let done: std::collections::HashSet<String> = results.iter().map(|result| result.id.clone()).collect();
    let missing = ids.into_values().filter(|written| !done.contains(&written.id));
    results.extend(
        missing.map(|written| closing::decided(written, Outcome::NotRun, "the run ended before it".to_owned())),
    );
    results.sort_by(|a, b| (&a.feature, a.line).cmp(&(&b.feature, b.line)));
    Ok(results)
}

fn selected(features: Vec<WrittenFeature>, ids: &HashMap<String, Written>) -> Vec<gherkin::Feature> {
    features
        .into_iter()
        .filter_map(|WrittenFeature { mut feature, scenarios }| {
            let keep: Vec<bool> = scenarios.iter().map(|written| ids.contains_key(&written.id)).collect();
            let mut keep = keep.into_iter();
            feature.scenarios.retain(|_| keep.next().unwrap_or(false));
            (!feature.scenarios.is_empty()).then_some(feature)
        })
        .collect()
}

/// Hands the features to cucumber.
async fn play(hooks: Arc<Hooks>, features: Vec<gherkin::Feature>, jobs: usize, embedded: bool, fail_fast: bool) {
    let (before, after) = (hooks.clone(), hooks.clone());
    let runner = cucumber::runner::Basic::<World>::default()
        .max_concurrent_scenarios(jobs.max(1))
        .steps(steps::collection())
        .which_scenario(move |_, _, scenario| {
            // An external target is one for all: killing it concerns every scenario that runs.
            let kills = !embedded && scenario.tags.iter().any(|tag| tag == "restart");
            if kills { ScenarioType::Serial } else { ScenarioType::Concurrent }
        })
        .before(move |feature, _, scenario, world| {
            let hooks = before.clone();
            let key = key(feature, scenario);
            Box::pin(async move { hooks.set(key, world).await })
        })
        .after(move |feature, _, scenario, finished, world| {
            let hooks = after.clone();
            let key = key(feature, scenario);
            Box::pin(async move { hooks.strike(key, finished, world).await })
        });
    let runner = if fail_fast { runner.fail_fast() } else { runner };
    cucumber::Cucumber::<World, _, Vec<gherkin::Feature>, _, _>::custom(writer::Embedded, runner, writer::Quiet)
        .with_default_cli()
        .run(features)
        .await;
}

fn key(feature: &gherkin::Feature, scenario: &gherkin::Scenario) -> (String, usize) {
    let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    (path, scenario.position.line)
}

impl Hooks {
    async fn set(&self, key: (String, usize), world: &mut World) {
        let Some(written) = self.written.get(&key) else { return };
        let _ = self.sink.send(Event::ScenarioStarted { id: written.id.clone(), title: written.title.clone() });
        self.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(written.id.clone(), Instant::now());
        let own = self.embedded && written.tags.iter().any(|tag| tag == "restart");
        match self.context.set(&written.id, own).await {
            Err(stop) => world.no_scene = Some(stop),
            Ok((stage, own_target)) => {
                world.scene = Some(crate::world::Scene {
                    run: self.context.clone(),
                    id: written.id.clone(),
                    test_purposes: written.test_purposes.clone(),
                    stage,
                    own_target,
                    checks: Vec::new(),
                    warnings: Vec::new(),
                    last_trigger: 0,
                    stop: None,
                });
            }
        }
    }

    /// The scenario is over: hands over what it left. Judging and writing happen elsewhere.
    async fn strike(&self, key: (String, usize), finished: &event::ScenarioFinished, world: Option<&mut World>) {
        let Some(written) = self.written.get(&key).cloned() else { return };
        let begun = self.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&written.id);
        let (scene, no_scene) = world.map_or((None, None), |world| (world.scene.take(), world.no_scene.take()));
        let (mut checks, mut warnings, mut left) = (Vec::new(), Vec::new(), None);
        let mut stop = no_scene;
        if let Some(scene) = scene {
            (checks, warnings, stop) = (scene.checks, scene.warnings, scene.stop);
            match curtain(scene.stage).await {
                Ok(end) => left = Some(end),
                Err(dead) => stop = Some(dead.into()),
            }
            if let Some(target) = scene.own_target {
                target.stop().await;
            }
        }
        if stop.is_none() {
            stop = unexplained(finished);
        }
        let rerun =
            format!("cpm-conformance run --name '^{}$' --seed {}", written.id.replace('.', "\\."), self.info.seed);
        let header = Header {
            suite_version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id: self.info.id.clone(),
            scenario_id: written.id.clone(),
            title: written.title.clone(),
            target_name: self.context.profile.name().to_owned(),
            statement: self.context.statement.to_json(),
            timers: self.context.timers.to_json(),
            seed: self.info.seed,
        };
        let dropped = self.context.board().map_or(0, |board| board.dropped());
        let duration_ms = begun.map_or(0, |begun| u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        // The collector lives until the last sender is gone.
        let _ =
            self.finished.send(Finished { written, checks, warnings, stop, left, duration_ms, dropped, header, rerun });
    }
}

/// Sends everybody home and ends the stage. A target that does not answer is not waited for: nothing is judged here.
async fn curtain(stage: crate::stage::Stage) -> Result<crate::stage::Left, crate::stage::Dead> {
    stage.act(|play| play.ensemble.everybody_goes()).await?;
    let gone = |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| !ensemble.signalling.registers_pending();
    stage.until(std::time::Duration::from_millis(300), gone).await?;
    stage.end().await
}

/// A scenario that ended without one of our stops: a sentence nobody knows, or a panic of our own.
fn unexplained(finished: &event::ScenarioFinished) -> Option<Stop> {
    match finished {
        event::ScenarioFinished::StepPassed => None,
        event::ScenarioFinished::StepSkipped => {
            Some(Stop::Harness("a sentence of the scenario is not in the vocabulary".to_owned()))
        }
        event::ScenarioFinished::BeforeHookFailed(_) => Some(Stop::Harness("the stage could not be set".to_owned())),
        event::ScenarioFinished::StepFailed(_, _, error) => match error {
            event::StepError::AmbiguousMatch(error) => Some(Stop::Harness(format!("an ambiguous sentence: {error}"))),
            event::StepError::NotFound => Some(Stop::Harness("a sentence that is not in the vocabulary".to_owned())),
            event::StepError::Panic(payload) => Some(
                payload
                    .downcast_ref::<Stop>()
                    .cloned()
                    .unwrap_or_else(|| Stop::Harness("a step of the suite panicked".to_owned())),
            ),
        },
    }
}

async fn collect(
    mut finished: mpsc::UnboundedReceiver<Finished>,
    context: Arc<Context>,
    output: PathBuf,
    sink: mpsc::UnboundedSender<Event>,
) -> Vec<ScenarioResult> {
    let mut results = Vec::new();
    while let Some(finished) = finished.recv().await {
        let (statement, output) = (context.statement.clone(), output.clone());
        let written = finished.written.clone();
        let closing = tokio::task::spawn_blocking(move || closing::close(finished, &statement, &output));
        let result = closing.await.unwrap_or_else(|error| {
            let mut result = closing::decided(written, Outcome::Error, format!("judging it panicked: {error}"));
            result.blame = Some(Blame::Harness);
            result
        });
        let _ = sink.send(Event::ScenarioFinished(Box::new(result.clone())));
        results.push(result);
    }
    results
}

fn strays_as_reasons(strays: &[crate::stage::switchboard::Stray]) -> Vec<String> {
    strays
        .iter()
        .take(20)
        .map(|stray| format!("traffic from {} belongs to no user of any scenario: {}", stray.from, stray.what))
        .collect()
}
