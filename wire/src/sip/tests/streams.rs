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

#[test]
fn a_keep_alive_cut_in_two_is_still_one() {
    let kinds = |segments: &[&[u8]]| {
        let frames = frames(segments);
        frames.iter().map(|frame| matches!(frame, Frame::KeepAlive)).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&[b"\r\n\r\n"]), [true]);
    assert_eq!(kinds(&[b"\r\n\r", b"\n"]), [true]);
    assert_eq!(kinds(&[b"\r\n", b"\r\n"]), [false, true]);
    assert_eq!(kinds(&[b"\r", b"\n", b"\r", b"\n", b"\r\n"]), [false, true, false]);
}

#[test]
fn a_stream_that_is_no_sip_or_too_large_fails_once() {
    let error_of = |text: String| {
        let mut framer = Framer::default();
        framer.push(text.as_bytes());
        let error = framer.next().unwrap().unwrap_err();
        assert!(framer.next().is_none() && framer.waiting().is_empty());
        error
    };
    assert!(matches!(error_of("hello\r\n\r\n".to_owned()), FrameError::Head(_)));
    assert!(matches!(error_of("\rINVITE\r\n\r\n".to_owned()), FrameError::Head(_)));
    assert!(matches!(error_of(INVITE.replace("Length: 4", "Length: -4")), FrameError::Head(_)));
    assert!(matches!(error_of("x".repeat(65537)), FrameError::TooLarge(_)));
    let large = INVITE.replace("Length: 4", "Length: 10485761");
    assert_eq!(error_of(large), FrameError::TooLarge(10_485_761));
}

#[test]
fn a_body_waits_for_its_last_octet() {
    let mut framer = Framer::default();
    let (head, last) = INVITE.as_bytes().split_at(INVITE.len() - 1);
    framer.push(head);
    assert!(framer.next().is_none());
    assert_eq!(framer.waiting(), head);
    framer.push(last);
    assert_eq!(framer.next(), Some(Ok(Frame::Message(parse(INVITE)))));
    assert!(framer.next().is_none() && framer.waiting().is_empty());
}
