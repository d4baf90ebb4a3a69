//! What the message store of a user is given of the roster of a chat, in virtual time. [CPM-CONV-058a, CPM-CONV-058b]

use crate::scene::Scene;
use crate::scene::conference::*;
use crate::scene::history_store::access;
use crate::scene::messages::*;
use cpm_reference::config::{FinalList, Intermediate};
use cpm_wire::conference_info::Document;
use cpm_wire::group_state::{GroupState, GroupType};
use cpm_wire::sip::Message;
use pretty_assertions::assert_eq;
use std::time::Duration;

const ACTIVE: &str = "active;expires=3600";

fn scene(final_list: bool, between: bool) -> Scene {
    let mut scene = Scene::with(|config| {
        config.message_store = Some(access());
        config.delivery.final_list = if final_list { vec![FinalList::CarrierStore] } else { Vec::new() };
        config.delivery.intermediate = if between { vec![Intermediate::GroupStateObjects] } else { Vec::new() };
    });
    scene.history.is_there = true;
    scene
}

/// Carol leaves between the first message and the second, Dave comes between the second and the third.
fn absence(scene: &mut Scene) -> (Conference, (Message, Message)) {
    let dialog = scene.stand_in("1");
    let mut conference = Conference::accept(scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(scene, ACTIVE, &Document::full(FOCUS, 1, all));
    scene.focus_says("1", &["m1"]);
    conference.tell(scene, ACTIVE, &Document::partial(FOCUS, 2, vec![gone("carol")]));
    scene.focus_says("1", &["m2"]);
    conference.tell(scene, ACTIVE, &Document::partial(FOCUS, 3, vec![connected("dave")]));
    scene.focus_says("1", &["m3"]);
    (conference, dialog)
}

fn kept(scene: &Scene) -> Vec<GroupState> {
    let user = BOB.strip_prefix("sip:").unwrap();
    assert!(scene.history.objects.iter().all(|(own, ..)| own == user));
    let folder = scene.history.objects.first().map_or("", |(_, folder, _)| folder);
    scene.history.states(user, folder)
}

/// Who takes part, by the first letters.
fn present(state: &GroupState) -> String {
    state.participants.iter().map(|one| &one.comm_addr[4..5]).collect()
}

#[test]
fn the_final_list_is_kept_once_a_device_has_everything() {
    let mut scene = scene(true, false);
    let (mut conference, _) = absence(&mut scene);
    assert_eq!(kept(&scene).len(), 0);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone").len(), 3);
    let states = kept(&scene);
    assert_eq!(states.iter().map(present).collect::<Vec<_>>(), ["abd"]);
    let state = &states[0];
    assert_eq!((state.last_focus_session_id.as_str(), state.group_type), (FOCUS, GroupType::Open));
    let (_, folder, object) = &scene.history.objects[0];
    let head = String::from_utf8_lossy(object);
    let contribution = state.contribution_id.as_deref().unwrap();
    assert!(folder.ends_with(&format!("/{contribution}")), "{folder}");
    assert!(head.contains(&format!("To: <{BOB}>\r\n")) && head.contains(&format!("From: <{FOCUS}>\r\n")), "{head}");
    // What comes live is told live.
    conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 4, vec![gone("alice")]));
    scene.focus_says("1", &["m4"]);
    assert_eq!((scene.heard("phone").len(), kept(&scene).len()), (4, 1));
}

#[test]
fn of_an_ended_chat_the_last_word_of_the_focus_is_kept() {
    let mut scene = scene(true, false);
    let (mut conference, (invite, ok)) = absence(&mut scene);
    scene.focus_ends(&invite, &ok);
    let last = Document::partial(FOCUS, 4, vec![gone("alice")]);
    conference.tell(&mut scene, "terminated;reason=noresource", &last);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    assert_eq!(scene.heard("phone").len(), 3);
    scene.pass(Duration::from_secs(2));
    assert_eq!(kept(&scene).iter().map(present).collect::<Vec<_>>(), ["bd"]);
}

#[test]
fn each_state_while_the_user_is_away_is_kept_as_it_comes() {
    let mut scene = scene(true, true);
    let (mut conference, _) = absence(&mut scene);
    // The first is what the user knew: who was invited.
    let between: Vec<String> = kept(&scene).iter().map(present).collect();
    assert_eq!(between[between.len() - 3..], ["abc", "ab", "abd"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(kept(&scene).len(), between.len() + 1);
    assert_eq!(kept(&scene).last().map(present).as_deref(), Some("abd"));
    conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 4, vec![gone("alice")]));
    assert_eq!(kept(&scene).len(), between.len() + 1);
    // Away again: from what he saw last.
    scene.drop_connection("phone", cpm_wire::io::Closing::Reset);
    conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 5, vec![connected("alice")]));
    assert_eq!(kept(&scene)[between.len() + 1..].iter().map(present).collect::<Vec<_>>(), ["bd", "abd"]);
}

#[test]
fn a_store_that_is_away_holds_up_nothing_and_gets_it_later() {
    let mut scene = scene(true, true);
    scene.history.is_there = false;
    absence(&mut scene);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone").len(), 3);
    assert_eq!(kept(&scene).len(), 0);
    scene.history.is_there = true;
    scene.pass(Duration::from_secs(61));
    assert_eq!(kept(&scene).last().map(present).as_deref(), Some("abd"));
}

#[test]
fn nothing_is_kept_that_is_not_declared() {
    let mut scene = scene(false, false);
    absence(&mut scene);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone").len(), 3);
    assert_eq!(scene.history.objects.len(), 0);
}
