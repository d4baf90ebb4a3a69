//! The subscriber: RFC 6665 section 4.1.

use super::{Reason, Refusal, SubscriptionState, ends_subscription, same_event};
use crate::dialog::Dialog;
use crate::sip::{Builder, Message, Method, Name};
use crate::time::Time;
use crate::transaction::Timers;
use bytes::Bytes;
use std::time::Duration;

/// What a subscriber wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Request-URI of the first SUBSCRIBE.
    pub target: String,
    /// Routes of the first SUBSCRIBE, as they stand in a Route.
    pub routes: Vec<String>,
    /// From.
    pub local_uri: String,
    /// To.
    pub remote_uri: String,
    /// Our tag.
    pub local_tag: String,
    /// Call-ID.
    pub call_id: String,
    /// The Event, with an id if it shall have one.
    pub event: String,
    /// For how many seconds; 0 fetches the state once.
    pub expires: u32,
}

/// One subscription at its subscriber.
#[derive(Clone, Debug)]
pub struct Subscriber {
    wanted: Wanted,
    dialog: Option<Dialog>,
    state: Option<SubscriptionState>,
    timer_n: Duration,
    /// The last SUBSCRIBE, without Via and Contact: a NOTIFY is read against it.
    sent: Option<Message>,
    /// The seconds that the last SUBSCRIBE asked for.
    asked: u32,
    cseq: u32,
    /// A NOTIFY since the last SUBSCRIBE has told the duration.
    told: bool,
    notify_by: Option<Time>,
    refresh_at: Option<Time>,
    expires_at: Option<Time>,
}

/// What a NOTIFY said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notified {
    /// The state of the subscription.
    pub state: SubscriptionState,
    /// How many seconds remain.
    pub expires: Option<u32>,
    /// Why it was terminated.
    pub reason: Option<Reason>,
    /// After how many seconds another subscription is welcome.
    pub retry_after: Option<u32>,
    /// The type of the body.
    pub content_type: Option<String>,
    /// The state of the resource.
    pub body: Bytes,
}

/// What the owner of a subscriber has to do or know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriberEvent {
    /// A SUBSCRIBE is due: to refresh, or once more because the notifier wants a longer duration (423).
    Subscribe,
    /// The SUBSCRIBE was refused: there is no subscription any more.
    Refused {
        /// With what.
        status: u16,
    },
    /// No NOTIFY came within 64*T1 of the SUBSCRIBE (timer N): there is no subscription any more.
    Unnotified,
    /// It was not refreshed in time.
    Expired,
}

impl Subscriber {
    /// A subscriber that has not subscribed yet.
    pub fn new(wanted: Wanted, timers: &Timers) -> Subscriber {
        let asked = wanted.expires;
        Subscriber {
            wanted,
            dialog: None,
            state: None,
            timer_n: timers.transaction(),
            sent: None,
            asked,
            cseq: 0,
            told: false,
            notify_by: None,
            refresh_at: None,
            expires_at: None,
        }
    }

    /// A SUBSCRIBE: the first, or one that refreshes. Via, Contact and Accept are the caller's to add.
    pub fn subscribe(&mut self, now: Time) -> Builder {
        self.asked = self.wanted.expires;
        self.build(now)
    }

    /// A SUBSCRIBE that ends the subscription (RFC 6665 section 4.1.2.3); the last NOTIFY follows it.
    pub fn unsubscribe(&mut self, now: Time) -> Builder {
        self.asked = 0;
        self.build(now)
    }

    /// The dialog, once a NOTIFY has made it.
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    /// The state that the last NOTIFY told, or terminated; nothing before the first.
    pub fn state(&self) -> Option<SubscriptionState> {
        self.state
    }

    /// Takes the final response to a SUBSCRIBE (RFC 6665 sections 4.1.2.1 and 4.1.2.2).
    pub fn response(&mut self, now: Time, response: &Message) -> Option<SubscriberEvent> {
        let status = response.status().filter(|status| *status >= 200)?;
        match status {
            200..=299 => {
                if let Some(dialog) = &mut self.dialog {
                    dialog.refresh(response);
                }
                // A NOTIFY that overtook the response has told the duration, or the end, already.
                if !self.told && self.state != Some(SubscriptionState::Terminated) {
                    self.last_for(now, response.expires().unwrap_or(self.asked));
                }
                None
            }
            423 if self.asked > 0 => {
                let least = response.header(&Name::MinExpires).and_then(|least| least.trim().parse().ok());
                match least {
                    Some(least) if least > self.wanted.expires => {
                        self.wanted.expires = least;
                        self.notify_by = None;
                        Some(SubscriberEvent::Subscribe)
                    }
                    _ => self.refused(status),
                }
            }
            _ => self.refused(status),
        }
    }

