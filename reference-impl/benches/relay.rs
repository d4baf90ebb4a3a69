//! Messages through the core of the function, from one leg of a session to the other and their answers back, without a
//! socket: octets of content a second in chunks of 64 KiB, and small messages a second.
//!
//! *Owned* reads are octets that nobody else holds; *cut* ones are parts of a larger block, as the TCP driver makes them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement ends where something is not as expected"
)]

#[path = "../tests/reference/scene/mod.rs"]
mod scene;

use bytes::Bytes;
use cpm_reference::core::{Input, Output};
use cpm_wire::io;
use cpm_wire::msrp::{self, ByteRange, Chunk, FailureReport, Flag};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use scene::Scene;

fn main() {
    divan::main();
}

const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 64;
const MESSAGES: usize = 1000;

/// A session that is up, and what the function receives from its ends.
struct Relayed {
    scene: Scene,
    caller: io::ConnectionId,
    callee: io::ConnectionId,
    paths: [(Vec<String>, String); 2],
}

impl Relayed {
    fn new() -> Relayed {
        let mut scene = Scene::new();
        scene.relayed("");
        let (caller, callee) = (scene.connection_of("caller"), scene.connection_of("callee"));
        let paths = ["caller", "callee"].map(|name| {
            let session = &scene.ends[name].session;
            (session.remote_path().to_vec(), session.local_path().to_owned())
        });
        Relayed { scene, caller, callee, paths }
    }

    fn send(&self, number: usize, body: &[u8], message_id: &str, byte_range: ByteRange, flag: Flag) -> Bytes {
        let (to_path, from_path) = &self.paths[0];
        let chunk = Chunk {
            transaction: &format!("tx{number:08}"),
            to_path,
            from_path,
            message_id,
            success_report: false,
            failure_report: FailureReport::Yes,
            byte_range,
            content: Some(("message/cpim", body)),
            flag,
        };
        msrp::send(&chunk).1
    }

    fn answer(&self, number: usize) -> Bytes {
        let (to_path, from_path) = &self.paths[1];
        msrp::answer(&format!("tx{number:08}"), &to_path[0], from_path, 200)
    }

    /// One message in chunks, and the answers to it.
    fn large(&self) -> (Vec<Bytes>, Vec<Bytes>) {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut octet = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed.to_le_bytes()[3]
        };
        let chunk = |number: usize| {
            let body: Vec<u8> = (0..CHUNK).map(|_| octet()).collect();
            let start = (number * CHUNK) as u64;
            let total = (CHUNK * CHUNKS) as u64;
            let byte_range = ByteRange { start: start + 1, end: Some(start + CHUNK as u64), total: Some(total) };
            let flag = if number + 1 == CHUNKS { Flag::Complete } else { Flag::More };
            self.send(number, &body, "large", byte_range, flag)
        };
        ((0..CHUNKS).map(chunk).collect(), (0..CHUNKS).map(|number| self.answer(number)).collect())
    }

    fn small(&self) -> (Vec<Bytes>, Vec<Bytes>) {
        let send = |number: usize| {
            let body = scene::messages::message("alice", &format!("imdn-{number}"), "Shall we have lunch?");
            let total = body.len() as u64;
            let byte_range = ByteRange { start: 1, end: Some(total), total: Some(total) };
            self.send(number, &body, &format!("m{number}"), byte_range, Flag::Complete)
        };
        ((0..MESSAGES).map(send).collect(), (0..MESSAGES).map(|number| self.answer(number)).collect())
    }

    /// Octets that the function sent for these that it received.
    fn relay(&mut self, connection: io::ConnectionId, octets: Bytes) -> usize {
        let (core, now) = (&mut self.scene.core, self.scene.now);
        core.handle_input(now, Input::Net(io::Input::Received { connection, octets }));
        let mut sent = 0;
        while let Some(output) = core.poll_output(now) {
            if let Output::Net(io::Output::Send { octets, .. }) = output {
                sent += octets.len();
            }
        }
        sent
    }

    /// Reads of the caller's octets, each followed by the answers of the callee that it makes due.
    fn pass(&mut self, reads: Vec<Vec<Bytes>>, answers: Vec<Bytes>) -> usize {
        let mut sent = 0;
        for (reads, answer) in reads.into_iter().zip(answers) {
            for octets in reads {
                sent += self.relay(self.caller, octets);
            }
            sent += self.relay(self.callee, answer);
        }
        sent
    }
}

fn run(
    bencher: Bencher,
    mut relayed: Relayed,
    sends: &[Bytes],
    answers: &[Bytes],
    read: impl Fn(&Bytes) -> Vec<Bytes>,
) {
    let content: usize = sends.iter().map(Bytes::len).sum();
    let reads = || (sends.iter().map(&read).collect::<Vec<_>>(), answers.to_vec());
    let (first, answered) = reads();
    let sent = relayed.pass(first, answered);
    assert!(
        sent > content && sent < content + sends.len() * 500,
        "all goes on, and all is answered: {sent} of {content}"
    );
    let bencher = bencher.counter(BytesCount::new(content)).counter(ItemsCount::new(sends.len()));
    bencher.with_inputs(reads).bench_local_values(|(reads, answers)| relayed.pass(reads, answers));
}

/// As the driver reads: blocks of 64 KiB, from which reads are cut.
fn cut(send: &Bytes) -> Vec<Bytes> {
    let pieces = send.chunks(CHUNK);
    pieces.map(|piece| Bytes::from([piece, b"the rest of the block"].concat()).slice(..piece.len())).collect()
}

fn owned(send: &Bytes) -> Vec<Bytes> {
    vec![Bytes::copy_from_slice(send)]
}

#[divan::bench]
fn large_owned(bencher: Bencher) {
    let relayed = Relayed::new();
    let (sends, answers) = relayed.large();
    run(bencher, relayed, &sends, &answers, owned);
}

#[divan::bench]
fn large_cut(bencher: Bencher) {
    let relayed = Relayed::new();
    let (sends, answers) = relayed.large();
    run(bencher, relayed, &sends, &answers, cut);
}

#[divan::bench]
fn small_owned(bencher: Bencher) {
    let relayed = Relayed::new();
    let (sends, answers) = relayed.small();
    run(bencher, relayed, &sends, &answers, owned);
}
