//! Standalone messages on their way: each MESSAGE (RFC 3428), and each INVITE of large message mode, on one side of the
//! target, with what its request says. What came over MSRP in a large one stands among the items, by its leg.

use std::ops::Deref;

use cpm_wire::multipart;
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Message, Name, NameAddr};
use cpm_wire::time::Time;

use super::Story;
use super::charging;
use super::content::{Content, Envelope};
use super::item::{Flow, Item};
use super::legs::{self, Leg, Media, MediaDirection, When};
use super::parties::Parties;
use super::session::Answer;
use crate::evidence::Event;

/// Passages kept of one scenario.
const PASSAGES: usize = 20_000;
/// Announcements kept of one scenario.
const ANNOUNCED: usize = 4096;

/// The services of large message mode, after the name that all CPM services have in common.
const LARGE: [&str; 3] = ["oma.cpm.largemsg", "oma.cpm.largemsg.group", "oma.cpm.deferred"];

/// How a standalone message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In a MESSAGE.
    Pager,
    /// In a session of its own.
    Large,
}

/// A standalone message as the stage announced it before its request was on the wire.
#[derive(Clone, Debug)]
pub struct Announced {
    /// When.
    pub frame: u64,
    /// How the scenario calls it.
    pub label: String,
    /// imdn.Message-ID; none where it has no envelope.
    pub message_id: Option<String>,
    /// Contribution-ID.
    pub contribution: String,
    /// Conversation-ID.
    pub conversation: String,
    /// Who sends it, by name.
    pub author: String,
    /// Whom it is for, by name; several, or one twice, for a list.
    pub to: Vec<String>,
}

/// One standalone message on one side of the target: its request.
#[derive(Clone, Debug)]
pub struct Passage {
    /// How it travels.
    pub mode: Mode,
    /// Where it goes.
    pub flow: Flow,
    /// The served user for or from whom it is.
    pub person: Option<String>,
    /// The device, where the request names one.
    pub device: Option<String>,
    /// Whether it is for every device of the user that there is: the request names the user alone.
    pub at_large: bool,
    /// The request.
    pub frame: u64,
    /// When that was.
    pub at: Time,
    /// Octets of the whole request.
    pub octets: usize,
    /// Its Request-URI.
    pub request_uri: String,
    /// Every URI by which it says whom it is for: in the Request-URI, in To and in P-Called-Party-ID.
    pub called: Vec<String>,
    /// Call-ID.
    pub call_id: String,
    /// Its charging identifier.
    pub icid: Option<String>,
    /// The URI in its From.
    pub from: String,
    /// The identities that the network asserts of its sender.
    pub asserted: Vec<String>,
    /// What of its sender is to be hidden (RFC 3323).
    pub privacy: Vec<String>,
    /// Who had it sent.
    pub referred_by: Option<String>,
    /// The services that it names: asserted, preferred, or asked for in Accept-Contact and Contact; unescaped.
    pub services: Vec<String>,
    /// Conversation-ID.
    pub conversation: Option<String>,
    /// Contribution-ID.
    pub contribution: Option<String>,
    /// The extensions that it requires.
    pub required: Vec<String>,
    /// The list of those whom it is for (RFC 5365, RFC 5366).
    pub recipients: Option<Vec<String>>,
    /// The list of those whom others got it for, which informs (RFC 5365 section 7.4).
    pub history: Option<Vec<String>>,
    /// Expires, as written.
    pub expires: Option<String>,
    /// Message-Expires, as written.
    pub message_expires: Option<String>,
    /// The words of Request-Disposition (RFC 3841 section 9.1).
    pub request_dispositions: Vec<String>,
    /// The direction that an INVITE offers.
    pub direction: Option<MediaDirection>,
    /// Whether it is one of the tester's own, sent back as it was.
    pub echoed: bool,
    /// The message of a MESSAGE.
    item: Option<usize>,
    /// The leg of an INVITE.
    leg: Option<usize>,
}

impl Passage {
    /// Whether the target sent the request.
    pub fn by_target(&self) -> bool {
        matches!(
            self.flow,
            Flow::TargetToDevice | Flow::TargetToNetwork | Flow::TargetToInterworking | Flow::FromClient
        )
    }

    /// Whether it names this service, by what follows the name that all CPM services have in common (`oma.cpm.deferred`).
    pub fn names(&self, service: &str) -> bool {
        self.services.iter().any(|named| named.ends_with(service))
    }
}

/// A passage together with what became of it.
#[derive(Clone, Copy)]
pub struct Standalone<'a> {
    story: &'a Story,
    passage: &'a Passage,
}

