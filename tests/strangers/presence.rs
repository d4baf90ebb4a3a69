//! A presence server and document server that nobody here wrote: Kamailio takes what the served reference publishes, tells it what users
//! say elsewhere, and has what they wish. Its configuration is in tests/strangers/kamailio. Where its modules are not installed,
//! that is said and no more.

mod people;
mod server;

use crate::kamailio::home::Home;
use crate::peers::served::Served;
use people::{BOB, People};
use pretty_assertions::assert_eq;

/// The function with this configuration, the server where it has its serving CSCF, and those around them.
fn neighbourhood(more: &str) -> Option<(Served, Home, People)> {
    if !server::is_installed() {
        return None;
    }
    let served = Served::with(more);
    let server = server::start(served.cscf);
    let people = People::new(served.sip, served.cscf);
    Some((served, server, people))
}

#[test]
fn who_watches_hears_of_the_devices_that_the_function_knows() {
    let source = "presence: {source: true, watcher: false}\n";
    let Some((served, server, mut people)) = neighbourhood(source) else { return };
    people.watches();
    people.registers(600);
    people.until("open", |people| people.told.last().is_some_and(|told| told.contains("<basic>open</basic>")));
    assert!(people.told.last().is_some_and(|told| told.contains(BOB)), "{:?}", people.told);
    assert_eq!(server.says("PUBLISH of "), format!("{BOB} under '<null>'"));
    people.registers(0);
    people.until("closed", |people| people.told.last().is_some_and(|told| told.contains("<basic>closed</basic>")));
    let change = server.says("PUBLISH of ");
    assert!(change.starts_with(&format!("{BOB} under 'a.")), "the tag that was given: {change}");
    server.stop();
    served.stop();
}

#[test]
fn a_message_waits_while_its_user_says_elsewhere_that_nothing_is_taken() {
    let watcher = "presence: {source: false, watcher: true}\n";
    let Some((served, server, mut people)) = neighbourhood(watcher) else { return };
    people.registers(600);
    server.says("SUBSCRIBE of ");
    assert_eq!(people.writes("Are you there?"), 200);
    people.until("the first", |people| people.delivered.iter().any(|words| words == "Are you there?"));
    let tag = people.says("closed", None);
    // What is said goes to the function on a way of its own.
    let waits = (0..100).map(|number| format!("For later {number}")).find(|words| people.writes(words) == 202);
    let waits = waits.into_iter().next().unwrap_or_default();
    assert!(!waits.is_empty() && !people.delivered.contains(&waits), "{:?}", people.delivered);
    people.says("open", Some(&tag));
    people.until("what waited", |people| people.delivered.contains(&waits));
    assert_eq!(people.writes("And now?"), 200);
    server.stop();
    served.stop();
}

#[test]
fn what_a_user_wishes_is_had_from_the_document_server() {
    let auid = "org.openmobilealliance.pres-rules";
    let Some((served, server, mut people)) = neighbourhood(&format!(
        "presence: null\npreferences: {{root: \"http://@CSCF@/xcap-root\", auid: {auid}, patience_ms: 3000}}\n"
    )) else {
        return;
    };
    people.registers(600);
    assert_eq!(people.writes("Before"), 200);
    let rules = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\" \
        xmlns:p=\"urn:cpm-conformance:preferences\"><cr:rule id=\"r1\"><cr:conditions><cr:identity>\
        <cr:one id=\"sip:alice@example.com\"/></cr:identity></cr:conditions><cr:actions><p:handling>reject</p:handling>\
        </cr:actions></cr:rule></cr:ruleset>";
    let path = format!("{auid}/users/{BOB}/index");
    assert!(matches!(server::document(served.cscf, "PUT", &path, rules), 200 | 201));
    assert_eq!(people.writes("Blocked"), 603);
    assert_eq!(server::document(served.cscf, "DELETE", &path, ""), 200);
    assert_eq!(people.writes("After"), 200);
    assert_eq!(people.delivered, ["Before", "After"]);
    server.stop();
    served.stop();
}
