//! RFC 3261 section 12 at both ends; the route examples are those of section 16.12.1.

use super::*;
use bytes::Bytes;

fn message(text: &str) -> Message {
    Message::parse(Bytes::from(text.replace('\n', "\r\n"))).unwrap()
}

fn invite() -> Message {
    message(
        "INVITE sip:bob@example.com SIP/2.0\nVia: SIP/2.0/UDP alice.example.com;branch=z9hG4bK1\n\
         Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com;lr>\n\
         From: Alice <sip:alice@example.com>;tag=a\nTo: <sip:bob@example.com>\nCall-ID: c\nCSeq: 7 INVITE\n\
         Max-Forwards: 70\nContact: <sip:alice@192.0.2.1>\nContent-Length: 0\n\n",
    )
}

fn response(status: u16, tag: &str, more: &str) -> Message {
    message(&format!(
        "SIP/2.0 {status} X\nVia: SIP/2.0/UDP alice.example.com;branch=z9hG4bK1\n\
         From: Alice <sip:alice@example.com>;tag=a\nTo: <sip:bob@example.com>;tag={tag}\nCall-ID: c\nCSeq: 7 INVITE\n\
         {more}Content-Length: 0\n\n"
    ))
}

const CONTACT: &str = "Contact: <sip:bob@192.0.2.4>\n";
const ROUTES: &str = "Record-Route: <sip:p2.example.com;lr>\nRecord-Route: <sip:p1.example.com;lr>\n";

fn in_dialog(method: &str, cseq: u32, more: &str) -> Message {
    message(&format!(
        "{method} sip:alice@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP b;branch=z9hG4bK{cseq}\n\
         From: <sip:bob@example.com>;tag=b\nTo: <sip:alice@example.com>;tag=a\nCall-ID: c\nCSeq: {cseq} {method}\n\
         Max-Forwards: 70\n{more}Content-Length: 0\n\n"
    ))
}

fn texts(built: &Message, name: Name) -> Vec<&str> {
    built.headers(&name).collect()
}

#[test]
fn the_caller_takes_the_record_route_backwards_and_the_called_party_forwards() {
    let uac = Dialog::uac(&invite(), &response(200, "b", &format!("{ROUTES}{CONTACT}"))).unwrap();
    assert_eq!(uac.route_set, ["<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"]);
    assert_eq!((uac.state, uac.local_cseq, uac.remote_cseq), (State::Confirmed, 7, None));
    let uas = Dialog::uas(&invite(), "b").unwrap();
    assert_eq!(uas.route_set, ["<sip:p2.example.com;lr>", "<sip:p1.example.com;lr>"]);
    assert_eq!((uas.state, uas.local_cseq, uas.remote_cseq), (State::Early, 0, Some(7)));
    assert_eq!((&*uas.remote_target, &*uas.remote_uri), ("sip:alice@192.0.2.1", "sip:alice@example.com"));
    assert_eq!((&*uas.id.local_tag, &*uas.id.remote_tag), ("b", "a"));
}

#[test]
fn a_request_behind_loose_routers_has_the_target_as_its_uri() {
    let mut dialog = Dialog::uac(&invite(), &response(200, "b", &format!("{ROUTES}{CONTACT}"))).unwrap();
    let bye = dialog.request(Method::Bye).build();
    assert_eq!(bye.request_uri(), Some("sip:bob@192.0.2.4"));
    assert_eq!(texts(&bye, Name::Route), ["<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"]);
    assert_eq!(texts(&bye, Name::From), ["<sip:alice@example.com>;tag=a"]);
    assert_eq!(texts(&bye, Name::To), ["<sip:bob@example.com>;tag=b"]);
    assert_eq!(texts(&bye, Name::CSeq), ["8 BYE"]);
    assert_eq!(texts(&bye, Name::MaxForwards), ["70"]);
    assert_eq!(texts(&dialog.request(Method::Info).build(), Name::CSeq), ["9 INFO"]);
}

