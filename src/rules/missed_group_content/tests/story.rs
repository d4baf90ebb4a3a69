//! The correlator behind the rules: what belongs together however the octets come.

use pretty_assertions::assert_eq;

use super::super::{Complete, InOrder, Since};
use super::script::*;
use crate::evidence::{Direction, Octets, Protocol, What};
use crate::story::legs::End;
use crate::story::{Carriage, Flow};
use crate::verdict::Blame;

fn message() -> Text {
    text("m1", "sip:alice@example.com", "one")
}

fn complete() -> Complete {
    Complete { person: "Bob".to_owned(), group: BOOKS.to_owned(), device: None, since: Since::Invitation }
}

fn drained() -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    script
}

#[test]
fn a_story_names_what_was_delivered_and_by_which_legs() {
    let script = drained();
    let story = script.story();
    assert_eq!(story.messages_delivered_to("Bob", BOOKS), ["m1"]);
    assert_eq!(story.messages_delivered_to("Bob", CHESS), Vec::<String>::new());
    let drains = story.drains_of("Bob", BOOKS).collect::<Vec<_>>();
    assert_eq!(drains.len(), 1);
    assert_eq!(drains[0].device.as_deref(), Some("phone"));
    assert!(drains[0].established());
    assert_eq!(story.network_legs("Bob", BOOKS).count(), 1);
}

#[test]
fn streams_may_be_cut_anywhere() {
    let script = drained();
    for size in [1, 2, 7, 64] {
        let cut = script.recut(|octets| match octets.protocol {
            Protocol::Msrp => octets.octets.chunks(size).map(|piece| piece.to_vec()).collect(),
            Protocol::Sip | Protocol::Imap | Protocol::Diameter | Protocol::Http | Protocol::X2x3 => {
                vec![octets.octets.to_vec()]
            }
        });
        assert_eq!(cut.met(&complete()).0, 1, "pieces of {size}");
    }
}

#[test]
fn chunks_come_in_any_order_and_may_overlap() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let octets = message().cpim().into_bytes();
    let total = octets.len();
    let pieces = [(50, total, '$'), (0, 20, '+'), (10, 60, '+')];
    for (n, (start, end, flag)) in pieces.into_iter().enumerate() {
        script.undecided(&complete());
        let n = 700 + n as u32;
        let piece = &octets[start..end];
        let piece = chunk(&drain, Direction::Received, n, "parts", "message/cpim", piece, (start + 1, total), flag);
        script.octets(Protocol::Msrp, &drain.actor, Some(drain.connection), Direction::Received, piece);
        script.answers(&drain, Direction::Received, n, 200);
    }
    assert_eq!(script.met(&complete()).0, 1);
}

#[test]
fn a_refused_chunk_refuses_the_message_and_an_aborted_one_is_none() {
    let chunked = |statuses: [u16; 2], last: char| {
        let mut script = Script::new();
        let focus = script.invites(BOOKS, "Bob", 200);
        script.sends(&focus, &message().cpim(), 200);
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        let octets = message().cpim().into_bytes();
        let (head, tail) = octets.split_at(30);
        for (n, (piece, start, flag)) in [(head, 1, '+'), (tail, 31, last)].into_iter().enumerate() {
            let id = 700 + n as u32;
            let piece = chunk(&drain, Direction::Received, id, "p", "message/cpim", piece, (start, octets.len()), flag);
            script.octets(Protocol::Msrp, &drain.actor, Some(drain.connection), Direction::Received, piece);
            script.answers(&drain, Direction::Received, id, statuses[n]);
        }
        script
    };
    chunked([200, 200], '$').met(&complete());
    chunked([413, 200], '$').failed(&complete());
    chunked([200, 413], '$').failed(&complete());
    chunked([200, 200], '#').failed(&complete());
}

