//! Dialogs: RFC 3261 section 12, with the target refresh of RFC 3311 and RFC 6665.

#[cfg(test)]
mod tests;

use crate::sip::{Builder, HeaderError, Message, Method, Name, NameAddr, SipUri, Uri};

/// Hops that a request of this stack may take (RFC 3261 section 8.1.1.6).
const MAX_FORWARDS: u8 = 70;

/// What names a dialog at one of its ends (RFC 3261 section 12).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId {
    /// Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag; empty for a peer older than RFC 3261.
    pub remote_tag: String,
}

impl DialogId {
    /// The dialog that a request received belongs to; nothing when its To has no tag.
    pub fn of_request_received(request: &Message) -> Option<DialogId> {
        let from = request.from_tag().unwrap_or_default();
        Some(DialogId::new(request.call_id()?, request.to_tag()?, from))
    }

    /// The dialog that a response received belongs to; nothing when its To has no tag.
    pub fn of_response_received(response: &Message) -> Option<DialogId> {
        Some(DialogId::new(response.call_id()?, response.from_tag()?, response.to_tag()?))
    }

    fn new(call_id: &str, local_tag: &str, remote_tag: &str) -> DialogId {
        DialogId { call_id: call_id.into(), local_tag: local_tag.into(), remote_tag: remote_tag.into() }
    }
}

/// Whether the dialog has its final response yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Made by a provisional response.
    Early,
    /// Made or confirmed by a 2xx.
    Confirmed,
}

/// One end of a dialog. Its fields are its whole state, so it can be stored and restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    /// Its name.
    pub id: DialogId,
    /// Our URI: From of what we send.
    pub local_uri: String,
    /// The peer's URI: To of what we send.
    pub remote_uri: String,
    /// Where requests finally go: the peer's Contact.
    pub remote_target: String,
    /// The route set, the first hop first, each as it stands in a Route.
    pub route_set: Vec<String>,
    /// The number of our last request; 0 before the first.
    pub local_cseq: u32,
    /// The number of the peer's last request.
    pub remote_cseq: Option<u32>,
    /// Early or confirmed.
    pub state: State,
}

/// A message that makes no dialog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialogError {
    /// It has no Call-ID.
    #[error("a message without Call-ID makes no dialog")]
    NoCallId,
    /// Its To or From has no tag.
    #[error("{0} has no tag")]
    NoTag(Name),
    /// It has no Contact, so there is no remote target.
    #[error("a message without Contact gives no remote target")]
    NoContact,
    /// It is a response that makes no dialog.
    #[error("a response {0} makes no dialog")]
    Status(u16),
    /// A field of it cannot be read.
    #[error(transparent)]
    Field(#[from] HeaderError),
}

/// A request whose CSeq is lower than that of an earlier one: to be answered 500 (RFC 3261 section 12.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("CSeq {received} follows CSeq {last}")]
pub struct OutOfOrder {
    /// The highest number so far.
    pub last: u32,
    /// The number of this request.
    pub received: u32,
}

impl Dialog {
    /// The dialog that a response to our request makes (RFC 3261 section 12.1.2). Each To tag makes one of its own.
    pub fn uac(request: &Message, response: &Message) -> Result<Dialog, DialogError> {
        let status = response.status().unwrap_or_default();
        let state = match status {
            101..=199 => State::Early,
            200..=299 => State::Confirmed,
            _ => return Err(DialogError::Status(status)),
        };
        let target = match contact(response)? {
            Some(contact) => contact,
            // Peers omit it in provisional responses: the request's own target is where they are until the 2xx.
            None if state == State::Early => request.request_uri().unwrap_or_default().to_owned(),
            None => return Err(DialogError::NoContact),
        };
        Ok(Dialog {
            id: DialogId::new(
                response.call_id().ok_or(DialogError::NoCallId)?,
                response.from_tag().ok_or(DialogError::NoTag(Name::From))?,
                response.to_tag().ok_or(DialogError::NoTag(Name::To))?,
            ),
            local_uri: request.from()?.uri.to_owned(),
            remote_uri: request.to()?.uri.to_owned(),
            remote_target: target,
            route_set: reversed(record_route(response)),
            local_cseq: request.cseq()?.number,
            remote_cseq: None,
            state,
        })
    }

    /// The dialog that our response to this request makes, under our tag (RFC 3261 section 12.1.1). One by INVITE is
    /// early until [`Dialog::confirm`].
    pub fn uas(request: &Message, local_tag: &str) -> Result<Dialog, DialogError> {
        let (from, to) = (request.from()?, request.to()?);
        let call_id = request.call_id().ok_or(DialogError::NoCallId)?;
        Ok(Dialog {
            id: DialogId::new(call_id, local_tag, from.tag().unwrap_or_default()),
            local_uri: to.uri.to_owned(),
            remote_uri: from.uri.to_owned(),
            remote_target: contact(request)?.ok_or(DialogError::NoContact)?,
            route_set: record_route(request).collect(),
            local_cseq: 0,
            remote_cseq: Some(request.cseq()?.number),
            state: if request.method() == Method::Invite { State::Early } else { State::Confirmed },
        })
    }

    /// The dialog that a NOTIFY makes at the subscriber, which may arrive before the 2xx to its SUBSCRIBE, and from
    /// several notifiers (RFC 6665 section 4.4.1).
    pub fn by_notify(subscribe: &Message, notify: &Message) -> Result<Dialog, DialogError> {
        let local_tag = notify.to_tag().ok_or(DialogError::NoTag(Name::To))?;
        let dialog = Dialog::uas(notify, local_tag)?;
        Ok(Dialog {
            local_uri: subscribe.from()?.uri.to_owned(),
            remote_uri: subscribe.to()?.uri.to_owned(),
            local_cseq: subscribe.cseq()?.number,
            ..dialog
        })
    }

