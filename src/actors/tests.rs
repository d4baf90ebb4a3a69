use super::client::pulling::Customs;
use super::client::{Client, Conduct};
use super::controlling_function::{Focus, LegState, Names};
use super::ids::Ids;
use super::media::Media;
use super::outbox::LinkOutput;
use super::preference_server::{Change, Way};
use super::serving_cscf::ServingCscf;
use super::signalling::{DeviceKey, Signalling};
use super::*;
use crate::evidence::ChatKind;
use cpm_wire::endpoint::{Peer, Protocol};
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;

const NOW: Time = Time::from_nanos(1_767_225_600_000_000_000);
const BOB: &str = "sip:plain-1@example.com";
const CHAT: &str = "0123456789abcdef0123456789abcdef";

fn target() -> Peer {
    Peer { address: ([127, 0, 0, 1], 5070).into(), protocol: Protocol::Tcp, connection: None }
}

pub(super) fn ensemble(customs: Customs) -> Ensemble {
    let address = ([127, 0, 0, 1], 5060).into();
    let cscf = ServingCscf {
        address,
        advertise: address.to_string(),
        target: target().address,
        preferred: Protocol::Udp,
        domain: "example.com".to_owned(),
        tells_served_user: true,
        embeds_register: true,
        before_core: false,
        client: None,
    };
    let signalling = Signalling::new(cscf, Ids::new("s1", 7), cpm_wire::transaction::Timers::default());
    let mut ensemble = Ensemble::new(signalling, customs);
    ensemble.signalling.now = NOW;
    ensemble.served_user("Bob", vec![BOB.to_owned()], "plain");
    ensemble
}

fn media(port: u16) -> Media {
    Media::new("test", ([127, 0, 0, 1], port).into(), std::time::Duration::from_secs(30))
}

fn device(ensemble: &mut Ensemble, name: &str, port: u16) -> DeviceKey {
    let key = ("Bob".to_owned(), name.to_owned());
    let contact = format!("sip:{name}@127.0.0.1:5060");
    let mut client = Client::new(key.clone(), BOB, format!("urn:uuid:{name}"), contact, true, media(port));
    client.registered = true;
    ensemble.device(client);
    key
}

fn group(ensemble: &mut Ensemble) {
    let names = Names {
        uri: "sip:book@127.0.0.1:5060".to_owned(),
        contribution: CHAT.to_owned(),
        conversation: "c1".to_owned(),
        device: String::new(),
    };
    let focus =
        Focus::new("Book club", ChatKind::Open, names, vec!["sip:alice@remote.example".to_owned()], media(3000));
    ensemble.focuses.insert("Book club".to_owned(), focus);
    ensemble.with_focus("Book club", |focus, signalling| {
        focus.invite(signalling, "Bob", BOB, "sip:alice@remote.example", false);
    });
    sent(ensemble);
}

/// What went to the target, requests and responses.
pub(super) fn sent(ensemble: &mut Ensemble) -> Vec<Message> {
    ensemble.settle();
    let out = &mut ensemble.signalling.links.out;
    std::iter::from_fn(|| out.next_output())
        .filter_map(|output| match output {
            LinkOutput::Sip { message, .. } => Some(message),
            LinkOutput::Net(_) => None,
        })
        .collect()
}

pub(super) fn arrives(ensemble: &mut Ensemble, text: &str) {
    let text = text.replace('\n', "\r\n");
    ensemble.receive_sip(NOW, Message::parse(text.into_bytes().into()).unwrap(), target());
}

fn invite(uri: &str, direction: &str) -> String {
    let sdp = format!(
        "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=message 9 TCP/MSRP *\na={direction}\n\
         a=path:msrp://127.0.0.1:2855/x;tcp\na=setup:active\na=accept-types:message/cpim\n"
    );
    let length = sdp.replace('\n', "\r\n").len();
    format!(
        "INVITE {uri} SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKx1\nMax-Forwards: 70\n\
         From: <sip:book@127.0.0.1:5060>;tag=t1\nTo: <{BOB}>\nCall-ID: call-1\nCSeq: 1 INVITE\n\
         Contact: <sip:book@127.0.0.1:5060>;isfocus\nContribution-ID: {CHAT}\nConversation-ID: c1\n\
         Content-Type: application/sdp\nContent-Length: {length}\n\n{sdp}"
    )
}

