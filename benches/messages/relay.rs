//! Messages for who is there, through the reference and without it.

use crate::ends::{Sink, register};
use crate::reference::Reference;
use crate::submission::{Submission, folder};
use std::fs;
use std::io;

/// Users who get them in turn.
const USERS: usize = 1_000;

/// Measures and tells; false when one was lost, or came twice.
pub fn measure(messages: usize) -> io::Result<bool> {
    println!("\n{messages} messages to {USERS} users who are there");
    println!(
        "{:34} {:>11} {:>7} {:>9} {:>7} {:>9} {:>13}",
        "", "messages/s", "failed", "repeated", "lost", "doubled", "us of its CPU"
    );
    let folder = folder("relay")?;
    let mut fine = true;
    for (name, between) in [("SIPp to the receiving end", false), ("through the reference", true)] {
        let sink = Sink::start()?;
        let reference = if between { Some(Reference::start(sink.address)?) } else { None };
        let target = reference.as_ref().map_or(sink.address, |reference| reference.sip);
        if between {
            register(target, sink.address, "example.com", USERS, true)?;
        }
        let before = reference.as_ref().map_or(0.0, Reference::processor);
        let submission = Submission {
            folder: &folder,
            target,
            cscf: sink.address,
            domain: "example.com",
            users: USERS,
            messages,
            at_a_time: 40,
            status: 200,
        };
        let outcome = submission.run()?;
        let cost = reference.as_ref().map_or(f64::NAN, |reference| reference.processor() - before);
        let tally = sink.await_messages(messages);
        let lost = messages - tally.distinct().min(messages);
        println!(
            "{name:34} {:>11.0} {:>7} {:>9} {lost:>7} {:>9} {:>13.1}",
            outcome.successful / outcome.wall,
            outcome.failed,
            outcome.repeated,
            tally.doubled,
            cost * 1e6 / messages as f64
        );
        fine &= outcome.failed == 0.0 && lost == 0 && tally.doubled == 0;
    }
    let _ = fs::remove_dir_all(&folder);
    Ok(fine)
}
