//! Base rules of URI lists: the document of RFC 4826 with the copy control of RFC 5364, and the INVITE to a conference
//! server that carries one (RFC 5366).

use std::collections::HashSet;

use roxmltree::Node;

use super::bodies::Leaf;
use super::grammar::uri;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, must, shown};
use super::sip::names::Name;
use super::sip::view::View;
use super::xml::{self, children, span};

static ROOT: BaseRule = must(
    "base.resource_lists.root",
    "RFC 4826 section 3.2",
    "The document is a resource-lists element of urn:ietf:params:xml:ns:resource-lists, made of list elements.",
);
static ENTRY: BaseRule =
    must("base.resource_lists.entry", "RFC 4826 section 3.1", "Each entry of a list names a URI, or a path.");
static COPY_CONTROL: BaseRule = must(
    "base.resource_lists.copy_control",
    "RFC 5364 section 4",
    "The copy control of an entry is to, cc or bcc, and anonymize true or false.",
);
static UNIQUE: BaseRule = must(
    "base.resource_lists.unique",
    "RFC 4826 section 3.2",
    "No two entries of a list have the same URI, and no two lists of one parent the same name.",
);
static REFERENCE: BaseRule = must(
    "base.resource_lists.reference",
    "RFC 4826 sections 3.1 and 3.3",
    "An entry-ref has a ref, and an external has an anchor.",
);
static REQUIRED: BaseRule = must(
    "base.sip.recipient_list",
    "RFC 5366 section 3",
    "An INVITE that asks a server to invite the recipients of a list requires recipient-list-invite.",
);

pub(super) static RULES: &[&BaseRule] = &[&ROOT, &ENTRY, &COPY_CONTROL, &UNIQUE, &REFERENCE, &REQUIRED];

const NAMESPACE: &str = "urn:ietf:params:xml:ns:resource-lists";
const COPY_NAMESPACE: &str = "urn:ietf:params:xml:ns:copycontrol";
const COPIES: [&str; 3] = ["to", "cc", "bcc"];
/// The option tag (RFC 5366), and the disposition (RFC 5363) that asks for it; `recipient-list-history` informs only.
const OPTION: &str = "recipient-list-invite";
const DISPOSITION: &str = "recipient-list";

/// Checks a document.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    xml::with(sheet, octets, |sheet, root| {
        let other = root.children().find(|child| child.is_element() && !child.has_tag_name((NAMESPACE, "list")));
        let other = other.filter(|child| child.tag_name().namespace() == Some(NAMESPACE));
        let wrong = if root.has_tag_name((NAMESPACE, "resource-lists")) { other } else { Some(root) };
        if let Some(wrong) = wrong {
            let expected = format!("resource-lists of {NAMESPACE}, and lists in it");
            return xml::wrong_root(sheet, &ROOT, wrong, &expected);
        }
        let known = |node: &Node<'_, '_>| node.is_element() && node.tag_name().namespace() == Some(NAMESPACE);
        for node in root.descendants().filter(known) {
            element(sheet, node);
        }
    });
}

fn element(sheet: &mut Sheet<'_>, node: Node<'_, '_>) {
    match node.tag_name().name() {
        "resource-lists" => unique(sheet, node, "list", "name"),
        "list" => {
            unique(sheet, node, "entry", "uri");
            unique(sheet, node, "list", "name");
        }
        "entry" => {
            entry_names_one(sheet, node);
            copies(sheet, node);
        }
        "entry-ref" => refers(sheet, node, "ref"),
        "external" => refers(sheet, node, "anchor"),
        _ => {}
    }
}

/// No two children have the same key.
fn unique(sheet: &mut Sheet<'_>, node: Node<'_, '_>, child: &str, key: &str) {
    let mut seen = HashSet::new();
    for child in children(node, NAMESPACE).filter(|found| found.tag_name().name() == child) {
        if let Some(key) = child.attribute(key)
            && !seen.insert(key)
        {
            return sheet.find(&UNIQUE, span(child), "each once in a list", format!("{} again", shown(key)));
        }
    }
}

fn refers(sheet: &mut Sheet<'_>, node: Node<'_, '_>, attribute: &str) {
    if node.attribute(attribute).is_none_or(str::is_empty) {
        sheet.find(&REFERENCE, span(node), format!("the attribute {attribute}"), "none");
    }
}

fn entry_names_one(sheet: &mut Sheet<'_>, entry: Node<'_, '_>) {
    match entry.attribute("uri") {
        Some(text) if uri(Piece::new(text, 0)).is_ok() || is_path(text) => {}
        other => sheet.find(&ENTRY, span(entry), "a URI", shown(other.unwrap_or_default())),
    }
}

/// Whether it is a path below a root that both sides know, as the documents of a subscription to xcap-diff are named (RFC
/// 5875 section 4.4): a relative reference of several segments (RFC 3986 section 4.2).
fn is_path(text: &str) -> bool {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@/?".contains(&octet);
    let first = text.split('/').next().unwrap_or_default();
    text.contains('/') && !first.is_empty() && !first.contains(':') && text.bytes().all(plain)
}

fn copies(sheet: &mut Sheet<'_>, entry: Node<'_, '_>) {
    let copy = entry.attribute((COPY_NAMESPACE, "copyControl"));
    if let Some(copy) = copy.filter(|copy| !COPIES.contains(copy)) {
        sheet.find(&COPY_CONTROL, span(entry), "to, cc or bcc", shown(copy));
    }
    let hidden = entry.attribute((COPY_NAMESPACE, "anonymize"));
    if let Some(hidden) = hidden.filter(|hidden| !matches!(*hidden, "true" | "false" | "1" | "0")) {
        sheet.find(&COPY_CONTROL, span(entry), "anonymize true or false", shown(hidden));
    }
}

/// Checks the INVITE that carries a list.
pub(super) fn check_invite(sheet: &mut Sheet<'_>, view: &View<'_>, leaf: &Leaf<'_>) {
    let asks = leaf.disposition.eq_ignore_ascii_case(DISPOSITION);
    let begins = view.is_request() && view.method() == "INVITE" && view.tag_to().is_none();
    let required = view.values(Name::Require).any(|option| option.text.eq_ignore_ascii_case(OPTION));
    if asks && begins && !required {
        let observed = view.line(Name::Require).map_or("no Require".to_owned(), |value| shown(value.text));
        sheet.find(&REQUIRED, view.line(Name::Require).map(Piece::span), format!("Require: {OPTION}"), observed);
    }
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn documents_of_a_server_are_named_by_their_path() {
        for path in ["resource-lists/users/sip:bob@home.example/index", "a/users/sip%3Abob%40home.example/", "a/b"] {
            assert!(is_path(path), "{path}");
        }
        for other in ["", "bob", "/a", "sip:@/x", "a b/c", "a/\"b"] {
            assert!(!is_path(other), "{other}");
        }
    }
}
