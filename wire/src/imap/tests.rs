use super::types::command::CommandBody;
use super::types::response::{GreetingKind, Response, Status};
use super::*;
use pretty_assertions::assert_eq;
use proptest::prelude::*;

const MOST: u32 = 1000;

/// What is read of a stream that comes in these pieces.
fn commands<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<FromClient> {
    let mut commands = Commands::new(MOST);
    let mut read = Vec::new();
    for piece in pieces {
        commands.push(piece);
        while let Some(one) = commands.poll() {
            read.push(one);
        }
    }
    read
}

fn responses<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<FromServer> {
    let mut responses = Responses::new(MOST);
    let mut read = Vec::new();
    for piece in pieces {
        responses.push(piece);
        while let Some(one) = responses.poll() {
            read.push(one);
        }
    }
    read
}

fn names(read: &[FromClient]) -> Vec<&'static str> {
    read.iter()
        .map(|one| match one {
            FromClient::Command(command) => command.name(),
            FromClient::Announced => "(announced)",
            FromClient::Refused { .. } => "(refused)",
            FromClient::Malformed { .. } => "(malformed)",
            FromClient::Flooded => "(flooded)",
        })
        .collect()
}

const TALK: &[u8] =
    b"a1 CAPABILITY\r\na2 LOGIN bob {3}\r\npwd\r\na3 APPEND \"c/s\" {10+}\r\nx: {5}\r\n\r\n\r\na4 NOOP\r\n";

#[test]
fn commands_are_cut_at_their_ends_and_not_within_literals() {
    assert_eq!(names(&commands([TALK])), ["CAPABILITY", "(announced)", "LOGIN", "APPEND", "NOOP"]);
}

#[test]
fn a_large_literal_is_refused_where_it_can_be() {
    // The client has not sent it: after the refusal comes the next command.
    let read = commands([&b"a1 APPEND c {999999}\r\na2 NOOP\r\n"[..]]);
    assert_eq!(names(&read), ["(refused)", "NOOP"]);
    let FromClient::Refused { tag } = &read[0] else { panic!("{read:?}") };
    assert_eq!(tag.as_ref().map(|tag| tag.inner()), Some("a1"));
    // It is on its way already: nothing else makes sense any more.
    let sent = [&b"a1 APPEND c {4000000000+}\r\n"[..], &[b'x'; 2000], b"\r\na2 NOOP\r\n"];
    assert_eq!(names(&commands(sent)), ["(flooded)"]);
}

#[test]
fn a_line_without_end_is_a_flood_and_takes_no_memory() {
    let mut stream = Commands::new(MOST);
    for _ in 0..100 {
        stream.push(&[b'x'; 100]);
        let _ = stream.poll();
    }
    assert_eq!(stream.poll(), None);
    assert!(format!("{stream:?}").len() < 2000);
}

#[test]
fn what_is_no_command_is_told_with_its_tag() {
    let read = commands([&b"a1 DANCE\r\n\r\n\xff\x00\r\na2 NOOP\n"[..]]);
    assert_eq!(names(&read), ["(malformed)"; 4]);
    let FromClient::Malformed { tag } = &read[0] else { panic!("{read:?}") };
    assert_eq!(tag.as_ref().map(|tag| tag.inner()), Some("a1"));
}

#[test]
fn a_greeting_comes_first_and_responses_after_it() {
    let talk =
        b"* OK [CAPABILITY IMAP4rev1] ready\r\n* X-STRANGE 17\r\n+ go on\r\na1 NO [TRYCREATE] no such folder\r\n";
    let read = responses([&talk[..]]);
    assert!(matches!(&read[0], FromServer::Greeting(greeting) if greeting.kind == GreetingKind::Ok), "{read:?}");
    assert_eq!(read[1], FromServer::Unknown);
    assert!(matches!(&read[2], FromServer::Response(one) if matches!(**one, Response::CommandContinuationRequest(_))));
    let FromServer::Response(last) = &read[3] else { panic!("{read:?}") };
    assert!(matches!(&**last, Response::Status(Status::Tagged(tagged)) if tagged.tag.inner() == "a1"));
}

#[test]
fn after_nonsense_nothing_is_read() {
    assert_eq!(responses([&b"HTTP/1.1 200 OK\r\n* OK ready\r\n"[..]]), [FromServer::Malformed]);
    assert_eq!(responses([&[b'x'; 3000][..], &[b'x'; 3000]]), [FromServer::Malformed]);
    assert_eq!(responses([&b"* OK ready\r\nnonsense\r\na1 OK\r\n"[..]])[1..], [FromServer::Malformed]);
}

#[test]
fn the_pieces_of_a_command_are_what_a_server_reads() {
    let append = CommandBody::append("c/s", vec![], None, &b"To: x\r\n\r\n"[..]).unwrap();
    let command = Command::new("a1", append).unwrap();
    let octets: Vec<u8> = pieces(&command)
        .flat_map(|piece| match piece {
            Fragment::Line { data } | Fragment::Literal { data, .. } => data,
        })
        .collect();
    assert_eq!(octets, b"a1 APPEND c/s {9}\r\nTo: x\r\n\r\n\r\n");
    assert_eq!(commands([&octets[..]])[1], FromClient::Command(Box::new(command)));
}

proptest! {
    #[test]
    fn a_stream_may_be_cut_anywhere(sizes in prop::collection::vec(1usize..9, 1..200)) {
        let mut rest = TALK;
        let mut cut = Vec::new();
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            cut.push(piece);
            rest = after;
        }
        prop_assert_eq!(commands(cut), commands([TALK]));
    }

    #[test]
    fn no_octets_bring_either_reader_down(octets: Vec<u8>, at in 0..TALK.len(), octet: u8) {
        let mut bent = TALK.to_vec();
        bent[at] = octet;
        for stream in [&octets, &bent] {
            let _ = commands([&stream[..]]);
            let _ = responses([&b"* OK ready\r\n"[..], stream]);
        }
    }
}
