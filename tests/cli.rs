//! The command line as a user and his CI meet it: what is printed, and how the program ends.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use pretty_assertions::assert_eq;

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cpm-conformance")).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A file in a folder of this test alone.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// The one place in which what differs from machine to machine is taken out of a text.
fn redacted(text: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli");
    text.replace(folder.to_str().unwrap(), "[folder]").replace(env!("CARGO_PKG_VERSION"), "[version]")
}

#[test]
fn bad_usage_is_4_and_help_is_0() {
    let table: [(&[&str], i32); 17] = [
        (&["--help"], 0),
        (&["--version"], 0),
        (&["run", "--help"], 0),
        (&[], 4),
        (&["walk"], 4),
        (&["run", "--frob"], 4),
        (&["run", "--jobs", "0"], 4),
        (&["run", "--seed", "many"], 4),
        (&["run", "--name", "("], 4),
        (&["run", "--requirement", "CPM-CONV-059"], 4),
        (&["list", "walls"], 4),
        (&["serve", "everybody"], 4),
        (&["serve", "client", "--fault", "nothing-known"], 4),
        (&["qualify", "--fault", "nothing-known"], 4),
        (&["qualify", "--link", "paper"], 4),
        (&["report"], 4),
        (&["report", "verify", "no/such/folder"], 4),
    ];
    for (arguments, code) in table {
        assert_eq!(program(arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn the_help_names_every_option_and_the_exit_codes() {
    insta::assert_snapshot!(redacted(&out(&program(&["--help"]))));
    insta::assert_snapshot!(redacted(&out(&program(&["run", "--help"]))));
    insta::assert_snapshot!(redacted(&out(&program(&["report", "verify", "--help"]))));
}

#[test]
fn a_broken_profile_is_4_with_its_place_and_what_is_allowed() {
    let served = include_str!("../fixtures/targets/served.yaml");
    let table = [
        ("unknown_key", served.replace("vendor:", "vender:")),
        ("wrong_type", served.replace("answer_ms: 5000", "answer_ms: soon")),
        ("bad_value", served.replace("drain_order: completion", "drain_order: alphabetical")),
        ("missing_answer", served.replace("  drain_order: completion\n", "")),
        ("no_yaml", "{".to_owned()),
        ("topology", served.replace("topology: isc_direct", "topology: ims_core")),
    ];
    let mut told = String::new();
    for (name, text) in table {
        let path = file(&format!("{name}.yaml"), &text);
        let output = program(&["run", "--target", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(4), "{name}");
        told.push_str(&complaint(&output));
    }
    let missing = program(&["run", "--target", "no/such/profile.yaml"]);
    assert_eq!(missing.status.code(), Some(4));
    told.push_str(&complaint(&missing));
    insta::assert_snapshot!(redacted(&told));
}

#[test]
fn a_configuration_that_cannot_be_read_is_4() {
    let output = program(&["serve", "participating-function", "--config", "no/such/configuration.yaml"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(complaint(&output).contains("no/such/configuration.yaml"));
}

#[test]
fn every_list_is_told_to_people_and_to_programs() {
    for (what, some) in [
        ("requirements", "CPM-CONV-058a"),
        ("interpretations", "L32"),
        ("scenarios", "TP-CPM-CONV-058-01.offline-from-the-start"),
        ("steps", "registers"),
        ("rules", "missed_group_content.complete"),
        ("faults", "loses-one-in-ten"),
    ] {
        let text = program(&["list", what]);
        assert!(text.status.success() && out(&text).contains(some), "{what}");
        let json = program(&["list", what, "--format", "json"]);
        let rows: serde_json::Value = serde_json::from_str(&out(&json)).unwrap();
        assert!(rows.as_array().is_some_and(|rows| !rows.is_empty()), "{what}");
        assert!(out(&json).contains(some), "{what}");
    }
}

#[test]
fn nothing_selected_is_6_and_leaves_no_folder() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli-nothing");
    for option in [["--name", "no scenario is called that"], ["--tags", "@no-such-tag"]] {
        let output = program(&["run", option[0], option[1], "--output", folder.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(6), "{option:?}: {}", complaint(&output));
        assert!(!folder.exists());
        assert_eq!(program(&["run", "--plan", option[0], option[1]]).status.code(), Some(6));
    }
}

#[test]
fn the_plan_says_what_would_run_and_runs_nothing() {
    let output = program(&["run", "--plan", "--requirement", "CPM-CONV-058a"]);
    assert!(output.status.success());
    let text = out(&output);
    assert!(text.contains("runs           TP-CPM-CONV-058a-02.in-order"), "{text}");
    assert!(!text.contains("TP-CPM-CONV-058-01"));
}

#[test]
fn a_fault_is_tried_by_itself_and_the_matrix_is_written() {
    let folder = file("none", "").with_file_name("qualified");
    let output = program(&["qualify", "--fault", "forgets-on-restart", "--output", folder.to_str().unwrap()]);
    assert_eq!((output.status.code(), complaint(&output).as_str()), (Some(0), ""), "{}", out(&output));
    assert!(out(&output).contains("CPM-CONV-058 forgets-on-restart  by TP-CPM-CONV-058-20"), "{}", out(&output));
    let json = fs::read_to_string(folder.join("qualify.json")).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(whole.pointer("/faults/0/killed"), Some(&serde_json::Value::Bool(true)), "{json}");
    assert!(fs::read_to_string(folder.join("qualify.html")).unwrap().contains("forgets-on-restart"));
}

const OPTIONS: &str = "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\n\
    Max-Forwards: 70\r\nFrom: <sip:b@example.com>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: 1@192.0.2.1\r\n\
    CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

#[test]
fn validate_ends_with_what_it_found() {
    let right = file("right.sip", OPTIONS);
    let wrong = file("wrong.sip", &OPTIONS.replace("Max-Forwards: 70", "Max-Forwards: 700"));
    let none = file("none.txt", "nothing of the kind\n");
    let (right, wrong, none) = (right.to_str().unwrap(), wrong.to_str().unwrap(), none.to_str().unwrap());
    for (arguments, code) in [
        (vec!["validate", right], 0),
        (vec!["validate", wrong], 1),
        (vec!["validate", wrong, right], 1),
        (vec!["validate", "--exclude", "base.sip.max_forwards", wrong], 0),
        (vec!["validate", "--rule", "base.msrp", wrong], 0),
        (vec!["validate", "--level", "error", "--summary", wrong], 1),
        (vec!["validate", none], 4),
        (vec!["validate", "--keylog", right, right], 4),
        (vec!["validate", "/nowhere/at/all"], 4),
        (vec!["validate", "--rule", "base.nothing", right], 4),
        (vec!["validate", "--target", right, right], 4),
        (vec!["validate"], 4),
    ] {
        let output = program(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", out(&output), complaint(&output));
    }
    let json = program(&["validate", "--format", "json", wrong]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(value["files"][0]["findings"][0]["rule"], "base.sip.max_forwards");
}

#[test]
fn validate_reads_standard_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args(["validate", "--format", "sarif", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let message = OPTIONS.replace("Max-Forwards: 70", "Max-Forwards: 700");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), message.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), &value["runs"][0]["results"][0]["ruleId"]),
        (Some(1), &"base.sip.max_forwards".into())
    );
}

/// One that is not right.
fn wrong() -> String {
    OPTIONS.replace("Max-Forwards: 70", "Max-Forwards: 700")
}

/// The head of a capture of raw IP.
fn head() -> Vec<u8> {
    let numbers = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101];
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A packet with this datagram, as it stands in a capture.
fn packet(message: &str) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap();
    let udp = [5060, 5060, length + 8, 0].map(u16::to_be_bytes).concat();
    let ip = [&[0x45, 0][..], &(length + 28).to_be_bytes(), &[0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]]
        .concat();
    let whole = u32::from(length) + 28;
    let record = [1, 0, whole, whole].map(u32::to_le_bytes).concat();
    [record, ip, udp, message.as_bytes().to_vec()].concat()
}

/// The next line that the program prints.
fn next_line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line
}

#[test]
fn what_is_followed_is_told_at_once_and_ends_with_its_writer() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args(["validate", "--follow", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    input.write_all(&[head(), packet(&wrong())].concat()).unwrap();
    assert!(next_line(&mut output).starts_with("error  base.sip.max_forwards  -:1"));
    input.write_all(&packet(&OPTIONS.replace("CSeq: 1 ", "CSeq: x ").replace("bKa", "bKb"))).unwrap();
    drop(input);
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("-: 2 messages (2 SIP): 2 errors, 0 warnings, 0 of level info\n"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn what_is_followed_is_told_to_programs_line_by_line() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args(["validate", "--format", "json", "--follow", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    input.write_all(&[head(), packet(&wrong())].concat()).unwrap();
    let finding: serde_json::Value = serde_json::from_str(&next_line(&mut output)).unwrap();
    assert_eq!((&finding["rule"], &finding["frame"]), (&"base.sip.max_forwards".into(), &1.into()));
    drop(input);
    let file: serde_json::Value = serde_json::from_str(&next_line(&mut output)).unwrap();
    assert_eq!((&file["schema"], &file["file"]), (&"cpm-validate/1".into(), &"-".into()));
    assert_eq!((&file["messages"], &file["error"]), (&1.into(), &serde_json::Value::Null));
    assert_eq!((file.get("findings"), next_line(&mut output).as_str()), (None, ""));
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_file_that_grows_is_followed_until_it_is_interrupted() {
    let path = file("growing.pcap", "");
    let mut child = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"))
        .args(["validate", "--follow", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let whole = [head(), packet(&wrong())].concat();
    let (before, after) = whole.split_at(50);
    let mut growing = fs::OpenOptions::new().append(true).open(&path).unwrap();
    growing.write_all(before).unwrap();
    // The other half of a packet comes later, and half of another one too late.
    growing.write_all(&[after, &packet(&wrong())[..99]].concat()).unwrap();
    assert!(next_line(&mut output).starts_with("error  base.sip.max_forwards"));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with(": 1 messages (1 SIP): 1 errors, 0 warnings, 0 of level info\n"), "{rest}");
    assert!(!rest.contains("not read whole"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn only_one_capture_can_be_followed() {
    let path = file("message.sip", &wrong());
    let path = path.to_str().unwrap();
    for arguments in [
        &["validate", "--follow", path, path][..],
        &["validate", "--follow", "--summary", path],
        &["validate", "--follow", "--format", "sarif", path],
    ] {
        assert_eq!(program(arguments).status.code(), Some(4), "{arguments:?}");
    }
    let followed = program(&["validate", "--follow", path]);
    assert_eq!(followed.status.code(), Some(4));
    assert!(out(&followed).contains("only captures"), "{}", out(&followed));
}

#[test]
fn a_log_of_sipp_is_known_by_its_content() {
    let entry = |way: &str, text: &str| {
        let dashes = "-----------------------------------------------";
        format!("{dashes} 2026-11-21 17:29:26.240913\nUDP message {way} [{}] bytes :\n\n{text}\n", text.len())
    };
    let answer =
        OPTIONS.replace("OPTIONS sip:a@example.com SIP/2.0", "SIP/2.0 200 OK").replace("Max-Forwards: 70\r\n", "");
    let answer =
        answer.replace("To: <sip:a@example.com>", "To: <sip:a@example.com>;tag=2").replace("1 OPTIONS", "2 OPTIONS");
    let path = file("messages.log", &(entry("sent", OPTIONS) + &entry("received", &answer)));
    let judged = program(&["validate", path.to_str().unwrap()]);
    let text = out(&judged);
    assert!(
        text.starts_with("error  base.sip.response_copy  ") && text.contains(":2  peer -> SIPp  SIP/2.0 200 OK"),
        "{text}"
    );
    assert!(text.ends_with("2 messages (2 SIP): 1 errors, 1 warnings, 0 of level info\n"), "{text}");
    assert_eq!(judged.status.code(), Some(1));
}

#[test]
fn a_waiver_that_somebody_has_to_mend_is_5_with_its_line_and_its_cure() {
    let id = "TP-CPM-CONV-058d-02.by-notification";
    let entry = |rule: &str, expires: &str| {
        format!(
            "- scenario: {id}\n  rule: {rule}\n  versions: \"*\"\n  reason: known\n  issue: https://tracker.example/1\n  \
             expires: {expires}\n"
        )
    };
    let run = |name: &str, text: &str, more: &[&str]| {
        let name = format!("waivers-{name}");
        let waivers = file(&format!("{name}.yaml"), text);
        let folder = waivers.with_file_name(name);
        let arguments =
            ["run", "--name", id, "--waivers", waivers.to_str().unwrap(), "--output", folder.to_str().unwrap()];
        let output = program(&[&arguments, more].concat());
        (output.status.code(), out(&output) + &complaint(&output), folder)
    };
    // The embedded client passes: nothing of it needs a waiver.
    let (code, told, first) = run("stale", &entry("client_deferred_content.roster", "2999-12-31"), &["--quiet"]);
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains(&format!("waiver at line 1 stale: {id} client_deferred_content.roster: ")), "{told}");
    assert!(told.contains("passes now; take the entry out"), "{told}");
    let (code, told, second) = run(
        "expired",
        &("# known\n".to_owned() + &entry("client_deferred_content.roster", "2020-12-31")),
        &["--quiet", "--baseline", first.to_str().unwrap()],
    );
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("waiver at line 2 expired") && told.contains("renew its day"), "{told}");
    assert!(told.contains(" against ") && second.join("diff.html").exists(), "{told}");
    let (code, told, _) = run("none", "[]\n", &["--quiet"]);
    assert_eq!(code, Some(0), "{told}");
    let (code, told, folder) = run("bad", &entry("x", "tomorrow"), &[]);
    assert!(code == Some(4) && told.contains("bad.yaml:6:12: expires: `tomorrow` is no day"), "{told}");
    assert!(!folder.exists());
    let (code, told, _) = run("lost", "[]\n", &["--baseline", "no/such/folder"]);
    assert!(code == Some(4) && told.contains("--baseline: not a report"), "{told}");
}
