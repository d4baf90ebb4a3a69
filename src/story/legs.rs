//! The legs between the tester and the target: one dialog of an INVITE each (RFC 3261 sections 12 to 15), whose chat
//! and whose user it is for, and the media of both sides.
//!
//! A back-to-back agent and a proxy are both legal, so two legs may share their Call-ID and tags. What tells legs apart
//! is the tester's own side: its tag, and its MSRP path.

use std::collections::HashMap;

use bytes::Bytes;
use cpm_wire::resource_lists;
pub use cpm_wire::sdp::Direction as MediaDirection;
use cpm_wire::sdp::{MsrpMedia, Session};
use cpm_wire::sip::{Message, Name, NameAddr, Uri, identity_key};
use cpm_wire::time::Time;
use cpm_wire::{multipart, sip};

use super::cast::Cast;
use super::changes::{Change, Interval};
use super::charging;
use super::content::{Content, essence};
use super::descriptions::Exchange;
use super::parties::{Parties, device_of_contact};
use super::session::{Answer, session_key};

/// Legs kept of one scenario.
const LEGS: usize = 4096;
/// Successes kept of one INVITE.
const SUCCESSES: usize = 64;

/// What the tester plays at its end of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The focus, or a conference factory: the side of the network.
    Network,
    /// A device of the served user.
    Device,
    /// The interworking function.
    Interworking,
    /// The network of a client, which is the target.
    Client,
}

/// The media of one side, from its session description.
#[derive(Clone, Debug)]
pub struct Media {
    /// The path, comparable.
    pub session: String,
    /// The direction.
    pub direction: MediaDirection,
    /// The octets of the largest message that this side takes, if it says so (RFC 4975 section 8.6).
    pub max_octets: Option<u64>,
    accept: Vec<String>,
    accept_wrapped: Vec<String>,
}

/// Where something was, and when.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// The frame.
    pub frame: u64,
    /// The instant.
    pub at: Time,
}

/// How a leg ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The BYE.
    pub frame: u64,
    /// When that was.
    pub at: Time,
    /// The answer to it.
    pub answer: Option<Answer>,
    /// Its Request-URI.
    pub request_uri: String,
    /// Who sent it.
    pub by_target: bool,
    /// Its Reason.
    pub reason: Option<String>,
}

/// One leg.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The tester's end.
    pub end: End,
    /// The served user.
    pub person: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The chat.
    pub group: Option<String>,
    /// Contribution-ID of the INVITE.
    pub contribution: Option<String>,
    /// Conversation-ID of the INVITE.
    pub conversation: Option<String>,
    /// Whether the target sent the INVITE.
    pub by_target: bool,
    /// The INVITE.
    pub invited: u64,
    /// When that was.
    pub invited_at: Time,
    /// Call-ID.
    pub call_id: String,
    /// The charging identifier of the INVITE.
    pub icid: Option<String>,
    /// The number in the CSeq of the INVITE.
    pub cseq: u32,
    /// The tester's tag.
    pub own_tag: Option<String>,
    /// The target's tag.
    pub target_tag: Option<String>,
    /// Whether the INVITE is one of the tester's, sent back as it was.
    pub echoed: bool,
    /// How often the INVITE was sent again as it was.
    pub repeated: usize,
    /// Whether the INVITE is the one of another leg, by another way (RFC 3261 section 8.2.2.2).
    pub merged: bool,
    /// Whether it names the user alone, so that it is for every device that there is.
    pub at_large: bool,
    /// Its Request-URI.
    pub request_uri: String,
    /// The URI in its From.
    pub from: String,
    /// The identities that the network asserts of its sender.
    pub asserted: Vec<String>,
    /// What of its sender is to be hidden (RFC 3323).
    pub privacy: Vec<String>,
    /// The service that the network asserts.
    pub service: Option<String>,
    /// The user whom the target is to serve, or serves (RFC 5502).
    pub served: Option<String>,
    /// The extensions that it requires.
    pub required: Vec<String>,
    /// The session interval that it asks for (RFC 4028), in seconds.
    pub asked_interval: Option<u32>,
    /// The URI in its Contact.
    pub contact: Option<String>,
    /// Whether its Contact is a focus.
    pub at_focus: bool,
    /// Whether it says that the group is closed.
    pub closed: bool,
    /// Who had it sent.
    pub referred_by: Option<String>,
    /// The resource list that it carried.
    pub list: Option<Vec<String>>,
    /// The first answer of any kind.
    pub heard: Option<When>,
    /// The first provisional answer above 100.
    pub provisional: Option<Answer>,
    /// The final answer to it.
    pub answer: Option<Answer>,
    /// Every success, each To tag once, with its frame: more than one where an invitation was forked.
    pub successes: Vec<(String, u64)>,
    /// Min-SE of the final answer, in seconds.
    pub least_interval: Option<u32>,
    /// The ACK of a success.
    pub acknowledged: Option<u64>,
    /// The CANCEL.
    pub cancelled: Option<u64>,
    /// The answer to that.
    pub cancel_answer: Option<Answer>,
    /// Changes of what was agreed, and refreshes.
    pub changes: Vec<Change>,
    /// What the two sides agreed of refreshes, each time they did.
    pub intervals: Vec<Interval>,
    /// Where the target, in an answer or a change, named the session otherwise than its invitation did.
    pub renamed: Option<u64>,
    /// How it ended.
    pub ended: Option<Ending>,
    /// What was offered of media, and answered.
    pub exchanges: Vec<Exchange>,
    /// The tester's media.
    pub own: Option<Media>,
    /// The target's media.
    pub target: Option<Media>,
}

