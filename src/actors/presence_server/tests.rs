//! The presence server, asked octet by octet.

use super::{Conduct, PresenceServer, Shown};
use crate::actors::Ensemble;
use crate::actors::client::pulling::Customs;
use crate::actors::tests::{arrives, ensemble, sent};
use cpm_wire::sip::{Message, Name};
use pretty_assertions::assert_eq;

const BOB: &str = "sip:plain-1@example.com";
const OPEN: &str = "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:plain-1@example.com\"/>";

/// Bob, whose presence the tester serves.
fn serving() -> Ensemble {
    let mut ensemble = ensemble(Customs::default());
    ensemble.presence_server = Some(PresenceServer::default());
    ensemble
}

fn server(ensemble: &mut Ensemble) -> &mut PresenceServer {
    ensemble.presence_server.as_mut().unwrap()
}

fn request(method: &str, number: u32, headers: &str, body: &str) -> String {
    format!(
        "{method} {BOB} SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKp{number}\nMax-Forwards: 70\n\
         From: <{BOB}>;tag=p{number}\nTo: <{BOB}>\nCall-ID: presence-{number}\nCSeq: 1 {method}\n\
         Contact: <sip:127.0.0.1:5070>\nEvent: presence\n{headers}Content-Length: {}\n\n{body}",
        body.len()
    )
}

/// The answer to a PUBLISH.
fn publish(ensemble: &mut Ensemble, number: u32, headers: &str, body: &str) -> Message {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/pidf+xml\n" };
    arrives(ensemble, &request("PUBLISH", number, &format!("{headers}{kind}"), body));
    sent(ensemble).remove(0)
}

fn header(message: &Message, name: &Name) -> String {
    message.header(name).unwrap_or_default().to_owned()
}

#[test]
fn a_publication_is_known_by_the_tag_that_was_given_last() {
    let mut ensemble = serving();
    server(&mut ensemble).keeps("Bob", None, Some(60));
    let first = publish(&mut ensemble, 1, "Expires: 3600\n", OPEN);
    assert_eq!((first.status(), header(&first, &Name::Expires)), (Some(200), "60".to_owned()));
    let on = |answer: &Message| format!("SIP-If-Match: {}\nExpires: 3600\n", header(answer, &Name::SipEtag));
    let second = publish(&mut ensemble, 2, &on(&first), "");
    assert_eq!(second.status(), Some(200));
    assert!(header(&first, &Name::SipEtag) != header(&second, &Name::SipEtag));
    assert_eq!(publish(&mut ensemble, 3, &on(&first), "").status(), Some(412));
    server(&mut ensemble).forgets("Bob");
    assert_eq!(publish(&mut ensemble, 4, &on(&second), "").status(), Some(412));
}

#[test]
fn what_is_no_publication_is_refused_in_the_way_of_the_paper() {
    let mut ensemble = serving();
    assert_eq!(publish(&mut ensemble, 1, "Expires: 3600\n", "").status(), Some(400));
    server(&mut ensemble).keeps("Bob", Some(7200), None);
    let brief = publish(&mut ensemble, 2, "Expires: 3600\n", OPEN);
    assert_eq!((brief.status(), header(&brief, &Name::MinExpires)), (Some(423), "7200".to_owned()));
    arrives(&mut ensemble, &request("PUBLISH", 3, "Content-Type: text/plain\nExpires: 7200\n", "open"));
    assert_eq!(sent(&mut ensemble)[0].status(), Some(415));
    server(&mut ensemble).publishing("Bob", Conduct::Refuses(489));
    let refused = publish(&mut ensemble, 4, "Expires: 7200\n", OPEN);
    assert_eq!((refused.status(), refused.header(&Name::AllowEvents).is_some()), (Some(489), true));
    let stranger = request("PUBLISH", 5, "", OPEN).replace(&format!("PUBLISH {BOB}"), "PUBLISH sip:nobody@example.com");
    arrives(&mut ensemble, &stranger);
    assert_eq!(sent(&mut ensemble)[0].status(), Some(404));
    server(&mut ensemble).publishing("Bob", Conduct::Silent);
    arrives(&mut ensemble, &request("PUBLISH", 6, "Expires: 7200\n", ""));
    assert!(sent(&mut ensemble).is_empty());
}

/// What was told since.
fn told(ensemble: &mut Ensemble) -> Vec<String> {
    let notify = |message: &Message| message.is_request().then(|| String::from_utf8(message.body().to_vec()).unwrap());
    sent(ensemble).iter().filter_map(notify).collect()
}

#[test]
fn who_watches_is_told_at_once_and_of_each_change() {
    let mut ensemble = serving();
    arrives(&mut ensemble, &request("SUBSCRIBE", 1, "Expires: 3600\n", ""));
    let first = told(&mut ensemble);
    assert!(first.len() == 1 && !first[0].contains("<tuple"), "{first:?}");
    ensemble.is_shown("Bob", Shown::Closed);
    let closed = told(&mut ensemble);
    assert!(closed.len() == 1 && closed[0].contains("<basic>closed</basic>"), "{closed:?}");
    ensemble.is_shown("Bob", Shown::Closed);
    assert!(told(&mut ensemble).is_empty());
    ensemble.is_shown("Bob", Shown::Open);
    assert!(told(&mut ensemble)[0].contains("<basic>open</basic>"));
    server(&mut ensemble).watching("Bob", Conduct::Refuses(403));
    arrives(&mut ensemble, &request("SUBSCRIBE", 2, "Expires: 3600\n", ""));
    assert_eq!(sent(&mut ensemble)[0].status(), Some(403));
}

#[test]
fn without_a_presence_server_presence_is_refused() {
    let mut ensemble = ensemble(Customs::default());
    arrives(&mut ensemble, &request("SUBSCRIBE", 1, "Expires: 3600\n", ""));
    assert_eq!(sent(&mut ensemble)[0].status(), Some(489));
    assert_eq!(publish(&mut ensemble, 2, "", OPEN).status(), Some(405));
    assert!(!ensemble.is_shown("Bob", Shown::Open));
}
