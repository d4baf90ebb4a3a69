//! The test messages of RFC 4475 themselves, where a folder holds them: `CPM_RFC4475` names it.

use super::*;
use pretty_assertions::assert_eq;
use std::path::Path;

/// The names in one list of the folder's `expected.yaml`: `key: [name, name]`.
fn listed(expected: &str, key: &str) -> Vec<String> {
    let line = expected.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).unwrap();
    line.trim().trim_matches(['[', ']']).split(',').map(|name| name.trim().to_owned()).collect()
}

fn read(folder: &Path, name: &str) -> Result<Message, ParseError> {
    Message::parse(Bytes::from(std::fs::read(folder.join(name).with_extension("dat")).unwrap()))
}

fn check(message: &Message) -> Result<(), Malformed> {
    if message.is_request() { message.check_request() } else { message.check_response() }
}

#[test]
fn the_messages_of_rfc_4475_are_judged_as_it_says() {
    let Ok(folder) = std::env::var("CPM_RFC4475") else { return };
    let folder = Path::new(&folder);
    let expected = std::fs::read_to_string(folder.join("expected.yaml")).unwrap();
    for name in listed(&expected, "valid") {
        let message = read(folder, &name).unwrap();
        assert_eq!(check(&message), Ok(()), "{name}");
        assert_eq!(message.surplus() > 0, name == "dblreq", "{name}");
    }
    for name in listed(&expected, "invalid") {
        // Date says nothing about how a request is served; whoever judges looks at it.
        let is_refused = read(folder, &name).map_or(true, |message| check(&message).is_err());
        assert_eq!(is_refused, name != "baddate", "{name}");
    }
    for name in listed(&expected, "semantic") {
        let refused = ["insuf", "multi01", "mcl01"].contains(&name.as_str());
        assert_eq!(check(&read(folder, &name).unwrap()).is_err(), refused, "{name}");
    }
}
