//! The tester's store, against commands written by hand from RFC 3501.

use super::*;
use crate::evidence::{Direction, What};
use pretty_assertions::assert_eq;

const ADDRESS: &str = "127.0.0.1:143";

struct Scene {
    store: MessageStore,
    links: Links,
    connection: ConnectionId,
}

impl Scene {
    /// A client has connected and heard the greeting.
    fn new() -> Scene {
        let connection = ConnectionId::accepted(1);
        let mut scene = Scene {
            store: MessageStore::new(ADDRESS.parse().unwrap(), Outages::default()),
            links: Links::default(),
            connection,
        };
        let remote = "127.0.0.1:50000".parse().unwrap();
        let accepted = Input::Accepted { connection, local: scene.store.address, remote };
        assert!(scene.store.owns(&accepted));
        scene.store.receive(accepted, &mut scene.links);
        assert!(scene.said().starts_with("* OK "));
        scene
    }

    fn inside() -> Scene {
        let mut scene = Scene::new();
        scene.tell("a1 LOGIN bob@example.com \"\"\r\na2 CREATE conv\r\na3 CREATE conv/c1\r\n");
        while scene.store.poll_event().is_some() {}
        scene
    }

    fn said(&mut self) -> String {
        let mut said = String::new();
        while let Some(output) = self.links.out.next_output() {
            match output {
                crate::actors::outbox::LinkOutput::Net(Output::Send { octets, .. }) => {
                    said.push_str(std::str::from_utf8(&octets).unwrap());
                }
                crate::actors::outbox::LinkOutput::Net(Output::Close { .. }) => said.push_str("(close)"),
                other => panic!("{other:?}"),
            }
        }
        said
    }

    fn tell(&mut self, text: &str) -> String {
        let octets = Bytes::copy_from_slice(text.as_bytes());
        self.store.receive(Input::Received { connection: self.connection, octets }, &mut self.links);
        self.said()
    }

    fn is_over(&self) -> bool {
        let input = Input::Received { connection: self.connection, octets: Bytes::new() };
        !self.store.owns(&input)
    }
}

#[test]
fn an_object_is_kept_in_the_folder_that_was_made_for_it() {
    let mut scene = Scene::new();
    assert_eq!(scene.tell("a1 capability\r\n"), "* CAPABILITY IMAP4REV1 LITERAL+\r\na1 OK done\r\n");
    assert_eq!(scene.tell("a2 LOGIN {3}\r\n"), "+ go on\r\n");
    assert_eq!(scene.tell("bob secret\r\n"), "a2 OK logged in\r\n");
    assert_eq!(scene.tell("a3 LIST \"\" \"\"\r\n"), "* LIST (\\Noselect) \"/\" \"\"\r\na3 OK done\r\n");
    assert_eq!(scene.tell("a4 APPEND conv/c1 {3}\r\n"), "+ go on\r\n");
    assert_eq!(scene.tell("one\r\n"), "a4 NO [TRYCREATE] no such folder\r\n");
    assert_eq!(
        scene.tell("a5 CREATE \"conv/c1\"\r\na6 CREATE conv\r\n"),
        "a5 OK made\r\na6 NO it is there already\r\n"
    );
    assert_eq!(scene.tell("a7 APPEND conv/c1 (\\Seen) {3+}\r\none\r\n"), "a7 OK kept\r\n");
    assert_eq!(scene.store.objects("bob", "conv/c1"), [Bytes::from_static(b"one")]);
    let events: Vec<_> = std::iter::from_fn(|| scene.store.poll_event()).collect();
    let (connection, user) = (1, "bob".to_owned());
    let appended =
        StoreEvent::Appended { connection, user: user.clone(), folder: "conv/c1".into(), object: "one".into() };
    assert_eq!(events, [StoreEvent::LoggedIn { connection, user }, appended]);
    assert_eq!(scene.tell("a8 LOGOUT\r\n"), "* BYE good-bye\r\na8 OK done\r\n(close)");
    assert!(scene.is_over());
}

#[test]
fn folders_can_be_looked_at() {
    let mut scene = Scene::inside();
    scene.tell("a4 APPEND conv/c1 {3+}\r\none\r\n");
    assert_eq!(
        scene.tell("a5 LIST \"\" conv*\r\n"),
        "* LIST () \"/\" conv\r\n* LIST () \"/\" conv/c1\r\na5 OK done\r\n"
    );
    assert_eq!(
        scene.tell("a6 STATUS conv/c1 (MESSAGES UIDNEXT)\r\n"),
        "* STATUS conv/c1 (MESSAGES 1 UIDNEXT 2)\r\na6 OK done\r\n"
    );
    assert!(scene.tell("a7 SELECT conv/c1\r\n").contains("* 1 EXISTS\r\n"));
    assert!(scene.tell("a8 EXAMINE nowhere\r\n").starts_with("a8 NO "));
    assert_eq!(scene.tell("a9 NOOP\r\n"), "a9 OK done\r\n");
}

