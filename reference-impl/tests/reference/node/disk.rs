//! A disk that is really full: a file may not grow any more, until it may again. [PF-MSG-04, L14]

use super::*;
use cpm_wire::cpim;
use cpm_wire::sip::{Builder, Name};
use pretty_assertions::assert_eq;

const ALICE: &str = "sip:alice@example.com";

fn from_alice(id: &str) -> Message {
    let envelope = cpim::Builder::new(ALICE, BOB)
        .date_time("2026-01-02T03:04:05Z")
        .message_id(id)
        .content("text/plain;charset=utf-8", format!("text of {id}"))
        .build();
    let asked: Builder = initial(Method::Message, BOB, ALICE, BOB, id, "sescase=term;regstate=unreg");
    asked
        .header(Name::ContributionId, format!("contribution-{id}"))
        .header(Name::ConversationId, "conversation-1")
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .body("message/cpim", envelope)
        .build()
}

/// The answer to a message of Alice.
fn answered(cscf: &Cscf, target: SocketAddr, id: &str) -> u16 {
    cscf.send(&from_alice(id), target);
    cscf.receive(|message| message.call_id() == Some(id) && message.status().is_some_and(|status| status >= 200))
        .status()
        .unwrap()
}

/// No file of the process may be longer than this from now on; none for as long as it likes.
fn bound(process: &Process, octets: Option<u64>) {
    // The soft limit alone: it can be raised again by whoever set it.
    let limit = octets.map_or("unlimited:".to_owned(), |octets| format!("{octets}:"));
    let process = format!("--pid={}", process.child.id());
    let set = Command::new("prlimit").args([process, format!("--fsize={limit}")]).status();
    assert!(set.expect("prlimit, of util-linux").success());
}

#[test]
fn a_full_disk_is_said_and_nothing_is_acknowledged_until_there_is_room_again() {
    let cscf = Cscf::bind();
    let (_files, config) = Files::new(cscf.address());
    // Its standard error is on that disk, too, and is full from the first line on.
    let log = config.with_file_name("log");
    std::fs::write(&log, "full\n").unwrap();
    // Who writes too much is told so by an error, as on a full disk, and not ended by the signal.
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        "trap '' XFSZ; exec \"$@\" 2>>\"$0\"",
        log.to_str().unwrap(),
        env!("CARGO_BIN_EXE_cpm-reference"),
    ]);
    let first = Process::start_with(shell, &config);
    assert_eq!(answered(&cscf, first.sip, "m1"), 202);
    bound(&first, Some(1));
    assert_eq!(answered(&cscf, first.sip, "m2"), 500);
    assert_eq!(answered(&cscf, first.sip, "m3"), 500);
    bound(&first, None);
    assert_eq!(answered(&cscf, first.sip, "m4"), 202);
    drop(first);

    let second = Process::start(&config);
    cscf.send(&chat_register("reg-1"), second.sip);
    for expected in ["text of m1", "text of m4"] {
        let pushed = cscf.receive(|message| message.is_request() && message.method() == Method::Message);
        assert!(pushed.body().ends_with(expected.as_bytes()), "{pushed:?}");
        cscf.answer(&pushed, 200, "", None, second.sip);
    }
    cscf.udp.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut octets = [0; 65_536];
    while let Ok((length, _)) = cscf.udp.recv_from(&mut octets) {
        let more = Message::parse(Bytes::copy_from_slice(&octets[..length])).unwrap();
        assert!(!more.is_request() || more.method() != Method::Message, "{more:?}");
    }
}

#[test]
fn a_store_that_cannot_be_written_is_said_at_the_start() {
    let cscf = Cscf::bind();
    let (_files, config) = Files::new(cscf.address());
    let text = std::fs::read_to_string(&config).unwrap();
    let lines = text.lines().map(|line| match line.starts_with("store:") {
        // Nobody can make a file there.
        true => "store: /proc/store.sqlite",
        false => line,
    });
    std::fs::write(&config, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpm-reference"));
    let output = command.args(["participating-function", "--config"]).arg(&config).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("store") && said.contains("/proc/store.sqlite"), "{said}");
    assert!(output.stdout.is_empty());
}
