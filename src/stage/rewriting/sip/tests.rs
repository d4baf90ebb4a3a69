//! Each freedom alone gives other octets, and all readers read the same in them.

use super::*;
use crate::second_reader;
use cpm_wire::conference_info::Document;
use cpm_wire::multipart;
use cpm_wire::resource_lists::List;
use cpm_wire::sdp::{MsrpMedia, Session};
use cpm_wire::sip::{NameAddr, Params};
use pretty_assertions::assert_eq;
use std::collections::BTreeSet;

const SDP: &str = "v=0\r
o=- 1795261500627 1 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=message 2855 TCP/MSRP *\r
a=accept-types:message/cpim application/im-iscomposing+xml\r
a=accept-wrapped-types:text/plain image/png *\r
a=path:msrp://127.0.0.1:2855/j8x9p8en78;tcp\r
a=setup:actpass\r
a=sendrecv\r
";
const ROSTER: &str = "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" entity=\"sip:focus@home.example\" \
                      state=\"full\" version=\"1\"/>";
const LIST: &str = "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list><entry uri=\"sip:a@a.example\"/></list></resource-lists>";

fn parsed(octets: &[u8]) -> Message {
    Message::parse(Bytes::copy_from_slice(octets)).unwrap()
}

fn with_body(head: &str, kind: &str, body: &str) -> Message {
    let head = head.trim_end().replace('\n', "\r\n");
    parsed(format!("{head}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
}

const INVITE: &str = "INVITE sip:bob@home.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKvtav7iiirb;rport
Max-Forwards: 70
Route: <sip:scscf.home.example;lr>
Route: <sip:bob.home.example;lr>
From: \"Alice\" <sip:alice@home.example>;tag=2rc6g9sbmu
To: <sip:bob@home.example>
Call-ID: azdqsxhtemc7bcj93u2t
CSeq: 7 INVITE
Contact: <sip:127.0.0.1:5070>;isfocus;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"
P-Served-User: <sip:bob@home.example>;sescase=term;regstate=reg
P-Asserted-Identity: <sip:alice@home.example>, <tel:+12015550123>
Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\";require
Subject: Book club at eight
Conversation-ID: 4de33ec5-c66d-4f32-ae1e-0fceeff1d853
Contribution-ID: 273a72613fc9a26f7a28a95b7a2cfdd2
Allow: INVITE, ACK, CANCEL, BYE
Session-Expires: 90;refresher=uac
";
const NOTIFY: &str = "NOTIFY sip:bob@127.0.0.1:5062 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKytnf7r5rkb
Max-Forwards: 70
From: Focus <sip:focus@home.example>;tag=tv7gkngr8n
To: <sip:bob@home.example>;tag=9f4cd1
Call-ID: s34@127.0.0.1
CSeq: 1 NOTIFY
Event: conference;id=7
Subscription-State: terminated;reason=noresource
Contact: <sip:127.0.0.1:5070>
Reason: SIP;cause=480;text=\"Gone\"
";
const ANSWER: &str = "SIP/2.0 200 OK
Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKd91aed07
Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKb845dc7a
Record-Route: <sip:127.0.0.1:5060;lr>
From: <sip:alice@home.example>;tag=b4b89cb42ef1
To: <sip:bob@home.example>;tag=7vfdzba2we
Call-ID: 0ee9813e@127.0.0.1
CSeq: 1 INVITE
Contact: <sip:127.0.0.1:5070>
Supported: timer, replaces
Expires: 3600
";
const DONE: &str = "SIP/2.0 200 OK
Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKd91aed08
From: <sip:alice@home.example>;tag=b4b89cb42ef1
To: <sip:bob@home.example>;tag=7vfdzba2we
Call-ID: 0ee9813f@127.0.0.1
CSeq: 1 MESSAGE
Content-Length: 0

";

/// An answer to another method, with another code.
fn answer(start: &str, method: &str) -> Message {
    let text = DONE.replace("200 OK", start).replace("MESSAGE", method);
    parsed(text.replace('\n', "\r\n").as_bytes())
}

fn samples() -> Vec<Message> {
    let parts = format!(
        "--b7\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n--b7\r\nContent-Type: application/resource-lists+xml\r\n\
         Content-Disposition: recipient-list\r\n\r\n{LIST}\r\n--b7--\r\n"
    );
    vec![
        with_body(INVITE, "application/sdp", SDP),
        with_body(INVITE, "multipart/mixed;boundary=\"b7\"", &parts),
        with_body(NOTIFY, "application/conference-info+xml", ROSTER),
        with_body(ANSWER, "application/sdp", SDP),
        answer("200 OK", "MESSAGE"),
        answer("180 Ringing", "INVITE"),
        answer("480 Temporarily Unavailable", "INVITE"),
    ]
}

fn params(params: Params<'_>) -> BTreeSet<String> {
    let shown = |(name, _): (&str, Option<&str>)| {
        let name = name.to_ascii_lowercase();
        let value = params.get(&name).flatten().unwrap_or_default();
        // Numbers have any zeros before them, these tokens any case.
        let value = match name.as_str() {
            "expires" => value.trim_start_matches('0').to_owned(),
            "handling" | "refresher" | "reason" | "sescase" | "regstate" => value.to_ascii_lowercase(),
            _ => value.into_owned(),
        };
        format!("{name}={value}")
    };
    params.iter().map(shown).filter(|param| !param.starts_with("x-unheard=")).collect()
}

fn address(name: &Name, text: &str) -> String {
    let address = NameAddr::parse(text).unwrap();
    format!("{name} {:?} {} {:?}", address.display_name(), address.uri, params(address.params))
}

/// What a session description means for a session.
fn description(octets: &[u8]) -> String {
    let session = Session::parse(octets).unwrap();
    let mut media = MsrpMedia::from_session(&session).unwrap();
    media.accept_types.sort();
    media.accept_wrapped_types.sort();
    format!("{} {} {media:?}", session.origin().version, session.origin().address)
}

/// What a message means, whatever octets say it.
fn meaning(message: &Message) -> BTreeSet<String> {
    let mut said: BTreeSet<String> = BTreeSet::new();
    said.insert(format!(
        "{} {:?} {:?}",
        message.method(),
        message.request_uri(),
        // A refusal is one in every class.
        message.status().map(|code| (code / 100).min(4))
    ));
    let cseq = message.cseq().unwrap();
    said.insert(format!("CSeq {} {}", cseq.number, cseq.method));
    for (place, via) in message.vias().map(Result::unwrap).enumerate() {
        let transport = via.transport.to_ascii_uppercase();
        said.insert(format!("Via {place} {transport} {} {:?} {:?}", via.host, via.port, params(via.params)));
    }
    for name in [Name::From, Name::To, Name::PServedUser, Name::Contact, Name::PAssertedIdentity] {
        said.extend(message.values(&name).map(|text| address(&name, text)));
    }
    for name in [Name::Route, Name::RecordRoute] {
        said.extend(message.values(&name).enumerate().map(|(place, text)| format!("{place} {}", address(&name, text))));
    }
    for name in [Name::AcceptContact, Name::Event, Name::SubscriptionState, Name::Reason] {
        let word = |value: &str| if name == Name::Event { value.to_owned() } else { value.to_ascii_lowercase() };
        said.extend(message.tokenized(&name).map(|one| format!("{name} {} {:?}", word(one.value), params(one.params))));
    }
    for name in [Name::MaxForwards, Name::Expires, Name::SessionExpires] {
        said.insert(format!("{name} {:?}", message.seconds(&name)));
    }
    for name in [Name::CallId, Name::ConversationId, Name::ContributionId, Name::Subject] {
        let words = message.header(&name).map(|value| value.split_ascii_whitespace().collect::<Vec<_>>());
        said.insert(format!("{name} {words:?}"));
    }
    let own = ["X-PONDER", "x-pondering"];
    for name in [Name::Allow, Name::Supported] {
        let tokens = message.tokens(&name).map(str::to_ascii_lowercase);
        let tokens = tokens.filter(|token| !own.iter().any(|own| own.eq_ignore_ascii_case(token)));
        said.extend(tokens.map(|token| format!("{name} {token}")));
    }
    let kind = message.header(&Name::ContentType).unwrap_or_default();
    for wanted in ["application/sdp", "application/resource-lists+xml", "application/conference-info+xml"] {
        said.extend(multipart::find(kind, &message.body_octets(), wanted).map(|found| match wanted {
            "application/sdp" => description(&found),
            "application/resource-lists+xml" => format!("{:?}", List::parse(&found).unwrap().entries),
            _ => format!("{:?}", Document::parse(&found).unwrap()),
        }));
    }
    said
}

fn rewritten(message: &Message, carrier: Carrier, freedoms: &Freedoms, seed: u64) -> Bytes {
    rewrite(message, carrier, freedoms, seed, &mut Uses::default())
}

/// The freedoms of messages; those of time and of streams are tried elsewhere.
fn of_messages() -> impl Iterator<Item = Freedom> {
    let of_codes = ["timing-accepted", "timing-ringing"];
    let is_one = move |freedom: &Freedom| {
        let name = freedom.as_str();
        name.starts_with("sip-") && name != "sip-stream-cuts" || name.starts_with("sdp-") || of_codes.contains(&name)
    };
    Freedom::ALL.iter().copied().filter(is_one)
}

#[test]
fn each_freedom_alone_says_the_same_in_other_octets() {
    for freedom in of_messages() {
        let (only, mut changed) = (Freedoms::only(freedom), 0);
        for (seed, message) in (0..24).flat_map(|seed| samples().into_iter().map(move |sample| (seed, sample))) {
            for carrier in [Carrier::Datagram, Carrier::Stream] {
                let other = rewritten(&message, carrier, &only, seed);
                let read = parsed(&other);
                assert_eq!(
                    meaning(&read),
                    meaning(&message),
                    "{} {}",
                    freedom.as_str(),
                    String::from_utf8_lossy(&other)
                );
                let sound = if read.is_request() { read.check_request() } else { read.check_response() };
                assert!(sound.is_ok(), "{}: {sound:?}", freedom.as_str());
                changed += usize::from(other != *message.octets());
            }
        }
        assert!(changed > 2, "{} changed {changed} messages", freedom.as_str());
    }
}

#[test]
fn all_freedoms_together_say_the_same() {
    let mut used = Uses::default();
    for (seed, message) in (0..200).flat_map(|seed| samples().into_iter().map(move |sample| (seed, sample))) {
        let other = rewrite(&message, Carrier::Stream, &Freedoms::all(), seed, &mut used);
        assert_eq!(meaning(&parsed(&other)), meaning(&message), "seed {seed}: {}", String::from_utf8_lossy(&other));
    }
    let datagrams_alone = Freedom::SipNoContentLength;
    for freedom in of_messages().filter(|freedom| *freedom != datagrams_alone) {
        assert!(used.of(freedom) > 0, "{}", freedom.as_str());
    }
}

/// What rsip does not read in all the forms that the grammar allows: for it a name ends at its colon, a line is a field,
/// and the first line comes first.
const UNREAD: [Freedom; 3] = [Freedom::SipColonSpace, Freedom::SipFolding, Freedom::SipLeadingLines];

/// A second opinion on what is said otherwise.
#[test]
fn the_second_readers_read_the_same() {
    for freedom in of_messages() {
        let said = (0..24).flat_map(|seed| samples().into_iter().map(move |sample| (seed, sample)));
        let said = said.map(|(seed, sample)| rewritten(&sample, Carrier::Stream, &Freedoms::only(freedom), seed));
        let unread: Vec<String> = said
            .filter_map(|octets| {
                let why = second_reader::agrees(&octets).err()?;
                Some(format!("{}: {why}\n{}", freedom.as_str(), String::from_utf8_lossy(&octets)))
            })
            .collect();
        assert_eq!(unread.is_empty(), !UNREAD.contains(&freedom), "{}", unread.join("\n"));
    }
}

#[test]
fn what_is_sent_again_is_a_copy() {
    for (seed, message) in (0..20).flat_map(|seed| samples().into_iter().map(move |sample| (seed, sample))) {
        let once = rewritten(&message, Carrier::Stream, &Freedoms::all(), seed);
        assert_eq!(rewritten(&message, Carrier::Stream, &Freedoms::all(), seed), once);
    }
}

/// RFC 3261 sections 9.1 and 17.1.1.3, RFC 3264 section 8.
#[test]
fn a_cancel_names_its_invite_in_the_same_octets_and_a_description_stays_what_it_is() {
    let invite = with_body(INVITE, "application/sdp", SDP);
    let head = INVITE.replace("INVITE", "CANCEL").replace("Subject: Book club at eight\n", "");
    let cancel = parsed(format!("{}\r\n\r\n", head.trim_end().replace('\n', "\r\n")).as_bytes());
    let again = with_body(&INVITE.replace("7 INVITE", "8 INVITE"), "application/sdp", SDP);
    for seed in 0..40 {
        let said = |message: &Message| parsed(&rewritten(message, Carrier::Stream, &Freedoms::all(), seed));
        let (invite, cancel, again) = (said(&invite), said(&cancel), said(&again));
        for name in [Name::From, Name::To, Name::CallId, Name::Via] {
            assert_eq!(invite.header(&name), cancel.header(&name), "{name}");
        }
        let sdp = |message: &Message| {
            let kind = message.header(&Name::ContentType).unwrap();
            multipart::find(kind, &message.body_octets(), "application/sdp")
        };
        assert_eq!(sdp(&invite), sdp(&again));
    }
}

/// RFC 3261 section 18.1.1.
#[test]
fn no_request_outgrows_a_datagram() {
    let long = with_body(INVITE, "text/plain", &"x".repeat(200));
    assert!((1100..1300).contains(&long.octets().len()), "{}", long.octets().len());
    let lengths = (0..60).map(|seed| rewritten(&long, Carrier::Datagram, &Freedoms::all(), seed).len());
    assert!(lengths.clone().all(|length| length <= 1300));
    assert!(lengths.collect::<BTreeSet<_>>().len() > 5);
}

/// The Vias of others keep their order and their octets but for white space (RFC 3261 sections 8.2.6.2 and 16.6).
#[test]
fn what_others_have_put_in_is_passed_on() {
    let vias = |message: &Message| -> Vec<String> {
        message.values(&Name::Via).map(|via| via.replace([' ', '\t', '\r', '\n'], "")).collect()
    };
    let answer = with_body(ANSWER, "application/sdp", SDP);
    for seed in 0..60 {
        let other = parsed(&rewritten(&answer, Carrier::Stream, &Freedoms::all(), seed));
        assert_eq!(vias(&other), vias(&answer));
    }
}

/// RFC 3261 section 21, and what the test purposes take.
#[test]
fn a_code_is_exchanged_for_those_that_do_as_well_and_for_no_other() {
    let codes = |start: &str, method| -> BTreeSet<u16> {
        let said = |seed| rewritten(&answer(start, method), Carrier::Datagram, &Freedoms::all(), seed);
        (0..200).map(|seed| parsed(&said(seed)).status().unwrap()).collect()
    };
    let absent = BTreeSet::from([403, 404, 410, 480, 486, 504, 600, 603, 604]);
    assert_eq!(codes("480 Temporarily Unavailable", "INVITE"), absent);
    assert_eq!(codes("403 Forbidden", "INVITE"), BTreeSet::from([403, 404, 410, 433, 480, 486]));
    assert_eq!(codes("180 Ringing", "INVITE"), BTreeSet::from([100, 180, 183]));
    assert_eq!(codes("183 Session Progress", "INVITE"), BTreeSet::from([100, 180, 183]));
    // A reliable one is no 100 (RFC 3262 section 3).
    let reliable = answer("180 Ringing", "INVITE").edit().set(Name::RSeq, 1).finish();
    let said = |seed| parsed(&rewritten(&reliable, Carrier::Datagram, &Freedoms::all(), seed)).status().unwrap();
    assert_eq!((0..200).map(said).collect::<BTreeSet<_>>(), BTreeSet::from([180, 183]));
    assert_eq!(codes("202 Accepted", "REFER"), BTreeSet::from([200, 202]));
    // What asks for another attempt, says something of the dialog, or answers another method stays.
    for code in [100, 200, 401, 407, 408, 421, 422, 423, 481, 487, 488, 491, 500, 503, 603] {
        assert_eq!(codes(&format!("{code} Whatever"), "INVITE"), BTreeSet::from([code]));
    }
    assert_eq!(codes("403 Forbidden", "SUBSCRIBE"), BTreeSet::from([403]));
}
