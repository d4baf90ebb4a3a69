//! What an element is told and asked over HTTP: `POST` with JSON, JSON comes back; on loopback unless configured otherwise.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// A request longer than this is refused.
const MOST_OCTETS: usize = 1 << 20;
/// Connections at a time.
const MOST_CONNECTIONS: usize = 256;
/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that is told or asked, with where the answer goes.
pub struct Wish {
    /// The path, without the slash before it.
    pub path: &'static str,
    octets: Bytes,
    answer: oneshot::Sender<Result<Vec<u8>, String>>,
}

impl Wish {
    /// Has it granted, unless it cannot be read.
    pub fn grant<T: DeserializeOwned, A: Serialize>(self, grant: impl FnOnce(T) -> A) {
        let granted = serde_json::from_slice(&self.octets).map(grant);
        let answer = granted.and_then(|answer| serde_json::to_vec(&answer)).map_err(|error| error.to_string());
        // Who asked may be gone.
        drop(self.answer.send(answer));
    }
}

/// Listens at an address and serves there; gives the address that it got.
///
/// # Errors
/// The address cannot be had.
pub async fn listen(
    address: SocketAddr,
    paths: &'static [&'static str],
    wishes: mpsc::UnboundedSender<Wish>,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    tokio::spawn(serve(listener, paths, wishes));
    Ok(bound)
}

/// Serves until the element is gone.
async fn serve(listener: TcpListener, paths: &'static [&'static str], wishes: mpsc::UnboundedSender<Wish>) {
    let places = std::sync::Arc::new(Semaphore::new(MOST_CONNECTIONS));
    while let Ok(place) = places.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let wishes = wishes.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, paths, wishes.clone()));
            // A peer that breaks off concerns nobody.
            let mut connection = hyper::server::conn::http1::Builder::new();
            connection.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}

type Answer = Response<Full<Bytes>>;

async fn answer(
    request: Request<Incoming>,
    paths: &'static [&'static str],
    wishes: mpsc::UnboundedSender<Wish>,
) -> Result<Answer, Infallible> {
    if request.method() != Method::POST {
        return Ok(refused(StatusCode::METHOD_NOT_ALLOWED, "POST is taken"));
    }
    let asked = request.uri().path().trim_start_matches('/').to_owned();
    let body = Limited::new(request.into_body(), MOST_OCTETS).collect();
    let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, body).await else {
        return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long, too slow, or broke off"));
    };
    Ok(match paths.iter().find(|path| **path == asked) {
        Some(path) => asked_for(path, body.to_bytes(), &wishes).await,
        None => refused(StatusCode::NOT_FOUND, &format!("there is /{}", paths.join(" and /"))),
    })
}

async fn asked_for(path: &'static str, octets: Bytes, wishes: &mpsc::UnboundedSender<Wish>) -> Answer {
    let (answer, answered) = oneshot::channel();
    let gone = || refused(StatusCode::SERVICE_UNAVAILABLE, "the element has ended");
    if wishes.send(Wish { path, octets, answer }).is_err() {
        return gone();
    }
    match answered.await {
        Ok(Ok(json)) => with(StatusCode::OK, "application/json", json),
        Ok(Err(why)) => refused(StatusCode::BAD_REQUEST, &why),
        Err(_) => gone(),
    }
}

fn refused(status: StatusCode, why: &str) -> Answer {
    with(status, "text/plain; charset=utf-8", format!("{why}\n").into_bytes())
}

fn with(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response
}