#[test]
fn what_the_focus_aborted_is_not_owed() {
    let mut script = drained();
    let focus = script.invites(BOOKS, "Bob", 200);
    let octets = text("never", "sip:alice@example.com", "aborted").cpim().into_bytes();
    let piece = chunk(&focus, Direction::Sent, 800, "gone", "message/cpim", &octets[..20], (1, octets.len()), '#');
    script.octets(Protocol::Msrp, &focus.actor, Some(focus.connection), Direction::Sent, piece);
    script.answers(&focus, Direction::Sent, 800, 200);
    assert_eq!(script.met(&complete()).0, 1);
}

#[test]
fn a_retransmission_is_not_another_request() {
    let script = drained().recut(|octets| match octets.protocol {
        Protocol::Sip | Protocol::Imap | Protocol::Diameter | Protocol::Http | Protocol::X2x3 => {
            vec![octets.octets.to_vec(), octets.octets.to_vec()]
        }
        Protocol::Msrp => vec![octets.octets.to_vec()],
    });
    let story = script.story();
    assert_eq!(story.legs().len(), 2);
    script.met(&complete());
}

#[test]
fn a_target_that_sends_everything_back_passes_nothing() {
    let mut script = Script::new();
    script.invites(BOOKS, "Bob", 0);
    script.registers("Bob", "phone");
    let echoed = script.echo();
    echoed.failed(&complete());
    echoed.failed(&InOrder { person: "Bob".to_owned(), group: BOOKS.to_owned() });
    let story = echoed.story();
    assert!(story.legs().iter().all(|leg| !leg.established()));
}

#[test]
fn a_proxy_shares_call_id_and_tags_on_both_legs() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let proxied = script.replacing(&drain.call_id, &focus.call_id);
    let mut script = proxied;
    script.sends(&focus, &message().cpim(), 200);
    script.gets(&drain, &message().cpim(), 200);
    script.met(&complete());
    let on_device = Wire { call_id: focus.call_id.clone(), ..drain };
    script.ends(&on_device, Direction::Received, "");
    let story = script.story();
    assert!(story.network_legs("Bob", BOOKS).all(|leg| leg.ended.is_none()));
    assert!(story.device_legs("Bob", BOOKS).all(|leg| leg.ended.as_ref().is_some_and(|ending| ending.by_target)));
}

#[test]
fn flows_are_told_apart() {
    let mut script = drained();
    script.pages(Direction::Received, "sip:alice@example.com", "", &delivered("m1", "sip:bob@example.com").cpim());
    let story = script.story();
    let flows = story.items().iter().map(|item| item.flow).collect::<Vec<_>>();
    assert_eq!(flows, [Flow::NetworkToTarget, Flow::TargetToDevice, Flow::TargetToNetwork]);
    assert!(matches!(story.items()[2].carriage, Carriage::Pager(_)));
    assert_eq!(story.legs()[1].end, End::Device);
}

#[test]
fn an_invitation_to_the_public_identity_belongs_to_the_device_that_answers() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "watch", "sendrecv", 200);
    let mut script = script.replacing("INVITE sip:bob@192.0.2.10:5102", "INVITE tel:+15550100");
    script.gets(&drain, &message().cpim(), 200);
    assert_eq!(script.story().drains_of("Bob", BOOKS).next().unwrap().device.as_deref(), Some("watch"));
    script.met(&complete());
}

#[test]
fn garbage_is_no_story() {
    let mut script = drained();
    script.sip(Direction::Received, &b"\x00\xff not a message"[..]);
    script.octets(Protocol::Msrp, "device/Bob/phone", Some(77), Direction::Received, &b"HTTP/1.1 200 OK\r\n\r\n"[..]);
    script.octets(Protocol::Msrp, "nobody", None, Direction::Received, &b"MSRP"[..]);
    script.met(&complete());
    let mut noise = Script::new();
    noise.sip(Direction::Received, &b"\r\n\r\n"[..]);
    noise.unseen(&complete(), Blame::Harness);
}

