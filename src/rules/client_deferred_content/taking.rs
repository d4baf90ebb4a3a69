//! Whether a client takes what is sent to it: sessions that are offered, messages in them.

use super::chat::Chat;
use super::{fail, harness};
use crate::rules::{Judgement, Moment, RuleEntry};
use crate::story::content::Kind;
use crate::story::legs::Leg;
use crate::story::{Answer, Item};
use crate::verdict::Blame;

/// What became of a session that was offered.
pub(super) enum Offer<'a> {
    /// It stands, or stood.
    Taken(&'a Leg),
    /// The network took the offer back.
    Withdrawn,
    /// The client refused it.
    Refused(&'a Leg, Answer),
    /// There is no answer yet.
    Open(&'a Leg),
}

impl<'a> Offer<'a> {
    pub fn of(leg: &'a Leg) -> Offer<'a> {
        match leg.answer {
            Some(answer) if answer.is_success() => Offer::Taken(leg),
            _ if leg.cancelled.is_some() => Offer::Withdrawn,
            Some(answer) => Offer::Refused(leg, answer),
            None => Offer::Open(leg),
        }
    }
}

impl<'a> Chat<'a> {
    /// An offer that was not answered, once nothing more will come. Who rings asks the user, and that is no silence.
    pub fn unanswered(self, entry: &RuleEntry, leg: &Leg) -> Judgement {
        if let Some(ringing) = leg.provisional {
            return Judgement::Unseen {
                why: format!("the client asks its user (frame {}), who did nothing", ringing.frame),
                blame: Blame::Configuration,
            };
        }
        let expected = format!("the invitation of the client of {} to \"{}\" is answered", self.person, self.group);
        self.missing(entry, expected, "it never was".to_owned(), leg.invited)
    }

    /// How many well-formed messages and notifications the client acknowledged; or why not all of them.
    pub fn acknowledged(self, entry: &RuleEntry, moment: Moment) -> Result<usize, Judgement> {
        self.acknowledged_of(entry, moment, self.owed())
    }

    /// The same, of these items.
    pub fn acknowledged_of(
        self,
        entry: &RuleEntry,
        moment: Moment,
        items: impl Iterator<Item = &'a Item>,
    ) -> Result<usize, Judgement> {
        let mut taken = 0;
        for item in items {
            if item.accepted() {
                taken += 1;
            } else if let Some(refusal) = item.refusal() {
                let expected = format!("{} is acknowledged", self.what(item));
                let observed = format!("the client answered {} (frame {})", refusal.status, refusal.frame);
                return Err(Judgement::Broken(fail(entry, expected, observed, refusal.frame)));
            } else if moment == Moment::Open {
                return Err(Judgement::Undecided);
            } else if self.cut_off(item) {
                continue;
            } else {
                return Err(self.unacknowledged(entry, item));
            }
        }
        Ok(taken)
    }

    fn unacknowledged(self, entry: &RuleEntry, item: &Item) -> Judgement {
        let expected = format!("{} is acknowledged", self.what(item));
        let ended = self.story.leg_of(item).and_then(|leg| leg.ended.as_ref()).filter(|ending| ending.by_target);
        let observed = match ended {
            Some(ending) => format!("the client ended the session (frame {}) and never answered", ending.frame),
            None => "the client never answered".to_owned(),
        };
        self.missing(entry, expected, observed, item)
    }

    /// What a client has to acknowledge: chat messages, notifications and empty SENDs of the types that it takes.
    pub fn owed(self) -> impl Iterator<Item = &'a Item> {
        self.sent().filter(move |item| {
            let known = matches!(item.content.kind, Kind::Chat(_) | Kind::Reports(_) | Kind::Bodiless);
            known && self.takes(item)
        })
    }

    /// Whether the tester closed the connection, or the session, before the client could answer.
    fn cut_off(self, item: &Item) -> bool {
        let closed = self.story.closing_of(item).is_some_and(|(_, by_target)| !by_target);
        let ended = self.story.leg_of(item).and_then(|leg| leg.ended.as_ref());
        closed && ended.is_none_or(|ending| !ending.by_target)
    }

    fn what(self, item: &Item) -> String {
        match item.chat_id() {
            Some(id) => self.name(id),
            None if item.content.kind == Kind::Bodiless => "an empty SEND".to_owned(),
            None if matches!(item.content.kind, Kind::Participants(_)) => "a list of participants".to_owned(),
            None => "a disposition notification".to_owned(),
        }
    }

    /// Why the client acknowledged nothing, once nothing more will come.
    pub fn nothing_taken(self, entry: &RuleEntry) -> Judgement {
        let Some(leg) = self.legs().filter(|leg| leg.established()).last() else {
            return self.no_session(entry);
        };
        let offer = format!("the session of \"{}\" (frame {})", self.group, leg.invited);
        let frame = leg.answer.map_or(leg.invited, |answer| answer.frame);
        let expected = format!("the content of \"{}\" reaches the client of {}", self.group, self.person);
        if leg.target.is_none() {
            let observed = format!("{offer} has no usable MSRP description of the client");
            return self.missing(entry, expected, observed, frame);
        }
        if let Some(untaken) = self.messages().find(|item| !self.takes(item)) {
            let why = format!("the client takes no content of the type sent, {}", untaken.content.content_type);
            return Judgement::Unseen { why, blame: Blame::Configuration };
        }
        if let Some(failed) = self.story.connection_failed() {
            let observed = format!("{offer} was accepted, its MSRP address takes no connection (frame {failed})");
            return self.missing(entry, expected, observed, failed);
        }
        if self.story.connections_made() == 0 {
            let observed = format!("{offer} was accepted, and no MSRP connection came to be");
            return self.missing(entry, expected, observed, frame);
        }
        // Whoever does not answer the first is not sent the next.
        if let Err(untaken) = self.acknowledged(entry, Moment::Closed) {
            return untaken;
        }
        if let Some(item) = self.sent().find(|item| item.answer.is_none() && self.takes(item) && !self.cut_off(item)) {
            return self.unacknowledged(entry, item);
        }
        harness(format!("nothing was sent to {} in \"{}\"", self.person, self.group))
    }

    /// The first session that the client ended by itself, when something was left for it that never could be sent.
    pub fn broken_off(self, entry: &RuleEntry) -> Option<Judgement> {
        let sent = |id: &str| self.sent().any(|item| item.chat_id() == Some(id));
        let left = self.story.cast().said_to(self.group, self.person).any(|id| !sent(id));
        self.given_up(entry).filter(|_| left)
    }

    fn no_session(self, entry: &RuleEntry) -> Judgement {
        match self.deliveries().last().map(Offer::of) {
            Some(Offer::Open(leg)) => self.unanswered(entry, leg),
            Some(Offer::Refused(leg, answer)) => self.refused(entry, leg, answer),
            _ => harness(format!("no session of \"{}\" was offered to {}", self.group, self.person)),
        }
    }

    /// A session was refused.
    pub fn refused(self, entry: &RuleEntry, leg: &Leg, answer: Answer) -> Judgement {
        let expected = format!("the client of {} takes the session of \"{}\"", self.person, self.group);
        let observed = format!("it answered {} to the invitation in frame {}", answer.status, leg.invited);
        Judgement::Broken(fail(entry, expected, observed, answer.frame))
    }

    /// The first session that the client ended although its user asked for nothing of the kind.
    pub fn given_up(self, entry: &RuleEntry) -> Option<Judgement> {
        let asked_to = |frame: u64| self.acts(&["leave", "restart", "deregister"]).any(|act| act < frame);
        let ending =
            self.legs().filter_map(|leg| leg.ended.as_ref()).find(|end| end.by_target && !asked_to(end.frame))?;
        let expected = format!("the client of {} keeps its session of \"{}\"", self.person, self.group);
        let reason = ending.reason.as_deref().map_or(String::new(), |reason| format!(", with Reason {reason}"));
        let observed = format!("it ended the session (frame {}){reason}", ending.frame);
        Some(Judgement::Broken(fail(entry, expected, observed, ending.frame)))
    }
}
