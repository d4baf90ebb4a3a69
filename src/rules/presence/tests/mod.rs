//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another legal
//! way.

mod publishing;
mod sweep;
mod watching;

use crate::evidence::Direction::{Received, Sent};
use crate::rules::missed_group_content::tests::script::Script;
use crate::rules::missed_group_content::tests::script::octets::Request;
use std::time::Duration;

const BOB: &str = "sip:bob@example.com";
const KIND: &str = "application/pidf+xml";

/// Bob, whose phone has registered.
pub fn there() -> Script {
    let mut script = Script::new();
    script.registers("Bob", "phone");
    script
}

/// A document of one tuple with this basic status.
pub fn document(basic: &str) -> String {
    format!(
        "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"{BOB}\"><tuple id=\"t\"><status><basic>{basic}</basic>\
         </status></tuple></presence>"
    )
}

/// The target publishes: on this entity tag, for these seconds, with this basic status.
pub fn publishes(script: &mut Script, before: Option<&str>, expires: u32, basic: Option<&str>) -> Request {
    let before = before.map_or_else(String::new, |tag| format!("SIP-If-Match: {tag}\r\n"));
    let n = script.upcoming() + 500 + u32::try_from(script.frame()).unwrap();
    let request = Request::new("PUBLISH", BOB, n);
    let request = request.headers(&format!("Event: presence\r\n{before}Expires: {expires}\r\n"));
    let request = match basic {
        Some(basic) => request.body(KIND, &document(basic)),
        None => request,
    };
    script.sip(Received, request.octets());
    request
}

/// The same, which is granted 60 seconds at most under this tag.
pub fn published(script: &mut Script, before: Option<&str>, basic: Option<&str>, tag: &str) {
    let request = publishes(script, before, 3600, basic);
    script.sip(Sent, request.answer(200, &format!("SIP-ETag: {tag}\r\nExpires: 60\r\n"), ""));
}

/// The same, which is refused.
pub fn refused(script: &mut Script, before: Option<&str>, status: u16, more: &str) {
    let request = publishes(script, before, 3600, before.is_none().then_some("open"));
    script.sip(Sent, request.answer(status, more, ""));
}

/// So many seconds pass.
pub fn pass(script: &mut Script, seconds: u64) {
    script.later += Duration::from_secs(seconds);
}

/// The target watches Bob; gives the Call-ID.
pub fn watches(script: &mut Script, status: u16) -> String {
    let n = script.upcoming() + 900;
    let request = Request::new("SUBSCRIBE", BOB, n).headers("Event: presence\r\nExpires: 3600\r\n");
    script.sip(Received, request.octets());
    script.sip(Sent, request.answer(status, "Expires: 3600\r\n", ""));
    format!("call-{n}")
}

/// The target is told this in its subscription, and answers so.
pub fn told(script: &mut Script, call_id: &str, basic: &str, status: Option<u16>) {
    let (n, body) = (script.frame(), document(basic));
    let common = format!(
        "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKtold{n}\r\nFrom: <{BOB}>;tag=tag-b\r\nTo: <{BOB}>;tag=tag-a\r\n\
         Call-ID: {call_id}\r\nCSeq: {n} NOTIFY\r\n"
    );
    script.sip(
        Sent,
        format!(
            "NOTIFY sip:target.example.com SIP/2.0\r\n{common}Max-Forwards: 70\r\nEvent: presence\r\n\
             Subscription-State: active;expires=600\r\nContent-Type: {KIND}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    if let Some(status) = status {
        script.sip(Received, format!("SIP/2.0 {status} Whatever\r\n{common}Content-Length: 0\r\n\r\n"));
    }
}
