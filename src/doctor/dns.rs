//! Zone files for the resolver of a target, and a question to that resolver: whether they are loaded (RFC 1035 section 4).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cpm_wire::net::Clock;
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::zone::{Data, Entry, MARK, Zone, zones as zones_of};
use super::{Outcome, State};
use crate::target::Profile;
use crate::target::neighbours::DnsMode;

const FILE: &str = "network.dns.zone";
/// How long a resolver may take, and how often it is asked.
const WITHIN: Duration = Duration::from_secs(1);
const TIMES: usize = 2;
/// The largest datagram that is read.
const LARGEST: usize = 4096;
/// Of so many telephone numbers the first ones are asked for: they are all alike.
const NUMBERS: usize = 2;

/// Writes the zones of a profile that wants them, and asks a resolver for what stands in them.
pub(super) async fn zones(profile: &Profile, resolver: Option<SocketAddr>, checks: &mut Vec<Outcome>) {
    if profile.network.dns.mode == DnsMode::None {
        return;
    }
    let Some(path) = &profile.network.dns.zone else {
        let cure =
            "set network.dns.zone to the file that the resolver of the target is to load, or network.dns.mode to none";
        return checks.push(Outcome::fault("zone", FILE, "network.dns.mode is zone_file, and no file is named", cure));
    };
    let zones = zones_of(profile);
    if profile.serving_cscf_bind().port() == 0 {
        let cure = "set network.actors.serving_cscf.bind to a fixed port: SRV has to name it";
        checks.push(Outcome::fault("zone", FILE, "the serving CSCF has another port in each run", cure));
    }
    let mut written = Vec::new();
    for (index, zone) in zones.into_iter().enumerate() {
        let path = if index == 0 { path.clone() } else { beside(path, &zone.origin) };
        let outcome = write(&path, &zone);
        let there = outcome.state != State::Fault;
        checks.push(outcome);
        if there {
            written.push((path, zone));
        }
    }
    let asked = resolver.map_or_else(of_this_machine, |own| vec![own]);
    let Some(server) = reachable(&asked, &profile.domain()).await else {
        let list: Vec<String> = asked.iter().map(ToString::to_string).collect();
        let seen = format!("no resolver answers ({})", list.join(", "));
        return checks.push(Outcome::note("zone", FILE, seen, "name that of the target: doctor --resolver HOST:PORT"));
    };
    for (path, zone) in &written {
        checks.extend(loaded(server, resolver.is_some(), path, zone).await);
    }
}

/// The file of a further zone, beside that of the home domain.
fn beside(path: &Path, origin: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{origin}"));
    path.with_file_name(name)
}

/// Writes a zone, unless the same stands there; what somebody else has written stays.
fn write(path: &Path, zone: &Zone) -> Outcome {
    let shown = path.display().to_string();
    let seconds = Clock::start().now().as_nanos() / 1_000_000_000;
    let text = zone.text(u32::try_from(seconds).unwrap_or(u32::MAX));
    let count = zone.entries.len();
    match std::fs::read_to_string(path) {
        Ok(there) if !there.starts_with(MARK) => {
            let cure = format!("take {shown} away, or set network.dns.zone to another file");
            return Outcome::fault("zone", FILE, format!("{shown} is there and was not written by this command"), cure);
        }
        Ok(there) if without_serial(&there) == without_serial(&text) => {
            return Outcome::fine("zone", FILE, format!("{shown} has {count} records of {}", zone.origin));
        }
        _ => {}
    }
    match std::fs::write(path, text) {
        Ok(()) => Outcome::fine("zone", FILE, format!("wrote {shown}: {count} records of {}", zone.origin)),
        Err(why) => {
            let cure = "set network.dns.zone to a file that can be written";
            Outcome::fault("zone", FILE, format!("{shown} cannot be written: {why}"), cure)
        }
    }
}

fn without_serial(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.contains(" SOA ")).collect()
}

/// The resolvers of this machine (resolv.conf(5)).
fn of_this_machine() -> Vec<SocketAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let servers = text.lines().filter_map(|line| line.strip_prefix("nameserver")?.trim().parse::<IpAddr>().ok());
    servers.map(|server| SocketAddr::new(server, 53)).collect()
}

/// The first of these that answers at all.
async fn reachable(servers: &[SocketAddr], name: &str) -> Option<SocketAddr> {
    let query = query(name, TYPE::SOA).ok()?;
    for server in servers {
        for _ in 0..TIMES {
            if let Ok(Ok(_)) = tokio::time::timeout(WITHIN, exchange(*server, &query)).await {
                return Some(*server);
            }
        }
    }
    None
}

