//! Checks on trial: what is broken on purpose is named, with what helps.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::handshake::{Handshake, Papers, shake};
use super::meaning::{Answer, Charged, Knock};
use super::{Examination, Outcome, State, arrangement, clock, examine, meaning, ways};
use crate::target::Profile;
use crate::target::address::Transport;

async fn look(profile: &Profile) -> Examination {
    examine(profile, None).await
}

const SERVED: &str = include_str!("../../fixtures/targets/served.yaml");

/// The profile of the served reference with these texts replaced.
fn profile(changes: &[(&str, &str)]) -> Profile {
    let text = changes.iter().fold(SERVED.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.yaml");
    std::fs::write(&path, text).unwrap();
    Profile::load(&path).unwrap()
}

fn state(outcomes: &[Outcome], check: &str) -> Vec<State> {
    outcomes.iter().filter(|own| own.check == check).map(|own| own.state).collect()
}

fn fault<'a>(outcomes: &'a [Outcome], check: &str) -> &'a Outcome {
    let found = outcomes.iter().find(|own| own.check == check && own.state == State::Fault);
    let found = found.unwrap_or_else(|| panic!("no fault of {check}: {outcomes:#?}"));
    assert!(!found.cure.is_empty(), "{found}");
    found
}

#[test]
fn two_listeners_at_one_address_are_named() {
    let sound = arrangement::ports(&profile(&[]));
    assert_eq!(state(&sound, "ports"), [State::Fine]);
    let twice = arrangement::ports(&profile(&[("127.0.0.1:3868", "127.0.0.1:5070")]));
    assert!(fault(&twice, "ports").seen.contains("network.actors.serving_cscf listens"));
    let everywhere = arrangement::ports(&profile(&[("127.0.0.1:3868", "0.0.0.0:5070")]));
    assert!(fault(&everywhere, "ports").cure.contains("another port"));
    let on_target = arrangement::ports(&profile(&[("127.0.0.1:3868", "127.0.0.1:5080")]));
    assert!(fault(&on_target, "ports").seen.contains("where the target listens"));
}

#[test]
fn an_address_at_which_nobody_finds_the_tester_is_named_with_one_at_which_it_is_found() {
    let far = Some((SocketAddr::from(([192, 0, 2, 10], 5060)), [192, 0, 2, 1].into()));
    let near = Some((SocketAddr::from(([127, 0, 0, 1], 5080)), [127, 0, 0, 1].into()));
    let sound = arrangement::addresses(&profile(&[]), near);
    assert!(sound.iter().all(|own| own.state == State::Fine), "{sound:#?}");
    let loopback = arrangement::addresses(&profile(&[]), far);
    assert!(fault(&loopback, "address").cure.contains("192.0.2.1:5070"), "{loopback:#?}");
    let nowhere = arrangement::addresses(&profile(&[("bind: \"127.0.0.1:5070\"", "bind: \"0.0.0.0:5070\"")]), near);
    assert!(fault(&nowhere, "address").cure.contains("advertise"));
    let told = r#"bind: "0.0.0.0:5070", advertise: "192.0.2.1:5070""#;
    let told = arrangement::addresses(&profile(&[("bind: \"127.0.0.1:5070\"", told)]), far);
    assert_eq!(told[0].state, State::Fine);
    let family = Some((SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, 5080)), std::net::Ipv6Addr::LOCALHOST.into()));
    assert!(fault(&arrangement::addresses(&profile(&[]), family), "address").seen.contains("families"));
    let any = arrangement::addresses(&profile(&[("127.0.0.1:5070", "127.0.0.1:0")]), near);
    assert_eq!(any[0].state, State::Note);
}

#[test]
fn a_secret_that_is_not_there_is_named_by_its_variable() {
    let names = profile(&[("  isc:\n", "  tls: {key_env: PF_KEY}\n  isc:\n")]);
    let missing = arrangement::secrets(&names, |_| false);
    assert!(fault(&missing, "secret").cure.contains("export PF_KEY="));
    assert_eq!(state(&arrangement::secrets(&names, |name| name == "PF_KEY"), "secret"), [State::Fine]);
}

