//! Base rules of disposition notifications: the document of RFC 5438 sections 7 and 11.

use roxmltree::Node;

use super::sheet::{BaseRule, Sheet, habit, must, shown};
use super::xml::{self, children, span};

static ROOT: BaseRule =
    must("base.imdn.root", "RFC 5438 section 11.1", "The document is an imdn element of urn:ietf:params:xml:ns:imdn.");
static MESSAGE_ID: BaseRule =
    must("base.imdn.message_id", "RFC 5438 section 11.1", "message-id names the message, and stands first.");
static SHAPE: BaseRule = must(
    "base.imdn.shape",
    "RFC 5438 section 11.1",
    "After message-id and datetime stands one of delivery-, display- and processing-notification, or an extension.",
);
static STATUS: BaseRule = must(
    "base.imdn.status",
    "RFC 5438 section 11.1",
    "A notification has one status, one that its kind knows, or an extension.",
);
static DATE_TIME: BaseRule =
    habit("base.imdn.date_time", "RFC 5438 section 7.2.1.1", "datetime is the DateTime of the message, RFC 3339.");

pub(super) static RULES: &[&BaseRule] = &[&ROOT, &MESSAGE_ID, &SHAPE, &STATUS, &DATE_TIME];

const NAMESPACE: &str = "urn:ietf:params:xml:ns:imdn";
/// Each kind of notification, and the status elements that it knows.
const KINDS: [(&str, &[&str]); 3] = [
    ("delivery-notification", &["delivered", "failed", "forbidden", "error"]),
    ("display-notification", &["displayed", "forbidden", "error"]),
    ("processing-notification", &["processed", "stored", "forbidden", "error"]),
];
/// The elements in the order of the schema.
const ORDER: [&str; 5] = ["message-id", "datetime", "recipient-uri", "original-recipient-uri", "subject"];

/// Checks a disposition notification.
pub(super) fn check(sheet: &mut Sheet<'_>, octets: &[u8]) {
    xml::with(sheet, octets, |sheet, root| {
        if root.tag_name().name() != "imdn" || root.tag_name().namespace() != Some(NAMESPACE) {
            let observed =
                format!("{} of {}", root.tag_name().name(), root.tag_name().namespace().unwrap_or("no namespace"));
            sheet.find(&ROOT, span(root), format!("imdn of {NAMESPACE}"), observed);
            return;
        }
        message_id(sheet, root);
        date_time(sheet, root);
        shape(sheet, root);
    });
}

fn message_id(sheet: &mut Sheet<'_>, root: Node<'_, '_>) {
    let first = root.children().find(Node::is_element);
    match first.filter(|first| first.has_tag_name((NAMESPACE, "message-id"))) {
        None => sheet.find(&MESSAGE_ID, first.and_then(span), "message-id as the first element", "another, or none"),
        Some(id) if xml::text(id).trim().is_empty() => {
            sheet.find(&MESSAGE_ID, span(id), "the Message-ID of a message", "nothing");
        }
        Some(_) => {}
    }
}

fn date_time(sheet: &mut Sheet<'_>, root: Node<'_, '_>) {
    let time = children(root, NAMESPACE).find(|child| child.tag_name().name() == "datetime");
    let text = time.map(xml::text).unwrap_or_default();
    if !super::grammar::is_date_time(text.trim()) {
        sheet.find(&DATE_TIME, time.and_then(span), "a datetime of RFC 3339", shown(&text));
    }
}

fn shape(sheet: &mut Sheet<'_>, root: Node<'_, '_>) {
    let kind = |name: &str| KINDS.iter().find(|(kind, _)| *kind == name);
    let mut place = 0;
    let mut kinds = 0;
    for child in children(root, NAMESPACE) {
        let name = child.tag_name().name();
        if let Some((_, known)) = kind(name) {
            kinds += 1;
            place = ORDER.len();
            status(sheet, child, known);
            continue;
        }
        match ORDER.iter().position(|known| *known == name) {
            Some(found) if found >= place => place = found + 1,
            _ => {
                sheet.find(&SHAPE, span(child), "the elements of the schema in their order", format!("{name} here"));
                return;
            }
        }
    }
    let extended = root.children().any(|child| child.is_element() && child.tag_name().namespace() != Some(NAMESPACE));
    if kinds > 1 || kinds == 0 && !extended {
        sheet.find(&SHAPE, span(root), "one notification", format!("{kinds} of them"));
    }
}

fn status(sheet: &mut Sheet<'_>, notification: Node<'_, '_>, known: &[&str]) {
    let statuses: Vec<Node<'_, '_>> =
        children(notification, NAMESPACE).filter(|child| child.tag_name().name() == "status").collect();
    let [status] = statuses.as_slice() else {
        sheet.find(&STATUS, span(notification), "one status", format!("{} of them", statuses.len()));
        return;
    };
    let words: Vec<&str> = children(*status, NAMESPACE).map(|word| word.tag_name().name()).collect();
    let extended = status.children().any(|word| word.is_element() && word.tag_name().namespace() != Some(NAMESPACE));
    let right = match words.as_slice() {
        [] => extended,
        [word] => known.contains(word),
        _ => false,
    };
    if !right {
        sheet.find(&STATUS, span(*status), format!("one of {}", known.join(", ")), shown(&words.join(", ")));
    }
}
