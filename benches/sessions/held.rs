//! Many sessions at a time: what an idle one keeps of the reference's memory, and whether each of them still carries a message.

use crate::ends::{Ends, Paths};
use crate::reference::{Reference, free};
use crate::relay::{End, block, read, send};
use cpm_wire::msrp::{self, Framer};
use std::collections::HashMap;
use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// Files that the processes need besides a connection for each session.
pub const OTHER_FILES: usize = 100;

/// The timer T1 of the reference, and how long after a call it remembers no transaction of it any more (64 times T1).
const T1: Duration = Duration::from_millis(100);
const FORGOTTEN: Duration = Duration::from_millis(8_000);

/// Measures and tells; false when a message was lost.
///
/// What transactions took is free once they are forgotten, but the allocator keeps it. So as many sessions are set up once more:
/// they take what those left, and what comes on top is what a session keeps.
pub fn measure(sessions: usize) -> io::Result<bool> {
    let cscf = free()?;
    let reference = Reference::with(cscf, T1)?;
    let (begun, ends) = (Instant::now(), Ends::at(cscf)?);
    let mut before = reference.memory().0;
    let mut told = |name: &str| {
        let (now, most) = reference.memory();
        println!("{name:34} {:>12.1} {:>12.1} {:>16.2}", now / 1e3, most / 1e3, (now - before) / sessions as f64);
        before = now;
    };
    println!("\n{:34} {:>12} {:>12} {:>16}", "memory of the reference", "now, MB", "most, MB", "kB a session");
    let paths = ends.open(reference.sip, 0..sessions)?;
    let wall = begun.elapsed().as_secs_f64();
    told(&format!("{sessions} sessions, and transactions"));
    thread::sleep(FORGOTTEN);
    ends.open(reference.sip, sessions..2 * sessions)?;
    told(&format!("{sessions} sessions more"));
    let own = crate::files().saturating_sub(OTHER_FILES).min(sessions);
    let begun = Instant::now();
    let heard = carried(&reference, &paths, own)?;
    let carried = begun.elapsed().as_secs_f64();
    told("a connection and a message each");
    println!(
        "{sessions} sessions stood within {wall:.1} s; {heard} of {sessions} messages, one in each, came through within \
         {carried:.1} s; {own} callers had a connection of their own"
    );
    Ok(heard == sessions)
}

/// One message through each session: the callers by connections of their own while there are such, the called ends by one
/// that all share (RFC 4975 section 5.4).
fn carried(reference: &Reference, paths: &[Paths], own: usize) -> io::Result<usize> {
    let called = gateway(reference, paths)?;
    let wanted = paths.len();
    let hearing = thread::spawn(move || heard(called, wanted));
    let mut open: Vec<(TcpStream, Framer)> = Vec::new();
    let mut block = block();
    for (number, Paths { caller, to_callee, .. }) in paths.iter().enumerate() {
        if number < own {
            let stream = TcpStream::connect(reference.msrp)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            open.push((stream, Framer::default()));
        }
        let Some((stream, framer)) = open.last_mut() else { return Ok(0) };
        stream.write_all(&send(caller, to_callee, format!("message {number}").as_bytes()))?;
        let answer = next(stream, framer, &mut block)?;
        if answer.status() != Some(200) {
            return Err(io::Error::other(format!("{number}: {answer:?}")));
        }
    }
    hearing.join().unwrap_or_else(|_| Err(io::Error::other("the hearing end broke")))
}

/// The called ends' connection: the function learns that it is of all of them.
fn gateway(reference: &Reference, paths: &[Paths]) -> io::Result<TcpStream> {
    let Some(first) = paths.first() else { return Err(io::Error::other("no session")) };
    let End { mut stream, .. } = End::connected(reference.msrp, first.callee.clone(), first.to_caller.clone())?;
    let (mut framer, mut block) = (Framer::default(), block());
    for Paths { callee, to_caller, .. } in paths.iter().skip(1) {
        stream.write_all(&send(callee, to_caller, b""))?;
        next(&mut stream, &mut framer, &mut block)?;
    }
    Ok(stream)
}

/// Answers so many messages; gives how many sessions heard just what they were told.
fn heard(mut stream: TcpStream, wanted: usize) -> io::Result<usize> {
    let (mut framer, mut block) = (Framer::default(), block());
    let mut heard: HashMap<String, String> = HashMap::new();
    while heard.len() < wanted {
        let message = next(&mut stream, &mut framer, &mut block)?;
        let Some(body) = message.body() else { continue };
        let session = message.local_session_id().unwrap_or_default().to_owned();
        heard.insert(session, String::from_utf8_lossy(&body).into_owned());
        stream.write_all(&msrp::response(&message, 200))?;
    }
    let right = |(session, words): &(&String, &String)| session.strip_prefix("end") == words.strip_prefix("message ");
    Ok(heard.iter().filter(right).count())
}

fn next(stream: &mut TcpStream, framer: &mut Framer, block: &mut [u8]) -> io::Result<msrp::Message> {
    loop {
        match framer.next() {
            Some(message) => return message.map_err(io::Error::other),
            None => framer.push(read(stream, block)?),
        }
    }
}
