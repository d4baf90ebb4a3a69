//! Offer and answer come to media that flow.

use super::super::sessions::attempt::{Attempt, asked, items_of, spot};
use super::super::sessions::{Judged, Unmet, missing, settled, unkept};
use super::{SES_05, agreed};
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::descriptions::{Exchange, Line};
use crate::story::legs::{End, Leg};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use cpm_wire::offer_answer::{self, Role, Side};
use cpm_wire::sdp::MsrpMedia;
use serde::{Deserialize, Serialize};

pub(super) const AGREED: RuleEntry = RuleEntry {
    id: "media_negotiation.agreed",
    requirement: SES_05,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "Offer and answer on both sides come to one message session: one end connects, every path is of one session alone, \
           messages flow.",
    source: "PF-SES-05, RFC 4975 sections 5.4 and 8, RFC 6135, RFC 3264",
};

/// What was agreed of the message session is usable on both sides.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MediaAgreed {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for MediaAgreed {
    fn entry(&self) -> &'static RuleEntry {
        &AGREED
    }

    fn expects(&self) -> String {
        format!("the media of \"{}\" are agreed rightly on both sides, and flow", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

/// What the tester's end and the target described of a leg's message session.
struct Agreement<'a> {
    leg: &'a Leg,
    own: &'a MsrpMedia,
    target: &'a MsrpMedia,
    /// The target's line, and where it stands.
    line: &'a Line,
    frame: u64,
    own_line: &'a Line,
    offered_by_target: bool,
}

impl<'a> Agreement<'a> {
    fn of(leg: &'a Leg) -> Option<Agreement<'a>> {
        let exchange: &Exchange = agreed(leg)?;
        let (own, target) = (exchange.of(false)?, exchange.of(true)?);
        let (own_line, line) = (own.message()?, target.message().filter(|line| !line.is_refused())?);
        let (own, media) = (own_line.message.as_ref()?, line.message.as_ref()?);
        let offered_by_target = exchange.offer.by_target;
        Some(Agreement { leg, own, target: media, line, frame: target.frame, own_line, offered_by_target })
    }

    /// Whether the tester's end opens the connection.
    fn connects(&self) -> bool {
        let (offer, answer, we_are) = match self.offered_by_target {
            true => (self.target, self.own, Side::Answerer),
            false => (self.own, self.target, Side::Offerer),
        };
        offer_answer::role(offer, answer, we_are) == Role::Connect
    }
}

impl MediaAgreed {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let far = attempt.stood(&AGREED, self.expects())?;
        let near = self.agreement(story, attempt.calling)?;
        let far = self.agreement(story, far)?;
        for side in [&near, &far] {
            self.of_one_session(story, side)?;
            if !items_of(story, side.leg).any(Item::accepted) {
                let observed = format!("nothing was taken in the session of {}", side.leg.call_id);
                return Err(missing(story, &AGREED, self.expects(), observed, spot(side.leg)));
            }
        }
        self.one_end_connects(&near, &far)?;
        Ok(attempt.met(&AGREED, statement, 5))
    }

    fn agreement<'a>(&self, story: &Story, leg: &'a Leg) -> Result<Agreement<'a>, Unmet> {
        let where_to = match leg.end {
            End::Device => "device's",
            End::Network | End::Interworking | End::Client => "network's",
        };
        let unusable = || {
            let observed = format!("no message session was agreed on the {where_to} side");
            missing(story, &AGREED, self.expects(), observed, spot(leg))
        };
        Agreement::of(leg).ok_or_else(unusable)
    }

    /// A path that the target gives in one session it gives in no other, unless it is the far end's and merely passes.
    fn of_one_session(&self, story: &Story, side: &Agreement<'_>) -> Result<(), Unmet> {
        let Some(path) = side.line.path() else { return Ok(()) };
        let described = |leg: &Leg, by_target: bool| {
            let lines = leg.exchanges.iter().filter_map(|exchange| exchange.of(by_target)?.message()?.path());
            lines.into_iter().any(|other| other == path)
        };
        if story.legs().iter().any(|leg| described(leg, false)) {
            return Ok(());
        }
        // Ends of one session to which a call was forked share what they were offered.
        let same = |leg: &&Leg| leg.group == side.leg.group && leg.end == side.leg.end;
        let others = story.legs().iter().filter(|leg| leg.established() && !leg.merged && !leg.echoed && !same(leg));
        let Some(other) = others.into_iter().find(|leg| described(leg, true)) else { return Ok(()) };
        let expected = "a path of the target belongs to one session alone".to_owned();
        let observed = format!("{path} is also that of the session begun in frame {}", other.invited);
        Err(unkept(&AGREED, expected, observed, side.frame))
    }

    /// Where media go past the target, the roles that it passed on have to fit end to end.
    fn one_end_connects(&self, near: &Agreement<'_>, far: &Agreement<'_>) -> Result<(), Unmet> {
        let past = near.line.path() == far.own_line.path() && far.line.path() == near.own_line.path();
        if !past || near.connects() != far.connects() {
            return Ok(());
        }
        let who = if near.connects() { "both ends are" } else { "neither end is" };
        let expected = "one of the two ends is to open the connection".to_owned();
        Err(unkept(&AGREED, expected, format!("{who} to open it"), far.frame))
    }
}
