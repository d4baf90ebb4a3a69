//! Documents of preferences as they are written: RFC 4745 (common policy), the OMA's common conditions, and elements of
//! their own. Actions that make no sense make the document none: half a document is worse than the one before.

use super::ruleset::{Actions, Availability, Conditions, Handling, Kind, Rule, Ruleset, Who};
use crate::call::served::SessionCase;
use crate::config::Medium;
use crate::functions::multi_device::preference::{DevicePreference, Order};
use cpm_wire::sip::identity_key;
use cpm_wire::xml::{XmlError, harmless};
use roxmltree::{Document, Node};

const COMMON: &str = "urn:ietf:params:xml:ns:common-policy";
const OMA: &str = "urn:oma:xml:xdm:common-policy";
const OWN: &str = "urn:cpm-conformance:preferences";

/// The most rules of one document, and the most entries of one list in it.
const MOST_RULES: usize = 512;
const MOST_ENTRIES: usize = 1024;

/// Why octets are no document of preferences.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No XML that is read here.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Not well-formed.
    #[error("{0}")]
    Tree(String),
    /// Another document.
    #[error("the root is no ruleset")]
    Root,
    /// A value that is not known.
    #[error("{name} is {value:?}")]
    Value {
        /// The element or the attribute.
        name: &'static str,
        /// What stands there, in part.
        value: String,
    },
    /// An attribute that has to be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// More than is read.
    #[error("more than {0} of a kind")]
    TooMany(usize),
}

/// Reads a document.
///
/// # Errors
/// It is none.
pub fn ruleset(octets: &[u8]) -> Result<Ruleset, Unreadable> {
    let text = harmless(octets)?;
    let document = Document::parse(text).map_err(|error| Unreadable::Tree(error.to_string()))?;
    let root = document.root_element();
    if !is(root, COMMON, "ruleset") {
        return Err(Unreadable::Root);
    }
    let rules: Vec<_> = children(root, COMMON, "rule").take(MOST_RULES + 1).collect();
    bounded(rules.len(), MOST_RULES)?;
    Ok(Ruleset { rules: rules.into_iter().map(rule).collect::<Result<_, _>>()? })
}

fn bounded(found: usize, most: usize) -> Result<(), Unreadable> {
    if found > most { Err(Unreadable::TooMany(most)) } else { Ok(()) }
}

fn rule(node: Node<'_, '_>) -> Result<Rule, Unreadable> {
    let mut read = Rule::default();
    for part in node.children().filter(Node::is_element) {
        if is(part, COMMON, "conditions") {
            for one in part.children().filter(Node::is_element) {
                condition(one, &mut read.conditions)?;
            }
        } else if is(part, COMMON, "actions") {
            for one in part.children().filter(Node::is_element) {
                action(one, &mut read.actions)?;
            }
        }
    }
    Ok(read)
}

fn condition(node: Node<'_, '_>, conditions: &mut Conditions) -> Result<(), Unreadable> {
    match (node.tag_name().namespace(), node.tag_name().name()) {
        (Some(COMMON), "identity") => conditions.identity = Some(identity(node)?),
        (Some(OMA), "other-identity") => conditions.other_identity = true,
        (Some(OMA), "anonymous-request") => conditions.anonymous = true,
        (Some(OWN), "direction") => {
            let words = [("originating", SessionCase::Originating), ("terminating", SessionCase::Terminating)];
            conditions.direction = word(node, "direction", &words)?;
        }
        (Some(OWN), "request") => {
            conditions.request =
                Some(word(node, "request", &[("session", Kind::Session), ("message", Kind::Message)])?);
        }
        (Some(OWN), "media") => {
            conditions.media = Some(word(node, "media", &Medium::ALL.map(|medium| (medium.as_str(), medium)))?);
        }
        _ => conditions.unknown = true,
    }
    Ok(())
}

/// RFC 4745 section 7.1. What is not understood in it matches nobody.
fn identity(node: Node<'_, '_>) -> Result<Vec<Who>, Unreadable> {
    let all: Vec<_> = node.children().filter(Node::is_element).take(MOST_ENTRIES + 1).collect();
    bounded(all.len(), MOST_ENTRIES)?;
    let mut read = Vec::new();
    for one in all {
        if is(one, COMMON, "one") {
            read.push(Who::One(identity_key(attribute(one, "id")?)));
        } else if is(one, COMMON, "many") {
            let domain = one.attribute("domain").map(str::to_ascii_lowercase);
            let except: Vec<Who> = children(one, COMMON, "except").take(MOST_ENTRIES).filter_map(excepted).collect();
            read.push(Who::Many { domain, except });
        }
    }
    Ok(read)
}

