//! When a rule was asked about whom: what a scenario does again belongs to the question that follows it.

use serde_json::Value;

use crate::evidence::Event;

/// Questions kept of one scenario.
const QUESTIONS: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Asked {
    all: Vec<(u64, String, Value)>,
}

impl Asked {
    pub fn observe(&mut self, frame: u64, event: &Event) {
        if let Event::Awaited { rule, arguments, .. } = event
            && self.all.len() < QUESTIONS
        {
            self.all.push((frame, rule.clone(), arguments.clone()));
        }
    }

    /// The frame in which a rule was last awaited with these arguments.
    pub fn last(&self, rule: &str, arguments: &Value) -> Option<u64> {
        let same = |(_, known, about): &&(u64, String, Value)| known == rule && about == arguments;
        self.all.iter().rev().find(same).map(|(frame, ..)| *frame)
    }
}
