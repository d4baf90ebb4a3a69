//! Captures for benches, always the same for the same number: SIP over UDP, every second message a MESSAGE with CPIM, the
//! others INVITEs with SDP; and for every fourth an MSRP SEND with its response, on fifty TCP connections whose handshakes
//! are there. Sizes are those of a network of IMS.

mod messages;
mod packets;

use std::io::{self, Write};

use packets::{Packets, Side};

const CONNECTIONS: usize = 50;
const SIP: u16 = 5060;
const MSRP: u16 = 2855;
const FIRST_PORT: u16 = 30_000;

/// Writes a `.pcap` file of INVITEs that nobody answers, in turn from so many clients.
#[allow(dead_code, reason = "tests generate the other one alone")]
pub fn unanswered(out: &mut impl Write, messages: usize, clients: u16) -> io::Result<()> {
    let mut packets = Packets::begin(out)?;
    for (number, client) in (0..messages).zip((0..clients).cycle()) {
        packets.come_from(client);
        packets.datagram(SIP, SIP, messages::invite(number).as_bytes())?;
    }
    Ok(())
}

/// Writes a `.pcap` file with so many SIP messages and a quarter as many pairs of MSRP.
pub fn generate(out: &mut impl Write, messages: usize) -> io::Result<()> {
    let mut packets = Packets::begin(out)?;
    let mut streams = Vec::with_capacity(CONNECTIONS);
    for port in (FIRST_PORT..).take(CONNECTIONS) {
        streams.push(packets.handshake(port, MSRP)?);
    }
    for number in 0..messages {
        let message = if number % 2 == 1 { messages::message(number) } else { messages::invite(number) };
        packets.datagram(SIP, SIP, message.as_bytes())?;
        let chosen = number / 4 % CONNECTIONS;
        if let Some(stream) = streams.get_mut(chosen).filter(|_| number % 4 == 0) {
            packets.segment(stream, Side::Client, messages::send(number, chosen).as_bytes())?;
            packets.segment(stream, Side::Server, messages::response(number, chosen).as_bytes())?;
        }
    }
    Ok(())
}
