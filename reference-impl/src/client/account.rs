//! The registration of one user's device (RFC 3261 section 10, RFC 3608, RFC 5627).

use super::chat::Chat;
use super::config::User;
use cpm_wire::sip::{Builder, Message, Method, Name, NameAddr, identity_key};
use cpm_wire::time::Time;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// How long a registration is asked for.
const EXPIRES: u32 = 3600;
/// Chats kept of one user.
const MOST_CHATS: usize = 256;
/// Other identities and routes that are taken from a registrar.
const MOST_TOLD: usize = 32;

/// The services that a device can do, as they stand in its Contact.
const SERVICES: &str = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg,\
    urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session,urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session.group";

/// One user with the device and its chats.
#[derive(Debug)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The user part of the contact, by which requests are told apart.
    pub contact_user: String,
    /// The way of requests, as the registrar told it.
    pub service_route: Vec<String>,
    /// The other identities, as the registrar told them (RFC 7315 section 4.1).
    associated: Vec<String>,
    /// The shortest registration that the registrar grants, once it has said so.
    least: u32,
    /// The chats by Contribution-ID.
    pub chats: BTreeMap<String, Chat>,
    /// How many chats there have been.
    made: u64,
    wanted: bool,
    call_id: String,
    tag: String,
    cseq: u32,
    /// When to register again.
    due: Option<Time>,
    asking: bool,
}

impl Account {
    /// A device that is switched off.
    pub fn new(user: User, contact_user: String, call_id: String, tag: String) -> Account {
        Account {
            user,
            contact_user,
            service_route: Vec::new(),
            associated: Vec::new(),
            least: 0,
            chats: BTreeMap::new(),
            made: 0,
            wanted: false,
            call_id,
            tag,
            cseq: 0,
            due: None,
            asking: false,
        }
    }

    /// True when a URI is one of the user's identities.
    pub fn is(&self, uri: &str) -> bool {
        let key = identity_key(uri);
        let given = std::iter::once(&self.user.identity).chain(&self.user.tel);
        given.chain(&self.associated).any(|own| identity_key(own) == key)
    }

    /// Contact, with what the device can do.
    pub fn contact(&self, local: SocketAddr) -> String {
        format!(
            "<sip:{}@{local}>;+sip.instance=\"<{}>\";+g.3gpp.icsi-ref=\"{SERVICES}\"",
            self.contact_user, self.user.instance
        )
    }

    /// The user switches the device on.
    pub fn switch_on(&mut self, now: Time) {
        self.wanted = true;
        self.due = Some(now);
    }

    /// The user switches it off.
    pub fn switch_off(&mut self, now: Time) {
        self.wanted = false;
        self.due = Some(now);
    }

    /// The REGISTER that is due.
    pub fn register(&mut self, now: Time, domain: &str, local: SocketAddr) -> Option<Message> {
        if self.asking || self.due.is_none_or(|due| due > now) {
            return None;
        }
        self.asking = true;
        self.due = None;
        self.cseq += 1;
        let expires = if self.wanted { EXPIRES.max(self.least) } else { 0 };
        let request = Builder::request(Method::Register, &format!("sip:{domain}"))
            .header(Name::MaxForwards, 70)
            .header(Name::From, format!("<{}>;tag={}", self.user.identity, self.tag))
            .header(Name::To, format!("<{}>", self.user.identity))
            .header(Name::CallId, &self.call_id)
            .header(Name::CSeq, format!("{} REGISTER", self.cseq))
            .header(Name::Contact, format!("{};expires={expires}", self.contact(local)))
            .header(Name::Expires, expires)
            .header(Name::Supported, "path, gruu");
        Some(request.build())
    }

    /// The registrar has answered, or nobody has.
    pub fn registered(&mut self, now: Time, response: Option<&Message>, retry: Duration) {
        let status = response.and_then(Message::status).unwrap_or(408);
        if status < 200 {
            return;
        }
        self.asking = false;
        let changed_mind = self.due.is_some();
        match response.filter(|_| (200..300).contains(&status)) {
            Some(response) => {
                let routes = response.values(&Name::ServiceRoute).map(|route| route.trim().to_owned());
                self.service_route = routes.filter(|route| NameAddr::parse(route).is_ok()).take(MOST_TOLD).collect();
                let told = response.values(&Name::PAssociatedUri).filter_map(|value| NameAddr::parse(value).ok());
                self.associated = told.map(|address| address.uri.to_owned()).take(MOST_TOLD).collect();
                let expires = granted(response, &self.contact_user).unwrap_or(EXPIRES);
                if self.wanted && !changed_mind {
                    let lasts = Duration::from_secs(u64::from(expires)).mul_f32(0.9);
                    // A registration for no time at all is as good as none.
                    self.due = Some(now + lasts.max(retry));
                }
            }
            None if !changed_mind => {
                if status == 423 {
                    self.least = response.and_then(|one| one.seconds(&Name::MinExpires)).unwrap_or(self.least);
                }
                let wait = response.and_then(|response| response.seconds(&Name::RetryAfter));
                let wait = wait.map_or(retry, |seconds| Duration::from_secs(seconds.into()));
                self.due = self.wanted.then(|| now + wait);
            }
            None => {}
        }
    }

    /// When [`Account::register`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.filter(|_| !self.asking)
    }

    /// The chat with this Contribution-ID, made when there is none. Of too many the oldest that is not `busy` gives way,
    /// an empty one before any other; when all are, there is no room.
    pub fn chat(&mut self, contribution: &str, conversation: &str, busy: impl Fn(&str) -> bool) -> Option<&mut Chat> {
        if !self.chats.contains_key(contribution) {
            if self.chats.len() >= MOST_CHATS {
                let idle = self.chats.values().filter(|chat| !busy(&chat.contribution));
                let oldest = idle.min_by_key(|chat| (!chat.is_empty(), chat.number))?.contribution.clone();
                self.chats.remove(&oldest);
            }
            self.made += 1;
            let chat = Chat::new(self.made, contribution, conversation);
            self.chats.insert(contribution.to_owned(), chat);
        }
        self.chats.get_mut(contribution)
    }
}

/// How long the registrar keeps the own contact, in seconds.
fn granted(response: &Message, contact_user: &str) -> Option<u32> {
    let own = response.contacts().filter_map(Result::ok).find(|contact| contact.uri.contains(contact_user));
    let told = own.and_then(|contact| contact.param("expires")??.parse().ok());
    told.or_else(|| response.expires())
}