impl Leg {
    /// Whether it stood, or was still being set up, in this frame.
    pub fn alive_at(&self, frame: u64) -> bool {
        let refused = self.answer.filter(|answer| !answer.is_success()).map(|answer| answer.frame);
        let ended = self.ended.as_ref().map(|ending| ending.frame);
        self.invited <= frame && refused.is_none_or(|end| end > frame) && ended.is_none_or(|end| end > frame)
    }

    /// A message of the target within it, which may name conversation and contribution as its invitation did.
    pub(super) fn names(&mut self, frame: u64, message: &Message) {
        let differs = |name: Name, own: &Option<String>| {
            let named = message.header(&name).map(str::trim);
            named.is_some() && own.is_some() && named != own.as_deref()
        };
        if differs(Name::ContributionId, &self.contribution) || differs(Name::ConversationId, &self.conversation) {
            self.renamed.get_or_insert(frame);
        }
    }

    /// Whether it is asserted to come from the store of the network rather than from a member or a focus.
    pub fn of_standing_store(&self) -> bool {
        let unasserted = Some(&self.from).filter(|_| self.asserted.is_empty());
        self.asserted.iter().chain(unasserted).any(|uri| identity_key(uri).starts_with("sip:rcse-standfw@"))
    }

    /// Whether it came to be.
    pub fn established(&self) -> bool {
        self.answer.is_some_and(Answer::is_success)
    }
}

impl Media {
    pub(super) fn read(message: &Message) -> Option<Media> {
        let octets = part(message, "application/sdp")?;
        let session = Session::parse(&octets).ok()?;
        // Port 0 refuses the stream (RFC 3264 section 6).
        let media = MsrpMedia::from_session(&session).ok().filter(|media| !media.is_refused())?;
        Some(Media {
            session: session_key(media.path.last()?),
            direction: media.direction,
            max_octets: media.max_size,
            accept: media.accept_types.iter().map(|kind| kind.to_ascii_lowercase()).collect(),
            accept_wrapped: media.accept_wrapped_types.iter().map(|kind| kind.to_ascii_lowercase()).collect(),
        })
    }

    /// Whether a SEND of this content is of a type that this side takes (RFC 4975 section 8.6). A side that names no
    /// wrapped types at all has excluded none.
    pub fn takes(&self, content: &Content) -> bool {
        let outer = essence(&content.content_type);
        let inner = content.inner_type.as_deref().map(essence);
        let wrapped_open = self.accept_wrapped.is_empty() && self.accept.iter().all(|kind| kind == "message/cpim");
        listed(&self.accept, outer)
            && inner
                .is_none_or(|inner| wrapped_open || listed(&self.accept_wrapped, inner) || listed(&self.accept, inner))
    }

    /// Whether this side takes disposition notifications in the session.
    pub fn takes_reports(&self) -> bool {
        listed(&self.accept_wrapped, "message/imdn+xml") || listed(&self.accept, "message/imdn+xml")
    }
}

