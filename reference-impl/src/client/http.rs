//! The user of the client over HTTP: `POST /act` and `POST /observe` with JSON, on loopback unless configured otherwise.

use super::control::{Reply, Request as Act, Shown, Who};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// A request longer than this is refused.
const MOST_OCTETS: usize = 1 << 20;
/// Connections at a time.
const MOST_CONNECTIONS: usize = 256;
/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the user wants, with where the answer goes.
pub enum Wish {
    /// To do something.
    Act(Act, oneshot::Sender<Reply>),
    /// To see.
    Observe(Who, oneshot::Sender<Shown>),
}

/// Serves until the client is gone.
pub async fn serve(listener: TcpListener, wishes: mpsc::UnboundedSender<Wish>) {
    let places = std::sync::Arc::new(Semaphore::new(MOST_CONNECTIONS));
    while let Ok(place) = places.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let wishes = wishes.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, wishes.clone()));
            // A peer that breaks off concerns nobody.
            let mut connection = hyper::server::conn::http1::Builder::new();
            connection.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}

type Answer = Response<Full<Bytes>>;

async fn answer(request: Request<Incoming>, wishes: mpsc::UnboundedSender<Wish>) -> Result<Answer, Infallible> {
    if request.method() != Method::POST {
        return Ok(refused(StatusCode::METHOD_NOT_ALLOWED, "POST is taken"));
    }
    let path = request.uri().path().to_owned();
    let body = Limited::new(request.into_body(), MOST_OCTETS).collect();
    let Ok(Ok(body)) = tokio::time::timeout(PATIENCE, body).await else {
        return Ok(refused(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long, too slow, or broke off"));
    };
    let octets = body.to_bytes();
    Ok(match path.as_str() {
        "/act" => asked(&octets, &wishes, Wish::Act).await,
        "/observe" => asked(&octets, &wishes, Wish::Observe).await,
        _ => refused(StatusCode::NOT_FOUND, "there are /act and /observe"),
    })
}

async fn asked<T: DeserializeOwned, A: Serialize>(
    octets: &[u8],
    wishes: &mpsc::UnboundedSender<Wish>,
    wish: impl FnOnce(T, oneshot::Sender<A>) -> Wish,
) -> Answer {
    let request = match serde_json::from_slice(octets) {
        Ok(request) => request,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let (reply, answer) = oneshot::channel();
    if wishes.send(wish(request, reply)).is_err() {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "the client has ended");
    }
    match answer.await.ok().and_then(|answer| serde_json::to_vec(&answer).ok()) {
        Some(json) => with(StatusCode::OK, "application/json", json),
        None => refused(StatusCode::SERVICE_UNAVAILABLE, "the client has ended"),
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
