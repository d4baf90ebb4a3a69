//! The messages of one session: from one client to the other through the function, and by a connection between the two.

use crate::ends::{Ends, Paths};
use crate::reference::{Reference, free};
use bytes::{Bytes, BytesMut};
use cpm_wire::msrp::{self, ByteRange, Chunk, FailureReport, Flag, Framer};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

const CHUNK: usize = 64 * 1024;
const SMALL: usize = 100;
/// What may wait for its answer: less than the function takes from a sender that waits for none.
const WINDOW_OCTETS: usize = 512 * 1024;
const WINDOW: usize = 200;
/// The place of the number in a transaction: `t00000000`.
const DIGITS: usize = 8;

/// Measures and tells; false when something did not come.
pub fn measure(octets: u64, messages: u64) -> io::Result<bool> {
    println!("\none MSRP session, every request answered");
    println!("{:34} {:>9} {:>12} {:>22}", "", "GB/s", "messages/s", "us of its CPU a message");
    let chunks = octets / CHUNK as u64;
    for (name, size, number) in [("chunks of 64 KiB", CHUNK, chunks), ("messages of 100 octets", SMALL, messages)] {
        let (caller, callee) = beside()?;
        let wall = said(caller, callee, size, number)?;
        told(&format!("{name}, client to client"), size, number, wall, f64::NAN);
        let (reference, caller, callee) = through()?;
        let before = reference.processor();
        let wall = said(caller, callee, size, number)?;
        let taken = reference.processor() - before;
        told(&format!("{name}, through"), size, number, wall, taken * 1e6 / number as f64);
    }
    Ok(true)
}

fn told(name: &str, size: usize, number: u64, wall: f64, cost: f64) {
    let (messages, octets) = (number as f64 / wall, number as f64 * size as f64 / wall);
    println!("{name:34} {:>9.3} {messages:>12.0} {cost:>22.2}", octets / 1e9);
}

/// One end of the session: its connection, and the paths that it writes.
pub struct End {
    pub stream: TcpStream,
    pub own: String,
    pub peer: String,
}

/// Two ends with a connection between.
fn beside() -> io::Result<(End, End)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let stream = TcpStream::connect(address)?;
    let (own, peer) = (format!("msrp://{};tcp", stream.local_addr()?), format!("msrp://{address}/end;tcp"));
    let caller = End { stream, own: own.clone(), peer: peer.clone() };
    let callee = End { stream: listener.accept()?.0, own: peer, peer: own };
    for end in [&caller, &callee] {
        end.stream.set_nodelay(true)?;
    }
    Ok((caller, callee))
}

/// Two ends with the function between.
fn through() -> io::Result<(Reference, End, End)> {
    let cscf = free()?;
    let reference = Reference::start(cscf)?;
    let paths = Ends::at(cscf)?.open(reference.sip, 0..1)?;
    let Paths { caller, to_callee, callee, to_caller } = paths.into_iter().next().unwrap_or_default();
    let callee = End::connected(reference.msrp, callee, to_caller)?;
    let caller = End::connected(reference.msrp, caller, to_callee)?;
    Ok((reference, caller, callee))
}

impl End {
    /// Comes to the function, which learns by a request without content whose connection it is (RFC 4975 section 5.4).
    pub fn connected(function: SocketAddr, own: String, peer: String) -> io::Result<End> {
        let stream = TcpStream::connect(function)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut end = End { stream, own, peer };
        end.say(b"")?;
        end.hear(&mut Framer::default(), &mut block(), |answer| answer.status() == Some(200))?;
        Ok(end)
    }

    fn say(&mut self, content: &[u8]) -> io::Result<()> {
        self.stream.write_all(&send(&self.own, &self.peer, content))
    }

