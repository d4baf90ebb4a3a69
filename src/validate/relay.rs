//! A capture judged by several threads, which come to what one would come to. Each takes the next batch, judges its messages by
//! themselves while others do the same with theirs, waits for its turn, and holds them against those before. Nothing depends on
//! who is faster, and no more is held than one batch a thread.

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::{hint, thread};

use super::hops::{Ahead, Hops, arrow};
use super::notes::Notes;
use crate::capture::{self, Capture, CaptureError, Protocol, Seen};
use crate::rules::base::{Reader, Split};

/// So much is judged at a time.
const BATCH: usize = 128;
const BATCH_OCTETS: usize = 128 * 1024;
/// More threads than this wait for each other.
const THREADS: usize = 4;
/// So often a thread looks whether it is its turn before it sleeps: for less time than it takes to wake one up.
const LOOKS: usize = 2000;

/// As many threads as are of use here.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(THREADS)
}

/// Judges a capture to its end.
pub(super) fn judge<R: Read + Send>(capture: &mut Capture<R>, hops: &mut Hops, notes: &mut Notes<'_>, threads: usize) {
    let source = Mutex::new(Source { capture, batches: 0 });
    let turns = Turns {
        judge: Mutex::new(Judge { hops, notes, turn: 0, broken: false }),
        next: Condvar::new(),
        turn: AtomicU64::new(0),
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(&source, &turns));
        }
        work(&source, &turns);
    });
}

fn work<R: Read>(source: &Mutex<Source<'_, R>>, turns: &Turns<'_, '_>) {
    let mut reader = Reader::default();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        // A statement of its own: what a `while let` looks at stays locked until its body ends.
        let taken = locked(source).take(&mut batch);
        let Some(number) = taken else { return };
        let turn = Turn { turns, number };
        let split: Vec<Option<Split>> = batch.iter().map(|seen| cut(octets(seen)?)).collect();
        let both = batch.iter().zip(&split);
        let ahead: Vec<Option<Ahead<'_>>> =
            both.map(|(seen, split)| ahead(octets(seen)?, split.as_ref(), &mut reader)).collect();
        let Some(mut judge) = turn.begin() else { return };
        let Judge { hops, notes, .. } = &mut *judge;
        for (seen, ahead) in batch.iter().zip(ahead) {
            take(seen, ahead, hops, notes);
        }
    }
}

fn octets(seen: &Result<Seen, CaptureError>) -> Option<&capture::Octets> {
    match seen {
        Ok(Seen::Octets(octets)) => Some(octets),
        _ => None,
    }
}

/// A message of SIP cut up.
fn cut(seen: &capture::Octets) -> Option<Split> {
    let sip = seen.protocol == Protocol::Sip;
    if sip { Split::of(&seen.octets, seen.transport.into()) } else { None }
}

/// What a message says by itself.
fn ahead<'m>(seen: &capture::Octets, split: Option<&'m Split>, reader: &mut Reader) -> Option<Ahead<'m>> {
    match seen.protocol {
        Protocol::Sip => Some(Ahead::Sip(reader.read(split?))),
        Protocol::Msrp => reader.frame(&seen.octets).map(Ahead::Msrp),
        Protocol::Diameter => None,
    }
}

/// Has a message judged by itself, and hands it on.
pub(super) fn one(seen: &capture::Octets, reader: &mut Reader, judge: impl FnOnce(Option<Ahead<'_>>)) {
    let split = cut(seen);
    judge(ahead(seen, split.as_ref(), reader));
}

/// Judges what comes next of a capture.
pub(super) fn next(seen: Result<Seen, CaptureError>, reader: &mut Reader, hops: &mut Hops, notes: &mut Notes<'_>) {
    let split = octets(&seen).and_then(cut);
    let ahead = octets(&seen).and_then(|octets| ahead(octets, split.as_ref(), reader));
    take(&seen, ahead, hops, notes);
}

fn take(seen: &Result<Seen, CaptureError>, ahead: Option<Ahead<'_>>, hops: &mut Hops, notes: &mut Notes<'_>) {
    let between = |seen: &capture::Octets| Some(arrow(seen.source, seen.destination));
    match seen {
        Ok(Seen::Octets(octets)) => hops.octets(octets, ahead, notes, between),
        Ok(Seen::Connection(connection)) => hops.connection(connection, notes),
        Ok(Seen::Lost(lost)) => hops.lost(lost),
        Err(error) => notes.failed(error),
    }
}

/// What a thread that panicked held is not used any more, for the others stop.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The capture, batch by batch.
struct Source<'c, R> {
    capture: &'c mut Capture<R>,
    batches: u64,
}

impl<R: Read> Source<'_, R> {
    /// Fills in the next batch, and gives its number.
    fn take(&mut self, batch: &mut Vec<Result<Seen, CaptureError>>) -> Option<u64> {
        batch.clear();
        let mut octets = 0;
        while batch.len() < BATCH && octets < BATCH_OCTETS {
            let Some(seen) = self.capture.next() else { break };
            if let Ok(Seen::Octets(seen)) = &seen {
                octets += seen.octets.len();
            }
            batch.push(seen);
        }
        if batch.is_empty() {
            return None;
        }
        self.batches += 1;
        Some(self.batches - 1)
    }
}

/// What holds messages against each other, and whose turn it is.
struct Judge<'j, 'o> {
    hops: &'j mut Hops,
    notes: &'j mut Notes<'o>,
    turn: u64,
    /// A thread has panicked: its turn never comes.
    broken: bool,
}

struct Turns<'j, 'o> {
    judge: Mutex<Judge<'j, 'o>>,
    next: Condvar,
    /// The turn as it was last seen by whoever passed it on.
    turn: AtomicU64,
}

/// The turn of one batch, which is passed on when it is over, however that comes.
struct Turn<'t, 'j, 'o> {
    turns: &'t Turns<'j, 'o>,
    number: u64,
}

impl<'t, 'j, 'o> Turn<'t, 'j, 'o> {
    /// Waits for it; none when it will never come.
    fn begin(&self) -> Option<MutexGuard<'t, Judge<'j, 'o>>> {
        for _ in 0..LOOKS {
            if self.turns.turn.load(Ordering::Relaxed) >= self.number {
                break;
            }
            hint::spin_loop();
        }
        let waits = |judge: &mut Judge<'_, '_>| judge.turn != self.number && !judge.broken;
        let judge = self.turns.next.wait_while(locked(&self.turns.judge), waits);
        Some(judge.unwrap_or_else(PoisonError::into_inner)).filter(|judge| !judge.broken)
    }
}

impl Drop for Turn<'_, '_, '_> {
    fn drop(&mut self) {
        let mut judge = locked(&self.turns.judge);
        judge.turn = self.number + 1;
        judge.broken |= thread::panicking();
        drop(judge);
        self.turns.turn.store(self.number + 1, Ordering::Relaxed);
        self.turns.next.notify_all();
    }
}
