//! Legs and subscriptions of a script.

use super::octets::{Request, multipart, sdp};
use super::{Script, Wire, ids, port_of, short};
use crate::evidence::{ConnectionWhat, Direction, Event};

impl Script {
    fn sdp(&self, path: &str, direction: &str) -> String {
        sdp(path, direction, self.accept, self.accept_wrapped)
    }

    fn ids(&self, group: &str) -> String {
        let ids = ids(group);
        match self.contribution {
            Some(own) => ids.replace(&format!("contribution-{}", short(group)), own),
            None => ids,
        }
    }

    /// The focus invites; the target answers with this status.
    pub fn invites(&mut self, group: &str, person: &str, status: u16) -> Wire {
        self.invites_with(group, person, status, None)
    }

    /// The same, with a resource list in the invitation.
    pub fn invites_with(&mut self, group: &str, person: &str, status: u16, list: Option<&[&str]>) -> Wire {
        self.invites_while(group, person, status, list, |_| {})
    }

    /// The focus invites; this happens, and then the target answers.
    pub fn invites_while(
        &mut self,
        group: &str,
        person: &str,
        status: u16,
        list: Option<&[&str]>,
        happens: impl FnOnce(&mut Script),
    ) -> Wire {
        self.event(Event::Invited { group: group.to_owned(), person: person.to_owned() });
        let n = self.next();
        let user = person.to_lowercase();
        let leg = Wire {
            call_id: format!("call-{n}"),
            own_path: format!("msrp://192.0.2.20:7000/focus{n};tcp"),
            target_path: format!("msrp://198.51.100.1:2855/standin{n};tcp"),
            actor: format!("focus/{group}"),
            connection: u64::from(n),
            by_target: false,
        };
        let description = self.sdp(&leg.own_path, "sendrecv");
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let request = Request::new("INVITE", &format!("sip:{user}@example.com"), n)
            .headers(&format!(
                "P-Served-User: <sip:{user}@example.com>;sescase=term;regstate=unreg\r\n\
                 Contact: <sip:conf-{}@focus.example.com>;isfocus\r\n{}",
                short(group),
                ids(group)
            ))
            .body(&kind, &body);
        self.sip(Direction::Sent, request.octets());
        happens(self);
        let body = if (200..300).contains(&status) { self.sdp(&leg.target_path, "sendrecv") } else { String::new() };
        if status > 0 {
            self.sip(Direction::Received, request.answer(status, "Contact: <sip:target.example.com>\r\n", &body));
        }
        if (200..300).contains(&status) {
            self.connected(&leg.actor.clone(), leg.connection, ConnectionWhat::Accepted);
        }
        leg
    }

    /// The focus invites; the target answers 200 and says nothing of media.
    pub fn invites_without_session(&mut self, group: &str, person: &str) {
        self.event(Event::Invited { group: group.to_owned(), person: person.to_owned() });
        let user = person.to_lowercase();
        let request = Request::new("INVITE", &format!("sip:{user}@example.com"), self.next());
        let served = format!("P-Served-User: <sip:{user}@example.com>;sescase=term;regstate=unreg\r\n{}", ids(group));
        let request = request.headers(&served);
        self.sip(Direction::Sent, request.octets());
        self.sip(Direction::Received, request.answer(200, "", ""));
    }

    /// The target invites a device, which answers with this status.
    pub fn drains(&mut self, group: &str, person: &str, device: &str, direction: &str, status: u16) -> Wire {
        self.drains_with(group, person, device, direction, status, None)
    }

    /// The same, with a resource list in the invitation.
    pub fn drains_with(
        &mut self,
        group: &str,
        person: &str,
        device: &str,
        direction: &str,
        status: u16,
        list: Option<&[&str]>,
    ) -> Wire {
        let n = self.next();
        let leg = self.device_wire(person, device, n, true);
        let port = port_of(person, device);
        let user = person.to_lowercase();
        let description = self.sdp(&leg.target_path, direction);
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let request = Request::new("INVITE", &format!("sip:{user}@192.0.2.10:{port}"), n)
            .headers(&format!("Contact: <sip:conf-{}@focus.example.com>;isfocus\r\n{}", short(group), self.ids(group)))
            .body(&kind, &body);
        self.sip(Direction::Received, request.octets());
        let contact =
            format!("Contact: <sip:{user}@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:{user}-{device}>\"\r\n");
        let body = if (200..300).contains(&status) {
            self.sdp(&leg.own_path, if direction == "sendonly" { "recvonly" } else { "sendrecv" })
        } else {
            String::new()
        };
        if status > 0 {
            self.sip(Direction::Sent, request.answer(status, &contact, &body));
        }
        leg
    }

    /// Another device answers the invitation of a drain as well.
    pub fn also_answers(&mut self, leg: &Wire, person: &str, device: &str) -> Wire {
        let n: u32 = leg.call_id.trim_start_matches("call-").parse().unwrap();
        let (user, port) = (person.to_lowercase(), port_of(person, device));
        let other = Wire {
            call_id: leg.call_id.clone(),
            target_path: leg.target_path.clone(),
            ..self.device_wire(person, device, n, true)
        };
        let contact =
            format!("Contact: <sip:{user}@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:{user}-{device}>\"\r\n");
        let request = Request::new("INVITE", &format!("sip:{user}@192.0.2.10:{port}"), n);
        let answer = request.answer(200, &contact, &self.sdp(&other.own_path, "sendrecv"));
        self.sip(Direction::Sent, answer.replace("tag=tag-b", "tag=tag-of-the-other"));
        other
    }

