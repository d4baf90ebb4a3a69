//! `report`: what is done with the folder of a run that is over.

use std::process::ExitCode;

use super::{Exit, ReportCommand, VerifyArgs, complain, print};
use crate::verification::{self, Verified};

/// So many differences are told; more say nothing new.
const MOST: usize = 50;

/// The command.
pub(super) fn report(command: &ReportCommand) -> ExitCode {
    match command {
        ReportCommand::Verify(arguments) => verify(arguments),
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
