//! Stands between a core and the network: what each connection carries, and what becomes of it.

use super::chance::Chance;
use super::freedoms::{Freedom, Freedoms, Licence, Uses};
use super::msrp;
use super::sip::{self, Carrier};
use super::timing::Pace;
use bytes::Bytes;
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::sip::Message;
use cpm_wire::sip::stream::{Frame, Framer};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Which freedoms the target of a run takes, and how often it took each in all its scenarios.
#[derive(Clone, Debug)]
pub struct Variety {
    /// The freedoms.
    pub freedoms: Freedoms,
    uses: Arc<Mutex<Uses>>,
}

impl Variety {
    /// These freedoms, not taken yet.
    pub fn of(freedoms: Freedoms) -> Variety {
        Variety { freedoms, uses: Arc::default() }
    }

    /// How often each was taken so far.
    pub fn uses(&self) -> Uses {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(in crate::stage) fn count(&self, uses: &Uses) {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).add(uses);
    }
}

/// Where a SIP message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    Datagram { local: SocketAddr, remote: SocketAddr },
    Stream(ConnectionId),
}

/// What a connection carries, as its first octets tell.
enum Stream {
    /// What the core sends, and what the network brings.
    Sip {
        sent: Box<Framer>,
        heard: Box<Framer>,
    },
    Msrp(Box<msrp::Stream>),
}

/// Stands between a core and the network.
pub struct Rewriter {
    seed: u64,
    freedoms: Freedoms,
    chance: Chance,
    streams: BTreeMap<ConnectionId, Stream>,
    pace: Pace<Way>,
    uses: Uses,
    /// The refusals that the core has heard: such a one it may pass on.
    refusals: BTreeSet<u16>,
    outputs: VecDeque<Output>,
    inputs: VecDeque<Input>,
}

impl Rewriter {
    /// Takes these freedoms as the seed decides.
    pub fn new(seed: u64, freedoms: Freedoms) -> Rewriter {
        Rewriter {
            seed,
            pace: Pace::new(seed.wrapping_add(1), freedoms.clone()),
            freedoms,
            chance: Chance::new(seed),
            streams: BTreeMap::new(),
            uses: Uses::default(),
            refusals: BTreeSet::new(),
            outputs: VecDeque::new(),
            inputs: VecDeque::new(),
        }
    }

    /// Takes what the core sends.
    pub fn output(&mut self, now: Time, output: Output) {
        match output {
            Output::Datagram { local, remote, octets } => match Message::parse(octets.clone()) {
                Ok(message) => {
                    let way = Way::Datagram { local, remote };
                    self.pace.take(now, message, Carrier::Datagram, way, &mut self.uses);
                }
                Err(_) => self.outputs.push_back(Output::Datagram { local, remote, octets }),
            },
            Output::Send { connection, octets } => self.send(now, connection, octets),
            Output::Close { connection } | Output::Reset { connection } => {
                self.pace.flush(|way| *way == Way::Stream(connection));
                self.drain();
                self.close(connection);
                self.outputs.push_back(output);
            }
            Output::Connect { .. } | Output::ConnectSecured { .. } => self.outputs.push_back(output),
        }
        self.drain();
    }

    /// Takes what comes for the core.
    pub fn input(&mut self, _now: Time, input: Input) {
        match input {
            Input::Received { connection, octets } => self.receive(connection, octets),
            Input::Closed { connection, .. } => {
                self.close(connection);
                self.inputs.push_back(input);
            }
            Input::Datagram { ref octets, .. } => {
                if let Ok(message) = Message::parse(octets.clone()) {
                    self.hear(&message);
                }
                self.inputs.push_back(input);
            }
            other => self.inputs.push_back(other),
        }
    }

    fn receive(&mut self, connection: ConnectionId, octets: Bytes) {
        let seed = self.next_seed();
        let stream = self.streams.entry(connection).or_insert_with(|| carried(&octets, seed, &self.freedoms));
        match stream {
            Stream::Sip { heard, .. } => {
                heard.push(&octets);
                let frames: Vec<Frame> = std::iter::from_fn(|| heard.next()).filter_map(Result::ok).collect();
                for frame in frames {
                    if let Frame::Message(message) = frame {
                        self.hear(&message);
                    }
                }
                self.inputs.push_back(Input::Received { connection, octets });
            }
            Stream::Msrp(stream) => stream.input(&octets),
        }
    }

    fn hear(&mut self, message: &Message) {
        self.refusals.extend(message.status().filter(|status| *status >= 300));
    }

    fn close(&mut self, connection: ConnectionId) {
        self.pass();
        if let Some(Stream::Msrp(stream)) = self.streams.remove(&connection) {
            self.uses.add(stream.uses());
        }
    }

    /// The next output for the network. Ask when the core has said all that it has to say: messages that wait here at the
    /// same time may take turns.
    pub fn poll_output(&mut self) -> Option<Output> {
        if self.outputs.is_empty() {
            self.pass();
        }
        self.outputs.pop_front()
    }