impl Deref for Standalone<'_> {
    type Target = Passage;

    fn deref(&self) -> &Passage {
        self.passage
    }
}

impl<'a> Standalone<'a> {
    /// The passage itself, for as long as the story.
    pub fn passage(&self) -> &'a Passage {
        self.passage
    }

    /// Everything whole that came in it, or went: the content of the MESSAGE, or what was sent over MSRP in its session.
    pub fn items(&self) -> impl Iterator<Item = &'a Item> + use<'a> {
        let (story, item, frame, flow) = (self.story, self.passage.item, self.passage.frame, self.passage.flow);
        let is_large = self.passage.mode == Mode::Large;
        story.items().iter().enumerate().filter_map(move |(at, known)| {
            let in_leg = || story.leg_of(known).is_some_and(|leg| leg.invited == frame);
            (item == Some(at) || is_large && known.flow == flow && in_leg()).then_some(known)
        })
    }

    /// What it says: the first of its items that has any content.
    pub fn content(&self) -> Option<&'a Content> {
        self.items().map(|item| &item.content).find(|content| content.body.length > 0)
    }

    /// The envelope of what it says, unless that is a notification.
    pub fn envelope(&self) -> Option<&'a Envelope> {
        self.content()?.chat()
    }

    /// imdn.Message-ID of what it says.
    pub fn message_id(&self) -> Option<&'a str> {
        self.content()?.message_id.as_deref()
    }

    /// Whether it carries notifications, and no message.
    pub fn is_report(&self) -> bool {
        self.content().is_some_and(|content| !content.reports().is_empty())
    }

    /// The final answer to its request.
    pub fn answer(&self) -> Option<Answer> {
        match self.passage.item {
            Some(item) => self.story.items.get(item)?.answer,
            None => self.legs().find_map(|leg| leg.answer),
        }
    }

    /// The legs of an INVITE: one, or one for each device where the serving CSCF forked it.
    pub fn legs(&self) -> impl Iterator<Item = &'a Leg> + use<'a> {
        let (frame, has) = (self.passage.frame, self.passage.leg.is_some());
        self.story.legs().iter().filter(move |leg| has && leg.invited == frame)
    }

    /// The leg of an INVITE that came to be, or else the first.
    pub fn leg(&self) -> Option<&'a Leg> {
        self.legs().find(|leg| leg.established()).or_else(|| self.legs().next())
    }

    /// Whether what it says was taken: the MESSAGE by a success, or the whole of it in the session.
    pub fn taken(&self) -> bool {
        match self.passage.mode {
            Mode::Pager => self.answer().is_some_and(Answer::is_success),
            Mode::Large => self.items().any(|item| item.content.body.length > 0 && item.accepted()),
        }
    }

    /// What it is, told in a finding.
    pub fn told(&self) -> String {
        let what = match self.passage.mode {
            Mode::Pager => "the MESSAGE",
            Mode::Large => "the INVITE of large mode",
        };
        format!("{what} in frame {}", self.passage.frame)
    }
}

/// All passages of a scenario, and what was announced of them.
#[derive(Debug, Default)]
pub(super) struct Passages {
    all: Vec<Passage>,
    announced: Vec<Announced>,
}

impl Passages {
    pub fn event(&mut self, frame: u64, event: &Event) {
        if let Event::Standalone { label, message_id, contribution, conversation, author, to } = event
            && self.announced.len() < ANNOUNCED
        {
            self.announced.push(Announced {
                frame,
                label: label.clone(),
                message_id: message_id.clone(),
                contribution: contribution.clone(),
                conversation: conversation.clone(),
                author: author.clone(),
                to: to.clone(),
            });
        }
    }

    /// Whether this Contribution-ID is that of a standalone message which was announced.
    fn knows(&self, contribution: Option<&str>) -> bool {
        contribution.is_some_and(|id| self.announced.iter().any(|announced| announced.contribution == id))
    }

    /// Keeps a passage; false when there are too many.
    fn keep(&mut self, passage: Passage) -> bool {
        let fits = self.all.len() < PASSAGES;
        if fits {
            self.all.push(passage);
        }
        fits
    }
}

