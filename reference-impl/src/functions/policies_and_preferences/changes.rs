//! The document server tells of changes (xcap-diff, RFC 5875): the function subscribes on behalf of a user to the user's
//! documents, and fetches anew what has changed.

use crate::call::{Mechanics, Owner, Usage};
use crate::config::PreferencesAccess;
use crate::neighbours::preferences::{Document, named, path_of};
use bytes::Bytes;
use cpm_wire::resource_lists::{self, Entry, List};
use cpm_wire::sip::{Message, Name};
use cpm_wire::subscription::{Subscriber, SubscriberEvent, SubscriptionState, Wanted};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId, Timers};
use cpm_wire::xml::harmless;

const EVENT: &str = "xcap-diff";
const MEDIA_TYPE: &str = "application/xcap-diff+xml";
const NAMESPACE: &str = "urn:ietf:params:xml:ns:xcap-diff";
/// For how many seconds.
const EXPIRES: u32 = 3600;

/// A subscription to the documents of one user.
#[derive(Debug)]
pub struct Watch {
    /// Its number.
    pub number: u64,
    user: String,
    subscriber: Subscriber,
    call_id: String,
    local_tag: String,
    /// The SUBSCRIBE that is not answered yet.
    client: Option<ClientId>,
}

/// What the server has told.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// These documents have these entity tags now; none for one that is gone.
    Documents(Vec<(Document, Option<String>)>),
    /// Something, of which nothing can be made out.
    Something,
}

impl Watch {
    /// Subscribes to a user's documents.
    pub fn begin(m: &mut Mechanics, access: &PreferencesAccess, server: &str, number: u64, user: &str) -> Watch {
        let (call_id, local_tag) = (m.tokens.token(), m.tokens.tag());
        let wanted = Wanted {
            target: server.to_owned(),
            routes: vec![format!("<sip:{};lr;orig>", m.config.serving_cscf)],
            local_uri: user.to_owned(),
            remote_uri: server.to_owned(),
            local_tag: local_tag.clone(),
            call_id: call_id.clone(),
            event: EVENT.to_owned(),
            expires: EXPIRES,
        };
        m.route(&call_id, &local_tag, Usage::Subscriber(Owner::Preferences(number)));
        let subscriber = Subscriber::new(wanted, &Timers { t1: m.config.t1, ..Timers::default() });
        let mut watch = Watch { number, user: user.to_owned(), subscriber, call_id, local_tag, client: None };
        watch.subscribe(m, access);
        watch
    }

    /// Whose documents these are.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// True while the server tells of changes.
    pub fn is_active(&self) -> bool {
        self.subscriber.state() == Some(SubscriptionState::Active)
    }

    fn subscribe(&mut self, m: &mut Mechanics, access: &PreferencesAccess) {
        if self.client.is_some() {
            return;
        }
        let state = m.registration_state(&self.user);
        let first = self.subscriber.dialog().is_none();
        let request = self.subscriber.subscribe(m.now);
        let mut request =
            request.header(Name::Contact, format!("<{}>", m.contact_uri())).header(Name::Accept, MEDIA_TYPE);
        if first {
            let entry = |document| Entry::new(&path_of(&access.auid, &self.user, document));
            let list = List { entries: Document::ALL.map(entry).into() };
            request = request
                .header(Name::PServedUser, format!("<{}>;sescase=orig;regstate={state}", self.user))
                .header(Name::PAssertedIdentity, format!("<{}>", self.user))
                .body(resource_lists::MEDIA_TYPE, list.to_xml());
        }
        self.client = Some(m.send(Owner::Preferences(self.number), request.build()));
    }

    /// A SUBSCRIBE is answered, or never will be. False when there is no subscription any more.
    pub fn answered(
        &mut self,
        m: &mut Mechanics,
        access: &PreferencesAccess,
        client: ClientId,
        response: Option<&Message>,
    ) -> bool {
        let provisional = response.and_then(Message::status).is_some_and(|status| status < 200);
        if self.client != Some(client) || provisional {
            return true;
        }
        self.client = None;
        match response.map(|response| self.subscriber.response(m.now, response)) {
            Some(None) => true,
            Some(Some(SubscriberEvent::Subscribe)) => {
                self.subscribe(m, access);
                true
            }
            Some(Some(_)) | None => false,
        }
    }

