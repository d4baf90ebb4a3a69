//! What becomes of calls.

use super::*;
use crate::scene::document_server::one;
use crate::scene::header;
use cpm_reference::config::{HiddenFrom, Medium, Policy, Preset};
use cpm_wire::sdp::Session;
use pretty_assertions::assert_eq;

/// A function that has presets and asks nobody.
fn preset(preset: Preset) -> Scene {
    let policy = Policy { preferences: preset, ..Policy::default() };
    let mut scene = Scene::with(|config| config.policies = [("plain".to_owned(), policy)].into());
    scene.register("reg-1");
    scene
}

/// An offer of messages and of sound.
fn with_sound(scene: &Scene) -> String {
    format!("{}m=audio 5000 RTP/AVP 0\r\na=sendrecv\r\n", scene.end("caller", "actpass", "sendrecv"))
}

/// The port of each medium in a message's description.
fn ports(message: &Message) -> Vec<(String, u16)> {
    let octets = message.body_octets();
    let session = Session::parse(&octets).unwrap();
    session.media().map(|media| (media.kind.to_owned(), media.port)).collect()
}

#[test]
fn a_blocked_caller_is_refused_and_no_device_hears_of_it() {
    let mut scene = preset(Preset { blocked: vec!["sip:carol@*".to_owned()], ..Preset::default() });
    calls(&mut scene, ALICE, BOB, "a");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(CONTACT));
    calls(&mut scene, CAROL, BOB, "c");
    assert!(header(&refused(&mut scene, 603), Name::Warning).contains("does not allow"));
    // That Bob calls her is another matter.
    calls(&mut scene, BOB, CAROL, "b");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(CAROL));
}

#[test]
fn a_user_who_is_unavailable_is_not_called() {
    let mut scene = preset(Preset { unavailable: true, ..Preset::default() });
    calls(&mut scene, ALICE, BOB, "a");
    refused(&mut scene, 480);
    calls(&mut scene, BOB, ALICE, "b");
    goes_on(&mut scene);
}

#[test]
fn an_unavailable_user_is_stood_in_for_in_a_group() {
    let mut scene = preset(Preset { unavailable: true, ..Preset::default() });
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    scene.send(&invitation("1", "call-1", &sdp, true));
    scene.none(Method::Invite);
    scene.response(Method::Invite, 200);
}

#[test]
fn who_does_not_say_who_calls_is_refused_and_the_same_caller_named_is_not() {
    let mut scene = preset(Preset { anonymous_refused: true, ..Preset::default() });
    let sdp = scene.end("caller", "actpass", "sendrecv");
    let secret = inviting(ALICE, BOB, "a", sdp).header(Name::Privacy, "id").build();
    let from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a";
    scene.send(&secret.edit().set(Name::From, from).finish());
    refused(&mut scene, 433);
    calls(&mut scene, ALICE, BOB, "b");
    goes_on(&mut scene);
}

#[test]
fn an_anonymous_call_that_is_let_in_keeps_what_it_says_and_what_is_asserted() {
    let mut scene = preset(Preset::default());
    let sdp = scene.end("caller", "actpass", "sendrecv");
    let from = "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a";
    let secret = inviting(ALICE, BOB, "a", sdp).header(Name::Privacy, "id").build();
    scene.send(&secret.edit().set(Name::From, from).finish());
    let onward = goes_on(&mut scene);
    assert_eq!(onward.from().unwrap().uri, "sip:anonymous@anonymous.invalid");
    assert_eq!(
        (header(&onward, Name::Privacy), header(&onward, Name::PAssertedIdentity)),
        ("id", "<sip:alice@example.com>")
    );
}

#[test]
fn a_barred_medium_is_refused_towards_the_one_who_is_called() {
    let mut scene = preset(Preset { barred_media: vec![Medium::Audio], ..Preset::default() });
    scene.core = {
        let mut config = scene.config.clone();
        config.media.continuous = true;
        let target = cpm_reference::core::Addresses { sip: config.sip, msrp: config.msrp, x1: None };
        cpm_reference::faults::Faulty::new(config, target, scene.store.contents().clone(), 2, None)
    };
    let offer = with_sound(&scene);
    let invite = inviting(ALICE, BOB, "a", offer).build();
    scene.send(&invite);
    let onward = goes_on(&mut scene);
    let port = ports(&onward)[0].1;
    assert!(port > 0);
    assert_eq!(ports(&onward), [("message".to_owned(), port), ("audio".to_owned(), 0)]);
    let answer = format!("{}m=audio 0 RTP/AVP 0\r\n", scene.end("callee", "passive", "sendrecv"));
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(answer));
    let ok = scene.response(Method::Invite, 200);
    assert_eq!(ports(&ok)[1], ("audio".to_owned(), 0));
    scene.request(Method::Ack);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());

    // Nor does it come in later.
    let change = in_dialog(Method::Update, &invite, &ok, 2).body("application/sdp", with_sound(&scene)).build();
    scene.send(&change);
    assert_eq!(ports(&scene.request(Method::Update))[1], ("audio".to_owned(), 0));

    // Bob may call by it.
    scene.send(&inviting(BOB, ALICE, "b", with_sound(&scene)).build());
    assert_eq!(ports(&goes_on(&mut scene))[1], ("audio".to_owned(), 5000));
}

#[test]
fn an_offer_of_which_nothing_is_left_is_refused() {
    let mut scene = preset(Preset { barred_media: vec![Medium::Message], ..Preset::default() });
    calls(&mut scene, ALICE, BOB, "a");
    refused(&mut scene, 488);
}

