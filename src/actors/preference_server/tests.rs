//! The tester's server, against requests written by hand from RFC 4825, and documents against the ledger's entry L33.

use super::*;
use crate::actors::media::Links;
use crate::actors::outbox::LinkOutput;
use crate::evidence::{Direction, What};
use pretty_assertions::assert_eq;

const BOB: &str = "sip:bob@example.com";
const PATH: &str = "/xcap-root/org.openmobilealliance.im-rules/users/sip:bob%40example.com/index";
const RULES: &str = "<cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\"/>";

struct Scene {
    server: PreferenceServer,
    links: Links,
    connection: ConnectionId,
}

impl Scene {
    fn new() -> Scene {
        let connection = ConnectionId::accepted(1);
        let server = PreferenceServer::new("127.0.0.1:8080".parse().unwrap(), Documents::default());
        let mut scene = Scene { server, links: Links::default(), connection };
        let remote = "127.0.0.1:50000".parse().unwrap();
        let accepted = Input::Accepted { connection, local: scene.server.address, remote };
        assert!(scene.server.owns(&accepted));
        scene.server.receive(accepted, &mut scene.links);
        scene
    }

    /// With a document of Bob, of the version v1.
    fn with_rules() -> Scene {
        let mut scene = Scene::new();
        let answer = scene.put(RULES, "");
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\nETag: \"v1\"\r\n"), "{answer}");
        scene
    }

    fn hear(&mut self, octets: &[u8]) -> String {
        let octets = Bytes::copy_from_slice(octets);
        self.server.receive(Input::Received { connection: self.connection, octets }, &mut self.links);
        let mut said = String::new();
        while let Some(output) = self.links.out.next_output() {
            match output {
                LinkOutput::Net(Output::Send { octets, .. }) => said.push_str(std::str::from_utf8(&octets).unwrap()),
                LinkOutput::Net(Output::Close { .. }) => said.push_str("(close)"),
                other => panic!("{other:?}"),
            }
        }
        said
    }

    fn ask(&mut self, method: &str, path: &str, fields: &str) -> String {
        self.hear(format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n{fields}\r\n").as_bytes())
    }

    fn put(&mut self, document: &str, fields: &str) -> String {
        let fields = format!("Content-Type: {MEDIA_TYPE}\r\nContent-Length: {}\r\n{fields}", document.len());
        self.hear(format!("PUT {PATH} HTTP/1.1\r\nHost: x\r\n{fields}\r\n{document}").as_bytes())
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[test]
fn a_document_is_read_with_its_version_and_not_again_while_it_holds() {
    let mut scene = Scene::with_rules();
    let whole = scene.ask("GET", PATH, "");
    let expected = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {MEDIA_TYPE}\r\nETag: \"v1\"\r\nContent-Length: {}\r\n\r\n{RULES}",
        RULES.len()
    );
    assert_eq!(whole, expected);
    assert_eq!(
        scene.ask("GET", PATH, "If-None-Match: \"v0\", \"v1\"\r\n"),
        "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"
    );
    assert_eq!(status(&scene.ask("GET", PATH, "If-None-Match: \"v0\"\r\n")), "200");
    assert_eq!(status(&scene.ask("GET", PATH, "If-Match: \"v0\"\r\n")), "412");
    let head = scene.ask("HEAD", PATH, "");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert_eq!(scene.ask("GET", &format!("http://127.0.0.1:8080{PATH}"), ""), expected);
}

#[test]
fn another_spelling_of_the_user_is_the_same_user() {
    let mut scene = Scene::with_rules();
    for spelling in ["sip:bob@example.com", "sip%3Abob%40EXAMPLE.com"] {
        assert_eq!(
            status(&scene.ask("GET", &PATH.replace("sip:bob%40example.com", spelling), "")),
            "200",
            "{spelling}"
        );
    }
    for other in ["sip:carol@example.com", "sip:bob%4", "sip:bob%zz"] {
        assert_eq!(status(&scene.ask("GET", &PATH.replace("sip:bob%40example.com", other), "")), "404", "{other}");
    }
}

#[test]
fn a_document_changes_only_as_its_conditions_have_it() {
    let mut scene = Scene::with_rules();
    assert_eq!(status(&scene.put(RULES, "If-None-Match: *\r\n")), "412");
    assert_eq!(status(&scene.put(RULES, "If-Match: \"v0\"\r\n")), "412");
    let replaced = scene.put(RULES, "If-Match: \"v1\"\r\n");
    assert!(replaced.starts_with("HTTP/1.1 200 OK\r\nETag: \"v2\"\r\n"), "{replaced}");
    assert_eq!(status(&scene.ask("DELETE", PATH, "If-Match: \"v1\"\r\n")), "412");
    assert_eq!(status(&scene.ask("DELETE", PATH, "If-Match: \"v2\"\r\n")), "200");
    assert_eq!(status(&scene.ask("DELETE", PATH, "")), "404");
    assert_eq!(status(&scene.ask("GET", PATH, "")), "404");
    assert_eq!(status(&scene.put(RULES, "If-Match: *\r\n")), "412");
}

#[test]
fn what_is_no_document_is_refused_as_rfc_4825_section_11_has_it() {
    for (document, element) in
        [("<cr:ruleset", "not-well-formed"), ("<other/>", "schema-validation-error"), ("", "not-well-formed")]
    {
        let answer = Scene::new().put(document, "");
        assert!(
            answer.starts_with("HTTP/1.1 409 Conflict\r\nContent-Type: application/xcap-error+xml\r\n"),
            "{answer}"
        );
        assert!(answer.contains(&format!("<{element}/>")), "{answer}");
    }
    let latin = b"PUT /xcap-root/org.openmobilealliance.im-rules/users/sip:b@x/index HTTP/1.1\r\nHost: x\r\n\
        Content-Type: application/auth-policy+xml\r\nContent-Length: 3\r\n\r\n<\xe4>";
    assert!(Scene::new().hear(latin).contains("<not-utf-8/>"));
    let mut scene = Scene::new();
    let other = format!("PUT {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(status(&scene.hear(other.as_bytes())), "415");
    assert_eq!(status(&scene.ask("POST", PATH, "")), "405");
    assert_eq!(status(&scene.ask("GET", &format!("{PATH}/~~/ruleset"), "")), "501");
    assert_eq!(status(&scene.ask("GET", "/elsewhere", "")), "404");
    assert!(
        scene
            .ask("GET", "/xcap-root/xcap-caps/global/index", "")
            .contains("<auid>org.openmobilealliance.im-rules</auid>")
    );
}

#[test]
fn requests_come_in_pieces_in_chunks_and_several_at_a_time() {
    let mut scene = Scene::with_rules();
    let get = format!("GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut said = String::new();
    for octet in get.as_bytes() {
        said.push_str(&scene.hear(&[*octet]));
    }
    assert_eq!(status(&said), "200");
    let twice = scene.hear(format!("{get}\r\n{get}").as_bytes());
    assert_eq!(twice, format!("{said}{said}"));
    let chunked = format!(
        "PUT {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {MEDIA_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n\
         a;x=y\r\n{}\r\n{:x}\r\n{}\r\n0\r\nTrailer: z\r\n\r\n",
        &RULES[..10],
        RULES.len() - 10,
        &RULES[10..]
    );
    assert_eq!(status(&scene.hear(chunked.as_bytes())), "200");
    assert!(scene.ask("GET", PATH, "").ends_with(RULES));
    let waits = format!(
        "PUT {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {MEDIA_TYPE}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        RULES.len()
    );
    assert_eq!(scene.hear(waits.as_bytes()), "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(status(&scene.hear(RULES.as_bytes())), "200");
}

#[test]
fn a_connection_ends_after_the_last_word_and_after_what_is_no_request() {
    let get = format!("GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    for (text, expected) in [
        (get.as_str(), "404"),
        ("GET /xcap-root HTTP/1.0\r\n\r\n", "404"),
        ("nonsense\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"),
        ("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", "400"),
        ("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", "413"),
        ("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501"),
    ] {
        let mut scene = Scene::new();
        let said = scene.hear(text.as_bytes());
        assert_eq!(status(&said), expected, "{text}");
        assert!(said.contains("Connection: close\r\n") && said.ends_with("(close)"), "{said}");
    }
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(20_000));
    assert_eq!(status(&Scene::new().hear(long.as_bytes())), "431");
}

#[test]
fn what_crosses_is_evidence_and_says_whose_documents_are_read() {
    let mut scene = Scene::new();
    scene.ask("GET", PATH, "");
    let asked = scene.server.poll_asked().unwrap();
    assert_eq!((asked.user.as_deref(), asked.changing), (Some(BOB), false));
    let mut directions = Vec::new();
    while let Some(what) = scene.links.out.next_evidence() {
        if let What::Octets(octets) = what {
            assert_eq!((octets.protocol, &*octets.actor), (Protocol::Http, ACTOR));
            directions.push(octets.direction);
        }
    }
    assert_eq!(directions, [Direction::Received, Direction::Sent]);
}

fn preferring(changes: impl IntoIterator<Item = Change>) -> Preferences {
    let mut preferences = Preferences::default();
    changes.into_iter().for_each(|change| preferences.change(change));
    preferences
}

/// The rules of a document: each its conditions and its actions, as they stand.
fn rules(text: &str) -> Vec<(String, String)> {
    let read = roxmltree::Document::parse(text).unwrap();
    let part = |rule: roxmltree::Node<'_, '_>, name: &str| {
        let node = rule.children().find(|node| node.tag_name().name() == name).unwrap();
        let inside = text[node.range()].split_once('>').unwrap().1.rsplit_once("</").unwrap().0;
        inside.to_owned()
    };
    let all = read.root_element().children().filter(roxmltree::Node::is_element);
    all.map(|rule| (part(rule, "conditions"), part(rule, "actions"))).collect()
}

fn one(conditions: &str, actions: &str) -> Vec<(String, String)> {
    vec![(conditions.to_owned(), actions.to_owned())]
}

#[test]
fn each_wish_has_its_rule() {
    let identity = "<cr:identity><cr:one id=\"sip:c&amp;d@x\"/></cr:identity>";
    let other = || "sip:c&d@x".to_owned();
    let refused = "<p:handling>reject</p:handling>";
    let devices = DeviceWish { order: Order::Sequential, devices: vec!["urn:uuid:1".to_owned()], only: true };
    for (change, conditions, actions) in [
        (Change::Bars(Way::Terminating, other(), true), identity.to_owned(), refused),
        (
            Change::Bars(Way::Originating, other(), true),
            format!("{identity}<p:direction>originating</p:direction>"),
            refused,
        ),
        (Change::RefusesAnonymous, "<ocp:anonymous-request/>".to_owned(), refused),
        (Change::RefusesMedium(Medium::Video), "<p:media>video</p:media>".to_owned(), refused),
        (Change::Available(false), String::new(), "<p:availability>unavailable</p:availability>"),
        (Change::Hides(true), "<p:direction>originating</p:direction>".to_owned(), "<p:privacy>id</p:privacy>"),
        (
            Change::Devices(Some(devices)),
            String::new(),
            "<p:devices order=\"sequential\" only=\"true\"><p:device instance=\"urn:uuid:1\"/></p:devices>",
        ),
        (Change::Ruled(Way::Terminating, other(), true), identity.to_owned(), "<p:handling>allow</p:handling>"),
    ] {
        let owner = change.owner();
        let text = document(&preferring([change]), owner).unwrap();
        assert_eq!(rules(&text), one(&conditions, actions));
    }
}

#[test]
fn what_is_taken_back_leaves_no_document() {
    let other = || "sip:carol@x".to_owned();
    let barred = preferring([
        Change::Bars(Way::Terminating, other(), true),
        Change::Ruled(Way::Originating, other(), false),
        Change::Bars(Way::Terminating, other(), false),
        Change::Hides(true),
        Change::Hides(false),
        Change::Available(false),
        Change::Available(true),
    ]);
    assert_eq!(document(&barred, Owner::User), None);
    assert_eq!(rules(&document(&barred, Owner::Provider).unwrap()).len(), 1);
    assert_eq!(document(&preferring([Change::Neutral]), Owner::Provider), None);
}

#[test]
fn versions_are_never_the_same_again() {
    let documents = Documents::default();
    let place = Place::new(BOB, "index");
    let first = documents.set(&place, Some(Bytes::from_static(b"a"))).unwrap();
    let gone = documents.set(&place, None).unwrap();
    let again = documents.set(&place, Some(Bytes::from_static(b"a"))).unwrap();
    assert_eq!((&gone.before, &gone.since), (&first.since, &None));
    assert_eq!(again.before, None);
    assert_ne!(first.since, again.since);
    assert_eq!(documents.of("sip:bob@EXAMPLE.com"), [("index".to_owned(), again.since.unwrap())]);
}