    /// The next input for the core.
    pub fn poll_input(&mut self) -> Option<Input> {
        if self.inputs.is_empty() {
            self.pass();
        }
        self.inputs.pop_front()
    }

    /// What has become ready on streams of MSRP goes on, both ways.
    fn pass(&mut self) {
        for (connection, stream) in &mut self.streams {
            let (Stream::Msrp(stream), connection) = (stream, *connection) else { continue };
            while let Some(octets) = stream.poll_input() {
                self.inputs.push_back(Input::Received { connection, octets });
            }
            while let Some(octets) = stream.poll_output() {
                self.outputs.push_back(Output::Send { connection, octets });
            }
        }
    }

    /// When something that waits is to go.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.pace.poll_timeout()
    }

    /// Time has come.
    pub fn handle_timeout(&mut self, now: Time) {
        self.pace.handle_timeout(now);
        self.drain();
    }

    /// The core is about to die: what it has sent is sent, and its connections are over.
    pub fn end(&mut self) {
        self.pace.flush(|_| true);
        self.drain();
        let connections: Vec<ConnectionId> = self.streams.keys().copied().collect();
        connections.into_iter().for_each(|connection| self.close(connection));
    }

    /// How often each freedom was taken.
    pub fn used(&self) -> Uses {
        let mut uses = self.uses.clone();
        for stream in self.streams.values() {
            if let Stream::Msrp(stream) = stream {
                uses.add(stream.uses());
            }
        }
        uses
    }

    fn next_seed(&mut self) -> u64 {
        self.seed.wrapping_add(u64::try_from(self.chance.below(usize::MAX)).unwrap_or_default())
    }

    fn send(&mut self, now: Time, connection: ConnectionId, octets: Bytes) {
        let seed = self.next_seed();
        let framer = match self.streams.entry(connection).or_insert_with(|| carried(&octets, seed, &self.freedoms)) {
            Stream::Sip { sent, .. } => sent,
            Stream::Msrp(stream) => return stream.output(&octets),
        };
        framer.push(&octets);
        let frames: Vec<Frame> = std::iter::from_fn(|| framer.next()).filter_map(Result::ok).collect();
        for frame in frames {
            let line = match frame {
                Frame::Message(message) => {
                    self.pace.take(now, message, Carrier::Stream, Way::Stream(connection), &mut self.uses);
                    continue;
                }
                Frame::KeepAlive => &b"\r\n\r\n"[..],
                Frame::Pong => b"\r\n",
            };
            self.drain();
            self.outputs.push_back(Output::Send { connection, octets: Bytes::from_static(line) });
        }
    }

    /// Says what goes now.
    fn drain(&mut self) {
        while let Some((message, way)) = self.pace.poll() {
            match way {
                Way::Datagram { local, remote } => {
                    let octets = self.said(&message, Carrier::Datagram);
                    self.outputs.push_back(Output::Datagram { local, remote, octets });
                }
                Way::Stream(connection) => {
                    let octets = self.said(&message, Carrier::Stream);
                    self.cut(connection, octets);
                }
            }
        }
    }

    fn said(&mut self, message: &Message, carrier: Carrier) -> Bytes {
        let is_passed_on = message.status().is_some_and(|status| self.refusals.contains(&status));
        if is_passed_on {
            let freedoms = self.freedoms.without(Freedom::SipRefusal);
            return sip::rewrite(message, carrier, &freedoms, self.seed, &mut self.uses);
        }
        sip::rewrite(message, carrier, &self.freedoms, self.seed, &mut self.uses)
    }

    /// A message on a stream comes in one piece or several.
    fn cut(&mut self, connection: ConnectionId, mut octets: Bytes) {
        let (freedom, uses) = (Freedom::SipStreamCuts, &mut self.uses);
        let mut licence = Licence { freedoms: &self.freedoms, chance: &mut self.chance, uses };
        while octets.len() > 1 && licence.takes(freedom) {
            licence.note(freedom, true);
            let piece = octets.split_to(1 + licence.chance.below(octets.len() - 1));
            self.outputs.push_back(Output::Send { connection, octets: piece });
        }
        self.outputs.push_back(Output::Send { connection, octets });
    }
}