    /// Our 2xx confirms the dialog.
    pub fn confirm(&mut self) {
        self.state = State::Confirmed;
    }

    /// The next request within the dialog (RFC 3261 section 12.2.1.1). Via and Contact are the caller's to add; for an
    /// ACK see [`Dialog::ack`].
    pub fn request(&mut self, method: Method) -> Builder {
        self.local_cseq = self.local_cseq.saturating_add(1);
        self.build(method, self.local_cseq)
    }

    /// The ACK of a 2xx to our INVITE with this CSeq (RFC 3261 section 13.2.2.4). Via is the caller's to add.
    pub fn ack(&self, invite_cseq: u32) -> Builder {
        self.build(Method::Ack, invite_cseq)
    }

    /// Takes a request of the peer: checks its order, and follows the peer's Contact (RFC 3261 section 12.2.2).
    pub fn receive(&mut self, request: &Message) -> Result<(), OutOfOrder> {
        let method = request.method();
        if matches!(method, Method::Ack | Method::Cancel) {
            return Ok(());
        }
        if let Ok(cseq) = request.cseq() {
            match self.remote_cseq {
                Some(last) if cseq.number < last => return Err(OutOfOrder { last, received: cseq.number }),
                _ => self.remote_cseq = Some(cseq.number),
            }
        }
        if refreshes_target(&method) {
            self.follow(request);
        }
        Ok(())
    }

    /// Takes a 2xx to a request of ours: follows the peer's Contact, and a 2xx to INVITE confirms an early dialog and
    /// gives it its final route set (RFC 3261 sections 12.2.1.2 and 13.2.2.4).
    pub fn refresh(&mut self, response: &Message) {
        let method = response.method();
        let success = response.status().is_some_and(|status| (200..=299).contains(&status));
        if !success || !refreshes_target(&method) {
            return;
        }
        if method == Method::Invite && self.state == State::Early {
            self.route_set = reversed(record_route(response));
            self.confirm();
        }
        self.follow(response);
    }

    /// True when a message received belongs to this dialog.
    pub fn matches(&self, message: &Message) -> bool {
        let (ours, theirs) = match message.is_request() {
            true => (message.to_tag(), message.from_tag()),
            false => (message.from_tag(), message.to_tag()),
        };
        message.call_id() == Some(&self.id.call_id)
            && ours == Some(&self.id.local_tag)
            && theirs.unwrap_or_default() == self.id.remote_tag
    }

    fn follow(&mut self, message: &Message) {
        if let Ok(Some(target)) = contact(message) {
            self.remote_target = target;
        }
    }

    fn build(&self, method: Method, cseq: u32) -> Builder {
        let cseq = format!("{cseq} {method}");
        let (uri, routes) = self.route();
        let mut builder = Builder::request(method, &uri).header(Name::MaxForwards, MAX_FORWARDS);
        for route in routes {
            builder = builder.header(Name::Route, route);
        }
        builder
            .header(Name::From, address(&self.local_uri, &self.id.local_tag))
            .header(Name::To, address(&self.remote_uri, &self.id.remote_tag))
            .header(Name::CallId, &self.id.call_id)
            .header(Name::CSeq, cseq)
    }

    /// Request-URI and Route fields. When the first hop is a strict router (RFC 2543), it stands in the Request-URI,
    /// and the target comes last in the Routes.
    fn route(&self) -> (String, Vec<String>) {
        let target = as_request_uri(&self.remote_target);
        match self.route_set.split_first() {
            Some((first, rest)) if !is_loose(first) => {
                let uri = NameAddr::parse(first).map_or(first.as_str(), |route| route.uri);
                let last = format!("<{}>", self.remote_target);
                (as_request_uri(uri), rest.iter().cloned().chain([last]).collect())
            }
            _ => (target, self.route_set.clone()),
        }
    }
}

/// The methods that may change the remote target (RFC 5057 section 5.4, RFC 6665 section 4.4.1).
fn refreshes_target(method: &Method) -> bool {
    matches!(method, Method::Invite | Method::Update | Method::Subscribe | Method::Notify | Method::Refer)
}

fn contact(message: &Message) -> Result<Option<String>, DialogError> {
    Ok(message.contacts().next().transpose()?.map(|contact| contact.uri.to_owned()))
}

fn record_route(message: &Message) -> impl Iterator<Item = String> {
    message.values(&Name::RecordRoute).map(|route| route.trim().to_owned())
}

fn reversed(routes: impl Iterator<Item = String>) -> Vec<String> {
    let mut routes: Vec<String> = routes.collect();
    routes.reverse();
    routes
}

fn is_loose(route: &str) -> bool {
    let uri = NameAddr::parse(route).map(|route| Uri::parse(route.uri));
    matches!(uri, Ok(Ok(Uri::Sip(SipUri { params, .. }))) if params.has("lr"))
}

/// A URI without what must not stand in a Request-URI: headers and the method parameter (RFC 3261 section 19.1.1).
fn as_request_uri(uri: &str) -> String {
    let Ok(Uri::Sip(sip)) = Uri::parse(uri) else { return uri.to_owned() };
    let uri = match sip.headers {
        Some(_) => uri.split('?').next().unwrap_or(uri),
        None => uri,
    };
    if !sip.params.has("method") {
        return uri.to_owned();
    }
    let is_method = |part: &&str| part.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("method"));
    uri.split(';').filter(|part| !is_method(part)).collect::<Vec<_>>().join(";")
}

fn address(uri: &str, tag: &str) -> String {
    if tag.is_empty() { format!("<{uri}>") } else { format!("<{uri}>;tag={tag}") }
}