    /// The server tells something; none when this was not for this subscription, and is answered.
    pub fn notified(&mut self, m: &mut Mechanics, auid: &str, server: ServerId, notify: &Message) -> Option<Told> {
        match self.subscriber.notified(m.now, notify) {
            Ok(said) => {
                m.refuse(server, notify, 200);
                Some(told(auid, &self.user, &said.body))
            }
            Err(refusal) => {
                m.sip.respond(m.now, server, refusal.response(notify).build());
                None
            }
        }
    }

    /// True when the server has ended the subscription.
    pub fn is_over(&self) -> bool {
        self.subscriber.state() == Some(SubscriptionState::Terminated)
    }

    /// When [`Watch::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.subscriber.poll_timeout()
    }

    /// The clock has moved on; `goes_on` says whether the subscription is still wanted. False when there is none any more.
    pub fn handle_timeout(&mut self, m: &mut Mechanics, access: &PreferencesAccess, goes_on: bool) -> bool {
        while let Some(event) = self.subscriber.handle_timeout(m.now) {
            match event {
                SubscriberEvent::Subscribe if goes_on => self.subscribe(m, access),
                _ => return false,
            }
        }
        true
    }

    /// Nobody needs to be told any more.
    pub fn end(mut self, m: &mut Mechanics) {
        if self.subscriber.dialog().is_none() || self.is_over() {
            return m.unroute(&self.call_id, &self.local_tag);
        }
        let last = self.subscriber.unsubscribe(m.now);
        let last = last.header(Name::Contact, format!("<{}>", m.contact_uri())).header(Name::Accept, MEDIA_TYPE);
        m.send(Owner::Preferences(self.number), last.build());
        m.part(&self.call_id, &self.local_tag);
    }
}

/// What a notification says of a user's documents.
fn told(auid: &str, user: &str, body: &Bytes) -> Told {
    let Ok(text) = harmless(body) else { return Told::Something };
    let Ok(document) = roxmltree::Document::parse(text) else { return Told::Something };
    let root = document.root_element();
    if root.tag_name().namespace() != Some(NAMESPACE) || root.tag_name().name() != "xcap-diff" {
        return Told::Something;
    }
    let of = |node: roxmltree::Node<'_, '_>| {
        // What follows the tildes is within the document (RFC 5874 section 4).
        let selector = node.attribute("sel")?.split("/~~").next()?;
        let (own, document) = named(auid, selector)?;
        let etag = node.attribute("new-etag").map(str::to_owned);
        (cpm_wire::sip::identity_key(&own) == user).then_some((document, etag))
    };
    Told::Documents(root.children().filter(roxmltree::Node::is_element).filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const AUID: &str = "org.openmobilealliance.im-rules";

    fn said(inside: &str) -> Told {
        let text = format!("<xcap-diff xmlns='{NAMESPACE}' xcap-root='http://127.0.0.1/'>{inside}</xcap-diff>");
        told(AUID, "sip:bob@example.com", &text.into())
    }

    #[test]
    fn a_notification_names_the_documents_of_the_user() {
        let documents = said(&format!(
            "<document sel='{AUID}/users/sip%3Abob%40example.com/index' new-etag='7' previous-etag='6'/>\
             <document sel='{AUID}/users/sip:bob@Example.com/provider' previous-etag='6'/>\
             <document sel='{AUID}/users/sip:carol@example.com/index' new-etag='9'/><other/>"
        ));
        let expected = [(Document::Index, Some("7".to_owned())), (Document::Provider, None)];
        assert_eq!(documents, Told::Documents(expected.into()));
        let within = format!("<element sel='{AUID}/users/sip:bob@example.com/index/~~/ruleset/rule%5b1%5d'/>");
        assert_eq!(said(&within), Told::Documents(vec![(Document::Index, None)]));
        assert_eq!(said(""), Told::Documents(Vec::new()));
    }

    #[test]
    fn of_rubbish_nothing_can_be_made_out() {
        for rubbish in ["", "<xcap-diff/>", "<xcap-diff", "\u{0}"] {
            assert_eq!(told(AUID, "sip:bob@example.com", &rubbish.to_owned().into()), Told::Something);
        }
    }
}
