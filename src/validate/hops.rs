//! The rules at work on what was captured: signalling by hop, everything else by its connection.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use cpm_wire::time::Time;

use super::Options;
use super::ends::{Ends, Hop};
use super::notes::Notes;
use super::requirements::Requirements;
use crate::capture;
use crate::evidence::{Connection, ConnectionWhat, Direction, Octets, Protocol, Record, Transport, What};
use crate::rules::base::{Alone, Checker, Framed, Promises};

/// Whose sockets they were is not known of a capture.
static ACTOR: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("capture"));

/// So many hops are followed at a time.
const HOPS: usize = 32;
/// So many transactions of all hops are remembered, each with some kB of what goes with it.
const REMEMBERED: usize = 20 * 1024;
/// After so many messages it is looked at.
const WEIGHED: u64 = 1024;

/// What a message says by itself, which was judged before its turn.
#[expect(clippy::large_enum_variant, reason = "most are of SIP, and a box would be one more allocation for each")]
pub(super) enum Ahead<'m> {
    Sip(Alone<'m>),
    Msrp(Framed),
}

/// The rules of a hop, and the frame in which it was last heard of.
struct Spoken {
    hop: Hop,
    heard: u64,
    checker: Checker,
}

/// Everything that judges a capture.
pub(super) struct Hops {
    ends: Ends,
    signalling: Vec<Spoken>,
    connections: Checker,
    requirements: Option<Requirements>,
    sip: u64,
    diameter: u64,
}

impl Hops {
    pub fn new(options: &Options) -> Hops {
        Hops {
            ends: Ends::new(options.target.clone()),
            signalling: Vec::new(),
            connections: Checker::of_capture(),
            requirements: options.known.clone().map(Requirements::new),
            sip: 0,
            diameter: 0,
        }
    }

    /// Judges a message, or a piece of a stream, as it was judged by itself. `between`: who sent it to whom, in words.
    pub fn octets(
        &mut self,
        seen: &capture::Octets,
        ahead: Option<Ahead<'_>>,
        notes: &mut Notes<'_>,
        between: impl Fn(&capture::Octets) -> Option<String>,
    ) {
        let (source, destination) = (seen.source, seen.destination);
        if seen.protocol == capture::Protocol::Sip {
            self.ends.learn(source, destination, seen.transport.into(), &seen.octets);
        }
        let heading = self.ends.heading(source, destination);
        let mut promises = Promises::new();
        let found = match (seen.protocol, ahead) {
            (capture::Protocol::Sip, ahead) => {
                self.sip += 1;
                if self.sip.is_multiple_of(WEIGHED) {
                    self.weigh();
                }
                let checker = self.hop(heading.hop, seen.frame);
                let found = match ahead {
                    Some(Ahead::Sip(alone)) => {
                        checker.alone(seen.frame, (seen.at, seen.connection), heading.direction, alone)
                    }
                    _ => Vec::new(),
                };
                promises = checker.promises();
                found
            }
            (capture::Protocol::Diameter, _) => {
                self.diameter += 1;
                self.connections.observe(seen.frame, &record(seen, heading.direction))
            }
            (capture::Protocol::Msrp, ahead) => {
                let framed = match ahead {
                    Some(Ahead::Msrp(framed)) => Some(framed),
                    _ => None,
                };
                self.connections.framed(seen.frame, &record(seen, heading.direction), framed)
            }
        };
        for (number, finding) in
            found.into_iter().enumerate().filter(|(_, finding)| self.ends.judges(heading, finding.blame))
        {
            // Of a message that was put together the place is in the whole of it.
            let streamed = seen.protocol != capture::Protocol::Sip;
            let whole = self.connections.whole(number).filter(|_| streamed);
            let own = (finding.frame == Some(seen.frame)).then_some(&seen.octets);
            notes.captured(finding, whole.or(own).map(|octets| &octets[..]), between(seen));
        }
        self.connections.promised(promises);
        if let Some(requirements) = self.requirements.as_mut().filter(|_| heading.far_is_target) {
            requirements.observe(seen.frame, &record(seen, heading.direction));
        }
    }

    /// Has the hop that remembers most forget half of it, as long as all together remember too much.
    fn weigh(&mut self) {
        loop {
            let weights = || self.signalling.iter().map(|known| known.checker.remembered());
            if weights().sum::<usize>() <= REMEMBERED {
                return;
            }
            let heaviest = self.signalling.iter_mut().max_by_key(|known| (known.checker.remembered(), known.heard));
            let Some(Spoken { checker, .. }) = heaviest else { return };
            checker.halve();
        }
    }

    /// The rules of a hop. Of too many hops the one that was silent for longest is forgotten.
    fn hop(&mut self, hop: Hop, frame: u64) -> &mut Checker {
        let known = self.signalling.iter().position(|known| known.hop == hop);
        let place = known.unwrap_or_else(|| {
            if self.signalling.len() >= HOPS {
                let oldest = self.signalling.iter().enumerate().min_by_key(|(_, known)| known.heard);
                oldest.map(|(place, _)| place).map(|place| self.signalling.swap_remove(place));
            }
            self.signalling.push(Spoken { hop, heard: frame, checker: Checker::of_capture() });
            self.signalling.len() - 1
        });
        match self.signalling.get_mut(place) {
            Some(known) => {
                known.heard = frame;
                &mut known.checker
            }
            None => &mut self.connections,
        }
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
        if let Some(requirements) = self.requirements.as_mut().filter(|_| heading.far_is_target) {
            requirements.lost();
        }
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

/// Who sends to whom.
pub(super) fn arrow(source: SocketAddr, destination: SocketAddr) -> String {
    format!("{source} -> {destination}")
}

/// The two ends as a record has them: the near one first.
const fn oriented(direction: Direction, source: SocketAddr, destination: SocketAddr) -> (SocketAddr, SocketAddr) {
    match direction {
        Direction::Sent => (source, destination),
        Direction::Received => (destination, source),
    }
}

impl From<capture::Transport> for Transport {
    fn from(transport: capture::Transport) -> Transport {
        match transport {
            capture::Transport::Udp => Transport::Udp,
            capture::Transport::Tcp => Transport::Tcp,
        }
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
        transport: seen.transport.into(),
        direction,
        local,
        remote,
        connection: seen.connection,
        octets: seen.octets.clone(),
        malformed: None,
    };
    Record { at: seen.at, what: What::Octets(octets) }
}
