//! The server machines: timers G, H, I, J and L, the automatic 100, and RFC 4320.

use super::*;

#[test]
fn an_invite_without_answer_gets_100_after_200_ms_and_its_retransmissions_too() {
    let mut bench = Bench::new();
    bench.serve(&invite(), UDP);
    bench.run(199);
    bench.receive(&invite(), UDP);
    assert_eq!(bench.words_now(), [] as [&str; 0], "there is nothing to repeat yet");
    assert_eq!(bench.run(500), log(&[(200, "send 100")]));
    bench.receive(&invite(), UDP);
    assert_eq!(bench.words_now(), ["send 100"]);
}

#[test]
fn an_answer_within_200_ms_replaces_the_100() {
    for status in [180, 200, 486] {
        let mut bench = Bench::new();
        let server = bench.serve(&invite(), TCP);
        bench.run(199);
        bench.respond(server, &invite(), status);
        assert_eq!(bench.words_now(), [format!("send {status}")]);
        assert!(!bench.run(400).iter().any(|(_, said)| said == "send 100"));
    }
}

#[test]
fn a_retransmitted_invite_gets_the_last_provisional_response() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    for status in [180, 183] {
        bench.respond(server, &invite(), status);
        assert_eq!(bench.words_now(), [format!("send {status}")]);
        bench.receive(&invite(), UDP);
        assert_eq!(bench.words_now(), [format!("send {status}")]);
    }
}

#[test]
fn timer_g_doubles_up_to_t2_until_timer_h_ends_the_refusal() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    bench.respond(server, &invite(), 486);
    let sent = bench.times("send 486", 31_999);
    assert_eq!(sent, [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!(bench.layer.poll_timeout(), Some(time(32_000)));
    bench.run(32_000);
    assert!(bench.layer.is_empty(), "timer H");
}

#[test]
fn over_a_reliable_transport_a_refusal_goes_once_and_timer_h_still_runs() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), TCP);
    bench.respond(server, &invite(), 486);
    assert_eq!(bench.run(31_999), log(&[(0, "send 486")]));
    assert_eq!(bench.layer.len(), 1);
    bench.run(32_000);
    assert!(bench.layer.is_empty());
}

#[test]
fn the_ack_of_a_refusal_is_absorbed_for_timer_i() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    bench.respond(server, &invite(), 486);
    bench.run(700);
    bench.receive(&invite(), UDP);
    assert_eq!(bench.words_now(), ["send 486"], "a retransmission of the INVITE");
    let ack = ack_of(&answer(&invite(), 486, "b"), "z9hG4bKinvite");
    bench.receive(&ack, UDP);
    bench.run(2000);
    bench.receive(&ack, UDP);
    bench.receive(&invite(), UDP);
    assert_eq!(bench.run(5699), [], "no more retransmissions, no events");
    assert_eq!(bench.layer.len(), 1);
    bench.run(5700);
    assert!(bench.layer.is_empty(), "timer I");
}

#[test]
fn timer_i_is_zero_over_a_reliable_transport() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), TCP);
    bench.respond(server, &invite(), 486);
    bench.receive(&ack_of(&answer(&invite(), 486, "b"), "z9hG4bKinvite"), TCP);
    assert_eq!(bench.words_now(), ["send 486"]);
    assert!(bench.layer.is_empty());
}

#[test]
fn a_2xx_is_retransmitted_over_any_transport_until_64_t1_and_then_told() {
    for reliable in [UDP, TCP] {
        let mut bench = Bench::new();
        let server = bench.serve(&invite(), reliable);
        bench.run(100);
        bench.respond(server, &invite(), 200);
        let sent = bench.times("send 200", 32_099);
        assert_eq!(sent, [100, 600, 1600, 3600, 7600, 11_600, 15_600, 19_600, 23_600, 27_600, 31_600]);
        assert_eq!(bench.run(100_000), log(&[(32_100, "unacknowledged")]));
        assert!(bench.layer.is_empty());
    }
}

#[test]
fn the_ack_of_a_2xx_stops_it_and_retransmissions_of_the_invite_are_absorbed_until_timer_l() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    bench.respond(server, &invite(), 200);
    bench.run(700);
    let ack = ack_of(&answer(&invite(), 200, "b"), "z9hG4bKack");
    bench.receive(&ack, UDP);
    bench.receive(&ack, UDP);
    assert_eq!(bench.words_now(), ["ack known", "ack known"], "each ACK comes up");
    bench.receive(&invite(), UDP);
    assert_eq!(bench.run(31_999), []);
    assert_eq!(bench.layer.len(), 1);
    assert_eq!(bench.run(40_000), [], "timer L, without complaint");
    assert!(bench.layer.is_empty());
    bench.receive(&ack, UDP);
    assert_eq!(bench.words_now(), ["ack unknown"]);
}

#[test]
fn an_ack_of_a_2xx_with_the_branch_of_the_invite_counts_too() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    bench.respond(server, &invite(), 200);
    bench.words_now();
    bench.receive(&ack_of(&answer(&invite(), 200, "b"), "z9hG4bKinvite"), UDP);
    assert_eq!(bench.run(50_000), log(&[(0, "ack known")]));
}

