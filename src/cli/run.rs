//! `run`: from the options to the folder of the run and the exit code.

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cpm_wire::net::Clock;
use futures::FutureExt;
use tokio::sync::mpsc;

use super::{Exit, RunArgs, complain, print};
use crate::report::comparison;
use crate::report::console::{Console, Progress};
use crate::report::run_folder::{RunFolder, link_latest};
use crate::report::style::{Style, one_line};
use crate::report::{self, Event, Invocation, Reporter, Results, RunInfo, Selection as Selected, Waivers};
use crate::requirements::Catalogue;
use crate::run::{self, LinkKind, Options, RunError, Selection};
use crate::stage::trial::Trial;
use crate::target::{Profile, Topology};

/// How many scenarios run at a time unless told otherwise. They wait far more than they compute.
const JOBS: usize = 64;

/// The command.
pub(super) fn run(arguments: RunArgs) -> ExitCode {
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(why) => {
            complain(why);
            return Exit::Usage.into();
        }
    };
    if arguments.plan {
        return plan(&options).into();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            complain(why);
            return Exit::Harness.into();
        }
    };
    // Read before the folder of the run is made, which may be the same.
    let before = match arguments.baseline.as_deref().map(comparison::Run::read).transpose() {
        Ok(before) => before,
        Err(why) => {
            complain(format!("--baseline: {why}"));
            return Exit::Usage.into();
        }
    };
    let latest = arguments.output.is_none();
    let output = arguments.output.clone().unwrap_or_else(|| PathBuf::from("reports").join(&options.info.id));
    let options = Options { output: Some(output.clone()), ..options };
    match runtime.block_on(perform(options, &output, before, arguments.quiet, latest)) {
        Ok(results) => ExitCode::from(report::exit_code(&results)),
        Err(exit) => exit.into(),
    }
}

fn options(arguments: &RunArgs) -> Result<Options, String> {
    let profiles = match &arguments.target {
        Some(path) => vec![Profile::load(path).map_err(|error| error.to_string())?],
        None => vec![Profile::reference(), Profile::reference_client()],
    };
    let catalogue = Catalogue::embedded();
    if let Some(id) = arguments.requirement.iter().find(|id| catalogue.requirement(id).is_none()) {
        let known: Vec<&str> = catalogue.requirements().iter().map(|own| own.id.as_str()).collect();
        return Err(format!("--requirement {id}: there is no such requirement; there are {}", known.join(", ")));
    }
    let selection = Selection {
        requirements: arguments.requirement.clone(),
        tags: arguments.tags.clone(),
        name: arguments.name.clone(),
        shard: arguments.shard,
    };
    let info = info(arguments, selection.is_full());
    let waivers = arguments.waivers.as_deref().map(Waivers::load).transpose().map_err(|why| why.to_string())?;
    Ok(Options {
        embedded: arguments.target.is_none(),
        program: None,
        jobs: Some(info.jobs),
        seed: Some(info.seed),
        output: None,
        fail_fast: arguments.fail_fast,
        link: LinkKind::Sockets,
        trial: Trial::default(),
        waivers,
        profiles,
        selection,
        info,
    })
}

/// What is known of a run before it begins. Its id is the time, and four digits of the seed for runs of one second.
fn info(arguments: &RunArgs, everything: bool) -> RunInfo {
    let now = Clock::start().now();
    let started = now.to_rfc3339();
    let seed = arguments.seed.unwrap_or_else(|| now.as_nanos() / 1000 % 1_000_000_000);
    let second = started.get(..19).unwrap_or(&started).replace(['-', ':'], "");
    RunInfo {
        id: format!("{second}Z-{:04x}", seed & 0xffff),
        started,
        duration_ms: 0,
        seed,
        jobs: arguments.jobs.unwrap_or(JOBS),
        shard: arguments.shard.to_string(),
        selection: Selected::from(everything),
        suite_version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("CPM_COMMIT").unwrap_or_default().to_owned(),
        parts: Vec::new(),
        invocation: Box::new(invocation(arguments)),
        scenarios: 0,
    }
}

/// What is kept of the command, so that a reader of the report can give it again.
fn invocation(arguments: &RunArgs) -> Invocation {
    let path = |path: &PathBuf| path.display().to_string();
    Invocation {
        target: arguments.target.as_ref().map(path),
        requirements: arguments.requirement.clone(),
        tags: arguments.tags.clone(),
        name: arguments.name.as_ref().map(|name| name.as_str().to_owned()),
        waivers: arguments.waivers.as_ref().map(path),
        fail_fast: arguments.fail_fast,
        host: Some(host()),
    }
}

