//! What a good reference sent, and sending it again.

use cpm_wire::io::{ConnectionId, Input, Output};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// What a target sent in one scenario.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Each output, and how many inputs it had had by then.
    outputs: VecDeque<(u64, Output)>,
    /// The connections that it had accepted, in their order.
    accepted: Vec<ConnectionId>,
}

/// The recordings of a run, by scenario.
#[derive(Clone, Debug, Default)]
pub struct Recordings(Arc<Mutex<BTreeMap<String, Recording>>>);

impl Recordings {
    /// What was sent in a scenario.
    pub fn of(&self, scenario: &str) -> Recording {
        let recordings = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        recordings.get(scenario).cloned().unwrap_or_default()
    }

    fn with(&self, scenario: &str, change: impl FnOnce(&mut Recording)) {
        let mut recordings = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        change(recordings.entry(scenario.to_owned()).or_default());
    }
}

/// Writes down what a target sends in one scenario.
pub(in crate::stage) struct Tap {
    recordings: Recordings,
    scenario: String,
    inputs: u64,
}

impl Tap {
    /// On the target of this scenario.
    pub(in crate::stage) fn new(recordings: Recordings, scenario: &str) -> Tap {
        Tap { recordings, scenario: scenario.to_owned(), inputs: 0 }
    }

    /// Something comes to the target.
    pub(in crate::stage) fn input(&mut self, input: &Input) {
        self.inputs += 1;
        if let Input::Accepted { connection, .. } = input {
            self.recordings.with(&self.scenario, |recording| recording.accepted.push(*connection));
        }
    }

    /// It sends something.
    pub(in crate::stage) fn output(&mut self, output: &Output) {
        let sent = (self.inputs, output.clone());
        self.recordings.with(&self.scenario, |recording| recording.outputs.push_back(sent));
    }
}

/// Sending a recording again: each output when as many inputs have come as then, whatever they are.
pub(super) struct Replay {
    recording: Recording,
    inputs: u64,
    accepted: Vec<ConnectionId>,
}

impl Replay {
    pub(super) fn new(recording: Recording) -> Replay {
        Replay { recording, inputs: 0, accepted: Vec::new() }
    }

    /// Something came: what is due now.
    pub(super) fn input(&mut self, input: &Input) -> Vec<Output> {
        self.inputs += 1;
        if let Input::Accepted { connection, .. } = input {
            self.accepted.push(*connection);
        }
        let due = self.recording.outputs.iter().take_while(|(inputs, _)| *inputs <= self.inputs).count();
        let due: Vec<Output> = self.recording.outputs.drain(..due).map(|(_, output)| output).collect();
        due.into_iter().filter_map(|output| self.on_the_same_connection(output)).collect()
    }

    /// On a connection that was accepted as the third, on the third that is accepted now.
    fn on_the_same_connection(&self, output: Output) -> Option<Output> {
        let now = |connection: ConnectionId| {
            if !connection.is_accepted() {
                return Some(connection);
            }
            let at = self.recording.accepted.iter().position(|then| *then == connection)?;
            self.accepted.get(at).copied()
        };
        Some(match output {
            Output::Send { connection, octets } => Output::Send { connection: now(connection)?, octets },
            Output::Close { connection } => Output::Close { connection: now(connection)? },
            Output::Reset { connection } => Output::Reset { connection: now(connection)? },
            other => other,
        })
    }
}
