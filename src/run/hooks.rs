//! Playing the features: what happens before and after each scenario, and the collecting of what they leave.

use super::closing::{self, Finished};
use super::features::{self, WrittenFeature};
use super::{Contexts, Needs, Options, Planned, RunError, Written, writer};
use crate::evidence::Recorder;
use crate::report::event::Event;
use crate::report::waivers::Excuses;
use crate::report::{RunInfo, ScenarioResult};
use crate::stage::rewriting::chance::Chance;
use crate::steps;
use crate::verdict::{Blame, Outcome};
use crate::world::{Stop, World};
use cucumber::{ScenarioType, event};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::mpsc;

/// What the hooks of cucumber share.
struct Hooks {
    contexts: Contexts,
    written: HashMap<(String, usize), Written>,
    begun: Mutex<HashMap<String, Instant>>,
    finished: mpsc::UnboundedSender<(Written, Finished)>,
    sink: mpsc::UnboundedSender<Event>,
    info: RunInfo,
    embedded: bool,
}

pub(super) async fn perform(
    contexts: &Contexts,
    options: &Options,
    to_run: Vec<Written>,
    info: &RunInfo,
    sink: &mpsc::UnboundedSender<Event>,
    jobs: usize,
) -> Result<Vec<ScenarioResult>, RunError> {
    let ids: HashMap<String, Written> = to_run.into_iter().map(|written| (written.id.clone(), written)).collect();
    let mut features = selected(features::all()?, &ids);
    if options.trial.shuffled {
        features = shuffled(features, info.seed);
    }
    let written = ids.values().map(|w| ((w.feature.clone(), w.line as usize), w.clone())).collect();
    let (finished, collecting) = mpsc::unbounded_channel();
    let hooks = Arc::new(Hooks {
        contexts: contexts.clone(),
        written,
        begun: Mutex::new(HashMap::new()),
        finished,
        sink: sink.clone(),
        info: info.clone(),
        embedded: options.embedded,
    });
    let excuses = options.waivers.as_ref().map(|waivers| waivers.in_run(info, &options.targets()));
    let collector = tokio::spawn(collect(collecting, options.output.clone(), excuses, sink.clone()));
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
    results.extend(missing.map(|written| super::unrun(Planned { written, applicable: Ok(()) })));
    results.sort_by(|a, b| (&a.feature, a.line).cmp(&(&b.feature, b.line)));
    Ok(results)
}

fn selected(features: &[WrittenFeature], ids: &HashMap<String, Written>) -> Vec<gherkin::Feature> {
    let taken = |WrittenFeature { feature, scenarios }: &WrittenFeature| {
        let keep: Vec<bool> = scenarios.iter().map(|written| ids.contains_key(&written.id)).collect();
        keep.contains(&true).then(|| {
            let (mut feature, mut keep) = (feature.clone(), keep.into_iter());
            feature.scenarios.retain(|_| keep.next().unwrap_or(false));
            feature
        })
    };
    features.iter().filter_map(taken).collect()
}

