//! The rules at work on what was captured: signalling by hop, everything else by its connection.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use cpm_wire::time::Time;

use super::Options;
use super::ends::{Ends, Hop};
use super::notes::Notes;
use super::requirements::Requirements;
use crate::capture;
use crate::evidence::{Connection, ConnectionWhat, Direction, Octets, Protocol, Record, Transport, What};
use crate::rules::base::Checker;

/// Whose sockets they were is not known of a capture.
static ACTOR: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("capture"));

/// So many hops are followed at a time.
const HOPS: usize = 32;

/// Everything that judges a capture.
pub(super) struct Hops {
    ends: Ends,
    /// The rules of each hop, and the frame in which it was last heard of.
    signalling: HashMap<Hop, (u64, Checker)>,
    connections: Checker,
    requirements: Option<Requirements>,
    sip: u64,
    diameter: u64,
}

impl Hops {
    pub fn new(options: &Options) -> Hops {
        Hops {
            ends: Ends::new(options.target.clone()),
            signalling: HashMap::new(),
            connections: Checker::of_capture(),
            requirements: options.known.clone().map(Requirements::new),
            sip: 0,
            diameter: 0,
        }
    }

    /// Judges a message, or a piece of a stream. `between`: who sent it to whom.
    pub fn octets(&mut self, seen: &capture::Octets, notes: &mut Notes<'_>, between: bool) {
        let (source, destination) = (seen.source, seen.destination);
        if seen.protocol == capture::Protocol::Sip {
            self.ends.learn(source, destination, transport(seen), &seen.octets);
        }
        let heading = self.ends.heading(source, destination);
        let record = record(seen, heading.direction);
        let checker = match seen.protocol {
            capture::Protocol::Sip => {
                self.sip += 1;
                self.hop(heading.hop, seen.frame)
            }
            capture::Protocol::Diameter => {
                self.diameter += 1;
                &mut self.connections
            }
            capture::Protocol::Msrp => &mut self.connections,
        };
        let found = checker.observe(seen.frame, &record);
        for finding in found.into_iter().filter(|finding| self.ends.judges(heading, finding.blame)) {
            let message = (finding.frame == Some(seen.frame)).then_some(&seen.octets[..]);
            notes.captured(finding, message, between.then(|| arrow(source, destination)));
        }
        if let Some(requirements) = self.requirements.as_mut().filter(|_| heading.far_is_target) {
            requirements.observe(seen.frame, &record);
        }
    }

    /// The rules of a hop. Of too many hops the one that was silent for longest is forgotten.
    fn hop(&mut self, hop: Hop, frame: u64) -> &mut Checker {
        if self.signalling.len() >= HOPS && !self.signalling.contains_key(&hop) {
            let oldest = self.signalling.iter().min_by_key(|(_, (heard, _))| *heard).map(|(hop, _)| *hop);
            oldest.and_then(|oldest| self.signalling.remove(&oldest));
        }
        let (heard, checker) = self.signalling.entry(hop).or_insert_with(|| (0, Checker::of_capture()));
        *heard = frame;
        checker
    }

    /// A connection came to be, or ended.
    pub fn connection(&mut self, seen: &capture::Connection, notes: &mut Notes<'_>) {
        let heading = self.ends.heading(seen.source, seen.destination);
        let by_target = heading.direction == Direction::Received;
        let what = match seen.what {
            capture::ConnectionWhat::Opened if by_target => ConnectionWhat::Accepted,
            capture::ConnectionWhat::Opened => ConnectionWhat::Opened,
            capture::ConnectionWhat::Refused => ConnectionWhat::Refused,
            capture::ConnectionWhat::Finished => ConnectionWhat::Finished { by_target },
            capture::ConnectionWhat::Reset => ConnectionWhat::Reset { by_target },
        };
        let (local, remote) = oriented(heading.direction, seen.source, seen.destination);
        let connection = Connection { actor: ACTOR.clone(), step: 0, connection: seen.connection, local, remote, what };
        let record = Record { at: seen.at, what: What::Connection(connection) };
        let found = self.connections.observe(seen.frame, &record);
        for finding in found.into_iter().filter(|finding| self.ends.judges(heading, finding.blame)) {
            notes.captured(finding, None, Some(arrow(seen.source, seen.destination)));
        }
        if let Some(requirements) = self.requirements.as_mut().filter(|_| heading.far_is_target) {
            requirements.observe(seen.frame, &record);
        }
    }

    /// What follows in that direction begins with a message again, and may answer what is not there.
    pub fn lost(&mut self, lost: &capture::Lost) {
        let heading = self.ends.heading(lost.source, lost.destination);
        self.connections.lost(&ACTOR, lost.connection, heading.direction);
    }

    /// Nothing more comes, and nothing was captured after `until`.
    pub fn close(self, notes: &mut Notes<'_>, until: Time) {
        notes.count("SIP", self.sip);
        notes.count("MSRP", self.connections.msrp_messages());
        notes.count("Diameter", self.diameter);
        let Some(requirements) = self.requirements else { return };
        let decided = requirements.close(until);
        notes.validated.met = Some(decided.met);
        decided.findings.into_iter().for_each(|finding| notes.found(finding, None, None));
        decided.undecided.into_iter().for_each(|why| notes.say(why));
    }
}

fn arrow(source: SocketAddr, destination: SocketAddr) -> String {
    format!("{source} -> {destination}")
}

/// The two ends as a record has them: the near one first.
const fn oriented(direction: Direction, source: SocketAddr, destination: SocketAddr) -> (SocketAddr, SocketAddr) {
    match direction {
        Direction::Sent => (source, destination),
        Direction::Received => (destination, source),
    }
}

const fn transport(seen: &capture::Octets) -> Transport {
    match seen.transport {
        capture::Transport::Udp => Transport::Udp,
        capture::Transport::Tcp => Transport::Tcp,
    }
}

fn record(seen: &capture::Octets, direction: Direction) -> Record {
    let (local, remote) = oriented(direction, seen.source, seen.destination);
    let octets = Octets {
        actor: ACTOR.clone(),
        step: 0,
        protocol: match seen.protocol {
            capture::Protocol::Sip => Protocol::Sip,
            capture::Protocol::Msrp => Protocol::Msrp,
            capture::Protocol::Diameter => Protocol::Diameter,
        },
        transport: transport(seen),
        direction,
        local,
        remote,
        connection: seen.connection,
        octets: seen.octets.clone(),
        malformed: None,
    };
    Record { at: seen.at, what: What::Octets(octets) }
}
