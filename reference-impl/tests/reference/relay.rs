//! Messages that pass through the function, chunk by chunk, in virtual time.

use crate::scene::Scene;
use crate::scene::calls::{described, of_caller, path_of};
use crate::scene::messages::{CONTACT, back_in_dialog};
use cpm_wire::msrp::{Flag, Message as Msrp, Method as Sent};
use cpm_wire::sip::Method;
use pretty_assertions::assert_eq;
use std::time::Duration;

fn relayed() -> Scene {
    let mut scene = Scene::new();
    scene.relayed("");
    scene
}

fn shown(send: &Msrp) -> (&str, &str, String, Flag) {
    let body = send.body().unwrap_or_default();
    let id = send.message_id().unwrap_or_default();
    (id, send.header("Byte-Range").unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap(), send.flag)
}

#[test]
fn a_chunk_passes_as_it_came_and_is_answered_when_the_next_hop_has_answered_it() {
    let mut scene = Scene::new();
    let call = scene.relayed("");
    scene.chunk("caller", "tx-one1", "m1", "1-4/*", "Success-Report: yes\r\nX-Unknown: kept\r\n", ("one,", '+'));
    let first = scene.one("callee");
    assert_eq!(shown(&first), ("m1", "1-4/*", "one,".to_owned(), Flag::More));
    assert_eq!((first.success_report(), first.header("X-Unknown")), (true, Some("kept")));
    assert_eq!(
        (first.from_path().join(" "), first.to_path().join(" ")),
        (path_of(&call.onward), "msrp://127.0.0.1:9000/callee;tcp".to_owned())
    );
    assert!(scene.told("caller").is_empty(), "the next hop has not answered");
    scene.answers("callee", &first, 200);
    let ok = scene.one("caller");
    assert_eq!((ok.status(), ok.transaction.as_str()), (Some(200), "tx-one1"));
    assert_eq!(
        (ok.from_path().join(" "), ok.to_path().join(" ")),
        (path_of(&call.ok), "msrp://127.0.0.1:9000/caller;tcp".to_owned())
    );

    // Another message passes in between.
    scene.chunk("caller", "tx-two1", "m2", "1-3/3", "", ("two", '$'));
    assert_eq!(shown(&scene.one("callee")), ("m2", "1-3/3", "two".to_owned(), Flag::Complete));
    scene.chunk("caller", "tx-one2", "m1", "5-8/8", "", ("more", '$'));
    assert_eq!(shown(&scene.one("callee")), ("m1", "5-8/8", "more".to_owned(), Flag::Complete));
    scene.chunk("callee", "tx-back", "m1", "1-4/4", "", ("back", '$'));
    assert_eq!(shown(&scene.one("caller")), ("m1", "1-4/4", "back".to_owned(), Flag::Complete));
}

#[test]
fn large_chunks_pass_whole_and_reports_go_back_as_they_came() {
    let mut scene = relayed();
    let body = "0123456789abcdef".repeat(4096);
    scene.chunk("caller", "tx-large", "m1", "1-65536/65536", "Success-Report: yes\r\n", (&body, '$'));
    let send = scene.one("callee");
    assert_eq!(send.body().unwrap().len(), body.len());
    scene.answers("callee", &send, 200);
    assert_eq!(scene.statuses("caller"), [200]);
    let report = "Message-ID: m1\r\nByte-Range: 1-65536/65536\r\nStatus: 000 200 OK\r\n-------tx-report$\r\n";
    scene.writes_request("callee", "tx-report", "REPORT", report);
    let report = scene.one("caller");
    assert!(report.is(&Sent::Report));
    assert_eq!((report.message_id(), report.status_header()), (Some("m1"), Some(200)));
    assert_eq!(report.header("Byte-Range"), Some("1-65536/65536"));
}

