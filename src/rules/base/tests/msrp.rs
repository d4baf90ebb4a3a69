//! Golden scenes of MSRP.

use super::{Case, Turn, case, last, turn};
use crate::evidence::{Protocol, Transport};
use crate::rules::base::Side;

const SEND: &str = "MSRP a786hjs2 SEND
To-Path: msrp://192.0.2.4:7654/b;tcp
From-Path: msrp://192.0.2.1:2855/a;tcp
Message-ID: 87652491
Byte-Range: 1-25/25
Success-Report: yes
Failure-Report: partial
Content-Type: text/plain

Hey Bob, are you there?!
-------a786hjs2$
";
const OK: &str = "MSRP a786hjs2 200 OK
To-Path: msrp://192.0.2.1:2855/a;tcp
From-Path: msrp://192.0.2.4:7654/b;tcp
-------a786hjs2$
";
const REPORT: &str = "MSRP dkei38sd REPORT
To-Path: msrp://192.0.2.1:2855/a;tcp
From-Path: msrp://192.0.2.4:7654/b;tcp
Message-ID: 87652491
Byte-Range: 1-25/25
Status: 000 200 OK
-------dkei38sd$
";

fn msrp(side: Side, text: &str) -> Turn {
    turn(side, Protocol::Msrp, Transport::Tcp, text)
}

fn send(side: Side) -> Turn {
    msrp(side, SEND).with("Failure-Report: partial\n", "").with("there?!", "there?!!")
}

fn ok(side: Side) -> Turn {
    msrp(side, OK)
}

fn report(side: Side) -> Turn {
    msrp(side, REPORT)
}

/// Two chunks by the target.
fn first_chunk() -> Turn {
    send(Side::Target)
        .with("Hey Bob, are you there?!!", "Hey Bob, a")
        .with("1-25/25", "1-10/25")
        .with("-------a786hjs2$", "-------a786hjs2+")
}

fn second_chunk() -> Turn {
    let second = send(Side::Target).with("Hey Bob, are you there?!!", "re you there?!!").with("1-25/25", "11-25/25");
    second.with("MSRP a786hjs2", "MSRP b786hjs2").with("-------a786", "-------b786")
}

pub(super) fn cases() -> Vec<Case> {
    [messages(), exchanges()].into_iter().flatten().collect()
}

fn messages() -> Vec<Case> {
    let sent = |rule, from, to| case(rule, [send(Side::Target)], from, to);
    let reported = |rule, from, to| case(rule, [report(Side::Target)], from, to);
    let short = |id: &str| {
        send(Side::Target).with("MSRP a786hjs2", &format!("MSRP {id}")).with("-------a786hjs2", &format!("-------{id}"))
    };
    let mut finished = send(Side::Target);
    finished.finishes = true;
    let cut = finished.clone().with("-------a786hjs2$\n", "");
    vec![
        sent("base.msrp.framing", "MSRP a786hjs2", "MSRQ a786hjs2"),
        last("base.msrp.unfinished", [finished], cut),
        last("base.msrp.transaction", [short("a786")], short("a78")),
        last("base.msrp.transaction", [short("a786")], short("=786")),
        sent("base.msrp.paths", "To-Path: msrp://192.0.2.4:7654/b;tcp\n", ""),
        sent("base.msrp.paths", "msrp://192.0.2.1:2855/a;tcp", "msrp://192.0.2.1:2855/a"),
        sent("base.msrp.header", "Byte-Range: 1", "Byte-Range:1"),
        sent("base.msrp.header", "Success-Report: yes\n", "Success-Report: yes\nSuccess-Report: yes\n"),
        sent("base.msrp.message_id", "Message-ID: 87652491\n", ""),
        sent("base.msrp.message_id", "Message-ID: 87652491", "Message-ID: <87652491>"),
        sent("base.msrp.report_requests", "Success-Report: yes", "Success-Report: maybe"),
        sent("base.msrp.byte_range", "1-25/25", "1-25"),
        sent("base.msrp.byte_range", "1-25/25", "1-24/25"),
        sent("base.msrp.byte_range", "1-25/25", "0-24/24"),
        sent("base.msrp.last_chunk", "1-25/25", "1-25/26"),
        case("base.msrp.last_chunk", [first_chunk()], "1-10/25", "1-10/10"),
        sent("base.msrp.content_type", "Content-Type: text/plain\n", ""),
        sent("base.msrp.content_type_last", "Content-Type: text/plain\n", "Content-Type: text/plain\nX-Other: 1\n"),
        reported("base.msrp.status", "Status: 000 200 OK\n", ""),
        reported("base.msrp.status", "Status: 000 200 OK", "Status: 200 OK"),
        reported("base.msrp.report_range", "Byte-Range: 1-25/25\n", ""),
        case(
            "base.msrp.response_flag",
            [send(Side::Tester), ok(Side::Target)],
            "7654/b;tcp\n-------a786hjs2$",
            "7654/b;tcp\n-------a786hjs2+",
        ),
    ]
}

fn exchanges() -> Vec<Case> {
    let answered = || [send(Side::Tester), ok(Side::Target)];
    let asked = |how: &str| send(Side::Tester).with("Content-Type", &format!("Failure-Report: {how}\nContent-Type"));
    let refusal = || ok(Side::Target).with("200 OK", "413 No");
    let of_transaction = |id: &str| {
        ok(Side::Target).with("MSRP a786hjs2", &format!("MSRP {id}")).with("-------a786hjs2", &format!("-------{id}"))
    };
    let answer_to_report = of_transaction("dkei38sd")
        .with("192.0.2.1:2855/a", "192.0.2.4:7654/B")
        .with("192.0.2.4:7654/b", "192.0.2.1:2855/a");
    vec![
        last("base.msrp.response_unasked", answered(), of_transaction("x786hjs2")),
        last(
            "base.msrp.response_unasked",
            [send(Side::Tester), ok(Side::Target), send(Side::Target)],
            ok(Side::Target),
        ),
        case(
            "base.msrp.response_paths",
            answered(),
            "To-Path: msrp://192.0.2.1:2855/a;tcp",
            "To-Path: msrp://192.0.2.1:2855/c;tcp",
        ),
        last("base.msrp.response_to_report", [report(Side::Tester), send(Side::Target)], answer_to_report),
        case(
            "base.msrp.response_unwanted",
            [asked("yes"), ok(Side::Target)],
            "Failure-Report: yes",
            "Failure-Report: no",
        ),
        last("base.msrp.response_partial", [asked("partial"), refusal()], ok(Side::Target)),
        case("base.msrp.total", [first_chunk().with("10/25", "10/*"), second_chunk()], "1-10/*", "1-10/30"),
        last(
            "base.msrp.gap",
            [first_chunk(), second_chunk()],
            second_chunk().with("11-25/25", "12-26/26").with("/26", "/*"),
        ),
        case(
            "base.msrp.report_unasked",
            [send(Side::Tester), ok(Side::Target), report(Side::Target)],
            "Success-Report: yes",
            "Success-Report: no",
        ),
    ]
}
