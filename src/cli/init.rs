//! `init`: a profile from what is given by options and, on a terminal, by answers.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Served, complain, print};
use crate::setup::{self, Asking, Known, SetupError};
use crate::target::Role;
use crate::target::address::SipAddress;

/// Options of `init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The profile to write
    file: PathBuf,
    /// Which side of CPM is under test
    #[arg(long, default_value = "participating-function")]
    role: Served,
    /// Name of the product
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Who makes it
    #[arg(long, value_name = "TEXT")]
    vendor: Option<String>,
    /// Its version
    #[arg(long, value_name = "TEXT")]
    product_version: Option<String>,
    /// Home domain of the served users
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Where SIP requests to the target go: HOST:PORT, or HOST:PORT/udp, /tcp, /tls; may be given several times
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    sip: Vec<String>,
    /// Where its media come from; may be given several times
    #[arg(long, value_name = "HOST:PORT")]
    msrp: Vec<String>,
    /// Where the tester's serving CSCF listens, as the target is told
    #[arg(long, value_name = "ADDRESS:PORT")]
    serving_cscf: Option<SocketAddr>,
    /// Users by a pattern, such as 'sip:{class}-{n}@{domain}', instead of a list
    #[arg(long, value_name = "PATTERN")]
    users: Option<String>,
    /// How many users of each class the pattern makes
    #[arg(long, value_name = "N", default_value_t = 400, requires = "users")]
    of_each_class: u64,
    /// Any other key, by its way: network.answer_ms=8000, statement.drain_order=datetime; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Ask nothing, even on a terminal
    #[arg(long)]
    no_questions: bool,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

fn address(text: &str) -> Result<String, String> {
    text.parse::<SipAddress>().map(|_| text.to_owned())
}

/// The command.
pub(super) fn init(arguments: &InitArgs) -> Exit {
    if arguments.file.exists() && !arguments.force {
        complain(format!("{} is there already; --force replaces it", arguments.file.display()));
        return Exit::Usage;
    }
    match text(arguments) {
        Ok(text) => match write(&arguments.file, &text, arguments.force) {
            Ok(()) => print(&format!(
                "wrote {0}\nnext: look at what stands there, and then: cpm-conformance doctor {0}\n",
                arguments.file.display()
            )),
            Err(error) => {
                complain(format!("{}: {error}", arguments.file.display()));
                Exit::Usage
            }
        },
        Err(why @ SetupError::Features(_)) => {
            complain(why);
            Exit::Harness
        }
        Err(why) => {
            complain(why);
            Exit::Usage
        }
    }
}

fn text(arguments: &InitArgs) -> Result<String, SetupError> {
    let role = match arguments.role {
        Served::ParticipatingFunction => Role::ParticipatingFunction,
        Served::Client => Role::Client,
    };
    let mut known = given(arguments, role)?;
    if !arguments.no_questions && io::stdin().is_terminal() {
        let mut asking = Asking { input: io::stdin().lock(), output: io::stdout().lock() };
        setup::interview(&mut asking, role, &mut known)?;
    }
    setup::written(role, &known)
}

fn given(arguments: &InitArgs, role: Role) -> Result<Known, SetupError> {
    let mut known = Known::default();
    let texts = [
        ("name", &arguments.name),
        ("vendor", &arguments.vendor),
        ("version", &arguments.product_version),
        ("network.domain", &arguments.domain),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            known.put(key, value.as_str().into());
        }
    }
    if let Some(domain) = &arguments.domain {
        known.put("network.psi.factory", format!("sip:conference-factory@{domain}").into());
    }
    for (key, values) in [("network.target.sip", &arguments.sip), ("network.target.msrp", &arguments.msrp)] {
        if !values.is_empty() {
            known.put(key, values.as_slice().into());
        }
    }
    if let Some(address) = arguments.serving_cscf {
        known.put("network.actors.serving_cscf.bind", address.to_string().into());
        // Devices, focus and stores take media and charging where the serving CSCF is, unless told otherwise.
        known.put("network.actors.client.bind", SocketAddr::new(address.ip(), 0).to_string().into());
    }
    if let Some(pattern) = &arguments.users {
        known.put_pattern(pattern, arguments.of_each_class, role);
    }
    for given in &arguments.set {
        known.put_text(given)?;
    }
    Ok(known)
}

/// Writes a new file, or with `over` any.
fn write(path: &Path, text: &str, over: bool) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    let options = if over { options.create(true).truncate(true) } else { options.create_new(true) };
    options.open(path)?.write_all(text.as_bytes())
}
