//! What the rules say of a script.

use super::Script;
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
        rule.judge(&self.story(), &Profile::reference().statement, moment)
    }

    pub fn judge_with(&self, rule: &dyn Rule, key: &str, value: serde_json::Value) -> Assessment {
        let statement: Statement = Profile::reference().statement.with(key, value).unwrap();
        rule.judge(&self.story(), &statement, Moment::Closed)
    }

    /// Closed and met, with no warning: how many checks were made.
    pub fn met(&self, rule: &dyn Rule) -> usize {
        let (checks, warnings) = self.warned(rule);
        assert_eq!(warnings, vec![]);
        checks
    }

    /// Closed and met, with warnings.
    pub fn warned(&self, rule: &dyn Rule) -> (usize, Vec<Finding>) {
        let assessment = self.judge(rule, Moment::Closed);
        match assessment.judgement {
            Judgement::Met { checks } => (checks, assessment.warnings),
            other => panic!("not met: {other:#?}"),
        }
    }

    fn broken(&self, rule: &dyn Rule) -> Finding {
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Broken(finding) => finding,
            other => panic!("not broken: {other:#?}"),
        }
    }

    /// Closed and broken, to the client's blame: what was observed.
    pub fn failed(&self, rule: &dyn Rule) -> String {
        let finding = self.broken(rule);
        assert_eq!((finding.verdict, finding.blame), (FindingVerdict::Fail, Blame::Target), "{finding:#?}");
        assert!(finding.frame.is_some_and(|frame| frame <= self.records.len() as u64), "{finding:#?}");
        finding.observed
    }

    /// Closed and broken, of a rule that fails nobody.
    pub fn frowned_upon(&self, rule: &dyn Rule, ledger: Option<&str>) -> String {
        let finding = self.broken(rule);
        assert_eq!(finding.verdict, FindingVerdict::Warning, "{finding:#?}");
        assert_eq!(finding.interpretation.as_deref(), ledger);
        finding.observed
    }

    /// Closed and inconclusive by this ledger entry.
    pub fn outside(&self, rule: &dyn Rule, ledger: &str) -> String {
        let finding = self.broken(rule);
        assert_eq!(finding.verdict, FindingVerdict::Inconclusive, "{finding:#?}");
        assert_eq!(finding.interpretation.as_deref(), Some(ledger));
        finding.observed
    }

    /// Closed and unseen, to this blame; and undecided before.
    pub fn unseen(&self, rule: &dyn Rule, whose: Blame) -> String {
        self.undecided(rule);
        match self.judge(rule, Moment::Closed).judgement {
            Judgement::Unseen { why, blame } => {
                assert_eq!(blame, whose, "{why}");
                why
            }
            other => panic!("not unseen: {other:#?}"),
        }
    }

    pub fn undecided(&self, rule: &dyn Rule) {
        assert_eq!(self.judge(rule, Moment::Open).judgement, Judgement::Undecided);
    }
}
