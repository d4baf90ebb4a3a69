//! What was read, counted.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use cpm_wire::time::Time;

use super::seen::Moment;
use super::tls::{Sealed, SealedAt};

/// Why a packet, or the payload of one, is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// A link type that is not read, as that of packets that an application exported.
    LinkType,
    /// No IP: ARP and the like.
    NotIp,
    /// Headers that contradict themselves.
    Malformed,
    /// A datagram that is cut short in the capture.
    CutShort,
    /// A fragment whose datagram was never complete, or whose fragments overlap.
    Fragment,
    /// SCTP.
    Sctp,
    /// Neither UDP nor TCP nor SCTP.
    OtherTransport,
    /// A datagram that holds nothing but what keeps a path open.
    KeepAlive,
    /// A datagram of another protocol.
    OtherDatagram,
    /// A TCP segment of a connection that has ended, or whose beginning is not there and that brings nothing.
    OutsideConnection,
}

impl fmt::Display for Skip {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Skip::LinkType => "of a link type that is not read",
            Skip::NotIp => "not IP",
            Skip::Malformed => "headers malformed",
            Skip::CutShort => "datagram cut short in the capture",
            Skip::Fragment => "fragment of an incomplete datagram",
            Skip::Sctp => "SCTP",
            Skip::OtherTransport => "neither UDP nor TCP nor SCTP",
            Skip::KeepAlive => "keep-alive",
            Skip::OtherDatagram => "datagram of another protocol",
            Skip::OutsideConnection => "outside of a connection",
        })
    }
}

/// What was read of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Packets of the file.
    pub packets: u64,
    /// When the latest of them was captured.
    pub last: Time,
    /// SIP messages, in datagrams and in streams.
    pub sip: u64,
    /// Pieces of MSRP streams.
    pub msrp_pieces: u64,
    /// Diameter messages.
    pub diameter: u64,
    /// HTTP requests and responses, which are skipped.
    pub http: u64,
    /// TCP connections.
    pub connections: u64,
    /// Those of them that speak TLS.
    pub tls: u64,
    /// Why what some of those carry was not read, or not to its end.
    pub sealed: BTreeMap<Sealed, SealedAt>,
    /// Packets that were skipped.
    pub skipped: BTreeMap<Skip, u64>,
    /// Octets of TCP streams that are not in the capture.
    pub lost: u64,
    /// Octets of TCP streams in which no protocol was found, or no beginning of a message.
    pub unrecognised: u64,
    /// Octets of messages in TCP streams that never became complete.
    pub unfinished: u64,
    /// Connections that were forgotten while they were open, because there were too many.
    pub forgotten: u64,
}

impl Tally {
    pub(super) fn skip(&mut self, why: Skip) {
        self.skip_many(why, 1);
    }

    pub(super) fn skip_many(&mut self, why: Skip, packets: u64) {
        *self.skipped.entry(why).or_default() += packets;
    }

    pub(super) fn seal(&mut self, why: Sealed, moment: Moment, source: SocketAddr, destination: SocketAddr) {
        let first = SealedAt { connections: 0, frame: moment.frame, source, destination };
        self.sealed.entry(why).or_insert(first).connections += 1;
    }
}
