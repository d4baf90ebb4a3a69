//! Base rules of conference state: the document of RFC 4575 section 5, and versions within one subscription.

use roxmltree::Node;

use super::bounded::Bounded;
use super::sheet::{BaseRule, Sheet, Side, habit, must, shown};
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
    "state, status, joining-method and disconnection-method have one of the values of the schema; version is a number.",
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

pub(super) static RULES: &[&BaseRule] = &[&ROOT, &ENTITY, &VALUES, &ORDER, &FIRST_FULL, &VERSION, &VERSION_STEP];

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

/// Checks a document by itself.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    xml::with(sheet, octets, |sheet, root| {
        if !is_document(root) {
            let observed =
                format!("{} of {}", root.tag_name().name(), root.tag_name().namespace().unwrap_or("no namespace"));
            sheet.find(&ROOT, span(root), format!("conference-info of {NAMESPACE}"), observed);
            return;
        }
        if root.attribute("version").is_some_and(|version| version.parse::<u32>().is_err()) {
            let observed = shown(root.attribute("version").unwrap_or_default());
            sheet.find(&VALUES, span(root), "a number for a version", observed);
        }
        let known = |node: &Node<'_, '_>| node.is_element() && node.tag_name().namespace() == Some(NAMESPACE);
        for node in root.descendants().filter(known) {
            element(sheet, node);
        }
    });
}

fn is_document(root: Node<'_, '_>) -> bool {
    root.has_tag_name((NAMESPACE, "conference-info"))
}

fn element(sheet: &mut Sheet<'_>, node: Node<'_, '_>) {
    let name = node.tag_name().name();
    if matches!(name, "conference-info" | "user") && node.attribute("entity").is_none_or(str::is_empty) {
        sheet.find(&ENTITY, span(node), format!("an entity of {name}"), "none");
    }
    if let Some(state) = node.attribute("state").filter(|state| !STATES.contains(state)) {
        sheet.find(&VALUES, span(node), STATES.join(" or "), shown(state));
    }
    if let Some((_, allowed)) = CLOSED.iter().find(|(closed, _)| *closed == name) {
        // A medium has a status of another kind.
        let in_endpoint = node.parent().is_some_and(|parent| parent.has_tag_name((NAMESPACE, "endpoint")));
        let value = xml::text(node);
        if in_endpoint && !allowed.contains(&value.trim()) {
            sheet.find(&VALUES, span(node), format!("in {name} one of {}", allowed.join(", ")), shown(value.trim()));
        }
    }
    if let Some((_, sequence)) = SEQUENCES.iter().find(|(parent, _)| *parent == name) {
        order(sheet, node, sequence);
    }
}

fn order(sheet: &mut Sheet<'_>, node: Node<'_, '_>, sequence: &[&str]) {
    let mut last = 0;
    for child in children(node, NAMESPACE) {
        let name = child.tag_name().name();
        match sequence.iter().position(|known| *known == name) {
            Some(place) if place < last => {
                let expected = format!("{name} before {}", sequence.get(last).copied().unwrap_or_default());
                sheet.find(&ORDER, span(child), expected, format!("{name} after it"));
                return;
            }
            place => last = place.unwrap_or(last),
        }
    }
}

/// Which subscription: who notifies, Call-ID, both tags.
type Subscription = (Side, String, String, String);

/// Remembers the last version of each subscription. Bounded.
#[derive(Debug)]
pub(super) struct Versions {
    last: Bounded<Subscription, Option<u32>>,
}

impl Versions {
    pub fn new() -> Versions {
        Versions { last: Bounded::new(4096) }
    }

    /// Checks a document that came in a NOTIFY of this subscription.
    pub fn check(&mut self, sheet: &mut Sheet<'_>, call_id: &str, tags: (&str, &str), octets: &[u8]) {
        let Ok(document) = std::str::from_utf8(octets).map(roxmltree::Document::parse) else { return };
        let Some(root) =
            document.as_ref().ok().map(roxmltree::Document::root_element).filter(|root| is_document(*root))
        else {
            return;
        };
        let version = root.attribute("version").and_then(|version| version.parse::<u32>().ok());
        let full = root.attribute("state").is_none_or(|state| state == "full");
        let key = (sheet.side, call_id.to_owned(), tags.0.to_owned(), tags.1.to_owned());
        match self.last.get(&key) {
            None if !full && !self.last.has_forgotten() => {
                sheet.find(&FIRST_FULL, span(root), "full state first", "a partial document");
            }
            None => {}
            Some(last) => grows(sheet, root, *last, version, full),
        }
        self.last.insert(key, version);
    }
}

fn grows(sheet: &mut Sheet<'_>, root: Node<'_, '_>, last: Option<u32>, version: Option<u32>, full: bool) {
    match (last, version) {
        // A notifier that begins anew with full state after a refresh is seen.
        (Some(last), Some(version @ ..=1)) if full && version <= last => {
            sheet.find(&VERSION_STEP, span(root), format!("a version above {last}"), version.to_string());
        }
        (Some(last), Some(version)) if version <= last => {
            sheet.find(&VERSION, span(root), format!("a version above {last}"), version.to_string());
        }
        (Some(last), Some(version)) if version - last > 1 => {
            sheet.find(&VERSION_STEP, span(root), (last + 1).to_string(), version.to_string());
        }
        (_, None) if !full => sheet.find(&VERSION_STEP, span(root), "a version of a partial document", "none"),
        _ => {}
    }
}
