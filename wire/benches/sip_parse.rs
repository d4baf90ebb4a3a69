//! SIP parsing beside two other Rust stacks in the same run: an INVITE with SDP and a MESSAGE with CPIM, in the shape in
//! which a serving CSCF hands them to a participating function.
//!
//! Everyone starts from borrowed octets and ends with an owned message. *Untyped* is the message with its fields told
//! apart; *four typed* reads Via, From, To and CSeq; *all typed* reads every field that a stack uses, and the body.
//! What else an element does with a message, no other stack is beside: refuse, frame, pass on, answer.

#![expect(clippy::expect_used, reason = "a bench that cannot read its own message has nothing to measure")]

use bytes::{Bytes, BytesMut};
use cpm_wire::cpim;
use cpm_wire::sdp::Session;
use cpm_wire::sip::{HeaderError, Message, Name, NameAddr, Tokenized};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const SDP: &str = "v=0\r\n\
o=- 2890844526 2890844526 IN IP4 127.0.0.1\r\n\
s=-\r\n\
c=IN IP4 127.0.0.1\r\n\
t=0 0\r\n\
m=message 7654 TCP/MSRP *\r\n\
a=accept-types:message/cpim application/im-iscomposing+xml\r\n\
a=accept-wrapped-types:text/plain message/imdn+xml application/vnd.gsma.rcs-ft-http+xml application/vnd.gsma.rcspushlocation+xml\r\n\
a=path:msrp://127.0.0.1:7654/jshA7we00000001;tcp\r\n\
a=setup:actpass\r\n\
a=sendrecv\r\n\
a=msrp-cema\r\n";

const CPIM: &str = "From: <sip:+15551230001@home1.example.net>\r\n\
To: <sip:+15551230002@home1.example.net>\r\n\
DateTime: 2026-01-01T00:00:00.000Z\r\n\
NS: imdn <urn:ietf:params:imdn>\r\n\
imdn.Message-ID: Msg000000000001\r\n\
imdn.Disposition-Notification: positive-delivery, display\r\n\
\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Length: 88\r\n\
\r\n\
Hello, this is CPM message number 00000001. The quick brown fox jumps over the lazy dog.";

const INVITE_HEAD: &str = "INVITE sip:+15551230002@home1.example.net;user=phone SIP/2.0\r\n\
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK776asdhds00000001;rport\r\n\
Via: SIP/2.0/TCP pcscf1.visited1.example.net:5060;branch=z9hG4bK240f34.1;received=192.0.2.10\r\n\
Max-Forwards: 68\r\n\
Route: <sip:scscf1.home1.example.net;lr>\r\n\
Route: <sip:cpm-pf.home1.example.net;lr;orig>\r\n\
Record-Route: <sip:pcscf1.visited1.example.net:7531;lr;comp=sigcomp>\r\n\
P-Asserted-Identity: \"Alice Example\" <sip:+15551230001@home1.example.net;user=phone>\r\n\
P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session\r\n\
P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=234151D0FCE11\r\n\
P-Charging-Vector: icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\";orig-ioi=home1.example.net\r\n\
Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\";explicit;require\r\n\
From: \"Alice Example\" <sip:+15551230001@home1.example.net;user=phone>;tag=17182800000001\r\n\
To: <sip:+15551230002@home1.example.net;user=phone>\r\n\
Call-ID: asd88asd77a-00000001@127.0.0.1\r\n\
CSeq: 127 INVITE\r\n\
Contact: <sip:alice@127.0.0.1:5070;transport=udp>;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\";\
+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"\r\n\
Conversation-ID: f81d4fae-7dec-11d0-a765-00a000000001\r\n\
Contribution-ID: abcdef-1234-5678-90ab-cdef00000001\r\n\
Supported: timer, 100rel, gruu, path\r\n\
Session-Expires: 1800;refresher=uac\r\n\
Min-SE: 90\r\n\
Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, NOTIFY, REFER, PRACK\r\n\
User-Agent: IM-client/OMA1.0 Bench/1.0\r\n\
Content-Type: application/sdp\r\n";

const MESSAGE_HEAD: &str = "MESSAGE sip:+15551230002@home1.example.net;user=phone SIP/2.0\r\n\
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKnashds00000001;rport\r\n\
Max-Forwards: 70\r\n\
Route: <sip:cpm-pf.home1.example.net;lr;orig>\r\n\
P-Asserted-Identity: \"Alice Example\" <sip:+15551230001@home1.example.net;user=phone>\r\n\
P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg\r\n\
Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\";explicit;require\r\n\
From: <sip:+15551230001@home1.example.net;user=phone>;tag=4958300000001\r\n\
To: <sip:+15551230002@home1.example.net;user=phone>\r\n\
Call-ID: msg-00000001@127.0.0.1\r\n\
CSeq: 1 MESSAGE\r\n\
Conversation-ID: f81d4fae-7dec-11d0-a765-00a000000001\r\n\
Contribution-ID: abcdef-1234-5678-90ab-cdef00000001\r\n\
User-Agent: IM-client/OMA1.0 Bench/1.0\r\n\
Content-Type: message/cpim\r\n";

