//! The names of the tester as zones of DNS (RFC 1035 section 5), for a target that resolves them: domains of SIP by NAPTR and SRV
//! (RFC 3263, RFC 3403, RFC 2782), charging by the same (RFC 6733 section 5.2), hosts by A and AAAA, telephone numbers by ENUM
//! (RFC 6116). One zone is one file, since a resolver loads it as such.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use crate::target::Profile;
use crate::target::network::ActorName;

/// The first line of a file that is written here: another one is left alone.
pub(super) const MARK: &str = "; Written by `cpm-conformance doctor` from the profile of a target.";
/// The other network of every scenario, each of which has a domain of its own below it.
const REMOTE: &str = "remote.example";
const ENUM: &str = "e164.arpa";

/// What a name has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// An address.
    Address(IpAddr),
    /// Where a service is: port and host.
    Service(u16, String),
    /// Where to ask on: order, flag, service, replacement.
    Pointer(u16, &'static str, String),
    /// The URI of a telephone number.
    Uri(String),
}

/// One record; names are whole and without the last dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The name.
    pub name: String,
    /// What it has.
    pub data: Data,
}

impl Entry {
    /// The type of the record.
    pub(super) const fn kind(&self) -> &'static str {
        match self.data {
            Data::Address(IpAddr::V4(_)) => "A",
            Data::Address(IpAddr::V6(_)) => "AAAA",
            Data::Service(..) => "SRV",
            Data::Pointer(..) | Data::Uri(_) => "NAPTR",
        }
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Data::Address(address) => write!(f, "{address}"),
            Data::Service(port, host) => write!(f, "10 10 {port} {host}."),
            Data::Pointer(order, service, replacement) => {
                write!(f, "{order} 50 \"s\" \"{service}\" \"\" {replacement}.")
            }
            Data::Uri(uri) => write!(f, "100 10 \"u\" \"E2U+sip\" \"!^.*$!{uri}!\" ."),
        }
    }
}

/// A zone: its name and what it holds beside SOA and NS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// The name.
    pub origin: String,
    /// What it holds.
    pub entries: Vec<Entry>,
}

impl Zone {
    /// The file.
    pub(super) fn text(&self, serial: u32) -> String {
        let Zone { origin, entries } = self;
        let mut text = format!(
            "{MARK}\n; Load it as the zone {origin} into the resolver of the target.\n$ORIGIN {origin}.\n$TTL 60\n\
             @ IN SOA ns.{origin}. hostmaster.{origin}. {serial} 3600 600 86400 60\n@ IN NS ns.{origin}.\n\
             ; Whoever loads the zone is its server: nobody is asked there.\nns IN A 127.0.0.1\n"
        );
        for entry in entries {
            text.push_str(&format!("{} IN {} {}\n", within(&entry.name, origin), entry.kind(), entry.data));
        }
        text
    }
}

/// A name as it stands below an origin.
fn within(name: &str, origin: &str) -> String {
    match name.strip_suffix(origin) {
        Some("") => "@".to_owned(),
        Some(below) if below.ends_with('.') => below.trim_end_matches('.').to_owned(),
        _ => format!("{name}."),
    }
}

fn is_below(name: &str, origin: &str) -> bool {
    name == origin || name.strip_suffix(origin).is_some_and(|rest| rest.ends_with('.'))
}

/// The host of an actor: its name, its address as far as one is known, its port.
struct Host {
    name: String,
    address: Option<IpAddr>,
    port: u16,
}

fn host(profile: &Profile, name: ActorName, label: &str) -> Host {
    let own = profile.network.actor(name);
    let bound = Some(own.bind.ip()).filter(|ip| !ip.is_unspecified());
    let fallback = format!("{label}.{}", profile.domain());
    match &own.advertise {
        None => Host { name: fallback, address: bound, port: own.bind.port() },
        Some(told) => match told.host.parse::<IpAddr>() {
            Ok(address) => Host { name: fallback, address: Some(address), port: told.port },
            Err(_) => Host { name: told.host.clone(), address: bound, port: told.port },
        },
    }
}

