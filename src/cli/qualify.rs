//! `qualify`: the suite on trial, and the kill matrix.

use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;

use super::{Exit, Linked, QualifyArgs, complain, print};
use crate::qualify::{self, Case, Qualification, Row};
use crate::report::style::Style;
use crate::run::LinkKind;
use crate::stage::trial::Subject;
use crate::verdict::Outcome;

/// The command.
pub(super) fn qualify(arguments: &QualifyArgs) -> ExitCode {
    let cases = match cases(arguments) {
        Ok(cases) => cases,
        Err(why) => {
            complain(why);
            return Exit::Usage.into();
        }
    };
    let style = Style::of_stdout();
    let (told, rows) = mpsc::channel::<Row>();
    let telling = std::thread::spawn(move || rows.iter().for_each(|row| tell(style, &row)));
    let done = qualify::qualify(cases, std::env::current_exe().ok(), &told);
    drop(told);
    // It ends with the channel.
    let _ = telling.join();
    match done {
        Ok(whole) => close(&whole, &arguments.output),
        Err(why) => {
            complain(why);
            Exit::Harness.into()
        }
    }
}

/// Of the scenarios of other requirements a fault meets one in so many.
const ONE_OF: u64 = 5;

/// What is to be tried: everything, or the faults that are named.
fn cases(arguments: &QualifyArgs) -> Result<Vec<Case>, String> {
    let link = arguments.link.into();
    if !arguments.fault.is_empty() {
        let control = Case::new(Subject::Reference, link, false);
        let named = arguments.fault.iter().map(|id| {
            let subject = Subject::named(id);
            let subject =
                subject.ok_or_else(|| format!("--fault {id}: there is none; `list faults` shows what there is"));
            Ok(Case::new(subject?, link, false))
        });
        return std::iter::once(Ok(control)).chain(named).collect();
    }
    match qualify::everything(link) {
        cases if arguments.whole => Ok(cases),
        cases => qualify::narrowed(cases, ONE_OF).map_err(|error| error.to_string()),
    }
}

fn tell(style: Style, row: &Row) {
    let (outcome, word, text) = match row {
        Row::Control(control) => {
            let fine = if control.troubles.is_empty() { Outcome::Pass } else { Outcome::Error };
            (fine, "control", format!("the reference without a fault passes {} scenarios", control.passed))
        }
        Row::Fault(fault) => {
            let outcome = if fault.killed && fault.right_requirement { Outcome::Pass } else { Outcome::Fail };
            let word = if fault.killed { "seen" } else { "NOT SEEN" };
            let by =
                if fault.killed_by.is_empty() { String::new() } else { format!("  by {}", fault.killed_by.join(" ")) };
            (outcome, word, format!("{} {}{by}", fault.requirement, fault.id))
        }
        Row::Null(null) => {
            let outcome = if null.passed == 0 { Outcome::Pass } else { Outcome::Fail };
            (outcome, "null", format!("{} passes {} scenarios", null.id, null.passed))
        }
    };
    print(&format!("{} {text}\n", style.outcome(outcome, &format!("{word:<8}"))));
}

/// Writes what was found, says it in a few lines, and ends the program with it.
fn close(whole: &Qualification, folder: &Path) -> ExitCode {
    if let Err(why) = write(whole, folder) {
        complain(format!("cannot write {}: {why}", folder.display()));
        return Exit::Usage.into();
    }
    let (errors, complaints) = (whole.errors(), whole.complaints());
    let killed = whole.faults.iter().filter(|fault| fault.killed).count();
    let right = whole.faults.iter().filter(|fault| fault.right_requirement).count();
    print(&format!(
        "{killed} of {} faults are seen, the right requirement is named for {right}; {} targets that are none pass nothing\n\
         matrix in {}\n",
        whole.faults.len(),
        whole.null_targets.iter().filter(|null| null.passed == 0).count(),
        folder.join("qualify.html").display()
    ));
    errors.iter().chain(&complaints).for_each(complain);
    match (errors.is_empty(), complaints.is_empty()) {
        (false, _) => Exit::Harness.into(),
        (true, false) => ExitCode::from(1),
        (true, true) => Exit::Fine.into(),
    }
}

fn write(whole: &Qualification, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut json = serde_json::to_string_pretty(whole)?;
    json.push('\n');
    std::fs::write(folder.join("qualify.json"), json)?;
    std::fs::write(folder.join("qualify.html"), qualify::page(whole, &|id| Subject::what(id).to_owned()))
}

impl From<Linked> for LinkKind {
    fn from(link: Linked) -> LinkKind {
        match link {
            Linked::Virtual => LinkKind::Virtual,
            Linked::Sockets => LinkKind::Sockets,
        }
    }
}
