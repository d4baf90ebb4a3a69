//! The embedded reference as a peer that is treated badly, over real sockets: what is broken, unknown or out of place is
//! refused as RFC 3261 and RFC 4975 say, or passed over where they say so, and afterwards it serves as before. Silence is
//! shown by what comes next: the answer to a good request.

pub mod served;
mod storm;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;

use served::{Neighbour, PATIENCE, Served, header, read_some, run_against, status};

/// A good request that anybody may send.
fn options(number: u32) -> String {
    request("OPTIONS", number)
}

fn request(method: &str, number: u32) -> String {
    format!(
        "{method} sip:[target] SIP/2.0\r\nVia: SIP/2.0/UDP [own];branch=z9hG4bK-{method}-{number}\r\nMax-Forwards: 70\r\n\
         From: <sip:stranger@example.com>;tag=s{number}\r\nTo: <sip:[target]>\r\nCall-ID: {method}-{number}\r\n\
         CSeq: {number} {method}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A third-party REGISTER of the serving CSCF, for a user who has missed nothing.
fn register(number: u32) -> String {
    request("REGISTER", number)
        .replace("To: <sip:[target]>", "To: <sip:nobody-yet@example.com>")
        .replace("Content-Length", "Contact: <sip:[own]>\r\nExpires: 60\r\nContent-Length")
}

/// What shows that it still serves.
#[track_caller]
fn serves(neighbour: &Neighbour, number: u32) {
    let ok = neighbour.ask(&options(number));
    assert_eq!((status(&ok), header(&ok, "CSeq")), (Some(200), Some(&*format!("{number} OPTIONS"))), "{ok}");
    let ok = neighbour.ask(&register(number));
    assert_eq!((status(&ok), header(&ok, "CSeq")), (Some(200), Some(&*format!("{number} REGISTER"))), "{ok}");
}

#[test]
fn broken_requests_are_refused_and_broken_answers_passed_over() {
    let served = Served::start();
    let neighbour = served.neighbour();
    let good = options(1);
    for (number, (right, wrong)) in [
        ("CSeq: 1 OPTIONS", "CSeq: one OPTIONS"),
        ("CSeq: 1 OPTIONS", "CSeq: 4294967296 OPTIONS"),
        ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"),
        ("Max-Forwards: 70", "Max-Forwards: 7O"),
        ("Max-Forwards: 70", "this line has no colon"),
        ("From: <sip:stranger", "From: <<sip:stranger"),
        ("Content-Length: 0", "Content-Length: 4000"),
        ("Content-Length: 0", "Content-Length: -1"),
    ]
    .into_iter()
    .enumerate()
    {
        let branch = format!("branch=z9hG4bK-broken-{number}");
        let broken = good.replace(right, wrong).replace("branch=z9hG4bK-OPTIONS-1", &branch);
        let answer = neighbour.ask(&broken);
        assert_eq!(status(&answer), Some(400), "{wrong}: {answer}");
        assert!(answer.contains(&branch), "{answer}");
    }
    for (number, wrong) in [
        good.replace("OPTIONS sip:[target] SIP/2.0", "SIP/2.0 200 OK").replace("Via", "Vla"),
        good.replace("OPTIONS sip:[target] SIP/2.0", "SIP/2.0 200 OK").replace("CSeq: 1", "CSeq: one"),
        good.replace("OPTIONS sip:[target] SIP/2.0", "SIP/2.0 999 What"),
        good.replace("OPTIONS", "ACK"),
        good.replace("OPTIONS", "ACK").replace("CSeq: 1", "CSeq: one"),
        good.replace("Via: ", "Vla: "),
        "\r\n\r\n".to_owned(),
        String::new(),
    ]
    .iter()
    .enumerate()
    {
        // Whoever is new here has nothing else to hear.
        let fresh = served.neighbour();
        fresh.send(wrong);
        let probe = options(100 + u32::try_from(number).unwrap());
        let first = fresh.first(&probe);
        assert_eq!(
            (status(&first), header(&first, "Call-ID")),
            (Some(200), header(&probe, "Call-ID")),
            "{wrong}: {first}"
        );
    }
    serves(&neighbour, 200);
    served.stop();
}

#[test]
fn what_is_unknown_or_out_of_place_is_refused_by_its_name() {
    let served = Served::start();
    let neighbour = served.neighbour();
    let in_dialog = |method, number| request(method, number).replace("<sip:[target]>\r", "<sip:[target]>;tag=none\r");
    for (wrong, expected) in [
        (request("FLY", 1), &[405, 501][..]),
        (request("PUBLISH", 2), &[405, 489, 501]),
        (in_dialog("BYE", 3), &[481]),
        (in_dialog("INVITE", 4), &[481]),
        (in_dialog("NOTIFY", 5), &[481]),
        (in_dialog("UPDATE", 6), &[481]),
        (request("CANCEL", 7), &[481]),
        (request("INVITE", 8).replace("Max-Forwards: 70", "Max-Forwards: 0"), &[483]),
        (request("MESSAGE", 9).replace("Max-Forwards: 70", "Max-Forwards: 0"), &[483]),
        (request("OPTIONS", 10).replace("OPTIONS sip:[target] ", "OPTIONS gopher://old "), &[416]),
        (request("SUBSCRIBE", 11).replace("Max", "Event: weather\r\nContact: <sip:[own]>\r\nMax"), &[489]),
    ] {
        let answer = neighbour.ask(&wrong);
        assert!(status(&answer).is_some_and(|status| expected.contains(&status)), "{expected:?}: {answer}");
        if status(&answer) == Some(405) {
            assert!(header(&answer, "Allow").is_some_and(|allow| allow.contains("INVITE")), "{answer}");
        }
        if wrong.starts_with("INVITE") {
            neighbour.send(&wrong.replace("INVITE", "ACK"));
        }
    }
    let answer = neighbour.ask(&options(12).replace("Max", "Require: levitation, timer, telepathy\r\nMax"));
    assert_eq!(status(&answer), Some(420));
    assert_eq!(header(&answer, "Unsupported"), Some("levitation, telepathy"), "{answer}");
    serves(&neighbour, 13);
    served.stop();
}

#[test]
fn garbage_and_a_flood_of_datagrams_pass_by() {
    let served = Served::start();
    let neighbour = served.neighbour();
    let mut noise = Noise(7);
    for number in 0..2000_usize {
        neighbour.send_octets(&noise.octets(number % 1400));
        // The kernel drops what is not read in time; that is no matter of the target's.
        if number % 100 == 99 {
            thread::sleep(Duration::from_millis(2));
        }
    }
    serves(&neighbour, 1);
    // Nearly good: every request, cut short at every length.
    let invite = request("INVITE", 2);
    for length in 0..invite.len() {
        neighbour.send(&invite[..length]);
    }
    neighbour.quiet();
    serves(&neighbour, 3);
    served.stop();
}

#[test]
fn a_stream_of_garbage_is_closed_and_others_stay() {
    let served = Served::start();
    let neighbour = served.neighbour();
    let mut patient = TcpStream::connect(served.sip).unwrap();
    patient.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut noise = Noise(11);
    for garbage in [
        noise.octets(70_000),
        vec![b'a'; 200_000],
        b"OPTIONS sip:pf SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: pf\r\n\r\n".to_vec(),
    ] {
        closed(TcpStream::connect(served.sip).unwrap(), &garbage);
    }
    // Half a message, and nothing more: no harm, and no answer to wait for.
    let mut half = TcpStream::connect(served.sip).unwrap();
    half.write_all(b"OPTIONS sip:pf SIP/2.0\r\nVia: SIP").unwrap();
    // One connection sends three requests at once, in pieces.
    let three: String = (1..=3).map(options).collect();
    let three = neighbour.filled(&three).replace("SIP/2.0/UDP", "SIP/2.0/TCP");
    for piece in three.as_bytes().chunks(37) {
        patient.write_all(piece).unwrap();
    }
    let answers = read_some(&mut patient, |text| text.matches("SIP/2.0 200").count() == 3);
    assert_eq!(answers.matches("SIP/2.0 200 ").count(), 3, "{answers}");
    serves(&neighbour, 4);
    served.stop();
}

#[test]
fn media_without_a_session_are_refused_and_bad_media_end_their_connection() {
    let served = Served::start();
    let neighbour = served.neighbour();
    let send = |transaction: &str, path: &str| {
        format!(
            "MSRP {transaction} SEND\r\nTo-Path: {path}\r\nFrom-Path: msrp://127.0.0.1:9999/stranger;tcp\r\n\
             Message-ID: {transaction}m\r\nByte-Range: 1-5/5\r\nContent-Type: text/plain\r\n\r\nhello\r\n-------{transaction}$\r\n"
        )
    };
    let nobody = format!("msrp://{}/nobody;tcp", served.msrp);
    let mut stranger = TcpStream::connect(served.msrp).unwrap();
    stranger.set_read_timeout(Some(PATIENCE)).unwrap();
    stranger.write_all(send("a1b2c3", &nobody).as_bytes()).unwrap();
    let answer = read_some(&mut stranger, |text| text.contains("-------a1b2c3$"));
    assert!(answer.starts_with("MSRP a1b2c3 481"), "{answer}");
    // 400, or the end of the connection.
    let mut noise = Noise(13);
    for bad in [
        send("badpath1", "nonsense").into_bytes(),
        send("nopath12", &nobody).replace("To-Path", "Tu-Path").into_bytes(),
        send("badrange", &nobody).replace("1-5/5", "five").into_bytes(),
        b"MSRP abcd SEND\r\n".repeat(5000),
        noise.octets(100_000),
        b"GET / HTTP/1.1\r\nHost: pf\r\n\r\n".to_vec(),
        vec![b'x'; 300_000],
    ] {
        let mut stream = TcpStream::connect(served.msrp).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // One that has been closed meanwhile takes no more.
        let _ = stream.write_all(&bad);
        let _ = stream.shutdown(Shutdown::Write);
        let answer = read_some(&mut stream, |text| text.contains('$'));
        let refused = ["400", "481"].iter().any(|status| answer.contains(status));
        assert!(answer.is_empty() || refused, "{:?}: {answer}", String::from_utf8_lossy(&bad[..60]));
    }
    serves(&neighbour, 1);
    served.stop();
}

#[test]
fn nothing_of_others_is_lost_while_somebody_makes_noise() {
    let served = Served::start();
    let neighbour = served.neighbour();
    let (sip, msrp) = (served.sip, served.msrp);
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let noise = thread::spawn(move || {
        let mut noise = Noise(17);
        while stopped.try_recv().is_err() {
            for length in 0..20 {
                neighbour.send_octets(&noise.octets(length * 60));
                neighbour.send(&request("INVITE", 1)[..length * 10]);
            }
            for address in [sip, msrp] {
                // A target that is short of connections may refuse one.
                let Ok(mut stream) = TcpStream::connect(address) else { continue };
                let _ = stream.write_all(&noise.octets(5000));
            }
            thread::sleep(Duration::from_millis(20));
        }
    });
    let output = run_against(&served, "in-order|reports-and-list|kept-apart");
    stop.send(()).unwrap();
    noise.join().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    served.stop();
}

/// Octets that mean nothing, the same in each run (xorshift).
struct Noise(u64);

impl Noise {
    fn octets(&mut self, length: usize) -> Vec<u8> {
        let mut octet = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.to_le_bytes()[3]
        };
        (0..length).map(|_| octet()).collect()
    }
}

/// Writes garbage and waits until the other side has closed, after whatever it had to say.
#[track_caller]
fn closed(mut stream: TcpStream, garbage: &[u8]) {
    let begun = Instant::now();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = stream.write_all(garbage);
    let mut octets = [0; 4096];
    // 0: finished; an error: reset. Only a time-out means that it is still open.
    while matches!(stream.read(&mut octets), Ok(length) if length > 0) {}
    let beginning = String::from_utf8_lossy(&garbage[..garbage.len().min(40)]).into_owned();
    assert!(begun.elapsed() < PATIENCE, "still open after {beginning:?}");
}