/// The machine of the tester: its name, where the system tells it, its system and its processor.
fn host() -> String {
    let name =
        std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::fs::read_to_string("/etc/hostname"));
    let name = name.map_or_else(|_| "a machine of unknown name".to_owned(), |name| name.trim().to_owned());
    format!("{name}, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// Shows what would run, and why not.
fn plan(options: &Options) -> Exit {
    let planned = match run::plan(&options.selection, &options.profiles, options.embedded) {
        Ok(planned) => planned,
        Err(error) => return refused(&error),
    };
    if planned.is_empty() {
        return refused(&RunError::NothingSelected);
    }
    let mut text = String::new();
    for scenario in &planned {
        let written = &scenario.written;
        let (word, why) = match &scenario.applicable {
            Ok(()) => ("runs".to_owned(), String::new()),
            Err((outcome, why)) => (outcome.to_string(), format!(": {why}")),
        };
        text.push_str(&format!("{word:<14} {}  {}{why}\n", written.id, one_line(&written.title)));
    }
    let of_captures = options.profiles.iter().filter(|profile| profile.topology == Topology::CaptureOnly);
    for capture in of_captures.flat_map(|profile| &profile.network.captures) {
        text.push_str(&format!("{:<14} {}\n", "judged", capture.display()));
    }
    let runs = planned.iter().filter(|scenario| scenario.applicable.is_ok()).count();
    text.push_str(&format!("{runs} of {} scenarios would run\n", planned.len()));
    print(&text)
}

async fn perform(
    options: Options,
    output: &Path,
    before: Option<comparison::Run>,
    quiet: bool,
    latest: bool,
) -> Result<Results, Exit> {
    let made_here = !output.exists();
    let folder = RunFolder::create(output).map_err(|error| {
        complain(format!("cannot write {}: {error}", output.display()));
        Exit::Usage
    })?;
    let folder = folder.against(before.clone());
    let console = Console::new(io::stdout(), Style::of_stdout(), Progress::of_terminal(quiet));
    let (sink, events) = mpsc::unbounded_channel();
    let telling = tokio::spawn(tell(events, console, folder));
    // What panics in the suite itself is an error of the suite, and what was judged before is still reported.
    let ran = AssertUnwindSafe(run::run(options, sink)).catch_unwind().await;
    let told = telling.await;
    let results = match ran {
        Ok(Ok(results)) => results,
        Ok(Err(error)) => {
            // Nothing ran: a folder of our own making holds nothing that anybody wants. Of another nothing is taken.
            if made_here {
                let _ = std::fs::remove_dir_all(output);
            }
            return Err(refused(&error));
        }
        Err(_) => return Err(harness("the run broke off: the suite panicked".to_owned())),
    };
    let told = told.map_err(io::Error::other).and_then(|told| told);
    told.map_err(|error| harness(format!("the reports in {} are not whole: {error}", output.display())))?;
    if latest && let Err(error) = link_latest(output) {
        complain(format!("reports/latest was not renewed: {error}"));
    }
    if let Some(before) = before {
        print(&comparison::compare(&before, &comparison::Run::of(&results, None)).text());
    }
    told_where(output, quiet);
    Ok(results)
}

/// Gives every event to every reporter. A console that has gone away keeps no report from being written.
async fn tell(
    mut events: mpsc::UnboundedReceiver<Event>,
    mut console: Console<io::Stdout>,
    mut folder: RunFolder,
) -> io::Result<()> {
    while let Some(event) = events.recv().await {
        folder.event(&event)?;
        match console.event(&event) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn told_where(output: &Path, quiet: bool) {
    if !quiet {
        print(&format!("reports in {}\n", output.display()));
    }
}

fn harness(why: String) -> Exit {
    complain(why);
    Exit::Harness
}

fn refused(error: &RunError) -> Exit {
    complain(error);
    match error {
        RunError::Usage(_) | RunError::Bind { .. } | RunError::Unreachable { .. } | RunError::Output { .. } => {
            Exit::Usage
        }
        RunError::NothingSelected => Exit::NothingSelected,
        RunError::Features(_) | RunError::Target(_) => Exit::Harness,
    }
}
