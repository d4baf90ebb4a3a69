//! Subscriptions that were seen to begin, and what is notified within them (RFC 6665, RFC 3515). Of one whose beginning
//! was not seen nothing is said. Bounded.

use super::bounded::Bounded;
use super::digest::digest;
use super::grammar::is_token;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, Side, must, shown};
use super::sip::names::Name;
use super::sip::presence::seconds;
use super::sip::view::View;

static UNASKED: BaseRule = must(
    "base.sip.notify_unasked",
    "RFC 6665 sections 4.1.3 and 4.2.1.1",
    "No NOTIFY follows a SUBSCRIBE or REFER that was refused.",
);
static EVENT: BaseRule = must(
    "base.sip.notify_event",
    "RFC 6665 sections 4.4.1 and 8.2.1",
    "A NOTIFY names the event package that was subscribed to.",
);
static ENDED: BaseRule = must(
    "base.sip.notify_after_end",
    "RFC 6665 section 4.4.1",
    "A NOTIFY that says terminated is the last one of its subscription.",
);
static ENTITY_TAG: BaseRule = must(
    "base.sip.entity_tag",
    "RFC 3903 section 4.1",
    "SIP-If-Match has the entity tag of the last 2xx to a PUBLISH of its call.",
);
static PUBLICATION: BaseRule = must(
    "base.sip.publication_body",
    "RFC 3903 sections 4.1 and 4.2",
    "A PUBLISH that builds on none before it, and asks to last, has a body.",
);

pub(super) static RULES: &[&BaseRule] = &[&UNASKED, &EVENT, &ENDED, &ENTITY_TAG, &PUBLICATION];

/// At most so many packages are subscribed to in one dialog.
const PACKAGES: usize = 8;

/// Subscriptions of one subscriber under one Call-ID and tag.
#[derive(Debug, Default)]
struct Subscription {
    /// The event packages that were asked for, without parameters, in small letters.
    events: Vec<String>,
    /// The last request was not refused.
    alive: bool,
    /// One was accepted, or a NOTIFY came before its answer.
    accepted: bool,
    /// It was seen from its very beginning, and no other shares its dialog.
    whole: bool,
    /// The dialogs, by the tag of the notifier, and packages that have ended.
    ended: Vec<(String, String)>,
}

/// Who subscribed, and a digest of Call-ID and the tag of the subscriber.
type Key = (Side, u64);

/// Subscriptions and publications.
#[derive(Debug)]
pub(super) struct Subscriptions {
    seen: Bounded<Key, Subscription>,
    /// The last entity tag given, by who publishes and Call-ID.
    tags: Bounded<(Side, String), String>,
}

impl Subscriptions {
    pub fn new() -> Subscriptions {
        Subscriptions { seen: Bounded::new(1024), tags: Bounded::new(1024) }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.seen.halve();
        self.tags.halve();
    }

    /// Takes a request in that was not seen before.
    pub fn request(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>) {
        match view.method() {
            "SUBSCRIBE" | "REFER" => self.begins(sheet.side, view),
            "NOTIFY" => self.notified(sheet, view),
            "PUBLISH" => self.published(sheet, view),
            _ => {}
        }
    }

    fn begins(&mut self, side: Side, view: &View<'_>) {
        let key = (side, digest((view.call_id(), view.tag_from())));
        let event = if view.method() == "REFER" { "refer".to_owned() } else { package(view) };
        let whole = view.tag_to().is_none();
        let new = || Subscription { whole, ..Subscription::default() };
        let Some(subscription) = self.seen.entry(key, new) else { return };
        subscription.alive = true;
        subscription.ended.retain(|(_, ended)| *ended != event);
        if subscription.events.len() < PACKAGES && !subscription.events.contains(&event) {
            subscription.events.push(event);
        }
    }

    fn notified(&mut self, sheet: &mut Sheet<'_>, view: &View<'_>) {
        let key = (sheet.side.other(), digest((view.call_id(), view.tag_to())));
        let Some(subscription) = self.seen.get_mut(&key).filter(|seen| seen.events.len() < PACKAGES) else { return };
        let span = view.line(Name::Event).map(Piece::span);
        let (event, notifier) = (package(view), text(view.tag_from()));
        let ended = (notifier, event);
        if !subscription.alive {
            sheet.find(&UNASKED, span, "no NOTIFY after the refusal", shown(&ended.1));
        } else if subscription.whole && is_token(&ended.1) && !subscription.events.contains(&ended.1) {
            sheet.find(&EVENT, span, shown(&subscription.events.join(", ")), shown(&ended.1));
        } else if subscription.ended.contains(&ended) {
            let state = view.line(Name::SubscriptionState).map(Piece::span);
            sheet.find(&ENDED, state, "nothing after the end of the subscription", shown(&ended.1));
        }
        let state = view.line(Name::SubscriptionState).map_or("", |state| state.text);
        subscription.accepted = true;
        let terminated = state.split(';').next().is_some_and(|head| head.trim().eq_ignore_ascii_case("terminated"));
        if terminated && subscription.ended.len() < PACKAGES && !subscription.ended.contains(&ended) {
            subscription.ended.push(ended);
        }
    }

    fn published(&self, sheet: &mut Sheet<'_>, view: &View<'_>) {
        let before = view.line(Name::SipIfMatch);
        if before.is_none() && view.body.is_empty() && seconds(view, Name::Expires) != Some(0) {
            sheet.find(&PUBLICATION, None, "a body", "neither SIP-If-Match nor a body");
        }
        let (Some(value), Some(call_id)) = (before, view.call_id()) else { return };
        let last = self.tags.get(&(sheet.side, call_id.to_owned()));
        if let Some(last) = last.filter(|last| *last != value.text) {
            sheet.find(&ENTITY_TAG, Some(value.span()), shown(last), shown(value.text));
        }
    }

    /// Takes a final response in.
    pub fn response(&mut self, sheet: &Sheet<'_>, view: &View<'_>) {
        match view.method() {
            "SUBSCRIBE" | "REFER" => {
                let key = (sheet.side.other(), digest((view.call_id(), view.tag_from())));
                let Some(seen) = self.seen.get_mut(&key) else { return };
                // A refresh that is refused ends nothing, and neither does a second package.
                seen.alive = !view.is_refusal() || seen.accepted || seen.events.len() > 1;
                seen.accepted |= view.is_success();
            }
            "PUBLISH" if view.is_success() => {
                if let (Some(tag), Some(call_id)) = (view.line(Name::SipEtag), view.call_id()) {
                    self.tags.insert((sheet.side.other(), call_id.to_owned()), tag.text.to_owned());
                }
            }
            _ => {}
        }
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// The event package, without its parameters.
fn package(view: &View<'_>) -> String {
    let event = view.line(Name::Event).map_or("", |event| event.text);
    event.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
