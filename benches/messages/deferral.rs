//! Messages for who is away: kept on disk before they are acknowledged, and delivered when he comes; by the reference and, beside
//! it, by Kamailio.

use crate::ends::{Sink, register};
use crate::kamailio::Kamailio;
use crate::reference::Reference;
use crate::sipp::Outcome;
use crate::submission::{Submission, folder};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

/// Who keeps messages.
struct Keeper<'a> {
    name: &'a str,
    address: SocketAddr,
    domain: &'a str,
    /// Whether it hears of users from a serving CSCF, or is the registrar itself.
    third_party: bool,
}

/// Measures and tells; false when the reference refused or lost one, or delivered it twice.
pub fn measure(messages: usize, by_kamailio: usize) -> io::Result<bool> {
    println!("\nmessages to users who are away, in SQLite on disk with a synchronised write-ahead log");
    println!(
        "{:22} {:>9} {:>7} {:>9} {:>8} {:>9} {:>12} {:>6} {:>8} {:>9}",
        "", "messages", "users", "kept/s", "refused", "repeated", "delivered/s", "lost", "doubled", "repeated"
    );
    let folder = folder("deferral")?;
    let mut fine = true;
    for users in [messages / 10, messages / 1_000, 1] {
        let sink = Sink::start()?;
        let database = folder.join(format!("of-{users}.sqlite"));
        let store = format!("store: \"{}\"\n", database.display());
        let reference = Reference::configured(sink.address, &store)?;
        let keeper = Keeper { name: "the reference", address: reference.sip, domain: "example.com", third_party: true };
        let messages = if users == 1 { 1_000.min(messages) } else { messages };
        fine &= kept_and_delivered(&keeper, &folder, &sink, users, messages)?;
    }
    let sink = Sink::start()?;
    if let Some(kamailio) = Kamailio::start(&folder, sink.address)? {
        let domain = kamailio.address.to_string();
        let keeper = Keeper { name: "Kamailio", address: kamailio.address, domain: &domain, third_party: false };
        kept_and_delivered(&keeper, &folder, &sink, by_kamailio / 10, by_kamailio)?;
    }
    let _ = fs::remove_dir_all(&folder);
    Ok(fine)
}

fn kept_and_delivered(
    keeper: &Keeper<'_>,
    folder: &Path,
    sink: &Sink,
    users: usize,
    messages: usize,
) -> io::Result<bool> {
    let Keeper { name, address, domain, third_party } = *keeper;
    let (target, cscf) = (address, sink.address);
    // As many share one synchronisation of the disk.
    let at_a_time = 200;
    let submission = Submission { folder, target, cscf, domain, users, messages, at_a_time, status: 202 };
    let Outcome { successful, failed, repeated, wall } = submission.run()?;
    let begun = Instant::now();
    register(address, cscf, domain, users, third_party)?;
    let tally = sink.await_messages(successful as usize);
    let took = tally.last.map_or(f64::NAN, |last| last.duration_since(begun).as_secs_f64());
    let lost = (successful as usize).saturating_sub(tally.distinct());
    println!(
        "{name:22} {messages:>9} {users:>7} {:>9.0} {failed:>8} {repeated:>9} {:>12.0} {lost:>6} {:>8} {:>9}",
        successful / wall,
        tally.distinct() as f64 / took,
        tally.doubled,
        tally.repeated
    );
    Ok(failed == 0.0 && lost == 0 && tally.doubled == 0 && successful > 0.0)
}