fn listed(kinds: &[String], kind: &str) -> bool {
    let family = kind.split('/').next().unwrap_or_default();
    kinds.iter().any(|listed| listed == "*" || listed == kind || listed.strip_suffix("/*") == Some(family))
}

/// All legs of a scenario.
#[derive(Debug, Default)]
pub(super) struct Legs {
    all: Vec<Leg>,
    by_tag: HashMap<(String, String), usize>,
    by_session: HashMap<String, usize>,
}

impl Legs {
    pub fn all(&self) -> &[Leg] {
        &self.all
    }

    pub fn get(&self, at: usize) -> Option<&Leg> {
        self.all.get(at)
    }

    pub fn at_session(&self, session: &str) -> Option<usize> {
        self.by_session.get(session).copied()
    }

    /// The device of a leg whose INVITE named only the user is known by who answers, or by whose connection it uses.
    pub fn used_by(&mut self, at: usize, person: &str, device: &str) {
        if let Some(leg) = self.all.get_mut(at)
            && leg.end == End::Device
        {
            leg.person.get_or_insert_with(|| person.to_owned());
            leg.device = Some(device.to_owned());
        }
    }

    /// A new INVITE. None when there are too many.
    pub fn invitation(&mut self, when: When, sent: bool, message: &Message, cast: &Cast) -> Option<usize> {
        if self.all.len() >= LEGS {
            return None;
        }
        let parties = Parties::of(sent, message, cast);
        let contribution = message.header(&Name::ContributionId).map(|id| id.trim().to_owned());
        let conversation = message.header(&Name::ConversationId).map(|id| id.trim().to_owned());
        let request_uri = message.request_uri().unwrap_or_default().to_owned();
        let group = cast.group_of(contribution.as_deref(), conversation.as_deref());
        let group = group.or_else(|| cast.group_at(&request_uri));
        let cseq = message.cseq().map(|cseq| cseq.number).unwrap_or_default();
        let merged = sent && self.of_request(sent, message).is_some_and(|at| self.number(at) == Some(cseq));
        let at_large = !sent && parties.end == End::Device && parties.device.is_none() && !names_an_instance(message);
        let leg = Leg {
            end: parties.end,
            person: parties.person,
            device: parties.device,
            group: group.map(|group| group.name.clone()),
            contribution,
            conversation,
            by_target: !sent,
            invited: when.frame,
            invited_at: when.at,
            call_id: message.call_id().unwrap_or_default().to_owned(),
            icid: charging::icid(message),
            cseq,
            own_tag: None,
            target_tag: message.from_tag().filter(|_| !sent).map(str::to_owned),
            echoed: false,
            repeated: 0,
            merged,
            at_large,
            request_uri,
            from: message.from().map(|from| from.uri.to_owned()).unwrap_or_default(),
            asserted: asserted(message),
            privacy: privacy(message),
            service: message.header(&Name::PAssertedService).map(|service| service.trim().to_owned()),
            served: served(message),
            required: message.tokens(&Name::Require).map(str::to_owned).collect(),
            asked_interval: seconds(message, &Name::SessionExpires),
            contact: message.contacts().flatten().next().map(|contact| contact.uri.to_owned()),
            at_focus: message.contacts().flatten().any(|contact| contact.param("isfocus").is_some()),
            closed: closed(message),
            referred_by: referred_by(message),
            list: list(message),
            heard: None,
            provisional: None,
            answer: None,
            successes: Vec::new(),
            least_interval: None,
            acknowledged: None,
            cancelled: None,
            cancel_answer: None,
            changes: Vec::new(),
            intervals: Vec::new(),
            renamed: None,
            ended: None,
            exchanges: Vec::new(),
            own: None,
            target: None,
        };
        let at = self.all.len();
        self.all.push(leg);
        if merged {
            // Dialog and media are those of the other.
            return Some(at);
        }
        if sent && let Some(tag) = message.from_tag() {
            self.tagged(at, tag);
        }
        self.describe(when.frame, at, sent, message);
        Some(at)
    }

    /// The INVITE of this leg is one of the tester's own.
    pub fn echoed(&mut self, at: usize) {
        if let Some(leg) = self.all.get_mut(at) {
            leg.echoed = true;
        }
    }

