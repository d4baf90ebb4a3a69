//! The audit log: who ordered what, who was refused, and when something could not be handed over; nothing of what was said.

use cpm_wire::time::Time;
use cpm_wire::uuid::Uuid;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// Lines that are to be written.
#[derive(Debug, Default)]
pub struct Audit {
    wanted: bool,
    lines: VecDeque<String>,
}

impl Audit {
    /// A log that somebody writes down, or nobody.
    pub fn new(wanted: bool) -> Audit {
        Audit { wanted, lines: VecDeque::new() }
    }

    /// The next line.
    pub fn poll(&mut self) -> Option<String> {
        self.lines.pop_front()
    }

    /// Somebody asked for something: `code` is the error, or none.
    pub(super) fn asked(
        &mut self,
        now: Time,
        names: &[String],
        request: &str,
        subject: Option<Uuid>,
        code: Option<u32>,
    ) {
        let subject = subject.map(|subject| subject.to_string());
        self.line(
            now,
            json!({"what": "request", "peer": names, "request": request, "subject": subject, "error": code}),
        );
    }

    /// Somebody was not let in, or could not be understood.
    pub(super) fn refused(&mut self, now: Time, remote: SocketAddr, why: &str) {
        self.line(now, json!({"what": "refusal", "remote": remote, "why": why}));
    }

    /// The way to a destination is another than before.
    pub(super) fn delivery(&mut self, now: Time, did: Uuid, state: &str) {
        self.line(now, json!({"what": "delivery", "destination": did.to_string(), "state": state}));
    }

    fn line(&mut self, now: Time, mut line: Value) {
        if self.wanted {
            if let Some(fields) = line.as_object_mut() {
                fields.insert("time".to_owned(), now.to_rfc3339().into());
            }
            self.lines.push_back(line.to_string());
        }
    }
}