#[test]
fn a_refusal_is_carried_back_and_ends_the_message_alone() {
    for status in [413, 415, 403, 408, 481] {
        let mut scene = relayed();
        scene.chunk("caller", "tx-one1", "m1", "1-4/12", "", ("one,", '+'));
        let first = scene.one("callee");
        scene.answers("callee", &first, status);
        assert_eq!(scene.statuses("caller"), [status]);
        scene.chunk("caller", "tx-one2", "m1", "5-8/12", "", ("two,", '+'));
        scene.chunk("caller", "tx-one3", "m1", "9-12/12", "", ("end.", '$'));
        assert_eq!(scene.statuses("caller"), [status, status]);
        assert!(scene.told("callee").is_empty(), "nothing more of a message that was refused");
        scene.chunk("caller", "tx-two1", "m2", "1-3/3", "", ("two", '$'));
        let second = scene.one("callee");
        scene.answers("callee", &second, 200);
        assert_eq!(scene.statuses("caller"), [200]);
    }
}

#[test]
fn an_abort_passes_and_so_does_the_next_message() {
    let mut scene = relayed();
    scene.chunk("caller", "tx-one1", "m1", "1-4/12", "", ("one,", '+'));
    let first = scene.one("callee");
    scene.answers("callee", &first, 200);
    scene.told("caller");
    scene.chunk("caller", "tx-one2", "m1", "5-6/12", "", ("tw", '#'));
    let abort = scene.one("callee");
    assert_eq!(shown(&abort), ("m1", "5-6/12", "tw".to_owned(), Flag::Abort));
    scene.answers("callee", &abort, 200);
    assert_eq!(scene.statuses("caller"), [200]);
    scene.chunk("caller", "tx-two1", "m2", "1-3/3", "", ("two", '$'));
    assert_eq!(shown(&scene.one("callee")), ("m2", "1-3/3", "two".to_owned(), Flag::Complete));
}

#[test]
fn silence_of_the_next_hop_is_told_by_a_report() {
    let mut scene = relayed();
    scene.chunk("caller", "tx-one1", "m1", "1-4/12", "", ("one,", '+'));
    scene.told("callee");
    scene.pass(Duration::from_secs(14));
    assert!(scene.told("caller").is_empty());
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.statuses("caller"), [200], "this hop owes its answer in time");
    scene.pass(Duration::from_secs(15));
    let report = scene.one("caller");
    assert!(report.is(&Sent::Report));
    assert_eq!((report.message_id(), report.status_header()), (Some("m1"), Some(408)));
    assert_eq!(report.header("Byte-Range"), Some("1-4/12"));
    assert_eq!(scene.one("callee").flag, Flag::Abort, "the next hop hears that no more comes");
    scene.chunk("caller", "tx-one2", "m1", "5-8/12", "", ("two,", '+'));
    assert_eq!(scene.statuses("caller"), [408]);
}

#[test]
fn a_late_refusal_is_told_by_a_report() {
    let mut scene = relayed();
    scene.chunk("caller", "tx-one1", "m1", "1-4/4", "", ("one.", '$'));
    let send = scene.one("callee");
    scene.pass(Duration::from_secs(20));
    assert_eq!(scene.statuses("caller"), [200]);
    scene.answers("callee", &send, 415);
    assert_eq!(scene.one("caller").status_header(), Some(415));
}

#[test]
fn failure_report_decides_what_a_sender_is_told() {
    let mut scene = relayed();
    scene.chunk("caller", "tx-one1", "m1", "1-4/4", "Failure-Report: no\r\n", ("one.", '$'));
    scene.chunk("caller", "tx-two1", "m2", "1-4/4", "Failure-Report: partial\r\n", ("two.", '$'));
    let [silent, partial] = scene.told("callee").try_into().unwrap();
    assert_eq!((silent.header("Failure-Report"), partial.header("Failure-Report")), (Some("no"), Some("partial")));
    scene.pass(Duration::from_secs(20));
    assert!(scene.told("caller").is_empty());
    scene.answers("callee", &silent, 415);
    scene.answers("callee", &partial, 415);
    let told = scene.one("caller");
    assert_eq!((told.status(), told.transaction.as_str()), (Some(415), "tx-two1"));
    scene.chunk("caller", "tx-three", "m3", "1-4/4", "Failure-Report: partial\r\n", ("two.", '$'));
    scene.pass(Duration::from_secs(60));
    assert!(scene.told("caller").is_empty(), "a time-out is no error that partial tells");
}

