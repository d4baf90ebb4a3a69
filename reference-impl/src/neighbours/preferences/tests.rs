use super::*;
use pretty_assertions::assert_eq;
use std::net::SocketAddr;

const START: Time = Time::from_nanos(1_000_000_000);

fn address() -> SocketAddr {
    "127.0.0.1:8080".parse().unwrap()
}

fn server() -> PreferenceServer {
    PreferenceServer::new(Some(&PreferencesAccess::at("http://127.0.0.1:8080/x".parse().unwrap())))
}

fn wanted(user: &str, etag: Option<&str>) -> Wanted {
    Wanted { user: user.to_owned(), document: Document::Index, etag: etag.map(str::to_owned) }
}

/// The connection that is opened, and what is asked on it.
fn asks(server: &mut PreferenceServer) -> (ConnectionId, String) {
    let Some(Output::Connect { connection, remote }) = server.poll_output() else { panic!("no connection") };
    assert_eq!(remote, address());
    (connection, asks_again(server))
}

fn asks_again(server: &mut PreferenceServer) -> String {
    let Some(Output::Send { octets, .. }) = server.poll_output() else { panic!("nothing is asked") };
    String::from_utf8(octets.to_vec()).unwrap()
}

fn says(server: &mut PreferenceServer, now: Time, connection: ConnectionId, text: &str) {
    server.receive(now, Input::Received { connection, octets: Bytes::copy_from_slice(text.as_bytes()) });
}

fn closes(server: &mut PreferenceServer, now: Time, connection: ConnectionId, how: Closing) {
    server.receive(now, Input::Closed { connection, how });
}

const DOCUMENT: &str =
    "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: application/auth-policy+xml\r\nContent-Length: 3\r\n\r\n<x>";

#[test]
fn a_document_is_fetched_and_then_only_asked_after() {
    let mut server = server();
    server.fetch(START, wanted("sip:b@e", None));
    let (connection, request) = asks(&mut server);
    assert!(request.starts_with("GET /x/org.openmobilealliance.im-rules/users/sip%3Ab%40e/index HTTP/1.1\r\n"));
    assert!(!request.contains("If-None-Match"));
    says(&mut server, START, connection, DOCUMENT);
    let said = Outcome::Says { etag: Some("\"1\"".to_owned()), octets: Bytes::from_static(b"<x>") };
    assert_eq!(server.poll_outcome(), Some((wanted("sip:b@e", None), said)));

    server.fetch(START, wanted("sip:b@e", Some("\"1\"")));
    assert!(asks_again(&mut server).contains("\r\nIf-None-Match: \"1\"\r\n"));
    says(&mut server, START, connection, "HTTP/1.1 304 Not Modified\r\n\r\n");
    assert_eq!(server.poll_outcome().unwrap().1, Outcome::Unchanged);
    server.fetch(START, wanted("sip:c@e", None));
    asks_again(&mut server);
    says(&mut server, START, connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(server.poll_outcome().unwrap().1, Outcome::Absent);
}

#[test]
fn a_server_that_closes_what_is_not_used_is_asked_again() {
    let mut server = server();
    server.fetch(START, wanted("sip:b@e", None));
    let (connection, _) = asks(&mut server);
    says(&mut server, START, connection, DOCUMENT);
    server.poll_outcome();
    server.fetch(START, wanted("sip:b@e", Some("\"1\"")));
    asks_again(&mut server);
    closes(&mut server, START, connection, Closing::Finished);
    let (other, _) = asks(&mut server);
    assert_ne!(other, connection);
    // On a new connection that is a failure.
    closes(&mut server, START, other, Closing::Finished);
    assert_eq!(server.poll_outcome().unwrap().1, Outcome::Unavailable);
    assert_eq!(server.poll_output(), None);
}

#[test]
fn whatever_makes_no_sense_is_unavailable_for_a_while() {
    for rubbish in [
        "SIP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\n\r\n",
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 301 Away\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n",
    ] {
        let mut server = server();
        server.fetch(START, wanted("sip:b@e", None));
        let (connection, _) = asks(&mut server);
        says(&mut server, START, connection, rubbish);
        assert_eq!(server.poll_outcome().unwrap().1, Outcome::Unavailable, "{rubbish}");
        while server.poll_output().is_some() {}
        server.fetch(START, wanted("sip:b@e", None));
        assert_eq!(server.poll_outcome().unwrap().1, Outcome::Unavailable, "{rubbish}");
        assert_eq!(server.poll_output(), None);
        server.fetch(START + FIRST_WAIT, wanted("sip:b@e", None));
        assert_eq!(server.poll_outcome(), None);
        assert!(server.poll_output().is_some(), "{rubbish}");
    }
}

#[test]
fn a_server_that_is_away_or_silent_holds_nobody_up_for_long() {
    let mut server = server();
    for user in 0..20 {
        server.fetch(START, wanted(&format!("sip:{user}@e"), None));
    }
    let (connection, _) = asks(&mut server);
    closes(&mut server, START, connection, Closing::Refused);
    let told: Vec<Outcome> = std::iter::from_fn(|| server.poll_outcome()).map(|(_, outcome)| outcome).collect();
    // Those that are on other connections are told by these.
    assert_eq!(told, vec![Outcome::Unavailable; 20 - MOST_CONNECTIONS + 1]);

    let due = server.poll_timeout().unwrap();
    assert_eq!(due, START + PATIENCE);
    server.handle_timeout(due);
    assert_eq!(std::iter::from_fn(|| server.poll_outcome()).count(), MOST_CONNECTIONS - 1);
    assert_eq!(server.poll_timeout(), None);
}

#[test]
fn a_slow_drip_is_given_up() {
    let mut server = server();
    server.fetch(START, wanted("sip:b@e", None));
    let (connection, _) = asks(&mut server);
    says(&mut server, START, connection, "HTTP/1.1 200 OK\r\nContent-Type: application/auth-policy+xml\r\n\r\n");
    for second in 1..4 {
        let now = START + Duration::from_millis(second * 500);
        says(&mut server, now, connection, "<");
        assert_eq!(server.poll_outcome(), None);
    }
    server.handle_timeout(START + PATIENCE);
    assert_eq!(server.poll_outcome().unwrap().1, Outcome::Unavailable);
    assert_eq!(server.poll_output(), Some(Output::Reset { connection }));
}

#[test]
fn a_connection_without_use_is_ended_in_order() {
    let mut server = server();
    server.fetch(START, wanted("sip:b@e", None));
    let (connection, _) = asks(&mut server);
    says(&mut server, START, connection, DOCUMENT);
    server.handle_timeout(START + IDLE);
    assert_eq!(server.poll_output(), Some(Output::Close { connection }));
    assert_eq!(server.poll_timeout(), None);
    // What nobody has asked for ends one, too.
    server.fetch(START + IDLE, wanted("sip:b@e", None));
    let (connection, _) = asks(&mut server);
    says(&mut server, START + IDLE, connection, DOCUMENT);
    says(&mut server, START + IDLE, connection, DOCUMENT);
    assert_eq!(server.poll_output(), Some(Output::Reset { connection }));
}

#[test]
fn without_a_server_there_is_nothing() {
    let mut nobody = PreferenceServer::new(None);
    nobody.fetch(START, wanted("sip:b@e", None));
    assert_eq!(nobody.poll_outcome().unwrap().1, Outcome::Unavailable);
}
