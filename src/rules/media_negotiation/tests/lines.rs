use super::super::LinesAnswered;
use super::*;
use crate::verdict::Blame;

fn lines() -> LinesAnswered {
    LinesAnswered { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

const FINGERPRINT: &str = "a=fingerprint:SHA-256 12:DF:3E\r\n";

/// A line beside the messages, at this port.
fn beside(line: &'static str, port: u16) -> impl Fn(String) -> String {
    move |message| format!("{message}{}", line.replace("PORT", &port.to_string()))
}

const SOUND: &str = "m=audio PORT RTP/AVP 0 8\r\nc=IN IP4 192.0.2.10\r\n";

/// A medium offered to the target, and its ports onward, in the answer there, and back to the caller.
fn offered(line: &'static str, ports: [u16; 4]) -> Talk {
    let [offered, onward, there, back] = ports;
    let edits = (beside(line, offered), beside(line, onward), beside(line, there), beside(line, back));
    negotiated([&edits.0, &edits.1, &edits.2, &edits.3]).0
}

#[test]
fn a_medium_is_passed_on_or_refused() {
    let serving = stating("continuous_media", true.into());
    for ports in [[4000, 0, 0, 0], [4000, 4000, 0, 0], [4000, 4000, 4100, 4100], [4000, 6000, 4100, 6002]] {
        for statement in [&stating("continuous_media", false.into()), &serving] {
            let judged = offered(SOUND, ports).judge_with(&lines(), statement);
            assert_eq!(judged.judgement, crate::rules::Judgement::Met { checks: 1 }, "{ports:?}");
        }
    }
}

#[test]
fn another_conduct_than_the_declared_is_a_warning() {
    let passed = offered(SOUND, [4000, 4000, 4100, 4100]);
    assert_eq!(passed.met(&lines()).1[0].interpretation.as_deref(), Some("L29"));
    let refused = offered(SOUND, [4000, 0, 0, 0]);
    assert!(refused.met(&lines()).1.is_empty());
    let serving = stating("continuous_media", true.into());
    assert!(passed.judge_with(&lines(), &serving).warnings.is_empty());
    assert_eq!(refused.judge_with(&lines(), &serving).warnings.len(), 1);
}

#[test]
fn what_one_end_is_told_is_true_at_the_other() {
    let nobody = offered(SOUND, [4000, 0, 0, 4100]).failed(&lines());
    assert!(nobody.observed.contains("nobody on the other side"));
    offered(SOUND, [4000, 4000, 0, 4100]).failed(&lines());
    let hidden = offered(SOUND, [4000, 4000, 4100, 0]).failed(&lines());
    assert!(hidden.observed.contains("after the other side had accepted it"));
    let fewer = negotiated([&beside(SOUND, 4000), &beside(SOUND, 4000), &beside(SOUND, 0), &as_it_is]).0;
    assert!(fewer.failed(&lines()).observed.contains("2 media was answered with 1"));
}

#[test]
fn a_function_that_claims_a_control_stream_may_serve_it_itself() {
    const FLOOR: &str = "m=application PORT TCP/BFCP *\r\n";
    offered(FLOOR, [4000, 0, 0, 4100]).failed(&lines());
    let claiming = stating("media_control", serde_json::json!(["bfcp"]));
    let served = offered(FLOOR, [4000, 0, 0, 4100]).judge_with(&lines(), &claiming);
    assert_eq!(served.judgement, crate::rules::Judgement::Met { checks: 1 });
    assert!(served.warnings.is_empty());
}

#[test]
fn what_goes_past_the_function_stays_as_it_is() {
    let sound = |port: u16, rest: &'static str| {
        move |message: String| format!("{message}m=audio {port} UDP/TLS/RTP/SAVP 0\r\nc=IN IP4 192.0.2.10\r\n{rest}")
    };
    let kept = sound(4000, FINGERPRINT);
    let other = sound(4000, "a=fingerprint:SHA-256 AB:CD:EF\r\n");
    let there = sound(4100, FINGERPRINT);
    negotiated([&kept, &kept, &there, &there]).0.met(&lines());
    let altered = negotiated([&kept, &other, &there, &there]).0.failed(&lines());
    assert!(altered.observed.contains("AB:CD:EF"));
    negotiated([&kept, &kept, &there, &sound(4100, "")]).0.failed(&lines());
    // Where the function is an end of it, the certificate is its own.
    let own = sound(6000, "a=fingerprint:SHA-256 AB:CD:EF\r\n");
    negotiated([&kept, &own, &there, &own]).0.met(&lines());
    let format = |message: String| message.replace("RTP/SAVP 0", "RTP/SAVP 96");
    negotiated([&kept, &|message| format(kept(message)), &there, &there]).0.failed(&lines());
}

#[test]
fn a_call_is_not_refused_for_one_medium_unless_it_is_odd() {
    let call = |line: &'static str| {
        let mut talk = Talk::new();
        let near = talk.calls_as(LUNCH, Alice, beside(line, 4000));
        talk.answers(&near, 488);
        talk
    };
    assert!(call(SOUND).failed(&lines()).observed.contains("answered 488"));
    const MESSAGES: &str = "m=message PORT TCP/MSRP *\r\na=accept-types:*\r\na=path:msrp://192.0.2.10:4000/b;tcp\r\n";
    assert_eq!(call(MESSAGES).met(&lines()), (1, vec![]));
}

#[test]
fn an_offer_of_messages_alone_proves_nothing() {
    let (talk, ..) = negotiated([&as_it_is, &as_it_is, &as_it_is, &as_it_is]);
    talk.unseen(&lines(), Blame::Harness);
    // Media that the caller itself refuses are none.
    offered(SOUND, [0, 0, 0, 0]).unseen(&lines(), Blame::Harness);
}