/// The scenarios of all features in an order that the seed decides. Cucumber begins them in the order in which it is given
/// them, so each becomes a feature of its own.
fn shuffled(features: Vec<gherkin::Feature>, seed: u64) -> Vec<gherkin::Feature> {
    let alone = |feature: gherkin::Feature| {
        let scenarios = feature.scenarios.clone();
        scenarios.into_iter().map(move |scenario| gherkin::Feature { scenarios: vec![scenario], ..feature.clone() })
    };
    let mut each: Vec<gherkin::Feature> = features.into_iter().flat_map(alone).collect();
    Chance::new(seed).shuffle(&mut each);
    each
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
            let prepared_for = steps::classes(&scenario.steps);
            Box::pin(async move { hooks.set(key, prepared_for, world).await })
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
    async fn set(&self, key: (String, usize), prepared_for: BTreeMap<String, &'static str>, world: &mut World) {
        let Some(written) = self.written.get(&key) else { return };
        let _ = self.sink.send(Event::ScenarioStarted { id: written.id.clone(), title: written.title.clone() });
        self.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(written.id.clone(), Instant::now());
        let tagged = |mark: &str| self.embedded && written.tags.iter().any(|tag| tag == mark);
        let needs = Needs { own_target: tagged("restart"), virtual_time: tagged("virtual_time") };
        let Some(context) = self.contexts.of(&written.role) else { return };
        let turn = context.turn().await;
        match context.set(&written.id, needs).await {
            Err(stop) => world.no_scene = Some(stop),
            Ok((stage, own_target)) => {
                world.scene = Some(crate::world::Scene {
                    run: context.clone(),
                    user_under_test: None,
                    turn,
                    id: written.id.clone(),
                    test_purposes: written.test_purposes.clone(),
                    stage,
                    own_target,
                    last_trigger: 0,
                    prepared_for,
                    stop: None,
                });
            }
        }
    }

    /// The scenario is over: hands over what it left. Judging and writing happen elsewhere.
    async fn strike(&self, key: (String, usize), finished: &event::ScenarioFinished, world: Option<&mut World>) {
        let Some(written) = self.written.get(&key).cloned() else { return };
        let Some(context) = self.contexts.of(&written.role) else { return };
        let begun = self.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&written.id);
        let (scene, no_scene) = world.map_or((None, None), |world| (world.scene.take(), world.no_scene.take()));
        let (mut stop, mut recorder) = (no_scene, None);
        if let Some(scene) = scene {
            stop = scene.stop.clone();
            if stop.is_none() {
                stop = scene.last_answers().await.err();
            }
            if stop.is_none() {
                stop = scene.probe_again().await.err();
            }
            match curtain(scene.stage).await {
                Ok(recorded) => recorder = Some(recorded),
                Err(dead) => stop = Some(dead.into()),
            }
            if let Some(target) = scene.own_target {
                target.stop().await;
            }
        }
        if stop.is_none() {
            stop = unexplained(finished);
        }
        let statement = context.statement.to_json();
        let header = written.header(&self.info, context.profile.name(), statement, context.timers.to_json());
        let duration_ms = begun.map_or(0, |begun| u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        // The collector lives until the last sender is gone.
        let _ = self.finished.send((written, Finished { stop, recorder, duration_ms, header }));
    }
}

/// Sends everybody home and ends the stage. A target that does not answer is not waited for: nothing is judged here.
async fn curtain(stage: crate::stage::Stage) -> Result<Recorder, crate::stage::Dead> {
    stage
        .act(|play| {
            play.ensemble.nobody_is_watched();
            play.ensemble.everybody_goes();
        })
        .await?;
    let gone = |ensemble: &crate::actors::Ensemble, _: &crate::story::Story| {
        !ensemble.signalling.registers_pending() && ensemble.orders_are_answered()
    };
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
    mut finished: mpsc::UnboundedReceiver<(Written, Finished)>,
    output: Option<PathBuf>,
    excuses: Option<Excuses>,
    sink: mpsc::UnboundedSender<Event>,
) -> Vec<ScenarioResult> {
    let mut results = Vec::new();
    while let Some((written, finished)) = finished.recv().await {
        let output = output.clone();
        let closing = tokio::task::spawn_blocking(move || closing::close(finished, output.as_deref()));
        let mut result = closing.await.unwrap_or_else(|error| {
            let mut result = closing::decided(written, Outcome::Error, format!("judging it panicked: {error}"));
            result.blame = Some(Blame::Harness);
            result
        });
        excuses.iter().for_each(|excuses| excuses.excuse(&mut result));
        let _ = sink.send(Event::ScenarioFinished(Box::new(result.clone())));
        results.push(result);
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_shuffle_keeps_every_scenario_and_begins_them_across_the_features() {
        let all: Vec<gherkin::Feature> =
            features::all().unwrap().iter().map(|written| written.feature.clone()).collect();
        let keys = |features: &[gherkin::Feature]| {
            let of_each = features.iter().flat_map(|feature| feature.scenarios.iter().map(|own| key(feature, own)));
            of_each.collect::<Vec<_>>()
        };
        let (one, same, other) = (shuffled(all.clone(), 1), shuffled(all.clone(), 1), shuffled(all.clone(), 2));
        assert_eq!(keys(&one), keys(&same));
        assert_ne!(keys(&one), keys(&other));
        for shuffle in [&one, &other] {
            assert_eq!(BTreeSet::from_iter(keys(shuffle)), BTreeSet::from_iter(keys(&all)));
            assert_eq!(keys(shuffle).len(), keys(&all).len());
        }
        let changes = keys(&one).windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        assert!(changes > 2 * all.len(), "{changes}");
    }
}
