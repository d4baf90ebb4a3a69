//! Base rules of presence: the document of RFC 3863 section 4.

use std::collections::HashSet;

use roxmltree::Node;

use super::grammar::uri;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, must, shown};
use super::xml::{self, children, is_date_time, span, text};

static ROOT: BaseRule = must(
    "base.pidf.root",
    "RFC 3863 sections 4.1.1 and 4.4",
    "The document is a presence element of urn:ietf:params:xml:ns:pidf, made of tuples and notes, and names its entity, a URI.",
);
static TUPLE: BaseRule =
    must("base.pidf.tuple", "RFC 3863 sections 4.1.2 and 4.4", "A tuple has an id that no other has, and one status.");
static BASIC: BaseRule =
    must("base.pidf.basic", "RFC 3863 sections 4.1.4 and 4.4", "A status has one basic at most, open or closed.");
static CONTACT: BaseRule = must(
    "base.pidf.contact",
    "RFC 3863 sections 4.1.5 and 4.4",
    "A tuple has one contact at most, a URI; its priority is 0 to 1, with three digits after the point at most.",
);
static TIMESTAMP: BaseRule = must(
    "base.pidf.timestamp",
    "RFC 3863 sections 4.1.7 and 4.4",
    "A tuple has one timestamp at most, a date with a time.",
);

pub(super) static RULES: &[&BaseRule] = &[&ROOT, &TUPLE, &BASIC, &CONTACT, &TIMESTAMP];

const NAMESPACE: &str = "urn:ietf:params:xml:ns:pidf";

/// Checks a document.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    xml::with(sheet, octets, |sheet, root| {
        let known = |node: &Node<'_, '_>| matches!(node.tag_name().name(), "tuple" | "note");
        let odd = children(root, NAMESPACE).find(|node| !known(node));
        let wrong = if root.has_tag_name((NAMESPACE, "presence")) { odd } else { Some(root) };
        if let Some(wrong) = wrong {
            let expected = format!("presence of {NAMESPACE}, with tuples and notes in it");
            return xml::wrong_root(sheet, &ROOT, wrong, &expected);
        }
        let entity = root.attribute("entity").unwrap_or_default();
        if uri(Piece::new(entity.trim(), 0)).is_err() {
            sheet.find(&ROOT, span(root), "an entity, a URI", shown(entity));
        }
        let mut ids = HashSet::new();
        for tuple in named(root, "tuple") {
            self::tuple(sheet, tuple, &mut ids);
        }
    });
}

fn named<'a, 'd>(node: Node<'a, 'd>, name: &'static str) -> impl Iterator<Item = Node<'a, 'd>> {
    children(node, NAMESPACE).filter(move |child| child.tag_name().name() == name)
}

fn tuple<'a>(sheet: &mut Sheet<'_>, node: Node<'a, '_>, ids: &mut HashSet<&'a str>) {
    match node.attribute("id").map(str::trim).filter(|id| !id.is_empty()) {
        None => sheet.find(&TUPLE, span(node), "an id", "none"),
        Some(id) if !ids.insert(id) => {
            sheet.find(&TUPLE, span(node), "an id of its own", format!("{} again", shown(id)));
        }
        Some(_) => {}
    }
    let statuses: Vec<Node<'_, '_>> = named(node, "status").collect();
    match statuses.as_slice() {
        [status] => basic(sheet, *status),
        others => sheet.find(&TUPLE, span(node), "one status", others.len().to_string()),
    }
    contact(sheet, node);
    let instants: Vec<Node<'_, '_>> = named(node, "timestamp").collect();
    let wrong = instants.iter().find(|instant| !is_date_time(text(**instant).trim())).or(instants.get(1));
    if let Some(wrong) = wrong {
        sheet.find(&TIMESTAMP, span(*wrong), "one date with a time", shown(&text(*wrong)));
    }
}

fn basic(sheet: &mut Sheet<'_>, status: Node<'_, '_>) {
    let all: Vec<Node<'_, '_>> = named(status, "basic").collect();
    let is_wrong = |node: &&Node<'_, '_>| !matches!(text(**node).trim(), "open" | "closed");
    if let Some(wrong) = all.iter().find(is_wrong).or(all.get(1)) {
        sheet.find(&BASIC, span(*wrong), "one of open and closed", shown(&text(*wrong)));
    }
}

fn contact(sheet: &mut Sheet<'_>, tuple: Node<'_, '_>) {
    let all: Vec<Node<'_, '_>> = named(tuple, "contact").collect();
    let is_wrong = |node: &&Node<'_, '_>| {
        let right = node.attribute("priority").is_none_or(|priority| is_priority(priority.trim()));
        !right || uri(Piece::new(text(**node).trim(), 0)).is_err()
    };
    if let Some(wrong) = all.iter().find(is_wrong).or(all.get(1)) {
        let observed = format!("{} {}", shown(wrong.attribute("priority").unwrap_or_default()), shown(&text(*wrong)));
        sheet.find(&CONTACT, span(*wrong), "one URI, with a priority of 0 to 1", observed);
    }
}

/// `qvalue` of the schema.
fn is_priority(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|octet| octet.is_ascii_digit());
    digits && (whole == "0" || whole == "1" && fraction.bytes().all(|octet| octet == b'0'))
}
