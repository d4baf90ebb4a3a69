//! Base rules of URI lists: the document of RFC 4826 with the copy control of RFC 5364, and the INVITE to a conference
//! server that carries one (RFC 5366).

use roxmltree::Node;

use super::bodies::Leaf;
use super::grammar::uri;
use super::piece::Piece;
use super::sheet::{BaseRule, Sheet, must, shown};
use super::sip::view::View;
use super::xml::{self, children, span};

static ROOT: BaseRule = must(
    "base.resource_lists.root",
    "RFC 4826 section 3.2",
    "The document is a resource-lists element of urn:ietf:params:xml:ns:resource-lists, made of list elements.",
);
static ENTRY: BaseRule = must("base.resource_lists.entry", "RFC 4826 section 3.1", "Each entry of a list names a URI.");
static COPY_CONTROL: BaseRule =
    must("base.resource_lists.copy_control", "RFC 5364 section 4", "The copy control of an entry is to, cc or bcc.");
static REQUIRED: BaseRule = must(
    "base.sip.recipient_list",
    "RFC 5366 section 3",
    "An INVITE that asks a server to invite the recipients of a list requires recipient-list-invite.",
);

pub(super) static RULES: &[&BaseRule] = &[&ROOT, &ENTRY, &COPY_CONTROL, &REQUIRED];

/// The media type of these documents.
pub(super) const TYPE: &str = "application/resource-lists+xml";
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
            let namespace = wrong.tag_name().namespace().unwrap_or("no namespace");
            let observed = format!("{} of {namespace}", wrong.tag_name().name());
            sheet.find(&ROOT, span(wrong), format!("resource-lists of {NAMESPACE}, and lists in it"), observed);
            return;
        }
        for entry in root.descendants().filter(|node| node.has_tag_name((NAMESPACE, "entry"))) {
            entry_names_one(sheet, entry);
        }
        for list in children(root, NAMESPACE) {
            copies(sheet, list);
        }
    });
}

fn entry_names_one(sheet: &mut Sheet<'_>, entry: Node<'_, '_>) {
    match entry.attribute("uri") {
        Some(text) if uri(Piece::new(text, 0)).is_ok() => {}
        other => sheet.find(&ENTRY, span(entry), "a URI", shown(other.unwrap_or_default())),
    }
}

fn copies(sheet: &mut Sheet<'_>, list: Node<'_, '_>) {
    for entry in list.descendants() {
        let copy = entry.attribute((COPY_NAMESPACE, "copyControl"));
        if let Some(copy) = copy.filter(|copy| !COPIES.contains(copy)) {
            sheet.find(&COPY_CONTROL, span(entry), "to, cc or bcc", shown(copy));
        }
    }
}

/// Checks the INVITE that carries a list.
pub(super) fn check_invite(sheet: &mut Sheet<'_>, view: &View<'_>, leaf: &Leaf<'_>) {
    let asks = leaf.disposition.eq_ignore_ascii_case(DISPOSITION);
    let begins = view.is_request() && view.method() == "INVITE" && view.tag("To").is_none();
    let required = view.values("Require").iter().any(|option| option.text.eq_ignore_ascii_case(OPTION));
    if asks && begins && !required {
        let observed = view.line("Require").map_or("no Require".to_owned(), |value| shown(value.text));
        sheet.find(&REQUIRED, view.line("Require").map(Piece::span), format!("Require: {OPTION}"), observed);
    }
}