fn excepted(node: Node<'_, '_>) -> Option<Who> {
    let one = node.attribute("id").map(|id| Who::One(identity_key(id)));
    let of_domain = |domain: &str| Who::Many { domain: Some(domain.to_ascii_lowercase()), except: Vec::new() };
    one.or_else(|| node.attribute("domain").map(of_domain))
}

/// Actions of other namespaces concern others.
fn action(node: Node<'_, '_>, actions: &mut Actions) -> Result<(), Unreadable> {
    match (node.tag_name().namespace(), node.tag_name().name()) {
        (Some(OWN), "handling") => {
            let words = [
                ("allow", Handling::Allow),
                ("defer", Handling::Defer),
                ("interwork", Handling::Interwork),
                ("reject", Handling::Reject),
            ];
            actions.handling = Some(word(node, "handling", &words)?);
        }
        (Some(OWN), "privacy") => actions.privacy = word(node, "privacy", &[("id", true), ("none", false)])?,
        (Some(OWN), "history") => actions.history = Some(word(node, "history", &[("on", true), ("off", false)])?),
        (Some(OWN), "availability") => {
            let words = [("available", Availability::Available), ("unavailable", Availability::Unavailable)];
            actions.availability = Some(word(node, "availability", &words)?);
        }
        (Some(OWN), "devices") => actions.devices = Some(devices(node)?),
        _ => {}
    }
    Ok(())
}

fn devices(node: Node<'_, '_>) -> Result<DevicePreference, Unreadable> {
    let orders = [("parallel", Order::Parallel), ("sequential", Order::Sequential), ("all", Order::All)];
    let order = node.attribute("order").map_or(Ok(Order::default()), |order| known("order", order, &orders))?;
    let flags = [("true", true), ("1", true), ("false", false), ("0", false)];
    let only = node.attribute("only").map_or(Ok(false), |only| known("only", only, &flags))?;
    let listed: Vec<_> = children(node, OWN, "device").take(MOST_ENTRIES + 1).collect();
    bounded(listed.len(), MOST_ENTRIES)?;
    let instance = |device| attribute(device, "instance").map(str::to_owned);
    Ok(DevicePreference { order, devices: listed.into_iter().map(instance).collect::<Result<_, _>>()?, only })
}

fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.tag_name().namespace() == Some(namespace) && node.tag_name().name() == name
}

fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is(*child, namespace, name))
}

fn attribute<'a>(node: Node<'a, '_>, name: &'static str) -> Result<&'a str, Unreadable> {
    node.attribute(name).ok_or(Unreadable::Missing(name))
}

fn word<T: Copy>(node: Node<'_, '_>, name: &'static str, words: &[(&str, T)]) -> Result<T, Unreadable> {
    let text: String = node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    known(name, &text, words)
}

