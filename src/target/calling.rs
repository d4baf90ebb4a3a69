//! Calling a hook of the profile: a command line that reads JSON and prints JSON, or an address that takes it by POST.

use std::process::Stdio;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::TcpStream;
use tokio::process::Command;

use super::control::Hook;
use crate::secrets::{Secrets, filled, without_credentials};

/// An answer longer than this is none.
const MOST_OCTETS: usize = 4 << 20;
/// So much is read of what a command complains of.
const MOST_COMPLAINTS: u64 = 64 << 10;

/// What is filled in for the words in braces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filling<'a> {
    /// `{user}`: a public identity.
    pub user: &'a str,
    /// `{device}`: the name of a device.
    pub device: &'a str,
    /// `{scenario}`: the id of the scenario.
    pub scenario: &'a str,
}

impl Filling<'_> {
    fn fill(&self, text: &str, quote: impl Fn(&str) -> String) -> String {
        let words = [("{user}", self.user), ("{device}", self.device), ("{scenario}", self.scenario)];
        words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, &quote(value)))
    }
}

impl Hook {
    /// Calls the hook with a request in JSON. What it answers is JSON, or nothing, which is read as null.
    ///
    /// # Errors
    /// Why it could not be called, or that it failed, in words for the one who wrote the profile, without these secrets.
    pub async fn call(
        &self,
        filling: Filling<'_>,
        request: &Value,
        within: Duration,
        secrets: &Secrets,
    ) -> Result<Value, String> {
        let calling = async {
            match self {
                Hook::Exec(command) => execute(&filling.fill(command, quoted), request).await,
                Hook::Http(address) => post(&Address::of(&filling.fill(address, escaped))?, request).await,
            }
        };
        let called = match tokio::time::timeout(within, calling).await {
            Ok(answer) => answer,
            Err(_) => {
                let what = without_credentials(self.text());
                Err(format!("{what} did not answer within {} ms", within.as_millis()))
            }
        };
        called.map_err(|why| secrets.told(&why))
    }
}

/// Runs a command line by the shell; one that fails says what it printed.
async fn execute(command: &str, request: &Value) -> Result<Value, String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let asking = async {
        if let Some(mut input) = input {
            // A command that does not read what it is told closes the pipe, which is no fault.
            let _ = input.write_all(request.to_string().as_bytes()).await;
        }
    };
    // What is read no further is waited for no longer: the command ends with its last reader.
    let ((), (output, errors)) = tokio::join!(asking, async { tokio::join!(whole(output), complaints(errors)) });
    let Some(output) = output else { return Err(format!("it printed more than {MOST_OCTETS} octets")) };
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("{status}: {errors}"));
    }
    answer(&output)
}

/// All that is printed; none where that is too much.
async fn whole(printed: Option<impl AsyncRead + Unpin>) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let limit = u64::try_from(MOST_OCTETS).unwrap_or(u64::MAX).saturating_add(1);
    // A pipe that breaks has said what it had to say.
    let _ = printed?.take(limit).read_to_end(&mut octets).await;
    (octets.len() <= MOST_OCTETS).then_some(octets)
}

/// The first of what is complained of. A command that goes on with it is listened to all the same.
async fn complaints(printed: Option<impl AsyncRead + Unpin>) -> String {
    let mut octets = Vec::new();
    if let Some(printed) = printed {
        let mut head = printed.take(MOST_COMPLAINTS);
        let _ = head.read_to_end(&mut octets).await;
        let _ = copy(&mut head.into_inner(), &mut sink()).await;
    }
    String::from_utf8_lossy(&octets).trim_end().to_owned()
}

/// Puts a document at an address, or takes it away, as RFC 4825 sections 7.1 and 7.2 have it. What is not there need not be
/// taken away.
///
/// # Errors
/// Why it could not be done, in words for the one who wrote the profile, without these secrets.
pub async fn deposit(
    address: &str,
    document: Option<(&str, String)>,
    within: Duration,
    secrets: &Secrets,
) -> Result<(), String> {
    let (method, kind, body) = match document {
        Some((kind, text)) => (Method::PUT, kind, text),
        None => (Method::DELETE, "", String::new()),
    };
    let taking = method == Method::DELETE;
    let calling = async {
        let (status, octets) = exchange(method, &Address::of(address)?, kind, body).await?;
        if status.is_success() || (taking && status == StatusCode::NOT_FOUND) {
            return Ok(());
        }
        Err(format!("{}: {status}: {}", without_credentials(address), String::from_utf8_lossy(&octets).trim_end()))
    };
    let late = |_| Err(format!("{} did not answer within {} ms", without_credentials(address), within.as_millis()));
    let called = tokio::time::timeout(within, calling).await.unwrap_or_else(late);
    called.map_err(|why| secrets.told(&why))
}

