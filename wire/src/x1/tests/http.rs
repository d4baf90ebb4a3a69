//! Messages of HTTP: as they are cut, and as they must not be.

use super::super::http::*;
use pretty_assertions::assert_eq;

fn requests(octets: &[u8], piece: usize) -> Vec<Result<Message, HttpError>> {
    let mut framer = Framer::requests();
    let mut found = Vec::new();
    for piece in octets.chunks(piece) {
        framer.push(piece);
        while let Some(next) = framer.next() {
            found.push(next);
        }
    }
    found
}

fn status(text: &str) -> Option<u16> {
    requests(text.as_bytes(), 7).pop().and_then(|last| last.err()).map(|error| error.status)
}

#[test]
fn requests_come_one_after_the_other_however_they_are_cut() {
    let octets = [post("/X1", "pf", "application/xml", "<a/>"), post("/X1", "pf", "application/xml", "")].concat();
    for piece in [1, 5, 1000] {
        let found = requests(&octets, piece);
        let bodies: Vec<_> = found.iter().map(|message| message.as_ref().unwrap().body.clone()).collect();
        assert_eq!(bodies, ["<a/>", ""]);
        let first = found[0].as_ref().unwrap();
        assert_eq!((first.request(), first.persists()), (Some(("POST", "/X1")), true));
        assert_eq!(first.field("content-type"), Some("application/xml"));
    }
}

#[test]
fn a_document_in_chunks_is_put_together() {
    let text = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n";
    let found = requests(text.as_bytes(), 4);
    assert_eq!(found[0].as_ref().unwrap().body, "abcde");
    assert!(!found[1].as_ref().unwrap().persists());
}

#[test]
fn two_readers_cannot_disagree_about_the_end() {
    let length = "Content-Length: 3\r\n";
    let with = |fields: &str| status(&format!("POST / HTTP/1.1\r\n{fields}\r\nabc"));
    assert_eq!(with(length), None);
    assert_eq!(with(&format!("{length}{length}")), None);
    assert_eq!(with(&format!("{length}Transfer-Encoding: chunked\r\n")), Some(400));
    assert_eq!(with(&format!("{length}Content-Length: 4\r\n")), Some(400));
    assert_eq!(with("Content-Length: +3\r\n"), Some(400));
    assert_eq!(with("Content-Length: 3, 3\r\n"), Some(400));
    assert_eq!(with("Content-Length : 3\r\n"), Some(400));
    assert_eq!(with("X: y\r\n Content-Length: 3\r\n"), Some(400));
    assert_eq!(with("X: y\nContent-Length: 3\r\n"), Some(400));
    assert_eq!(with("Transfer-Encoding: gzip, chunked\r\n"), Some(501));
    assert_eq!(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"), Some(400));
    assert_eq!(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n"), Some(400));
}

#[test]
fn there_is_a_bound_on_everything() {
    assert_eq!(status("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n"), Some(413));
    assert_eq!(status("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"), Some(413));
    assert_eq!(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n"), Some(413));
    assert_eq!(status(&format!("POST / HTTP/1.1\r\nX: {}", "y".repeat(20_000))), Some(431));
    assert_eq!(status("POST / HTTP/2.0\r\n\r\n"), Some(505));
    assert_eq!(status("\u{16}\u{3}\u{1}"), Some(400));
    assert_eq!(status("hello\r\n\r\n"), Some(400));
    assert_eq!(status("HELLO\r\n\r\n"), Some(400));
}

#[test]
fn after_an_error_nothing_follows() {
    let mut framer = Framer::requests();
    framer.push(b"hello\r\n\r\n");
    assert!(framer.next().is_some_and(|next| next.is_err()));
    framer.push(&post("/", "pf", "text/plain", ""));
    assert!(framer.next().is_none() && !framer.waits());
}

#[test]
fn responses_say_how_long_they_are() {
    let mut framer = Framer::responses();
    framer.push(&answer(200, "OK", "application/xml", "<a/>", true));
    let message = framer.next().unwrap().unwrap();
    assert_eq!((message.status(), message.persists(), message.body), (Some(200), false, "<a/>".into()));
    framer.push(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(framer.next().unwrap().unwrap().status(), Some(100));
    assert_eq!(framer.next().unwrap().unwrap().status(), Some(204));
    framer.push(b"HTTP/1.1 200 OK\r\n\r\n");
    assert!(framer.next().unwrap().is_err());
}
