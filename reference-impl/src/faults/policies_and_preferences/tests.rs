use super::*;
use crate::faults::Fault;
use crate::faults::tampering::Tampering;
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;

const NOW: Time = Time::from_nanos(1);
const SERVER: ConnectionId = ConnectionId::opened(1);
const RULES: [&str; 4] = [
    "<cr:rule id='r1'><cr:identity><cr:one id='sip:carol@e'/></cr:identity><p:handling>reject</p:handling></cr:rule>",
    "<cr:rule id='r2'><ocp:anonymous-request/><p:handling>reject</p:handling></cr:rule>",
    "<cr:rule id='r3'><p:media>audio</p:media><p:handling>reject</p:handling></cr:rule>",
    "<cr:rule id='r4'><p:direction>originating</p:direction><p:handling>reject</p:handling></cr:rule>",
];

fn document(rules: &[String]) -> String {
    let namespaces = "xmlns:cr='urn:ietf:params:xml:ns:common-policy' xmlns:ocp='o' xmlns:p='p'";
    format!("<cr:ruleset {namespaces}>{}</cr:ruleset>", rules.concat())
}

fn rules() -> Vec<String> {
    RULES.map(str::to_owned).into()
}

/// What goes on of a request.
fn asked(tampering: &mut Tampering, user: &str, name: &str) -> String {
    let octets = format!("GET /x/auid/users/{user}/{name} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into();
    tampering.output(NOW, Output::Send { connection: SERVER, octets });
    match tampering.poll_output() {
        Some(Output::Send { octets, .. }) => String::from_utf8(octets.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// What the function gets of a document of this name.
fn read(fault: &str, name: &str, body: &str) -> String {
    let fault = Fault::named(fault).unwrap();
    let mut tampering = Tampering::new((fault.make)());
    asked(&mut tampering, "b", name);
    let head = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: application/auth-policy+xml";
    let octets = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into();
    tampering.input(NOW, Input::Received { connection: SERVER, octets });
    let Some(Input::Received { octets, .. }) = tampering.poll_input() else { panic!("nothing comes") };
    let text = String::from_utf8(octets.to_vec()).unwrap();
    let Some((_, rest)) = text.split_once(&format!("{head}\r\nContent-Length: ")) else { return text };
    let (length, body) = rest.split_once("\r\n\r\n").unwrap();
    assert_eq!(length, body.len().to_string());
    body.to_owned()
}

#[test]
fn each_fault_forgets_rules_of_its_own() {
    let forgets = |fault: &str, which: usize| {
        let mut expected = rules();
        expected[which] = expected[which].replace("reject", "allow");
        assert_eq!(read(fault, "index", &document(&rules())), document(&expected), "{fault}");
    };
    forgets("lets-the-blocked-call", 0);
    forgets("takes-anonymous-callers", 1);
    forgets("forgets-the-barred-medium", 2);
    forgets("lets-out-what-is-barred", 3);
    let mut all = rules();
    all[1] = all[1].replace("anonymous-request", "other-identity");
    assert_eq!(read("refuses-the-named-too", "index", &document(&rules())), document(&all));
    let unavailable = "<p:availability xmlns:p='p'>unavailable</p:availability>";
    assert_eq!(read("rings-the-unavailable", "index", unavailable), unavailable.replace("unav", "av"));
}

#[test]
fn the_word_of_the_provider_is_not_heard_or_holds_for_all() {
    let own = document(&rules());
    assert_eq!(read("preference-over-policy", "index", &own), own);
    assert!(read("preference-over-policy", "provider", &own).starts_with("HTTP/1.1 404 "));
    let mut all = rules();
    all[0] = "<cr:rule id='r1'><p:handling>reject</p:handling></cr:rule>".to_owned();
    assert_eq!(read("policy-for-everybody", "provider", &own), document(&all));
    assert_eq!(read("policy-for-everybody", "index", &own), own);
}

#[test]
fn the_documents_of_the_first_are_asked_for_whoever_is_meant() {
    let fault = Fault::named("mixes-users-preferences").unwrap();
    let mut tampering = Tampering::new((fault.make)());
    for (user, name) in [("b", "index"), ("c", "provider")] {
        let expected = format!("GET /x/auid/users/b/{name} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        assert_eq!(asked(&mut tampering, user, name), expected);
    }
}

#[test]
fn presets_are_forgotten_too() {
    let address = "127.0.0.1:5060".parse().unwrap();
    let mut config = Config::at(address, address, address);
    let preset = Preset {
        blocked: vec!["sip:carol@e".to_owned()],
        barred_callees: vec!["sip:carol@e".to_owned()],
        unavailable: true,
        ..Preset::default()
    };
    config.policies.insert("wishful".to_owned(), crate::config::Policy { preferences: preset, ..Default::default() });
    let configured = |fault: &str| {
        let mut config = config.clone();
        (Fault::named(fault).unwrap().make)().configure(&mut config);
        config
    };
    let of = |config: &Config| config.policies["wishful"].preferences.clone();
    assert!(of(&configured("lets-the-blocked-call")).blocked.is_empty());
    assert!(of(&configured("lets-out-what-is-barred")).barred_callees.is_empty());
    assert!(!of(&configured("rings-the-unavailable")).unavailable);
    assert!(configured("mixes-users-preferences").policy("sip:eve@e").preferences.unavailable);
}

#[test]
fn the_devices_hear_of_a_call_before_it_is_refused() {
    let (function, cscf) = ("127.0.0.1:7000".parse().unwrap(), "127.0.0.1:5060".parse().unwrap());
    let invite = Builder::request(Method::Invite, "sip:b@e")
        .header(Name::Via, "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-1")
        .header(Name::Route, "<sip:127.0.0.1:7000;lr>, <sip:odi@127.0.0.1:5060;lr>")
        .header(Name::From, "<sip:carol@e>;tag=1")
        .header(Name::To, "<sip:b@e>")
        .header(Name::CallId, "call")
        .header(Name::CSeq, "1 INVITE")
        .header(Name::PServedUser, "<sip:b@e>;sescase=term;regstate=reg")
        .build();
    let fault = Fault::named("rings-before-it-refuses").unwrap();
    let mut tampering = Tampering::new((fault.make)());
    let octets = invite.octets().clone();
    tampering.input(NOW, Input::Datagram { local: function, remote: cscf, octets });
    let octets = Builder::response(&invite, 603, "Decline").to_tag("2").build().octets().clone();
    tampering.output(NOW, Output::Datagram { local: function, remote: cscf, octets });
    let sent = std::iter::from_fn(|| tampering.poll_output()).map(|output| match output {
        Output::Datagram { octets, .. } => Message::parse(octets).unwrap(),
        other => panic!("{other:?}"),
    });
    let [onward, refusal] = sent.collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(refusal.status(), Some(603));
    assert_eq!(onward.check_request(), Ok(()));
    assert_eq!(onward.header(&Name::Route), Some("<sip:odi@127.0.0.1:5060;lr>"));
    assert_eq!(onward.header(&Name::Via), Some("SIP/2.0/UDP 127.0.0.1:7000;branch=z9hG4bK-fault-call"));
}