/// SIP is told by its first line; what is no SIP is taken for MSRP, which passes on what it cannot read. A PDU may hold a message of
/// SIP, and begins with no letter.
fn carried(octets: &[u8], seed: u64, freedoms: &Freedoms) -> Stream {
    let line = octets.split(|octet| *octet == b'\r').next().unwrap_or_default();
    let is_text = octets.first().is_some_and(u8::is_ascii_alphabetic);
    let is_sip = is_text && (line.starts_with(b"SIP/2.0 ") || line.ends_with(b" SIP/2.0"));
    if is_sip {
        Stream::Sip { sent: Box::default(), heard: Box::default() }
    } else {
        Stream::Msrp(Box::new(msrp::Stream::new(seed, freedoms.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5070);
    const NOTIFY: &str = "NOTIFY sip:b@b.example SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
        From: <sip:a@a.example>;tag=1\r\nTo: <sip:b@b.example>;tag=2\r\nCall-ID: c1\r\nCSeq: 1 NOTIFY\r\n\
        Event: conference\r\nSubscription-State: active\r\nContent-Length: 0\r\n\r\n";

    fn outputs(rewriter: &mut Rewriter) -> Vec<Output> {
        std::iter::from_fn(|| rewriter.poll_output()).collect()
    }

    /// What goes over a connection, together, and in how many pieces.
    fn sent(outputs: &[Output]) -> (Vec<u8>, usize) {
        let pieces = outputs.iter().filter_map(|output| match output {
            Output::Send { octets, .. } => Some(octets.to_vec()),
            _ => None,
        });
        let pieces: Vec<Vec<u8>> = pieces.collect();
        (pieces.concat(), pieces.len())
    }

    #[test]
    fn what_is_no_sip_passes_as_it_is() {
        let mut rewriter = Rewriter::new(1, Freedoms::all());
        let connection = ConnectionId::opened(1);
        for octets in ["a1 LOGIN user password\r\n", "a2 LOGOUT\r\nSIP/2.0 200 OK\r\n\r\n"] {
            let output = Output::Send { connection, octets: Bytes::from(octets) };
            rewriter.output(Time::ZERO, output.clone());
            assert_eq!(outputs(&mut rewriter), [output]);
        }
        let datagram = Output::Datagram { local: ADDRESS, remote: ADDRESS, octets: Bytes::from_static(b"\r\n\r\n") };
        rewriter.output(Time::ZERO, datagram.clone());
        assert_eq!(outputs(&mut rewriter), [datagram]);
        assert_eq!(rewriter.used(), Uses::default());
    }

    #[test]
    fn a_refusal_that_the_core_may_pass_on_keeps_its_code() {
        let refused = Bytes::from(
            NOTIFY.replace("NOTIFY sip:b@b.example SIP/2.0", "SIP/2.0 403 Forbidden").replace("1 NOTIFY", "1 INVITE"),
        );
        let codes = |heard: Option<Input>| -> BTreeSet<u16> {
            let code = |seed| {
                let mut rewriter = Rewriter::new(seed, Freedoms::only(Freedom::SipRefusal));
                heard.iter().for_each(|input| rewriter.input(Time::ZERO, input.clone()));
                let octets = refused.clone();
                rewriter.output(Time::ZERO, Output::Datagram { local: ADDRESS, remote: ADDRESS, octets });
                match outputs(&mut rewriter).as_slice() {
                    [Output::Datagram { octets, .. }] => Message::parse(octets.clone()).unwrap().status().unwrap(),
                    other => panic!("{other:?}"),
                }
            };
            (0..40).map(code).collect()
        };
        assert!(codes(None).len() > 3);
        let datagram = Input::Datagram { local: ADDRESS, remote: ADDRESS, octets: refused.clone() };
        let stream = Input::Received { connection: ConnectionId::opened(1), octets: refused.clone() };
        for heard in [datagram, stream] {
            assert_eq!(codes(Some(heard)), BTreeSet::from([403]));
        }
    }

    #[test]
    fn inputs_reach_the_core() {
        let mut rewriter = Rewriter::new(1, Freedoms::all());
        let input = Input::Received { connection: ConnectionId::opened(1), octets: Bytes::from_static(b"x") };
        rewriter.input(Time::ZERO, input.clone());
        assert_eq!(rewriter.poll_input(), Some(input));
        assert_eq!(rewriter.poll_input(), None);
    }

    #[test]
    fn a_stream_is_cut_anywhere_and_loses_nothing() {
        let mut most = 0;
        for seed in 0..20 {
            let mut rewriter = Rewriter::new(seed, Freedoms::only(Freedom::SipStreamCuts));
            let connection = ConnectionId::accepted(1);
            let twice = Bytes::from([NOTIFY, "\r\n\r\n", NOTIFY].concat());
            let at = 1 + twice.len() / 3;
            for octets in [twice.slice(..at), twice.slice(at..)] {
                rewriter.output(Time::ZERO, Output::Send { connection, octets });
            }
            let (octets, pieces) = sent(&outputs(&mut rewriter));
            assert_eq!(octets, twice);
            most = most.max(pieces);
        }
        assert!(most > 5, "{most}");
    }

    #[test]
    fn what_waits_goes_before_its_connection_ends_and_before_the_core_dies() {
        for ends in [true, false] {
            for seed in 0..20 {
                let mut rewriter = Rewriter::new(seed, Freedoms::only(Freedom::TimingLateNotify));
                let connection = ConnectionId::opened(1);
                rewriter.output(Time::ZERO, Output::Send { connection, octets: Bytes::from(NOTIFY) });
                if ends {
                    rewriter.output(Time::ZERO, Output::Close { connection });
                } else {
                    rewriter.end();
                }
                let out = outputs(&mut rewriter);
                assert_eq!(sent(&out).0, NOTIFY.as_bytes());
                assert_eq!(out.last() == Some(&Output::Close { connection }), ends);
                assert_eq!(rewriter.poll_timeout(), None);
            }
        }
    }
}
