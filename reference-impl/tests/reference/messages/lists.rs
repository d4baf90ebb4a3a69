//! Messages to several recipients. [PF-MSG-02].

use super::*;
use cpm_reference::config::{OverPagerLimit, Policy, Preset};
use cpm_wire::resource_lists::List;
use pretty_assertions::assert_eq;

const EXPLODER: &str = "sip:exploder@example.com";
const DORA: &str = "sip:dora@other.example";

/// Bob sends a message to a list.
fn to_list(call_id: &str, disposition: &str, list: &str) -> Message {
    let head = "--b\r\nContent-Type: application/resource-lists+xml\r\nContent-Disposition: ";
    let mut body =
        format!("{head}{disposition}\r\n\r\n{list}\r\n--b\r\nContent-Type: message/cpim\r\n\r\n").into_bytes();
    body.extend_from_slice(&envelope(call_id, "to all"));
    body.extend_from_slice(b"\r\n--b--\r\n");
    bare(BOB, EXPLODER, call_id)
        .header(Name::Require, "recipient-list-message")
        .body("multipart/mixed;boundary=b", body)
        .build()
}

fn list(uris: &[&str]) -> String {
    List::to_recipients(uris.iter().copied()).to_xml()
}

#[test]
fn each_recipient_gets_the_envelope_once() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sent = to_list("a", "recipient-list", &list(&[ALICE, DORA, ALICE, CAROL]));
    scene.send(&sent);
    scene.response(Method::Message, 202);
    for recipient in [ALICE, DORA, CAROL] {
        let copy = goes_on(&mut scene);
        assert_eq!((copy.request_uri(), copy.to().unwrap().uri), (Some(recipient), recipient));
        assert_eq!(copy.header(&Name::ContentType), Some("message/cpim"));
        assert_eq!(copy.body(), &envelope("a", "to all")[..]);
        assert_eq!((copy.header(&Name::Require), copy.from().unwrap().uri), (None, BOB));
        for name in [Name::ConversationId, Name::ContributionId, Name::PAssertedIdentity] {
            assert_eq!(copy.header(&name), sent.header(&name), "{name}");
        }
        assert_eq!(copy.max_forwards(), Some(Ok(67)));
        scene.accept(&copy);
    }
    scene.none(Method::Message);
    assert_eq!(scene.starts(), Vec::<String>::new());
}

#[test]
fn an_exploder_gets_the_message_as_it_is() {
    let mut scene = Scene::with(|config| config.exploder = Some("sip:exploder@exploder.example".to_owned()));
    scene.register("reg-1");
    let sent = to_list("a", "recipient-list", &list(&[ALICE, CAROL]));
    scene.send(&sent);
    let onward = goes_on(&mut scene);
    assert_eq!(onward.request_uri(), Some("sip:exploder@exploder.example"));
    assert_eq!((onward.body(), onward.header(&Name::Require)), (sent.body(), Some("recipient-list-message")));
    scene.none(Method::Message);
    scene.answer(&onward, 202, "", None);
    scene.response(Method::Message, 202);
}

#[test]
fn a_list_that_tells_of_others_is_not_exploded() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sent = to_list("a", "recipient-list-history; handling=optional", &list(&[ALICE, CAROL]));
    let sent = sent.edit().remove(&Name::Require).set_request_uri(ALICE).finish();
    scene.send(&sent);
    let onward = goes_on(&mut scene);
    assert_eq!((onward.request_uri(), onward.body()), (Some(ALICE), sent.body()));
    scene.none(Method::Message);
}

#[test]
fn a_list_of_nobody_or_with_somebody_barred_reaches_nobody() {
    let policy = Policy {
        preferences: Preset { barred_callees: vec![CAROL.to_owned()], ..Preset::default() },
        ..Policy::default()
    };
    let mut scene = Scene::with(|config| config.policies = [("plain".to_owned(), policy)].into());
    scene.register("reg-1");
    for (call_id, list, status) in
        [("a", list(&[]), 400), ("b", "rubbish".to_owned(), 400), ("c", list(&[ALICE, CAROL, DORA]), 603)]
    {
        scene.send(&to_list(call_id, "recipient-list", &list));
        refused(&mut scene, status);
    }
    scene.send(&to_list("d", "recipient-list", &list(&[ALICE, DORA])));
    scene.response(Method::Message, 202);
    goes_on(&mut scene);
    goes_on(&mut scene);
}

#[test]
fn a_message_over_the_limit_goes_to_no_list() {
    for conduct in [OverPagerLimit::Refuse, OverPagerLimit::LargeMode] {
        let mut scene = Scene::with(|config| {
            config.max_pager_octets = Some(100);
            config.over_pager_limit = conduct;
        });
        scene.register("reg-1");
        scene.send(&to_list("a", "recipient-list", &list(&[ALICE, CAROL])));
        refused(&mut scene, 513);
    }
}
