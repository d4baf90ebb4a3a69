//! How fast SIP messages are split, read with every field typed, edited and built; `rsipstack` reads the same octets
//! beside it, as the mark to beat.

use bytes::Bytes;
use cpm_wire::sip::stream::Framer;
use cpm_wire::sip::{Builder, Message, Method, Name, NameAddr, Uri};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const SERVED: &str = "sip:+15551230002@home1.example.net;user=phone";
const CALLER: &str = "sip:+15551230001@home1.example.net;user=phone";
const SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session";
const ACCEPTED: &str = "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\";explicit;require";
const CONTACT: &str = "<sip:alice@192.0.2.7:5070;transport=udp>;\
    +sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\";\
    +g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"";
const SDP: &str = "v=0\r\no=- 2890844526 2890844526 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n\
    m=message 7654 TCP/MSRP *\r\na=accept-types:message/cpim application/im-iscomposing+xml\r\n\
    a=accept-wrapped-types:text/plain message/imdn+xml application/vnd.gsma.rcs-ft-http+xml\r\n\
    a=path:msrp://192.0.2.7:7654/jshA7we00000001;tcp\r\na=setup:actpass\r\na=sendrecv\r\n";
const CPIM: &str = "From: <sip:+15551230001@home1.example.net>\r\nTo: <sip:+15551230002@home1.example.net>\r\n\
    DateTime: 2026-01-01T00:00:00.000Z\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: Msg000000000001\r\n\
    imdn.Disposition-Notification: positive-delivery, display\r\n\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nHello, this is a message. The quick brown fox jumps over the dog.";

fn common(method: Method) -> Builder {
    let cseq = format!("127 {method}");
    Builder::request(method, SERVED)
        .header(Name::Via, "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK776asdhds00000001;rport")
        .header(Name::MaxForwards, 68)
        .header(Name::Route, "<sip:cpm-pf.home1.example.net;lr;orig>")
        .header(Name::PAssertedIdentity, format!("\"Alice Example\" <{CALLER}>"))
        .header(Name::PAssertedService, SERVICE)
        .header(Name::AcceptContact, ACCEPTED)
        .header(Name::From, format!("\"Alice Example\" <{CALLER}>;tag=17182800000001"))
        .header(Name::To, format!("<{SERVED}>"))
        .header(Name::CallId, "asd88asd77a-00000001@192.0.2.7")
        .header(Name::CSeq, cseq)
        .header(Name::ConversationId, "f81d4fae-7dec-11d0-a765-00a000000001")
        .header(Name::ContributionId, "abcdef-1234-5678-90ab-cdef00000001")
        .header(Name::UserAgent, "IM-client/OMA1.0 Bench/1.0")
}

fn invite() -> Bytes {
    let via = "SIP/2.0/TCP pcscf1.visited1.example.net:5060;branch=z9hG4bK240f34.1;received=192.0.2.10";
    let icid = "icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\";orig-ioi=home1.example.net";
    let message = common(Method::Invite)
        .header(Name::Via, via)
        .header(Name::RecordRoute, "<sip:pcscf1.visited1.example.net:7531;lr;comp=sigcomp>")
        .header(Name::PAccessNetworkInfo, "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=234151D0FCE11")
        .header(Name::PChargingVector, icid)
        .header(Name::Contact, CONTACT)
        .header(Name::Supported, "timer, 100rel, gruu, path")
        .header(Name::SessionExpires, "1800;refresher=uac")
        .header(Name::MinSe, 90)
        .header(Name::Allow, "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, NOTIFY, REFER, PRACK");
    message.body("application/sdp", SDP).build().octets().clone()
}

fn message() -> Bytes {
    common(Method::Message).body("message/cpim", CPIM).build().octets().clone()
}

fn uri(address: Result<NameAddr<'_>, impl std::fmt::Debug>) {
    if let Ok(address) = address {
        let _ = black_box((address.tag(), Uri::parse(address.uri)));
    }
}

/// Reads every field of a message by its type.
fn typed(message: &Message) {
    black_box((message.method(), message.request_uri().map(Uri::parse)).1.is_some());
    message.vias().for_each(|via| {
        black_box(via.map(|via| (via.branch(), via.received(), via.rport())).is_ok());
    });
    uri(message.from());
    uri(message.to());
    message.contacts().for_each(uri);
    message.routes().for_each(uri);
    message.record_routes().for_each(uri);
    message.asserted_identities().for_each(uri);
    black_box((message.call_id(), message.cseq().is_ok(), message.max_forwards().is_some()));
    black_box((message.seconds(&Name::SessionExpires), message.seconds(&Name::MinSe), message.content_length()).0);
    for name in [&Name::AcceptContact, &Name::PAccessNetworkInfo, &Name::SessionExpires, &Name::PAssertedService] {
        message.tokenized(name).for_each(|value| {
            black_box(value.params.iter().count());
        });
    }
    black_box(message.tokens(&Name::Supported).count() + message.tokens(&Name::Allow).count());
    black_box(message.charging_vector().map(|vector| vector.token("icid-value").is_some()));
    for name in [&Name::ConversationId, &Name::ContributionId, &Name::UserAgent] {
        black_box(message.header(name));
    }
    black_box(message.content_type().is_some());
}

fn cases() -> [(&'static str, Bytes); 2] {
    [("invite", invite()), ("message", message())]
}

fn octets_of(case: &str) -> Bytes {
    cases().into_iter().find(|(name, _)| *name == case).map(|(_, octets)| octets).unwrap_or_default()
}

#[divan::bench(args = ["invite", "message"])]
fn split(bencher: Bencher<'_, '_>, case: &str) {
    let octets = octets_of(case);
    bencher.counter(ItemsCount::new(1u32)).bench(|| Message::parse(black_box(octets.clone())));
}

#[divan::bench(args = ["invite", "message"])]
fn split_and_typed(bencher: Bencher<'_, '_>, case: &str) {
    let octets = octets_of(case);
    bencher.counter(ItemsCount::new(1u32)).bench(|| {
        let message = Message::parse(black_box(octets.clone()));
        if let Ok(message) = &message {
            typed(message);
        }
        message
    });
}

#[divan::bench(args = ["invite", "message"])]
fn split_and_checked(bencher: Bencher<'_, '_>, case: &str) {
    let octets = octets_of(case);
    bencher.counter(ItemsCount::new(1u32)).bench(|| {
        let message = Message::parse(black_box(octets.clone()));
        message.is_ok_and(|message| message.check_request().is_ok())
    });
}

#[divan::bench(args = ["invite", "message"])]
fn rsipstack(bencher: Bencher<'_, '_>, case: &str) {
    let octets = octets_of(case);
    bencher.counter(ItemsCount::new(1u32)).bench(|| rsipstack::sip::SipMessage::try_from(black_box(&octets[..])));
}

#[divan::bench(args = ["invite", "message"])]
fn framed(bencher: Bencher<'_, '_>, case: &str) {
    let octets = octets_of(case);
    let mut framer = Framer::default();
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| {
        framer.push(black_box(&octets));
        framer.next()
    });
}

#[divan::bench(args = ["invite", "message"])]
fn passed_on(bencher: Bencher<'_, '_>, case: &str) {
    let via = "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK87asdks7";
    let message = Message::parse(octets_of(case));
    bencher.counter(ItemsCount::new(1u32)).bench(|| {
        let message = message.as_ref().ok()?;
        Some(message.edit().prepend(Name::Via, via).set(Name::MaxForwards, 67).remove_first(&Name::Route).finish())
    });
}

#[divan::bench]
fn built(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(1u32)).bench(invite);
}
