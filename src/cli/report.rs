//! `report`: what is done with the folder of a run that is over.

use std::process::ExitCode;

use super::{DiffArgs, Differences, Exit, MergeArgs, ReportCommand, SignArgs, VerifyArgs, complain, print};
use crate::report::comparison::{Run, compare};
use crate::report::console::{Console, Progress};
use crate::report::signature::{Key, NoKey, PublicKey};
use crate::report::style::Style;
use crate::report::{self, Event, Reporter as _};
use crate::verification::{self, NotSigned, Verified};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// So many differences are told; more say nothing new.
const MOST: usize = 50;

/// The command.
pub(super) fn report(command: &ReportCommand) -> ExitCode {
    match command {
        ReportCommand::Verify(arguments) => verify(arguments).unwrap_or_else(refused).into(),
        ReportCommand::Merge(arguments) => merge(arguments),
        ReportCommand::Diff(arguments) => diff(arguments).into(),
        ReportCommand::Sign(arguments) => sign(arguments).unwrap_or_else(refused).into(),
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
        Differences::Html => comparison.page(),
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

fn verify(arguments: &VerifyArgs) -> Result<Exit, String> {
    let folder = &arguments.folder;
    let verified = match &arguments.public_key {
        Some(file) => verification::verify_signed(folder, &key(file, PublicKey::read)?),
        None => verification::verify(folder),
    };
    let verified = verified.map_err(|why| why.to_string())?;
    print(&told(&verified));
    Ok(if verified.differences.is_empty() { Exit::Fine } else { Exit::Wrong })
}

fn sign(arguments: &SignArgs) -> Result<Exit, String> {
    let file = match (&arguments.key, &arguments.key_env) {
        (Some(file), _) => file.clone(),
        (None, Some(name)) => std::env::var_os(name).map(PathBuf::from).ok_or_else(|| {
            format!("the environment has no variable {name}; it has to name the file of the private key")
        })?,
        (None, None) => return Err("there is neither --key-env nor --key".to_owned()),
    };
    let within = |folder: &Path| Some(fs::canonicalize(&file).ok()?.starts_with(fs::canonicalize(folder).ok()?));
    if within(&arguments.folder) == Some(true) {
        return Err(format!(
            "{} lies in the folder of the report, which is given away; keep it elsewhere",
            file.display()
        ));
    }
    let key = key(&file, Key::read)?;
    match verification::sign(&arguments.folder, &key) {
        Ok(verified) => {
            let verdict = verified.verdict.map_or("nothing", |verdict| verdict.as_str());
            Ok(print(&format!("manifest.sig: signed by {}; the evidence comes to: {verdict}\n", key.public())))
        }
        Err(why @ (NotSigned::Altered { .. } | NotSigned::Output(_))) => {
            complain(format!("{}: {why}", arguments.folder.display()));
            Ok(Exit::Wrong)
        }
        Err(NotSigned::NoReport(why)) => Err(why.to_string()),
    }
}

/// Reads a key from a file, which is never written anywhere.
fn key<K>(file: &Path, read: fn(&[u8]) -> Result<K, NoKey>) -> Result<K, String> {
    let text = fs::read(file).map_err(|why| format!("{}: {why}", file.display()))?;
    read(&text).map_err(|why| format!("{}: {why}", file.display()))
}

fn refused(why: String) -> Exit {
    complain(why);
    Exit::Usage
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
