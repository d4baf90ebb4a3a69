//! The server of the served users' preferences (an XDMS), sans-IO: documents that a participating function reads by XCAP
//! over HTTP/1.1 (RFC 4825). Of changes it is told when it subscribes to them (`watching`).

mod document;
mod documents;
mod http;
#[cfg(test)]
mod tests;
pub mod watching;
mod wishes;
mod xcap;

use super::media::Links;
use super::outbox::Stream;
use crate::evidence::{ConnectionWhat, Protocol};
use bytes::Bytes;
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
pub use document::{MEDIA_TYPE, document};
pub use documents::{Documents, Place, ROOT, selector};
use http::{Read, Request, Requests, Response};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
pub use wishes::{Change, DeviceWish, Medium, Order, Owner, Preferences, Way};

/// The name of the actor in the evidence.
pub const ACTOR: &str = "preference_server";
/// The user part of the server's SIP URI.
pub const USER_PART: &str = "xdms";
/// The most connections at a time; one more is torn down.
const MOST_CONNECTIONS: usize = 1024;

/// Something was asked on a connection, and has its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The number of the connection in the evidence.
    pub connection: u64,
    /// Whose documents it was about; none where it was about nobody's.
    pub user: Option<String>,
    /// Whether it was to change something.
    pub changing: bool,
}

struct Open {
    stream: Stream,
    requests: Requests,
}

/// The server.
pub struct PreferenceServer {
    /// Where it listens.
    pub address: SocketAddr,
    documents: Documents,
    connections: BTreeMap<ConnectionId, Open>,
    asked: VecDeque<Asked>,
}

impl PreferenceServer {
    /// A server of these documents that listens at `address`.
    pub fn new(address: SocketAddr, documents: Documents) -> PreferenceServer {
        PreferenceServer { address, documents, connections: BTreeMap::new(), asked: VecDeque::new() }
    }

    /// True when this input belongs to the server.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Datagram { .. } | Input::Connected { .. } | Input::Authenticated { .. } => false,
            Input::Accepted { local, .. } => *local == self.address,
            Input::Received { connection, .. } | Input::Closed { connection, .. } => {
                self.connections.contains_key(connection)
            }
        }
    }

    /// Takes what the link brought.
    pub fn receive(&mut self, input: Input, links: &mut Links) {
        match input {
            Input::Accepted { connection, local, remote } => self.accepted(connection, local, remote, links),
            Input::Received { connection, octets } => self.octets(connection, octets, links),
            Input::Closed { connection, how } => self.closed(connection, how, links),
            Input::Datagram { .. } | Input::Connected { .. } | Input::Authenticated { .. } => {}
        }
    }

    fn accepted(&mut self, connection: ConnectionId, local: SocketAddr, remote: SocketAddr, links: &mut Links) {
        if self.connections.len() >= MOST_CONNECTIONS {
            return links.out.net(Output::Reset { connection });
        }
        let stream = Stream { actor: ACTOR.into(), protocol: Protocol::Http, number: links.number(), local, remote };
        links.out.connection(&stream, ConnectionWhat::Accepted);
        self.connections.insert(connection, Open { stream, requests: Requests::default() });
    }

    fn octets(&mut self, connection: ConnectionId, octets: Bytes, links: &mut Links) {
        let Some(open) = self.connections.get_mut(&connection) else { return };
        links.out.received(&open.stream, octets.clone());
        open.requests.push(&octets);
        let mut over = false;
        while let Some(read) = open.requests.poll().filter(|_| !over) {
            let octets = match &read {
                Read::Request(request) => {
                    over = request.last;
                    let answer = xcap::answer(request, &self.documents);
                    self.asked.push_back(asked(open.stream.number, request));
                    answer.octets(over, request.method == "HEAD")
                }
                Read::Expects => Response::bare(100).octets(false, false),
                Read::Broken(status) => {
                    over = true;
                    Response::bare(*status).octets(true, false)
                }
            };
            links.out.stream(&open.stream, connection, octets, None);
        }
        if over {
            links.out.connection(&open.stream, ConnectionWhat::Finished { by_target: false });
            links.out.net(Output::Close { connection });
            self.connections.remove(&connection);
        }
    }

    fn closed(&mut self, connection: ConnectionId, how: Closing, links: &mut Links) {
        let Some(open) = self.connections.remove(&connection) else { return };
        links.out.connection(&open.stream, how.into());
        if how == Closing::Finished {
            // Nothing more is asked: our side ends, too (RFC 9112 section 9.6).
            links.out.net(Output::Close { connection });
        }
    }

    /// The next thing that was asked.
    pub fn poll_asked(&mut self) -> Option<Asked> {
        self.asked.pop_front()
    }
}

fn asked(connection: u64, request: &Request) -> Asked {
    let changing = !matches!(request.method.as_str(), "GET" | "HEAD");
    Asked { connection, user: xcap::user_of(request), changing }
}
