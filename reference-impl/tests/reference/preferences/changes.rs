//! The server tells of changes: the function need not ask before every session.

use super::*;
use crate::scene::document_server::one;
use crate::scene::header;
use cpm_wire::resource_lists::List;
use pretty_assertions::assert_eq;
use std::time::Duration;

const SERVER: &str = "sip:xdms@example.com";
const INDEX: &str = "org.openmobilealliance.im-rules/users/sip:bob@example.com/index";

fn watched() -> (Scene, Message, Message) {
    let mut scene = with_server(|config| {
        config.preferences.iter_mut().for_each(|access| access.server = Some(SERVER.to_owned()));
    });
    calls(&mut scene, CAROL, BOB, "a");
    goes_on(&mut scene);
    let subscribe = scene.request(Method::Subscribe);
    let ok = response(&subscribe, 200, &format!("<{SERVER}>"), None).edit().set(Name::Expires, 3600).finish();
    scene.send(&ok);
    notify(&mut scene, &subscribe, &ok, 1, "active;expires=3600", "");
    scene.documents.asked.clear();
    (scene, subscribe, ok)
}

fn notify(scene: &mut Scene, subscribe: &Message, ok: &Message, cseq: u32, state: &str, inside: &str) {
    let body =
        format!("<xcap-diff xmlns='urn:ietf:params:xml:ns:xcap-diff' xcap-root='http://x/'>{inside}</xcap-diff>");
    let notify = back_in_dialog(Method::Notify, subscribe, ok, cseq)
        .header(Name::Contact, format!("<{SERVER}>"))
        .header(Name::Event, "xcap-diff")
        .header(Name::SubscriptionState, state)
        .body("application/xcap-diff+xml", body);
    scene.send(&notify.build());
    scene.response(Method::Notify, 200);
}

#[test]
fn the_function_subscribes_to_the_documents_of_the_user() {
    let (_, subscribe, _) = watched();
    assert_eq!(subscribe.request_uri(), Some(SERVER));
    assert_eq!(header(&subscribe, Name::Route), format!("<sip:{CSCF};lr;orig>"));
    assert_eq!(header(&subscribe, Name::Event), "xcap-diff");
    assert_eq!(header(&subscribe, Name::Accept), "application/xcap-diff+xml");
    assert_eq!(header(&subscribe, Name::PServedUser), format!("<{BOB}>;sescase=orig;regstate=reg"));
    let list = List::parse(subscribe.body()).unwrap();
    let bob = "org.openmobilealliance.im-rules/users/sip%3Abob%40example.com";
    assert_eq!(list.uris().collect::<Vec<_>>(), [format!("{bob}/index"), format!("{bob}/provider")]);
}

#[test]
fn what_is_told_is_fetched_and_nothing_else_asked() {
    let (mut scene, subscribe, ok) = watched();
    calls(&mut scene, CAROL, BOB, "b");
    goes_on(&mut scene);
    assert_eq!(scene.documents.asked, []);
    scene.documents.put(BOB, "index", &[(&one(CAROL), REJECT)]);
    notify(&mut scene, &subscribe, &ok, 2, "active", &format!("<document sel='{INDEX}' new-etag='1'/>"));
    assert_eq!(scene.documents.asked.len(), 2);
    calls(&mut scene, CAROL, BOB, "c");
    refused(&mut scene, 603);
    // The same again is no news, nor is what concerns others.
    notify(&mut scene, &subscribe, &ok, 3, "active", &format!("<document sel='{INDEX}' new-etag='1'/>"));
    notify(&mut scene, &subscribe, &ok, 4, "active", "<document sel='other/users/x/index' new-etag='1'/>");
    assert_eq!(scene.documents.asked.len(), 2);
    notify(&mut scene, &subscribe, &ok, 5, "active", "<");
    assert_eq!(scene.documents.asked.len(), 4);
}

#[test]
fn without_a_subscription_the_server_is_asked_for_every_session() {
    for refusal in [403, 489, 503] {
        let mut scene = with_server(|config| {
            config.preferences.iter_mut().for_each(|access| access.server = Some(SERVER.to_owned()));
        });
        calls(&mut scene, CAROL, BOB, "a");
        goes_on(&mut scene);
        let subscribe = scene.request(Method::Subscribe);
        scene.answer(&subscribe, refusal, "", None);
        scene.documents.put(BOB, "index", &[(&one(CAROL), REJECT)]);
        calls(&mut scene, CAROL, BOB, "b");
        refused(&mut scene, 603);
        scene.none(Method::Subscribe);
        scene.pass(Duration::from_secs(60));
        scene.sip.clear();
        calls(&mut scene, CAROL, BOB, "c");
        scene.request(Method::Subscribe);
    }
}

#[test]
fn a_subscription_that_the_server_ends_is_none() {
    let (mut scene, subscribe, ok) = watched();
    notify(&mut scene, &subscribe, &ok, 2, "terminated;reason=noresource", "");
    scene.documents.put(BOB, "index", &[(&one(CAROL), REJECT)]);
    calls(&mut scene, CAROL, BOB, "b");
    refused(&mut scene, 603);
}

#[test]
fn nobody_needs_to_hear_of_a_user_who_is_gone() {
    let (mut scene, subscribe, _) = watched();
    scene.sip.clear();
    scene.send(&register("reg-2", INSTANCE, CONTACT, "", 0));
    let last = scene.request(Method::Subscribe);
    assert_eq!((last.call_id(), header(&last, Name::Expires)), (subscribe.call_id(), "0"));
}

#[test]
fn a_subscription_is_refreshed_as_long_as_the_user_is_there() {
    let (mut scene, subscribe, _) = watched();
    scene.sip.clear();
    scene.pass(Duration::from_secs(3590));
    let refresh = scene.request(Method::Subscribe);
    assert_eq!((refresh.call_id(), refresh.to_tag().is_some()), (subscribe.call_id(), true));
}