#[test]
fn ports_and_transports_are_told_apart() {
    let at = SocketAddr::from(([192, 0, 2, 10], 5060));
    let table = [
        (Transport::Udp, Knock::Silent, Knock::Refused, "port", State::Fine, ""),
        (Transport::Udp, Knock::Refused, Knock::Open, "transport", State::Fault, "network.target.transport to tcp"),
        (Transport::Udp, Knock::Refused, Knock::Refused, "port", State::Fault, "start the target"),
        (Transport::Tcp, Knock::Silent, Knock::Open, "port", State::Fine, ""),
        (Transport::Tcp, Knock::Open, Knock::Refused, "transport", State::Fault, "network.target.transport to udp"),
        (Transport::Tcp, Knock::Silent, Knock::Silent, "port", State::Fault, "firewall"),
        (Transport::Udp, Knock::NoWay("no route".to_owned()), Knock::Silent, "port", State::Fault, "route"),
    ];
    for (wanted, udp, tcp, check, state, cure) in table {
        let outcome = meaning::way("network.target.sip", at, wanted, &udp, &tcp);
        assert_eq!((outcome.check, outcome.state), (check, state), "{wanted:?} {udp:?} {tcp:?}");
        assert!(outcome.cure.contains(cure), "{outcome}");
    }
}

#[test]
fn answers_mean_what_they_mean() {
    let with = |status| Answer::Final { status, reason: "No".to_owned(), from: SocketAddr::from(([127, 0, 0, 1], 1)) };
    let second = Duration::from_secs(1);
    assert_eq!(meaning::options("t", &with(405), "a:1", second).state, State::Fine);
    assert!(meaning::options("t", &with(403), "a:1", second).cure.contains("put a:1"));
    assert!(meaning::options("t", &Answer::Silent, "a:1", second).seen.contains("1000 ms"));
    for (status, cure) in
        [(403, "trusts"), (404, "prepare this user"), (501, "ISC"), (415, "third_party_register"), (500, "log")]
    {
        let outcome = meaning::register("u", &with(status), "a:1", true);
        assert!(outcome.state == State::Fault && outcome.cure.contains(cure), "{outcome}");
    }
    let from = SocketAddr::from(([192, 0, 2, 9], 5060));
    assert_eq!(ways::route("u", &with(202), Some((from, true)), "a:1").state, State::Fine);
    assert!(
        ways::route("u", &with(202), Some((from, false)), "a:1").cure.contains("192.0.2.9 to network.target.sources")
    );
    assert!(ways::route("u", &with(202), None, "a:1").cure.contains("reach a:1"));
    assert!(ways::route("u", &with(404), None, "a:1").seen.contains("refused with 404"));
}

#[test]
fn clocks_that_differ_are_named_with_how_much() {
    let now = Time::parse_rfc3339("1994-11-06T08:49:37Z").unwrap();
    let of = |text: &str| clock::clock("t", Time::parse_sip_date(text), text, now);
    assert_eq!(of("Sun, 06 Nov 1994 08:49:35 GMT").state, State::Fine);
    assert!(of("Sun, 06 Nov 1994 09:49:37 GMT").seen.starts_with("3600 s ahead of"));
    assert!(of("Sun, 06 Nov 1994 08:48:37 GMT").seen.starts_with("60 s behind"));
    assert_eq!(of("yesterday").state, State::Note);
}