fn known<T: Copy>(name: &'static str, text: &str, words: &[(&str, T)]) -> Result<T, Unreadable> {
    let meant = text.trim_matches([' ', '\t', '\r', '\n']);
    let found = words.iter().find(|(word, _)| *word == meant).map(|(_, value)| *value);
    found.ok_or_else(|| Unreadable::Value { name, value: meant.chars().take(40).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn read(rules: &str) -> Result<Ruleset, Unreadable> {
        let text = format!(
            "<?xml version='1.0' encoding='UTF-8'?><cr:ruleset xmlns:cr='{COMMON}' xmlns:ocp='{OMA}' \
             xmlns:p='{OWN}'>{rules}</cr:ruleset>"
        );
        ruleset(text.as_bytes())
    }

    fn one(conditions: &str, actions: &str) -> Result<Rule, Unreadable> {
        let conditions = format!("<cr:conditions>{conditions}</cr:conditions>");
        let rule = format!("<cr:rule id='r1'>{conditions}<cr:actions>{actions}</cr:actions></cr:rule>");
        Ok(read(&rule)?.rules.remove(0))
    }

    #[test]
    fn a_rule_has_conditions_and_actions() {
        let rule = one(
            "<cr:identity><cr:one id='sip:Carol@Remote.example;user=phone'/></cr:identity>\
             <p:direction> originating\n</p:direction><p:request>session</p:request><p:media>audio</p:media>",
            "<p:handling>reject</p:handling><p:privacy>id</p:privacy><p:availability>unavailable</p:availability>\
             <p:history>on</p:history><p:devices order='sequential' only='true'><p:device instance='urn:uuid:1'/>\
             </p:devices><x xmlns='y'/>",
        );
        let rule = rule.unwrap();
        assert_eq!(
            rule.conditions,
            Conditions {
                identity: Some(vec![Who::One("sip:Carol@remote.example".to_owned())]),
                direction: SessionCase::Originating,
                request: Some(Kind::Session),
                media: Some(Medium::Audio),
                ..Conditions::default()
            }
        );
        let devices = DevicePreference { order: Order::Sequential, devices: vec!["urn:uuid:1".to_owned()], only: true };
        assert_eq!(
            rule.actions,
            Actions {
                handling: Some(Handling::Reject),
                privacy: true,
                availability: Some(Availability::Unavailable),
                history: Some(true),
                devices: Some(devices),
            }
        );
    }

    #[test]
    fn a_rule_without_conditions_holds_always_and_for_those_who_call() {
        assert_eq!(read("").unwrap(), Ruleset::default());
        let rules = read("<cr:rule id='a'/><cr:rule id='b'><cr:conditions/></cr:rule>").unwrap().rules;
        assert_eq!(rules, vec![Rule::default(), Rule::default()]);
        assert_eq!(rules[0].conditions.direction, SessionCase::Terminating);
        let both = one("<ocp:other-identity/><ocp:anonymous-request/>", "").unwrap().conditions;
        assert!(both.other_identity && both.anonymous && !both.unknown);
    }

    #[test]
    fn a_condition_that_is_not_known_never_holds() {
        for unknown in ["<cr:validity/>", "<cr:sphere value='home'/>", "<x xmlns='y'/>", "<p:weather/>"] {
            assert!(one(unknown, "").unwrap().conditions.unknown, "{unknown}");
        }
        assert_eq!(one("<cr:identity><x xmlns='y'/></cr:identity>", "").unwrap().conditions.identity, Some(vec![]));
    }

    #[test]
    fn many_are_those_of_a_domain_but_for_some() {
        let many = "<cr:many domain='Remote.example'><cr:except id='sip:carol@remote.example'/></cr:many>";
        let rule = one(&format!("<cr:identity>{many}</cr:identity>"), "").unwrap();
        let who = rule.conditions.identity.unwrap().remove(0);
        assert!(who.is("sip:alice@remote.example") && !who.is("sip:carol@remote.example"));
        assert!(!who.is("sip:alice@example.com") && !who.is("tel:+15550100"));
        let any = one("<cr:identity><cr:many><cr:except domain='b.example'/></cr:many></cr:identity>", "").unwrap();
        let who = any.conditions.identity.unwrap().remove(0);
        assert!(who.is("tel:+15550100") && !who.is("sip:alice@b.example"));
    }

    #[test]
    fn what_makes_no_sense_makes_the_document_none() {
        let value = |name, value: &str| Unreadable::Value { name, value: value.to_owned() };
        assert_eq!(one("", "<p:handling>Reject</p:handling>"), Err(value("handling", "Reject")));
        assert_eq!(one("<p:media>smell</p:media>", ""), Err(value("media", "smell")));
        assert_eq!(one("<p:direction/>", ""), Err(value("direction", "")));
        assert_eq!(one("", "<p:devices only='yes'/>"), Err(value("only", "yes")));
        assert_eq!(one("", "<p:devices><p:device/></p:devices>"), Err(Unreadable::Missing("instance")));
        assert_eq!(one("<cr:identity><cr:one/></cr:identity>", ""), Err(Unreadable::Missing("id")));
        assert_eq!(ruleset(b"<ruleset/>"), Err(Unreadable::Root));
        for rubbish in [&b"\xff\xfe"[..], b"", b"<ruleset", b"<!DOCTYPE a><a/>"] {
            assert!(ruleset(rubbish).is_err());
        }
        let nested = format!("{}{}", "<x>".repeat(100), "</x>".repeat(100));
        assert_eq!(read(&nested), Err(Unreadable::Xml(XmlError::TooDeep)));
        assert_eq!(read(&"<cr:rule id='r'/>".repeat(MOST_RULES + 1)), Err(Unreadable::TooMany(MOST_RULES)));
    }
}
