//! An offer of several media is answered medium by medium.

use super::super::findings::warning;
use super::super::sessions::attempt::{Attempt, asked, refusal};
use super::super::sessions::{Unmet, harness, missing, settled, unkept};
use super::{SES_05, begun};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::descriptions::{Description, Exchange, Line};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const LINES_ANSWERED: RuleEntry = RuleEntry {
    id: "media_negotiation.lines_answered",
    requirement: SES_05,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "Of an offer of several media each is passed on or refused by itself, and both ends learn the same of it.",
    source: "PF-SES-05, RFC 3264 sections 5.1 and 6",
};

/// Each medium beside the message session is passed on, or refused with port 0.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LinesAnswered {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for LinesAnswered {
    fn entry(&self) -> &'static RuleEntry {
        &LINES_ANSWERED
    }

    fn expects(&self) -> String {
        format!("each medium of \"{}\" is passed on or refused, and the rest is usable", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match self.judged(story, statement) {
            Ok((checks, warnings)) => settled(Ok(Judgement::Met { checks }), warnings, moment),
            Err(unmet) => settled(Err(unmet), Vec::new(), moment),
        }
    }
}

/// One medium beside the message session, on both sides.
struct Beside<'a> {
    /// As the caller offered it, and as the target answered.
    offered: &'a Line,
    answered: &'a Line,
    /// As the target passed it on, if it did, and as the other end answered that.
    onward: Option<(&'a Line, &'a Line)>,
    /// Where it was answered to the caller.
    frame: u64,
}

impl<'a> Beside<'a> {
    fn all(near: &'a Exchange, far: &'a Exchange) -> Vec<Beside<'a>> {
        let (Some(answer), Some(there)) = (&near.answer, &far.answer) else { return Vec::new() };
        let pairs = near.offer.lines.iter().zip(&answer.lines);
        let media = pairs.enumerate().filter(|(at, (offered, _))| is_beside(&near.offer, *at) && !offered.is_refused());
        let of = |at: usize, (offered, answered): (&'a Line, &'a Line)| {
            // The same medium beyond the wall: as many of its like stand before it.
            let before = near.offer.lines.iter().take(at).filter(|line| line.is_like(offered)).count();
            let mut like = far.offer.lines.iter().zip(&there.lines).filter(|(line, _)| line.is_like(offered));
            let onward = like.nth(before).filter(|(line, _)| !line.is_refused());
            Beside { offered, answered, onward, frame: answer.frame }
        };
        media.map(|(at, pair)| of(at, pair)).collect()
    }

    /// Whether the other end took it.
    fn taken(&self) -> bool {
        self.onward.is_some_and(|(_, there)| !there.is_refused())
    }

    /// What the ends were told of each other where the medium goes past the target: each is given the other's own address.
    fn past(&self) -> Vec<(&'a Line, &'a Line)> {
        let Some((line, there)) = self.onward.filter(|_| self.taken()) else { return Vec::new() };
        let same = |(told, came): &(&Line, &Line)| told.port == came.port && told.address == came.address;
        [(self.offered, line), (there, self.answered)].into_iter().filter(same).collect()
    }

    /// What a statement calls it: the key, and the answer that claims it. Of several message sessions it says nothing.
    fn claim(&self) -> Option<(&'static str, &'static str)> {
        let line = self.offered;
        match line.kind.as_str() {
            _ if line.protocol.contains("BFCP") => Some(("media_control", "bfcp")),
            _ if line.formats.split(' ').any(|format| format == "TBCP") => Some(("media_control", "talk_burst")),
            _ if line.is_message() => line.floor.then_some(("media_control", "msrp_floor")),
            _ => Some(("continuous_media", "true")),
        }
    }
}

/// Whether a line of an offer is another one than its message session.
fn is_beside(offer: &Description, at: usize) -> bool {
    offer.lines.iter().position(Line::is_message) != Some(at)
}

