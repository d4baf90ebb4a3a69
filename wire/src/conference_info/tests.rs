use super::*;
use proptest::prelude::*;

/// The full document of the examples in RFC 4575.
const EXAMPLE: &str = include_str!("example.xml");

fn parse(text: &str) -> Result<Document, XmlError> {
    Document::parse(text.as_bytes())
}

fn roster(documents: &[Document]) -> Roster {
    let mut roster = Roster::new();
    for document in documents {
        roster.apply(document).unwrap();
    }
    roster
}

#[test]
fn reads_the_example_of_rfc_4575() {
    let document = parse(EXAMPLE).unwrap();
    assert_eq!((document.entity.as_str(), document.state, document.version), CONFERENCE);
    let description = document.description.as_ref().unwrap();
    assert_eq!(description.subject.as_deref(), Some("Agenda: This month's goals"));
    assert_eq!(document.conference_state.unwrap().user_count, Some(33));
    let users: Vec<&User> = document.users().collect();
    let [bob, alice] = users.as_slice() else { panic!("{users:?}") };
    assert_eq!((bob.entity.as_str(), bob.display_text.as_deref()), ("sip:bob@example.com", Some("Bob Hoskins")));
    let laptop = &bob.endpoints[0];
    assert_eq!(laptop.status, Some(EndpointStatus::Disconnected));
    assert_eq!(laptop.disconnection_method, Some(DisconnectionMethod::Departed));
    let left = laptop.disconnection_info.as_ref().unwrap();
    assert_eq!(
        (left.when.as_deref(), left.reason.as_deref()),
        (Some("2005-03-04T20:00:00Z"), Some("bad voice quality"))
    );
    assert_eq!(left.by.as_deref(), Some("sip:mike@example.com"));
    assert_eq!(laptop.media[0].kind.as_deref(), Some("audio"));
    let phone = &alice.endpoints[0];
    assert_eq!(phone.entity, "sip:4kfk4j392jsu@example.com;grid=433kj4j3u");
    assert_eq!(
        (&phone.status, &phone.joining_method),
        (&Some(EndpointStatus::Connected), &Some(JoiningMethod::DialedOut))
    );
    assert_eq!(parse(&document.to_xml()), Ok(document));
}

const CONFERENCE: (&str, State, Option<u32>) = ("sips:conf233@example.com", State::Full, Some(1));

