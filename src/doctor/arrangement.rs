//! What a profile itself says that cannot work: two listeners at one address, addresses at which nobody finds the tester,
//! secrets that are not there, too few users.

use std::net::{IpAddr, SocketAddr};

use super::{Outcome, ways};
use crate::target::network::ActorName;
use crate::target::users::Class;
use crate::target::{Profile, Role};

/// So many plain users are drawn by a run of all features.
const PLAIN_USERS: usize = 400;

/// The listeners of the tester that a run opens, with the keys under which they stand.
pub(super) fn listeners(profile: &Profile) -> Vec<(ActorName, &'static str, SocketAddr)> {
    let others = [
        (ActorName::ChargingServer, "network.actors.charging_server", profile.charging_server_bind()),
        (ActorName::MessageStore, "network.actors.message_store", profile.message_store_bind()),
        (ActorName::PreferenceServer, "network.actors.preference_server", profile.preference_server_bind()),
    ];
    let name = profile.signalling_actor();
    let key = if name == ActorName::Client { "network.actors.client" } else { "network.actors.serving_cscf" };
    let cscf = (name, key, profile.serving_cscf_bind());
    let others = others.into_iter().filter_map(|(name, key, bind)| Some((name, key, bind?)));
    std::iter::once(cscf).chain(others).collect()
}

/// Whether two sockets would be one.
fn same(one: SocketAddr, other: SocketAddr) -> bool {
    let everywhere = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (one.ip() == other.ip() || everywhere)
}

/// No two listeners stand at one address, and none where the target listens.
pub(super) fn ports(profile: &Profile) -> Vec<Outcome> {
    let listeners = listeners(profile);
    let mut found = Vec::new();
    for (index, (_, key, bind)) in listeners.iter().enumerate() {
        for (_, other, _) in listeners.iter().take(index).filter(|(_, _, other)| same(*bind, *other)) {
            let cure = format!("give {key}.bind another port than {other}.bind");
            found.push(Outcome::fault("ports", key, format!("{bind} is also where {other} listens"), cure));
        }
        let targets = profile.network.target.sip.iter().filter_map(|own| own.address.to_string().parse().ok());
        for target in targets.filter(|target| same(*bind, *target)) {
            let cure = format!("give {key}.bind a port of its own: the target has {target}");
            found.push(Outcome::fault("ports", key, format!("{bind} is where the target listens"), cure));
        }
    }
    if found.is_empty() {
        found.push(Outcome::fine("ports", "network.actors", "every listener has a port of its own"));
    }
    found
}

/// Where the target is told to find the tester has to be an address at which it finds it. `way`: the address of the target,
/// and that of this machine on the way there.
pub(super) fn addresses(profile: &Profile, way: Option<(SocketAddr, IpAddr)>) -> Vec<Outcome> {
    let mut told: Vec<(ActorName, String, SocketAddr)> =
        listeners(profile).into_iter().map(|(name, key, bind)| (name, key.to_owned(), bind)).collect();
    if profile.role == Role::ParticipatingFunction && !profile.is_before_core() {
        let media = profile.network.actor(ActorName::Client).bind;
        told.push((ActorName::Client, "network.actors.client".to_owned(), media));
    }
    let mut found = Vec::new();
    for (name, key, bind) in told {
        let advertised = profile.network.actor(name).advertise.map(|own| own.to_string());
        let here = way.map_or_else(|| "an address of this machine".to_owned(), |(_, local)| local.to_string());
        let apart = way.is_some_and(|(target, _)| !target.ip().is_loopback());
        let other_family = way.is_some_and(|(target, _)| target.is_ipv4() != bind.is_ipv4());
        let outcome = match advertised {
            Some(advertised) => Outcome::fine("address", &key, format!("bound at {bind}, told as {advertised}")),
            None if bind.ip().is_unspecified() => Outcome::fault(
                "address",
                &key,
                format!("the target would be told {bind}, which is no address"),
                format!("set {key}.advertise to {here} and the port"),
            ),
            None if apart && bind.ip().is_loopback() => Outcome::fault(
                "address",
                &key,
                format!("no way back: the target is on another machine and would be told {bind}"),
                format!("set {key}.bind to {here}:{}, or {key}.advertise to where that is reached", bind.port()),
            ),
            None if other_family => Outcome::fault(
                "address",
                &key,
                format!("{bind} and the target are of different families of IP"),
                format!("set {key}.bind to {here}:{}", bind.port()),
            ),
            None if bind.port() == 0 && name == profile.signalling_actor() => Outcome::note(
                "address",
                &key,
                "a free port is taken in each run, which the target can know from Route alone",
                format!("set {key}.bind to a port that the target is told, such as {here}:5070"),
            ),
            None if bind.port() == 0 => {
                Outcome::fine("address", &key, format!("told as {}, each time with another port", bind.ip()))
            }
            None => Outcome::fine("address", &key, format!("told as {bind}")),
        };
        found.push(outcome);
    }
    found.extend(behind(profile));
    found
}

/// Actors that have no socket of their own, and that the profile gives one.
fn behind(profile: &Profile) -> Vec<Outcome> {
    const BEHIND: [(ActorName, &str); 4] = [
        (ActorName::ControllingFunction, "network.actors.controlling_function"),
        (ActorName::RemoteParticipatingFunction, "network.actors.remote_participating_function"),
        (ActorName::InterworkingFunction, "network.actors.interworking_function"),
        (ActorName::PresenceServer, "network.actors.presence_server"),
    ];
    let cscf = profile.serving_cscf_bind();
    let advertised = profile.serving_cscf_advertise(cscf);
    let given = BEHIND.into_iter().filter_map(|(name, key)| Some((profile.network.actors.get(&name)?, key)));
    given
        .filter_map(|(own, key)| {
            let bind = Some(own.bind).filter(|bind| bind.port() != 0 && *bind != cscf).map(|bind| bind.to_string());
            let told = own.advertise.as_ref().map(ToString::to_string).filter(|told| *told != advertised);
            Some(ways::unused(key, &told.or(bind)?, &advertised))
        })
        .collect()
}

/// Environment variables that the profile names have to be set.
pub(super) fn secrets(profile: &Profile, is_set: impl Fn(&str) -> bool) -> Vec<Outcome> {
    let checked = |(key, name): (&'static str, String)| match is_set(&name) {
        true => Outcome::fine("secret", key, format!("{name} is set")),
        false => Outcome::fault("secret", key, format!("{name} is not set"), format!("export {name}=...")),
    };
    profile.secret_variables().into_iter().map(checked).collect()
}

/// Scenarios draw users and never give them back.
pub(super) fn users(profile: &Profile) -> Outcome {
    let plain = profile.users(Class::Plain).len();
    let seen = format!("{plain} users of the class plain");
    if profile.role == Role::Client || plain >= PLAIN_USERS {
        return Outcome::fine("users", "network.users", seen);
    }
    let cure = format!("prepare about {PLAIN_USERS}; what finds none left is inconclusive");
    Outcome::note("users", "network.users", seen, cure)
}