impl LinesAnswered {
    fn judged(&self, story: &Story, statement: &Statement) -> Result<(usize, Vec<Finding>), Unmet> {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        if refused_as_odd(&attempt) {
            return Ok((1, Vec::new()));
        }
        let far = attempt.stood(&LINES_ANSWERED, self.expects())?;
        let Some((near, far)) = begun(&attempt, far) else {
            let observed = "no media were agreed".to_owned();
            return Err(missing(story, &LINES_ANSWERED, self.expects(), observed, attempt.calling.invited));
        };
        self.line_by_line(near)?;
        let media = Beside::all(near, far);
        if media.is_empty() {
            return Err(harness(format!("\"{}\" was offered nothing beside its messages", self.session)));
        }
        for medium in &media {
            self.same_on_both_sides(medium, statement)?;
            self.kept_where_it_passes(medium)?;
        }
        let warnings = media.iter().filter_map(|medium| undeclared(medium, statement)).collect();
        Ok((media.len(), warnings))
    }

    /// An answer has as many lines as its offer.
    fn line_by_line(&self, near: &Exchange) -> Result<(), Unmet> {
        let Some(answer) = near.answer.as_ref().filter(|answer| answer.by_target) else { return Ok(()) };
        let (offered, answered) = (near.offer.lines.len(), answer.lines.len());
        if offered == answered {
            return Ok(());
        }
        let observed = format!("an offer of {offered} media was answered with {answered}");
        Err(unkept(&LINES_ANSWERED, self.expects(), observed, answer.frame))
    }

    fn same_on_both_sides(&self, medium: &Beside<'_>, statement: &Statement) -> Result<(), Unmet> {
        let accepted = !medium.answered.is_refused();
        // A function may be the floor control server itself, where it claims to serve that protocol.
        let serves = |(key, word): (&str, &str)| key == "media_control" && statement.has(key, word);
        let own_server = medium.onward.is_none() && medium.claim().is_some_and(serves);
        if accepted == medium.taken() || accepted && own_server {
            return Ok(());
        }
        let kind = &medium.offered.kind;
        let observed = match accepted {
            true => format!("m={kind} was accepted, and nobody on the other side had accepted it"),
            false => format!("m={kind} was refused, after the other side had accepted it"),
        };
        Err(unkept(&LINES_ANSWERED, self.expects(), observed, medium.frame))
    }

    /// A medium that goes past the target is of the two ends alone: formats, and the certificate that secures it.
    fn kept_where_it_passes(&self, medium: &Beside<'_>) -> Result<(), Unmet> {
        for (told, came) in medium.past() {
            if told.fingerprint != came.fingerprint {
                let shown = |line: &Line| line.fingerprint.clone().unwrap_or_else(|| "none".to_owned());
                let expected = format!("the fingerprint {} of m={}", shown(told), told.kind);
                return Err(unkept(&LINES_ANSWERED, expected, shown(came), medium.frame));
            }
            let any = came.formats.split(' ').any(|format| told.formats.split(' ').any(|of| of == format));
            if !any {
                let expected = format!("a format of m={} {}", told.kind, told.formats);
                return Err(unkept(&LINES_ANSWERED, expected, came.formats.clone(), medium.frame));
            }
        }
        Ok(())
    }
}

/// Whether a call was refused that offered nothing beside its messages but more of them. No description of CPM knows such
/// an offer, so that nobody has to make sense of it.
fn refused_as_odd(attempt: &Attempt<'_>) -> bool {
    let offered = attempt.calling.exchanges.first().map(|exchange| exchange.offer.lines.as_slice()).unwrap_or_default();
    offered.len() > 1
        && offered.iter().all(|line| line.is_message() && !line.floor)
        && refusal(attempt.calling).is_some()
}

/// Another conduct than the declared one: what is claimed is not passed on, or what is not claimed is.
fn undeclared(medium: &Beside<'_>, statement: &Statement) -> Option<Finding> {
    let (key, word) = medium.claim()?;
    let claimed = statement.has(key, word);
    let served = medium.onward.is_some() || !medium.answered.is_refused();
    if claimed == served {
        return None;
    }
    let expected = format!("{key}: {}, as the statement says", statement.values(key).join(", "));
    let what = if served { "passed on" } else { "refused" };
    let observed = format!("m={} over {} was {what}", medium.offered.kind, medium.offered.protocol);
    Some(warning(&LINES_ANSWERED, "L29", expected, observed, medium.frame))
}