#[test]
fn what_concerns_this_hop_alone_ends_here() {
    let mut scene = relayed();
    scene.writes_request("caller", "tx-bind", "SEND", "Message-ID: b1\r\nByte-Range: 1-0/0\r\n-------tx-bind$\r\n");
    scene.chunk("caller", "tx-none", "never-begun", "5-6/9", "", ("xy", '#'));
    scene.writes_request("caller", "tx-noid", "SEND", "Byte-Range: 1-0/0\r\n-------tx-noid$\r\n");
    scene.chunk("caller", "tx-range", "m2", "one-two", "", ("xy", '$'));
    scene.writes_request("caller", "tx-what", "NICKNAME", "Use-Nickname: \"a\"\r\n-------tx-what$\r\n");
    assert_eq!(scene.statuses("caller"), [200, 200, 400, 400, 501]);
    assert!(scene.told("callee").is_empty());
}

#[test]
fn what_the_other_side_does_not_take_is_refused_here() {
    let mut scene = Scene::new();
    scene.relayed("a=max-size:10\r\n");
    scene.chunk("caller", "tx-one1", "m1", "1-4/11", "", ("one,", '+'));
    assert_eq!(scene.statuses("caller"), [413]);
    assert!(scene.told("callee").is_empty());
    scene.chunk("caller", "tx-two1", "m2", "1-6/*", "", ("1,2,3,", '+'));
    let first = scene.one("callee");
    scene.answers("callee", &first, 200);
    scene.chunk("caller", "tx-two2", "m2", "7-12/*", "", ("4,5,6,", '+'));
    assert_eq!(scene.statuses("caller"), [200, 413]);
    assert_eq!((scene.one("callee").flag, first.message_id()), (Flag::Abort, Some("m2")));
    scene.chunk("caller", "tx-ten1", "m3", "1-10/10", "", ("0123456789", '$'));
    assert_eq!(scene.one("callee").message_id(), Some("m3"));
}

#[test]
fn what_nobody_can_take_yet_is_held_up_to_a_bound() {
    let mut scene = Scene::new();
    let call = scene.between(&described("caller", "a=setup:actpass\r\n"), &described("callee", "a=setup:active\r\n"));
    scene.by_hand("caller", &call.ok, false);
    let bind = scene.one("caller");
    scene.answers("caller", &bind, 200);
    let body = "x".repeat(1024 * 1024);
    for n in 0..15_u64 {
        let range = format!("{}-{}/*", n * 1_048_576 + 1, (n + 1) * 1_048_576);
        scene.chunk("caller", &format!("tx-held{n}"), "m1", &range, "", (&body, '+'));
    }
    assert!(scene.told("caller").is_empty(), "no answer holds the sender");
    scene.chunk("caller", "tx-small", "m2", "1-1/1", "", ("x", '$'));
    scene.chunk("caller", "tx-last1", "m3", "1-1048576/*", "", (&body, '+'));
    assert_eq!(scene.statuses("caller"), [413], "there is a bound");
    scene.by_hand("callee", &call.onward, true);
    let mut passed = Vec::new();
    loop {
        let told = scene.told("callee");
        let sends: Vec<Msrp> = told.into_iter().filter(|one| one.is(&Sent::Send)).collect();
        if sends.is_empty() {
            break;
        }
        for send in sends {
            scene.answers("callee", &send, 200);
            passed.push(send.transaction.clone());
        }
    }
    let expected: Vec<String> = (0..15).map(|n| format!("tx-held{n}")).chain(["tx-small".to_owned()]).collect();
    assert_eq!(passed, expected);
    assert_eq!(scene.statuses("caller").len(), 16);
}

#[test]
fn a_message_that_is_cut_short_by_the_end_of_the_session_never_becomes_whole() {
    let mut scene = Scene::new();
    let call = scene.relayed("");
    scene.chunk("caller", "tx-one1", "m1", "1-4/12", "", ("one,", '+'));
    let first = scene.one("callee");
    scene.answers("callee", &first, 200);
    scene.send(&of_caller(&call, Method::Bye, 2).build());
    scene.response(Method::Bye, 200);
    let abort = scene.one("callee");
    assert_eq!((abort.message_id(), abort.flag), (Some("m1"), Flag::Abort));
    assert!(scene.ends["callee"].closed);
}