#[test]
fn the_smallest_document_is_enough() {
    let document = parse(r#"<c:conference-info xmlns:c="urn:ietf:params:xml:ns:conference-info" entity="sip:c"/>"#);
    assert_eq!(document, Ok(Document { entity: "sip:c".into(), ..Document::default() }));
}

#[test]
fn reads_a_notification_as_rcs_sends_it() {
    let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:c@example.com" state="partial" version="7">
<users><user entity="tel:+4930123" state="full" yourown="true"><x:icon xmlns:x="urn:x"/><endpoint entity="sip:d">
<status> disconnected </status><disconnection-method>failed</disconnection-method><disconnection-info>
<reason>SIP;cause=603;text="Decline"</reason></disconnection-info></endpoint></user></users></conference-info>"#;
    let document = parse(text).unwrap();
    assert_eq!((document.state, document.users.as_ref().unwrap().state), (State::Partial, None));
    let user = document.users().next().unwrap();
    assert!(user.yourown);
    let endpoint = &user.endpoints[0];
    assert_eq!(endpoint.status, Some(EndpointStatus::Disconnected));
    assert_eq!(endpoint.disconnection_method, Some(DisconnectionMethod::Failed));
    let reason = endpoint.disconnection_info.as_ref().and_then(|info| info.reason.as_deref());
    assert_eq!(reason, Some("SIP;cause=603;text=\"Decline\""));
}

#[test]
fn writes_the_elements_in_the_order_of_the_schema() {
    let execution =
        Execution { when: Some("2026-01-31T09:05:07Z".into()), reason: Some("r".into()), by: Some("sip:b".into()) };
    let mut user = User::with_status("sip:bob@example.com", EndpointStatus::Disconnected);
    user.yourown = true;
    user.display_text = Some("Bob".into());
    user.associated_aors = vec!["tel:+49301".into()];
    user.roles = vec!["participant".into()];
    let endpoint = &mut user.endpoints[0];
    endpoint.display_text = Some("Phone".into());
    endpoint.referred = Some(execution.clone());
    endpoint.joining_method = Some(JoiningMethod::DialedOut);
    endpoint.joining_info = Some(Execution { when: execution.when.clone(), ..Execution::default() });
    endpoint.disconnection_method = Some(DisconnectionMethod::Booted);
    endpoint.disconnection_info = Some(execution);
    endpoint.media = vec![Media {
        id: "1".into(),
        kind: Some("message".into()),
        status: Some("sendrecv".into()),
        ..Media::default()
    }];
    let mut document = Document::full("sip:c@example.com", 0, vec![user]);
    document.conference_state = Some(ConferenceState { user_count: Some(0), active: Some(true), locked: Some(false) });
    let uri =
        ConferenceUri { uri: "sip:c".into(), display_text: Some("C".into()), purpose: Some("participation".into()) };
    document.description = Some(Description {
        display_text: Some("D".into()),
        subject: Some("S".into()),
        free_text: Some("F".into()),
        keywords: Some("K".into()),
        conf_uris: vec![uri],
        maximum_user_count: Some(10),
    });
    let got = names(&document.to_xml());
    let expected = "conference-info conference-description display-text subject free-text keywords conf-uris entry uri \
        display-text purpose maximum-user-count conference-state user-count active locked users user display-text \
        associated-aors entry uri roles entry endpoint display-text referred when reason by status joining-method \
        joining-info when disconnection-method disconnection-info when reason by media type status";
    assert_eq!(got, expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(parse(&document.to_xml()), Ok(document));
}

/// The names of the elements in the order in which they start.
fn names(text: &str) -> Vec<String> {
    let tree = roxmltree::Document::parse(text).unwrap();
    tree.descendants().filter(|node| node.is_element()).map(|node| node.tag_name().name().to_owned()).collect()
}

#[test]
fn what_the_schema_requires_must_be_there_and_right() {
    let bad = [
        ("entity=\"sips:conf233@example.com\"", ""),
        ("<user entity=", "<user name="),
        ("<media id=", "<media name="),
        ("version=\"1\"", "version=\"one\""),
        ("state=\"full\"", "state=\"complete\""),
        ("<user-count>33", "<user-count>many"),
    ];
    for (right, wrong) in bad {
        let text = EXAMPLE.replacen(right, wrong, 1);
        assert_ne!(text, EXAMPLE, "{right}");
        assert!(matches!(parse(&text), Err(XmlError::Missing { .. } | XmlError::Value { .. })), "{right}");
    }
}

#[test]
fn a_full_document_replaces_and_a_partial_one_changes() {
    let (alice, bob) = ("sip:alice@example.com", "sip:bob@example.com");
    let full = Document::full("sip:c", 1, vec![User::with_status(alice, EndpointStatus::Connected)]);
    let invited = Document::partial("sip:c", 2, vec![User::with_status(bob, EndpointStatus::DialingOut)]);
    let gone = Document::partial("sip:c", 3, vec![User::deleted(alice)]);
    let folded = roster(&[full.clone(), invited.clone()]);
    assert!(folded.members()[alice].is_in() && !folded.members()[bob].is_in());
    let folded = roster(&[full, invited, gone]);
    assert_eq!(folded.members().keys().collect::<Vec<_>>(), [bob]);
    assert_eq!((folded.version(), folded.entity()), (Some(3), "sip:c"));
}

#[test]
fn a_partial_user_keeps_what_it_does_not_tell() {
    let bob = "sip:bob@example.com";
    let mut user = User::with_status(bob, EndpointStatus::Connected);
    (user.display_text, user.yourown) = (Some("Bob".into()), true);
    user.endpoints[0].joining_method = Some(JoiningMethod::DialedIn);
    let mut change = User { state: State::Partial, ..User::with_status(bob, EndpointStatus::Disconnected) };
    change.endpoints[0].state = State::Partial;
    change.endpoints[0].disconnection_method = Some(DisconnectionMethod::Departed);
    change.endpoints.push(Endpoint { entity: "sip:other".into(), state: State::Deleted, ..Endpoint::default() });
    let folded = roster(&[Document::full("sip:c", 1, vec![user]), Document::partial("sip:c", 2, vec![change])]);
    let member = &folded.members()[bob];
    assert_eq!((member.display_text.as_deref(), member.yourown), (Some("Bob"), true));
    assert_eq!(member.status(), Some(&EndpointStatus::Disconnected));
    assert_eq!(member.disconnection_method(), Some(&DisconnectionMethod::Departed));
    let endpoint = &member.endpoints[bob];
    assert_eq!((endpoint.state, &endpoint.joining_method), (State::Full, &Some(JoiningMethod::DialedIn)));
}

#[test]
fn a_stale_document_is_ignored() {
    let bob = vec![User::with_status("sip:bob@example.com", EndpointStatus::Connected)];
    let mut folded = roster(&[Document::full("sip:c", 5, bob)]);
    for version in [0, 4, 5] {
        assert_eq!(folded.apply(&Document::full("sip:c", version, vec![])), Ok(Applied::Stale));
        let deleted = Document { state: State::Deleted, ..Document::full("sip:c", version, vec![]) };
        assert_eq!(folded.apply(&deleted), Ok(Applied::Stale));
    }
    assert_eq!(folded.members().len(), 1);
}

#[test]
fn a_gap_is_reported_until_full_state_comes() {
    let nobody = |version| Document::partial("sip:c", version, vec![]);
    let mut folded = Roster::new();
    assert_eq!(folded.apply(&nobody(1)), Err(Gap::BeforeFull));
    assert_eq!(folded.apply(&Document::full("sip:c", 1, vec![])), Ok(Applied::Full));
    assert_eq!(folded.apply(&nobody(3)), Err(Gap::Missing { have: 1, got: 3 }));
    assert_eq!(folded.apply(&nobody(4)), Err(Gap::Missing { have: 1, got: 4 }));
    assert_eq!(folded.apply(&Document::full("sip:c", 6, vec![])), Ok(Applied::Full));
    assert_eq!(folded.apply(&nobody(7)), Ok(Applied::Partial));
}

#[test]
fn a_new_subscription_counts_anew_and_starts_with_full_state() {
    let mut folded = roster(&[Document::full("sip:c", 9, vec![])]);
    folded.subscribed_anew();
    assert_eq!(folded.apply(&Document::partial("sip:c", 10, vec![])), Err(Gap::BeforeFull));
    assert_eq!(folded.apply(&Document::full("sip:c", 0, vec![])), Ok(Applied::Full));
}

#[test]
fn a_deleted_conference_has_nobody() {
    let full = Document::full("sip:c", 1, vec![User::with_status("sip:bob", EndpointStatus::Connected)]);
    let deleted = Document { entity: "sip:c".into(), state: State::Deleted, version: Some(2), ..Document::default() };
    let folded = roster(&[full, deleted]);
    assert!(folded.is_deleted() && folded.members().is_empty());
}

#[test]
fn users_without_a_state_are_full_unless_the_notifier_is_known_to_mean_otherwise() {
    let full = Document::full("sip:c", 1, vec![User::with_status("sip:bob", EndpointStatus::Connected)]);
    let mut partial = Document::partial("sip:c", 2, vec![User::with_status("sip:eve", EndpointStatus::Connected)]);
    partial.users.as_mut().unwrap().state = None;
    assert_eq!(roster(&[full.clone(), partial.clone()]).members().len(), 1);
    let mut inheriting = Roster::inheriting();
    inheriting.apply(&full).unwrap();
    inheriting.apply(&partial).unwrap();
    assert_eq!(inheriting.members().len(), 2);
}

#[test]
fn a_document_cut_anywhere_is_an_error() {
    for length in 0..EXAMPLE.trim_end().len() {
        assert!(Document::parse(&EXAMPLE.as_bytes()[..length]).is_err(), "{length}");
    }
}

#[derive(Clone, Debug)]
enum Change {
    Set(User),
    Remove(String),
    Count(u32),
}

fn user() -> impl Strategy<Value = User> {
    let status = prop::sample::select(vec!["pending", "connected", "disconnected", "on-hold", "waving"]);
    let endpoint = ("[d-f]", status, prop::option::of("[ -~]{0,9}")).prop_map(|(entity, status, display_text)| {
        Endpoint { entity, display_text, status: Some(status.into()), ..Endpoint::default() }
    });
    ("[a-e]", prop::collection::vec(endpoint, 0..3), prop::option::of("\\PC{0,9}"), any::<bool>()).prop_map(
        |(entity, endpoints, display_text, yourown)| User {
            entity,
            endpoints,
            display_text,
            yourown,
            ..User::default()
        },
    )
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => user().prop_map(Change::Set),
        2 => "[a-e]".prop_map(Change::Remove),
        1 => (0u32..9).prop_map(Change::Count),
    ];
    prop::collection::vec(change, 0..20)
}

fn partial(version: u32, changes: &[Change]) -> Document {
    let mut document = Document::partial("sip:c", version, Vec::new());
    let users = document.users.get_or_insert_default();
    for change in changes {
        match change {
            Change::Set(user) => users.users.push(user.clone()),
            Change::Remove(entity) => users.users.push(User::deleted(entity)),
            Change::Count(count) => {
                document.conference_state =
                    Some(ConferenceState { user_count: Some(*count), ..ConferenceState::default() });
            }
        }
    }
    document
}

fn folded(changes: &[Change], cuts: &[usize]) -> Roster {
    let mut folded = roster(&[Document::full("sip:c", 0, Vec::new())]);
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (changes.len() + 1)).collect();
    cuts.extend([0, changes.len()]);
    cuts.sort_unstable();
    for (version, cut) in (1..).zip(cuts.windows(2)) {
        let document = partial(version, &changes[cut[0]..cut[1]]);
        assert_eq!(folded.apply(&parse(&document.to_xml()).unwrap()), Ok(Applied::Partial));
    }
    folded
}

