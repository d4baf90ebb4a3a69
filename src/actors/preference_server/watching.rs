//! Who is told of changes: subscriptions to the event package xcap-diff (RFC 5875), and their notifications (RFC 5874).

use super::documents::{Changed, Documents, Place, ROOT, decoded, selector};
use super::{ACTOR, USER_PART};
use crate::actors::Ensemble;
use crate::actors::preferring::Wish;
use crate::actors::signalling::Purpose;
use bytes::Bytes;
use cpm_wire::sip::{Builder, Message, Name, NameAddr, Uri, identity_key};
use cpm_wire::subscription::Notifier;
use cpm_wire::transaction::ServerId;
use cpm_wire::{multipart, resource_lists};

/// The event package.
pub const PACKAGE: &str = "xcap-diff";
const MEDIA_TYPE: &str = "application/xcap-diff+xml";
/// Seconds that a subscription is granted at least, and at most.
const GRANTED: (u32, u32) = (60, 86_400);

/// The documents that the tester serves in a scenario, and who watches them.
#[derive(Debug)]
pub struct Served {
    /// The documents.
    documents: Documents,
    /// Host and port at which they are served, as others are told.
    host: String,
    watches: Vec<Watch>,
}

#[derive(Debug)]
struct Watch {
    /// The comparable identities whose documents are watched.
    users: Vec<String>,
    notifier: Notifier,
}

impl Served {
    /// Documents that nobody watches yet.
    pub fn new(documents: Documents, host: String) -> Served {
        Served { documents, host, watches: Vec::new() }
    }

    /// The URL of the XCAP root.
    fn root(&self) -> String {
        format!("http://{}{ROOT}", self.host)
    }
}

/// One line of a notification.
struct Told {
    selector: String,
    before: Option<String>,
    since: Option<String>,
}

impl Ensemble {
    /// Serves a document from now on, or serves it no longer, and tells who watches.
    pub fn publish(&mut self, wish: &Wish) {
        let Some(served) = &mut self.served else { return };
        let (name, octets) = (wish.owner.document(), wish.document.clone().map(Bytes::from));
        let Some(Changed { before, since }) = served.documents.set(&Place::new(&wish.user, name), octets) else {
            return;
        };
        let told = [Told { selector: selector(&wish.user, name), before, since }];
        let body = notice(&served.root(), &told);
        let user = identity_key(&wish.user);
        for watch in served.watches.iter_mut().filter(|watch| watch.users.contains(&user)) {
            let request = watch.notifier.notify(self.signalling.now, Some((MEDIA_TYPE, body.clone())));
            let contact = format!("<{}>", self.signalling.cscf.uri());
            self.signalling.in_dialog(request.header(Name::Contact, contact), Purpose::Plain);
        }
    }

    /// The target subscribes to changes of documents; false when the request is for something else.
    pub(in crate::actors) fn watch_documents(&mut self, server: ServerId, request: &Message) -> bool {
        let is_ours = request.event().is_some_and(|event| event.value == PACKAGE);
        let Some(served) = self.served.as_mut().filter(|_| is_ours && is_server(request)) else { return false };
        let tag = self.signalling.ids.token();
        match Notifier::accept(self.signalling.now, request, &tag, GRANTED.0, GRANTED.1) {
            Err(refusal) => self.signalling.refuse(server, refusal.status),
            Ok((notifier, granted)) => {
                let contact = format!("<{}>", self.signalling.cscf.uri());
                self.signalling.answer(server, 200, &tag, |response| {
                    response.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                served.watches.push(Watch { users: users(request), notifier });
                self.tell_of_documents(None);
            }
        }
        true
    }

    /// A SUBSCRIBE inside such a subscription; false when it is in none.
    pub(in crate::actors) fn watch_documents_again(&mut self, server: ServerId, request: &Message) -> bool {
        let Some(served) = &mut self.served else { return false };
        let found = served.watches.iter().position(|watch| watch.notifier.dialog.matches(request));
        let Some((at, watch)) = found.and_then(|at| Some((at, served.watches.get_mut(at)?))) else { return false };
        match watch.notifier.resubscribe(self.signalling.now, request) {
            Err(refusal) => self.signalling.refuse(server, refusal.status),
            Ok(granted) => {
                let contact = format!("<{}>", self.signalling.cscf.uri());
                self.signalling.answer(server, 200, "", |response| {
                    response.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                self.tell_of_documents(Some(at));
            }
        }
        true
    }

    /// The first notification of a subscription, the newest if none is named: what is there (RFC 5875 section 4.7).
    fn tell_of_documents(&mut self, which: Option<usize>) {
        let Some(served) = &mut self.served else { return };
        let root = served.root();
        let at = which.unwrap_or(served.watches.len().saturating_sub(1));
        let documents = served.documents.clone();
        let Some(watch) = served.watches.get_mut(at) else { return };
        let there = watch.users.iter().flat_map(|user| {
            let own = documents.of(user).into_iter();
            own.map(|(name, tag)| Told { selector: selector(user, &name), before: None, since: Some(tag) })
        });
        let body = notice(&root, &there.collect::<Vec<_>>());
        let request: Builder = watch.notifier.notify(self.signalling.now, Some((MEDIA_TYPE, body)));
        let contact = format!("<{}>", self.signalling.cscf.uri());
        self.signalling.in_dialog(request.header(Name::Contact, contact), Purpose::Plain);
    }
}

/// Whether a request is for the server.
fn is_server(request: &Message) -> bool {
    let uri = request.request_uri().unwrap_or_default();
    matches!(Uri::parse(uri), Ok(Uri::Sip(sip)) if sip.user == Some(USER_PART) || sip.user == Some(ACTOR))
}

/// Whose documents a subscription is about: those of the list in it (RFC 5875 section 4.4), or those of the user on
/// whose behalf it is.
fn users(request: &Message) -> Vec<String> {
    let listed = request.header(&Name::ContentType).and_then(|kind| {
        let octets = multipart::find(kind, &request.body_octets(), "application/resource-lists+xml")?;
        resource_lists::List::parse(&octets).ok()
    });
    let user_in = |uri: &str| {
        let (_, after) = uri.split_once("users/")?;
        Some(identity_key(&decoded(after.split('/').next()?)?))
    };
    if let Some(list) = listed {
        return list.entries.iter().filter_map(|entry| user_in(&entry.uri)).collect();
    }
    let served = request.header(&Name::PServedUser).and_then(|value| NameAddr::parse(value).ok());
    let asserted = request.asserted_identities().filter_map(Result::ok);
    served.into_iter().chain(asserted).chain(request.from().ok()).map(|address| identity_key(address.uri)).collect()
}

/// The document of a notification. No patches: who is told reads anew.
fn notice(root: &str, told: &[Told]) -> Bytes {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xcap-diff xmlns=\"urn:ietf:params:xml:ns:xcap-diff\" xcap-root=\"{root}/\">\n"
    );
    for Told { selector, before, since } in told {
        let since = since.iter().map(|tag| format!(" new-etag=\"{tag}\"")).collect::<String>();
        let before = before.iter().map(|tag| format!(" previous-etag=\"{tag}\"")).collect::<String>();
        text.push_str(&format!("  <document{since} sel=\"{selector}\"{before}/>\n"));
    }
    text.push_str("</xcap-diff>\n");
    text.into()
}