    /// The INVITE of this leg came once more.
    pub fn repeated(&mut self, at: usize) {
        if let Some(leg) = self.all.get_mut(at) {
            leg.repeated += 1;
        }
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.all.get(at).map(|leg| leg.cseq)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Leg> {
        self.all.get_mut(at)
    }

    fn tagged(&mut self, at: usize, tag: &str) {
        if let Some(leg) = self.all.get_mut(at) {
            leg.own_tag = Some(tag.to_owned());
            self.by_tag.insert((leg.call_id.clone(), tag.to_owned()), at);
        }
    }

    /// The leg of a request within a dialog.
    pub fn of_request(&self, sent: bool, message: &Message) -> Option<usize> {
        let own_tag = if sent { message.from_tag() } else { message.to_tag() }?;
        self.by_tag.get(&(message.call_id()?.to_owned(), own_tag.to_owned())).copied()
    }

    /// Takes over a session description, from whichever message of the leg.
    pub fn describe(&mut self, frame: u64, at: usize, sent: bool, message: &Message) {
        self.exchanged(frame, at, sent, message);
        let (Some(media), Some(leg)) = (Media::read(message), self.all.get_mut(at)) else { return };
        if sent {
            self.by_session.insert(media.session.clone(), at);
            leg.own = Some(media);
        } else {
            leg.target = Some(media);
        }
    }

    /// An answer to the INVITE of a leg. Where a serving CSCF forks, each device that answers makes a leg of its own.
    pub fn answered(&mut self, when: When, at: usize, sent: bool, message: &Message, cast: &Cast) {
        if let Some(leg) = self.all.get_mut(at) {
            leg.heard.get_or_insert(when);
        }
        let Some(status) = message.status().filter(|status| *status > 100) else { return };
        let answer = Answer { status, frame: when.frame };
        if status >= 300 {
            // Whoever asks for something within it all the same is to be seen.
            if let Some(tag) =
                message.to_tag().filter(|_| sent && self.all.get(at).is_some_and(|leg| leg.own_tag.is_none()))
            {
                self.tagged(at, tag);
            }
            self.refused(at, answer, seconds(message, &Name::MinSe));
            return;
        }
        let at = if sent { self.fork(at, message.to_tag()) } else { at };
        if sent && let Some(device) = device_of_contact(message, cast) {
            self.used_by(at, &device.0, &device.1);
        }
        self.describe(when.frame, at, sent, message);
        let Some(leg) = self.all.get_mut(at) else { return };
        if !sent {
            leg.names(when.frame, message);
        }
        let tag = message.to_tag().unwrap_or_default();
        if status >= 200 && !leg.successes.iter().any(|(known, _)| known == tag) && leg.successes.len() < SUCCESSES {
            leg.successes.push((tag.to_owned(), when.frame));
        }
        if status < 200 {
            leg.provisional.get_or_insert(answer);
        } else if !leg.established() {
            leg.answer = Some(answer);
            leg.intervals.extend(Interval::read(when, leg.by_target, message));
            if !sent {
                leg.target_tag = message.to_tag().map(str::to_owned);
            }
        }
    }

    /// A final refusal ends every early dialog of the INVITE.
    fn refused(&mut self, at: usize, answer: Answer, least_interval: Option<u32>) {
        let Some(invited) = self.all.get(at).map(|leg| leg.invited) else { return };
        for leg in self.all.iter_mut().filter(|leg| leg.invited == invited && leg.answer.is_none()) {
            leg.answer = Some(answer);
            leg.least_interval = least_interval;
        }
    }

    fn fork(&mut self, at: usize, tag: Option<&str>) -> usize {
        let (Some(leg), Some(tag)) = (self.all.get(at), tag) else { return at };
        if leg.own_tag.as_deref() == Some(tag) {
            return at;
        }
        if let Some(known) = self.by_tag.get(&(leg.call_id.clone(), tag.to_owned())) {
            return *known;
        }
        let at = if leg.own_tag.is_some() {
            let exchanges = leg.exchanges.iter().take(1).map(Exchange::unanswered).collect();
            let sibling = Leg { own: None, ended: None, answer: None, acknowledged: None, exchanges, ..leg.clone() };
            self.all.push(sibling);
            self.all.len() - 1
        } else {
            at
        };
        self.tagged(at, tag);
        at
    }

    /// A BYE; gives its leg when it is the first one there.
    pub fn ended(&mut self, when: When, sent: bool, message: &Message) -> Option<usize> {
        let at = self.of_request(sent, message)?;
        let leg = self.all.get_mut(at).filter(|leg| leg.ended.is_none())?;
        let reasons: Vec<&str> = message.headers(&Name::Reason).collect();
        let reason = (!reasons.is_empty()).then(|| reasons.join(", "));
        let request_uri = message.request_uri().unwrap_or_default().to_owned();
        let When { frame, at: instant } = when;
        leg.ended = Some(Ending { frame, at: instant, answer: None, request_uri, by_target: !sent, reason });
        Some(at)
    }

    /// The answer to the BYE of a leg.
    pub fn end_answered(&mut self, at: usize, answer: Answer) {
        if let Some(ending) = self.all.get_mut(at).and_then(|leg| leg.ended.as_mut()) {
            ending.answer.get_or_insert(answer);
        }
    }

    /// The answer to the CANCEL of a leg.
    pub fn cancel_answered(&mut self, at: usize, answer: Answer) {
        if let Some(leg) = self.all.get_mut(at) {
            leg.cancel_answer.get_or_insert(answer);
        }
    }

    pub fn acknowledged(&mut self, frame: u64, at: usize) {
        if let Some(leg) = self.all.get_mut(at).filter(|leg| leg.established()) {
            leg.acknowledged.get_or_insert(frame);
        }
    }

    pub fn cancelled(&mut self, frame: u64, at: usize) {
        if let Some(leg) = self.all.get_mut(at) {
            leg.cancelled.get_or_insert(frame);
        }
    }
}

/// Whether the Request-URI is a GRUU (RFC 5627 section 3.3).
pub(super) fn names_an_instance(message: &Message) -> bool {
    let uri = message.request_uri().and_then(|uri| Uri::parse(uri).ok());
    matches!(uri, Some(Uri::Sip(sip)) if sip.params.get("gr").is_some())
}

pub(super) fn asserted(message: &Message) -> Vec<String> {
    message.asserted_identities().flatten().map(|identity| identity.uri.to_owned()).collect()
}

/// The words of Privacy, which a semicolon parts (RFC 3323 section 4.2).
pub(super) fn privacy(message: &Message) -> Vec<String> {
    let words = message.headers(&Name::Privacy).flat_map(|value| value.split([';', ',']));
    words.map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect()
}

fn served(message: &Message) -> Option<String> {
    Some(NameAddr::parse(message.header(&Name::PServedUser)?).ok()?.uri.to_owned())
}

/// The seconds that a header of RFC 4028 begins with.
pub(super) fn seconds(message: &Message, name: &Name) -> Option<u32> {
    message.header(name)?.split(';').next()?.trim().parse().ok()
}

pub(super) fn referred_by(message: &Message) -> Option<String> {
    Some(NameAddr::parse(message.header(&Name::ReferredBy)?).ok()?.uri.to_owned())
}

/// Whether an INVITE names the service of closed groups, in whichever header.
fn closed(message: &Message) -> bool {
    let named = [Name::Contact, Name::AcceptContact, Name::PAssertedService, Name::PPreferredService];
    named.iter().flat_map(|name| message.headers(name)).any(|value| value.contains("closedgroupchat"))
}

/// The URIs of the resource list in a request (RFC 5366), if it has one.
pub(super) fn list(message: &Message) -> Option<Vec<String>> {
    let octets = part(message, "application/resource-lists+xml")?;
    let list = resource_lists::List::parse(&octets).ok()?;
    Some(list.entries.into_iter().map(|entry| entry.uri).collect())
}

/// The body of this media type: the whole body, or a part of a multipart.
pub(super) fn part(message: &Message, wanted: &str) -> Option<Bytes> {
    multipart::find(message.header(&Name::ContentType)?, &message.body_octets(), wanted)
}

/// Whether a method belongs to a dialog of an INVITE and may carry a session description.
pub(super) fn describes(method: &sip::Method) -> bool {
    matches!(method, sip::Method::Invite | sip::Method::Ack | sip::Method::Update | sip::Method::Prack)
}