    /// The device rejoins by itself, through the target.
    pub fn rejoins(&mut self, group: &str, person: &str, device: &str) -> Wire {
        let to = format!("sip:conf-{}@focus.example.com", short(group));
        self.originates(&to, group, person, device, None, 200)
    }

    /// The device invites `to`, through the target.
    pub fn originates(
        &mut self,
        to: &str,
        group: &str,
        person: &str,
        device: &str,
        list: Option<&[&str]>,
        status: u16,
    ) -> Wire {
        let n = self.next();
        let leg = self.device_wire(person, device, n, false);
        let (user, port) = (person.to_lowercase(), port_of(person, device));
        let description = self.sdp(&leg.own_path, "sendrecv");
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let request = Request::new("INVITE", to, n)
            .headers(&format!(
                "P-Served-User: <sip:{user}@example.com>;sescase=orig;regstate=reg\r\n\
                 Contact: <sip:{user}@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:{user}-{device}>\"\r\n{}",
                ids(group)
            ))
            .body(&kind, &body);
        self.sip(Direction::Sent, request.octets());
        let body = if status == 200 { self.sdp(&leg.target_path, "sendrecv") } else { String::new() };
        if status > 0 {
            self.sip(Direction::Received, request.answer(status, "Contact: <sip:target.example.com>\r\n", &body));
        }
        leg
    }

    /// The target sends a restart on to the factory.
    pub fn sends_on(&mut self, to: &str, contribution: &str, list: Option<&[&str]>) -> u64 {
        let n = self.next();
        let description = self.sdp(&format!("msrp://198.51.100.1:2855/on{n};tcp"), "sendrecv");
        let (kind, body) = match list {
            None => ("application/sdp".to_owned(), description),
            Some(list) => multipart(&description, list),
        };
        let headers = format!(
            "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\nContribution-ID: {contribution}\r\n\
             Conversation-ID: conversation-books\r\n"
        );
        let request = Request::new("INVITE", to, n).headers(&headers).body(&kind, &body);
        self.sip(Direction::Received, request.octets())
    }

    pub fn device_wire(&mut self, person: &str, device: &str, n: u32, by_target: bool) -> Wire {
        Wire {
            call_id: format!("call-{n}"),
            own_path: format!("msrp://192.0.2.10:8000/{person}{device}{n};tcp"),
            target_path: format!("msrp://198.51.100.1:2855/drain{n};tcp"),
            actor: format!("device/{person}/{device}"),
            connection: u64::from(n),
            by_target,
        }
    }

    /// A BYE on a leg.
    pub fn ends(&mut self, leg: &Wire, direction: Direction, reason: &str) -> u64 {
        let n = self.next();
        // The tester's tag is that of the one who invited when it did, else that of the one who answered.
        let (own, peer) = if leg.by_target { ("b", "a") } else { ("a", "b") };
        let (from, to) = if direction == Direction::Sent { (own, peer) } else { (peer, own) };
        let octets = format!(
            "BYE sip:peer.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKbye{n}\r\n\
             From: <sip:x@example.com>;tag=tag-{from}\r\nTo: <sip:y@example.com>;tag=tag-{to}\r\nCall-ID: {}\r\n\
             CSeq: 2 BYE\r\nMax-Forwards: 70\r\n{reason}Content-Length: 0\r\n\r\n",
            leg.call_id
        );
        self.sip(direction, octets)
    }

    /// A device subscribes to the roster; the target answers with this status. Gives the Call-ID.
    pub fn subscribes(&mut self, group: &str, person: &str, device: &str, status: u16) -> String {
        let n = self.next();
        let (user, port) = (person.to_lowercase(), port_of(person, device));
        let request =
            Request::new("SUBSCRIBE", &format!("sip:conf-{}@focus.example.com", short(group)), n).headers(&format!(
                "P-Served-User: <sip:{user}@example.com>;sescase=orig;regstate=reg\r\nEvent: conference\r\n\
                 Accept: application/conference-info+xml\r\nExpires: 3600\r\n\
                 Contact: <sip:{user}@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:{user}-{device}>\"\r\n"
            ));
        self.sip(Direction::Sent, request.octets());
        if status > 0 {
            self.sip(Direction::Received, request.answer(status, "Expires: 3600\r\n", ""));
        }
        format!("call-{n}")
    }

    /// The target notifies a device.
    pub fn notifies(&mut self, call_id: &str, document: &str) -> u64 {
        let n = self.next();
        let octets = format!(
            "NOTIFY sip:bob@192.0.2.10:5101 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKnotify{n}\r\n\
             From: <sip:conf@focus.example.com>;tag=tag-b\r\nTo: <sip:bob@example.com>;tag=tag-a\r\nCall-ID: {call_id}\r\n\
             CSeq: {n} NOTIFY\r\nMax-Forwards: 70\r\nEvent: conference\r\nSubscription-State: active;expires=600\r\n\
             Contact: <sip:target.example.com>\r\nContent-Type: application/conference-info+xml\r\n\
             Content-Length: {}\r\n\r\n{document}",
            document.len()
        );
        self.sip(Direction::Received, octets)
    }
}
