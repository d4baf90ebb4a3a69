//! Lists of participants that come in the session in which a device gets what was missed, in virtual time.
//! [CPM-CONV-058a, CPM-CONV-058b, L11, L23]

use crate::scene::Scene;
use crate::scene::conference::*;
use crate::scene::messages::FOCUS;
use bytes::Bytes;
use cpm_reference::config::{FinalList, Intermediate};
use cpm_wire::conference_info::{Document, Roster, State};
use pretty_assertions::assert_eq;

const ACTIVE: &str = "active;expires=3600";

/// Carol leaves between the first message and the second; the process is killed and started again after that.
fn absence(intermediate: &[Intermediate], final_list: &[FinalList]) -> Scene {
    let mut scene = Scene::with(|config| {
        config.delivery.intermediate = intermediate.to_vec();
        config.delivery.final_list = final_list.to_vec();
    });
    let (invite, ok) = scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, ACTIVE, &Document::full(FOCUS, 1, all));
    scene.focus_says("1", &["m1"]);
    conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 2, vec![gone("carol")]));
    scene.focus_says("1", &["m2"]);
    scene.focus_ends(&invite, &ok);
    let last = Document::partial(FOCUS, 3, vec![gone("bob")]);
    conference.tell(&mut scene, "terminated;reason=noresource", &last);
    scene.restart();
    scene
}

/// What the phone is given, in order: a message, or the kind of a list and who is in by it.
fn given(heard: &[Bytes]) -> Vec<String> {
    let mut roster = Roster::new();
    let mut say = |octets: &Bytes| match Document::parse(octets) {
        Ok(document) => {
            let kind = if document.state == State::Full { "all" } else { "change" };
            roster.apply(&document).unwrap();
            let present: String = present(&roster).iter().map(|uri| &uri[4..5]).collect();
            format!("{kind} {present}")
        }
        Err(_) => "message".to_owned(),
    };
    heard.iter().map(&mut say).collect()
}

fn drained(scene: &mut Scene) -> Vec<String> {
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    given(scene.heard("phone"))
}

#[test]
fn documents_stand_among_the_messages_also_after_a_restart() {
    let mut scene = absence(&[Intermediate::MsrpDocuments], &[FinalList::CarrierNotify]);
    assert_eq!(drained(&mut scene), ["all abc", "message", "change ab", "message", "change a"]);
}

#[test]
fn each_message_may_have_its_list() {
    let mut scene = absence(&[Intermediate::PerMessageList], &[FinalList::CarrierNotify]);
    assert_eq!(drained(&mut scene), ["all abc", "message", "all ab", "message", "all a"]);
}

#[test]
fn the_final_list_may_come_after_the_last_message() {
    let mut scene = absence(&[], &[FinalList::CarrierMsrp]);
    assert_eq!(drained(&mut scene), ["message", "message", "all a"]);
}