/// The zones of a profile, that of the home domain first.
pub(super) fn zones(profile: &Profile) -> Vec<Zone> {
    let home = profile.domain();
    let cscf = host(profile, profile.signalling_actor(), "serving-cscf");
    let mut zones = vec![Zone { origin: home.clone(), entries: Vec::new() }];
    for domain in domains(profile) {
        add(&mut zones, &domain, sip(&domain, &domain, &cscf));
    }
    add(&mut zones, REMOTE, sip(REMOTE, &format!("*.{REMOTE}"), &cscf));
    let mut hosts = vec![cscf];
    if let Some(bind) = profile.charging_server_bind() {
        let own = host(profile, ActorName::ChargingServer, "charging-server");
        let realm = profile.network.charging.realm.clone().unwrap_or_else(|| home.clone());
        let port = if own.port == 0 { bind.port() } else { own.port };
        let service = format!("_diameter._tcp.{realm}");
        let pointer = Data::Pointer(10, "aaa:diameter.tcp", service.clone());
        let at = Data::Service(port, own.name.clone());
        let entries = vec![Entry { name: realm.clone(), data: pointer }, Entry { name: service, data: at }];
        add(&mut zones, &realm, if port == 0 { Vec::new() } else { entries });
        hosts.push(own);
    }
    let plays = [
        (profile.message_store_bind().is_some(), ActorName::MessageStore, "message-store"),
        (profile.preference_server_bind().is_some(), ActorName::PreferenceServer, "preference-server"),
        (profile.is_intercepted(), ActorName::MediationFunction, "mediation-function"),
        (!profile.is_before_core(), ActorName::Client, "media"),
    ];
    hosts.extend(plays.into_iter().filter(|(plays, ..)| *plays).map(|(_, name, label)| host(profile, name, label)));
    for Host { name, address, .. } in hosts {
        let entry = address.map(|address| Entry { name: name.clone(), data: Data::Address(address) });
        // A host elsewhere is in a zone of somebody else's.
        if zones.iter().any(|zone| is_below(&name, &zone.origin)) {
            add(&mut zones, &name, entry.into_iter().collect());
        }
    }
    zones.extend(numbers(profile));
    zones
}

/// Domains of SIP that the tester stands for.
fn domains(profile: &Profile) -> BTreeSet<String> {
    let others = profile.network.actors.values().filter_map(|own| own.domain.clone());
    others.chain([profile.domain()]).collect()
}

/// Puts entries into the zone that holds a name; a name of no zone has one of its own.
fn add(zones: &mut Vec<Zone>, name: &str, entries: Vec<Entry>) {
    match zones.iter_mut().find(|zone| is_below(name, &zone.origin)) {
        Some(zone) => {
            for entry in entries {
                if !zone.entries.contains(&entry) {
                    zone.entries.push(entry);
                }
            }
        }
        None => zones.push(Zone { origin: name.to_owned(), entries }),
    }
}

/// How SIP of a domain is found (RFC 3263 section 4): `whose` may be a wildcard below it.
fn sip(domain: &str, whose: &str, cscf: &Host) -> Vec<Entry> {
    if cscf.port == 0 {
        return Vec::new();
    }
    let transports = [(10, "SIP+D2U", "udp"), (20, "SIP+D2T", "tcp")];
    let pointers = transports.iter().map(|(order, service, word)| Entry {
        name: whose.to_owned(),
        data: Data::Pointer(*order, service, format!("_sip._{word}.{domain}")),
    });
    let at = |name: String| Entry { name, data: Data::Service(cscf.port, cscf.name.clone()) };
    let services = transports.iter().map(|(_, _, word)| at(format!("_sip._{word}.{domain}")));
    // Whoever asks for no NAPTR asks for SRV of the domain itself, which the wildcard answers for both transports.
    let direct = Some(at(whose.to_owned())).filter(|_| whose != domain);
    pointers.chain(services).chain(direct).collect()
}