#[test]
fn charging_is_told_by_how_far_it_came() {
    let of = |connected, capabilities| meaning::charging("c", "a:3868", &Charged { connected, capabilities });
    assert_eq!(of(true, Some(2001)).state, State::Fine);
    assert!(of(true, Some(5010)).cure.contains("application 3"));
    assert!(of(true, None).cure.contains("CER"));
    assert!(of(false, None).cure.contains("a:3868"));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_named() {
    let examination = look(&profile(&[
        ("127.0.0.1:5080", "pf.invalid:5080"),
        ("127.0.0.1:5070", "127.0.0.1:0"),
        ("127.0.0.1:3868", "127.0.0.1:0"),
        ("127.0.0.1:1143", "127.0.0.1:0"),
    ]))
    .await;
    assert!(fault(&examination.checks, "name").seen.contains("pf.invalid does not resolve"));
    assert!(!examination.is_sound());
}

/// What a target of these tests answers to a request.
type Conduct = fn(&Message) -> Option<Builder>;

/// A target on UDP alone that answers so.
async fn target(conduct: Conduct) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0u8; 65_536];
        while let Ok((octets, from)) = socket.recv_from(&mut buffer).await {
            let Ok(request) = Message::parse(bytes::Bytes::copy_from_slice(&buffer[..octets])) else { continue };
            if let Some(response) = conduct(&request) {
                socket.send_to(response.build().octets(), from).await.unwrap();
            }
        }
    });
    address
}

fn ok(request: &Message) -> Builder {
    Builder::response(request, 200, "OK").to_tag("t")
}

/// Looks at a target with this conduct; charging and stores are not asked for.
async fn looked_at(conduct: Conduct) -> Examination {
    let at = target(conduct).await.to_string();
    look(&profile(&[
        ("127.0.0.1:5080", &at),
        ("127.0.0.1:5070", "127.0.0.1:0"),
        ("answer_ms: 5000", "answer_ms: 400"),
        ("charging_interface: rf_ro", "charging_interface: none"),
        ("message_store: {mode: tester_imap}", "message_store: {mode: none}"),
    ]))
    .await
}

#[tokio::test]
async fn a_closed_port_is_named_as_such() {
    let free = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let examination = look(&profile(&[
        ("127.0.0.1:5080", &free.to_string()),
        ("127.0.0.1:5070", "127.0.0.1:0"),
        ("127.0.0.1:3868", "127.0.0.1:0"),
        ("127.0.0.1:1143", "127.0.0.1:0"),
        ("answer_ms: 5000", "answer_ms: 300"),
    ]))
    .await;
    assert!(fault(&examination.checks, "port").seen.contains("UDP was refused"));
}

#[tokio::test]
async fn a_target_that_is_silent_to_everything_is_told_from_one_that_is_not_there() {
    let examination = looked_at(|_| None).await;
    assert!(fault(&examination.checks, "options").seen.contains("nothing refused it"));
}

#[tokio::test]
async fn a_target_that_does_not_trust_the_tester_is_told_whom_to_trust() {
    let examination = looked_at(|request| Some(Builder::response(request, 403, "Forbidden").to_tag("t"))).await;
    assert!(fault(&examination.checks, "options").cure.contains("127.0.0.1:"));
    assert!(fault(&examination.checks, "register").seen.contains("403 Forbidden"));
}

#[tokio::test]
async fn a_target_that_keeps_messages_to_itself_has_no_route_back() {
    let examination = looked_at(|request| Some(ok(request))).await;
    assert_eq!(state(&examination.checks, "register"), [State::Fine]);
    assert!(fault(&examination.checks, "route").seen.contains("sent nothing to 127.0.0.1:"));
}

#[tokio::test]
async fn a_clock_that_is_wrong_shows_in_the_date() {
    let examination = looked_at(|request| Some(ok(request).header(Name::Date, "Sun, 06 Nov 1994 08:49:37 GMT"))).await;
    assert!(fault(&examination.checks, "clock").seen.contains("behind the clock of this machine"));
}

#[tokio::test]
async fn what_the_target_says_of_itself_is_proposed_and_changes_nothing() {
    let before = profile(&[]).statement().clone();
    let examination = looked_at(|request| {
        let response = ok(request);
        Some(if request.method() == Method::Options { response.header(Name::Supported, "path") } else { response })
    })
    .await;
    let own = examination.proposals.iter().find(|own| own.key == "statement.session_timer").unwrap();
    assert_eq!((own.declared.as_str(), own.seen.as_str(), own.agrees()), ("true", "false", false));
    assert_eq!(profile(&[]).statement(), &before);
}