#[test]
fn nothing_is_done_for_whom_it_does_not_know() {
    let mut scene = Scene::new();
    assert_eq!(scene.tell("a1 CREATE conv\r\n"), "a1 BAD not logged in\r\n");
    assert_eq!(scene.tell("a2 AUTHENTICATE PLAIN\r\n"), "a2 NO LOGIN is what there is\r\n");
    scene.tell("a3 LOGIN bob \"\"\r\n");
    assert_eq!(scene.tell("a4 LOGIN erin \"\"\r\n"), "a4 BAD logged in already\r\n");
    assert_eq!(scene.tell("a5 IDLE\r\n"), "a5 BAD not known here\r\n");
}

#[test]
fn nonsense_is_answered_and_then_hung_up_on() {
    let mut scene = Scene::inside();
    assert_eq!(scene.tell("a4 DANCE\r\n"), "a4 BAD no command of IMAP4rev1\r\n");
    assert_eq!(scene.tell("\u{7f}\u{1}\r\n"), "* BAD no command of IMAP4rev1\r\n");
    let said = scene.tell(&"x\r\n".repeat(100));
    assert!(said.ends_with("* BYE too much that is no command\r\n(close)"), "{said}");
    assert!(scene.is_over());
}

#[test]
fn huge_literals_and_endless_lines_are_refused() {
    let mut scene = Scene::inside();
    assert_eq!(scene.tell("a4 APPEND conv {99999999}\r\n"), "a4 NO more than is taken\r\n");
    assert_eq!(scene.tell("a5 NOOP\r\n"), "a5 OK done\r\n");
    let mut said = scene.tell("a6 APPEND conv {99999999+}\r\n");
    let piece = "x".repeat(1024 * 1024);
    for _ in 0..17 {
        said.push_str(&scene.tell(&piece));
    }
    assert_eq!(said, "* BYE more than is taken\r\n(close)");
}

#[test]
fn what_is_not_finished_is_not_kept() {
    let mut scene = Scene::inside();
    scene.tell("a4 APPEND conv/c1 {30+}\r\nhalf");
    let closed = Input::Closed { connection: scene.connection, how: Closing::Reset };
    scene.store.receive(closed, &mut scene.links);
    assert_eq!(scene.store.objects("bob@example.com", "conv/c1").len(), 0);
    assert_eq!(scene.store.poll_event(), None);
}

#[test]
fn while_it_fails_for_a_user_nothing_of_that_user_is_kept() {
    let mut scene = Scene::inside();
    let outages = Outages::default();
    scene.store.archive = Archive::new(outages.clone());
    scene.tell("a4 CREATE conv/c1\r\n");
    outages.set(&["sip:bob@example.com".to_owned()], true);
    assert_eq!(scene.tell("a5 APPEND conv/c1 {3+}\r\none\r\n"), "a5 NO not now\r\n");
    outages.set(&["sip:bob@example.com".to_owned()], false);
    assert_eq!(scene.tell("a6 APPEND conv/c1 {3+}\r\none\r\n"), "a6 OK kept\r\n");
    assert_eq!(scene.store.objects("bob@example.com", "conv/c1").len(), 1);
}

#[test]
fn every_octet_is_evidence() {
    let mut scene = Scene::inside();
    scene.tell("a4 LOGOUT\r\n");
    let mut lines = Vec::new();
    while let Some(what) = scene.links.out.next_evidence() {
        lines.push(match what {
            What::Octets(octets) => {
                assert_eq!((octets.protocol, &*octets.actor), (Protocol::Imap, ACTOR));
                let way = if octets.direction == Direction::Sent { "S" } else { "C" };
                format!("{way}: {}", String::from_utf8_lossy(&octets.octets).lines().next().unwrap())
            }
            What::Connection(connection) => format!("{:?}", connection.what),
            What::Event(event) => panic!("{event:?}"),
        });
    }
    assert_eq!(lines[0], "Accepted");
    assert_eq!(lines[2], "C: a1 LOGIN bob@example.com \"\"");
    assert_eq!(lines[3], "S: a1 OK logged in");
    assert_eq!(lines[lines.len() - 1], "Finished { by_target: false }");
}
