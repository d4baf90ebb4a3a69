//! Base rules of registration state: the document of RFC 3680 section 5, with the addresses of RFC 5628.

use std::collections::HashSet;

use roxmltree::Node;

use super::grammar::{is_digits, uri};
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, habit, must, shown};
use super::versions::{VersionRules, Versioned};
use super::xml::{self, children, span};

static ROOT: BaseRule = must(
    "base.reginfo.root",
    "RFC 3680 section 5",
    "The document is a reginfo element of urn:ietf:params:xml:ns:reginfo, made of registration elements.",
);
static VALUES: BaseRule = must(
    "base.reginfo.values",
    "RFC 3680 sections 5.2, 5.3 and 5.5",
    "version and state of the document, state of a registration, and state and event of a contact have values of the schema; expires, retry-after, duration-registered and cseq are numbers.",
);
static IDENTITY: BaseRule = must(
    "base.reginfo.identity",
    "RFC 3680 sections 5.3 and 5.5",
    "A registration has an aor, a URI, and an id; a contact has an id; no id is there twice.",
);
static CONTACT_URI: BaseRule = must(
    "base.reginfo.contact_uri",
    "RFC 3680 sections 5.3 and 5.5",
    "A contact has one uri element, and a URI in it.",
);
static EVENT: BaseRule = must(
    "base.reginfo.event",
    "RFC 3680 section 4.7.3",
    "The event that brought a contact to its state is one that leads there.",
);
static STATE: BaseRule = habit(
    "base.reginfo.registration_state",
    "RFC 3680 section 4.7.2",
    "A registration with an active contact is active, and one that is not has none.",
);
static GRUU: BaseRule = must(
    "base.reginfo.gruu",
    "RFC 5628 sections 4 and 5",
    "pub-gruu and temp-gruu have a URI, and temp-gruu the first CSeq with which it was given.",
);
static FIRST_FULL: BaseRule =
    must("base.reginfo.first_full", "RFC 3680 sections 4.6 and 5.2", "The first document of a subscription is full.");
static VERSION: BaseRule = must(
    "base.reginfo.version",
    "RFC 3680 section 5.2",
    "Within a subscription the version grows from document to document.",
);
static VERSION_STEP: BaseRule = habit("base.reginfo.version_step", "RFC 3680 section 5.2", "The version grows by one.");

pub(super) static RULES: &[&BaseRule] =
    &[&ROOT, &VALUES, &IDENTITY, &CONTACT_URI, &EVENT, &STATE, &GRUU, &FIRST_FULL, &VERSION, &VERSION_STEP];

static VERSIONS: VersionRules = VersionRules { first_full: &FIRST_FULL, version: &VERSION, step: &VERSION_STEP };

const NAMESPACE: &str = "urn:ietf:params:xml:ns:reginfo";
const GRUU_NAMESPACE: &str = "urn:ietf:params:xml:ns:gruuinfo";
/// Events that make or keep a contact active, and those that end it.
const KEPT: [&str; 4] = ["registered", "created", "refreshed", "shortened"];
const ENDED: [&str; 5] = ["expired", "deactivated", "probation", "unregistered", "rejected"];
/// Attributes of a contact that are numbers.
const NUMBERS: [&str; 4] = ["expires", "retry-after", "duration-registered", "cseq"];

/// Checks a document by itself; gives what it says of its version.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) -> Option<Versioned> {
    xml::with(sheet, octets, |sheet, root| {
        let own = |node: &Node<'_, '_>| node.is_element() && node.tag_name().namespace() == Some(NAMESPACE);
        let odd = root.children().filter(own).find(|node| node.tag_name().name() != "registration");
        let wrong = if root.has_tag_name((NAMESPACE, "reginfo")) { odd } else { Some(root) };
        if let Some(wrong) = wrong {
            xml::wrong_root(sheet, &ROOT, wrong, &format!("reginfo of {NAMESPACE}, and registrations in it"));
            return None;
        }
        let version = root.attribute("version").and_then(|version| version.parse::<u32>().ok());
        if version.is_none() {
            let observed = shown(root.attribute("version").unwrap_or_default());
            sheet.find(&VALUES, span(root), "a number for a version", observed);
        }
        one_of(sheet, root, "state", &["full", "partial"]);
        let mut ids = HashSet::new();
        for registration in children(root, NAMESPACE) {
            self::registration(sheet, registration, &mut ids);
        }
        let full = root.attribute("state") != Some("partial");
        Some(Versioned { rules: &VERSIONS, version, full, span: (root.range().start, root.range().end) })
    })
    .flatten()
}

