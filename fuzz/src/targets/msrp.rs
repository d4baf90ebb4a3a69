//! MSRP (RFC 4975): streams, and a session that is told whatever comes.

use std::time::Duration;

use bytes::Bytes;
use cpm_wire::msrp::{ByteRange, FailureReport, Framer, Message, MsrpUri};
use cpm_wire::msrp_session::{Config, Outgoing, Session, SessionEvent, SessionOutput};
use cpm_wire::time::Time;

use super::cutting::{pieces, reads_alike};

/// A stream: the same messages however it is cut, all of them together are the octets that came, and what stands in a
/// message stands within it.
pub fn stream(octets: &[u8]) {
    let (messages, waiting) = reads_alike(octets, messages);
    let read: Vec<u8> = messages.iter().flat_map(|message| message.octets().to_vec()).collect();
    assert!(octets.starts_with(&read));
    assert!(waiting.is_none_or(|waiting| waiting == octets.len() - read.len()));
    for message in &messages {
        let length = message.octets().len();
        assert!(message.body_range().is_none_or(|body| body.start <= body.end && body.end <= length));
        assert!(message.fields().iter().all(|field| field.name.end <= field.value.start && field.value.end <= length));
        asked(message);
    }
}

/// The messages, and how much waits for more; none where the stream is no MSRP. How soon that is seen, and so what is told of
/// it, is the network's doing.
fn messages(pieces: &[&[u8]]) -> (Vec<Message>, Option<usize>) {
    let mut framer = Framer::default();
    let mut messages = Vec::new();
    let mut failed = false;
    for piece in pieces {
        framer.push(Bytes::copy_from_slice(piece));
        while let Some(next) = framer.next() {
            match next {
                Ok(message) => messages.push(message),
                Err(_) => failed = true,
            }
        }
    }
    (messages, (!failed).then(|| framer.waiting()))
}

fn asked(message: &Message) {
    let _ = (message.status(), message.local_session_id(), message.message_id(), message.success_report());
    let _ = (message.failure_report(), message.status_header(), message.content_type());
    for uri in message.to_path().into_iter().chain(message.from_path()) {
        if let Ok(uri) = MsrpUri::parse(uri) {
            assert!(uri.equals(&uri));
        }
    }
    if let Some(range) = message.byte_range() {
        assert_eq!(ByteRange::parse(&range.to_string()), Some(range));
    }
}

/// A session with a message on its way gives out no more content than came in, answers each request at most once, and
/// comes to rest.
pub fn session(octets: &[u8]) {
    let mut session = Session::new(
        "msrp://192.0.2.1:2855/ours;tcp",
        vec!["msrp://192.0.2.2:2855/theirs;tcp".to_owned()],
        Config { chunk_octets: 16, max_message_octets: 4096, window: 2, ..Config::default() },
    );
    session.send(Time::ZERO, outgoing());
    let (mut framer, mut told) = (Framer::default(), Told::default());
    let mut now = Time::ZERO;
    for piece in pieces(octets) {
        framer.push(Bytes::copy_from_slice(piece));
        while let Some(Ok(message)) = framer.next() {
            session.receive(now, message);
            told.requests += 1;
            told.listen(&mut session);
        }
        now += Duration::from_millis(700);
        session.handle_timeout(now);
        told.listen(&mut session);
    }
    assert!(told.received <= octets.len());
    // The chunks of the one message, and for each request a response and a report.
    assert!(told.sent <= 3 + 3 * told.requests, "{told:?}");
    for _ in 0..4 {
        now += Duration::from_secs(60);
        session.handle_timeout(now);
        told.listen(&mut session);
    }
    assert_eq!(session.poll_timeout(), None);
}

fn outgoing() -> Outgoing {
    Outgoing {
        message_id: "ours-1".to_owned(),
        content_type: "text/plain".to_owned(),
        octets: Bytes::from_static(b"forty octets of text, which is in chunks"),
        success_report: true,
        failure_report: FailureReport::Yes,
        chunk_octets: None,
    }
}

/// What a session made of what it was told.
#[derive(Debug, Default)]
struct Told {
    requests: usize,
    received: usize,
    sent: usize,
}

impl Told {
    fn listen(&mut self, session: &mut Session) {
        while let Some(output) = session.poll_output() {
            match output {
                SessionOutput::Send(_) => self.sent += 1,
                SessionOutput::Event(SessionEvent::Received { reply, message_id, octets, .. }) => {
                    self.received += octets.len();
                    session.reply(reply, 200);
                    session.report(&message_id, 200);
                }
                SessionOutput::Event(_) => {}
            }
        }
    }
}
