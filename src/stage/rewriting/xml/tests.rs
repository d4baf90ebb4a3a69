//! Documents said otherwise read as before.

use super::super::chance::Chance;
use super::super::documents::rewrite;
use super::super::freedoms::{Freedoms, Uses};
use super::super::samples::NOTIFICATION;
use super::*;
use cpm_wire::conference_info::Document as Roster;
use cpm_wire::imdn::Notification;
use cpm_wire::resource_lists::List;

const ROSTER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:g@example.com" state="full" version="3">
 <conference-description>
  <subject>Tea &amp; cake</subject>
 </conference-description>
 <conference-state>
  <user-count>2</user-count>
 </conference-state>
 <users state="full">
  <user entity="sip:alice@example.com" state="full">
   <display-text>Alice O'Hara</display-text>
   <endpoint entity="sip:alice@example.com">
    <status>connected</status>
    <joining-info>
     <when>2026-01-31T23:05:07Z</when>
    </joining-info>
    <media id="1"/>
   </endpoint>
  </user>
  <user entity="sip:bob@example.com" state="full">
   <endpoint entity="sip:bob@example.com">
    <status>pending</status>
   </endpoint>
  </user>
 </users>
</conference-info>
"#;

const LIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" xmlns:cp="urn:ietf:params:xml:ns:copycontrol">
 <list>
  <entry uri="sip:bill@example.com" cp:copyControl="to">
   <display-name>Bill</display-name>
  </entry>
  <entry uri="sip:joe@example.com?Subject=%22x%22&amp;a=b" cp:copyControl="cc" cp:anonymize="true"/>
  <entry uri="sip:eve@example.com"/>
 </list>
</resource-lists>
"#;

/// A type, a sample of it, and what is read of a body.
type Sample = (&'static str, &'static str, fn(&[u8]) -> String);

const SAMPLES: [Sample; 3] = [
    ("message/imdn+xml", NOTIFICATION, |octets| format!("{:?}", Notification::parse(octets).unwrap())),
    ("application/conference-info+xml; charset=utf-8", ROSTER, |octets| {
        let mut document = Roster::parse(octets).unwrap();
        document.users.iter_mut().for_each(|users| users.users.sort_by(|one, other| one.entity.cmp(&other.entity)));
        format!("{document:?}")
    }),
    ("application/Resource-Lists+xml", LIST, |octets| {
        let mut list = List::parse(octets).unwrap();
        list.entries.sort_by(|one, other| one.uri.cmp(&other.uri));
        format!("{list:?}")
    }),
];

fn is_of_xml(freedom: Freedom) -> bool {
    freedom.as_str().starts_with("xml")
        || freedom.as_str().ends_with("user-order")
        || freedom == Freedom::ListEntryOrder
}

#[test]
fn each_freedom_alone_changes_octets_and_nothing_that_is_read() {
    for freedom in Freedom::ALL.iter().copied().filter(|freedom| is_of_xml(*freedom)) {
        let mut changed = 0;
        for (seed, (kind, sample, reading)) in (0..40).flat_map(|seed| SAMPLES.map(|sample| (seed, sample))) {
            let (mut chance, mut uses) = (Chance::new(seed), Uses::default());
            let other = rewrite(kind, sample.as_bytes(), &Freedoms::only(freedom), &mut chance, &mut uses);
            assert_eq!(other != sample.as_bytes(), uses.of(freedom) > 0, "{} of seed {seed}", freedom.as_str());
            assert_eq!(reading(&other), reading(sample.as_bytes()), "{}", String::from_utf8_lossy(&other));
            changed += u32::from(other != sample.as_bytes());
        }
        assert!(changed > 8, "{}: {changed}", freedom.as_str());
    }
}

#[test]
fn all_freedoms_together_change_nothing_that_is_read() {
    for (seed, (kind, sample, reading)) in (0..300).flat_map(|seed| SAMPLES.map(|sample| (seed, sample))) {
        let (mut chance, mut uses) = (Chance::new(seed), Uses::default());
        let other = rewrite(kind, sample.as_bytes(), &Freedoms::all(), &mut chance, &mut uses);
        assert_eq!(reading(&other), reading(sample.as_bytes()), "{}", String::from_utf8_lossy(&other));
    }
}

#[test]
fn extensions_of_the_field_keep_their_own_namespace() {
    let told = Notification::new(
        "m1",
        "2026-01-31T23:05:07Z",
        cpm_wire::imdn::Kind::Interworking,
        cpm_wire::imdn::Status::Other("legacy-sms".to_owned()),
    );
    for seed in 0..100 {
        let (mut chance, mut uses) = (Chance::new(seed), Uses::default());
        let other = rewrite("message/imdn+xml", told.to_xml().as_bytes(), &Freedoms::all(), &mut chance, &mut uses);
        assert_eq!(Notification::parse(&other).as_ref(), Ok(&told), "{}", String::from_utf8_lossy(&other));
    }
}

#[test]
fn users_told_of_twice_keep_their_order() {
    let twice = ROSTER
        .replace("entity=\"sip:bob@example.com\" state=\"full\"", "entity=\"sip:alice@example.com\" state=\"deleted\"");
    for seed in 0..20 {
        let (mut chance, mut uses) = (Chance::new(seed), Uses::default());
        let freedoms = Freedoms::only(Freedom::ConferenceUserOrder);
        let other = rewrite("application/conference-info+xml", twice.as_bytes(), &freedoms, &mut chance, &mut uses);
        assert_eq!(other, twice);
    }
}
