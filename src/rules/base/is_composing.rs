//! Base rules of the word that somebody is writing: the document of RFC 3994 section 4.

use roxmltree::Node;

use super::grammar::is_digits;
use super::sheet::{BaseRule, Sheet, habit, must, shown};
use super::xml::{self, children, span};

static ROOT: BaseRule = must(
    "base.is_composing.root",
    "RFC 3994 section 4",
    "The document is an isComposing element of urn:ietf:params:xml:ns:im-iscomposing.",
);
static SHAPE: BaseRule = must(
    "base.is_composing.shape",
    "RFC 3994 sections 4 and 6",
    "The state stands first; lastactive, contenttype and refresh follow in this order, once each.",
);
static VALUES: BaseRule = must(
    "base.is_composing.values",
    "RFC 3994 sections 4 and 6",
    "lastactive is a date and time, and refresh a number of seconds above 0.",
);
static STATE: BaseRule =
    habit("base.is_composing.state", "RFC 3994 section 3.1", "The state is active or idle; others are taken for idle.");

pub(super) static RULES: &[&BaseRule] = &[&ROOT, &SHAPE, &VALUES, &STATE];

const NAMESPACE: &str = "urn:ietf:params:xml:ns:im-iscomposing";
/// The elements in the order of the schema.
const ORDER: [&str; 4] = ["state", "lastactive", "contenttype", "refresh"];

/// Checks a document.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    xml::with(sheet, octets, |sheet, root| {
        if !root.has_tag_name((NAMESPACE, "isComposing")) {
            return xml::wrong_root(sheet, &ROOT, root, &format!("isComposing of {NAMESPACE}"));
        }
        let mut next = 0;
        for child in children(root, NAMESPACE) {
            let name = child.tag_name().name();
            match ORDER.iter().position(|known| *known == name) {
                Some(place) if place >= next && (next > 0 || place == 0) => next = place + 1,
                _ => return sheet.find(&SHAPE, span(child), "the elements of the schema in their order", name),
            }
            value(sheet, child, name);
        }
        if next == 0 {
            sheet.find(&SHAPE, span(root), "a state", "none");
        }
    });
}

fn value(sheet: &mut Sheet<'_>, child: Node<'_, '_>, name: &str) {
    let text = xml::text(child);
    let text = text.trim();
    let (rule, right, expected) = match name {
        "state" => (&STATE, matches!(text, "active" | "idle"), "active or idle"),
        "lastactive" => (&VALUES, xml::is_date_time(text), "a date and time"),
        "refresh" => (&VALUES, is_digits(text) && text.bytes().any(|digit| digit != b'0'), "seconds above 0"),
        _ => return,
    };
    if !right {
        sheet.find(rule, span(child), expected, shown(text));
    }
}