#[test]
fn a_request_behind_a_strict_router_has_the_router_as_its_uri_and_the_target_as_last_route() {
    let routes = "Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com;method=INVITE;x=1?Subject=y>\n";
    let mut dialog = Dialog::uac(&invite(), &response(200, "b", &format!("{routes}{CONTACT}"))).unwrap();
    let bye = dialog.request(Method::Bye).build();
    assert_eq!(bye.request_uri(), Some("sip:p1.example.com;x=1"));
    assert_eq!(texts(&bye, Name::Route), ["<sip:p2.example.com;lr>", "<sip:bob@192.0.2.4>"]);
}

#[test]
fn headers_and_method_of_a_contact_stay_out_of_the_request_uri() {
    let contact = "Contact: <sip:bob@192.0.2.4;method=BYE;ob?Subject=hello>\n";
    let mut dialog = Dialog::uac(&invite(), &response(200, "b", contact)).unwrap();
    assert_eq!(dialog.request(Method::Bye).build().request_uri(), Some("sip:bob@192.0.2.4;ob"));
}

#[test]
fn each_fork_makes_an_early_dialog_and_the_2xx_confirms_its_own() {
    let mut one = Dialog::uac(&invite(), &response(180, "b1", CONTACT)).unwrap();
    let two = Dialog::uac(&invite(), &response(183, "b2", "")).unwrap();
    assert_eq!((one.state, two.state), (State::Early, State::Early));
    assert_eq!(two.remote_target, "sip:bob@example.com", "without Contact the request's own target");
    let accepted = response(200, "b1", &format!("{ROUTES}Contact: <sip:bob@192.0.2.9>\n"));
    assert!(one.matches(&accepted) && !two.matches(&accepted));
    one.refresh(&accepted);
    assert_eq!(one.state, State::Confirmed);
    assert_eq!(one.route_set, ["<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"], "the route set of the 2xx");
    assert_eq!(one.remote_target, "sip:bob@192.0.2.9");
}

#[test]
fn the_route_set_of_a_confirmed_dialog_stays_when_the_target_moves() {
    let mut dialog = Dialog::uac(&invite(), &response(200, "b", &format!("{ROUTES}{CONTACT}"))).unwrap();
    dialog.refresh(&response(200, "b", "Record-Route: <sip:other;lr>\nContact: <sip:bob@192.0.2.9>\n"));
    assert_eq!(dialog.route_set.len(), 2);
    assert_eq!(dialog.remote_target, "sip:bob@192.0.2.9");
    dialog.refresh(&response(488, "b", "Contact: <sip:bob@192.0.2.77>\n"));
    assert_eq!(dialog.remote_target, "sip:bob@192.0.2.9", "a refusal refreshes nothing");
}

#[test]
fn what_makes_no_dialog_says_why() {
    let error = |answer: &Message| Dialog::uac(&invite(), answer).unwrap_err();
    assert_eq!(error(&response(404, "b", CONTACT)), DialogError::Status(404));
    assert_eq!(error(&response(100, "b", CONTACT)), DialogError::Status(100));
    assert_eq!(error(&response(200, "b", "")), DialogError::NoContact);
    let untagged = message(
        "SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=a\nTo: <sip:c@d>\nCall-ID: c\n\
         CSeq: 7 INVITE\nContent-Length: 0\n\n",
    );
    assert_eq!(error(&untagged), DialogError::NoTag(Name::To));
    let mute = invite().edit().remove(&Name::Contact).finish();
    assert_eq!(Dialog::uas(&mute, "b").unwrap_err(), DialogError::NoContact);
}

#[test]
fn requests_of_the_peer_must_not_go_back_in_order() {
    let mut dialog = Dialog::uac(&invite(), &response(200, "b", CONTACT)).unwrap();
    assert_eq!(dialog.receive(&in_dialog("INFO", 5, "")), Ok(()));
    assert_eq!(dialog.receive(&in_dialog("INFO", 9, "")), Ok(()), "a gap is legal");
    assert_eq!(dialog.receive(&in_dialog("INFO", 8, "")), Err(OutOfOrder { last: 9, received: 8 }));
    assert_eq!(dialog.receive(&in_dialog("ACK", 5, "")), Ok(()), "an ACK has the number of its INVITE");
    assert_eq!(dialog.remote_cseq, Some(9));
}

