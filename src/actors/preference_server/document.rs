//! The document of preferences: authorization rules as RFC 4745 has them, with the conditions of the OMA's common policy and
//! the elements that the ledger's entry L33 lists.

use super::wishes::{DeviceWish, Owner, Preferences, Way};
use std::fmt::Write as _;

/// Its media type.
pub const MEDIA_TYPE: &str = "application/auth-policy+xml";

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\" xmlns:ocp=\"urn:oma:xml:xdm:common-policy\" \
    xmlns:p=\"urn:cpm-conformance:preferences\">\n";

/// A document while it is written.
struct Rules {
    text: String,
    number: usize,
}

impl Rules {
    fn rule(&mut self, conditions: &str, actions: &str) {
        self.number += 1;
        let number = self.number;
        // Writing into a String never fails.
        let _ = writeln!(
            self.text,
            "  <cr:rule id=\"r{number}\">\n    <cr:conditions>{conditions}</cr:conditions>\n    \
             <cr:actions>{actions}</cr:actions>\n  </cr:rule>"
        );
    }

    fn about(&mut self, way: Way, other: &str, handling: &str) {
        let identity = format!("<cr:identity><cr:one id=\"{}\"/></cr:identity>", escaped(other));
        let direction = match way {
            Way::Originating => format!("<p:direction>{}</p:direction>", way.as_str()),
            // What a rule means that names no direction.
            Way::Terminating => String::new(),
        };
        self.rule(&format!("{identity}{direction}"), &handled(handling));
    }
}

/// The document of an owner; none where nobody has a word to say.
pub fn document(preferences: &Preferences, owner: Owner) -> Option<String> {
    if preferences.is_silent(owner) {
        return None;
    }
    let mut rules = Rules { text: HEAD.to_owned(), number: 0 };
    match owner {
        Owner::Provider => {
            for ((way, other), allows) in &preferences.rulings {
                rules.about(*way, other, if *allows { "allow" } else { "reject" });
            }
        }
        Owner::User => of_user(preferences, &mut rules),
    }
    rules.text.push_str("</cr:ruleset>\n");
    Some(rules.text)
}

fn of_user(preferences: &Preferences, rules: &mut Rules) {
    for (way, other) in &preferences.barred {
        rules.about(*way, other, "reject");
    }
    if preferences.refuses_anonymous {
        rules.rule("<ocp:anonymous-request/>", &handled("reject"));
    }
    for medium in &preferences.refused_media {
        rules.rule(&format!("<p:media>{}</p:media>", medium.as_str()), &handled("reject"));
    }
    if preferences.hides {
        rules.rule("<p:direction>originating</p:direction>", "<p:privacy>id</p:privacy>");
    }
    if preferences.unavailable {
        rules.rule("", "<p:availability>unavailable</p:availability>");
    }
    if preferences.defers {
        rules.rule("", &handled("defer"));
    }
    if preferences.interworks {
        rules.rule("", &handled("interwork"));
    }
    if let Some(keeps) = preferences.keeps {
        rules.rule("", &format!("<p:history>{}</p:history>", if keeps { "on" } else { "off" }));
    }
    if let Some(wish) = &preferences.devices {
        rules.rule("", &devices(wish));
    }
}

fn handled(how: &str) -> String {
    format!("<p:handling>{how}</p:handling>")
}

fn devices(wish: &DeviceWish) -> String {
    let only = if wish.only { " only=\"true\"" } else { "" };
    let listed = wish.devices.iter().map(|instance| format!("<p:device instance=\"{}\"/>", escaped(instance)));
    format!("<p:devices order=\"{}\"{only}>{}</p:devices>", wish.order.as_str(), listed.collect::<String>())
}

/// As an attribute has it (XML 1.0 section 2.3).
fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
