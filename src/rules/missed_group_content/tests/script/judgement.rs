//! What the rules say of a script.

use super::Script;
use crate::evidence::What;
use crate::rules::{Assessment, Judgement, Moment, Rule};
use crate::story::Story;
use crate::target::Profile;
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, FindingVerdict};

impl Script {
    pub fn story(&self) -> Story {
        let mut story = Story::new();
        for (at, record) in self.records.iter().enumerate() {
            story.observe(at as u64 + 1, record);
        }
        story
    }

    pub fn judge(&self, rule: &dyn Rule, moment: Moment) -> Assessment {
        rule.judge(&self.story(), &reference(), moment)
    }

    pub fn judge_with(&self, rule: &dyn Rule, statement: &Statement) -> Assessment {
        rule.judge(&self.story(), statement, Moment::Closed)
    }

    /// Closed and met.
    pub fn met(&self, rule: &dyn Rule) -> (usize, Vec<Finding>) {
        let assessment = self.judge(rule, Moment::Closed);
        match assessment.judgement {
            Judgement::Met { checks } => {
                assert!(checks > 0, "met without a check");
                (checks, assessment.warnings)
            }
            other => panic!("not met: {other:#?}"),
        }
    }

    /// Closed and broken, to the target's blame.
    pub fn failed(&self, rule: &dyn Rule) -> Finding {
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Broken(finding) => {
                assert_eq!((finding.verdict, finding.blame), (FindingVerdict::Fail, Blame::Target), "{finding:#?}");
                finding
            }
            other => panic!("not broken: {other:#?}"),
        }
    }

    /// Closed and inconclusive by this ledger entry.
    pub fn outside(&self, rule: &dyn Rule, ledger: &str) -> Finding {
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Broken(finding) => {
                assert_eq!(finding.verdict, FindingVerdict::Inconclusive, "{finding:#?}");
                assert_eq!(finding.interpretation.as_deref(), Some(ledger));
                finding
            }
            other => panic!("not inconclusive: {other:#?}"),
        }
    }

    /// Closed and unseen, to this blame; and undecided before.
    pub fn unseen(&self, rule: &dyn Rule, whose: Blame) -> String {
        assert_eq!(self.judge(rule, Moment::Open).judgement, Judgement::Undecided);
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Unseen { why, blame } => {
                assert_eq!(blame, whose, "{why}");
                why
            }
            other => panic!("not unseen: {other:#?}"),
        }
    }

    /// The same records, to be continued in another way.
    pub fn clone_records(&self) -> Script {
        Script { records: self.records.clone(), ..*self }
    }

    /// Each record rewritten.
    pub fn rewritten(&self, rewrite: impl Fn(&What) -> Vec<What>) -> Script {
        let mut script = Script { records: Vec::new(), ..*self };
        for what in self.records.iter().flat_map(|record| rewrite(&record.what)) {
            script.push(what);
        }
        script
    }

    pub fn undecided(&self, rule: &dyn Rule) {
        assert_eq!(self.judge(rule, Moment::Open).judgement, Judgement::Undecided);
    }
}

/// The statement of the reference.
fn reference() -> Statement {
    Profile::reference().statement
}

/// The statement of the reference with another answer.
pub fn stating(key: &str, value: serde_json::Value) -> Statement {
    reference().with(key, value).unwrap()
}
