//! Feeds the rules with what an input holds.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use cpm_wire::time::Time;

use super::follow::Stop;
use super::hops::Hops;
use super::input::{Input, Source};
use super::notes::Notes;
use super::{Found, Options, Validated, hops, relay};
use crate::capture::{self, Capture, Sealed, SealedAt, SippLog, Skip, Tally};
use crate::evidence::pcapng::EvidenceError;
use crate::evidence::{Header, Protocol, Record, What, pcapng};
use crate::judging;
use crate::rules::base::Reader;

/// Judges what an input holds.
pub(super) fn judge(input: &Input, options: &Options) -> Validated {
    let mut notes = Notes::new(input.name(), options);
    match input.open() {
        Err(error) => notes.failed(error),
        Ok(Source::Messages(octets)) => messages(octets, &mut notes),
        Ok(Source::Evidence(octets)) => evidence(&octets, &mut notes),
        Ok(Source::Capture(octets)) => capture(octets, &mut notes),
        Ok(Source::Sipp(octets)) => sipp(octets, &mut notes),
    }
    notes.validated
}

/// Judges a capture as it is written.
pub(super) fn follow(input: &Input, options: &Options, stop: &Stop, tell: &mut dyn FnMut(&[Found])) -> Validated {
    let mut notes = Notes::new(input.name(), options);
    match input.follow(stop) {
        Err(error) => notes.failed(error),
        Ok(octets) => growing(octets, &mut notes, tell),
    }
    notes.validated
}

/// The message log of SIPp, which names no addresses: whoever it talked to is the element under test.
fn sipp(octets: Vec<u8>, notes: &mut Notes<'_>) {
    let nobody = |last| SocketAddr::from((Ipv4Addr::new(192, 0, 2, last), 0));
    let far = notes.options.target.first().copied().unwrap_or(nobody(2));
    let near = [1, 2].map(nobody).into_iter().find(|near| near.ip() != far.ip()).unwrap_or(far);
    let mut hops = Hops::new(notes.options);
    let mut reader = Reader::default();
    let mut last = Time::ZERO;
    for seen in SippLog::new(Bytes::from(octets), near, far) {
        last = seen.at;
        let between =
            |seen: &capture::Octets| Some(if seen.source == near { "SIPp -> peer" } else { "peer -> SIPp" }.to_owned());
        relay::one(&seen, &mut reader, |ahead| hops.octets(&seen, ahead, notes, between));
    }
    hops.close(notes, last);
}

/// Messages as they are, without a capture around them.
fn messages(octets: Vec<u8>, notes: &mut Notes<'_>) {
    let Some(lone) = capture::Octets::lone(Bytes::from(octets)) else {
        return notes.failed("it is neither a capture (pcap, pcapng) nor a message of SIP, MSRP or Diameter");
    };
    let mut hops = Hops::new(notes.options);
    relay::one(&lone, &mut Reader::default(), |ahead| hops.octets(&lone, ahead, notes, |_| None));
    hops.close(notes, lone.at);
}

/// A capture, whoever made it.
fn capture(octets: impl Read + Send, notes: &mut Notes<'_>) {
    let mut capture = Capture::with_secrets(octets, notes.options.secrets.clone());
    let mut hops = Hops::new(notes.options);
    relay::judge(&mut capture, &mut hops, notes, notes.options.threads.unwrap_or_else(relay::threads));
    hops.close(notes, capture.tally().last);
    left_out(capture.tally(), notes);
}

/// A capture that is still being written: what is found is told at once.
fn growing(octets: impl Read, notes: &mut Notes<'_>, tell: &mut dyn FnMut(&[Found])) {
    let mut capture = Capture::with_secrets(octets, notes.options.secrets.clone());
    let mut hops = Hops::new(notes.options);
    let mut reader = Reader::default();
    let mut told = 0;
    for seen in &mut capture {
        relay::next(seen, &mut reader, &mut hops, notes);
        if let Some(new @ [_, ..]) = notes.validated.findings.get(told..) {
            tell(new);
            told += new.len();
        }
    }
    hops.close(notes, capture.tally().last);
    tell(notes.validated.findings.get(told..).unwrap_or_default());
    left_out(capture.tally(), notes);
}

/// Evidence of this suite says by itself who is the target, what was declared malformed, and which rules were awaited: it is
/// judged as the run judged it. What claims to be evidence and is none any more is a capture like others.
fn evidence(octets: &[u8], notes: &mut Notes<'_>) {
    match pcapng::read(octets) {
        Ok((header, records)) => recorded(&header, &records, notes),
        Err(error @ EvidenceError::Cut { .. }) => {
            notes.say(
                "judged as any other capture, for as evidence of a run it is not whole; what the run noted in it is left out"
                    .to_owned(),
            );
            capture(octets, notes);
            notes.failed(error);
        }
        Err(error) => {
            notes.say(format!("judged as any other capture: {error}"));
            capture(octets, notes);
        }
    }
}

fn recorded(header: &Header, records: &[Record], notes: &mut Notes<'_>) {
    let octets = |frame: Option<u64>| {
        let at = usize::try_from(frame?.checked_sub(1)?).ok()?;
        match &records.get(at)?.what {
            What::Octets(octets) => Some(octets),
            _ => None,
        }
    };
    let spoken = |protocol| {
        let of = |record: &&Record| matches!(&record.what, What::Octets(octets) if octets.protocol == protocol);
        records.iter().filter(of).count() as u64
    };
    notes.count("SIP", spoken(Protocol::Sip));
    notes.count("MSRP", spoken(Protocol::Msrp));
    notes.count("Diameter", spoken(Protocol::Diameter));
    let judged = judging::judge(header, records);
    notes.say(format!("evidence of {}: {}", header.scenario_id, judged.outcome.as_str()));
    for finding in judged.findings {
        let message = octets(finding.frame);
        let between = message.map(|message| message.actor.to_string());
        notes.found(finding, message.map(|message| &message.octets[..]), between);
    }
}

/// What of a capture was not judged.
fn left_out(tally: &Tally, notes: &mut Notes<'_>) {
    for (why, packets) in &tally.skipped {
        // Empty segments and keep-alives are no loss.
        if !matches!(why, Skip::KeepAlive | Skip::NotIp | Skip::OutsideConnection) {
            notes.say(format!("{packets} packets were not judged: {why}"));
        }
    }
    for (why, at) in &tally.sealed {
        let judged = if why.is_partial() { "judged in part" } else { "not judged" };
        let hint = if *why == Sealed::NoKeyLog { " (--keylog FILE names them)" } else { "" };
        let SealedAt { connections, frame, source, destination } = at;
        let first = hops::arrow(*source, *destination);
        notes.say(format!(
            "{connections} connections over TLS were {judged}: {why}{hint}; the first: frame {frame}, {first}"
        ));
    }
    let counts = [
        (tally.http, "messages of HTTP were seen, for which there are no rules"),
        (tally.lost, "octets of streams are missing in the capture; what they belonged to was not judged"),
        (tally.unrecognised, "octets of streams are of no known protocol, or have no beginning of a message"),
        (tally.unfinished, "octets of messages that the capture ends within, or that never became whole"),
        (tally.forgotten, "connections were forgotten while they were open, because there were too many"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        notes.say(format!("{count} {what}"));
    }
}