#[tokio::test]
async fn an_address_that_another_program_has_is_named() {
    let held = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = held.local_addr().unwrap().to_string();
    let examination = look(&profile(&[
        ("127.0.0.1:5070", &at),
        ("127.0.0.1:3868", "127.0.0.1:0"),
        ("127.0.0.1:1143", "127.0.0.1:0"),
    ]))
    .await;
    assert!(fault(&examination.checks, "bind").cure.contains(&format!("another program has {at}")));
}

/// An authority, and certificates of it.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn certificate(&self, name: &str, old: bool) -> (String, String) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if old {
            (params.not_before, params.not_after) =
                (rcgen::date_time_ymd(2000, 1, 1), rcgen::date_time_ymd(2001, 1, 1));
        }
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// A peer that speaks TLS with this certificate, and where `clients` is given wants one of theirs.
async fn secured((chain, key): (String, String), clients: Option<&Authority>) -> SocketAddr {
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let config = match clients {
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.0.pem().as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            config.with_client_cert_verifier(verifier)
        }
        None => config.with_no_client_auth(),
    };
    let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()];
    let config = config.with_single_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            let accepted = acceptor.accept(stream).await;
            // Whoever is let in may stay for the time of a test.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(5)).await;
                drop(accepted);
            });
        }
    });
    address
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (own, other) = (Authority::new(), Authority::new());
    let authorities = file("ca.pem", &own.0.pem());
    let papers = Papers { authorities: &authorities, own: None };
    let good = secured(own.certificate("pf.example.com", false), None).await;
    assert_eq!(shake(good, "pf.example.com", &papers).await, Handshake::Done);
    assert!(matches!(shake(good, "other.example.com", &papers).await, Handshake::OtherName(_)));
    let foreign = secured(other.certificate("pf.example.com", false), None).await;
    assert_eq!(shake(foreign, "pf.example.com", &papers).await, Handshake::UnknownAuthority);
    let old = secured(own.certificate("pf.example.com", true), None).await;
    assert!(matches!(shake(old, "pf.example.com", &papers).await, Handshake::OutOfDate(_)));
    let strict = secured(own.certificate("pf.example.com", false), Some(&own)).await;
    assert_eq!(shake(strict, "pf.example.com", &papers).await, Handshake::CertificateWanted);
    let (chain, key) = other.certificate("tester.example.com", false);
    let (chain, key) = (file("own.pem", &chain), file("own.key", &key));
    let papers = Papers { authorities: &authorities, own: Some((&chain, &key)) };
    assert!(matches!(shake(strict, "pf.example.com", &papers).await, Handshake::CertificateRefused(_)));
    let papers = Papers { authorities: Path::new("no/such.pem"), own: None };
    assert!(matches!(shake(good, "pf.example.com", &papers).await, Handshake::OwnFiles(_)));
}

#[tokio::test]
async fn who_speaks_no_tls_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, Authority::new().0.pem()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"SIP/2.0 400 Bad Request\r\n\r\n").await;
        }
    });
    let papers = Papers { authorities: &path, own: None };
    assert_eq!(shake(address, "pf.example.com", &papers).await, Handshake::NoTls);
}

#[test]
fn every_trouble_of_tls_has_a_cure() {
    let all = [
        Handshake::NoConnection(String::new()),
        Handshake::NoTls,
        Handshake::UnknownAuthority,
        Handshake::OtherName(String::new()),
        Handshake::OutOfDate(String::new()),
        Handshake::CertificateWanted,
        Handshake::CertificateRefused(String::new()),
        Handshake::OwnFiles(String::new()),
        Handshake::Other(String::new()),
    ];
    for handshake in all {
        let outcome = meaning::tls("t", &handshake);
        assert!(outcome.state == State::Fault && !outcome.cure.is_empty(), "{outcome}");
    }
    assert_eq!(meaning::tls("t", &Handshake::Done).state, State::Fine);
}