    /// Reads until a message fits.
    fn hear(
        &mut self,
        framer: &mut Framer,
        block: &mut [u8],
        mut fits: impl FnMut(&msrp::Message) -> bool,
    ) -> io::Result<()> {
        loop {
            while let Some(message) = framer.next() {
                if fits(&message.map_err(io::Error::other)?) {
                    return Ok(());
                }
            }
            framer.push(read(&mut self.stream, block)?);
        }
    }
}

/// A SEND with a message of its own.
pub fn send(own: &str, peer: &str, content: &[u8]) -> Bytes {
    let length = content.len() as u64;
    let (_, octets) = msrp::send(&Chunk {
        transaction: "t00000000",
        to_path: &[peer.to_owned()],
        from_path: own,
        message_id: "t00000000",
        success_report: false,
        failure_report: FailureReport::Yes,
        byte_range: ByteRange { start: 1, end: Some(length), total: Some(length) },
        content: (!content.is_empty()).then_some(("message/cpim", content)),
        flag: Flag::Complete,
    });
    octets
}

/// Reads once.
pub fn read(stream: &mut TcpStream, block: &mut [u8]) -> io::Result<Bytes> {
    match stream.read(block)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => Ok(Bytes::copy_from_slice(block.get(..length).unwrap_or_default())),
    }
}

/// Room for what is read at once.
pub fn block() -> Vec<u8> {
    vec![0; 256 * 1024]
}

/// One says so much, the other hears and answers; gives how long it took until the last answer.
fn said(mut caller: End, callee: End, size: usize, number: u64) -> io::Result<f64> {
    let window = (WINDOW_OCTETS / size).clamp(1, WINDOW) as u64;
    let hearing = thread::spawn(move || heard(callee.stream, size, number));
    let mut octets = BytesMut::from(&*send(&caller.own, &caller.peer, &vec![b'x'; size]));
    let places: Vec<usize> = memchr::memmem::find_iter(&octets, b"t00000000").map(|at| at + 1).collect();
    let (mut framer, mut block) = (Framer::default(), block());
    let (begun, mut sent, mut answered) = (Instant::now(), 0, 0);
    let mut batch = Vec::new();
    while answered < number {
        batch.clear();
        while sent < number && sent - answered < window {
            let name = format!("{:0DIGITS$}", sent % 100_000_000);
            for at in &places {
                if let Some(place) = octets.get_mut(*at..at + DIGITS) {
                    place.copy_from_slice(name.as_bytes());
                }
            }
            batch.extend_from_slice(&octets);
            sent += 1;
        }
        caller.stream.write_all(&batch)?;
        framer.push(read(&mut caller.stream, &mut block)?);
        while let Some(answer) = framer.next() {
            let answer = answer.map_err(io::Error::other)?;
            if answer.status() != Some(200) {
                return Err(io::Error::other(format!("{answer:?}")));
            }
            answered += 1;
        }
    }
    let wall = begun.elapsed().as_secs_f64();
    let heard = hearing.join().unwrap_or_else(|_| Err(io::Error::other("the hearing end broke")))?;
    if heard != number * size as u64 {
        return Err(io::Error::other(format!("{heard} octets of {number} messages were heard")));
    }
    Ok(wall)
}

/// Answers so many messages; gives their octets.
fn heard(mut stream: TcpStream, size: usize, number: u64) -> io::Result<u64> {
    let (mut framer, mut block) = (Framer::default(), block());
    let (mut octets, mut messages) = (0, 0);
    let mut answers = Vec::new();
    while messages < number {
        framer.push(read(&mut stream, &mut block)?);
        answers.clear();
        while let Some(message) = framer.next() {
            let message = message.map_err(io::Error::other)?;
            let Some(body) = message.body_range() else { continue };
            messages += u64::from(message.flag == Flag::Complete);
            octets += body.len() as u64;
            debug_assert!(body.len() <= size);
            answers.extend_from_slice(&msrp::response(&message, 200));
        }
        stream.write_all(&answers)?;
    }
    Ok(octets)
}
