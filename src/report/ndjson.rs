//! results.ndjson: one JSON object a line, written out at once, so that what was judged survives a crash.

use std::io::{self, Write};

use serde_json::json;

use super::{Event, Reporter};

/// Writes events as lines.
#[derive(Debug)]
pub struct Ndjson<W: Write> {
    out: W,
}

impl<W: Write> Ndjson<W> {
    /// A reporter that writes here.
    pub const fn new(out: W) -> Ndjson<W> {
        Ndjson { out }
    }
}

impl<W: Write> Reporter for Ndjson<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let line = match event {
            Event::RunStarted(run) => json!({"event": "run_started", "run": run}),
            Event::ScenarioStarted { id, title } => json!({"event": "scenario_started", "id": id, "title": title}),
            Event::ScenarioFinished(scenario) => json!({"event": "scenario_finished", "scenario": scenario}),
            Event::RunFinished(results) => json!({
                "event": "run_finished",
                "schema": results.schema,
                "run": results.run,
                "targets": results.targets,
                "verdict": results.verdict,
                "reasons": results.reasons,
                "counts": results.counts,
                "waivers": results.waivers,
                "requirements": results.requirements,
            }),
        };
        let mut line = line.to_string();
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }
}