fn bye(answer: &Message) -> String {
    format!(
        "BYE sip:phone@127.0.0.1:5060 SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKx2\nMax-Forwards: 70\n\
         From: <sip:book@127.0.0.1:5060>;tag=t1\nTo: <{BOB}>;tag={}\nCall-ID: call-1\nCSeq: 2 BYE\n\
         Content-Length: 0\n\n",
        answer.to_tag().unwrap()
    )
}

fn invites(messages: &[Message]) -> Vec<&Message> {
    messages.iter().filter(|message| message.is_request() && message.method() == Method::Invite).collect()
}

#[test]
fn an_invitation_to_the_user_at_large_goes_to_every_device_and_each_acceptance_back() {
    let mut ensemble = ensemble(Customs::default());
    device(&mut ensemble, "phone", 3001);
    device(&mut ensemble, "tablet", 3002);
    arrives(&mut ensemble, &invite(BOB, "sendrecv"));
    let answers = sent(&mut ensemble);
    let statuses: Vec<_> = answers.iter().filter_map(Message::status).collect();
    assert_eq!(statuses, [200, 200]);
    assert_ne!(answers[0].to_tag(), answers[1].to_tag());
}

#[test]
fn of_several_refusals_one_goes_back_and_none_beside_an_acceptance() {
    for (conducts, expected) in [
        ([Conduct::Refuse(486), Conduct::Refuse(480)], [480].as_slice()),
        ([Conduct::Refuse(486), Conduct::Accept], &[200]),
        ([Conduct::Accept, Conduct::Refuse(486)], &[200]),
    ] {
        let mut ensemble = ensemble(Customs::default());
        for (name, conduct) in ["phone", "tablet"].into_iter().zip(conducts) {
            let key = device(&mut ensemble, name, 3001);
            ensemble.with_device(&key, |device, _| device.conduct = conduct);
        }
        arrives(&mut ensemble, &invite(BOB, "sendrecv"));
        let statuses: Vec<_> = sent(&mut ensemble).iter().filter_map(Message::status).collect();
        assert_eq!(statuses, expected);
    }
}

#[test]
fn a_device_goes_on_in_the_chat_after_a_delivery_if_the_chat_goes_on() {
    for ended in [false, true] {
        let mut ensemble = ensemble(Customs::default());
        group(&mut ensemble);
        device(&mut ensemble, "phone", 3001);
        arrives(&mut ensemble, &invite("sip:phone@127.0.0.1:5060", "sendonly"));
        let answer = sent(&mut ensemble).into_iter().find(|message| message.status() == Some(200)).unwrap();
        ensemble.focuses.get_mut("Book club").unwrap().ended = ended;
        arrives(&mut ensemble, &bye(&answer));
        let after = sent(&mut ensemble);
        let joins = invites(&after);
        assert_eq!(joins.len(), usize::from(!ended));
        assert!(joins.iter().all(|join| join.request_uri() == Some("sip:book@127.0.0.1:5060")));
    }
}

#[test]
fn a_device_fetches_what_it_is_told_of() {
    let customs = Customs { deferred: "sip:deferred@example.com".to_owned(), ..Customs::default() };
    let mut ensemble = ensemble(customs);
    group(&mut ensemble);
    device(&mut ensemble, "phone", 3001);
    let notice = format!(
        "MESSAGE sip:phone@127.0.0.1:5060 SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKx3\nMax-Forwards: 70\n\
         From: <sip:pf@example.com>;tag=t1\nTo: <{BOB}>\nCall-ID: call-2\nCSeq: 1 MESSAGE\nContribution-ID: {CHAT}\n\
         Conversation-ID: c1\nContent-Type: application/simple-message-summary\nContent-Length: 23\n\n\
         Messages-Waiting: yes\n"
    );
    arrives(&mut ensemble, &notice);
    let after = sent(&mut ensemble);
    let [fetch] = invites(&after)[..] else { panic!("{after:?}") };
    assert_eq!(fetch.request_uri(), Some("sip:deferred@example.com"));
    assert_eq!(fetch.header(&Name::ContributionId), Some(CHAT));
    assert!(String::from_utf8_lossy(fetch.body()).contains("a=recvonly"));
}

