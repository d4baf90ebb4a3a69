//! The command line: what there is, what it means, and how the program ends.

mod completions;
mod coverage;
mod doctor;
mod examples;
mod init;
mod list;
mod qualify;
mod report;
mod run;
mod serve;
mod validate;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use completions::CompletionsArgs;
use doctor::DoctorArgs;
use init::InitArgs;
use regex::Regex;

use crate::run::Shard;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Exit {
    /// All that ran conforms.
    Fine = 0,
    /// Something is wrong with what was judged.
    Wrong = 1,
    /// The suite itself is at fault.
    Harness = 3,
    /// Bad usage or profile, a name that cannot be resolved, an address that cannot be bound or reached.
    Usage = 4,
    /// Nothing was selected.
    NothingSelected = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Conformance suite for the OMA CPM participating function and client.
///
/// Without a target the embedded references are tested: `cpm-conformance run`.
#[derive(Debug, Parser)]
#[command(name = "cpm-conformance", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes of run:
  0  all that ran conforms        3  error of the suite
  1  non-conformant               4  bad usage or profile, or no way to the target
  2  inconclusive, none failed    5  a waiver is stale, expired or about nothing
                                  6  nothing was selected

Exit codes of qualify:
  0  every fault is seen, and no null target passes anything
  1  some are not, or some do     3  error of the suite       4  bad usage

Exit codes of coverage:
  0  no gap, and as in the baseline
  1  gaps, or otherwise           3  error of the suite       4  bad usage

Exit codes of validate:
  0  no finding of level error    1  findings of level error  4  bad usage, or nothing readable

Exit codes of init: 0 written; 4 not, since something given is wrong, or the file is there already

Exit codes of doctor:
  0  nothing is in the way        3  error of the suite
  4  something is, or the profile is none

Exit codes of report merge: those of run; 4 when a part is not intact, or of another run

Exit codes of report diff: 0; with --exit-code 1 if anything got worse; 4 when one is no report

Exit codes of report verify:
  0  intact, whatever the verdict
  1  altered, not signed by --public-key, or the evidence does not come to it
  4  not a report, or no key

Exit codes of report sign: 0; 1 when the report is not intact; 4 when it is none, or there is no key";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the features against a target
    #[command(after_help = examples::RUN)]
    Run(RunArgs),
    /// Show what there is
    #[command(after_help = examples::LIST)]
    List(ListArgs),
    /// Show what serves each requirement, and what is missing, without a target
    #[command(after_help = examples::COVERAGE)]
    Coverage(CoverageArgs),
    /// Write the profile of a target, with every key explained
    #[command(after_help = examples::INIT)]
    Init(InitArgs),
    /// Look what stands between tester and target, and say what helps
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArgs),
    /// Run the reference alone
    #[command(after_help = examples::SERVE)]
    Serve(ServeArgs),
    /// Try the suite itself against every seeded fault and every target that is none
    #[command(after_help = examples::QUALIFY)]
    Qualify(QualifyArgs),
    /// Judge captures or messages with the same rules
    #[command(after_help = examples::VALIDATE)]
    Validate(ValidateArgs),
    /// Verify the report of a run that is over
    #[command(subcommand)]
    Report(ReportCommand),
    /// Print what completes commands and options in a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
}

/// Options of `run`.
#[derive(Debug, Args)]
struct RunArgs {
    /// Profile of the target; the embedded references when missing
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Only what serves this requirement; may be given several times
    #[arg(long, value_name = "ID")]
    requirement: Vec<String>,
    /// Only scenarios with these tags, such as '@SHALL and not @slow'
    #[arg(long, value_name = "EXPR")]
    tags: Option<String>,
    /// Only scenarios whose title or id matches
    #[arg(long, value_name = "REGEX")]
    name: Option<Regex>,
    /// Only part I of N of all that, for machines that share a run (see report merge); auto/N takes I from JOB_COMPLETION_INDEX
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
    shard: Shard,
    /// How many scenarios at a time
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1024))]
    jobs: Option<usize>,
    /// Seed of all names and of the order
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Folder of the run; reports/<run id> when missing
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Tell what changed since the run in this folder, too: diff.json, diff.html, and in summary.md
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// What is excused for a while (docs/read-a-report.md); waived is never conformant
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// Begin no scenario after the first that does not pass
    #[arg(long)]
    fail_fast: bool,
    /// Tell only what is no pass, and the verdict
    #[arg(long)]
    quiet: bool,
    /// Show what would run and why not, and run nothing
    #[arg(long)]
    plan: bool,
}

