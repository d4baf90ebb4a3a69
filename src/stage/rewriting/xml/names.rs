//! Other prefixes for the namespaces that the root declares.

use super::super::freedoms::{Freedom, Licence};
use super::tree::Element;
use std::collections::BTreeSet;

const PREFIXES: [&str; 6] = ["ns0", "a", "ci", "_x", "N.1", "rl-2"];

/// Gives each namespace that the root declares another prefix.
pub fn prefixes(licence: &mut Licence<'_>, root: &mut Element) {
    let mut taken = BTreeSet::new();
    root.each(&mut |element| {
        taken.insert(element.prefix().to_owned());
        taken.extend(element.attributes.iter().filter_map(|attribute| attribute.declares().map(str::to_owned)));
    });
    let declared: Vec<String> =
        root.attributes.iter().filter_map(|attribute| attribute.declares().map(str::to_owned)).collect();
    for old in declared {
        let Some(new) = licence.chance.pick(&PREFIXES).filter(|new| !taken.contains(**new)) else { continue };
        if licence.takes(Freedom::XmlPrefix) {
            licence.note(Freedom::XmlPrefix, true);
            taken.insert((*new).to_owned());
            rename(root, &old, new, true);
        }
    }
}

/// In all of the scope: not below an element that declares the same prefix anew.
fn rename(element: &mut Element, old: &str, new: &str, declares: bool) {
    if !declares && element.declares(old) {
        return;
    }
    if element.prefix() == old {
        element.name = format!("{new}:{}", element.local());
    }
    for attribute in &mut element.attributes {
        if attribute.declares() == Some(old) {
            attribute.name = format!("xmlns:{new}");
        } else if let Some((prefix, local)) = attribute.name.split_once(':').filter(|(prefix, _)| *prefix != "xmlns") {
            // An attribute without a prefix is in no namespace, whatever the default is.
            if prefix == old {
                attribute.name = format!("{new}:{local}");
            }
        }
    }
    for child in element.elements_mut() {
        rename(child, old, new, false);
    }
}
