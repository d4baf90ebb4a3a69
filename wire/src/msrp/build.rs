//! MSRP messages made.

use super::head::HYPHENS;
use super::message::{ByteRange, FailureReport, Flag, Message, Method};
use bytes::{BufMut, Bytes, BytesMut};
use memchr::memmem;
use std::fmt::Write as _;

/// One SEND.
#[derive(Clone, Debug)]
pub struct Chunk<'a> {
    /// The transaction id.
    pub transaction: &'a str,
    /// The path to the receiver, the next hop first.
    pub to_path: &'a [String],
    /// Our own path.
    pub from_path: &'a str,
    /// The message's id.
    pub message_id: &'a str,
    /// A report of success is asked for.
    pub success_report: bool,
    /// Which failures are to be told.
    pub failure_report: FailureReport,
    /// Where the chunk stands in the message.
    pub byte_range: ByteRange,
    /// Type and octets of the content; None for a SEND without a body.
    pub content: Option<(&'a str, &'a [u8])>,
    /// How it goes on.
    pub flag: Flag,
}

/// A SEND, and the transaction id that it got: the given one, or one that begins like it when the content holds the
/// end-line of that (RFC 4975 section 7.1).
pub fn send(chunk: &Chunk<'_>) -> (String, Bytes) {
    let transaction = free_transaction(chunk.transaction, chunk.content.map_or(&[], |(_, body)| body));
    let mut head = format!(
        "MSRP {transaction} SEND\r\nTo-Path: {}\r\nFrom-Path: {}\r\n",
        chunk.to_path.join(" "),
        chunk.from_path
    );
    // Writing to a String cannot fail.
    let _ = write!(head, "Message-ID: {}\r\n", chunk.message_id);
    if chunk.success_report {
        head.push_str("Success-Report: yes\r\n");
    }
    match chunk.failure_report {
        FailureReport::Yes => {}
        FailureReport::No => head.push_str("Failure-Report: no\r\n"),
        FailureReport::Partial => head.push_str("Failure-Report: partial\r\n"),
    }
    let _ = write!(head, "Byte-Range: {}\r\n", chunk.byte_range);
    let mut octets = BytesMut::with_capacity(head.len() + chunk.content.map_or(0, |(_, body)| body.len()) + 128);
    octets.put_slice(head.as_bytes());
    if let Some((content_type, body)) = chunk.content {
        octets.put_slice(format!("Content-Type: {content_type}\r\n\r\n").as_bytes());
        octets.put_slice(body);
        octets.put_slice(b"\r\n");
    }
    end(&mut octets, &transaction, chunk.flag);
    (transaction, octets.freeze())
}

/// The first id of the family whose end-line does not stand in the body. A body of so many octets cannot hold the
/// end-lines of more ids than that, so there is one.
fn free_transaction(wanted: &str, body: &[u8]) -> String {
    let is_free = |id: &str| memmem::find(body, format!("{HYPHENS}{id}").as_bytes()).is_none();
    if is_free(wanted) {
        return wanted.to_owned();
    }
    let stem: String = wanted.chars().take(16).collect();
    (0..=body.len()).map(|n| format!("{stem}{n:x}")).find(|id| is_free(id)).unwrap_or_else(|| wanted.to_owned())
}

fn end(octets: &mut BytesMut, transaction: &str, flag: Flag) {
    octets.put_slice(HYPHENS.as_bytes());
    octets.put_slice(transaction.as_bytes());
    octets.put_u8(flag.octet());
    octets.put_slice(b"\r\n");
}

/// The customary comment of a status.
const fn comment(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        408 => "Request Timeout",
        413 => "Stop Sending",
        415 => "Unsupported Media Type",
        423 => "Interval Out of Bounds",
        481 => "Session Does Not Exist",
        501 => "Not Implemented",
        506 => "Session In Use",
        _ => "Error",
    }
}

/// The response to a request: towards the previous hop, which is the leftmost of From-Path (RFC 4975 section 7.2).
pub fn response(request: &Message, status: u16) -> Bytes {
    let back = request.from_path().first().copied().unwrap_or_default();
    let own = request.to_path().first().copied().unwrap_or_default();
    answer(&request.transaction, back, own, status)
}

/// The response to the request of this transaction, whose previous hop was `back`.
pub fn answer(transaction: &str, back: &str, own: &str, status: u16) -> Bytes {
    let mut octets = BytesMut::with_capacity(256);
    // Writing to a buffer that grows cannot fail.
    let _ =
        write!(octets, "MSRP {transaction} {status} {}\r\nTo-Path: {back}\r\nFrom-Path: {own}\r\n", comment(status));
    end(&mut octets, transaction, Flag::Complete);
    octets.freeze()
}

/// The refusal of a request, if it may be told: no response goes to a REPORT or a response, and none where
/// Failure-Report says no (RFC 4975 sections 7.1.2 and 7.2).
pub fn refusal(request: &Message, status: u16) -> Option<Bytes> {
    let answerable = match &request.kind {
        super::Kind::Request { method: Method::Report } | super::Kind::Response { .. } => false,
        super::Kind::Request { .. } => request.failure_report() != FailureReport::No,
    };
    answerable.then(|| response(request, status))
}

/// A REPORT.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The transaction id.
    pub transaction: &'a str,
    /// The path to the sender of the message.
    pub to_path: &'a [String],
    /// Our own path.
    pub from_path: &'a str,
    /// The message reported on.
    pub message_id: &'a str,
    /// The octets reported on.
    pub byte_range: ByteRange,
    /// What became of them.
    pub status: u16,
}

/// A REPORT on a message.
pub fn report(report: &Report<'_>) -> Bytes {
    let head = format!(
        "MSRP {} REPORT\r\nTo-Path: {}\r\nFrom-Path: {}\r\nMessage-ID: {}\r\nByte-Range: {}\r\nStatus: 000 {} {}\r\n",
        report.transaction,
        report.to_path.join(" "),
        report.from_path,
        report.message_id,
        report.byte_range,
        report.status,
        comment(report.status)
    );
    let mut octets = BytesMut::from(head.as_bytes());
    end(&mut octets, report.transaction, Flag::Complete);
    octets.freeze()
}
