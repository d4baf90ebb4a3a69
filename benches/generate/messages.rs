//! The messages, which differ in their number alone.

/// Opens a session (RFC 3261, RFC 4975, RFC 5438 and OMA CPM 2.2).
pub fn invite(number: usize) -> String {
    let sdp = format!(
        "v=0\r\no=- 3976521{number:09} 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
         m=message 7394 TCP/MSRP *\r\na=accept-types:message/cpim application/im-iscomposing+xml\r\n\
         a=accept-wrapped-types:text/plain message/imdn+xml application/vnd.gsma.rcs-ft-http+xml\r\n\
         a=path:msrp://192.0.2.1:7394/s{number:09};tcp\r\na=setup:actpass\r\na=sendrecv\r\n"
    );
    format!(
        "INVITE sip:+15550100002@home.example;user=phone SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKinvite{number:09};rport\r\n\
         Via: SIP/2.0/UDP proxy.visited.example:5060;branch=z9hG4bKproxy{number:09};received=198.51.100.7\r\n\
         Max-Forwards: 68\r\n\
         Route: <sip:serving.home.example;lr>\r\n\
         Route: <sip:cpm.home.example;lr;orig>\r\n\
         Record-Route: <sip:proxy.visited.example;lr>\r\n\
         P-Asserted-Identity: \"Alice\" <sip:+15550100001@home.example;user=phone>\r\n\
         P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session\r\n\
         P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=234151D0FCE11\r\n\
         P-Charging-Vector: icid-value=\"charge{number:09}\";orig-ioi=home.example\r\n\
         Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\";explicit;require\r\n\
         From: \"Alice\" <sip:+15550100001@home.example;user=phone>;tag=f{number:09}\r\n\
         To: <sip:+15550100002@home.example;user=phone>\r\n\
         Call-ID: session-{number:09}@192.0.2.1\r\n\
         CSeq: 1 INVITE\r\n\
         Contact: <sip:alice@192.0.2.1:5060>;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\";\
         +g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"\r\n\
         Conversation-ID: f81d4fae-7dec-11d0-a765-000{number:09}\r\n\
         Contribution-ID: abcdef01-1234-5678-90ab-000{number:09}\r\n\
         Supported: timer, 100rel, gruu, path\r\n\
         Session-Expires: 1800;refresher=uac\r\n\
         Min-SE: 90\r\n\
         Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, UPDATE, NOTIFY, REFER, PRACK\r\n\
         User-Agent: Client/1.0\r\n\
         Content-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    )
}

/// A message with CPIM in pager mode (RFC 3428, RFC 3862, RFC 5438).
pub fn message(number: usize) -> String {
    let cpim = cpim(number);
    format!(
        "MESSAGE sip:+15550100002@home.example;user=phone SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKmessage{number:09};rport\r\n\
         Max-Forwards: 70\r\n\
         Route: <sip:cpm.home.example;lr;orig>\r\n\
         P-Asserted-Identity: \"Alice\" <sip:+15550100001@home.example;user=phone>\r\n\
         P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg\r\n\
         Accept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg\";explicit;require\r\n\
         From: <sip:+15550100001@home.example;user=phone>;tag=f{number:09}\r\n\
         To: <sip:+15550100002@home.example;user=phone>\r\n\
         Call-ID: message-{number:09}@192.0.2.1\r\n\
         CSeq: 1 MESSAGE\r\n\
         Conversation-ID: f81d4fae-7dec-11d0-a765-000{number:09}\r\n\
         Contribution-ID: abcdef01-1234-5678-90ab-000{number:09}\r\n\
         User-Agent: Client/1.0\r\n\
         Content-Type: message/cpim\r\n\
         Content-Length: {}\r\n\r\n{cpim}",
        cpim.len()
    )
}

/// A message of a session (RFC 4975), whose connection is told by its number.
pub fn send(number: usize, connection: usize) -> String {
    let cpim = cpim(number);
    let length = cpim.len();
    format!(
        "MSRP t{number:09} SEND\r\n\
         To-Path: msrp://192.0.2.2:2855/server{connection};tcp\r\n\
         From-Path: msrp://192.0.2.1:{}/client{connection};tcp\r\n\
         Message-ID: m{number:09}\r\n\
         Success-Report: no\r\n\
         Byte-Range: 1-{length}/{length}\r\n\
         Content-Type: message/cpim\r\n\r\n{cpim}\r\n-------t{number:09}$\r\n",
        30_000 + connection
    )
}

/// The response to it.
pub fn response(number: usize, connection: usize) -> String {
    format!(
        "MSRP t{number:09} 200 OK\r\n\
         To-Path: msrp://192.0.2.1:{}/client{connection};tcp\r\n\
         From-Path: msrp://192.0.2.2:2855/server{connection};tcp\r\n-------t{number:09}$\r\n",
        30_000 + connection
    )
}

fn cpim(number: usize) -> String {
    let text = format!("Message {number:09}: the quick brown fox jumps over the lazy dog, and back again.");
    format!(
        "From: <sip:+15550100001@home.example>\r\n\
         To: <sip:+15550100002@home.example>\r\n\
         DateTime: 2026-01-01T00:00:00.000Z\r\n\
         NS: imdn <urn:ietf:params:imdn>\r\n\
         imdn.Message-ID: imdn{number:09}\r\n\
         imdn.Disposition-Notification: positive-delivery, display\r\n\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\n\r\n{text}",
        text.len()
    )
}
