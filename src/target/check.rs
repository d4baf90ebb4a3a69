//! What the types of a profile do not say: which keys an external target needs, which values contradict others, which
//! files have to be there. Each fault has the place of the key that it is about.

use std::path::{Path, PathBuf};

use super::control::{PLACEHOLDERS, ProvisioningMode};
use super::neighbours::Player;
use super::network::ActorTransport;
use super::users::{self, Class, Pools, User, Users};
use super::{Profile, Role, Topology};
use crate::yaml::Step::{Item, Key};
use crate::yaml::{Fault, Step, locate};

fn fault(text: &str, path: &[Step<'_>], message: String, allowed: &[&str]) -> Fault {
    let (line, column) = locate(text, path);
    Fault { line, column, message, allowed: allowed.iter().map(|&word| word.to_owned()).collect() }
}

/// Joins users with their devices and sorts them into pools.
pub(super) fn pools(profile: &Profile, text: &str) -> Result<Pools, Fault> {
    let network = &profile.network;
    let users = match &network.users {
        Users::Listed(users) => users.clone(),
        Users::Generated(rule) => rule.users(&network.domain).map_err(|why| {
            fault(text, &[Key("network"), Key("users"), Key("pattern")], format!("network.users: {why}"), &[])
        })?,
    };
    for (index, user) in users.iter().enumerate() {
        if user.impu.is_empty() {
            let place = [Key("network"), Key("users"), Item(index), Key("impu")];
            return Err(fault(text, &place, format!("network.users[{index}].impu: at least one identity"), &[]));
        }
    }
    join(users, profile, text).map(users::pools)
}

fn join(mut users: Vec<User>, profile: &Profile, text: &str) -> Result<Vec<User>, Fault> {
    for (index, device) in profile.network.devices.iter().enumerate() {
        let Some(user) = users.iter_mut().find(|user| user.impu.contains(&device.user)) else {
            let place = [Key("network"), Key("devices"), Item(index), Key("user")];
            let message = format!("network.devices[{index}].user: {} is no user of network.users", device.user);
            return Err(fault(text, &place, message, &[]));
        };
        user.devices.push(device.clone());
    }
    if let Some(index) = users.iter().position(|user| user.devices.is_empty()) {
        let place = [Key("network"), Key("users"), Item(index)];
        let message = format!("network.users[{index}]: no device of this user stands in network.devices");
        return Err(fault(text, &place, message, &[]));
    }
    Ok(users)
}

/// What holds for every profile.
pub(super) fn values(profile: &Profile, text: &str) -> Result<(), Fault> {
    let network = &profile.network;
    let positive = [
        ("answer_ms", network.answer_ms),
        ("drain_ms", network.drain_ms),
        ("no_answer_ms", network.no_answer_ms),
        ("expiry_ms", network.expiry_ms),
        ("retry_ms", network.retry_ms),
        ("msrp_response_ms", network.msrp_response_ms),
        ("quiet_ms", network.quiet_ms),
    ];
    if let Some((key, _)) = positive.iter().find(|(_, value)| *value == 0) {
        return Err(fault(text, &[Key("network"), Key(key)], format!("network.{key}: has to be 1 or more"), &[]));
    }
    if network.session_expires_s < 90 {
        let message = format!(
            "network.session_expires_s: {} is less than 90, the least interval of RFC 4028 section 5",
            network.session_expires_s
        );
        return Err(fault(text, &[Key("network"), Key("session_expires_s")], message, &[]));
    }
    statement(profile, text)?;
    hooks(profile, text)?;
    provisioning(profile, text)
}

/// Nothing is guessed: what an element of this role is asked, it answers.
fn statement(profile: &Profile, text: &str) -> Result<(), Fault> {
    let missing = profile.statement.unanswered(profile.role);
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("statement: missing key `{}`", missing.join("`, `"));
    Err(fault(text, &[Key("statement")], message, &[]))
}

fn hooks(profile: &Profile, text: &str) -> Result<(), Fault> {
    for (key, hook) in profile.control.hooks() {
        if let Some(name) = hook.unknown_placeholder() {
            let message = format!("control.{key}: nothing is known to be filled in for {{{name}}}");
            return Err(fault(text, &[Key("control"), Key(key), Key(hook.key())], message, &PLACEHOLDERS));
        }
    }
    Ok(())
}

fn provisioning(profile: &Profile, text: &str) -> Result<(), Fault> {
    let provisioning = &profile.provisioning;
    // Where the tester serves the documents itself, it writes them to nobody else.
    let serves = profile.network.xcap.mode == Player::Tester;
    let missing = match provisioning.mode {
        ProvisioningMode::Xcap if provisioning.url.is_none() && !serves => "url",
        ProvisioningMode::Http if provisioning.url.is_none() => "url",
        ProvisioningMode::Exec if provisioning.command.is_none() => "command",
        _ => return Ok(()),
    };
    Err(fault(text, &[Key("provisioning")], format!("provisioning: missing key `{missing}` for this mode"), &[]))
}

/// Before a real core, the tester has to know where that is, and no client is under test.
fn before_core(profile: &Profile, text: &str) -> Result<(), Fault> {
    if profile.topology != Topology::ImsCore {
        return Ok(());
    }
    if profile.role == Role::Client {
        let message = "topology: before a real core a participating function is tested, and no client".to_owned();
        return Err(fault(text, &[Key("topology")], message, &["isc_direct", "capture_only"]));
    }
    if profile.core_entry().is_none() {
        let message = "network.isc.route: in the topology ims_core the entry of the core, as <sip:host:port;lr>";
        return Err(fault(text, &[Key("network"), Key("isc"), Key("route")], message.to_owned(), &[]));
    }
    Ok(())
}

/// What an external target needs beside.
pub(super) fn external(profile: &Profile, text: &str) -> Result<(), Fault> {
    if profile.topology == Topology::CaptureOnly {
        return Ok(());
    }
    let network = &profile.network;
    before_core(profile, text)?;
    // A client comes to the tester by itself, as it would to its network.
    if network.target.sip.is_empty() && profile.role == Role::ParticipatingFunction {
        let message = "network.target: missing key `sip`, where requests to the target go, as host:port".to_owned();
        return Err(fault(text, &[Key("network"), Key("target"), Key("sip")], message, &[]));
    }
    if network.psi.factory.is_none() {
        let message = "network.psi: missing key `factory`, the conference factory of group sessions".to_owned();
        return Err(fault(text, &[Key("network"), Key("psi")], message, &[]));
    }
    if profile.users(Class::Plain).is_empty() {
        let message = "network: missing key `users`, with at least one user of the class plain".to_owned();
        return Err(fault(text, &[Key("network"), Key("users")], message, &[]));
    }
    for (name, actor) in &network.actors {
        if actor.tls != (actor.transport == ActorTransport::Tls) {
            let word = serde_json::to_value(name).ok().and_then(|name| name.as_str().map(str::to_owned));
            let word = word.unwrap_or_default();
            let message = format!("network.actors.{word}: tls and transport contradict each other");
            return Err(fault(text, &[Key("network"), Key("actors"), Key(&word)], message, &[]));
        }
    }
    Ok(())
}

/// Files that the profile names: looked up beside it, and they have to be there.
pub(super) fn files(profile: &mut Profile, text: &str, folder: &Path) -> Result<(), Fault> {
    let network = &mut profile.network;
    // It need not be there: it is written for the vendor's resolver.
    if let Some(zone) = &mut network.dns.zone {
        *zone = folder.join(&*zone);
    }
    let mut named: Vec<(Vec<Step<'_>>, &mut PathBuf)> = Vec::new();
    let single = [
        (vec![Key("network"), Key("tls"), Key("ca")], &mut network.tls.ca),
        (vec![Key("network"), Key("tls"), Key("certificate")], &mut network.tls.certificate),
        (
            vec![Key("network"), Key("isc"), Key("third_party_register"), Key("service_info")],
            &mut network.isc.third_party_register.service_info,
        ),
        (vec![Key("network"), Key("charging"), Key("vsa")], &mut network.charging.vsa),
    ];
    named.extend(single.into_iter().filter_map(|(place, file)| file.as_mut().map(|file| (place, file))));
    let captures = network.captures.iter_mut().enumerate();
    named.extend(captures.map(|(index, file)| (vec![Key("network"), Key("captures"), Item(index)], file)));
    for (place, file) in named {
        let found = folder.join(&*file);
        if !found.is_file() {
            let message = format!("the file {} does not exist", found.display());
            return Err(fault(text, &place, message, &[]));
        }
        *file = found;
    }
    Ok(())
}