#[test]
fn where_targets_wait_for_it_a_device_comes_as_soon_as_it_is_registered() {
    for (pulls, declined) in [(false, false), (true, false), (true, true)] {
        let mut ensemble = ensemble(Customs { pulls_live: pulls, ..Customs::default() });
        group(&mut ensemble);
        if declined {
            ensemble.focuses.get_mut("Book club").unwrap().legs.get_mut("Bob").unwrap().state = LegState::Refused(603);
        }
        let key = device(&mut ensemble, "phone", 3001);
        ensemble.with_device(&key, |device, _| device.registered_anew());
        let after = sent(&mut ensemble);
        assert_eq!(invites(&after).len(), usize::from(pulls && !declined));
    }
}

/// A SUBSCRIBE of the target to the roster; within the subscription when it has this tag.
fn subscribe(tag: Option<&str>, number: u32) -> String {
    let tag = tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
    format!(
        "SUBSCRIBE sip:book@127.0.0.1:5060 SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKs{number}\n\
         Max-Forwards: 70\nFrom: <{BOB}>;tag=t1\nTo: <sip:book@127.0.0.1:5060>{tag}\nCall-ID: call-3\n\
         CSeq: {number} SUBSCRIBE\nEvent: conference\nExpires: 600\nContact: <sip:pf@127.0.0.1:5070>\n\
         Content-Length: 0\n\n"
    )
}

fn notifies(messages: &[Message]) -> Vec<&Message> {
    messages.iter().filter(|message| message.is_request() && message.method() == Method::Notify).collect()
}

#[test]
fn a_watcher_that_asks_again_is_notified_when_it_has_answered_the_last_notification() {
    let mut ensemble = ensemble(Customs::default());
    group(&mut ensemble);
    arrives(&mut ensemble, &subscribe(None, 1));
    let first = sent(&mut ensemble);
    let [notify] = notifies(&first)[..] else { panic!("{first:?}") };
    arrives(&mut ensemble, &subscribe(notify.from_tag(), 2));
    let refreshed = sent(&mut ensemble);
    assert_eq!(refreshed.iter().filter_map(Message::status).collect::<Vec<_>>(), [200]);
    assert!(notifies(&refreshed).is_empty(), "one notification may overtake another");
    ensemble.receive_sip(NOW, cpm_wire::sip::Builder::response(notify, 200, "OK").build(), target());
    let after = sent(&mut ensemble);
    let [full] = notifies(&after)[..] else { panic!("no notification, or several") };
    assert!(String::from_utf8_lossy(full.body()).contains("state=\"full\""));
}

/// What the target hears when its invitation goes to two devices that do this.
fn forked(phone: Conduct, tablet: Conduct) -> (Ensemble, Vec<u16>) {
    let mut ensemble = ensemble(Customs::default());
    for (name, port, conduct) in [("phone", 3001, phone), ("tablet", 3002, tablet)] {
        let key = device(&mut ensemble, name, port);
        ensemble.with_device(&key, |device, _| device.conduct = conduct);
    }
    arrives(&mut ensemble, &invite(BOB, "sendrecv"));
    let heard = sent(&mut ensemble).iter().filter_map(Message::status).filter(|status| *status > 100).collect();
    (ensemble, heard)
}

#[test]
fn of_refusals_of_several_devices_the_best_goes_back() {
    for (phone, tablet, best) in [(486, 603, 603), (603, 486, 603), (500, 480, 480), (480, 500, 480), (486, 480, 480)] {
        let (_, heard) = forked(Conduct::Refuse(phone), Conduct::Refuse(tablet));
        assert_eq!(heard, [best], "{phone} and {tablet}");
    }
}

#[test]
fn who_rings_is_told_that_another_has_decided() {
    let (ensemble, heard) = forked(Conduct::Ring, Conduct::Accept);
    assert_eq!(heard, [180, 200]);
    let phone = &ensemble.devices[&("Bob".to_owned(), "phone".to_owned())];
    assert!(phone.legs.values().all(|leg| leg.state == super::client::LegState::Ended));
    let (_, heard) = forked(Conduct::Ring, Conduct::Refuse(603));
    assert_eq!(heard, [180, 603]);
    let (_, heard) = forked(Conduct::Ring, Conduct::Refuse(486));
    assert_eq!(heard, [180]);
}