/// The telephone numbers of the users (RFC 6116 section 3.2), below what all of them have in common.
fn numbers(profile: &Profile) -> Option<Zone> {
    let users = profile.pools().values().flatten();
    let numbered = users.filter_map(|user| {
        let number: String = user.tel.as_ref()?.as_str().chars().skip_while(|c| *c != '+').collect();
        let digits: String = number.split(';').next()?.chars().filter(char::is_ascii_digit).collect();
        Some((digits, user.impu.first()?.as_str().to_owned()))
    });
    let numbered: Vec<(String, String)> = numbered.filter(|(digits, _)| !digits.is_empty()).collect();
    let (first, _) = numbered.first()?;
    let shared =
        |length: &usize| first.get(..*length).is_some_and(|own| numbered.iter().all(|(n, _)| n.starts_with(own)));
    let common = (0..=first.len()).rev().find(shared).and_then(|length| first.get(..length)).unwrap_or_default();
    let entries = numbered.iter().map(|(digits, uri)| Entry { name: domain_of(digits), data: Data::Uri(uri.clone()) });
    Some(Zone { origin: domain_of(common), entries: entries.collect() })
}

fn domain_of(digits: &str) -> String {
    digits.chars().rev().map(|digit| format!("{digit}.")).chain([ENUM.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn zones_with(changes: &[(&str, &str)]) -> Vec<Zone> {
        let text = include_str!("../../fixtures/targets/served.yaml").to_owned();
        let text = changes.iter().fold(text, |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replacen(old, new, 1)
        });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.yaml");
        std::fs::write(&path, text).unwrap();
        zones(&Profile::load(&path).unwrap())
    }

    #[test]
    fn every_domain_of_the_tester_is_found_at_the_serving_cscf() {
        let zones = zones_with(&[]);
        let origins: Vec<&str> = zones.iter().map(|zone| zone.origin.as_str()).collect();
        assert_eq!(origins, ["example.com", "remote.example", "0.0.9.9.9.1.e164.arpa"]);
        let text = zones[0].text(7);
        for line in [
            "$ORIGIN example.com.",
            "@ IN SOA ns.example.com. hostmaster.example.com. 7 3600 600 86400 60",
            "@ IN NAPTR 10 50 \"s\" \"SIP+D2U\" \"\" _sip._udp.example.com.",
            "_sip._tcp IN SRV 10 10 5070 serving-cscf.example.com.",
            "serving-cscf IN A 127.0.0.1",
            "@ IN NAPTR 10 50 \"s\" \"aaa:diameter.tcp\" \"\" _diameter._tcp.example.com.",
            "_diameter._tcp IN SRV 10 10 3868 charging-server.example.com.",
            "message-store IN A 127.0.0.1",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}: {text}");
        }
        let text = zones[1].text(7);
        assert!(text.contains("* IN NAPTR 20 50 \"s\" \"SIP+D2T\" \"\" _sip._tcp.remote.example."), "{text}");
        assert!(text.contains("\n* IN SRV 10 10 5070 serving-cscf.example.com."), "{text}");
        let text = zones[2].text(7);
        assert!(text.contains("\n1.0.0.0 IN NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:"), "{text}");
    }

    #[test]
    fn addresses_of_either_family_names_and_further_domains_are_told() {
        let zones = zones_with(&[
            (
                "bind: \"127.0.0.1:5070\"",
                "bind: \"0.0.0.0:5070\", advertise: \"[2001:db8::1]:5071\", domain: focus.example",
            ),
            ("bind: \"127.0.0.1:1143\"", "bind: \"127.0.0.1:1143\", advertise: \"store.elsewhere.example:143\""),
        ]);
        let home = zones[0].text(1);
        assert!(home.contains("serving-cscf IN AAAA 2001:db8::1") && home.contains("SRV 10 10 5071"), "{home}");
        // Whose zone that is, looks after it.
        assert!(!home.contains("message-store"), "{home}");
        let focus = zones.iter().find(|zone| zone.origin == "focus.example").unwrap().text(1);
        assert!(focus.contains("_sip._udp IN SRV 10 10 5071 serving-cscf.example.com."), "{focus}");
    }
}
