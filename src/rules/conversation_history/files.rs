//! A file that was transferred belongs to a conversation, and is kept with it (L22).

use super::HIS_01;
use crate::rules::sessions::{Judged, harness, missing, settled};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Kind;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const FILE_KEPT: RuleEntry = RuleEntry {
    id: "conversation_history.file_kept",
    requirement: HIS_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L22"],
    stage3: false,
    what: "A file of a conversation that is to be kept stands in the history of the user with all its octets.",
    source: "PF-HIS-01",
};

/// The file that was sent in a session is kept in the history of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileKept {
    /// The session.
    pub session: String,
    /// In whose history.
    pub person: String,
}

impl Rule for FileKept {
    fn entry(&self) -> &'static RuleEntry {
        &FILE_KEPT
    }

    fn expects(&self) -> String {
        format!("the file of \"{}\" is kept in the history of {}", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl FileKept {
    fn judged(&self, story: &Story) -> Judged {
        let is_file = |item: &&Item| {
            matches!(item.flow, Flow::NetworkToTarget | Flow::DeviceToTarget)
                && item.group.as_deref() == Some(self.session.as_str())
                && item.content.kind == Kind::Other
                && item.content.body.length > 0
        };
        let file = story.items().iter().find(is_file);
        let file = file.ok_or_else(|| harness(format!("nobody sent a file in \"{}\"", self.session)))?;
        let octets = file.content.body.head();
        if story.history_of(&self.person).any(|kept| kept.taken.is_some() && kept.holds(octets)) {
            return Ok(Judgement::Met { checks: 1 });
        }
        let observed = "the history has no object with its octets".to_owned();
        Err(missing(story, &FILE_KEPT, self.expects(), observed, file))
    }
}
