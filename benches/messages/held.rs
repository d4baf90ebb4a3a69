//! Many messages for users who are away: what they take of memory, and how soon the reference is there again with all of them.

use crate::ends::Sink;
use crate::reference::Reference;
use crate::submission::{Submission, folder};
use std::fs;
use std::io;
use std::time::Instant;

/// Measures and tells; false when one was refused.
pub fn measure(messages: usize) -> io::Result<bool> {
    println!("\n{messages} messages kept for {} users who are away", messages / 10);
    let folder = folder("held")?;
    let sink = Sink::start()?;
    let store = format!("store: \"{}\"\n", folder.join("held.sqlite").display());
    let reference = Reference::configured(sink.address, &store)?;
    let empty = reference.memory().0;
    let submission = Submission {
        folder: &folder,
        target: reference.sip,
        cscf: sink.address,
        domain: "example.com",
        users: messages / 10,
        messages,
        at_a_time: 200,
        status: 202,
    };
    let outcome = submission.run()?;
    let (_, most) = reference.memory();
    drop(reference);
    let begun = Instant::now();
    let reference = Reference::configured(sink.address, &store)?;
    let ready = begun.elapsed().as_secs_f64();
    println!(
        "kept {:.0}/s, {} refused; memory {:.1} MB empty, {:.1} MB at most while they come, {:.1} MB after a restart, which \
         takes {ready:.2} s",
        outcome.successful / outcome.wall,
        outcome.failed,
        empty / 1e3,
        most / 1e3,
        reference.memory().0 / 1e3
    );
    drop(reference);
    let _ = fs::remove_dir_all(&folder);
    Ok(outcome.failed == 0.0)
}