/// An address, with the secrets that its text names, and without them for whoever reads what went wrong.
struct Address {
    shown: String,
    called: String,
}

impl Address {
    fn of(text: &str) -> Result<Address, String> {
        Ok(Address { shown: without_credentials(text), called: filled(text)? })
    }
}

async fn post(address: &Address, request: &Value) -> Result<Value, String> {
    let (status, octets) = exchange(Method::POST, address, "application/json", request.to_string()).await?;
    if !status.is_success() {
        let address = &address.shown;
        return Err(format!("{address}: {status}: {}", String::from_utf8_lossy(&octets).trim_end()));
    }
    answer(&octets)
}

/// HTTP/1.1 without TLS: a hook is a neighbour on the tester's own network.
async fn exchange(method: Method, address: &Address, kind: &str, body: String) -> Result<(StatusCode, Bytes), String> {
    let Address { shown: address, called } = address;
    let uri: Uri = called.parse().map_err(|error| format!("{address}: {error}"))?;
    if uri.scheme_str() != Some("http") {
        return Err(format!("{address}: hooks are called by http"));
    }
    let authority = uri.authority().ok_or_else(|| format!("{address}: names no host"))?;
    let failed = |error: &dyn std::fmt::Display| format!("{address}: {error}");
    let port = authority.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((authority.host(), port)).await.map_err(|error| failed(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
    // What becomes of the connection shows in the answer.
    let carrying = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let call = Request::builder().method(method).uri(path).header(header::HOST, authority.as_str());
    let call = if kind.is_empty() { call } else { call.header(header::CONTENT_TYPE, kind) };
    let call = call.body(Full::new(Bytes::from(body))).map_err(|error| failed(&error))?;
    let response = sender.send_request(call).await.map_err(|error| failed(&error))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MOST_OCTETS).collect().await.map_err(|error| failed(&error))?;
    carrying.abort();
    Ok((status, body.to_bytes()))
}

fn answer(octets: &[u8]) -> Result<Value, String> {
    if octets.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(octets).map_err(|error| format!("the answer is no JSON: {error}"))
}

/// For the shell.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// For a URI (RFC 3986 section 2.1).
fn escaped(value: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    value.bytes().map(|o| if plain(o) { char::from(o).to_string() } else { format!("%{o:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    const SECOND: Duration = Duration::from_secs(5);

    fn exec(command: &str) -> Hook {
        Hook::Exec(command.to_owned())
    }

    #[tokio::test]
    async fn a_command_reads_the_request_and_prints_the_answer() {
        let answer = exec("cat").call(Filling::default(), &json!({"act": "open"}), SECOND, &Secrets::default()).await;
        assert_eq!(answer, Ok(json!({"act": "open"})));
        assert_eq!(
            exec("true").call(Filling::default(), &Value::Null, SECOND, &Secrets::default()).await,
            Ok(Value::Null)
        );
    }

    #[tokio::test]
    async fn what_is_filled_in_stays_one_word_of_the_shell() {
        let filling = Filling { user: "sip:o'brien $(false)@example.com", device: "phone", scenario: "TP" };
        let answer = exec("printf '[\"%s\",\"%s\"]' {user} {device}")
            .call(filling, &Value::Null, SECOND, &Secrets::default())
            .await;
        assert_eq!(answer, Ok(json!(["sip:o'brien $(false)@example.com", "phone"])));
    }

    #[tokio::test]
    async fn a_command_that_fails_or_hangs_says_so() {
        let failing = exec("echo no such user >&2; exit 3")
            .call(Filling::default(), &Value::Null, SECOND, &Secrets::default())
            .await;
        assert!(failing.as_ref().is_err_and(|why| why.contains("no such user")), "{failing:?}");
        let hanging = exec("sleep 60")
            .call(Filling::default(), &Value::Null, Duration::from_millis(50), &Secrets::default())
            .await;
        assert!(hanging.is_err_and(|why| why.contains("within 50 ms")));
        let babbling = exec("echo well").call(Filling::default(), &Value::Null, SECOND, &Secrets::default()).await;
        assert!(babbling.is_err_and(|why| why.contains("no JSON")));
    }

    #[tokio::test]
    async fn a_command_that_prints_without_end_is_cut_off_and_one_that_complains_is_not() {
        for command in ["head -c 10000000 /dev/zero", "yes"] {
            let flood = exec(command).call(Filling::default(), &Value::Null, SECOND, &Secrets::default()).await;
            assert!(flood.is_err_and(|why| why.contains("more than 4194304 octets")));
        }
        let complaining = exec("head -c 1000000 /dev/zero >&2; echo '[1]'");
        let answer = complaining.call(Filling::default(), &Value::Null, SECOND, &Secrets::default()).await;
        assert_eq!(answer, Ok(json!([1])));
        let failing = exec("yes no | head -c 1000000 >&2; exit 1");
        let why = failing.call(Filling::default(), &Value::Null, SECOND, &Secrets::default()).await.unwrap_err();
        assert!(why.len() < 3000 && why.starts_with("exit status: 1: no\nno"), "{why}");
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_without_secrets() {
        let secrets = Secrets::holding(["swordfish".to_owned()].into_iter());
        let failing = exec("echo wrong password: swordfish >&2; exit 3");
        let why = failing.call(Filling::default(), &Value::Null, SECOND, &secrets).await.unwrap_err();
        assert!(why.contains("wrong password: ***"), "{why}");
        let hanging = exec("curl -H 'Authorization: Basic Ym9iOnB3' http://bob:pw@lab; sleep 60");
        let within = Duration::from_millis(50);
        let why = hanging.call(Filling::default(), &Value::Null, within, &secrets).await.unwrap_err();
        assert!(why.contains("curl") && !why.contains("Ym9i") && !why.contains("pw@"), "{why}");
    }

    /// Serves one request with this answer, and gives what was asked.
    async fn served_once(listener: TcpListener, answer: &'static str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.windows(4).any(|end| end == b"\r\n\r\n") || (read.starts_with(b"PUT") && !read.ends_with(b"<x/>")) {
            read.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(read).unwrap()
    }

    #[tokio::test]
    async fn a_document_is_put_and_taken_away() {
        let document = || Some(("application/auth-policy+xml", "<x/>".to_owned()));
        for (document, answer, done, begins) in [
            (document(), "201 Created", true, "PUT /documents/index HTTP/1.1\r\n"),
            (document(), "409 Conflict", false, "PUT /documents/index HTTP/1.1\r\n"),
            (None, "200 OK", true, "DELETE /documents/index HTTP/1.1\r\n"),
            (None, "404 Not Found", true, "DELETE /documents/index HTTP/1.1\r\n"),
            (None, "500 Oops", false, "DELETE /documents/index HTTP/1.1\r\n"),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}/documents/index", listener.local_addr().unwrap());
            let answered: &'static str = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").leak();
            let serving = tokio::spawn(served_once(listener, answered));
            let put = document.is_some();
            let deposited = deposit(&address, document, SECOND, &Secrets::default()).await;
            assert_eq!(deposited.is_ok(), done, "{answer}: {deposited:?}");
            let asked = serving.await.unwrap();
            assert!(asked.starts_with(begins), "{asked}");
            assert_eq!(asked.contains("application/auth-policy+xml"), put, "{asked}");
        }
    }

    #[tokio::test]
    async fn an_address_is_called_with_post() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            while !read.ends_with(b"{\"a\":1}") {
                read.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}").await.unwrap();
            String::from_utf8(read).unwrap()
        });
        let hook = Hook::Http(format!("http://{address}/act?user={{user}}"));
        let filling = Filling { user: "sip:bob@example.com", ..Filling::default() };
        assert_eq!(hook.call(filling, &json!({"a": 1}), SECOND, &Secrets::default()).await, Ok(json!({"ok": true})));
        assert!(serving.await.unwrap().starts_with("POST /act?user=sip%3Abob%40example.com HTTP/1.1\r\n"));
        assert!(hook.call(filling, &Value::Null, SECOND, &Secrets::default()).await.is_err());
    }
}
