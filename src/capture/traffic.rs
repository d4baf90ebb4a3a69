//! From packets to what is seen.

use std::net::SocketAddr;

use bytes::BytesMut;

use super::file::Packet;
use super::ip::{self, Fragments, Ip, Payload};
use super::link;
use super::recognise::{Found, recognise};
use super::seen::{Moment, Octets, Output, Protocol, Seen, Transport};
use super::tally::Skip;
use super::tcp::Streams;
use super::tls::KeyLog;

/// Datagrams that follow each other stand in one piece of memory of this size: it is given back when the last of them is.
const BLOCK: usize = 16 * 1024;

/// Everything that is remembered between packets.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    block: BytesMut,
    fragments: Fragments,
    streams: Streams,
    pub output: Output,
}

impl Traffic {
    pub fn new(secrets: KeyLog) -> Traffic {
        Traffic { output: Output { secrets, ..Output::default() }, ..Traffic::default() }
    }

    /// Takes a key log that stands in the capture itself. Of too many secrets the last are not there.
    pub fn secrets(&mut self, log: &[u8]) {
        let _whole = self.output.secrets.add(log);
    }

    /// Takes a packet.
    pub fn packet(&mut self, packet: &Packet<'_>) {
        let tally = &mut self.output.tally;
        tally.packets += 1;
        tally.last = tally.last.max(packet.at);
        let moment = Moment { frame: packet.frame, at: packet.at };
        if let Err(why) = link::ip(packet.link, packet.octets).and_then(ip::ip).and_then(|ip| self.ip(moment, &ip)) {
            self.output.tally.skip(why);
        }
    }

    /// Nothing follows.
    pub fn end(&mut self) {
        self.fragments.end(&mut self.output.tally);
        self.streams.end(&mut self.output);
    }

    fn ip(&mut self, moment: Moment, ip: &Ip<'_>) -> Result<(), Skip> {
        let Some(part) = ip.part else { return self.transport(moment, ip) };
        match self.fragments.add(ip, part, moment.at, &mut self.output.tally)? {
            Some(whole) => self.transport(moment, &Ip { payload: &whole, part: None, ..*ip }),
            None => Ok(()),
        }
    }

    fn transport(&mut self, moment: Moment, ip: &Ip<'_>) -> Result<(), Skip> {
        match ip::payload(ip)? {
            Payload::Udp { ends, octets } => self.datagram(moment, ends, octets),
            Payload::Tcp { ends, segment } => self.streams.segment(moment, ends, &segment, &mut self.output),
        }
    }

    fn datagram(&mut self, moment: Moment, ends: (SocketAddr, SocketAddr), octets: &[u8]) -> Result<(), Skip> {
        // An empty line, or two (RFC 5626 section 3.5.1); zeros are seen in the field.
        if octets.iter().all(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
            return Err(Skip::KeepAlive);
        }
        if recognise(octets, true) != Found::Sip {
            return Err(Skip::OtherDatagram);
        }
        if self.block.capacity() < octets.len() {
            self.block = BytesMut::with_capacity(BLOCK.max(octets.len()));
        }
        self.block.extend_from_slice(octets);
        self.output.tally.sip += 1;
        self.output.seen.push_back(Seen::Octets(Octets {
            frame: moment.frame,
            at: moment.at,
            source: ends.0,
            destination: ends.1,
            transport: Transport::Udp,
            protocol: Protocol::Sip,
            connection: None,
            octets: self.block.split().freeze(),
        }));
        Ok(())
    }
}
