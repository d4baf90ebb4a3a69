//! `report`: what is done with the folder of a run that is over.

use std::process::ExitCode;

use super::{DiffArgs, Differences, Exit, MergeArgs, ReportCommand, VerifyArgs, complain, print};
use crate::report::comparison::{Run, compare};
use crate::report::console::{Console, Progress};
use crate::report::style::Style;
use crate::report::{self, Event, Reporter as _};
use crate::verification::{self, Verified};
use std::io;

/// So many differences are told; more say nothing new.
const MOST: usize = 50;

/// The command.
pub(super) fn report(command: &ReportCommand) -> ExitCode {
    match command {
        ReportCommand::Verify(arguments) => verify(arguments),
        ReportCommand::Merge(arguments) => merge(arguments),
        ReportCommand::Diff(arguments) => diff(arguments).into(),
    }
}

/// So many lines of each sort of change stand in Markdown.
const LINES: usize = 10;

fn diff(arguments: &DiffArgs) -> Exit {
    let read = || Ok((Run::read(&arguments.before)?, Run::read(&arguments.after)?));
    let comparison = match read().map(|(before, after)| compare(&before, &after)) {
        Ok(comparison) => comparison,
        Err::<_, crate::report::comparison::NoRun>(why) => {
            complain(why);
            return Exit::Usage;
        }
    };
    let told = match arguments.format {
        Differences::Text => comparison.text(),
        Differences::Markdown => comparison.markdown(LINES),
        Differences::Json => match serde_json::to_string_pretty(&comparison) {
            Ok(json) => json + "\n",
            Err(why) => {
                complain(why);
                return Exit::Harness;
            }
        },
    };
    match print(&told) {
        Exit::Fine if arguments.exit_code && comparison.is_worse() => Exit::Wrong,
        printed => printed,
    }
}

fn merge(arguments: &MergeArgs) -> ExitCode {
    match verification::merge(&arguments.folders, &arguments.output) {
        Ok(results) => {
            let code = report::exit_code(&results);
            let mut console = Console::new(io::stdout(), Style::of_stdout(), Progress::of_terminal(true));
            // A reader that has gone away is told by the exit code.
            let _ = console.event(&Event::RunFinished(Box::new(results)));
            print(&format!("reports in {}\n", arguments.output.display()));
            ExitCode::from(code)
        }
        Err(why) => {
            complain(why);
            Exit::Usage.into()
        }
    }
}

fn verify(arguments: &VerifyArgs) -> ExitCode {
    match verification::verify(&arguments.folder) {
        Ok(verified) => {
            print(&told(&verified));
            if verified.differences.is_empty() { Exit::Fine.into() } else { Exit::Wrong.into() }
        }
        Err(why) => {
            complain(why);
            Exit::Usage.into()
        }
    }
}

fn told(verified: &Verified) -> String {
    let Verified { files, scenarios, verdict, differences, remarks } = verified;
    let mut lines: Vec<String> = differences.iter().take(MOST).map(ToString::to_string).collect();
    if let Some(more) = differences.len().checked_sub(MOST).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    lines.extend(remarks.iter().map(|remark| format!("note: {remark}")));
    let verdict = verdict.map_or("nothing", |verdict| verdict.as_str());
    let scope = format!("{files} files, {scenarios} scenarios judged again");
    lines.push(match differences.len() {
        0 => format!("intact: {scope}; the evidence comes to: {verdict}"),
        found => format!("NOT INTACT: {found} differences; {scope}; the evidence comes to: {verdict}"),
    });
    lines.join("\n") + "\n"
}