    /// Takes a NOTIFY (RFC 6665 section 4.1.3). The first makes the dialog, even before the 2xx; one of another fork is
    /// refused, as section 4.4.1 allows.
    pub fn notified(&mut self, now: Time, notify: &Message) -> Result<Notified, Refusal> {
        let sent = self.sent.as_ref().ok_or(Refusal::new(481))?;
        let ours = notify.call_id() == Some(&self.wanted.call_id) && notify.to_tag() == Some(&self.wanted.local_tag);
        if !ours || self.state == Some(SubscriptionState::Terminated) || !same_event(&self.wanted.event, notify) {
            return Err(Refusal::new(481));
        }
        let said = read(notify)?;
        match &mut self.dialog {
            Some(dialog) if dialog.matches(notify) => dialog.receive(notify)?,
            Some(_) => return Err(Refusal::new(481)),
            None => self.dialog = Some(Dialog::by_notify(sent, notify)?),
        }
        self.notify_by = None;
        self.state = Some(said.state);
        match (said.state, said.expires) {
            (SubscriptionState::Terminated, _) => self.end(),
            (_, Some(expires)) => {
                self.told = true;
                self.last_for(now, expires);
            }
            (_, None) => {}
        }
        Ok(said)
    }

    /// When [`Subscriber::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        [self.notify_by, self.refresh_at, self.expires_at].into_iter().flatten().min()
    }

    /// Gives what is due; to be called until there is nothing.
    pub fn handle_timeout(&mut self, now: Time) -> Option<SubscriberEvent> {
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if due(self.notify_by) {
            self.end();
            return Some(SubscriberEvent::Unnotified);
        }
        if due(self.expires_at) {
            self.end();
            return Some(SubscriberEvent::Expired);
        }
        if due(self.refresh_at) {
            self.refresh_at = None;
            return Some(SubscriberEvent::Subscribe);
        }
        None
    }

    fn build(&mut self, now: Time) -> Builder {
        self.notify_by = Some(now + self.timer_n);
        self.refresh_at = None;
        self.told = false;
        let builder = match &mut self.dialog {
            Some(dialog) => dialog.request(Method::Subscribe),
            None => self.first(),
        };
        let builder = builder.header(Name::Event, &self.wanted.event).header(Name::Expires, self.asked);
        self.sent = Some(builder.clone().build());
        builder
    }

    fn first(&mut self) -> Builder {
        self.cseq += 1;
        let wanted = &self.wanted;
        let builder = Builder::request(Method::Subscribe, &wanted.target).header(Name::MaxForwards, 70);
        wanted
            .routes
            .iter()
            .fold(builder, |builder, route| builder.header(Name::Route, route))
            .header(Name::From, format!("<{}>;tag={}", wanted.local_uri, wanted.local_tag))
            .header(Name::To, format!("<{}>", wanted.remote_uri))
            .header(Name::CallId, &wanted.call_id)
            .header(Name::CSeq, format!("{} SUBSCRIBE", self.cseq))
    }

    /// The subscription lasts for so many seconds from now. It is refreshed early enough for the SUBSCRIBE to be
    /// retransmitted to the end, or at half of a short duration.
    fn last_for(&mut self, now: Time, expires: u32) {
        let lasts = Duration::from_secs(expires.into());
        self.expires_at = Some(now + lasts);
        let margin = self.timer_n.min(lasts / 2);
        self.refresh_at = (self.asked > 0).then(|| now + lasts.saturating_sub(margin));
    }

    fn refused(&mut self, status: u16) -> Option<SubscriberEvent> {
        if self.dialog.is_some() && !ends_subscription(status) {
            // Still in force until it expires (RFC 6665 section 4.1.2.2).
            self.notify_by = None;
            return None;
        }
        self.end();
        Some(SubscriberEvent::Refused { status })
    }

    fn end(&mut self) {
        self.state = Some(SubscriptionState::Terminated);
        self.notify_by = None;
        self.refresh_at = None;
        self.expires_at = None;
    }
}

/// What a NOTIFY says; without a Subscription-State that can be understood it is 400.
fn read(notify: &Message) -> Result<Notified, Refusal> {
    let told = notify.subscription_state().ok_or(Refusal::new(400))?;
    let state = match told.value.to_ascii_lowercase().as_str() {
        "terminated" => SubscriptionState::Terminated,
        "pending" => SubscriptionState::Pending,
        // An unknown word is a state that has not ended: extensions are allowed (RFC 6665 section 8.4).
        "" => return Err(Refusal::new(400)),
        _ => SubscriptionState::Active,
    };
    let number = |name: &str| told.params.token(name).and_then(|value| value.parse().ok());
    Ok(Notified {
        state,
        expires: number("expires"),
        reason: told.params.token("reason").map(Reason::from),
        retry_after: number("retry-after"),
        content_type: notify.header(&Name::ContentType).map(str::to_owned),
        body: notify.body_octets(),
    })
}