/// The attribute has one of these values.
fn one_of<'a>(sheet: &mut Sheet<'_>, node: Node<'a, '_>, name: &str, allowed: &[&str]) -> Option<&'a str> {
    let value = node.attribute(name);
    let right = value.filter(|value| allowed.contains(value));
    if right.is_none() {
        let observed = value.map_or_else(|| "none".to_owned(), shown);
        sheet.find(&VALUES, span(node), format!("in {name} {}", allowed.join(" or ")), observed);
    }
    right
}

fn registration<'a>(sheet: &mut Sheet<'_>, node: Node<'a, '_>, ids: &mut HashSet<&'a str>) {
    let aor = node.attribute("aor").filter(|aor| uri(Piece::new(aor, 0)).is_ok());
    if aor.is_none() {
        sheet.find(&IDENTITY, span(node), "an aor, a URI", shown(node.attribute("aor").unwrap_or_default()));
    }
    identity(sheet, node, ids);
    let state = one_of(sheet, node, "state", &["init", "active", "terminated"]);
    let mut active = false;
    let mut own = HashSet::new();
    for contact in children(node, NAMESPACE).filter(|child| child.tag_name().name() == "contact") {
        active |= self::contact(sheet, contact, &mut own);
    }
    if active && state.is_some_and(|state| state != "active") {
        sheet.find(&STATE, span(node), "an active registration, for a contact is", shown(state.unwrap_or_default()));
    }
}

/// An id that no other has.
fn identity<'a>(sheet: &mut Sheet<'_>, node: Node<'a, '_>, ids: &mut HashSet<&'a str>) {
    match node.attribute("id").filter(|id| !id.is_empty()) {
        None => sheet.find(&IDENTITY, span(node), "an id", "none"),
        Some(id) if !ids.insert(id) => {
            sheet.find(&IDENTITY, span(node), "an id of its own", format!("{} again", shown(id)));
        }
        Some(_) => {}
    }
}

/// Checks a contact; true when it is active.
fn contact<'a>(sheet: &mut Sheet<'_>, node: Node<'a, '_>, ids: &mut HashSet<&'a str>) -> bool {
    identity(sheet, node, ids);
    let state = one_of(sheet, node, "state", &["active", "terminated"]);
    let events: Vec<&str> = KEPT.iter().chain(&ENDED).copied().collect();
    let event = one_of(sheet, node, "event", &events);
    if let (Some(state), Some(event)) = (state, event)
        && (state == "active") != KEPT.contains(&event)
    {
        sheet.find(&EVENT, span(node), format!("an event that leads to {state}"), event);
    }
    for name in NUMBERS {
        if let Some(value) = node.attribute(name).filter(|value| !is_digits(value)) {
            sheet.find(&VALUES, span(node), format!("a number in {name}"), shown(value));
        }
    }
    let uris: Vec<String> =
        children(node, NAMESPACE).filter(|child| child.tag_name().name() == "uri").map(xml::text).collect();
    if !matches!(uris.as_slice(), [one] if uri(Piece::new(one.trim(), 0)).is_ok()) {
        sheet.find(&CONTACT_URI, span(node), "one uri element with a URI", shown(&uris.join(", ")));
    }
    for address in children(node, GRUU_NAMESPACE) {
        gruu(sheet, address);
    }
    state == Some("active")
}

fn gruu(sheet: &mut Sheet<'_>, node: Node<'_, '_>) {
    let name = node.tag_name().name();
    if !matches!(name, "pub-gruu" | "temp-gruu") {
        return;
    }
    let right = node.attribute("uri").is_some_and(|address| uri(Piece::new(address, 0)).is_ok());
    if !right || name == "temp-gruu" && !node.attribute("first-cseq").is_some_and(is_digits) {
        sheet.find(&GRUU, span(node), format!("in {name} a URI, and of a temporary one its first-cseq"), "another");
    }
}
