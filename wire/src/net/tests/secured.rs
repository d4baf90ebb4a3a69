//! TLS on loopback: who is let in, and what each side hears of the other.

use super::*;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::io::Write;

/// An authority, and its certificate in PEM.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    /// Credentials of who bears these names, and takes certificates of `trusted`.
    fn credentials(&self, names: &[&str], trusted: &Authority) -> Credentials {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let (chain, key) = (certificate.pem(), key.serialize_pem());
        Credentials::from_pem(chain.as_bytes(), key.as_bytes(), trusted.pem.as_bytes()).unwrap()
    }
}

/// A host that accepts connections over TLS, and one that opens one with these credentials.
async fn secured(server: &Credentials, client: &Credentials) -> (Host, Host) {
    let (one, mut two) = (Host::at("127.0.0.1:0").await, Host::at("127.0.0.1:0").await);
    two.address = two.driver.bind_secured("127.0.0.1:0".parse().unwrap(), server).unwrap();
    one.driver.present("own", client);
    let identity = "own".into();
    one.driver.perform(Output::ConnectSecured { connection: OPENED, remote: two.address, identity });
    (one, two)
}

fn authenticated(connection: ConnectionId, names: &[&str]) -> Input {
    Input::Authenticated { connection, names: names.iter().map(|name| (*name).to_owned()).collect() }
}

async fn refused_by(mut two: Host) {
    assert!(matches!(two.next().await, Input::Accepted { connection: ACCEPTED, .. }));
    let closed = Input::Closed { connection: ACCEPTED, how: Closing::Unauthenticated };
    assert_eq!(two.next().await, closed);
}

#[tokio::test]
async fn each_side_hears_the_names_of_the_other_and_what_it_says() {
    let authority = Authority::new();
    let server = authority.credentials(&["pf.example.com"], &authority);
    let client = authority.credentials(&["admf.example.com", "other.example.com"], &authority);
    let (mut one, mut two) = secured(&server, &client).await;
    assert!(matches!(one.next().await, Input::Connected { connection: OPENED, .. }));
    assert_eq!(one.next().await, authenticated(OPENED, &["pf.example.com"]));
    assert!(matches!(two.next().await, Input::Accepted { connection: ACCEPTED, .. }));
    assert_eq!(two.next().await, authenticated(ACCEPTED, &["admf.example.com", "other.example.com"]));
    let piece = Bytes::from(vec![7; 3 << 20]);
    one.driver.perform(send(OPENED, piece.clone()));
    two.driver.perform(send(ACCEPTED, piece.clone()));
    let (at_one, at_two) = tokio::join!(one.gather(OPENED, piece.len()), two.gather(ACCEPTED, piece.len()));
    assert!(at_one == piece && at_two == piece);
    one.driver.perform(send(OPENED, "last words"));
    one.driver.perform(Output::Close { connection: OPENED });
    assert_eq!(two.gather(ACCEPTED, 10).await, "last words");
    assert_eq!(two.next().await, Input::Closed { connection: ACCEPTED, how: Closing::Finished });
}

#[tokio::test]
async fn who_has_no_certificate_or_one_of_another_authority_is_not_let_in() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.credentials(&["pf.example.com"], &authority);
    let anonymous = Credentials::anonymous(authority.pem.as_bytes()).unwrap();
    let (_one, two) = secured(&server, &anonymous).await;
    refused_by(two).await;
    let stranger = other.credentials(&["admf.example.com"], &authority);
    let (_one, two) = secured(&server, &stranger).await;
    refused_by(two).await;
}

#[tokio::test]
async fn a_server_of_another_authority_is_not_believed() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = other.credentials(&["pf.example.com"], &authority);
    let client = authority.credentials(&["admf.example.com"], &authority);
    let (mut one, two) = secured(&server, &client).await;
    assert_eq!(one.next().await, Input::Closed { connection: OPENED, how: Closing::Unauthenticated });
    refused_by(two).await;
}

#[tokio::test]
async fn a_name_that_was_not_presented_opens_nothing() {
    let mut one = Host::at("127.0.0.1:0").await;
    let remote = one.address;
    one.driver.perform(Output::ConnectSecured { connection: OPENED, remote, identity: "nobody".into() });
    assert_eq!(one.next().await, Input::Closed { connection: OPENED, how: Closing::Unauthenticated });
}

#[tokio::test]
async fn what_is_no_handshake_is_not_let_in() {
    let authority = Authority::new();
    let server = authority.credentials(&["pf.example.com"], &authority);
    let mut two = Host::at("127.0.0.1:0").await;
    two.address = two.driver.bind_secured("127.0.0.1:0".parse().unwrap(), &server).unwrap();
    let mut stream = std::net::TcpStream::connect(two.address).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\n\r\n").unwrap();
    refused_by(two).await;
}

#[test]
fn credentials_that_do_not_belong_together_are_refused() {
    let authority = Authority::new();
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let certificate = CertificateParams::new(vec!["a".to_owned()]).unwrap().signed_by(&key, &authority.issuer).unwrap();
    let with = |key: &str, authorities: &str| {
        Credentials::from_pem(certificate.pem().as_bytes(), key.as_bytes(), authorities.as_bytes()).map(|_| ())
    };
    assert!(with(&key.serialize_pem(), &authority.pem).is_ok());
    assert!(matches!(with(&other.serialize_pem(), &authority.pem), Err(CredentialsError::Tls(_))));
    assert!(matches!(with("no key", &authority.pem), Err(CredentialsError::Pem(_))));
    assert!(matches!(with(&key.serialize_pem(), ""), Err(CredentialsError::Authorities(_))));
}