#[test]
fn only_target_refresh_requests_move_the_target() {
    for (method, moves) in [
        ("INVITE", true),
        ("UPDATE", true),
        ("SUBSCRIBE", true),
        ("NOTIFY", true),
        ("REFER", true),
        ("INFO", false),
        ("BYE", false),
        ("MESSAGE", false),
    ] {
        let mut dialog = Dialog::uac(&invite(), &response(200, "b", CONTACT)).unwrap();
        dialog.receive(&in_dialog(method, 1, "Contact: <sip:bob@192.0.2.200>\n")).unwrap();
        assert_eq!(dialog.remote_target == "sip:bob@192.0.2.200", moves, "{method}");
    }
    let mut dialog = Dialog::uac(&invite(), &response(200, "b", CONTACT)).unwrap();
    dialog.receive(&in_dialog("INVITE", 2, CONTACT)).unwrap();
    assert!(dialog.receive(&in_dialog("INVITE", 1, "Contact: <sip:bob@192.0.2.200>\n")).is_err());
    assert_eq!(dialog.remote_target, "sip:bob@192.0.2.4", "nor does one that is out of order");
}

#[test]
fn messages_are_attributed_by_call_id_and_both_tags() {
    let dialog = Dialog::uac(&invite(), &response(200, "b", CONTACT)).unwrap();
    assert!(dialog.matches(&in_dialog("BYE", 1, "")));
    assert_eq!(DialogId::of_request_received(&in_dialog("BYE", 1, "")), Some(dialog.id.clone()));
    assert_eq!(DialogId::of_response_received(&response(200, "b", "")), Some(dialog.id.clone()));
    assert!(!dialog.matches(&response(200, "other", "")));
    assert_eq!(DialogId::of_request_received(&invite()), None);
    assert!(!dialog.matches(&dialog.clone().request(Method::Bye).build()), "our own request is not received");
}

#[test]
fn the_ack_of_a_2xx_has_the_number_of_its_invite() {
    let mut dialog = Dialog::uac(&invite(), &response(200, "b", &format!("{ROUTES}{CONTACT}"))).unwrap();
    dialog.request(Method::Info);
    let ack = dialog.ack(7).build();
    assert_eq!((ack.method(), texts(&ack, Name::CSeq)), (Method::Ack, vec!["7 ACK"]));
    assert_eq!(ack.request_uri(), Some("sip:bob@192.0.2.4"));
    assert_eq!(texts(&ack, Name::Route).len(), 2);
    assert_eq!(dialog.local_cseq, 8, "an ACK takes no number");
}

#[test]
fn a_peer_without_tag_is_answered_without_tag() {
    let old = invite().edit().set(Name::From, "<sip:alice@example.com>").finish();
    let mut dialog = Dialog::uas(&old, "b").unwrap();
    assert_eq!(texts(&dialog.request(Method::Bye).build(), Name::To), ["<sip:alice@example.com>"]);
}

#[test]
fn a_notify_makes_the_dialog_of_its_subscription() {
    let subscribe = invite().edit().set(Name::CSeq, "3 SUBSCRIBE").finish();
    let notify = in_dialog("NOTIFY", 11, "Record-Route: <sip:p1;lr>, <sip:p2;lr>\nContact: <sip:focus@192.0.2.8>\n");
    let mut dialog = Dialog::by_notify(&subscribe, &notify).unwrap();
    assert_eq!(dialog.id, DialogId::new("c", "a", "b"));
    assert_eq!((dialog.local_cseq, dialog.remote_cseq), (3, Some(11)));
    let refresh = dialog.request(Method::Subscribe).build();
    assert_eq!(texts(&refresh, Name::Route), ["<sip:p1;lr>", "<sip:p2;lr>"]);
    assert_eq!(texts(&refresh, Name::CSeq), ["4 SUBSCRIBE"]);
    assert_eq!(refresh.request_uri(), Some("sip:focus@192.0.2.8"));
}
