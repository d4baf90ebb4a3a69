//! Bodies with every element that can be written.

use cpm_wire::conference_info::{
    ConferenceState, ConferenceUri, Description, DisconnectionMethod, Document, Endpoint, EndpointStatus, Execution,
    JoiningMethod, Media, State, User, Users,
};
use cpm_wire::imdn::{self, Notification, Status};
use cpm_wire::pidf;
use cpm_wire::reginfo::{self, Contact, ContactEvent, ContactState, Registration, RegistrationState, TempGruu};
use cpm_wire::resource_lists::{CopyControl, Entry, List};

use super::strangers::Kind;

const GROUP: &str = "sip:book-club@focus.example";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn execution() -> Option<Execution> {
    Some(Execution {
        when: text("2026-11-21T12:00:00Z"),
        reason: text("SIP;cause=200;text=\"Left\""),
        by: text("sip:carol@home.example"),
    })
}

/// A full roster in which nothing is left out.
fn whole_roster() -> String {
    let media = Media {
        id: "1".to_owned(),
        display_text: text("messages"),
        kind: text("message"),
        label: text("11"),
        src_id: text("432424"),
        status: text("sendrecv"),
    };
    let endpoint = |status, joining, disconnection: Option<DisconnectionMethod>| Endpoint {
        entity: "sip:phone@192.0.2.1".to_owned(),
        display_text: text("Phone"),
        referred: execution(),
        status: Some(status),
        joining_method: Some(joining),
        joining_info: execution(),
        disconnection_info: disconnection.as_ref().and_then(|_| execution()),
        disconnection_method: disconnection,
        media: vec![media.clone()],
        ..Endpoint::default()
    };
    let user = |name: &str, endpoint: Endpoint| User {
        entity: format!("sip:{name}@home.example"),
        display_text: Some(name.to_owned()),
        associated_aors: vec!["tel:+15550100".to_owned(), format!("sip:{name}@work.example")],
        roles: vec!["participant".to_owned(), "chair".to_owned()],
        endpoints: vec![endpoint],
        ..User::default()
    };
    let users = vec![
        user("alice", endpoint(EndpointStatus::Connected, JoiningMethod::FocusOwner, None)),
        user("bob", endpoint(EndpointStatus::DialingOut, JoiningMethod::DialedOut, None)),
        user(
            "carol",
            endpoint(EndpointStatus::Disconnected, JoiningMethod::DialedIn, Some(DisconnectionMethod::Departed)),
        ),
    ];
    let document = Document {
        description: Some(Description {
            display_text: text("Book club"),
            subject: text("Größe & <Form>"),
            free_text: text("Every Tuesday"),
            keywords: text("books tea"),
            conf_uris: vec![ConferenceUri {
                uri: GROUP.to_owned(),
                display_text: text("the club"),
                purpose: text("participation"),
            }],
            maximum_user_count: Some(100),
        }),
        conference_state: Some(ConferenceState { user_count: Some(3), active: Some(true), locked: Some(false) }),
        users: Some(Users { state: Some(State::Full), users }),
        ..Document::full(GROUP, 1, Vec::new())
    };
    document.to_xml()
}

/// What changed in a roster.
pub fn partial_roster() -> String {
    let mut alice = User::with_status("sip:alice@home.example", EndpointStatus::Connected);
    alice.display_text = text("Alice <\"the\" & first>");
    let mut bob = User::with_status("sip:bob@home.example", EndpointStatus::Disconnected);
    for endpoint in &mut bob.endpoints {
        endpoint.disconnection_method = Some(DisconnectionMethod::Booted);
    }
    Document::partial(GROUP, u32::MAX, vec![alice, bob, User::deleted("tel:+15550100")]).to_xml()
}

/// Every status that RFC 5438 lets stand in a notification of each kind, with and without what may be left out.
pub fn notifications() -> Vec<(Notification, String)> {
    use Status::{Delivered, Displayed, Error, Failed, Forbidden, Processed, Stored};
    let mut notifications = Vec::new();
    for kind in [imdn::Kind::Delivery, imdn::Kind::Display, imdn::Kind::Processing] {
        for status in [Delivered, Failed, Displayed, Processed, Stored, Forbidden, Error] {
            if !status.belongs_to(kind) {
                continue;
            }
            let short = Notification::new("Mx7.q-1", "2026-11-21T12:00:00Z", kind, status);
            let long = Notification {
                recipient_uri: text("sip:bob@home.example"),
                original_recipient_uri: text(GROUP),
                subject: text("Tuesday & <tea>"),
                ..short.clone()
            };
            notifications.extend([short, long]);
        }
    }
    assert_eq!(notifications.len(), 22);
    notifications.into_iter().map(|notification| (notification.clone(), notification.to_xml())).collect()
}

