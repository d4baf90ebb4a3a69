//! The function's side of the store, against answers written by hand from RFC 3501.

use super::*;
use cpm_wire::io::Closing;
use pretty_assertions::assert_eq;

const SECOND: Duration = Duration::from_secs(1);
const GREETING: &str = "* OK ready\r\n";

fn access(user: &str) -> MessageStoreAccess {
    MessageStoreAccess { address: "127.0.0.1:143".parse().unwrap(), user: user.to_owned(), password_env: None }
}

/// A store of which the test plays the other side.
struct Scene {
    store: MessageStore,
    now: Time,
    connection: Option<ConnectionId>,
}

impl Scene {
    fn new() -> Scene {
        Scene { store: MessageStore::new(Some(&access("{user}")), LONGEST), now: Time::ZERO + SECOND, connection: None }
    }

    fn append(&mut self, user: &str, object: &'static str) -> bool {
        self.store.append(self.now, user, "conv", "c1", Bytes::from_static(object.as_bytes()))
    }

    /// What the store asks of the network, in words.
    fn asked(&mut self) -> Vec<String> {
        let mut asked = Vec::new();
        while let Some(output) = self.store.poll_output() {
            asked.push(match output {
                Output::Connect { connection, .. } => {
                    self.connection = Some(connection);
                    "(connect)".to_owned()
                }
                Output::Send { octets, .. } => String::from_utf8(octets.to_vec()).unwrap(),
                Output::Close { .. } => "(close)".to_owned(),
                Output::Reset { .. } => "(reset)".to_owned(),
                Output::ConnectSecured { .. } | Output::Datagram { .. } => panic!("a datagram, or TLS"),
            });
        }
        asked
    }

    fn hear(&mut self, text: &str) -> Vec<String> {
        let octets = Bytes::copy_from_slice(text.as_bytes());
        let input = Input::Received { connection: self.connection.unwrap(), octets };
        assert!(self.store.owns(&input));
        self.store.receive(self.now, input);
        self.asked()
    }

    fn close(&mut self, how: Closing) -> Vec<String> {
        let input = Input::Closed { connection: self.connection.unwrap(), how };
        self.store.receive(self.now, input);
        self.asked()
    }

    fn pass(&mut self) -> Vec<String> {
        self.now = self.store.poll_timeout().unwrap();
        self.store.handle_timeout(self.now);
        self.asked()
    }

    /// Up to the first CREATE.
    fn logged_in(&mut self) {
        assert_eq!(self.asked(), ["(connect)"]);
        assert_eq!(self.hear(GREETING), ["a1 CAPABILITY\r\n"]);
        assert_eq!(self.hear("* CAPABILITY IMAP4rev1\r\na1 OK done\r\n"), ["a2 LOGIN bob@example.com \"\"\r\n"]);
        assert_eq!(self.hear("a2 OK in\r\n"), ["a3 LIST \"\" \"\"\r\n"]);
        assert_eq!(self.hear("* LIST (\\Noselect) \"/\" \"\"\r\na3 OK done\r\n"), ["a4 CREATE conv\r\n"]);
    }
}

const BOB: &str = "sip:bob@example.com";
const LONGEST: Duration = Duration::from_secs(60);

#[test]
fn an_object_is_put_into_the_folder_of_its_session() {
    let mut scene = Scene::new();
    assert!(scene.append(BOB, "one"));
    scene.logged_in();
    assert_eq!(scene.hear("a4 OK made\r\n"), ["a5 CREATE conv/c1\r\n"]);
    // The folder that was there already is as good.
    assert_eq!(scene.hear("a5 NO it is there\r\n"), ["a6 APPEND conv/c1 {3}\r\n"]);
    assert_eq!(scene.store.waiting(), 1);
    assert_eq!(scene.hear("+ go on\r\n"), ["one\r\n"]);
    assert_eq!(scene.hear("a6 OK kept\r\n"), [""; 0]);
    assert_eq!(scene.store.waiting(), 0);
    // The next needs the object alone, and a connection that nobody needs is ended in order.
    scene.append(BOB, "two");
    assert_eq!(scene.asked(), ["a7 APPEND conv/c1 {3}\r\n"]);
    scene.hear("+ go on\r\n");
    scene.hear("a7 OK kept\r\n");
    assert_eq!(scene.pass(), ["a8 LOGOUT\r\n"]);
    assert_eq!(scene.hear("* BYE then\r\na8 OK done\r\n"), [""; 0]);
    assert_eq!(scene.close(Closing::Finished), [""; 0]);
    assert_eq!(scene.store.poll_timeout(), None);
}

