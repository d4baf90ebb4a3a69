//! The function in virtual time: what is missed is stored, and delivered once. [CPM-CONV-058, CPM-CONV-058a]

mod scene;

use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use scene::messages::*;
use scene::{Scene, header, media};

/// The focus invites Bob, who is offline; the function stands in. Gives the INVITE and its 2xx.
fn stand_in(scene: &mut Scene, group: &str) -> (Message, Message) {
    let end = format!("focus-{group}");
    let sdp = scene.end(&end, "actpass", "sendrecv");
    let invite = invitation(group, &format!("call-{group}"), &sdp, false);
    scene.send(&invite);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    assert_eq!(media(&ok).setup, Some(cpm_wire::sdp::Setup::Active));
    scene.start(&end, &ok, false);
    (invite, ok)
}

/// Bob's phone answers the drain invitation. Gives the INVITE and the answer.
fn answer_drain(scene: &mut Scene, end: &str, direction: &str) -> (Message, Message) {
    let invite = scene.request(Method::Invite);
    let sdp = scene.end(end, "active", direction);
    let ok = scene.answer(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.start(end, &invite, true);
    (invite, ok)
}

#[test]
fn a_chat_that_goes_on_is_drained_and_then_live() {
    let mut scene = Scene::new();
    let (invite, ok) = stand_in(&mut scene, "1");
    let sent: Vec<_> = (1..=3).map(|n| message("alice", &format!("m{n}"), &format!("text {n}"))).collect();
    for (n, octets) in sent.iter().enumerate() {
        scene.say("focus-1", &format!("f{n}"), octets);
        assert_eq!(scene.status_of("focus-1", &format!("f{n}")), Some(200));
    }
    assert_eq!(scene.store.contents().items.len(), 3);
    scene.none(Method::Invite);

    scene.send(&chat_register("reg-1"));
    scene.response(Method::Register, 200);
    let (drain, _) = answer_drain(&mut scene, "phone", "sendrecv");
    assert_eq!(drain.request_uri(), Some(CONTACT));
    assert_eq!(header(&drain, Name::ContributionId), "contribution-1");
    assert_eq!(header(&drain, Name::ConversationId), "conversation-1");
    assert_eq!(header(&drain, Name::Subject), "Lunch");
    assert_eq!(header(&drain, Name::ReferredBy), "<sip:alice@example.com>");
    assert_eq!(header(&drain, Name::PAssertedIdentity), format!("<{FOCUS}>"));
    assert!(header(&drain, Name::Contact).starts_with(&format!("<{FOCUS}>;isfocus")));
    assert_eq!(media(&drain).direction, cpm_wire::sdp::Direction::SendRecv);
    assert_eq!(scene.heard("phone"), sent);

    let live = message("carol", "m4", "live");
    scene.say("focus-1", "f4", &live);
    assert_eq!(scene.heard("phone").last(), Some(&live));
    let own = message("bob", "m5", "hello");
    scene.say("phone", "p1", &own);
    assert_eq!(scene.heard("focus-1"), [own]);
    assert_eq!(scene.status_of("phone", "p1"), Some(200));

    scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
    scene.response(Method::Bye, 200);
}
