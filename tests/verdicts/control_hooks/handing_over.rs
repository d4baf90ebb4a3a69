//! Hooks as scripts, and what they have to hand over: what a first run saw of the reference, in the shapes of
//! docs/control-hooks.md.

use cpm_conformance::evidence::{Event, Octets, Protocol, Record, What, pcapng};
use cpm_conformance::story::charging::{Interface, Step};
use cpm_conformance::story::{Flow, Story};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is handed over, by user.
pub type Handed = BTreeMap<String, Vec<Value>>;

/// A folder with a file for each user, and the script that prints them.
pub struct Lab {
    folder: PathBuf,
    key: &'static str,
    handed: Handed,
}

impl Lab {
    pub fn new(folder: &Path, key: &'static str, handed: Handed) -> Lab {
        Lab::at(folder.join(format!("lab-{key}")), key, handed)
    }

    fn at(folder: PathBuf, key: &'static str, handed: Handed) -> Lab {
        std::fs::create_dir_all(&folder).unwrap();
        for (user, items) in &handed {
            let name: String = user.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            std::fs::write(folder.join(name), json!({key: items}).to_string()).unwrap();
        }
        Lab { folder, key, handed }
    }

    /// The same with something wrong in what every user has.
    pub fn changed(&self, folder: &Path, name: &str, change: impl Fn(&mut Vec<Value>)) -> Lab {
        let mut handed = self.handed.clone();
        handed.values_mut().for_each(change);
        Lab::at(folder.join(format!("lab-{}-{name}", self.key)), self.key, handed)
    }

    /// Prints what there is of a user.
    pub fn command(&self) -> String {
        let (folder, key) = (self.folder.display(), self.key);
        format!("cat {folder}/$(printf %s {{user}} | tr -c 'a-zA-Z0-9' _) 2>/dev/null || echo '{{\"{key}\": []}}'")
    }

    /// The same, for who also has to obey orders.
    pub fn interception(&self) -> String {
        format!("case \"$(cat)\" in *deliver*) {};; *) echo '{{\"ok\": true}}';; esac", self.command())
    }
}

/// The evidence of each scenario of a run.
fn evidence(run: &Path) -> Vec<Vec<Record>> {
    let files = std::fs::read_dir(run.join("evidence")).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "pcapng"));
    files.map(|file| pcapng::read(&std::fs::read(file).unwrap()).unwrap().1).collect()
}

fn story(records: &[Record]) -> Story {
    let mut story = Story::new();
    (1..).zip(records).for_each(|(frame, record)| story.observe(frame, record));
    story
}

fn user(story: &Story, person: &str) -> String {
    let identities = &story.cast().person(person).unwrap().identities;
    identities.iter().find(|identity| identity.starts_with("sip:")).unwrap().clone()
}

/// The records that went to the charging server.
pub fn charged(run: &Path) -> Handed {
    let mut handed = Handed::new();
    for records in evidence(run) {
        let story = story(&records);
        for charge in story.charges().iter().filter(|charge| charge.interface == Interface::Offline) {
            let Some(person) = &charge.person else { continue };
            let record = match charge.step {
                Step::Begin => "start",
                Step::Middle => "interim",
                Step::End => "stop",
                Step::Event => "event",
            };
            let role = charge.role.map(|role| if role == 0 { "originating" } else { "terminating" });
            let user = user(&story, person);
            handed.entry(user.clone()).or_default().push(json!({
                "record": record, "id": charge.session, "user": user, "number": charge.number, "icid": charge.icid,
                "method": charge.method, "role": role, "time": "2026-11-22T12:00:00Z", "seconds": 1,
            }));
        }
    }
    handed
}

/// The messages of SIP that said something, and the answers to them, on both sides of the target.
pub fn passed(run: &Path) -> Handed {
    let mut handed = Handed::new();
    for records in evidence(run) {
        let story = story(&records);
        let own = handed.entry(user(&story, "Bob")).or_default();
        for record in &records {
            let What::Octets(Octets { protocol: Protocol::Sip, octets, .. }) = &record.what else { continue };
            let text = String::from_utf8(octets.to_vec()).unwrap();
            if text.contains(" MESSAGE\r\n") {
                own.push(json!({"protocol": "sip", "direction": "to_user", "message": text}));
            }
        }
    }
    handed
}

/// What the target took for a user who was away.
pub fn stored(run: &Path) -> Vec<Value> {
    let mut stored = Vec::new();
    for records in evidence(run) {
        assert!(records.iter().any(|record| matches!(record.what, What::Event(Event::Over { stop: None }))));
        let story = story(&records);
        for item in story.items().iter().filter(|item| item.flow == Flow::NetworkToTarget && item.accepted()) {
            if let Some(id) = item.content.chat().and_then(|chat| chat.message_id.clone()) {
                stored.push(json!({"kind": "message", "message_id": id}));
            }
        }
    }
    stored
}
