//! Base rules of conference state: the document of RFC 4575 section 5.

use std::collections::HashSet;

use roxmltree::Node;

use super::grammar::is_digits;
use super::sheet::{BaseRule, Sheet, habit, must, shown};
use super::versions::{VersionRules, Versioned};
use super::xml::{self, children, span};

static ROOT: BaseRule = must(
    "base.conference_info.root",
    "RFC 4575 section 5",
    "The document is a conference-info element of urn:ietf:params:xml:ns:conference-info.",
);
static ENTITY: BaseRule = must(
    "base.conference_info.entity",
    "RFC 4575 sections 5.2 and 5.6",
    "conference-info has an entity, and so has every user.",
);
static VALUES: BaseRule = must(
    "base.conference_info.values",
    "RFC 4575 section 5 and the schema of section 6",
    "state, status, joining-method and disconnection-method have one of the values of the schema; version and counts are numbers, active and locked yes or no, when a time.",
);
static ORDER: BaseRule = habit(
    "base.conference_info.order",
    "RFC 4575 section 6",
    "The elements below conference-info, user and endpoint stand in the order of the schema.",
);
static FIRST_FULL: BaseRule = must(
    "base.conference_info.first_full",
    "RFC 4575 sections 3.6 and 4.3",
    "The first document of a subscription is full.",
);
static VERSION: BaseRule = must(
    "base.conference_info.version",
    "RFC 4575 sections 4.3 and 5.2",
    "Within a subscription the version grows from document to document.",
);
static VERSION_STEP: BaseRule = habit(
    "base.conference_info.version_step",
    "RFC 4575 section 5.2",
    "The version grows by one, and a partial document has one.",
);

static ONCE: BaseRule = must(
    "base.conference_info.once",
    "RFC 4575 section 6",
    "Below conference-info, user and endpoint each element stands once, but for endpoint and media.",
);
static UNIQUE: BaseRule = must(
    "base.conference_info.unique",
    "RFC 4575 section 4.4",
    "No two users have the same entity, no two endpoints of a user, and no two media of an endpoint the same id.",
);
static MEDIA_ID: BaseRule =
    must("base.conference_info.media_id", "RFC 4575 sections 5.8 and 6", "Each medium of an endpoint has an id.");
static DELETED: BaseRule = habit(
    "base.conference_info.deleted",
    "RFC 4575 sections 4.3 and 5",
    "A document of full state holds nothing that is deleted: what is not in it is gone.",
);

pub(super) static RULES: &[&BaseRule] =
    &[&ROOT, &ENTITY, &VALUES, &ORDER, &ONCE, &UNIQUE, &MEDIA_ID, &DELETED, &FIRST_FULL, &VERSION, &VERSION_STEP];

static VERSIONS: VersionRules = VersionRules { first_full: &FIRST_FULL, version: &VERSION, step: &VERSION_STEP };

const NAMESPACE: &str = "urn:ietf:params:xml:ns:conference-info";
const STATES: &[&str] = &["full", "partial", "deleted"];
const STATUS: &[&str] = &[
    "pending",
    "dialing-out",
    "dialing-in",
    "alerting",
    "on-hold",
    "connected",
    "muted-via-focus",
    "disconnecting",
    "disconnected",
];
const JOINING: &[&str] = &["dialed-in", "dialed-out", "focus-owner"];
const DISCONNECTION: &[&str] = &["departed", "booted", "failed", "busy"];
/// Elements with a closed list of values.
const CLOSED: [(&str, &[&str]); 3] =
    [("status", STATUS), ("joining-method", JOINING), ("disconnection-method", DISCONNECTION)];
/// Children in the order of the schema.
const SEQUENCES: [(&str, &[&str]); 3] = [
    (
        "conference-info",
        &["conference-description", "host-info", "conference-state", "users", "sidebars-by-ref", "sidebars-by-val"],
    ),
    ("user", &["display-text", "associated-aors", "roles", "languages", "cascaded-focus", "endpoint"]),
    (
        "endpoint",
        &[
            "display-text",
            "referred",
            "status",
            "joining-method",
            "joining-info",
            "disconnection-method",
            "disconnection-info",
            "media",
            "call-info",
        ],
    ),
];

/// Elements that may stand several times.
const SEVERAL: [&str; 2] = ["endpoint", "media"];
/// What a medium says of its direction.
const DIRECTIONS: &[&str] = &["recvonly", "sendonly", "sendrecv", "inactive"];