/// Options of `list`.
#[derive(Debug, Args)]
struct ListArgs {
    /// What to show
    what: Listed,
    /// How to show it
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Listed {
    /// What the paper asks, and the test purposes that show it
    Requirements,
    /// What can be run
    Scenarios,
    /// The sentences of which scenarios are made
    Steps,
    /// The rules by which is judged
    Rules,
    /// The interpretation ledger
    Interpretations,
    /// The seeded faults, and the targets that are none
    Faults,
    /// The questions of a statement, with what each answer means and switches
    Questions,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Options of `coverage`.
#[derive(Debug, Args)]
struct CoverageArgs {
    /// Write index.html, ets.html, traceability.html, traceability.csv and coverage.json into this folder
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// How to show it
    #[arg(long, default_value = "text")]
    format: Shown,
    /// The coverage that is kept, and that this one has to equal; the one in the program where there is no such file
    #[arg(long, value_name = "FILE", default_value = "reports/baseline/coverage.json")]
    baseline: PathBuf,
    /// Keep this coverage as the baseline from now on
    #[arg(long)]
    renew: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shown {
    /// For people
    Text,
    /// For programs
    Json,
    /// For tables
    Csv,
}

/// Options of `serve`.
#[derive(Debug, Args)]
struct ServeArgs {
    /// Which reference
    role: Served,
    /// Configuration; one that fits fixtures/targets/served.yaml or served_client.yaml when missing
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Be wrong on purpose: with a seeded fault, or as a target that is none (`list faults`)
    #[arg(long, value_name = "ID")]
    fault: Option<String>,
}

/// Options of `qualify`.
#[derive(Debug, Args)]
struct QualifyArgs {
    /// Only this fault or null target; may be given several times
    #[arg(long, value_name = "ID")]
    fault: Vec<String>,
    /// In virtual time with a sample over sockets, or all over sockets
    #[arg(long, default_value = "virtual")]
    link: Linked,
    /// Every fault before every scenario, and not before those of its own requirement and one in five of the others
    #[arg(long)]
    whole: bool,
    /// Folder for qualify.json and qualify.html
    #[arg(long, value_name = "DIR", default_value = "reports/qualify")]
    output: PathBuf,
}

/// Options of `validate`.
#[derive(Debug, Args)]
struct ValidateArgs {
    /// Captures (.pcap, .pcapng), message logs of SIPp, or messages as they are; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Profile of the element under test; then nobody else is judged
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Secrets of TLS as SSLKEYLOGFILE makes programs write them (1.2 and 1.3); read once, before the first packet
    #[arg(long, value_name = "FILE")]
    keylog: Option<PathBuf>,
    /// How to show it
    #[arg(long, default_value = "text")]
    format: Findings,
    /// Only this rule, or all whose names begin so up to a dot; may be given several times
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Not this rule, nor any whose name begins so up to a dot; may be given several times
    #[arg(long, value_name = "ID")]
    exclude: Vec<String>,
    /// Nothing below this level
    #[arg(long, default_value = "info")]
    level: AtLeast,
    /// How often each rule speaks, and not where
    #[arg(long)]
    summary: bool,
    /// Judge one capture while it is written, and tell what is found at once, as text or as JSON lines; Ctrl-C ends it
    #[arg(long, conflicts_with = "summary")]
    follow: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Findings {
    /// For people
    Text,
    /// For programs
    Json,
    /// For code forges and editors (SARIF 2.1.0)
    Sarif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AtLeast {
    /// Everything
    Info,
    /// What is against a recommendation, and worse
    Warning,
    /// What is against a demand
    Error,
}

/// What is done with the folder of a run.
#[derive(Debug, Subcommand)]
enum ReportCommand {
    /// Hold a report against its manifest and its own evidence: hashes, then every scenario judged again
    #[command(after_help = examples::VERIFY)]
    Verify(VerifyArgs),
    /// What changed from one run to a later one
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Join the reports of the parts of a run (run --shard) into one
    #[command(after_help = examples::MERGE)]
    Merge(MergeArgs),
    /// Sign the manifest of a report that is intact, with an Ed25519 key of yours
    Sign(SignArgs),
}

/// Options of `report verify`.
#[derive(Debug, Args)]
struct VerifyArgs {
    /// Folder of the run
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Ed25519 key in PEM of who has to have signed the report (see report sign)
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
}

/// Options of `report sign`. The key stays where it is: nothing of it is written into the folder.
#[derive(Debug, Args)]
struct SignArgs {
    /// Folder of the run
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Environment variable that names the file of the private key (PKCS#8 in PEM, as openssl writes it)
    #[arg(long, value_name = "NAME", required_unless_present = "key", conflicts_with = "key")]
    key_env: Option<String>,
    /// File of the private key
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Options of `report diff`.
#[derive(Debug, Args)]
struct DiffArgs {
    /// Folder of the earlier run
    #[arg(value_name = "A")]
    before: PathBuf,
    /// Folder of the later run
    #[arg(value_name = "B")]
    after: PathBuf,
    /// How to show it
    #[arg(long, default_value = "text")]
    format: Differences,
    /// End with 1 if anything got worse
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Differences {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a pull request
    Markdown,
    /// For a browser
    Html,
}

/// Options of `report merge`.
#[derive(Debug, Args)]
struct MergeArgs {
    /// Folders of the parts, each intact
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Folder of the whole
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Linked {
    /// In one process, time being a number
    Virtual,
    /// Processes behind real sockets
    Sockets,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Served {
    /// The participating function
    ParticipatingFunction,
    /// The client
    Client,
}

/// Runs the program.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing can be done about a closed terminal.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Fine.into() };
        }
    };
    match cli.command {
        Command::Run(arguments) => run::run(arguments),
        Command::List(arguments) => list::list(&arguments).into(),
        Command::Coverage(arguments) => coverage::coverage(&arguments).into(),
        Command::Init(arguments) => init::init(&arguments).into(),
        Command::Doctor(arguments) => doctor::doctor(&arguments).into(),
        Command::Serve(arguments) => serve::serve(&arguments).into(),
        Command::Qualify(arguments) => qualify::qualify(&arguments),
        Command::Validate(arguments) => validate::validate(&arguments).into(),
        Command::Report(command) => report::report(&command),
        Command::Completions(arguments) => completions::completions(&arguments).into(),
    }
}

/// Says why the program ends.
fn complain(why: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "cpm-conformance: {why}");
}

/// Prints a text whole. A reader that has gone away, such as `head`, is no error.
fn print(text: &str) -> Exit {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(error);
            Exit::Harness
        }
        _ => Exit::Fine,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
