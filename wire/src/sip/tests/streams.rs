//! Streams: framing, keep-alives, bounds.

use super::*;
use crate::sip::stream::{Frame, FrameError, Framer};
use pretty_assertions::assert_eq;

pub(super) fn frames(segments: &[&[u8]]) -> Vec<Frame> {
    let mut framer = Framer::default();
    let mut found = Vec::new();
    for segment in segments {
        framer.push(segment);
        while let Some(frame) = framer.next() {
            found.push(frame.unwrap());
        }
    }
    found
}

#[test]
fn a_stream_without_content_length_cannot_be_framed() {
    let mut framer = Framer::default();
    framer.push(INVITE.replace("Content-Length: 4\r\n", "").as_bytes());
    assert!(matches!(framer.next(), Some(Err(FrameError::NoContentLength(_)))));
    framer.push(INVITE.as_bytes());
    assert!(framer.next().is_none());
}

#[test]
fn keep_alives_stand_between_messages() {
    let stream = format!("\r\n\r\n{INVITE}\r\n\r\n{INVITE}");
    let kinds: Vec<bool> = frames(&[stream.as_bytes()]).iter().map(|frame| matches!(frame, Frame::KeepAlive)).collect();
    assert_eq!(kinds, [true, false, true, false]);
}
