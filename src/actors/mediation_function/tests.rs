//! Orders and what comes of them, without a link.

use super::*;
use crate::actors::Person;
use crate::actors::ids::Ids;
use crate::actors::outbox::LinkOutput;
use crate::evidence::{Event, What};
use cpm_wire::time::Time;
use cpm_wire::x1;
use pretty_assertions::assert_eq;

const X1: &str = "127.0.0.1:8443";
const HERE: &str = "127.0.0.1:20001";

struct Scene {
    mediation: MediationFunction,
    links: Links,
    ids: Ids,
}

fn scene() -> Scene {
    let access = Access {
        x1: X1.parse().unwrap(),
        administration: "admf.example.com".into(),
        stranger: "stranger.example.com".into(),
        impostor: None,
        nobody: None,
    };
    let mut ids = Ids::new("s1", 7);
    let (address, destination) = (HERE.parse().unwrap(), uuid(&mut ids));
    Scene { mediation: MediationFunction::new(address, address, access, destination), links: Links::default(), ids }
}

fn bob() -> Person {
    let identities = ["sip:bob@example.com", "tel:+4930", "mailto:bob@example.com"].map(str::to_owned).to_vec();
    Person { name: "Bob".to_owned(), identities, served: true }
}

impl Scene {
    fn orders(&mut self, who: Who) {
        self.mediation.orders(who, &bob(), Time::ZERO, &mut self.ids, &mut self.links);
    }

    fn outputs(&mut self) -> Vec<Output> {
        let all = std::iter::from_fn(|| self.links.out.next_output());
        all.filter_map(|output| match output {
            LinkOutput::Net(output) => Some(output),
            LinkOutput::Sip { .. } => None,
        })
        .collect()
    }

    fn events(&mut self) -> Vec<Event> {
        let all = std::iter::from_fn(|| self.links.out.next_evidence());
        all.filter_map(|what| if let What::Event(event) = what { Some(event) } else { None }).collect()
    }

    /// The connection of the last order is there; gives it, and what is asked on it.
    fn asked(&mut self) -> (ConnectionId, Vec<x1::Asked>) {
        let connection = match self.outputs().first().unwrap() {
            Output::Connect { connection, .. } | Output::ConnectSecured { connection, .. } => *connection,
            other => panic!("{other:?}"),
        };
        let (local, remote) = ("127.0.0.1:40000".parse().unwrap(), X1.parse().unwrap());
        let connected = Input::Connected { connection, local, remote };
        assert!(self.mediation.owns(&connected));
        self.mediation.receive(connected, &mut self.links);
        let outputs = self.outputs();
        let [Output::Send { octets, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        let mut framer = x1::http::Framer::requests();
        framer.push(octets);
        let message = framer.next().unwrap().unwrap();
        let requests = x1::read_requests(&message.body).unwrap();
        (connection, requests.into_iter().map(|request| request.unwrap().asked).collect())
    }

    fn answered(&mut self, connection: ConnectionId) {
        let octets = Bytes::from_static(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        self.mediation.receive(Input::Received { connection, octets }, &mut self.links);
    }
}

#[test]
fn the_first_order_tells_where_to_hand_over_and_the_last_takes_that_back() {
    let mut scene = scene();
    scene.orders(Who::Administration);
    let (connection, asked) = scene.asked();
    let [x1::Asked::CreateDestination(destination), x1::Asked::ActivateTask(task)] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!((destination.address, &task.destinations), (HERE.parse().unwrap(), &vec![destination.did]));
    let targets: Vec<_> = task.targets.iter().map(|target| (target.kind.as_str(), target.value.as_str())).collect();
    assert_eq!(targets, [("sipUri", "sip:bob@example.com"), ("telUri", "tel:+4930")]);
    let told = scene.events();
    assert!(matches!(&told[..], [Event::Interception { task: told, authorised: true, ends: false, .. }]
        if *told == task.xid.to_string()));
    assert!(!scene.mediation.is_answered());
    scene.answered(connection);
    assert!(scene.mediation.is_answered());
    assert!(matches!(scene.outputs()[..], [Output::Close { .. }]));
    assert!(scene.mediation.ends("Bob", Time::ZERO, &mut scene.ids, &mut scene.links));
    assert_eq!(scene.asked().1, [x1::Asked::DeactivateTask(task.xid)]);
    assert!(!scene.mediation.ends("Bob", Time::ZERO, &mut scene.ids, &mut scene.links));
    scene.orders(Who::Administration);
    let asked = scene.asked().1;
    let [x1::Asked::ActivateTask(again)] = &asked[..] else { panic!("{asked:?}") };
    scene.mediation.leaves(Time::ZERO, &mut scene.ids, &mut scene.links);
    let gone = [x1::Asked::DeactivateTask(again.xid), x1::Asked::RemoveDestination(destination.did)];
    assert_eq!(scene.asked().1, gone);
    scene.mediation.leaves(Time::ZERO, &mut scene.ids, &mut scene.links);
    assert!(scene.outputs().is_empty());
}

#[test]
fn who_has_no_authority_is_known_for_it() {
    for (who, identity) in [
        (Who::Administration, Some("admf.example.com")),
        (Who::Stranger, Some("stranger.example.com")),
        (Who::Impostor, None),
        (Who::Nobody, None),
    ] {
        let mut scene = scene();
        scene.orders(who);
        let shown = match &scene.outputs()[0] {
            Output::ConnectSecured { identity, .. } => Some(identity.to_string()),
            Output::Connect { .. } => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(shown.as_deref(), identity);
        let told = scene.events();
        assert!(
            matches!(told[0], Event::Interception { authorised, .. } if authorised == (who == Who::Administration))
        );
    }
}

#[test]
fn a_connection_that_is_refused_is_an_answer() {
    for (how, what) in [
        (Closing::Unauthenticated, ConnectionWhat::Reset { by_target: true }),
        (Closing::Refused, ConnectionWhat::Refused),
        (Closing::Unreachable, ConnectionWhat::Unreachable),
    ] {
        let mut scene = scene();
        scene.orders(Who::Stranger);
        let Output::ConnectSecured { connection, .. } = scene.outputs().remove(0) else { panic!("no connection") };
        scene.mediation.receive(Input::Closed { connection, how }, &mut scene.links);
        assert!(scene.mediation.is_answered());
        let all = std::iter::from_fn(|| scene.links.out.next_evidence());
        let ends: Vec<_> =
            all.filter_map(|one| if let What::Connection(one) = one { Some(one.what) } else { None }).collect();
        assert_eq!(ends, [what]);
    }
}

#[test]
fn keepalives_are_answered_and_what_is_no_pdu_ends_the_connection() {
    let mut scene = scene();
    let connection = ConnectionId::accepted(1);
    let (local, remote) = (HERE.parse().unwrap(), "127.0.0.1:40001".parse().unwrap());
    scene.mediation.receive(Input::Accepted { connection, local, remote }, &mut scene.links);
    let octets = Pdu::keepalive(Kind::Keepalive, 5).to_octets();
    scene.mediation.receive(Input::Received { connection, octets }, &mut scene.links);
    let [Output::Send { octets, .. }] = &scene.outputs()[..] else { panic!("no answer") };
    assert_eq!(Pdu::parse(octets.clone()), Ok(Pdu::keepalive(Kind::KeepaliveAck, 5)));
    scene.mediation.receive(Input::Received { connection, octets: Bytes::from_static(b"GET / ") }, &mut scene.links);
    assert!(matches!(scene.outputs()[..], [Output::Reset { .. }]));
    assert!(!scene.mediation.owns(&Input::Closed { connection, how: Closing::Reset }));
}
