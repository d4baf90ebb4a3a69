//! Where the schema of a type leaves room: elements that are a set, and places for extensions.

use super::super::freedoms::{Freedom, Licence};
use super::Kind;
use super::tree::{Attribute, Element, Node};

const EXTENSION: &str = "urn:example:of-no-meaning";
const PREFIX: &str = "any";
/// Elements that end with elements of other namespaces, and those that have such attributes (RFC 4575 section 6).
const ROSTER: [&str; 8] = [
    "conference-info",
    "conference-description",
    "conference-state",
    "users",
    "user",
    "endpoint",
    "media",
    "joining-info",
];
/// It ends a sequence of known elements in the schema.
const NO_ELEMENTS: &str = "joining-info";

/// Does something to each element of the document's own namespace, which `own` stands for.
pub fn each_own(element: &mut Element, own: &str, act: &mut impl FnMut(&mut Element)) {
    act(element);
    for child in element.elements_mut() {
        if child.prefix() == own && !child.declares(own) {
            each_own(child, own, act);
        }
    }
}

/// Puts what is a set into another order.
pub fn order(licence: &mut Licence<'_>, kind: Kind, own: &str, root: &mut Element) {
    let (parent, item, key, freedom) = match kind {
        Kind::Roster => ("users", "user", "entity", Freedom::ConferenceUserOrder),
        Kind::List => ("list", "entry", "uri", Freedom::ListEntryOrder),
        Kind::Notification => return,
    };
    each_own(root, own, &mut |element| {
        if element.local() == parent && licence.takes(freedom) {
            let before = element.clone();
            reorder(licence, element, item, key);
            licence.note(freedom, *element != before);
        }
    });
}

/// The items change places with each other; what stands between them stays. Not where one is told of twice, for the last
/// word counts.
fn reorder(licence: &mut Licence<'_>, parent: &mut Element, item: &str, key: &str) {
    let is_item = |node: &Node| matches!(node, Node::Element(element) if element.local() == item);
    let mut items: Vec<Node> = parent.children.iter().filter(|child| is_item(child)).cloned().collect();
    let mut keys: Vec<&str> = items.iter().filter_map(|node| value(node, key)).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() != items.len() {
        return;
    }
    licence.chance.shuffle(&mut items);
    let mut shuffled = items.into_iter();
    for child in parent.children.iter_mut().filter(|child| is_item(child)) {
        if let Some(other) = shuffled.next() {
            *child = other;
        }
    }
}

fn value<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    let Node::Element(element) = node else { return None };
    element.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
}

/// Adds elements and attributes of a namespace that nobody knows.
pub fn extensions(licence: &mut Licence<'_>, kind: Kind, own: &str, root: &mut Element) {
    let mut taken = false;
    root.each(&mut |element| taken |= element.declares(PREFIX));
    if taken || !licence.takes(Freedom::XmlExtensions) {
        return;
    }
    let mut added = false;
    each_own(root, own, &mut |element| {
        let (elements, attributes) = room(kind, element.local());
        if attributes && licence.chance.one_in(3) {
            element.attributes.push(Attribute::new(&format!("{PREFIX}:word"), "1"));
            added = true;
        }
        if elements && licence.chance.one_in(3) {
            element.children.push(Node::Element(extension()));
            added = true;
        }
    });
    if added {
        root.attributes.push(Attribute::new(&format!("xmlns:{PREFIX}"), EXTENSION));
        licence.note(Freedom::XmlExtensions, true);
    }
}

/// Whether an element may end with elements of other namespaces, and have attributes of them.
fn room(kind: Kind, local: &str) -> (bool, bool) {
    match kind {
        Kind::Notification => (matches!(local, "imdn" | "status"), false),
        Kind::Roster => (ROSTER.contains(&local) && local != NO_ELEMENTS, ROSTER.contains(&local)),
        Kind::List => (matches!(local, "list" | "entry"), matches!(local, "list" | "entry")),
    }
}

fn extension() -> Element {
    let word = Node::Text("of no meaning".to_owned());
    Element { name: format!("{PREFIX}:word"), attributes: Vec::new(), children: vec![word], two_tags: true }
}
