//! Valid and without sense: random answers, random requests to those that have called, random messages on their sessions.

use super::answers::description;
use crate::actors::ids::Ids;
use bytes::Bytes;
use cpm_reference::core::Addresses;
use cpm_wire::cpim;
use cpm_wire::endpoint::Peer;
use cpm_wire::msrp::{self, ByteRange, Chunk, FailureReport, Flag};
use cpm_wire::sip::{Builder, Message, Method, Name};

/// So many requests and messages of its own in one scenario.
const MOST: u64 = 40;

/// The state of the random one.
pub(super) struct Random {
    ids: Ids,
    sent: u64,
    /// Identities and contacts that have been seen.
    known: Vec<String>,
}

impl Random {
    pub(super) fn new(ids: Ids) -> Random {
        Random { ids, sent: 0, known: Vec::new() }
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.ids.bits() % n.max(1) as u64).unwrap_or_default()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let at = self.below(from.len());
        from.get(at).cloned()
    }

    /// A status that a request of this method may get.
    pub(super) fn status(&mut self, request: &Message) -> u16 {
        let statuses: &[u16] = match request.method() {
            Method::Register => &[200, 200, 200, 503],
            Method::Invite => &[200, 200, 200, 180, 404, 480, 486, 488, 603],
            Method::Bye | Method::Cancel => &[200, 200, 481],
            _ => &[200, 200, 202, 404, 480, 481, 489, 500],
        };
        self.pick(statuses).unwrap_or(200)
    }

    /// A status that a message of MSRP may get.
    pub(super) fn msrp_status(&mut self) -> u16 {
        self.pick(&[200, 200, 200, 400, 413]).unwrap_or(200)
    }

    /// Requests of its own after a message, as often as chance wants.
    pub(super) fn requests(&mut self, message: &Message, peer: Peer, addresses: Addresses) -> Vec<(Message, Peer)> {
        let contact = message.contacts().next().and_then(Result::ok).map(|contact| contact.uri.to_owned());
        let served = message.request_uri().map(str::to_owned);
        self.known.extend(contact.into_iter().chain(served));
        if self.sent >= MOST || self.below(2) > 0 {
            return Vec::new();
        }
        self.sent += 1;
        let at = self.below(self.known.len());
        let Some(target) = self.known.get(at).cloned() else { return Vec::new() };
        let methods = [Method::Message, Method::Notify, Method::Invite, Method::Bye, Method::Options, Method::Message];
        let method = self.pick(&methods).unwrap_or(Method::Options);
        vec![(self.request(method, &target, message, addresses), peer)]
    }

    /// A request, in the dialog of what came before or outside any.
    fn request(&mut self, method: Method, target: &str, message: &Message, addresses: Addresses) -> Message {
        let within = self.below(2) == 0;
        let from = format!("<{target}>;tag={}", if within { "null".to_owned() } else { self.ids.token() });
        let to = match message.from() {
            Ok(from) if within => format!("<{}>;tag={}", from.uri, from.tag().unwrap_or("none")),
            _ => format!("<{target}>"),
        };
        let call_id = match message.call_id() {
            Some(call_id) if within => call_id.to_owned(),
            _ => self.ids.token(),
        };
        let request = Builder::request(method.clone(), target)
            .header(Name::Via, format!("SIP/2.0/UDP {};branch={};rport", addresses.sip, self.ids.branch()))
            .header(Name::MaxForwards, 70)
            .header(Name::From, from)
            .header(Name::To, to)
            .header(Name::CallId, call_id)
            .header(Name::CSeq, format!("{} {}", 1 + self.below(9), method.as_str()))
            .header(Name::Contact, format!("<sip:{}>", addresses.sip));
        match method {
            Method::Invite => request
                .header(Name::ConversationId, self.ids.uuid())
                .header(Name::ContributionId, self.ids.digits32())
                .body("application/sdp", description(addresses))
                .build(),
            Method::Message => request.body("message/cpim", self.envelope(target)).build(),
            Method::Notify => request
                .header(Name::Event, "conference")
                .header(Name::SubscriptionState, "active;expires=60")
                .body("application/conference-info+xml", roster(target))
                .build(),
            _ => request.build(),
        }
    }

    /// Messages of its own on a session, as often as chance wants.
    pub(super) fn messages(&mut self, message: &msrp::Message) -> Vec<Bytes> {
        if self.sent >= MOST || self.below(2) > 0 || !message.is(&msrp::Method::Send) {
            return Vec::new();
        }
        self.sent += 1;
        let body = self.envelope("sip:anybody@example.com");
        let length = u64::try_from(body.len()).unwrap_or_default();
        let to_path: Vec<String> = message.from_path().into_iter().map(str::to_owned).collect();
        let from_path = message.to_path().first().copied().unwrap_or_default().to_owned();
        let chunk = Chunk {
            transaction: &self.ids.digits32(),
            to_path: &to_path,
            from_path: &from_path,
            message_id: &self.ids.token(),
            success_report: false,
            failure_report: FailureReport::No,
            byte_range: ByteRange { start: 1, end: Some(length), total: Some(length) },
            content: Some(("message/cpim", &body)),
            flag: Flag::Complete,
        };
        vec![msrp::send(&chunk).1]
    }

    fn envelope(&mut self, to: &str) -> Bytes {
        let text = format!("{:x}", self.ids.bits());
        cpim::Builder::new("<sip:somebody@example.com>", &format!("<{to}>"))
            .date_time("2026-01-01T00:00:00Z")
            .message_id(&self.ids.token())
            .content("text/plain", text)
            .build()
    }
}

/// A roster of one.
fn roster(entity: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" \
         entity=\"{entity}\" state=\"full\" version=\"1\"><users state=\"full\"><user entity=\"{entity}\" state=\"full\">\
         <endpoint entity=\"{entity}\"><status>connected</status></endpoint></user></users></conference-info>\n"
    )
}
