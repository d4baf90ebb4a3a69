//! How messages find their transaction, and how many of those there may be.

use super::*;

fn with_via(message: &Message, via: &str) -> Message {
    message.edit().remove(&Name::Via).prepend(Name::Via, via).finish()
}

#[test]
fn two_clients_may_choose_the_same_branch() {
    let mut bench = Bench::new();
    bench.receive(&with_via(&plain(), "SIP/2.0/UDP one.example.com;branch=z9hG4bKsame"), UDP);
    bench.receive(&with_via(&plain(), "SIP/2.0/UDP two.example.com;branch=z9hG4bKsame"), UDP);
    bench.receive(&with_via(&plain(), "SIP/2.0/UDP two.example.com:5080;branch=z9hG4bKsame"), UDP);
    bench.receive(&with_via(&plain(), "SIP/2.0/UDP TWO.example.com;branch=z9hG4bKsame;received=192.0.2.1"), UDP);
    assert_eq!(bench.words_now(), ["request MESSAGE"; 3], "sent-by belongs to the name, its case does not");
}

#[test]
fn a_peer_of_rfc_2543_is_recognised_by_what_its_requests_say() {
    let mut bench = Bench::new();
    for via in ["SIP/2.0/UDP old.example.com", "SIP/2.0/UDP old.example.com;branch=1"] {
        let old = with_via(&invite(), via);
        let server = bench.serve(&old, UDP);
        bench.receive(&old, UDP);
        bench.respond(server, &old, 486);
        bench.receive(&old, UDP);
        assert_eq!(bench.words_now(), ["send 486", "send 486"]);
        let ack = ack_of(&answer(&old, 486, "b"), "x");
        bench.receive(&with_via(&ack, via), UDP);
        assert_eq!(bench.words_now(), [] as [&str; 0], "{via}: the ACK of the refusal is absorbed");
    }
    let next = with_via(&invite(), "SIP/2.0/UDP old.example.com").edit().set(Name::CSeq, "8 INVITE").finish();
    bench.serve(&next, UDP);
}

#[test]
fn a_request_that_comes_by_two_paths_is_merged() {
    let mut bench = Bench::new();
    let first = plain();
    let server = bench.serve(&first, UDP);
    assert!(!bench.layer.is_merged(&first));
    let second = request(Method::Message, "z9hG4bKother");
    bench.serve(&second, UDP);
    assert!(bench.layer.is_merged(&second));
    assert!(!bench.layer.is_merged(&first), "the first one is to be served");
    let within = second.edit().set(Name::To, "<sip:bob@example.com>;tag=b").finish();
    assert!(!bench.layer.is_merged(&within), "never within a dialog");
    let next = second.edit().set(Name::CSeq, "8 MESSAGE").finish();
    assert!(!bench.layer.is_merged(&next));
    bench.respond(server, &first, 200);
    bench.run(40_000);
    assert!(!bench.layer.is_merged(&second), "the first is long over");
}

#[test]
fn what_cannot_be_attributed_is_dropped() {
    let mut bench = Bench::new();
    for missing in [Name::Via, Name::CallId] {
        bench.receive(&with_via(&plain(), "SIP/2.0/UDP old.example.com").edit().remove(&missing).finish(), UDP);
    }
    assert_eq!(bench.words_now(), [] as [&str; 0]);
    assert!(bench.layer.is_empty());
}

#[test]
fn a_full_layer_forgets_what_has_been_over_longest() {
    let mut bench = Bench::with_layer(Layer::with_capacity(Timers::default(), 2));
    let (first, second, third) = (plain(), request(Method::Message, "z9hG4bK2"), request(Method::Message, "z9hG4bK3"));
    let one = bench.serve(&first, UDP);
    let two = bench.serve(&second, UDP);
    bench.respond(two, &second, 200);
    bench.run(1);
    bench.respond(one, &first, 200);
    bench.words_now();
    bench.serve(&third, UDP);
    assert_eq!(bench.layer.len(), 2);
    bench.receive(&first, UDP);
    assert_eq!(bench.words_now(), ["send 200"], "the one that was over last is still there");
    bench.receive(&second, UDP);
    assert_eq!(bench.words_now(), ["request MESSAGE"], "the one that was over first is forgotten");
}

#[test]
fn a_layer_full_of_open_requests_answers_503() {
    let mut bench = Bench::with_layer(Layer::with_capacity(Timers::default(), 1));
    bench.serve(&plain(), UDP);
    let second = request(Method::Message, "z9hG4bK2");
    bench.receive(&second, UDP);
    let Some(Output::Send { message: first, .. }) = bench.layer.poll_output() else { panic!("no answer") };
    bench.receive(&second, UDP);
    let Some(Output::Send { message: again, .. }) = bench.layer.poll_output() else { panic!("no answer") };
    assert_eq!((first.status(), first.header(&Name::RetryAfter)), (Some(503), Some("32")));
    assert!(first.to_tag().is_some());
    assert_eq!(first, again);
    bench.send(&request(Method::Info, "z9hG4bK3"), UDP);
    assert_eq!(bench.words_now(), ["send INFO"], "our own requests are the owner's to bound");
}

#[test]
fn thousands_of_transactions_end_without_rest() {
    let mut bench = Bench::new();
    for n in 0..5000 {
        bench.run(n);
        let branch = format!("z9hG4bK{n}");
        let message = request(Method::Message, &branch).edit().set(Name::CallId, &branch).finish();
        match n % 3 {
            0 => _ = bench.send(&message, n % 2 == 0),
            1 => {
                let server = bench.serve(&message, n % 2 == 0);
                bench.respond(server, &message, 200);
            }
            _ => {
                let invite = request(Method::Invite, &branch).edit().set(Name::CallId, &branch).finish();
                let server = bench.serve(&invite, n % 2 == 0);
                bench.respond(server, &invite, if n % 4 == 0 { 200 } else { 486 });
            }
        }
    }
    assert!(bench.layer.len() > 4000);
    bench.run(200_000);
    assert!(bench.layer.is_empty());
    assert_eq!(bench.layer.poll_timeout(), None);
    assert!(bench.layer.is_clean(), "no index may keep what is gone");
}

#[test]
fn a_late_wake_up_sends_once_and_goes_on_from_there() {
    let mut bench = Bench::new();
    bench.send(&plain(), UDP);
    bench.words_now();
    bench.now = 2000;
    bench.layer.handle_timeout(time(2000));
    assert_eq!(bench.words_now(), ["send MESSAGE"], "no burst after a pause of the machine");
    assert_eq!(bench.layer.poll_timeout(), Some(time(3000)));
}
