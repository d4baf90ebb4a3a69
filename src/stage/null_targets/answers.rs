//! Answers without sense: well formed, and made from the request alone.

use cpm_reference::core::Addresses;
use cpm_wire::io::{Input, Output};
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};

/// What came, back to where it came from.
pub(super) fn echo(input: Input) -> Option<Output> {
    match input {
        Input::Datagram { local, remote, octets } => Some(Output::Datagram { local, remote, octets }),
        Input::Received { connection, octets } => Some(Output::Send { connection, octets }),
        Input::Accepted { .. } | Input::Connected { .. } | Input::Authenticated { .. } | Input::Closed { .. } => None,
    }
}

/// A response with this status. One that accepts a session describes media; one that accepts a registration, contacts.
pub(super) fn answer(request: &Message, status: u16, addresses: Addresses) -> Message {
    let reason = reason_phrase(status);
    let mut response = Builder::response(request, status, reason).to_tag("null");
    if (101..300).contains(&status) {
        let allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, SUBSCRIBE, NOTIFY, REFER, UPDATE";
        response = response.header(Name::Contact, format!("<sip:{}>", addresses.sip)).header(Name::Allow, allow);
    }
    let accepted = (200..300).contains(&status);
    match request.method() {
        Method::Invite if accepted => response.body("application/sdp", description(addresses)).build(),
        Method::Register | Method::Subscribe if accepted => {
            response.header(Name::Expires, request.expires().unwrap_or(3600)).build()
        }
        _ => response.build(),
    }
}

/// A session of MSRP that anything may be sent in.
pub(super) fn description(addresses: Addresses) -> String {
    let (ip, port) = (addresses.msrp.ip(), addresses.msrp.port());
    let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
    format!(
        "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\nm=message {port} TCP/MSRP *\r\n\
         a=accept-types:message/cpim application/im-iscomposing+xml\r\na=accept-wrapped-types:*\r\n\
         a=path:msrp://{}/null;tcp\r\na=setup:passive\r\na=sendrecv\r\n",
        addresses.msrp
    )
}
