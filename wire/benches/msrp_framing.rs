//! MSRP framing: a stream of SENDs of 64 KiB each, cut as reads from a socket cut it.
//!
//! *Owned* reads are octets that nobody else holds; *cut* ones are parts of a larger block, as the TCP driver makes them.

use bytes::Bytes;
use cpm_wire::msrp::{ByteRange, Chunk, FailureReport, Flag, Framer, send};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 64;
const READS: [usize; 3] = [64 * 1024, 16 * 1024, 1460];

/// One message in chunks. The content is what a picture looks like: octets without an order.
fn stream(hyphens: bool) -> Vec<u8> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut octet = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[3]
    };
    let total = CHUNK * CHUNKS;
    let mut all = Vec::new();
    for number in 0..CHUNKS {
        let body: Vec<u8> = (0..CHUNK).map(|_| if hyphens { b'-' } else { octet() }).collect();
        let start = (number * CHUNK) as u64;
        let (_, octets) = send(&Chunk {
            transaction: &format!("t{number:07}"),
            to_path: &["msrp://198.51.100.7:2855/s4hcm9e2kd;tcp".to_owned()],
            from_path: "msrp://192.0.2.10:7654/jshA7we00001;tcp",
            message_id: "Msg000000000001",
            success_report: false,
            failure_report: FailureReport::Yes,
            byte_range: ByteRange { start: start + 1, end: Some(start + CHUNK as u64), total: Some(total as u64) },
            content: Some(("message/cpim", &body)),
            flag: if number + 1 == CHUNKS { Flag::Complete } else { Flag::More },
        });
        all.extend_from_slice(&octets);
    }
    all
}

fn run(bencher: Bencher, stream: &[u8], reads: impl Fn() -> Vec<Bytes> + Sync) {
    assert_eq!(frame(reads()), (CHUNKS, CHUNK * CHUNKS), "every chunk must come out whole");
    bencher.counter(BytesCount::new(stream.len())).with_inputs(reads).bench_values(frame);
}

/// Messages and octets of content that came out.
fn frame(reads: Vec<Bytes>) -> (usize, usize) {
    let mut framer = Framer::default();
    let (mut messages, mut octets) = (0, 0);
    for read in reads {
        framer.push(read);
        while let Some(Ok(message)) = framer.next() {
            messages += 1;
            octets += black_box(message.body()).map_or(0, |body| body.len());
        }
    }
    (messages, octets)
}

#[divan::bench(args = READS)]
fn owned(bencher: Bencher, read: usize) {
    let stream = stream(false);
    run(bencher, &stream, || stream.chunks(read).map(Bytes::copy_from_slice).collect());
}

#[divan::bench(args = READS)]
fn cut(bencher: Bencher, read: usize) {
    let stream = stream(false);
    let block = Bytes::from(stream.clone());
    run(bencher, &stream, || block.chunks(read).map(|part| block.slice_ref(part)).collect());
}

/// Content of nothing but hyphens: the worst for a search of an end-line.
#[divan::bench(args = READS)]
fn hyphens(bencher: Bencher, read: usize) {
    let stream = stream(true);
    run(bencher, &stream, || stream.chunks(read).map(Bytes::copy_from_slice).collect());
}
