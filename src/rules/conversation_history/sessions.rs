//! A session that is over can be found again (L22).

use super::HIS_01;
use crate::evidence::ChatKind;
use crate::rules::findings::warning;
use crate::rules::sessions::{Judged, harness, missing, settled};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const SESSION_KEPT: RuleEntry = RuleEntry {
    id: "conversation_history.session_kept",
    requirement: HIS_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L22"],
    stage3: false,
    what: "A session of a conversation that is to be kept can be recognised in the history of the user by its contribution; \
           that it is described there, and the last state of a group as well, is customary.",
    source: "PF-HIS-01",
};

/// The type of the object that describes a session.
const SESSION_INFO: &str = "application/x-cpm-session";

/// A session, or a group chat, can be recognised in the history of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionKept {
    /// The session or group.
    pub session: String,
    /// In whose history.
    pub person: String,
}

impl Rule for SessionKept {
    fn entry(&self) -> &'static RuleEntry {
        &SESSION_KEPT
    }

    fn expects(&self) -> String {
        format!("\"{}\" can be recognised in the history of {}", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = self.judged(story, &mut warnings);
        match (&judged, moment) {
            // What describes it may come last.
            (Ok(_), Moment::Open) if !warnings.is_empty() => Judgement::Undecided.into(),
            _ => settled(judged, warnings, moment),
        }
    }
}

impl SessionKept {
    fn judged(&self, story: &Story, warnings: &mut Vec<Finding>) -> Judged {
        let group = story.cast().group(&self.session);
        let group = group.ok_or_else(|| harness(format!("nobody knows \"{}\"", self.session)))?;
        let contributions: Vec<&str> = group.contributions.iter().map(String::as_str).collect();
        let of_ours = |kept: &&crate::story::history::Kept| {
            kept.taken.is_some() && contributions.iter().any(|contribution| kept.names(contribution))
        };
        let objects: Vec<_> = story.history_of(&self.person).filter(of_ours).collect();
        let last = story.frames();
        let Some(first) = objects.first() else {
            let observed = "no object of the history names its contribution".to_owned();
            return Err(missing(story, &SESSION_KEPT, self.expects(), observed, last));
        };
        if !objects.iter().any(|kept| kept.kind().eq_ignore_ascii_case(SESSION_INFO)) {
            let expected = format!("an object {SESSION_INFO} describes it");
            warnings.push(warning(&SESSION_KEPT, "L22", expected, "none does".to_owned(), first.frame));
        }
        let state = |state: &crate::story::group_states::GroupState| {
            state.person.as_deref() == Some(self.person.as_str())
                && state.group.as_deref() == Some(self.session.as_str())
        };
        if group.kind != ChatKind::OneToOne && !story.group_states().iter().any(state) {
            let expected = "an object with the last state of the group".to_owned();
            warnings.push(warning(&SESSION_KEPT, "L22", expected, "none is there".to_owned(), first.frame));
        }
        Ok(Judgement::Met { checks: 1 })
    }
}
