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

/// A request without a body by the tester.
fn method(name: &str) -> Turn {
    let request = format!(
        "MSRP 49fh {name}\nTo-Path: msrps://relay.home.example:9000;tcp\nFrom-Path: msrps://192.0.2.4:9892/98cjs;tcp\n-------49fh$\n"
    );
    msrp(Side::Tester, &request)
}

fn auth() -> Turn {
    method("AUTH")
}

fn answer_to_auth(rest: &str) -> Turn {
    let answer = format!("MSRP 49fh {rest}\n-------49fh$\n");
    let paths = "To-Path: msrps://192.0.2.4:9892/98cjs;tcp\nFrom-Path: msrps://relay.home.example:9000;tcp\n";
    msrp(Side::Target, &answer.replacen('\n', &format!("\n{paths}"), 1))
}

fn authorised() -> Turn {
    answer_to_auth("200 OK\nUse-Path: msrps://relay.home.example:9000/jui787s2f;tcp\nExpires: 900")
}

pub(super) fn cases() -> Vec<Case> {
    [messages(), exchanges(), chunks(), sessions()].into_iter().flatten().collect()
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
        sent("base.msrp.byte_range_missing", "Byte-Range: 1-25/25\n", ""),
        last("base.msrp.method", [auth()], method("PUSH")),
        reported("base.msrp.status_known", "000 200 OK", "000 299 OK"),
        case("base.msrp.use_path", [auth(), authorised()], "Use-Path: msrps:", "Use-Path: sip:"),
        case("base.msrp.use_path", [auth(), authorised()], "Expires: 900", "Expires: soon"),
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

fn chunks() -> Vec<Case> {
    let aborted = first_chunk().with("-------a786hjs2+", "-------a786hjs2#");
    let again = || send(Side::Target).with("MSRP a786hjs2", "MSRP c786hjs2").with("-------a786", "-------c786");
    let unwanted = || {
        [
            send(Side::Tester).with("Content-Type", "Failure-Report: partial\nContent-Type"),
            report(Side::Target).with("000 200 OK", "000 413 No"),
        ]
    };
    vec![
        last("base.msrp.after_abort", [aborted, again().with("87652491", "97652491")], second_chunk()),
        last(
            "base.msrp.chunk_headers",
            [first_chunk(), second_chunk()],
            second_chunk().with("text/plain", "text/html"),
        ),
        last(
            "base.msrp.message_id_reused",
            [send(Side::Target), ok(Side::Tester), again()],
            again().with("?!!", "?!?"),
        ),
        case("base.msrp.report_unwanted", unwanted(), "Failure-Report: partial", "Failure-Report: no"),
        case(
            "base.msrp.report_span",
            [send(Side::Tester), ok(Side::Target), report(Side::Target)],
            "Byte-Range: 1-25/25\nStatus",
            "Byte-Range: 1-26/26\nStatus",
        ),
        last(
            "base.msrp.transaction_reused",
            [send(Side::Target), again().with("87652491", "97652491")],
            send(Side::Target).with("87652491", "97652491"),
        ),
        last("base.msrp.auth_answer", [auth(), authorised()], answer_to_auth("200 OK")),
        last(
            "base.msrp.auth_answer",
            [auth(), answer_to_auth("401 No\nWWW-Authenticate: Digest realm=\"x\", nonce=\"y\"")],
            answer_to_auth("401 No"),
        ),
    ]
}

/// The tester answers an offer of the target, who opens the connection and sends.
fn session() -> Vec<Turn> {
    let offer = super::content::carrying(
        "application/sdp",
        "v=0\no=pf 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=message 2855 TCP/MSRP *\na=path:msrp://192.0.2.1:2855/a;tcp\na=setup:active\na=accept-types:*\n",
    );
    let answer = super::descriptions::accepted_with(
        "v=0\no=bob 2 1 IN IP4 192.0.2.4\ns=-\nc=IN IP4 192.0.2.4\nt=0 0\nm=message 7654 TCP/MSRP *\na=path:msrp://192.0.2.4:7654/b;tcp\na=setup:passive\na=accept-types:message/cpim text/*\na=max-size:30\n",
    );
    let mut first = send(Side::Target);
    first.opens = Some(Side::Target);
    vec![offer, answer, first]
}

/// The target sends an envelope, of which the tester said what may be in it.
fn enveloped() -> Vec<Turn> {
    let [offer, answer, first] = <[Turn; 3]>::try_from(session()).unwrap();
    let body = super::content::CPIM;
    let octets = body.replace('\n', "\r\n").len();
    let envelope = first.with("Content-Type: text/plain", "Content-Type: message/cpim");
    let envelope = envelope.with("Hey Bob, are you there?!!", body).with("1-25/25", &format!("1-{octets}/{octets}"));
    vec![
        offer,
        answer
            .with("a=max-size:30\n", "a=accept-wrapped-types:text/plain\na=recvonly\n")
            .with("message/cpim text/*", "message/cpim"),
        envelope,
    ]
}

fn sessions() -> Vec<Case> {
    let wrong = |change: fn(Turn) -> Turn| change(session().pop().unwrap());
    let back = || {
        let other = send(Side::Tester).with("Message-ID: 87652491", "Message-ID: 97652491");
        other
            .with("192.0.2.4:7654/b", "192.0.2.1:2855/A")
            .with("192.0.2.1:2855/a", "192.0.2.4:7654/b")
            .with("2855/A", "2855/a")
    };
    vec![
        last(
            "base.msrp.first_send",
            session(),
            wrong(|mut turn| {
                turn.opens = Some(Side::Tester);
                turn
            }),
        ),
        Case {
            rule: "base.msrp.active_side",
            right: session(),
            wrong: vec![
                session()[0].clone().with("setup:active", "setup:passive"),
                session()[1].clone().with("setup:passive", "setup:active"),
                session()[2].clone(),
            ],
        },
        case("base.msrp.accept_wrapped_types", enveloped(), "wrapped-types:text/plain", "wrapped-types:text/html"),
        case("base.msrp.direction", enveloped(), "a=recvonly", "a=sendonly"),
        case("base.msrp.direction", enveloped(), "a=recvonly", "a=inactive"),
        last("base.msrp.accept_types", session(), wrong(|turn| turn.with("text/plain", "image/png"))),
        last(
            "base.msrp.max_size",
            session(),
            wrong(|turn| turn.with("there?!!", "there, or where else?!!").with("1-25/25", "1-40/40")),
        ),
        last(
            "base.msrp.session_paths",
            [send(Side::Target), back()],
            back().with("To-Path: msrp://192.0.2.1:2855/a", "To-Path: msrp://192.0.2.1:2855/c"),
        ),
    ]
}

/// Chunks of two messages take turns, one is broken off, and what is asked for is reported.
#[test]
fn messages_in_chunks_take_turns() {
    let other = |turn: Turn, id: &str| turn.with("87652491", "97652491").with("a786hjs2", id).with("a786hjs2", id);
    let last = second_chunk().with("11-25/25", "11-*/25");
    let scene = [
        first_chunk().with("Success-Report: yes\n", "Success-Report: no\n").with("1-10/25", "1-*/*"),
        other(first_chunk(), "c786hjs2"),
        last,
        msrp(Side::Tester, &OK.replace("a786hjs2", "b786hjs2")),
        other(first_chunk(), "d786hjs2").with("Hey Bob, a", "re").with("1-10/25", "11-25/25").with("hjs2+", "hjs2#"),
        report(Side::Tester),
        report(Side::Tester)
            .with("dkei", "ekei")
            .with("dkei", "ekei")
            .with("87652491", "97652491")
            .with("1-25/25", "1-12/25")
            .with("200 OK", "413"),
    ];
    assert_eq!(super::judge(&scene), []);
}

/// A SEND without a body opens the session, and the sides talk at the same time.
#[test]
fn both_sides_talk_once_the_connection_is_opened() {
    let mut scene = session();
    let first = scene.pop().unwrap();
    let empty = first
        .clone()
        .with("Byte-Range: 1-25/25\nSuccess-Report: yes\nContent-Type: text/plain\n\nHey Bob, are you there?!!\n", "");
    let reply = send(Side::Tester)
        .with("87652491", "97652491")
        .with("192.0.2.4:7654/b", "192.0.2.1:2855/A")
        .with("192.0.2.1:2855/a", "192.0.2.4:7654/b")
        .with("2855/A", "2855/a");
    let next = Turn { opens: None, ..first }.with("a786", "e786").with("a786", "e786").with("87652491", "87652492");
    scene.extend([empty, reply, next]);
    assert_eq!(super::judge(&scene), []);
}

/// What comes back about a message comes through the session in which it came, also where that is one-way; and what may stand
/// alone may stand in an envelope.
#[test]
fn notifications_go_against_the_direction() {
    let mut scene = enveloped();
    let answer = scene[1].clone();
    scene[1] = answer
        .clone()
        .with("accept-types:message/cpim", "accept-types:message/cpim text/plain")
        .with("wrapped-types:text/plain", "wrapped-types:text/html");
    assert_eq!(super::judge(&scene), []);
    let mut scene = session();
    scene[1] = answer.with("a=recvonly", "a=sendonly").with("wrapped-types:", "wrapped-types:message/imdn+xml ");
    let report = super::content::imdn();
    let body = report.text.split_once("\r\n\r\n").unwrap().1.to_owned();
    let envelope = scene[2].clone().with("Content-Type: text/plain", "Content-Type: message/cpim");
    let range = format!("1-{0}/{0}", body.len());
    scene[2] = envelope.with("Hey Bob, are you there?!!", &body.replace("\r\n", "\n")).with("1-25/25", &range);
    assert_eq!(super::judge(&scene), []);
}
