//! The client, sans-IO: octets and the time go in, octets come out. Here is dispatch alone.

use super::account::Account;
use super::config::Config;
use super::control::{Act, Reply, Request, Shown, Who};
use super::legs::Leg;
use super::reports::{Due, Unanswered};
use super::watching::Watch;
use crate::call::media::{Media, MediaId};
use crate::call::sip::Sip;
use crate::call::tokens::Tokens;
use crate::core::Addresses;
use cpm_wire::io;
use cpm_wire::sip::{Message, Method, Name, SipUri, Uri};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, Event, ServerId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, NOTIFY, UPDATE";

/// Extensions that are understood, or that concern others.
const UNDERSTOOD: [&str; 4] = ["timer", "recipient-list-invite", "recipient-list-message", "gruu"];

/// What a request of the client was for.
#[derive(Clone, Debug)]
pub(super) enum Purpose {
    /// To register an account.
    Register(usize),
    /// To open a session.
    Invite(u64),
    /// To watch who is in a chat.
    Subscribe(u64),
    /// Anything whose answer changes nothing.
    Plain,
}

/// Where a request within a dialog belongs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Usage {
    /// To a session.
    Leg(u64),
    /// To a subscription.
    Watch(u64),
}

/// The client.
pub struct Core {
    pub(super) config: Arc<Config>,
    pub(super) now: Time,
    pub(super) sip: Sip,
    pub(super) media: Media,
    pub(super) tokens: Tokens,
    pub(super) accounts: Vec<Account>,
    pub(super) legs: BTreeMap<u64, Leg>,
    pub(super) watches: BTreeMap<u64, Watch>,
    /// By Call-ID and own tag.
    pub(super) dialogs: HashMap<(String, String), Usage>,
    /// Reports that are due.
    pub(super) due: Vec<Due>,
    /// The media of sessions that are over, with the reports in them that are not answered yet.
    pub(super) closing: BTreeMap<u64, (MediaId, Unanswered)>,
    pub(super) purposes: HashMap<ClientId, Purpose>,
    pub(super) last: u64,
}

impl Core {
    /// A client at these addresses. `seed` decides every name that it makes up.
    pub fn new(config: Config, addresses: Addresses, seed: u64) -> Core {
        let config = Arc::new(config);
        let mut tokens = Tokens::new(seed);
        let mut accounts: Vec<Account> = config
            .users
            .iter()
            .map(|user| {
                let (contact, call_id, tag) = (tokens.tag(), tokens.token(), tokens.tag());
                Account::new(user.clone(), contact, call_id, tag)
            })
            .collect();
        if config.register_at_start {
            accounts.iter_mut().for_each(|account| account.switch_on(Time::ZERO));
        }
        Core {
            sip: Sip::new(config.t1, addresses.sip, config.outbound_proxy, tokens.number()),
            media: Media::new(addresses.msrp),
            now: Time::ZERO,
            tokens,
            accounts,
            legs: BTreeMap::new(),
            watches: BTreeMap::new(),
            dialogs: HashMap::new(),
            due: Vec::new(),
            closing: BTreeMap::new(),
            purposes: HashMap::new(),
            last: 0,
            config,
        }
    }

    /// Takes one input.
    pub fn handle_input(&mut self, now: Time, input: io::Input) {
        self.now = now;
        if self.sip.owns(&input) {
            self.sip.receive(now, input)
        } else {
            self.media.receive(now, input)
        }
        self.settle();
    }

    /// The clock has reached what [`Core::poll_timeout`] said.
    pub fn handle_timeout(&mut self, now: Time) {
        self.now = now;
        self.sip.handle_timeout(now);
        self.media.handle_timeout(now);
        self.watches_due();
        self.settle();
    }

    /// The next output.
    pub fn poll_output(&mut self) -> Option<io::Output> {
        self.sip.poll_output().or_else(|| self.media.poll_output())
    }

