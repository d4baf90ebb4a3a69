//! The client machines: timers A, B, D, E, F, K and M.

use super::*;

#[test]
fn timer_a_doubles_without_bound_until_timer_b_ends_the_invite() {
    let mut bench = Bench::new();
    bench.send(&invite(), UDP);
    let sent = bench.times("send INVITE", 31_999);
    assert_eq!(sent, [0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    assert_eq!(bench.run(100_000), log(&[(32_000, "timeout INVITE")]));
    assert!(bench.layer.is_empty());
}

#[test]
fn over_a_reliable_transport_an_invite_goes_once() {
    let mut bench = Bench::new();
    bench.send(&invite(), TCP);
    assert_eq!(bench.run(100_000), log(&[(0, "send INVITE"), (32_000, "timeout INVITE")]));
}

#[test]
fn a_provisional_response_stops_timers_a_and_b() {
    let mut bench = Bench::new();
    bench.send(&invite(), UDP);
    bench.run(600);
    bench.receive(&answer(&invite(), 100, ""), UDP);
    bench.receive(&answer(&invite(), 180, "b"), UDP);
    assert_eq!(bench.run(10_000_000), log(&[(600, "response 100"), (600, "response 180")]));
    assert_eq!(bench.layer.poll_timeout(), None);
    assert_eq!(bench.layer.len(), 1, "the INVITE still waits for its final response");
}

#[test]
fn a_refusal_is_acknowledged_each_time_that_it_comes_within_timer_d() {
    let mut bench = Bench::new();
    bench.send(&invite(), UDP);
    bench.run(100);
    let refusal = answer(&invite(), 486, "b");
    bench.receive(&refusal, UDP);
    assert_eq!(bench.words_now(), ["send ACK", "response 486"]);
    bench.run(32_099);
    bench.receive(&refusal, UDP);
    assert_eq!(bench.words_now(), ["send ACK"], "not given to the owner twice");
    assert_eq!(bench.layer.poll_timeout(), Some(time(32_100)));
    bench.run(32_100);
    bench.receive(&refusal, UDP);
    assert_eq!(bench.words_now(), ["stray 486"]);
    assert!(bench.layer.is_empty());
}

#[test]
fn an_invite_that_went_unreliably_after_all_is_repeated_and_so_is_the_ack_of_its_refusal() {
    let mut bench = Bench::new();
    bench.send(&invite(), TCP);
    bench.layer.went_unreliably(time(0), invite(), PEER);
    assert_eq!(bench.times("send INVITE", 1_600), [0, 500, 1500]);
    let refusal = answer(&invite(), 486, "b");
    for (at, said) in
        [(1_600, vec!["send ACK", "response 486"]), (33_599, vec!["send ACK"]), (33_600, vec!["stray 486"])]
    {
        bench.run(at);
        bench.receive(&refusal, UDP);
        assert_eq!(bench.words_now(), said);
    }
    assert!(bench.layer.is_empty());
}

#[test]
fn what_has_an_answer_is_not_begun_anew() {
    let mut bench = Bench::new();
    bench.send(&invite(), TCP);
    bench.receive(&answer(&invite(), 180, "b"), TCP);
    bench.layer.went_unreliably(time(0), invite(), PEER);
    assert_eq!(bench.run(100_000), log(&[(0, "send INVITE"), (0, "response 180")]));
}

#[test]
fn timer_d_is_zero_over_a_reliable_transport() {
    let mut bench = Bench::new();
    bench.send(&invite(), TCP);
    bench.receive(&answer(&invite(), 486, "b"), TCP);
    assert_eq!(bench.words_now(), ["send INVITE", "send ACK", "response 486"]);
    assert!(bench.layer.is_empty());
}

#[test]
fn the_ack_of_a_refusal_is_made_of_its_invite_and_the_to_of_the_refusal() {
    let mut bench = Bench::new();
    bench.send(&invite(), UDP);
    bench.words_now();
    bench.receive(&answer(&invite(), 486, "b"), UDP);
    let Some(Output::Send { message: ack, .. }) = bench.layer.poll_output() else { panic!("no ACK") };
    assert_eq!(
        ack.octets(),
        "ACK sip:bob@example.com SIP/2.0\r\n\
         Via: SIP/2.0/UDP client.example.com:5070;branch=z9hG4bKinvite\r\n\
         Route: <sip:p1.example.com;lr>\r\n\
         Route: <sip:p2.example.com;lr>\r\n\
         From: Alice <sip:alice@example.com>;tag=a\r\n\
         To: Bob <sip:bob@example.com>;tag=b\r\n\
         Call-ID: call\r\n\
         CSeq: 7 ACK\r\n\
         Max-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    );
}

#[test]
fn every_2xx_comes_up_until_timer_m_and_repetitions_are_marked() {
    let mut bench = Bench::new();
    bench.send(&invite(), UDP);
    bench.run(1000);
    let (one, two) = (answer(&invite(), 200, "fork1"), answer(&invite(), 202, "fork2"));
    for response in [&one, &two, &one, &two] {
        bench.receive(response, UDP);
    }
    assert_eq!(bench.words_now(), ["response 200", "response 202", "repeated 200", "repeated 202"]);
    bench.receive(&answer(&invite(), 180, "fork3"), UDP);
    bench.receive(&answer(&invite(), 486, "fork3"), UDP);
    assert_eq!(bench.run(32_999), [], "what is no 2xx is absorbed (RFC 6026 section 7.2)");
    bench.receive(&one, UDP);
    assert_eq!(bench.words_now(), ["repeated 200"]);
    bench.run(33_000);
    bench.receive(&one, UDP);
    assert_eq!(bench.words_now(), ["stray 200"]);
    assert!(bench.layer.is_empty());
}

#[test]
fn a_2xx_after_the_refusal_of_the_whole_is_told_to_the_owner() {
    let mut bench = Bench::new();
    bench.send(&invite(), UDP);
    bench.receive(&answer(&invite(), 486, "b"), UDP);
    bench.words_now();
    bench.receive(&answer(&invite(), 200, "fork"), UDP);
    assert_eq!(bench.words_now(), ["stray 200"]);
}

#[test]
fn timer_e_doubles_up_to_t2_until_timer_f_ends_the_request() {
    let mut bench = Bench::new();
    bench.send(&plain(), UDP);
    let sent = bench.times("send MESSAGE", 31_999);
    assert_eq!(sent, [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!(bench.run(100_000), log(&[(32_000, "timeout MESSAGE")]));
    assert!(bench.layer.is_empty());
}

#[test]
fn over_a_reliable_transport_a_request_goes_once() {
    let mut bench = Bench::new();
    bench.send(&plain(), TCP);
    assert_eq!(bench.run(100_000), log(&[(0, "send MESSAGE"), (32_000, "timeout MESSAGE")]));
}

#[test]
fn after_a_provisional_response_timer_e_is_t2_and_timer_f_goes_on() {
    let mut bench = Bench::new();
    bench.send(&plain(), UDP);
    bench.run(600);
    bench.receive(&answer(&plain(), 100, ""), UDP);
    assert_eq!(bench.words_now(), ["response 100"]);
    let sent = bench.times("send MESSAGE", 31_999);
    assert_eq!(sent, [1500, 5500, 9500, 13_500, 17_500, 21_500, 25_500, 29_500], "the running one still fires");
    assert_eq!(bench.run(100_000), log(&[(32_000, "timeout MESSAGE")]));
}

#[test]
fn a_final_response_comes_up_once_and_is_absorbed_for_timer_k() {
    for status in [200, 404, 603] {
        let mut bench = Bench::new();
        bench.send(&plain(), UDP);
        bench.run(100);
        let response = answer(&plain(), status, "b");
        bench.receive(&response, UDP);
        assert_eq!(bench.words_now(), [format!("response {status}")]);
        bench.run(5099);
        bench.receive(&response, UDP);
        assert_eq!(bench.run(5100), []);
        assert!(bench.layer.is_empty(), "timer K");
        bench.receive(&response, UDP);
        assert_eq!(bench.words_now(), [format!("stray {status}")]);
    }
}

#[test]
fn timer_k_is_zero_over_a_reliable_transport() {
    let mut bench = Bench::new();
    bench.send(&plain(), TCP);
    bench.receive(&answer(&plain(), 200, "b"), TCP);
    assert_eq!(bench.words_now(), ["send MESSAGE", "response 200"]);
    assert!(bench.layer.is_empty());
}

#[test]
fn a_response_of_another_method_or_branch_is_a_stray() {
    let mut bench = Bench::new();
    bench.send(&plain(), UDP);
    bench.words_now();
    bench.receive(&answer(&request(Method::Message, "z9hG4bKother"), 200, "b"), UDP);
    bench.receive(&answer(&request(Method::Info, "z9hG4bKplain"), 200, "b"), UDP);
    assert_eq!(bench.words_now(), ["stray 200", "stray 200"]);
}

#[test]
fn a_transport_error_ends_the_transaction() {
    let mut bench = Bench::new();
    let client = bench.send(&plain(), UDP);
    bench.words_now();
    assert_eq!(bench.layer.client_of(&plain()), Some(client));
    bench.layer.transport_failed(time(0), client);
    bench.layer.transport_failed(time(0), client);
    assert_eq!(bench.layer.client_of(&plain()), None);
    assert_eq!(bench.run(100_000), log(&[(0, "transport error MESSAGE")]));
    assert!(bench.layer.is_empty());
}

#[test]
fn a_cancel_waits_for_a_provisional_response() {
    let mut bench = Bench::new();
    let client = bench.send(&invite(), UDP);
    bench.run(100);
    let cancel = bench.layer.cancel(time(100), client);
    assert!(cancel.is_some());
    assert_eq!(bench.layer.cancel(time(100), client), cancel, "one CANCEL is enough");
    assert_eq!(bench.run(400), []);
    bench.receive(&answer(&invite(), 100, ""), UDP);
    assert_eq!(bench.words_now(), ["response 100", "send CANCEL"]);
    assert_eq!(bench.layer.cancel(time(400), client), cancel);
    assert_eq!(bench.times("send CANCEL", 4000), [900, 1900, 3900], "a transaction of its own");
}

#[test]
fn a_cancel_is_made_of_its_invite() {
    let mut bench = Bench::new();
    let client = bench.send(&invite(), UDP);
    bench.receive(&answer(&invite(), 180, "b"), UDP);
    bench.words_now();
    bench.layer.cancel(time(0), client);
    let Some(Output::Send { message: cancel, .. }) = bench.layer.poll_output() else { panic!("no CANCEL") };
    assert_eq!(
        cancel.octets(),
        "CANCEL sip:bob@example.com SIP/2.0\r\n\
         Via: SIP/2.0/UDP client.example.com:5070;branch=z9hG4bKinvite\r\n\
         Route: <sip:p1.example.com;lr>\r\n\
         Route: <sip:p2.example.com;lr>\r\n\
         From: Alice <sip:alice@example.com>;tag=a\r\n\
         To: Bob <sip:bob@example.com>\r\n\
         Call-ID: call\r\n\
         CSeq: 7 CANCEL\r\n\
         Max-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    );
    bench.receive(&answer(&cancel, 200, "b"), UDP);
    bench.receive(&answer(&invite(), 487, "b"), UDP);
    assert_eq!(bench.words_now(), ["response 200", "send ACK", "response 487"]);
}

#[test]
fn a_cancel_says_why_although_it_had_to_wait() {
    let mut bench = Bench::new();
    let client = bench.send(&invite(), UDP);
    bench.words_now();
    bench.layer.cancel_because(time(0), client, Some("SIP;cause=200"));
    bench.receive(&answer(&invite(), 180, "b"), UDP);
    let sent = std::iter::from_fn(|| bench.layer.poll_output()).find_map(|output| match output {
        Output::Send { message, .. } => Some(message),
        Output::Event(_) => None,
    });
    assert_eq!(sent.unwrap().header(&Name::Reason), Some("SIP;cause=200"));
}

#[test]
fn a_cancelled_invite_without_final_response_is_over_after_64_t1() {
    let mut bench = Bench::new();
    let client = bench.send(&invite(), UDP);
    bench.receive(&answer(&invite(), 180, "b"), UDP);
    bench.run(1000);
    bench.layer.cancel(time(1000), client);
    let log = bench.run(100_000);
    assert!(log.contains(&(33_000, "timeout INVITE".to_owned())), "{log:?}");
    assert!(bench.layer.is_empty());
}

#[test]
fn an_answered_invite_is_not_cancelled() {
    for status in [200, 486] {
        let mut bench = Bench::new();
        let client = bench.send(&invite(), UDP);
        bench.layer.cancel(time(0), client).unwrap();
        bench.receive(&answer(&invite(), status, "b"), UDP);
        assert_eq!(bench.layer.cancel(time(0), client), None);
        assert!(!bench.run(100_000).iter().any(|(_, said)| said == "send CANCEL"), "{status}");
        let client = bench.send(&request(Method::Invite, "z9hG4bKnext"), UDP);
        bench.receive(&answer(&request(Method::Invite, "z9hG4bKnext"), status, "b"), UDP);
        assert_eq!(bench.layer.cancel(time(100_000), client), None);
    }
    let mut bench = Bench::new();
    let client = bench.send(&plain(), UDP);
    assert_eq!(bench.layer.cancel(time(0), client), None, "only INVITE can be cancelled");
}
