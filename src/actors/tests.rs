use super::client::pulling::Customs;
use super::client::{Client, Conduct};
use super::controlling_function::{Focus, LegState, Names};
use super::ids::Ids;
use super::media::Media;
use super::outbox::LinkOutput;
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

fn ensemble(customs: Customs) -> Ensemble {
    let address = ([127, 0, 0, 1], 5060).into();
    let cscf = ServingCscf {
        address,
        advertise: address.to_string(),
        target: target().address,
        preferred: Protocol::Udp,
        domain: "example.com".to_owned(),
        tells_served_user: true,
        embeds_register: true,
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
fn sent(ensemble: &mut Ensemble) -> Vec<Message> {
    ensemble.settle();
    let out = &mut ensemble.signalling.links.out;
    std::iter::from_fn(|| out.next_output())
        .filter_map(|output| match output {
            LinkOutput::Sip { message, .. } => Some(message),
            LinkOutput::Net(_) => None,
        })
        .collect()
}

fn arrives(ensemble: &mut Ensemble, text: &str) {
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
