//! Publication of event state: the end that publishes (RFC 3903 section 4), sans-IO.
//!
//! [`Publisher`] keeps what is to be known and which entity-tag stands for what is published, and makes the requests; the owner adds Via,
//! sends them through its transaction layer, and tells how they were answered. A publication is no dialog: all of its
//! requests have one Call-ID, and a CSeq each.

#[cfg(test)]
mod tests;

use crate::sip::{Builder, Message, Method, Name};
use crate::time::Time;
use crate::transaction::Timers;
use bytes::Bytes;
use std::time::Duration;

/// What is published, about whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Request-URI.
    pub target: String,
    /// Routes, as they stand in a Route.
    pub routes: Vec<String>,
    /// From and To: whose state it is.
    pub identity: String,
    /// Our tag.
    pub local_tag: String,
    /// Call-ID.
    pub call_id: String,
    /// The Event.
    pub event: String,
    /// For how many seconds.
    pub expires: u32,
}

/// A document that says what the state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its media type.
    pub media_type: String,
    /// The document.
    pub body: Bytes,
}

/// What a PUBLISH is for (RFC 3903 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The whole state: an initial publication, or, where there is one, its change.
    State,
    /// The publication is to last on.
    Refresh,
    /// The publication is to end.
    Remove,
}

/// One publication at who publishes.
#[derive(Clone, Debug)]
pub struct Publisher {
    wanted: Wanted,
    /// How long before its end a publication is refreshed.
    margin: Duration,
    /// The state that is to be known; none for none.
    state: Option<Content>,
    /// Whether it is to be known for longer than one publication lasts.
    lasting: bool,
    next: Option<Step>,
    /// The request that is not finally answered: there is never another meanwhile (RFC 3903 section 4.1).
    under_way: Option<Step>,
    /// The entity-tag of the last 2xx: it stands for the publication at the compositor.
    tag: Option<String>,
    /// A longer time was asked for since the last 2xx, because the compositor wanted so.
    lengthened: bool,
    cseq: u32,
    refresh_at: Option<Time>,
    expires_at: Option<Time>,
}

impl Publisher {
    /// One who has published nothing.
    pub fn new(wanted: Wanted, timers: &Timers) -> Publisher {
        Publisher {
            wanted,
            margin: timers.transaction(),
            state: None,
            lasting: false,
            next: None,
            under_way: None,
            tag: None,
            lengthened: false,
            cseq: 0,
            refresh_at: None,
            expires_at: None,
        }
    }

    /// The state is this now. It is published anew before it runs out if it is to be `lasting`.
    pub fn publish(&mut self, content: Content, lasting: bool) {
        self.state = Some(content);
        self.lasting = lasting;
        self.next = Some(Step::State);
    }

    /// There is nothing to be known any more.
    pub fn remove(&mut self) {
        self.state = None;
        self.next = Some(Step::Remove);
    }

    /// The request that is due now, without Via; none while another is under way. Once it is given, its final answer is to be
    /// told by [`Publisher::answered`].
    pub fn poll_request(&mut self) -> Option<Builder> {
        if self.under_way.is_some() {
            return None;
        }
        let step = self.next.take().filter(|step| *step == Step::State || self.tag.is_some())?;
        self.refresh_at = None;
        self.under_way = Some(step);
        let expires = if step == Step::Remove { 0 } else { self.wanted.expires };
        let request = self.request().header(Name::Expires, expires);
        let request = self.tag.iter().fold(request, |request, tag| request.header(Name::SipIfMatch, tag));
        let content = self.state.as_ref().filter(|_| step == Step::State);
        Some(
            content
                .into_iter()
                .fold(request, |request, content| request.body(&content.media_type, content.body.clone())),
        )
    }

    /// Takes the final answer to the request that is under way; none when there was no answer.
    ///
    /// Who is refused gives up until the state is another; what has no answer may be published or not, which the answer to
    /// the next request tells.
    pub fn answered(&mut self, now: Time, response: Option<&Message>) {
        let Some(step) = self.under_way.take() else { return };
        let Some((response, status)) = response.and_then(|response| Some((response, response.status()?))) else {
            return;
        };
        match status {
            200..=299 => self.accepted(now, step, response),
            // What is published there is not what we think it is: all is to be said anew (RFC 3903 section 4.3).
            412 => {
                let was_published = self.forget();
                if was_published && self.state.is_some() {
                    self.next = Some(Step::State);
                }
            }
            423 => self.too_brief(step, response),
            _ => {}
        }
    }

    fn accepted(&mut self, now: Time, step: Step, response: &Message) {
        self.lengthened = false;
        self.forget();
        if step == Step::Remove {
            return;
        }
        // Without its tag a publication can be neither refreshed nor changed: it runs out by itself.
        let tag = response.header(&Name::SipEtag).map(str::trim).filter(|tag| !tag.is_empty());
        let Some(tag) = tag else { return };
        self.tag = Some(tag.to_owned());
        let lasts = Duration::from_secs(response.expires().unwrap_or(self.wanted.expires).into());
        self.expires_at = Some(now + lasts);
        let margin = self.margin.min(lasts / 2);
        self.refresh_at = Some(now + lasts.saturating_sub(margin)).filter(|_| self.lasting);
    }

    /// The compositor wants a longer time (RFC 3903 section 4.1, RFC 3261 section 21.4.17): so be it, once.
    fn too_brief(&mut self, step: Step, response: &Message) {
        let least = response.header(&Name::MinExpires).and_then(|least| least.trim().parse().ok());
        let longer = least.filter(|least| *least > self.wanted.expires && !self.lengthened);
        if let Some(longer) = longer {
            self.wanted.expires = longer;
            self.lengthened = true;
            self.next.get_or_insert(step);
        }
    }

    /// True when there is nothing published that we know of, and nothing to be done.
    pub fn is_idle(&self) -> bool {
        self.tag.is_none() && self.next.is_none() && self.under_way.is_none()
    }

    /// When [`Publisher::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.refresh_at.into_iter().chain(self.expires_at).min()
    }

    /// The clock has moved on: [`Publisher::poll_request`] may have something.
    pub fn handle_timeout(&mut self, now: Time) {
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if due(self.expires_at) {
            self.forget();
        } else if due(self.refresh_at) {
            self.refresh_at = None;
            self.next.get_or_insert(Step::Refresh);
        }
    }

    /// Nothing is known to be published any more. True when something was.
    fn forget(&mut self) -> bool {
        self.refresh_at = None;
        self.expires_at = None;
        self.tag.take().is_some()
    }

    fn request(&mut self) -> Builder {
        self.cseq += 1;
        let wanted = &self.wanted;
        let request = Builder::request(Method::Publish, &wanted.target).header(Name::MaxForwards, 70);
        wanted
            .routes
            .iter()
            .fold(request, |request, route| request.header(Name::Route, route))
            .header(Name::From, format!("<{}>;tag={}", wanted.identity, wanted.local_tag))
            .header(Name::To, format!("<{}>", wanted.identity))
            .header(Name::CallId, &wanted.call_id)
            .header(Name::CSeq, format!("{} PUBLISH", self.cseq))
            .header(Name::Event, &wanted.event)
    }
}
