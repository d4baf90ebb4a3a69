//! The reference and the tester's message store with each other, in a network of this test: what the one keeps the other
//! has, whatever breaks in between, and the story reads it from the evidence.

mod dovecot;
pub mod stranger;

use std::net::SocketAddr;
use std::time::Duration;

use cpm_conformance::actors::media::Links;
use cpm_conformance::actors::message_store::{ACTOR, MessageStore, Outages};
use cpm_conformance::actors::outbox::LinkOutput;
use cpm_conformance::evidence::{ChatKind, Direction, Event, Octets, Protocol, Recorder, Transport, What};
use cpm_conformance::story::Story;
use cpm_reference::config::MessageStoreAccess;
use cpm_reference::neighbours::message_store::{Heading, MessageStore as Function};
use cpm_wire::group_state::{GroupState, GroupType, Participant};
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;

const BOB: &str = "sip:bob@example.com";
const FOCUS: &str = "sip:chat-1@conf.example.com";

fn address() -> SocketAddr {
    "127.0.0.1:143".parse().unwrap()
}

/// The function, the store, and the cable between them, which can be cut.
struct Lab {
    now: Time,
    function: Function,
    store: MessageStore,
    links: Links,
    /// The connections as the function and as the store know them.
    cables: Vec<(ConnectionId, ConnectionId)>,
    accepted: u64,
    is_there: bool,
    /// Octets that still cross before the cable breaks.
    breaks_after: Option<usize>,
    recorder: Recorder,
}

impl Lab {
    fn new() -> Lab {
        let access = MessageStoreAccess { address: address(), user: "{user}".to_owned(), password_env: None };
        Lab {
            now: Time::ZERO + Duration::from_secs(1),
            function: Function::new(Some(&access), Duration::from_secs(60)),
            store: MessageStore::new(address(), Outages::default()),
            links: Links::default(),
            cables: Vec::new(),
            accepted: 0,
            is_there: true,
            breaks_after: None,
            recorder: Recorder::new(),
        }
    }

    fn keep(&mut self, user: &str, conversation: &str, contribution: &str, members: &[&str]) {
        let state = GroupState {
            timestamp: self.now.to_rfc3339(),
            last_focus_session_id: FOCUS.to_owned(),
            group_type: GroupType::Closed,
            contribution_id: Some(contribution.to_owned()),
            participants: members.iter().map(|uri| Participant { name: None, comm_addr: (*uri).to_owned() }).collect(),
        };
        let heading =
            Heading { from: FOCUS, to: user, date: self.now, subject: "Bücher & mehr", conversation, contribution };
        assert!(self.function.append(self.now, user, conversation, contribution, heading.group_state(&state)));
    }

    /// Moves octets until both are silent.
    fn settle(&mut self) {
        loop {
            while let Some(what) = self.links.out.next_evidence() {
                self.recorder.push(self.now, what);
            }
            if let Some(output) = self.function.poll_output() {
                self.by_function(output);
            } else if let Some(LinkOutput::Net(output)) = self.links.out.next_output() {
                self.by_store(output);
            } else {
                return;
            }
        }
    }

    fn by_function(&mut self, output: Output) {
        match output {
            Output::Connect { connection, .. } if self.is_there => {
                self.accepted += 1;
                let accepted = ConnectionId::accepted(self.accepted);
                self.cables.push((connection, accepted));
                let remote = "127.0.0.1:50000".parse().unwrap();
                let input = Input::Accepted { connection: accepted, local: address(), remote };
                self.store.receive(input, &mut self.links);
            }
            Output::Connect { connection, .. } => {
                self.function.receive(self.now, Input::Closed { connection, how: Closing::Refused });
            }
            Output::Send { connection, octets } => {
                let Some((_, connection)) = self.cables.iter().copied().find(|cable| cable.0 == connection) else {
                    return;
                };
                if self.is_cut(octets.len()) {
                    return self.cut();
                }
                self.store.receive(Input::Received { connection, octets }, &mut self.links);
            }
            Output::Close { connection } | Output::Reset { connection } => {
                self.cables.retain(|cable| cable.0 != connection);
            }
            Output::ConnectSecured { .. } | Output::Datagram { .. } => panic!("a datagram, or TLS"),
        }
    }

    fn by_store(&mut self, output: Output) {
        match output {
            Output::Send { octets, .. } if self.is_cut(octets.len()) => self.cut(),
            Output::Send { connection, octets } => {
                let Some(connection) = self.opened(connection) else { return };
                self.function.receive(self.now, Input::Received { connection, octets });
            }
            Output::Close { connection } => {
                let Some(connection) = self.opened(connection) else { return };
                self.cables.retain(|cable| cable.0 != connection);
                self.function.receive(self.now, Input::Closed { connection, how: Closing::Finished });
            }
            other => panic!("{other:?}"),
        }
    }

    fn opened(&self, accepted: ConnectionId) -> Option<ConnectionId> {
        self.cables.iter().find(|cable| cable.1 == accepted).map(|cable| cable.0)
    }

    fn is_cut(&mut self, octets: usize) -> bool {
        let Some(left) = self.breaks_after else { return false };
        self.breaks_after = Some(left.saturating_sub(octets));
        left < octets
    }

    fn cut(&mut self) {
        self.breaks_after = None;
        let Some((opened, accepted)) = self.cables.pop() else { return };
        self.store.receive(Input::Closed { connection: accepted, how: Closing::Reset }, &mut self.links);
        self.function.receive(self.now, Input::Closed { connection: opened, how: Closing::Reset });
    }

    fn pass(&mut self) {
        if let Some(due) = self.function.poll_timeout() {
            self.now = due;
            self.function.handle_timeout(due);
        }
        self.settle();
    }

