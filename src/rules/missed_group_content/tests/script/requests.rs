//! What else a script asks for: other invitations, fetches, REFERs, restarts with their answers, chats that move.

use super::octets::{Request, multipart, sdp};
use super::{Script, Wire, ids, short};
use crate::evidence::{ChatKind, Direction, Event};

impl Script {
    /// The chat goes on at another focus.
    pub fn moves(&mut self, group: &str, focus: &str) -> u64 {
        self.group_event(group, focus, ChatKind::Open)
    }

    /// The chat is of this kind after all.
    pub fn is_of_kind(&mut self, group: &str, kind: ChatKind) -> u64 {
        self.group_event(group, &format!("sip:conf-{}@focus.example.com", short(group)), kind)
    }

    fn group_event(&mut self, group: &str, focus: &str, kind: ChatKind) -> u64 {
        let id = short(group);
        self.event(Event::Group {
            group: group.to_owned(),
            contribution: format!("contribution-{id}"),
            conversation: format!("conversation-{id}"),
            focus: focus.to_owned(),
            subject: group.to_owned(),
            kind,
        })
    }

    /// A message is announced, private to somebody or to nobody.
    pub fn announces(&mut self, group: &str, id: &str, author: &str, private_to: Option<&str>) {
        self.event(Event::Message {
            group: Some(group.to_owned()),
            label: id.to_owned(),
            message_id: id.to_owned(),
            author: author.to_owned(),
            private_to: private_to.map(str::to_owned),
        });
    }

    /// The target invites Bob's phone with this Contact and these headers, and gets 200.
    pub fn drains_as(&mut self, group: &str, contact: &str, headers: &str, list: Option<&[&str]>) -> Wire {
        let n = self.next();
        let leg = self.device_wire("Bob", "phone", n, true);
        let description = sdp(&leg.target_path, "sendonly", self.accept, self.accept_wrapped);
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let request = Request::new("INVITE", "sip:bob@192.0.2.10:5101", n)
            .headers(&format!("Contact: {contact}\r\n{headers}{}", ids(group)))
            .body(&kind, &body);
        self.sip(Direction::Received, request.octets());
        let contact = "Contact: <sip:bob@192.0.2.10:5101>;+sip.instance=\"<urn:uuid:bob-phone>\"\r\n";
        let answer = sdp(&leg.own_path, "recvonly", self.accept, self.accept_wrapped);
        self.sip(Direction::Sent, request.answer(200, contact, &answer));
        leg
    }

    /// The target sends what a device asked on to `to`, and gets this answer.
    pub fn passes_on(&mut self, to: &str, contribution: &str, list: Option<&[&str]>, status: u16) -> u64 {
        let n = self.next();
        let description = sdp("msrp://198.51.100.1:2855/on;tcp", "sendrecv", self.accept, self.accept_wrapped);
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let headers = format!(
            "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\nContribution-ID: {contribution}\r\n"
        );
        let request = Request::new("INVITE", to, n).headers(&headers).body(&kind, &body);
        let frame = self.sip(Direction::Received, request.octets());
        self.sip(Direction::Sent, request.answer(status, "", ""));
        frame
    }

    /// Bob's phone, or on its behalf the target, asks the focus to bring somebody in.
    pub fn refers(&mut self, direction: Direction, to: &str, whom: &str) -> Request {
        let headers = format!(
            "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\nRefer-To: <sip:{whom}@example.com>\r\n\
             Contact: <sip:bob@192.0.2.10:5101>;+sip.instance=\"<urn:uuid:bob-phone>\"\r\n{}",
            ids(super::BOOKS)
        );
        let request = Request::new("REFER", to, self.next()).headers(&headers);
        self.sip(direction, request.octets());
        request
    }

    /// The answer to a request of this direction.
    pub fn answered(&mut self, direction: Direction, request: &Request, status: u16) -> u64 {
        let back = if direction == Direction::Sent { Direction::Received } else { Direction::Sent };
        self.sip(back, request.answer(status, "", ""))
    }

    /// A notification with this Subscription-State.
    pub fn notifies_as(&mut self, call_id: &str, state: &str, document: &str) -> u64 {
        let n = self.next();
        let octets = format!(
            "NOTIFY sip:bob@192.0.2.10:5101 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKnotify{n}\r\n\
             From: <sip:conf@focus.example.com>;tag=tag-b\r\nTo: <sip:bob@example.com>;tag=tag-a\r\nCall-ID: {call_id}\r\n\
             CSeq: {n} NOTIFY\r\nMax-Forwards: 70\r\nEvent: conference\r\nSubscription-State: {state}\r\n\
             Contact: <sip:target.example.com>\r\nContent-Type: application/conference-info+xml\r\n\
             Content-Length: {}\r\n\r\n{document}",
            document.len()
        );
        self.sip(Direction::Received, octets)
    }
}

impl Script {
    /// The target puts a group-state object of Bob's chat into the message store.
    pub fn keeps(&mut self, kind: &str, members: &[&str]) -> u64 {
        let n = self.next();
        let list = members.iter().map(|user| format!("<participant comm-addr=\"sip:{user}@example.com\"/>"));
        let object = format!(
            "To: <sip:bob@example.com>\r\nContribution-ID: contribution-books\r\nConversation-ID: conversation-books\r\n\
             Content-Type: application/group-state-object+xml\r\n\r\n<groupstate timestamp=\"2026-03-03T10:00:00Z\" \
             lastfocussessionid=\"sip:conf-books@focus.example.com\" group-type=\"{kind}\">{}</groupstate>",
            list.collect::<String>()
        );
        let command = format!("a{n} APPEND chats {{{}+}}\r\n{object}\r\n", object.len());
        self.octets(super::Protocol::Imap, "message_store", Some(1), Direction::Received, command)
    }
}