/// Whether a resolver has a zone, and each of its records. Of a resolver that nobody named it is not known whether the target asks it.
async fn loaded(server: SocketAddr, named: bool, path: &Path, zone: &Zone) -> Vec<Outcome> {
    let Zone { origin, entries } = zone;
    let shown = path.display();
    let missing = |seen: String, cure: String| match named {
        true => Outcome::fault("zone", origin, seen, cure),
        false => Outcome::note(
            "zone",
            origin,
            seen,
            format!("{cure}; if the target asks another one: doctor --resolver HOST:PORT"),
        ),
    };
    let load =
        format!("load {shown} (network.dns.zone) as the zone {origin} at {server}, and have the target ask there");
    match ask(server, origin, TYPE::SOA).await {
        Ok(records)
            if records.iter().any(|own| matches!(own, Found::Authority(name) if *name == hostmaster(origin))) => {}
        Ok(_) => return vec![missing(format!("{server} has another zone {origin}, or none"), load)],
        Err(why) => return vec![missing(format!("{server} has no zone {origin}: {why}"), load)],
    }
    let mut outcomes = Vec::new();
    let numbers = entries.iter().filter(|own| matches!(own.data, Data::Uri(_))).take(NUMBERS);
    for entry in entries.iter().filter(|own| !matches!(own.data, Data::Uri(_))).chain(numbers) {
        // A scenario's own domain stands for all that the wildcard answers.
        let name = entry.name.replacen('*', "doctor", 1);
        let records = ask(server, &name, kind(entry)).await.unwrap_or_default();
        if !records.contains(&Found::Data(entry.data.clone())) {
            let seen = format!("{server} does not answer {} {name} with {}", entry.kind(), entry.data);
            outcomes.push(missing(seen, format!("load {shown} (network.dns.zone) anew: it has this record")));
        }
    }
    if outcomes.is_empty() {
        outcomes.push(Outcome::fine("zone", origin, format!("{server} has it, with its records")));
    }
    outcomes
}

fn hostmaster(origin: &str) -> String {
    format!("hostmaster.{origin}")
}

const fn kind(entry: &Entry) -> TYPE {
    match entry.data {
        Data::Address(IpAddr::V4(_)) => TYPE::A,
        Data::Address(IpAddr::V6(_)) => TYPE::AAAA,
        Data::Service(..) => TYPE::SRV,
        Data::Pointer(..) | Data::Uri(_) => TYPE::NAPTR,
    }
}

/// What a resolver said that a name has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// The mailbox of who answers for the zone.
    Authority(String),
    /// A record as a zone has it.
    Data(Data),
}

/// Asks for the records of a name.
async fn ask(server: SocketAddr, name: &str, kind: TYPE) -> Result<Vec<Found>, String> {
    let query = query(name, kind).map_err(|why| why.to_string())?;
    let mut last = "no answer".to_owned();
    for _ in 0..TIMES {
        match tokio::time::timeout(WITHIN, exchange(server, &query)).await {
            Ok(Ok(octets)) => return read(&octets),
            Ok(Err(why)) => last = why.to_string(),
            Err(_) => {}
        }
    }
    Err(last)
}

fn query(name: &str, kind: TYPE) -> Result<Vec<u8>, simple_dns::SimpleDnsError> {
    let mut packet = Packet::new_query(0x6370);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(Name::new(name)?, QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false));
    packet.build_bytes_vec()
}

/// By UDP, and by TCP what was cut (RFC 7766 section 5).
async fn exchange(server: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let any: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    socket.send(query).await?;
    let mut buffer = vec![0; LARGEST];
    let length = socket.recv(&mut buffer).await?;
    buffer.truncate(length);
    let cut = Packet::parse(&buffer).is_ok_and(|packet| packet.has_flags(PacketFlag::TRUNCATION));
    if !cut {
        return Ok(buffer);
    }
    let mut stream = TcpStream::connect(server).await?;
    stream.write_u16(u16::try_from(query.len()).unwrap_or(u16::MAX)).await?;
    stream.write_all(query).await?;
    let length = stream.read_u16().await?;
    let mut whole = vec![0; usize::from(length)];
    stream.read_exact(&mut whole).await?;
    Ok(whole)
}

fn read(octets: &[u8]) -> Result<Vec<Found>, String> {
    let packet = Packet::parse(octets).map_err(|why| format!("an answer that cannot be read ({why})"))?;
    if !matches!(packet.rcode(), RCODE::NoError | RCODE::NameError) {
        return Err(format!("{:?}", packet.rcode()));
    }
    let data = packet.answers.iter().filter_map(|own| found(&own.rdata));
    Ok(data.collect())
}

fn found(data: &RData<'_>) -> Option<Found> {
    let plain = |text: &simple_dns::CharacterString<'_>| String::try_from(text.clone()).ok();
    let data = match data {
        RData::SOA(own) => return Some(Found::Authority(own.rname.to_string())),
        RData::A(own) => Data::Address(IpAddr::V4(own.address.into())),
        RData::AAAA(own) => Data::Address(IpAddr::V6(own.address.into())),
        RData::SRV(own) => Data::Service(own.port, own.target.to_string()),
        RData::NAPTR(own) => match (plain(&own.flags)?.to_ascii_lowercase().as_str(), plain(&own.services)?) {
            ("u", _) => Data::Uri(plain(&own.regexp)?.trim_start_matches("!^.*$!").trim_end_matches('!').to_owned()),
            (_, service) => {
                let known = ["SIP+D2U", "SIP+D2T", "aaa:diameter.tcp"].into_iter().find(|own| *own == service)?;
                Data::Pointer(own.order, known, own.replacement.to_string())
            }
        },
        _ => return None,
    };
    Some(Found::Data(data))
}