    fn kept(&self, user: &str, folder: &str) -> usize {
        self.store.objects(user, folder).len()
    }
}

#[test]
fn what_the_function_keeps_the_store_has() {
    let mut lab = Lab::new();
    lab.keep(BOB, "conv-1", "c1", &["sip:alice@example.com"]);
    lab.keep("tel:+49301", "conv-1", "c1", &["sip:alice@example.com"]);
    lab.keep(BOB, "conv-1", "c1", &[]);
    lab.keep(BOB, "odd/../*\"conv", "c.2", &[]);
    lab.settle();
    assert_eq!(lab.function.waiting(), 0);
    assert_eq!(lab.kept("bob@example.com", "conv-1/c1"), 2);
    assert_eq!(lab.kept("+49301", "conv-1/c1"), 1);
    assert_eq!(lab.kept("bob@example.com", "odd_..___conv/c.2"), 1);
}

#[test]
fn wherever_the_cable_breaks_nothing_is_lost() {
    for octets in (0..1200).step_by(7) {
        let mut lab = Lab::new();
        lab.breaks_after = Some(octets);
        lab.keep(BOB, "conv-1", "c1", &["sip:alice@example.com"]);
        lab.settle();
        lab.pass();
        assert_eq!(lab.function.waiting(), 0, "broken after {octets} octets");
        // The answer alone may have been lost: then the object is there twice, as RFC 3501 cannot tell.
        assert!((1..=2).contains(&lab.kept("bob@example.com", "conv-1/c1")), "broken after {octets} octets");
    }
}

#[test]
fn a_store_that_comes_late_gets_everything_in_order() {
    let mut lab = Lab::new();
    lab.is_there = false;
    for contribution in ["c1", "c2", "c3"] {
        lab.keep(BOB, "conv-1", contribution, &[]);
        lab.settle();
        lab.pass();
    }
    assert_eq!(lab.function.waiting(), 3);
    lab.is_there = true;
    lab.pass();
    assert_eq!((lab.function.waiting(), lab.kept("bob@example.com", "conv-1/c3")), (0, 1));
}

/// The story of the evidence, after the events by which the stage says who is who.
fn story(recorder: Recorder, cut: usize) -> Story {
    let mut told = Recorder::new();
    told.push(
        Time::ZERO,
        What::Event(Event::Person {
            name: "Bob".to_owned(),
            served: true,
            identities: vec![BOB.to_owned(), "tel:+49301".to_owned()],
            class: None,
        }),
    );
    told.push(
        Time::ZERO,
        What::Event(Event::Group {
            group: "books".to_owned(),
            contribution: "c1".to_owned(),
            conversation: "conv-1".to_owned(),
            focus: FOCUS.to_owned(),
            subject: "Books".to_owned(),
            kind: ChatKind::Closed,
        }),
    );
    for record in recorder.into_records() {
        match record.what {
            What::Octets(octets) => {
                for piece in octets.octets.chunks(cut) {
                    let octets = Octets { octets: bytes::Bytes::copy_from_slice(piece), ..octets.clone() };
                    told.push(record.at, What::Octets(octets));
                }
            }
            what => {
                told.push(record.at, what);
            }
        }
    }
    let mut story = Story::new();
    for (frame, record) in (1..).zip(told.records()) {
        story.observe(frame, record);
    }
    story
}

#[test]
fn the_story_tells_what_was_kept() {
    for cut in [1, 7, 100_000] {
        let mut lab = Lab::new();
        lab.keep(BOB, "conv-1", "c1", &["sip:alice@example.com", "tel:+1"]);
        lab.keep(BOB, "conv-1", "c9", &[]);
        lab.settle();
        let story = story(lab.recorder, cut);
        let [state, other] = story.group_states() else { panic!("{:?}", story.group_states()) };
        assert_eq!((state.person.as_deref(), state.group.as_deref()), (Some("Bob"), Some("books")));
        assert_eq!((state.conversation.as_str(), state.contribution.as_str()), ("conv-1", "c1"));
        assert_eq!(state.members, ["sip:alice@example.com", "tel:+1"]);
        assert_eq!((state.focus.as_str(), state.kind, &state.fault), (FOCUS, ChatKind::Closed, &None));
        assert_eq!(other.contribution, "c9");
        assert!(other.frame > state.frame);
    }
}

#[test]
fn the_story_bears_objects_of_every_kind() {
    let mut recorder = Recorder::new();
    let mut hear = |connection, text: &str| {
        recorder.push(
            Time::ZERO,
            What::Octets(Octets {
                actor: ACTOR.into(),
                step: 0,
                protocol: Protocol::Imap,
                transport: Transport::Tcp,
                direction: Direction::Received,
                local: address(),
                remote: "127.0.0.1:50000".parse().unwrap(),
                connection: Some(connection),
                octets: bytes::Bytes::copy_from_slice(text.as_bytes()),
                malformed: None,
            }),
        );
    };
    let mut append = |object: &str| hear(1, &format!("a1 APPEND conv-1/c1 {{{}+}}\r\n{object}\r\n", object.len()));
    append("");
    append("no head at all");
    append("Content-Type: Message/CPIM\r\n\r\nanother kind");
    append("Content-Type: Application/Group-State-Object+XML\r\n\r\n<groupstate");
    hear(2, "\u{0}\u{1}garbage\r\na1 APPEND x {5+}\r\nhal");
    let story = story(recorder, 100_000);
    let [state] = story.group_states() else { panic!("{:?}", story.group_states()) };
    assert!(state.fault.is_some());
    assert_eq!((state.contribution.as_str(), state.group.as_deref()), ("c1", Some("books")));
}
