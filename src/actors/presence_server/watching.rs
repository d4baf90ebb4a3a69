//! Who watches a user, and what is told of the user (RFC 3856 section 6, RFC 6665 section 4.2).

use super::document::Shown;
use super::{Conduct, PresenceServer, is_about_presence, refuse};
use crate::actors::Ensemble;
use crate::actors::signalling::{Purpose, Signalling};
use bytes::Bytes;
use cpm_wire::pidf::MEDIA_TYPE;
use cpm_wire::sip::{Message, Name};
use cpm_wire::subscription::Notifier;
use cpm_wire::transaction::ServerId;

/// Seconds that a subscription is granted at least, and at most.
const GRANTED: (u32, u32) = (60, 86_400);

/// A subscription to a user.
#[derive(Debug)]
pub(super) struct Watch {
    number: u64,
    /// The public identity that was subscribed to.
    entity: String,
    notifier: Notifier,
    /// What was told last.
    told: Option<Shown>,
}

impl Watch {
    /// Tells this, and what the user is told to be if the watcher is to take it for granted.
    fn tell(&mut self, signalling: &mut Signalling, person: &str, told: Option<Shown>, body: Bytes) {
        self.told = told;
        let request = self.notifier.notify(signalling.now, Some((MEDIA_TYPE, body)));
        let request = request.header(Name::Contact, format!("<{}>", signalling.cscf.uri()));
        let purpose = Purpose::Presence { person: person.to_owned(), watch: self.number };
        signalling.in_dialog(request, purpose);
    }

    fn shows(&mut self, signalling: &mut Signalling, person: &str, shown: Shown) {
        let body = shown.document(&self.entity);
        self.tell(signalling, person, Some(shown), body);
    }
}

impl Ensemble {
    /// From now on this is shown of a person; false where there is no presence server.
    pub fn is_shown(&mut self, person: &str, shown: Shown) -> bool {
        let Some(presence) = &mut self.presence_server else { return false };
        presence.presentity(person).shown = Some(shown);
        self.tell_presence(person);
        true
    }

    /// Tells who watches a person something that is no such document; false where nobody does.
    pub fn tells_rubbish(&mut self, person: &str, rubbish: Bytes, why: &str) -> bool {
        let Some(presence) = &mut self.presence_server else { return false };
        let watches = &mut presence.presentity(person).watches;
        self.signalling.declare_malformed(rubbish.clone(), why);
        watches.iter_mut().for_each(|watch| watch.tell(&mut self.signalling, person, watch.told, rubbish.clone()));
        !watches.is_empty()
    }

    /// Tells everybody who watches a person what is to be shown, if it is not what was told last.
    pub(in crate::actors) fn tell_presence(&mut self, person: &str) {
        let registered = self.is_registered(person);
        let Some(presence) = &mut self.presence_server else { return };
        let presentity = presence.presentity(person);
        let shown = shown(presentity.shown, registered);
        for watch in presentity.watches.iter_mut().filter(|watch| watch.told != Some(shown)) {
            watch.shows(&mut self.signalling, person, shown);
        }
    }

    /// The target wants to watch a user; false when the request is for something else, or there is no presence server.
    pub(in crate::actors) fn watch_presence(&mut self, server: ServerId, request: &Message) -> bool {
        let person = self.presentity_of(request);
        let Some(presence) = self.presence_server.as_mut().filter(|_| is_about_presence(request)) else { return false };
        let signalling = &mut self.signalling;
        let Some(person) = person else {
            refuse(signalling, server, 404, 0);
            return true;
        };
        match presence.presentity(&person).watching {
            Conduct::Silent => return true,
            Conduct::Refuses(status) => refuse(signalling, server, status, 0),
            Conduct::Takes => self.accept_watcher(server, request, &person),
        }
        true
    }

    fn accept_watcher(&mut self, server: ServerId, request: &Message, person: &str) {
        let registered = self.is_registered(person);
        let Some(presence) = &mut self.presence_server else { return };
        let signalling = &mut self.signalling;
        let tag = signalling.ids.token();
        match Notifier::accept(signalling.now, request, &tag, GRANTED.0, GRANTED.1) {
            Err(refusal) => refuse(signalling, server, refusal.status, GRANTED.0),
            Ok((notifier, granted)) => {
                let contact = format!("<{}>", signalling.cscf.uri());
                signalling.answer(server, 200, &tag, |response| {
                    response.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                presence.watches += 1;
                let number = presence.watches;
                let entity = request.request_uri().unwrap_or_default().to_owned();
                let presentity = presence.presentity(person);
                let mut watch = Watch { number, entity, notifier, told: None };
                watch.shows(signalling, person, shown(presentity.shown, registered));
                presentity.watches.push(watch);
                presentity.watches.retain(|watch| !watch.notifier.is_over(signalling.now));
            }
        }
    }

    /// A SUBSCRIBE inside such a subscription; false when it is in none.
    pub(in crate::actors) fn watch_presence_again(&mut self, server: ServerId, request: &Message) -> bool {
        let Some((person, number)) = self.presence_server.as_ref().and_then(|presence| presence.watch_of(request))
        else {
            return false;
        };
        let registered = self.is_registered(&person);
        let Some(presence) = &mut self.presence_server else { return false };
        let signalling = &mut self.signalling;
        let presentity = presence.presentity(&person);
        let shown = shown(presentity.shown, registered);
        let Some(watch) = presentity.watches.iter_mut().find(|watch| watch.number == number) else { return false };
        match watch.notifier.resubscribe(signalling.now, request) {
            Err(refusal) => refuse(signalling, server, refusal.status, GRANTED.0),
            Ok(granted) => {
                let contact = format!("<{}>", signalling.cscf.uri());
                signalling.answer(server, 200, "", |response| {
                    response.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                watch.shows(signalling, &person, shown);
            }
        }
        presentity.watches.retain(|watch| !watch.notifier.is_over(signalling.now));
        true
    }

    /// What became of a notification: who does not take it watches no longer (RFC 6665 section 4.2.2).
    pub(in crate::actors) fn told_presence(&mut self, person: &str, number: u64, answer: Option<&Message>) {
        let Some(presence) = &mut self.presence_server else { return };
        let watches = &mut presence.presentity(person).watches;
        watches.retain_mut(|watch| watch.number != number || watch.notifier.answered(answer));
    }
}

impl PresenceServer {
    /// Whose subscription a request is in, and which.
    fn watch_of(&self, request: &Message) -> Option<(String, u64)> {
        self.people.iter().find_map(|(person, presentity)| {
            let watch = presentity.watches.iter().find(|watch| watch.notifier.dialog.matches(request))?;
            Some((person.clone(), watch.number))
        })
    }
}

/// What is shown of a user of whom a scenario says this.
const fn shown(told: Option<Shown>, registered: bool) -> Shown {
    match (told, registered) {
        (Some(told), _) => told,
        (None, true) => Shown::Open,
        (None, false) => Shown::Nothing,
    }
}