/// The request of that method, with its body.
fn request(method: &str) -> Vec<u8> {
    let (head, body) = if method == "INVITE" { (INVITE_HEAD, SDP) } else { (MESSAGE_HEAD, CPIM) };
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// So many messages are read between two looks at the clock, as they come one after the other.
const SAMPLE: u32 = 100;

const METHODS: [&str; 2] = ["INVITE", "MESSAGE"];

fn run(bencher: Bencher, method: &str, mut read: impl FnMut(&[u8]) -> bool) {
    let octets = request(method);
    assert!(read(&octets), "the message must be read in full");
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| read(black_box(&octets)));
}

/// Ours. Octets that arrive are copied once here, as the others do, into a block that many datagrams share, as the driver
/// of sockets has them; there the kernel copies them.
#[divan::bench_group(sample_size = SAMPLE)]
mod this_stack {
    use super::*;

    const LARGEST_DATAGRAM: usize = 65_535;

    /// Where datagrams arrive.
    #[derive(Default)]
    struct Socket(BytesMut);

    impl Socket {
        fn parse(&mut self, octets: &[u8]) -> Option<Message> {
            if self.0.capacity() < LARGEST_DATAGRAM {
                self.0 = BytesMut::with_capacity(4 * LARGEST_DATAGRAM);
            }
            self.0.extend_from_slice(octets);
            Message::parse(self.0.split().freeze()).ok()
        }
    }

    #[divan::bench(args = METHODS)]
    fn untyped(bencher: Bencher, method: &str) {
        let mut socket = Socket::default();
        run(bencher, method, |octets| socket.parse(octets).is_some_and(|message| message.call_id().is_some()));
    }

    #[divan::bench(args = METHODS)]
    fn four_typed(bencher: Bencher, method: &str) {
        let mut socket = Socket::default();
        run(bencher, method, |octets| {
            socket.parse(octets).is_some_and(|message| {
                black_box(message.from()).is_ok()
                    && black_box(message.to()).is_ok()
                    && black_box(message.via()).is_ok()
                    && black_box(message.cseq()).is_ok()
            })
        });
    }

    #[divan::bench(args = METHODS)]
    fn all_typed(bencher: Bencher, method: &str) {
        let mut socket = Socket::default();
        run(bencher, method, |octets| socket.parse(octets).is_some_and(|message| fields(&message) && body(&message)));
    }

    #[divan::bench(args = METHODS)]
    fn all_typed_without_body(bencher: Bencher, method: &str) {
        let mut socket = Socket::default();
        run(bencher, method, |octets| socket.parse(octets).is_some_and(|message| fields(&message)));
    }

    /// Reads every field that the stack uses. Parameters are read where the stack asks for them.
    fn fields(message: &Message) -> bool {
        let vias = message.vias().all(|via| black_box(via).is_ok_and(|via| black_box(via.branch()).is_some()));
        let read = |address: Result<NameAddr<'_>, HeaderError>| black_box(address).is_ok();
        let addresses = message.contacts().all(read)
            && message.routes().all(read)
            && message.record_routes().all(read)
            && message.asserted_identities().all(read);
        for name in [Name::SessionExpires, Name::AcceptContact] {
            black_box(message.header(&name).map(Tokenized::parse));
        }
        black_box(message.charging_vector().map(|vector| vector.get("icid-value")));
        for name in [Name::Supported, Name::Require] {
            message.tokens(&name).for_each(|token| {
                black_box(token);
            });
        }
        for name in [Name::ConversationId, Name::ContributionId, Name::PAssertedService, Name::MinSe, Name::UserAgent] {
            black_box(message.header(&name));
        }
        black_box((message.expires(), message.event()));
        vias && addresses
            && black_box(message.from_tag()).is_some()
            && black_box(message.to()).is_ok()
            && black_box(message.call_id()).is_some()
            && black_box(message.cseq()).is_ok()
            && black_box(message.max_forwards()).is_some_and(|hops| hops.is_ok())
            && black_box(message.content_type()).is_some_and(|media| media.is_ok())
            && black_box(message.content_length()).is_some_and(|length| length.is_ok())
    }

    /// Reads all of a description that has a type: it is checked as a whole, and its values are handed out one by one.
    fn described(session: &Session<'_>) -> bool {
        black_box((session.origin(), session.connection()));
        session.attributes().for_each(|attribute| {
            black_box(attribute);
        });
        session.media().all(|media| {
            black_box((media, media.connection()));
            media.attributes().map(black_box).count() == 6
        })
    }

