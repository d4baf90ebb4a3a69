//! How fast a stream is cut into MSRP messages (RFC 4975 section 7.1): octets a second, for chunks of several sizes,
//! read from the socket in pieces of 64 KiB.

#![allow(missing_docs, reason = "a benchmark is no interface")]

use bytes::{Bytes, BytesMut};
use cpm_wire::msrp::{self, ByteRange, Chunk, FailureReport, Flag, Framer};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

const STREAM_OCTETS: usize = 8 * 1024 * 1024;
const READ_OCTETS: usize = 64 * 1024;

fn main() {
    divan::main();
}

/// A stream of SENDs whose bodies are of this size. They look like text: line ends and hyphens are frequent.
fn stream(body_octets: usize) -> Bytes {
    let line = b"- a line of text, as chats have it -- and then some -------\r\n";
    let body: Vec<u8> = line.iter().copied().cycle().take(body_octets).collect();
    let length = body_octets as u64;
    let to_path = ["msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp".to_owned()];
    let mut octets = BytesMut::new();
    let mut number = 0;
    while octets.len() < STREAM_OCTETS {
        number += 1;
        let (_, send) = msrp::send(&Chunk {
            transaction: &format!("tx{number:06}"),
            to_path: &to_path,
            from_path: "msrp://atlanta.example.com:7654/jshA7weztas;tcp",
            message_id: "87652491",
            success_report: false,
            failure_report: FailureReport::Yes,
            byte_range: ByteRange { start: 1, end: Some(length), total: Some(length) },
            content: Some(("message/cpim", &body)),
            flag: Flag::Complete,
        });
        octets.extend_from_slice(&send);
    }
    octets.freeze()
}

/// Reads that nobody else holds, as a socket gives them.
fn reads(stream: &Bytes) -> Vec<Bytes> {
    stream.chunks(READ_OCTETS).map(Bytes::copy_from_slice).collect()
}

#[divan::bench(args = [256, 1024, 8 * 1024, 64 * 1024, 1024 * 1024])]
fn framing(bencher: Bencher<'_, '_>, body_octets: usize) {
    let stream = stream(body_octets);
    bencher.counter(BytesCount::new(stream.len())).with_inputs(|| reads(&stream)).bench_local_values(|reads| {
        let mut framer = Framer::default();
        let mut bodies = 0;
        for read in reads {
            framer.push(read);
            while let Some(message) = framer.next() {
                bodies += message.ok().and_then(|message| message.body()).map_or(0, |body| body.len());
            }
        }
        black_box(bodies)
    });
}

/// Making the chunks: the content is copied once, behind its head.
#[divan::bench(args = [1024, 64 * 1024])]
fn writing(bencher: Bencher<'_, '_>, body_octets: usize) {
    bencher.counter(BytesCount::new(STREAM_OCTETS)).bench_local(|| black_box(stream(body_octets).len()));
}
