//! A client on pjsua2: tests/strangers/pjsua2/messenger.py.

use crate::messengers::lines::{self, Lines};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::Command;

pub fn is_installed() -> bool {
    lines::is_installed("pjsua2", Command::new("python3").args(["-c", "import pjsua2"]))
}

pub struct Pjsua(Lines);

impl Pjsua {
    pub fn start(user: &str, home: SocketAddr) -> Pjsua {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/strangers/pjsua2/messenger.py");
        let mut command = Command::new("python3");
        let pjsua = Pjsua(Lines::start(command.args([script, user, "example.com", &home.to_string()])));
        pjsua.event("ready");
        pjsua
    }

    #[track_caller]
    fn event(&self, name: &str) -> Value {
        self.0.find(name, |line| {
            let event: Value = serde_json::from_str(line).ok()?;
            (event["event"] == name).then_some(event)
        })
    }

    /// Registers, or leaves.
    #[track_caller]
    pub fn register(&mut self, on: bool) {
        self.0.tell(&json!({"do": "register", "on": on}).to_string());
        let event = self.event("registration");
        assert_eq!((&event["status"], &event["active"]), (&json!(200), &json!(on)), "{event}");
    }

    pub fn send(&mut self, to: &str, cpim: &str) {
        self.0.tell(&json!({"do": "send", "to": to, "type": "message/cpim", "body": cpim}).to_string());
    }

    /// The status of the answer to what was sent.
    #[track_caller]
    pub fn answered(&self) -> u64 {
        self.event("answer")["status"].as_u64().unwrap()
    }

    /// The next message in CPIM.
    #[track_caller]
    pub fn message(&self) -> String {
        let event = self.event("message");
        assert_eq!(event["type"], "message/cpim", "{event}");
        event["body"].as_str().unwrap().to_owned()
    }
}
