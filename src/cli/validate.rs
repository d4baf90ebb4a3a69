//! `validate`: judges captures and messages.

use std::net::SocketAddr;
use std::path::Path;
use std::task::Poll;

use super::{AtLeast, Exit, Findings, ValidateArgs, complain, print};
use crate::report::style::Style;
use crate::rules;
use crate::target::Profile;
use crate::validate::{self, Found, Input, KeyLog, Known, Level, Options, Shown, Stop, Validated};

/// The command.
pub(super) fn validate(arguments: &ValidateArgs) -> Exit {
    let options = match options(arguments) {
        Ok(options) => options,
        Err(why) => {
            complain(why);
            return Exit::Usage;
        }
    };
    if arguments.follow {
        return match arguments.files.as_slice() {
            _ if matches!(arguments.format, Findings::Sarif) => {
                complain("--follow tells what it finds as text or as JSON lines; SARIF is one document");
                Exit::Usage
            }
            [name] => follow(&Input::named(name), &options, arguments.format),
            _ => {
                complain("--follow takes one file");
                Exit::Usage
            }
        };
    }
    let judged: Vec<Validated> =
        arguments.files.iter().map(|name| validate::validate(&Input::named(name), &options)).collect();
    let shown = if arguments.summary { Shown::Summary } else { Shown::Findings };
    let printed = match arguments.format {
        Findings::Text => print(&validate::text(&judged, shown, Style::of_stdout())),
        Findings::Json => print(&format!("{:#}\n", validate::json(&judged))),
        Findings::Sarif => print(&format!("{:#}\n", validate::sarif(&judged))),
    };
    for file in judged.iter().filter(|file| !matches!(arguments.format, Findings::Text) && file.error.is_some()) {
        complain(format!("{}: {}", file.file, file.error.as_deref().unwrap_or_default()));
    }
    ended(printed, &judged)
}

/// Judges a capture until it ends, or the user ends it.
fn follow(input: &Input, options: &Options, format: Findings) -> Exit {
    let stop = Stop::default();
    let (name, style) = (input.name(), Style::of_stdout());
    let told = |found: &[Found]| match format {
        Findings::Text => validate::told(&name, found, style),
        Findings::Json | Findings::Sarif => validate::lines(found),
    };
    stops_on_interrupt(stop.clone());
    let mut printed = Exit::Fine;
    let judged = validate::follow(input, options, &stop, &mut |found| {
        if !found.is_empty() {
            printed = print(&told(found));
        }
        if printed != Exit::Fine {
            stop.stop();
        }
    });
    let judged = [judged];
    if printed == Exit::Fine {
        printed = match format {
            Findings::Text => print(&validate::text(&judged, Shown::End, style)),
            Findings::Json | Findings::Sarif => print(&judged.iter().map(validate::last_line).collect::<String>()),
        };
    }
    ended(printed, &judged)
}

/// Ctrl-C lets what came so far be judged to its end. Where that cannot be asked for, it ends the program at once.
fn stops_on_interrupt(stop: Stop) {
    let (armed, arming) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let interrupted = runtime.block_on(async move {
            let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
            // Looked at once, it is in force; nobody is told anything before.
            let at_once = futures::poll!(&mut interrupt);
            drop(armed);
            match at_once {
                Poll::Ready(interrupted) => interrupted,
                Poll::Pending => interrupt.await,
            }
        });
        if interrupted.is_ok() {
            stop.stop();
        }
    });
    // It says nothing, and ends when that is so.
    let _ended = arming.recv();
}

/// How the program ends after this was printed of these.
fn ended(printed: Exit, judged: &[Validated]) -> Exit {
    match printed {
        Exit::Fine if judged.iter().any(|file| file.of(Level::Error) > 0) => Exit::Wrong,
        // A file that was cut short was judged as far as it goes; one that says nothing at all was not judged.
        Exit::Fine if judged.iter().any(Validated::is_unreadable) => Exit::Usage,
        other => other,
    }
}

fn options(arguments: &ValidateArgs) -> Result<Options, String> {
    let known = rules::base::catalogue();
    let beginnings = |own: &&str, pattern: &str| {
        own.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let ids: Vec<&str> =
        known.iter().map(|rule| rule.id).chain(rules::catalogue().iter().map(|rule| rule.id)).collect();
    for (option, pattern) in arguments
        .rule
        .iter()
        .map(|rule| ("--rule", rule))
        .chain(arguments.exclude.iter().map(|rule| ("--exclude", rule)))
    {
        if !ids.iter().any(|id| beginnings(id, pattern)) {
            return Err(format!("{option} {pattern}: there is no such rule; `list rules` shows what there is"));
        }
    }
    let (target, known) = match &arguments.target {
        Some(path) => target(path).map(|(addresses, known)| (addresses, Some(known)))?,
        None => (Vec::new(), None),
    };
    Ok(Options {
        rules: arguments.rule.clone(),
        exclude: arguments.exclude.clone(),
        level: match arguments.level {
            AtLeast::Info => Level::Info,
            AtLeast::Warning => Level::Warning,
            AtLeast::Error => Level::Error,
        },
        target,
        known,
        secrets: arguments.keylog.as_deref().map(secrets).transpose()?.unwrap_or_default(),
        threads: None,
    })
}

/// The secrets that a key log holds.
fn secrets(path: &Path) -> Result<KeyLog, String> {
    let file = std::fs::read(path).map_err(|error| format!("--keylog {}: {error}", path.display()))?;
    KeyLog::read(&file).map_err(|error| format!("--keylog {}: {error}", path.display()))
}

/// The addresses of the element under test, and what else its profile says of it.
fn target(path: &Path) -> Result<(Vec<SocketAddr>, Known), String> {
    let profile = Profile::load(path).map_err(|error| error.to_string())?;
    let resolved = profile.resolved_addresses();
    if resolved.is_empty() {
        return Err(format!("{}: no address of network.target can be resolved", path.display()));
    }
    Ok((resolved, Known::of(&profile)))
}