impl Story {
    /// Every standalone message on either side of the target, in the order of the requests. Notifications that travel so
    /// are among them.
    pub fn standalone(&self) -> impl Iterator<Item = Standalone<'_>> {
        self.passages.all.iter().map(|passage| Standalone { story: self, passage })
    }

    /// What was announced of standalone messages, in order.
    pub fn announced(&self) -> &[Announced] {
        &self.passages.announced
    }

    pub(super) fn passes_as_pager(
        &mut self,
        when: When,
        sent: bool,
        message: &Message,
        parties: &Parties,
        item: usize,
    ) {
        let mut passage = read(when, sent, message, parties, Mode::Pager);
        passage.item = Some(item);
        passage.echoed = !sent && self.is_returned(message);
        self.overflow |= !self.passages.keep(passage);
    }

    /// An INVITE, which may be one of large message mode.
    pub(super) fn passes_as_large(&mut self, when: When, sent: bool, message: &Message, leg: usize) {
        let parties = Parties::of(sent, message, &self.cast);
        let mut passage = read(when, sent, message, &parties, Mode::Large);
        let large = passage.services.iter().any(|service| LARGE.iter().any(|large| service.ends_with(large)));
        if !large && !self.passages.knows(passage.contribution.as_deref()) {
            return;
        }
        passage.leg = Some(leg);
        passage.direction = Media::read(message).map(|media| media.direction);
        passage.echoed = self.legs.get(leg).is_some_and(|leg| leg.echoed);
        self.overflow |= !self.passages.keep(passage);
    }
}

/// What a request says of the standalone message in it.
fn read(when: When, sent: bool, message: &Message, parties: &Parties, mode: Mode) -> Passage {
    let text = |name: &Name| message.header(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
    let flow = Flow::of(parties.end, sent);
    Passage {
        mode,
        flow,
        person: parties.person.clone(),
        device: parties.device.clone(),
        at_large: flow == Flow::TargetToDevice && parties.device.is_none() && !legs::names_an_instance(message),
        frame: when.frame,
        at: when.at,
        octets: message.octets().len(),
        request_uri: message.request_uri().unwrap_or_default().to_owned(),
        called: called(message),
        call_id: message.call_id().unwrap_or_default().to_owned(),
        icid: charging::icid(message),
        from: message.from().map(|from| from.uri.to_owned()).unwrap_or_default(),
        asserted: legs::asserted(message),
        privacy: legs::privacy(message),
        referred_by: legs::referred_by(message),
        services: services(message),
        conversation: text(&Name::ConversationId),
        contribution: text(&Name::ContributionId),
        required: message.tokens(&Name::Require).map(str::to_owned).collect(),
        recipients: list_for(message, "recipient-list"),
        history: list_for(message, "recipient-list-history"),
        expires: text(&Name::Expires),
        message_expires: text(&Name::MessageExpires),
        request_dispositions: message.tokens(&Name::RequestDisposition).map(str::to_ascii_lowercase).collect(),
        direction: None,
        echoed: false,
        item: None,
        leg: None,
    }
}

/// The URIs by which a request says whom it is for.
fn called(message: &Message) -> Vec<String> {
    let to = message.to().ok().map(|to| to.uri.to_owned());
    let told = message.headers(&Name::PCalledPartyId).filter_map(|value| NameAddr::parse(value).ok());
    let told: Vec<String> = told.map(|address| address.uri.to_owned()).collect();
    message.request_uri().map(str::to_owned).into_iter().chain(to).chain(told).collect()
}

/// The services that a request names, wherever, without the escapes that they have within a feature tag.
fn services(message: &Message) -> Vec<String> {
    let names = [Name::PAssertedService, Name::PPreferredService, Name::AcceptContact, Name::Contact];
    let values = names.iter().flat_map(|name| message.headers(name));
    let words = values.flat_map(|value| value.split(['"', ',', ';', ' ', '<', '>']));
    let unescaped = words.map(|word| word.replace("%3A", ":").replace("%3a", ":").to_ascii_lowercase());
    unescaped.filter(|word| word.contains("oma.cpm.")).collect()
}

/// The URIs of the list with this disposition (RFC 5363 section 4, RFC 5365 section 7.4). A list without any disposition
/// is one of recipients.
fn list_for(message: &Message, disposition: &str) -> Option<Vec<String>> {
    let kind = message.content_type()?.ok()?;
    let boundary = kind.params.get("boundary").flatten()?;
    let parts = multipart::parse(&message.body_octets(), &boundary).ok()?;
    let is_list = |part: &&multipart::Part| {
        let kind = part.content_type().unwrap_or_default().to_ascii_lowercase();
        let own = part.get("Content-Disposition").unwrap_or("recipient-list");
        let own = own.split(';').next().unwrap_or_default().trim();
        kind.starts_with("application/resource-lists+xml") && own.eq_ignore_ascii_case(disposition)
    };
    let list = List::parse(&parts.iter().find(is_list)?.body_octets()).ok()?;
    Some(list.entries.into_iter().map(|entry| entry.uri).collect())
}