#[test]
fn an_ack_of_another_dialog_stops_nothing() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    bench.respond(server, &invite(), 200);
    bench.words_now();
    bench.receive(&ack_of(&answer(&invite(), 200, "other"), "z9hG4bKack"), UDP);
    assert_eq!(bench.run(600), log(&[(0, "ack unknown"), (500, "send 200")]));
    bench.layer.acknowledged(time(600), server);
    assert_eq!(bench.run(50_000), [], "the owner knew better");
}

#[test]
fn a_further_2xx_passes_and_another_final_response_does_not() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    bench.respond(server, &invite(), 200);
    bench.layer.respond(time(0), server, answer(&invite(), 202, "fork"));
    bench.respond(server, &invite(), 486);
    bench.respond(server, &invite(), 180);
    assert_eq!(bench.words_now(), ["send 200", "send 202"]);
}

#[test]
fn a_request_is_given_once_and_its_final_response_repeated_for_timer_j() {
    let mut bench = Bench::new();
    let server = bench.serve(&plain(), UDP);
    bench.receive(&plain(), UDP);
    assert_eq!(bench.words_now(), [] as [&str; 0]);
    bench.run(1000);
    bench.respond(server, &plain(), 200);
    bench.respond(server, &plain(), 500);
    assert_eq!(bench.words_now(), ["send 200"], "the first final response stands");
    bench.run(32_999);
    bench.receive(&plain(), UDP);
    assert_eq!(bench.words_now(), ["send 200"]);
    bench.run(33_000);
    assert!(bench.layer.is_empty(), "timer J");
    bench.receive(&plain(), UDP);
    assert_eq!(bench.words_now(), ["request MESSAGE"]);
}

#[test]
fn timer_j_is_zero_over_a_reliable_transport() {
    let mut bench = Bench::new();
    let server = bench.serve(&plain(), TCP);
    bench.respond(server, &plain(), 200);
    assert_eq!(bench.words_now(), ["send 200"]);
    assert!(bench.layer.is_empty());
}

#[test]
fn over_an_unreliable_transport_100_goes_neither_before_nor_after_three_and_a_half_seconds() {
    let mut bench = Bench::new();
    let server = bench.serve(&plain(), UDP);
    bench.run(3499);
    bench.respond(server, &plain(), 100);
    assert_eq!(bench.words_now(), [] as [&str; 0], "RFC 4320 section 4.1");
    assert_eq!(bench.run(5000), log(&[(3500, "send 100")]));
    bench.receive(&plain(), UDP);
    assert_eq!(bench.words_now(), ["send 100"]);
    bench.respond(server, &plain(), 200);
    assert_eq!(bench.words_now(), ["send 200"]);
}

#[test]
fn over_a_reliable_transport_100_may_go_early_and_is_due_after_three_and_a_half_seconds() {
    let mut bench = Bench::new();
    let server = bench.serve(&plain(), TCP);
    bench.respond(server, &plain(), 100);
    assert_eq!(bench.run(10_000), log(&[(0, "send 100")]));
    let mut bench = Bench::new();
    bench.serve(&plain(), TCP);
    assert_eq!(bench.run(10_000), log(&[(3500, "send 100")]));
}

#[test]
fn a_request_that_is_no_invite_never_gets_408_nor_another_provisional_response() {
    let mut bench = Bench::new();
    let server = bench.serve(&plain(), TCP);
    bench.respond(server, &plain(), 180);
    bench.respond(server, &plain(), 408);
    assert_eq!(bench.run(100_000), []);
    assert!(bench.layer.is_empty());
}

#[test]
fn an_answer_after_the_client_has_given_up_is_not_sent() {
    let mut bench = Bench::new();
    let server = bench.serve(&plain(), UDP);
    bench.run(32_000);
    assert!(bench.layer.is_empty());
    bench.respond(server, &plain(), 200);
    assert_eq!(bench.run(40_000), []);
}

#[test]
fn a_cancel_is_a_transaction_of_its_own_that_names_its_invite() {
    let mut bench = Bench::new();
    let server = bench.serve(&invite(), UDP);
    let cancel = request(Method::Cancel, "z9hG4bKinvite");
    bench.receive(&cancel, UDP);
    bench.receive(&cancel, UDP);
    assert_eq!(bench.words_now(), ["cancel known"], "a retransmission is absorbed");
    assert_eq!(bench.last_cancelled, Some(server));
    let of_cancel = bench.last_server.unwrap();
    assert_ne!(of_cancel, server);
    bench.respond(of_cancel, &cancel, 200);
    bench.respond(server, &invite(), 487);
    assert_eq!(bench.words_now(), ["send 200", "send 487"]);
    bench.receive(&request(Method::Cancel, "z9hG4bKnothing"), UDP);
    assert_eq!(bench.words_now(), ["cancel unknown"]);
}