#[test]
fn a_store_that_takes_literals_at_once_is_not_asked() {
    let mut scene = Scene::new();
    scene.append(BOB, "one");
    scene.asked();
    scene.hear(GREETING);
    scene.hear("* CAPABILITY IMAP4rev1 LITERAL+\r\na1 OK done\r\n");
    scene.hear("a2 OK in\r\n");
    assert_eq!(scene.hear("* LIST () NIL \"\"\r\na3 OK done\r\n"), ["a4 CREATE conv_c1\r\n"]);
    assert_eq!(scene.hear("a4 OK done\r\n"), ["a5 APPEND conv_c1 {3+}\r\none\r\n"]);
}

#[test]
fn each_user_has_a_connection_of_its_own() {
    let mut scene = Scene::new();
    scene.append(BOB, "one");
    scene.append("tel:+1", "two");
    assert_eq!(scene.asked(), ["(connect)", "(connect)"]);
    scene.hear(GREETING);
    assert_eq!(scene.hear("a1 OK done\r\n"), ["a2 LOGIN +1 \"\"\r\n"]);
}

#[test]
fn connections_are_few_and_make_room_for_others() {
    let mut scene = Scene::new();
    let users: Vec<String> = (0..=MOST_CONNECTIONS).map(|number| format!("tel:+{number}")).collect();
    users.iter().for_each(|user| assert!(scene.append(user, "one")));
    assert_eq!(scene.asked(), ["(connect)"; MOST_CONNECTIONS]);
    scene.hear(GREETING);
    scene.hear("a1 OK done\r\n");
    scene.hear("a2 OK in\r\n");
    scene.hear("* LIST () NIL \"\"\r\na3 OK done\r\n");
    scene.hear("a4 OK done\r\n");
    scene.hear("+ go on\r\n");
    assert_eq!(scene.hear("a5 OK kept\r\n"), ["a6 LOGOUT\r\n"]);
    assert_eq!(scene.close(Closing::Finished), ["(connect)"]);
}

#[test]
fn a_store_that_is_away_is_tried_later_and_later() {
    let mut scene = Scene::new();
    scene.append(BOB, "one");
    assert_eq!(scene.asked(), ["(connect)"]);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let closed = scene.now;
        assert_eq!(scene.close(Closing::Refused), [""; 0]);
        assert_eq!(scene.pass(), ["(connect)"]);
        waits.push(scene.now.since(closed).as_millis());
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    assert_eq!(scene.store.waiting(), 1);
}

#[test]
fn an_object_is_kept_until_it_is_acknowledged() {
    let mut scene = Scene::new();
    scene.append(BOB, "one");
    scene.logged_in();
    scene.hear("a4 OK done\r\n");
    scene.hear("a5 OK done\r\n");
    scene.hear("+ go on\r\n");
    scene.close(Closing::Reset);
    assert_eq!(scene.store.waiting(), 1);
    assert_eq!(scene.pass(), ["(connect)"]);
    // Silence is an end too.
    assert_eq!(scene.pass(), ["(reset)"]);
    assert_eq!(scene.pass(), ["(connect)"]);
    assert_eq!(scene.store.waiting(), 1);
}

#[test]
fn what_the_store_refuses_again_and_again_is_given_up() {
    let mut scene = Scene::new();
    scene.append(BOB, "one");
    scene.append(BOB, "two");
    scene.logged_in();
    scene.hear("a4 OK done\r\n");
    assert_eq!(scene.hear("a5 OK done\r\n"), ["a6 APPEND conv/c1 {3}\r\n"]);
    assert_eq!(scene.hear("a6 NO [TRYCREATE] no folder\r\n"), [""; 0]);
    assert_eq!(scene.pass(), ["a7 CREATE conv/c1\r\n"]);
    assert_eq!(scene.hear("a7 OK done\r\n"), ["a8 APPEND conv/c1 {3}\r\n"]);
    scene.hear("+ go on\r\n");
    scene.hear("a8 NO full\r\n");
    scene.pass();
    scene.hear("a9 OK done\r\n");
    assert_eq!(scene.store.waiting(), 2);
    // The third refusal is the last word; the next object has its own chances, unless it is none at all.
    assert_eq!(scene.hear("a10 NO full\r\n"), ["a11 CREATE conv/c1\r\n"]);
    assert_eq!(scene.store.waiting(), 1);
    scene.hear("a11 OK done\r\n");
    scene.hear("a12 BAD what is this\r\n");
    assert_eq!(scene.store.waiting(), 0);
}

