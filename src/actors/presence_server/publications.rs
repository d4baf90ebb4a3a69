//! What is published of users, as an event state compositor takes it (RFC 3903 section 6): each publication is known by
//! the entity tag that was given last, and lasts as long as was granted.

use super::{Conduct, PACKAGE, Presentity, is_about_presence, refuse};
use crate::actors::Ensemble;
use cpm_wire::pidf::MEDIA_TYPE;
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use std::time::Duration;

/// Seconds for which a publication is granted where none are asked for (RFC 3856 section 6.4), and at most.
const LASTS: u32 = 3600;
const AT_MOST: u32 = 86_400;
/// A refresh that was on its way in time is taken.
const GRACE: Duration = Duration::from_secs(2);

/// What is published of one user.
#[derive(Debug, Default)]
pub(super) struct Publications {
    /// The entity tags in force, and until when each is.
    tags: Vec<(String, Time)>,
    least: Option<u32>,
    most: Option<u32>,
}

/// What becomes of a PUBLISH.
enum Taken {
    /// It is granted so many seconds.
    Granted(u32),
    /// It is refused.
    Refused(u16),
}

impl Publications {
    pub(super) fn forget(&mut self) {
        self.tags.clear();
    }

    pub(super) const fn keeps(&mut self, least: Option<u32>, most: Option<u32>) {
        self.least = least;
        self.most = most;
    }

    pub(super) fn least(&self) -> u32 {
        self.least.unwrap_or_default()
    }

    /// Takes a PUBLISH, in the order of RFC 3903 section 6, under a new entity tag.
    fn take(&mut self, now: Time, request: &Message, tag: &str) -> Taken {
        self.tags.retain(|(_, until)| now < *until + GRACE);
        let before = request.header(&Name::SipIfMatch).map(str::trim);
        let known = before.and_then(|tag| self.tags.iter().position(|(own, _)| own == tag));
        if before.is_some() && known.is_none() {
            return Taken::Refused(412);
        }
        let asked = request.expires().unwrap_or(LASTS);
        if asked > 0 && asked < self.least() {
            return Taken::Refused(423);
        }
        let body = request.body_octets();
        let kind = request.content_type().and_then(Result::ok).map(|kind| kind.essence()).unwrap_or_default();
        if body.is_empty() && before.is_none() {
            return Taken::Refused(400);
        }
        if !body.is_empty() && kind != MEDIA_TYPE {
            return Taken::Refused(415);
        }
        if let Some(known) = known {
            self.tags.swap_remove(known);
        }
        let granted = asked.min(self.most.unwrap_or(AT_MOST));
        if granted > 0 {
            self.tags.push((tag.to_owned(), now + Duration::from_secs(granted.into())));
        }
        Taken::Granted(granted)
    }
}

impl Ensemble {
    /// The target publishes something; false where nobody takes it.
    pub(in crate::actors) fn publishes(&mut self, server: ServerId, request: &Message) -> bool {
        let person = self.presentity_of(request);
        let Some(presence) = &mut self.presence_server else { return false };
        let (now, signalling) = (self.signalling.now, &mut self.signalling);
        let Some(person) = person else {
            refuse(signalling, server, 404, 0);
            return true;
        };
        let Presentity { publishing, publications, .. } = presence.presentity(&person);
        let etag = signalling.ids.token();
        let taken = match publishing {
            Conduct::Silent => return true,
            Conduct::Refuses(status) => Taken::Refused(*status),
            Conduct::Takes if !is_about_presence(request) => {
                signalling.answer(server, 489, &etag, |response| response.header(Name::AllowEvents, PACKAGE));
                return true;
            }
            Conduct::Takes => publications.take(now, request, &etag),
        };
        match taken {
            Taken::Refused(status) => refuse(signalling, server, status, publications.least()),
            Taken::Granted(seconds) => {
                let tag = signalling.ids.token();
                signalling.answer(server, 200, &tag, |response| {
                    response.header(Name::SipEtag, etag).header(Name::Expires, seconds)
                });
            }
        }
        true
    }
}