fn lists() -> Vec<String> {
    let plain = List { entries: vec![Entry::new("sip:alice@home.example"), Entry::new("tel:+15550100")] };
    let addressed = List {
        entries: vec![
            Entry {
                copy_control: Some(CopyControl::To),
                display_name: text("Alice & co"),
                ..Entry::new("sip:a@b.example")
            },
            Entry { copy_control: Some(CopyControl::Cc), ..Entry::new("sip:b@b.example;user=phone") },
            Entry { copy_control: Some(CopyControl::Bcc), anonymize: true, ..Entry::new("sip:c@b.example") },
            Entry { anonymize: true, count: Some(2), ..Entry::new("sip:anonymous@anonymous.invalid") },
        ],
    };
    [plain, addressed, List::default()].iter().map(List::to_xml).collect()
}

fn registrations() -> String {
    // No IPv6 address: `[` may stand in a SIP URI, but not in what XML Schema takes for one (RFC 3986 section 3.3).
    let mut phone = Contact::new("c1", "sip:bob@192.0.2.1:5062", ContactState::Active, ContactEvent::Registered);
    phone.display_name = text("Bob's phone");
    phone.duration_registered = Some(7322);
    phone.expires = Some(600_000);
    phone.q = text("0.8");
    phone.call_id = text("a84b4c76e66710@home.example");
    phone.cseq = Some(u32::MAX);
    phone
        .unknown_params
        .push(("+sip.instance".to_owned(), "\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\"".to_owned()));
    phone.pub_gruu = text("sip:bob@home.example;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    phone.temp_gruu = Some(TempGruu { uri: "sip:tgruu.7hs==@home.example;gr".to_owned(), first_cseq: Some(54) });
    let events = [
        (ContactState::Active, ContactEvent::Created),
        (ContactState::Active, ContactEvent::Refreshed),
        (ContactState::Active, ContactEvent::Shortened),
        (ContactState::Terminated, ContactEvent::Expired),
        (ContactState::Terminated, ContactEvent::Deactivated),
        (ContactState::Terminated, ContactEvent::Probation),
        (ContactState::Terminated, ContactEvent::Unregistered),
        (ContactState::Terminated, ContactEvent::Rejected),
    ];
    let others = events.into_iter().enumerate().map(|(number, (state, event))| {
        let mut contact = Contact::new(&format!("c{}", number + 2), "sip:bob@192.0.2.1", state, event);
        contact.retry_after = (event == ContactEvent::Probation).then_some(30);
        contact
    });
    let registration = |id: &str, state, contacts| Registration {
        aor: "sip:bob@home.example".to_owned(),
        id: id.to_owned(),
        state,
        contacts,
    };
    let registrations = vec![
        registration("r1", RegistrationState::Active, std::iter::once(phone).chain(others).collect()),
        registration("r2", RegistrationState::Init, Vec::new()),
        registration("r3", RegistrationState::Terminated, Vec::new()),
    ];
    reginfo::Document { version: 7, state: reginfo::State::Full, registrations }.to_xml()
}

/// Two tuples, in one of which nothing is left out.
fn presence() -> String {
    let note = |words: &str| pidf::Note { language: text("en"), text: words.to_owned() };
    let phone = pidf::Tuple {
        contact: Some(pidf::Contact { uri: "sip:phone@192.0.2.1".to_owned(), priority: text("0.8") }),
        notes: vec![note("at lunch <soon>")],
        timestamp: text("2026-11-21T12:00:00Z"),
        ..pidf::Tuple::new("phone", pidf::Basic::Open)
    };
    let tuples = vec![phone, pidf::Tuple::new("desk", pidf::Basic::Closed)];
    pidf::Document { notes: vec![note("back at one")], ..pidf::Document::new("sip:bob@home.example", tuples) }.to_xml()
}

/// All of them.
pub fn all() -> Vec<(Kind, String)> {
    let mut all = vec![
        (Kind::ConferenceInfo, whole_roster()),
        (Kind::ConferenceInfo, partial_roster()),
        (Kind::ConferenceInfo, Document { state: State::Deleted, ..Document::full(GROUP, 2, Vec::new()) }.to_xml()),
        (Kind::Reginfo, registrations()),
        (Kind::Presence, presence()),
        (Kind::Presence, pidf::Document::new("sip:bob@home.example", Vec::new()).to_xml()),
    ];
    all.extend(notifications().into_iter().map(|(_, xml)| (Kind::Imdn, xml)));
    all.extend(lists().into_iter().map(|xml| (Kind::ResourceLists, xml)));
    all
}