    /// When [`Core::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let accounts = self.accounts.iter().filter_map(Account::poll_timeout);
        let watches = self.watches.values().filter_map(Watch::poll_timeout);
        self.sip.poll_timeout().into_iter().chain(self.media.poll_timeout()).chain(accounts).chain(watches).min()
    }

    /// The user does something.
    pub fn act(&mut self, now: Time, request: &Request) -> Reply {
        self.now = now;
        let Some(at) = self.account_on(&request.user, &request.device) else {
            return Reply::cannot(format!("{} is no user of this client", request.user));
        };
        let chat = request.chat.clone().or_else(|| self.only_chat(at)).unwrap_or_default();
        let chat = chat.as_str();
        let reply = match request.act {
            Act::Register => self.switched(at, true),
            Act::Deregister => self.switched(at, false),
            Act::Open => self.open(at, chat),
            Act::Send => self.say(at, chat, request.text.as_deref().unwrap_or_default()),
            Act::Rejoin => self.rejoin(at, chat),
            Act::Restart => self.restart(at, chat),
            Act::Leave => self.leave(at, chat),
            Act::Accept => self.decide(at, chat, true),
            Act::Decline => self.decide(at, chat, false),
        };
        self.settle();
        reply
    }

    /// What the client shows a user.
    pub fn observe(&self, who: &Who) -> Shown {
        let account = self.account_on(&who.user, &who.device).and_then(|at| self.accounts.get(at));
        let chats = account.iter().flat_map(|account| account.chats.values()).map(|chat| chat.shown());
        Shown { chats: chats.collect() }
    }

    /// The account of a user on a device; on the first one when there is none of that name.
    fn account_on(&self, identity: &str, device: &str) -> Option<usize> {
        let named = |account: &Account| account.is(identity) && account.user.device == device;
        self.accounts.iter().position(named).or_else(|| self.account_of(identity))
    }

    /// The chat that is meant when none is named.
    fn only_chat(&self, at: usize) -> Option<String> {
        let mut chats = self.accounts.get(at)?.chats.keys();
        let first = chats.next().cloned();
        first.filter(|_| chats.next().is_none())
    }

    fn account_of(&self, identity: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.is(identity))
    }

    fn switched(&mut self, at: usize, on: bool) -> Reply {
        let now = self.now;
        if let Some(account) = self.accounts.get_mut(at) {
            if on { account.switch_on(now) } else { account.switch_off(now) }
        }
        if !on {
            self.vanish(at);
            self.forget_watches(at);
        }
        Reply::done()
    }

    /// Lets everything happen that has become possible.
    fn settle(&mut self) {
        self.register_those_due();
        loop {
            if let Some(event) = self.sip.poll_event() {
                self.sip_event(event);
            } else if let Some((_, owner, event)) = self.media.poll_event() {
                self.media_event(owner, event);
            } else {
                return;
            }
        }
    }

    fn register_those_due(&mut self) {
        let (now, local) = (self.now, self.sip.local());
        for at in 0..self.accounts.len() {
            let domain = &self.config.domain;
            let due = self.accounts.get_mut(at).and_then(|account| account.register(now, domain, local));
            if let Some(request) = due {
                self.send(request, Purpose::Register(at));
            }
        }
    }

    fn sip_event(&mut self, event: Event<cpm_wire::endpoint::Peer>) {
        match event {
            Event::Request { server, message, .. } => self.request(server, &message),
            Event::Response { client, message, repeated, .. } => self.response(client, Some(&message), repeated),
            Event::Timeout { client, .. } | Event::TransportError { client, .. } => self.response(client, None, false),
            Event::Cancel { server, invite, message, .. } => {
                self.refuse(server, &message, if invite.is_some() { 200 } else { 481 });
                if let Some(invite) = invite {
                    self.cancelled(invite);
                }
            }
            Event::Ack { server, .. } => {
                if let Some(server) = server {
                    self.sip.acknowledged(self.now, server);
                }
            }
            Event::Unacknowledged { server } => self.unacknowledged(server),
            Event::StrayResponse { .. } => {}
        }
    }

    fn response(&mut self, client: ClientId, response: Option<&Message>, repeated: bool) {
        let Some(purpose) = self.purposes.get(&client).cloned() else { return };
        let status = response.and_then(Message::status).unwrap_or(408);
        if status >= 200 && !matches!(purpose, Purpose::Invite(_)) || status >= 300 {
            self.purposes.remove(&client);
        }
        match purpose {
            Purpose::Register(at) => {
                let (now, retry) = (self.now, self.config.retry);
                if let Some(account) = self.accounts.get_mut(at) {
                    account.registered(now, response, retry);
                }
            }
            Purpose::Invite(leg) => self.invite_answered(leg, response, repeated),
            Purpose::Subscribe(watch) => self.subscribe_answered(watch, response),
            Purpose::Plain => {}
        }
    }

    fn request(&mut self, server: ServerId, request: &Message) {
        let within = request.to_tag().zip(request.call_id());
        if let Some((tag, call_id)) = within {
            return match self.dialogs.get(&(call_id.to_owned(), tag.to_owned())).copied() {
                Some(Usage::Leg(leg)) => self.in_leg(server, leg, request),
                Some(Usage::Watch(watch)) => self.notified(server, watch, request),
                None => self.refuse(server, request, 481),
            };
        }
        let Some(at) = self.addressed(request) else { return self.refuse(server, request, 404) };
        let known = |tag: &&str| UNDERSTOOD.iter().any(|one| one.eq_ignore_ascii_case(tag));
        let unknown: Vec<&str> = request.tokens(&Name::Require).filter(|tag| !known(tag)).collect();
        if !unknown.is_empty() {
            return self.reply(server, request, 420, |refusal| refusal.header(Name::Unsupported, unknown.join(", ")));
        }
        match request.method() {
            Method::Invite => self.invited(server, at, request),
            Method::Message => self.pager(server, at, request),
            Method::Options => self.reply(server, request, 200, |response| response.header(Name::Allow, ALLOW)),
            Method::Notify | Method::Bye | Method::Update => self.refuse(server, request, 481),
            _ => self.reply(server, request, 405, |response| response.header(Name::Allow, ALLOW)),
        }
    }

    /// Whose device a request is for: by the registered contact, else by the identity.
    fn addressed(&self, request: &Message) -> Option<usize> {
        let uri = request.request_uri()?;
        if let Ok(Uri::Sip(SipUri { user: Some(user), .. })) = Uri::parse(uri)
            && let Some(at) = self.accounts.iter().position(|account| account.contact_user == user)
        {
            return Some(at);
        }
        self.account_of(uri).or_else(|| self.account_of(request.to().ok()?.uri))
    }
}
