//! Offers that cannot come to a message session, and a session whose other side is asked for an offer.

use super::super::findings::{outside, warning};
use super::super::sessions::attempt::{Attempt, asked, refusal, spot};
use super::super::sessions::{Judged, harness, missing, settled, unkept};
use super::SES_05;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Change, Story};
use crate::target::statement::Statement;
use crate::target::{Refusal, RefusedCase};
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const OFFER_REFUSED: RuleEntry = RuleEntry {
    id: "media_negotiation.offer_refused",
    requirement: SES_05,
    level: Level::Shall,
    absence: true,
    ledger: &["L19", "L29"],
    stage3: false,
    what: "An offer that nobody can accept is refused: the call by a final answer, or its media with port 0.",
    source: "PF-SES-05, RFC 3264 section 6, RFC 3261 section 13.3.1.3, RFC 4975 section 8.6",
};

/// The offer of the call came to nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OfferRefused {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for OfferRefused {
    fn entry(&self) -> &'static RuleEntry {
        &OFFER_REFUSED
    }

    fn expects(&self) -> String {
        format!("the offer of \"{}\", which nobody can accept, is refused (488 or 415, or port 0)", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self));
        let warning = attempt.as_ref().ok().and_then(|attempt| self.undeclared(attempt, statement));
        settled(attempt.and_then(|attempt| self.judged(&attempt)), warning.into_iter().collect(), moment)
    }
}

impl OfferRefused {
    fn judged(&self, attempt: &Attempt<'_>) -> Judged {
        let calling = attempt.calling;
        let Some(answer) = calling.answer else {
            let observed = format!("the call in frame {} was never answered", calling.invited);
            return Err(missing(attempt.story, &OFFER_REFUSED, self.expects(), observed, calling.invited));
        };
        if !answer.is_success() {
            return Ok(Judgement::Met { checks: 1 });
        }
        let Some(described) = calling.exchanges.iter().find_map(|exchange| exchange.of(true)) else {
            let observed = format!("it was answered {} without a description", answer.status);
            return Err(unkept(&OFFER_REFUSED, self.expects(), observed, answer.frame));
        };
        let Some(line) = described.lines.iter().find(|line| !line.is_refused()) else {
            return Ok(Judgement::Met { checks: 1 });
        };
        let observed = format!("m={} was accepted with port {}", line.kind, line.port);
        if attempt.taken().next().is_some() {
            // Somebody is there who takes what the target made of the offer.
            let observed = format!("{observed}, and so was another offer on the other side");
            return Err(
                Judgement::Broken(outside(&OFFER_REFUSED, "L29", self.expects(), observed, answer.frame)).into()
            );
        }
        Err(unkept(&OFFER_REFUSED, self.expects(), observed, answer.frame))
    }

    /// Another refusal than the declared ones (L19).
    fn undeclared(&self, attempt: &Attempt<'_>, statement: &Statement) -> Option<Finding> {
        let Some(Refusal::Codes(codes)) = statement.refusal(RefusedCase::Media) else { return None };
        let answer = refusal(attempt.calling).filter(|answer| !codes.contains(&answer.status))?;
        let expected = format!("refusals: media: {codes:?}, as the statement says");
        Some(warning(&OFFER_REFUSED, "L19", expected, format!("{}", answer.status), answer.frame))
    }
}

pub(super) const OFFER_GIVEN: RuleEntry = RuleEntry {
    id: "media_negotiation.offer_given",
    requirement: SES_05,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "Who invites within a session without an offer is given one, or refused.",
    source: "PF-SES-05, RFC 3261 sections 13.2.1 and 14.2",
};

/// A side of the session that asked for an offer got one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OfferGiven {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for OfferGiven {
    fn entry(&self) -> &'static RuleEntry {
        &OFFER_GIVEN
    }

    fn expects(&self) -> String {
        format!("who asks for an offer in \"{}\" is given one", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl OfferGiven {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        attempt.stood(&OFFER_GIVEN, self.expects())?;
        let wanted = |change: &&Change| !change.by_target && change.asks && change.frame < until;
        let own = attempt.legs().filter_map(|leg| Some((leg, leg.changes.iter().rev().find(wanted)?)));
        let Some((leg, change)) = own.max_by_key(|(_, change)| change.frame) else {
            return Err(harness(format!("nobody asked for an offer in \"{}\"", self.session)));
        };
        let Some(answer) = change.answer else {
            let observed = format!("the request in frame {} was never answered", change.frame);
            return Err(missing(story, &OFFER_GIVEN, self.expects(), observed, change.frame));
        };
        // A refusal leaves all as it was; what comes after it shows that.
        let mut offers = leg.exchanges.iter().filter(|of| of.offer.by_target && of.offer.frame > change.frame);
        let usable = offers.any(|of| of.offer.message().is_some_and(|line| line.message.is_some()));
        if !answer.is_success() || usable {
            return Ok(attempt.met(&OFFER_GIVEN, statement, 1));
        }
        let observed = format!("it was answered {} without one that is usable", answer.status);
        Err(unkept(&OFFER_GIVEN, self.expects(), observed, answer.frame.max(spot(leg))))
    }
}