#[test]
fn a_side_that_is_gone_leaves_nothing_open() {
    let mut scene = Scene::new();
    let call = scene.relayed("");
    scene.chunk("caller", "tx-one1", "m1", "1-4/4", "", ("one.", '$'));
    scene.chunk("callee", "tx-two1", "m2", "1-4/9", "", ("two,", '+'));
    scene.drop_connection("callee", cpm_wire::io::Closing::Reset);
    let told = scene.told("caller");
    assert_eq!(told.iter().filter_map(Msrp::status).collect::<Vec<_>>(), [481]);
    let flags: Vec<Flag> = told.iter().filter(|one| one.is(&Sent::Send)).map(|one| one.flag).collect();
    assert_eq!(flags, [Flag::More, Flag::Abort], "what was begun is given up");
    let bye =
        scene.take("BYE to the caller", |one| one.method() == Method::Bye && one.call_id() == call.invite.call_id());
    scene.accept(&bye);
}

#[test]
fn a_side_that_moves_takes_no_half_message_along() {
    let mut scene = Scene::new();
    let call = scene.relayed("");
    scene.chunk("caller", "tx-one1", "m1", "1-4/12", "", ("one,", '+'));
    scene.chunk("callee", "tx-two1", "m2", "1-4/12", "", ("two,", '+'));
    scene.told("callee");
    scene.told("caller");
    let offer = described("moved", "a=setup:actpass\r\n");
    scene.send(&of_caller(&call, Method::Update, 2).body("application/sdp", offer).build());
    let onward = scene.request(Method::Update);
    assert_eq!(path_of(&onward), path_of(&call.onward), "the other side need not move");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(described("callee", "a=setup:passive\r\n")));
    let ok = scene.response(Method::Update, 200);
    scene.by_hand("moved", &ok, false);
    let bind = scene.one("moved");
    scene.answers("moved", &bind, 200);
    assert!(scene.ends["caller"].closed);

    let told = scene.told("callee");
    assert_eq!(told.iter().filter(|one| one.is(&Sent::Send)).map(|one| one.flag).collect::<Vec<_>>(), [Flag::Abort]);
    assert_eq!(told.iter().filter_map(Msrp::status).collect::<Vec<_>>(), [481]);
    scene.chunk("callee", "tx-two2", "m2", "5-12/12", "", ("and two.", '$'));
    assert_eq!(scene.statuses("callee"), [481]);
    assert!(scene.told("moved").is_empty(), "a half is not begun with its second half");
    scene.chunk("callee", "tx-new1", "m3", "1-3/3", "", ("new", '$'));
    assert_eq!(shown(&scene.one("moved")), ("m3", "1-3/3", "new".to_owned(), Flag::Complete));
    scene.chunk("moved", "tx-new2", "m4", "1-3/3", "", ("new", '$'));
    assert_eq!(scene.one("callee").message_id(), Some("m4"));
    let bye = back_in_dialog(Method::Bye, &call.onward, &call.answer, 1).build();
    scene.send(&bye);
    scene.response(Method::Bye, 200);
}

#[test]
fn messages_that_are_begun_and_never_ended_are_bounded() {
    let mut scene = relayed();
    for n in 0..300 {
        scene.chunk(
            "caller",
            &format!("tx-{n:04}"),
            &format!("m{n}"),
            "1-1/9",
            "Failure-Report: partial\r\n",
            ("x", '+'),
        );
    }
    assert_eq!(scene.told("callee").len(), 256);
    assert_eq!(scene.statuses("caller"), [413; 44]);
    scene.chunk("caller", "tx-end0", "m0", "2-9/9", "", ("yyyyyyyy", '$'));
    assert_eq!(scene.one("callee").message_id(), Some("m0"));
    scene.chunk("caller", "tx-more", "m300", "1-1/9", "", ("x", '+'));
    assert_eq!(scene.one("callee").message_id(), Some("m300"));
}
