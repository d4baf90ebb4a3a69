//! The document server of preferences: it says what it is told to say, or misbehaves.

use bytes::Bytes;
use cpm_wire::io::{ConnectionId, Input, Output};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// Its XCAP root.
pub const ROOT: &str = "http://127.0.0.1:8080/xcap-root";

#[derive(Default)]
pub struct DocumentServer {
    /// False for a server that cannot be reached.
    pub is_there: bool,
    /// True for one that never answers.
    pub silent: bool,
    /// What it says to whatever it is asked, again and again as long as it is asked to.
    pub rubbish: Option<&'static [u8]>,
    /// By user and name of the document.
    documents: HashMap<(String, &'static str), (u32, String)>,
    changes: u32,
    /// First lines of requests, with the tag that each names.
    pub asked: Vec<(String, Option<String>)>,
    connections: HashSet<ConnectionId>,
}

/// A document of these rules: conditions and actions of each.
pub fn rules(rules: &[(&str, &str)]) -> String {
    let rule = |(conditions, actions): &(&str, &str)| {
        format!(
            "<cr:rule id='r'><cr:conditions>{conditions}</cr:conditions><cr:actions>{actions}</cr:actions></cr:rule>"
        )
    };
    format!(
        "<cr:ruleset xmlns:cr='urn:ietf:params:xml:ns:common-policy' xmlns:ocp='urn:oma:xml:xdm:common-policy' \
         xmlns:p='urn:cpm-conformance:preferences'>{}</cr:ruleset>",
        rules.iter().map(rule).collect::<String>()
    )
}

/// The condition that the other user is this one.
pub fn one(identity: &str) -> String {
    format!("<cr:identity><cr:one id='{identity}'/></cr:identity>")
}

impl DocumentServer {
    pub fn is_at(&self, address: SocketAddr) -> bool {
        self.is_there && address == ADDRESS
    }

    /// A user has this document from now on; without rules, none.
    pub fn put(&mut self, user: &str, name: &'static str, of: &[(&str, &str)]) {
        self.changes += 1;
        let key = (user.to_owned(), name);
        match of.is_empty() {
            true => self.documents.remove(&key),
            false => self.documents.insert(key, (self.changes, rules(of))),
        };
        self.is_there = true;
    }

    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Accepted { local, .. } => *local == ADDRESS,
            Input::Received { connection, .. } | Input::Closed { connection, .. } => {
                self.connections.contains(connection)
            }
            Input::Connected { .. } | Input::Authenticated { .. } | Input::Datagram { .. } => false,
        }
    }

    pub fn receive(&mut self, input: Input) -> Vec<Output> {
        match input {
            Input::Accepted { connection, .. } => {
                self.connections.insert(connection);
                Vec::new()
            }
            Input::Received { connection, octets } => {
                let answer = self.answer(std::str::from_utf8(&octets).unwrap());
                answer.into_iter().map(|octets| Output::Send { connection, octets }).collect()
            }
            Input::Closed { connection, .. } => {
                self.connections.remove(&connection);
                Vec::new()
            }
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, request: &str) -> Vec<Bytes> {
        let (head, _) = request.split_once("\r\n\r\n").expect("a whole request");
        let line = head.lines().next().unwrap();
        let known = head.lines().find_map(|line| line.strip_prefix("If-None-Match: "));
        self.asked.push((line.to_owned(), known.map(str::to_owned)));
        if self.silent {
            return Vec::new();
        }
        if let Some(rubbish) = self.rubbish {
            return vec![Bytes::from_static(rubbish); 4096];
        }
        let path = line.strip_prefix("GET /xcap-root/org.openmobilealliance.im-rules/users/").unwrap();
        let (user, name) = path.strip_suffix(" HTTP/1.1").unwrap().split_once('/').unwrap();
        let user = user.replace("%3A", ":").replace("%40", "@");
        let found = self.documents.iter().find(|((own, document), _)| *own == user && *document == name);
        let answer = match found {
            None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Some((_, (number, _))) if known == Some(format!("\"{number}\"").as_str()) => {
                "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()
            }
            Some((_, (number, text))) => format!(
                "HTTP/1.1 200 OK\r\nETag: \"{number}\"\r\nContent-Type: application/auth-policy+xml\r\n\
                 Content-Length: {}\r\n\r\n{text}",
                text.len()
            ),
        };
        vec![answer.into()]
    }
}