#[test]
fn a_leg_of_its_own_contribution_is_known_by_the_conversation() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    let mut alone = script.clone_records();
    script.contribution = Some("a-leg-of-its-own");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    script.met(&complete());
    alone.contribution = Some("a-leg-of-its-own");
    let drain = alone.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let mut alone = alone.replacing("Contribution-ID: a-leg-of-its-own\r\nConversation-ID: conversation-books", "X: y");
    alone.gets(&drain, &message().cpim(), 200);
    alone.failed(&complete());
}

#[test]
fn one_invitation_forked_to_two_devices_is_two_legs() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let other = script.also_answers(&drain, "Bob", "watch");
    script.gets(&drain, &message().cpim(), 200);
    script.gets(&other, &message().cpim(), 200);
    let story = script.story();
    let devices = story.drains_of("Bob", BOOKS).map(|leg| leg.device.clone()).collect::<Vec<_>>();
    assert_eq!(devices, [Some("phone".to_owned()), Some("watch".to_owned())]);
    for device in ["phone", "watch"] {
        script.met(&Complete { device: Some(device.to_owned()), ..complete() });
    }
}

#[test]
fn a_flood_of_invitations_is_not_kept() {
    let mut script = drained();
    script.met(&complete());
    for _ in 0..4200 {
        script.drains(BOOKS, "Bob", "phone", "sendrecv", 0);
    }
    assert!(script.story().overflowed());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]
    #[test]
    fn any_cut_of_the_streams_tells_the_same_story(cuts in proptest::collection::vec(1_usize..90, 1..60)) {
        let mut script = drained();
        let leg = script.rejoins(BOOKS, "Bob", "phone");
        script.gets(&leg, &message().cpim(), 200);
        let next = std::cell::Cell::new(0);
        let cut = script.recut(|octets| {
            let mut rest = &octets.octets[..];
            let mut pieces = Vec::new();
            while octets.protocol == Protocol::Msrp && !rest.is_empty() {
                let (piece, after) = rest.split_at(cuts[next.get() % cuts.len()].min(rest.len()));
                next.set(next.get() + 1);
                pieces.push(piece.to_vec());
                rest = after;
            }
            pieces.extend((octets.protocol == Protocol::Sip).then(|| rest.to_vec()));
            pieces
        });
        let facts = |script: &Script| {
            let story = script.story();
            let items = story.items().iter();
            items.map(|item| (item.flow, item.leg(), item.accepted(), item.content.clone())).collect::<Vec<_>>()
        };
        assert_eq!(facts(&cut), facts(&script));
    }
}

impl Script {
    /// The same records with the octets of each cut or repeated.
    fn recut(&self, pieces: impl Fn(&Octets) -> Vec<Vec<u8>>) -> Script {
        self.rewritten(|what| match what {
            What::Octets(octets) => pieces(octets)
                .into_iter()
                .map(|piece| What::Octets(Octets { octets: piece.into(), ..octets.clone() }))
                .collect(),
            other => vec![other.clone()],
        })
    }

    /// Everything that was sent comes back; nothing else does.
    fn echo(&self) -> Script {
        self.rewritten(|what| match what {
            What::Octets(octets) if octets.direction == Direction::Sent => {
                let back = Octets { direction: Direction::Received, ..octets.clone() };
                vec![what.clone(), What::Octets(back)]
            }
            What::Octets(_) => vec![],
            other => vec![other.clone()],
        })
    }

    /// The same records with other words in their SIP messages.
    pub(super) fn replacing(&self, from: &str, to: &str) -> Script {
        self.recut(|octets| match octets.protocol {
            Protocol::Sip | Protocol::Imap | Protocol::Diameter | Protocol::Http | Protocol::X2x3 => {
                vec![String::from_utf8_lossy(&octets.octets).replace(from, to).into_bytes()]
            }
            Protocol::Msrp => vec![octets.octets.to_vec()],
        })
    }
}