fn record(id: u64, user: &str, object: &'static str) -> HistoryRecord {
    let (conversation, contribution) = ("conv".to_owned(), "c1".to_owned());
    HistoryRecord {
        id,
        user: user.to_owned(),
        conversation,
        contribution,
        object: Bytes::from_static(object.as_bytes()),
    }
}

#[test]
fn what_is_on_the_disk_is_never_given_up_unless_it_is_no_object() {
    let mut scene = Scene::new();
    scene.store.keep(scene.now, record(7, BOB, "one"));
    scene.store.keep(scene.now, record(8, BOB, "two"));
    scene.logged_in();
    scene.hear("a4 OK done\r\n");
    assert_eq!(scene.hear("a5 OK done\r\n"), ["a6 APPEND conv/c1 {3}\r\n"]);
    for number in [6, 8, 10, 12, 14] {
        scene.hear(&format!("a{number} NO full\r\n"));
        assert_eq!(scene.pass(), [format!("a{} CREATE conv/c1\r\n", number + 1)]);
        scene.hear(&format!("a{} OK done\r\n", number + 1));
        assert_eq!((scene.store.waiting(), scene.store.poll_settled()), (2, None));
    }
    scene.hear("+ go on\r\n");
    assert_eq!(scene.hear("a16 OK kept\r\n"), ["a17 APPEND conv/c1 {3}\r\n"]);
    assert_eq!((scene.store.poll_settled(), scene.store.poll_settled()), (Some(7), None));
    scene.hear("a17 BAD what is this\r\n");
    assert_eq!((scene.store.poll_settled(), scene.store.waiting()), (Some(8), 0));
}

#[test]
fn without_a_store_nothing_stays_on_the_disk() {
    let mut store = MessageStore::new(None, LONGEST);
    store.keep(Time::ZERO, record(7, BOB, "one"));
    assert_eq!(store.poll_settled(), Some(7));
}

#[test]
fn who_is_not_let_in_hinders_nobody_else() {
    let mut scene = Scene::new();
    scene.append(BOB, "one");
    scene.asked();
    scene.hear(GREETING);
    scene.hear("a1 OK done\r\n");
    assert_eq!(scene.hear("a2 NO who are you\r\n"), ["(reset)"]);
    scene.append("tel:+1", "two");
    assert_eq!(scene.asked(), ["(connect)"]);
}

#[test]
fn whom_the_store_does_not_let_in_tries_again() {
    for talk in [
        &["* BYE not now\r\n"][..],
        &[GREETING, "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na1 OK done\r\n"],
        &[GREETING, "a1 OK done\r\n", "a2 NO who are you\r\n"],
        &[GREETING, "a1 OK done\r\n", "* BYE going down\r\n"],
        &[GREETING, "a9 OK a tag that nobody sent\r\n"],
        &[GREETING, "+ nobody asked\r\n"],
        &["SSH-2.0-OpenSSH\r\n"],
        &["\u{0}\u{1}\r\n"],
    ] {
        let mut scene = Scene::new();
        scene.append(BOB, "one");
        scene.asked();
        let asked: Vec<String> = talk.iter().flat_map(|text| scene.hear(text)).collect();
        assert_eq!(asked.last().map(String::as_str), Some("(reset)"), "{talk:?}");
        assert_eq!(scene.store.waiting(), 1);
        assert_eq!(scene.pass(), ["(connect)"]);
    }
}

#[test]
fn what_waits_is_bounded() {
    let mut scene = Scene::new();
    for _ in 0..MOST_WAITING {
        assert!(scene.append(BOB, "x"));
    }
    assert!(!scene.append(BOB, "x"));
    let large = Bytes::from(vec![b'x'; MOST_OCTETS + 1]);
    assert!(!Scene::new().store.append(Time::ZERO, BOB, "conv", "c1", large));
    assert!(!Scene::new().append(BOB, "a\0b"));
}

#[test]
fn without_a_store_nothing_is_kept_and_nothing_happens() {
    let mut store = MessageStore::new(None, LONGEST);
    assert!(!store.append(Time::ZERO, BOB, "conv", "c1", Bytes::from_static(b"x")));
    assert_eq!((store.poll_timeout(), store.poll_output()), (None, None));
}

#[test]
fn the_name_to_log_in_with_is_as_configured() {
    assert_eq!(login("{user}*pf", BOB), "bob@example.com*pf");
    assert_eq!(login("pf", BOB), "pf");
}
