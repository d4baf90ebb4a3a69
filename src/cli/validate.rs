//! `validate`: judges captures and messages.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;

use super::{AtLeast, Exit, Findings, ValidateArgs, complain, print};
use crate::report::style::Style;
use crate::rules;
use crate::target::Profile;
use crate::validate::{self, Input, Known, Level, Options, Shown, Validated};

/// The command.
pub(super) fn validate(arguments: &ValidateArgs) -> Exit {
    let options = match options(arguments) {
        Ok(options) => options,
        Err(why) => {
            complain(why);
            return Exit::Usage;
        }
    };
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
    })
}

/// The addresses of the element under test, and what else its profile says of it.
fn target(path: &Path) -> Result<(Vec<SocketAddr>, Known), String> {
    let profile = Profile::load(path).map_err(|error| error.to_string())?;
    let sip = profile.network.target.sip.iter().map(|sip| sip.address.clone());
    let named: Vec<_> = sip.chain(profile.msrp_addresses()).collect();
    let resolved: Vec<SocketAddr> =
        named.iter().filter_map(|own| (own.host.as_str(), own.port).to_socket_addrs().ok()).flatten().collect();
    if resolved.is_empty() {
        return Err(format!("{}: no address of network.target can be resolved", path.display()));
    }
    Ok((resolved, Known::of(&profile)))
}