/// Checks a document by itself; gives what it says of its version.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) -> Option<Versioned> {
    xml::with(sheet, octets, |sheet, root| {
        if !root.has_tag_name((NAMESPACE, "conference-info")) {
            xml::wrong_root(sheet, &ROOT, root, &format!("conference-info of {NAMESPACE}"));
            return None;
        }
        let version = root.attribute("version").map(|version| version.parse::<u32>().map_err(|_| version));
        if let Some(Err(version)) = version {
            sheet.find(&VALUES, span(root), "a number for a version", shown(version));
        }
        let full = root.attribute("state").is_none_or(|state| state == "full");
        let known = |node: &Node<'_, '_>| node.is_element() && node.tag_name().namespace() == Some(NAMESPACE);
        for node in root.descendants().filter(known) {
            element(sheet, node, full);
        }
        let (start, end) = (root.range().start, root.range().end);
        Some(Versioned { rules: &VERSIONS, version: version.and_then(Result::ok), full, span: (start, end) })
    })
    .flatten()
}

fn element(sheet: &mut Sheet<'_>, node: Node<'_, '_>, full: bool) {
    let name = node.tag_name().name();
    if matches!(name, "conference-info" | "user") && node.attribute("entity").is_none_or(str::is_empty) {
        sheet.find(&ENTITY, span(node), format!("an entity of {name}"), "none");
    }
    match node.attribute("state") {
        Some("deleted") if full => {
            sheet.find(&DELETED, span(node), "what is there, for the document is full", "state=\"deleted\"");
        }
        Some(state) if !STATES.contains(&state) => {
            sheet.find(&VALUES, span(node), STATES.join(" or "), shown(state));
        }
        _ => {}
    }
    value(sheet, node, name);
    match name {
        "users" => unique(sheet, node, "user", "entity"),
        "user" => unique(sheet, node, "endpoint", "entity"),
        "endpoint" => unique(sheet, node, "media", "id"),
        "media" if is_in(node, "endpoint") && node.attribute("id").is_none() => {
            sheet.find(&MEDIA_ID, span(node), "an id of the medium", "none");
        }
        _ => {}
    }
    if let Some((_, sequence)) = SEQUENCES.iter().find(|(parent, _)| *parent == name) {
        order(sheet, node, sequence);
    }
}

fn is_in(node: Node<'_, '_>, parent: &str) -> bool {
    node.parent().is_some_and(|found| found.has_tag_name((NAMESPACE, parent)))
}

/// What an element without children holds.
fn value(sheet: &mut Sheet<'_>, node: Node<'_, '_>, name: &str) {
    let closed = CLOSED.iter().find(|(closed, _)| *closed == name).filter(|_| is_in(node, "endpoint"));
    let (allowed, right): (&[&str], fn(&str) -> bool) = match name {
        "status" if is_in(node, "media") => (DIRECTIONS, |value| DIRECTIONS.contains(&value)),
        "maximum-user-count" | "user-count" => (&["a number"], is_digits),
        "active" | "locked" => (&["true", "false"], |value| matches!(value, "true" | "false" | "1" | "0")),
        "when" => (&["a date and time"], xml::is_date_time),
        _ => (closed.map_or(&[], |(_, allowed)| allowed), |_| false),
    };
    if allowed.is_empty() {
        return;
    }
    let value = xml::text(node);
    let value = value.trim();
    if !right(value) && !allowed.contains(&value) {
        sheet.find(&VALUES, span(node), format!("in {name} one of {}", allowed.join(", ")), shown(value));
    }
}

/// No two children have the same key. Whoever is anonymous may be so several times.
fn unique(sheet: &mut Sheet<'_>, node: Node<'_, '_>, child: &str, key: &str) {
    let mut seen = HashSet::new();
    for child in children(node, NAMESPACE).filter(|found| found.tag_name().name() == child) {
        let Some(key) = child.attribute(key).filter(|key| !key.contains("anonymous")) else { continue };
        if !seen.insert(key) {
            return sheet.find(&UNIQUE, span(child), "each once", format!("{} again", shown(key)));
        }
    }
}

fn order(sheet: &mut Sheet<'_>, node: Node<'_, '_>, sequence: &[&str]) {
    let (mut last, mut seen) = (0, false);
    for child in children(node, NAMESPACE) {
        let name = child.tag_name().name();
        match sequence.iter().position(|known| *known == name) {
            Some(place) if place < last => {
                let expected = format!("{name} before {}", sequence.get(last).copied().unwrap_or_default());
                return sheet.find(&ORDER, span(child), expected, format!("{name} after it"));
            }
            Some(place) if place == last && seen && !SEVERAL.contains(&name) => {
                return sheet.find(&ONCE, span(child), format!("one {name}"), "another");
            }
            place => (last, seen) = (place.unwrap_or(last), seen || place.is_some()),
        }
    }
}