    fn body(message: &Message) -> bool {
        if message.body().starts_with(b"v=0") {
            return Session::parse(message.body()).is_ok_and(|session| described(&session));
        }
        black_box(cpim::Message::parse(message.body_octets())).is_ok_and(|envelope| {
            black_box((envelope.from(), envelope.date_time(), envelope.content_type(), envelope.body()));
            black_box(envelope.imdn_message_id()).is_some() && black_box(envelope.dispositions()).count() == 2
        })
    }
}

/// rsipstack 0.7.
#[divan::bench_group(sample_size = SAMPLE)]
mod rsipstack {
    use super::*;
    use ::rsipstack::sip::SipMessage;
    use ::rsipstack::sip::headers::ToTypedHeader;
    use ::rsipstack::sip::message::HeadersExt;

    #[divan::bench(args = METHODS)]
    fn untyped(bencher: Bencher, method: &str) {
        run(bencher, method, |octets| {
            SipMessage::try_from(octets).is_ok_and(|message| message.call_id_header().is_ok())
        });
    }

    #[divan::bench(args = METHODS)]
    fn four_typed(bencher: Bencher, method: &str) {
        run(bencher, method, |octets| {
            SipMessage::try_from(octets).is_ok_and(|message| {
                black_box(message.from_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.to_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.via_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.cseq_header().and_then(|header| header.typed())).is_ok()
            })
        });
    }
}

/// rsip 0.4.
#[divan::bench_group(sample_size = SAMPLE)]
mod rsip {
    use super::*;
    use ::rsip::SipMessage;
    use ::rsip::prelude::*;

    #[divan::bench(args = METHODS)]
    fn untyped(bencher: Bencher, method: &str) {
        run(bencher, method, |octets| {
            SipMessage::try_from(octets).is_ok_and(|message| message.call_id_header().is_ok())
        });
    }

    #[divan::bench(args = METHODS)]
    fn four_typed(bencher: Bencher, method: &str) {
        run(bencher, method, |octets| {
            SipMessage::try_from(octets).is_ok_and(|message| {
                black_box(message.from_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.to_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.via_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.cseq_header().and_then(|header| header.typed())).is_ok()
            })
        });
    }
}

/// rsip 0.4 with sdp-rs 0.2, which reads the body that rsip leaves alone.
#[divan::bench_group(sample_size = SAMPLE)]
mod rsip_and_sdp_rs {
    use super::*;
    use ::rsip::SipMessage;
    use ::rsip::prelude::*;
    use ::sdp_rs::SessionDescription;

    #[divan::bench(args = ["INVITE"])]
    fn four_typed_and_sdp(bencher: Bencher, method: &str) {
        run(bencher, method, |octets| {
            SipMessage::try_from(octets).is_ok_and(|message| {
                black_box(message.from_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.to_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.via_header().and_then(|header| header.typed())).is_ok()
                    && black_box(message.cseq_header().and_then(|header| header.typed())).is_ok()
                    && black_box(std::str::from_utf8(message.body()).ok().map(SessionDescription::try_from))
                        .is_some_and(|session| session.is_ok())
            })
        });
    }
}

/// What an element does with a message besides reading it.
#[divan::bench_group(sample_size = SAMPLE)]
mod handling {
    use super::*;
    use cpm_wire::sip::Builder;
    use cpm_wire::sip::stream::{Frame, Framer};

    fn parsed(method: &str) -> Message {
        Message::parse(Bytes::from(request(method))).expect("the message is well-formed")
    }

    #[divan::bench(args = METHODS)]
    fn checked(bencher: Bencher, method: &str) {
        let message = parsed(method);
        bencher.counter(ItemsCount::new(1usize)).bench(|| black_box(&message).check_request().is_ok());
    }

    #[divan::bench(args = METHODS)]
    fn framed(bencher: Bencher, method: &str) {
        run(bencher, method, |octets| {
            let mut framer = Framer::default();
            framer.push(octets);
            matches!(framer.next(), Some(Ok(Frame::Message(_))))
        });
    }

    #[divan::bench(args = METHODS)]
    fn passed_on(bencher: Bencher, method: &str) {
        let via = "SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK87asdks7";
        let message = parsed(method);
        bencher.counter(ItemsCount::new(1usize)).bench(|| {
            black_box(&message)
                .edit()
                .prepend(Name::Via, via)
                .set(Name::MaxForwards, 67)
                .remove_first(&Name::Route)
                .finish()
        });
    }

    #[divan::bench(args = METHODS)]
    fn answered(bencher: Bencher, method: &str) {
        let message = parsed(method);
        bencher
            .counter(ItemsCount::new(1usize))
            .bench(|| Builder::response(black_box(&message), 200, "OK").to_tag("a6c85cf").build());
    }
}