proptest! {
    #[test]
    fn any_split_into_partial_documents_folds_to_the_same(changes in changes(), cuts: Vec<usize>) {
        let (whole, split) = (folded(&changes, &[]), folded(&changes, &cuts));
        prop_assert_eq!(whole.members(), split.members());
        prop_assert_eq!(whole.conference_state(), split.conference_state());
    }

    #[test]
    fn the_full_document_of_a_roster_folds_to_it(changes in changes()) {
        let known = folded(&changes, &[]);
        let again = roster(&[parse(&known.to_document(1).to_xml()).unwrap()]);
        prop_assert_eq!(known, again);
    }

    #[test]
    fn the_changes_between_rosters_lead_from_one_to_the_other(before in changes(), after in changes()) {
        let (mut earlier, later) = (folded(&before, &[]), folded(&after, &[]));
        let changes = later.changes_since(&earlier, 2);
        prop_assert_eq!(earlier.apply(&changes), Ok(Applied::Partial));
        prop_assert_eq!(earlier.members(), later.members());
    }

    #[test]
    fn a_lost_or_repeated_document_is_noticed(changes in changes(), have in 1u32..50, got in 0u32..60) {
        let mut known = roster(&[Document::full("sip:c", have, Vec::new())]);
        let before = known.clone();
        let outcome = known.apply(&partial(got, &changes));
        match got {
            _ if got <= have => prop_assert_eq!(outcome, Ok(Applied::Stale)),
            _ if got == have + 1 => prop_assert_eq!(outcome, Ok(Applied::Partial)),
            _ => prop_assert_eq!(outcome, Err(Gap::Missing { have, got })),
        }
        if got != have + 1 {
            prop_assert_eq!(known, before);
        }
    }

    #[test]
    fn no_octets_panic(octets: Vec<u8>, at in 0..EXAMPLE.len(), octet: u8) {
        let _ = Document::parse(&octets);
        let mut bent = EXAMPLE.as_bytes().to_vec();
        bent[at] = octet;
        if let Ok(document) = Document::parse(&bent) {
            let _ = Roster::new().apply(&document);
        }
    }
}