fn watch(headers: &str, body: &str) -> String {
    format!(
        "SUBSCRIBE sip:xdms@example.com SIP/2.0\nVia: SIP/2.0/TCP 127.0.0.1:5070;branch=z9hG4bKw{}\nMax-Forwards: 70\n\
         From: <sip:pf@example.com>;tag=w1\nTo: <sip:xdms@example.com>\nCall-ID: watch-{}\nCSeq: 1 SUBSCRIBE\n\
         Contact: <sip:127.0.0.1:5070>\nEvent: xcap-diff;diff-processing=no-patching\nExpires: 3600\n{headers}\
         Content-Length: {}\n\n{body}",
        headers.len(),
        headers.len(),
        body.replace('\n', "\r\n").len()
    )
}

/// Bob, whose documents the tester serves.
fn serving() -> Ensemble {
    let mut ensemble = ensemble(Customs::default());
    ensemble.served = Some(Served::new(preference_server::Documents::default(), "127.0.0.1:8080".to_owned()));
    ensemble
}

fn blocks_carol(ensemble: &mut Ensemble) {
    let change = Change::Bars(Way::Terminating, "Carol".to_owned(), true);
    let wish = ensemble.prefers("Bob", change).unwrap();
    ensemble.publish(&wish);
}

fn notices(messages: &[Message]) -> Vec<String> {
    let notify = |message: &&Message| message.is_request() && message.method() == Method::Notify;
    let bodies = messages.iter().filter(notify).map(|message| String::from_utf8(message.body().to_vec()).unwrap());
    bodies.collect()
}

#[test]
fn who_watches_documents_is_told_what_is_there_and_of_each_change() {
    let mut ensemble = serving();
    arrives(&mut ensemble, &watch(&format!("P-Asserted-Identity: <{BOB}>\n"), ""));
    let first = sent(&mut ensemble);
    assert_eq!(first[0].status(), Some(200));
    assert!(!notices(&first)[0].contains("<document"), "{:?}", notices(&first));
    blocks_carol(&mut ensemble);
    let told = notices(&sent(&mut ensemble));
    let path = format!("org.openmobilealliance.im-rules/users/{BOB}/index");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("xcap-root=\"http://127.0.0.1:8080/xcap-root/\""), "{told:?}");
    assert!(told[0].contains(&format!("<document new-etag=\"v1\" sel=\"{path}\"/>")), "{told:?}");
    let wish = ensemble.prefers("Bob", Change::Bars(Way::Terminating, "Carol".to_owned(), false)).unwrap();
    ensemble.publish(&wish);
    let told = notices(&sent(&mut ensemble));
    assert!(told[0].contains(&format!("<document sel=\"{path}\" previous-etag=\"v1\"/>")), "{told:?}");
}

#[test]
fn who_watches_a_list_of_documents_is_told_of_these_alone() {
    let mut ensemble = serving();
    blocks_carol(&mut ensemble);
    let list = |user: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">\n<list>\n\
             <entry uri=\"org.openmobilealliance.im-rules/users/{user}/\"/>\n</list>\n</resource-lists>\n"
        )
    };
    arrives(
        &mut ensemble,
        &watch("Content-Type: application/resource-lists+xml\n", &list("sip:plain-1%40example.com")),
    );
    let bobs = notices(&sent(&mut ensemble));
    assert!(bobs[0].contains("new-etag=\"v1\""), "{bobs:?}");
    arrives(&mut ensemble, &watch("Content-Type:  application/resource-lists+xml\n", &list("sip:eve@example.com")));
    let eves = notices(&sent(&mut ensemble));
    assert!(!eves[0].contains("<document"), "{eves:?}");
    blocks_carol(&mut ensemble);
    assert_eq!(notices(&sent(&mut ensemble)).len(), 1);
}

#[test]
fn what_is_watched_elsewhere_is_refused() {
    let mut ensemble = serving();
    arrives(&mut ensemble, &watch("", "").replace("Event: xcap-diff", "Event: dialog"));
    assert_eq!(sent(&mut ensemble)[0].status(), Some(489));
}