#[test]
fn a_barred_address_hears_nothing_of_the_user() {
    let mut scene = preset(Preset { barred_callees: vec![CAROL.to_owned()], ..Preset::default() });
    calls(&mut scene, BOB, CAROL, "c");
    refused(&mut scene, 603);
    calls(&mut scene, BOB, ALICE, "a");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(ALICE));
    calls(&mut scene, CAROL, BOB, "b");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(CONTACT));
}

#[test]
fn a_hidden_caller_may_sign_the_call() {
    let mut scene = preset(Preset { hides_identity: true, ..Preset::default() });
    calls(&mut scene, BOB, ALICE, "b");
    let onward = goes_on(&mut scene);
    assert_eq!((onward.from().unwrap().uri, header(&onward, Name::Privacy)), (BOB, "id"));
}

#[test]
fn a_hidden_caller_is_named_to_the_trusted_alone() {
    let policy = Policy { preferences: Preset { hides_identity: true, ..Preset::default() }, ..Policy::default() };
    let mut scene = Scene::with(|config| {
        config.policies = [("plain".to_owned(), policy)].into();
        config.hidden_from = HiddenFrom::MadeAnonymous;
    });
    scene.register("reg-1");
    let invite = calls(&mut scene, BOB, ALICE, "b");
    let onward = goes_on(&mut scene);
    assert_eq!(onward.from().unwrap().uri, "sip:anonymous@anonymous.invalid");
    assert_eq!(
        (header(&onward, Name::Privacy), header(&onward, Name::PAssertedIdentity)),
        ("id", "<sip:bob@example.com>")
    );
    let sdp = scene.end("callee", "passive", "sendrecv");
    scene.answer(&onward, 200, "<sip:alice@192.0.2.9>", Some(sdp));
    scene.request(Method::Ack);
    // The caller's own leg is in the caller's own name.
    let ok = scene.response(Method::Invite, 200);
    assert_eq!((ok.header(&Name::From), ok.header(&Name::Privacy)), (invite.header(&Name::From), None));
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    let asserted = format!("<{BOB}>");
    let info = in_dialog(Method::Info, &invite, &ok, 2).header(Name::PAssertedIdentity, asserted).build();
    scene.send(&info);
    let info = scene.request(Method::Info);
    assert_eq!((info.from().unwrap().uri, header(&info, Name::Privacy)), ("sip:anonymous@anonymous.invalid", "id"));
    // Who calls him is not hidden.
    calls(&mut scene, ALICE, BOB, "a");
    assert_eq!(goes_on(&mut scene).header(&Name::Privacy), None);
}

#[test]
fn the_provider_has_the_last_word() {
    let mut scene = with_server(|_| {});
    let carol = one(CAROL);
    let outward = format!("{carol}<p:direction>originating</p:direction>");
    scene.documents.put(BOB, "index", &[(&carol, REJECT)]);
    scene.documents.put(BOB, "provider", &[(&carol, ALLOW), (&outward, REJECT)]);
    calls(&mut scene, CAROL, BOB, "a");
    goes_on(&mut scene);
    calls(&mut scene, BOB, CAROL, "b");
    refused(&mut scene, 403);
    scene.documents.put(BOB, "provider", &[]);
    calls(&mut scene, CAROL, BOB, "c");
    refused(&mut scene, 603);
    calls(&mut scene, BOB, CAROL, "d");
    goes_on(&mut scene);
}

#[test]
fn the_user_says_which_devices_are_called() {
    let mut scene = with_server(|_| {});
    scene.send(&register("reg-2", TABLET_INSTANCE, TABLET, &format!(";{GROUP_TAG}"), 600_000));
    scene.response(Method::Register, 200);
    calls(&mut scene, ALICE, BOB, "a");
    let both = [goes_on(&mut scene), goes_on(&mut scene)];
    assert_eq!(both.each_ref().map(Message::request_uri), [Some(CONTACT), Some(TABLET)]);
    let tablet = format!("<p:devices only='true'><p:device instance='{TABLET_INSTANCE}'/></p:devices>");
    scene.documents.put(BOB, "index", &[("", &tablet)]);
    calls(&mut scene, ALICE, BOB, "b");
    assert_eq!(goes_on(&mut scene).request_uri(), Some(TABLET));
    scene.none(Method::Invite);
    let first = format!("<p:devices order='sequential'><p:device instance='{TABLET_INSTANCE}'/></p:devices>");
    scene.documents.put(BOB, "index", &[("", &first)]);
    calls(&mut scene, ALICE, BOB, "c");
    let tablet = goes_on(&mut scene);
    assert_eq!(tablet.request_uri(), Some(TABLET));
    scene.none(Method::Invite);
    scene.answer(&tablet, 486, "", None);
    assert_eq!(goes_on(&mut scene).request_uri(), Some(CONTACT));
}

#[test]
fn what_one_user_wishes_holds_for_no_other() {
    let mut scene = with_server(|_| {});
    scene.documents.put("sip:dora@example.com", "index", &[("", REJECT)]);
    calls(&mut scene, ALICE, BOB, "a");
    goes_on(&mut scene);
    scene.documents.put(BOB, "index", &[("", "<p:handling>defer</p:handling>")]);
    calls(&mut scene, ALICE, BOB, "b");
    // The function stands in for him.
    scene.none(Method::Invite);
    scene.response(Method::Invite, 200);
}
