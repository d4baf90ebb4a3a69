"""An example of an interworking function between CPM and short messages: MESSAGE of SIP over UDP on the one side, SMPP by the package
smpplib on the other. A message becomes a short message; when its receipt comes, the sender gets a notification that the message was
interworked. A short message becomes a MESSAGE to the user whom its number names.
Usage: function.py SIP-PORT SMSC-PORT PARTICIPATING-FUNCTION USER NUMBER, the function being host:port. It prints a line of JSON
for whatever happens, and ends when standard input does."""

import json
import select
import socket
import sys
import uuid
from xml.sax.saxutils import escape

import smpplib.client
import smpplib.consts

sip_port, smsc_port, function, user, number = sys.argv[1:6]
host, port = function.rsplit(":", 1)
function = (host, int(port))
sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sip.bind(("127.0.0.1", int(sip_port)))
own = f"127.0.0.1:{sip.getsockname()[1]}"
# By the number of a short message: who is to be told of it, and of which message.
waiting = {}


def tell(**event):
    print(json.dumps(event), flush=True)


def parsed(octets):
    head, _, body = octets.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return first, fields, body


def field(fields, name):
    return next((value for known, value in fields if known == name), "")


def uri(value):
    return value.partition("<")[2].partition(">")[0] or value


def digits(value):
    return "".join(letter for letter in uri(value).partition(";")[0].partition("@")[0] if letter.isdigit())


def envelope(body):
    """The fields of a message in CPIM (RFC 3862) and its text."""
    head, _, content = body.partition(b"\r\n\r\n")
    _, fields, text = parsed(b"CPIM\r\n" + content)
    _, outer, _ = parsed(b"CPIM\r\n" + head)
    return outer, fields, text.decode()


def answer(request, status, reason, peer):
    _, fields, _ = request
    kept = [(name, value) for name, value in fields if name in ("via", "from", "call-id", "cseq")]
    lines = [f"SIP/2.0 {status} {reason}", *(f"{name}: {value}" for name, value in kept)]
    lines += [f"to: {field(fields, 'to')};tag={uuid.uuid4().hex[:8]}", "content-length: 0", "", ""]
    sip.sendto("\r\n".join(lines).encode(), peer)


def send(to, sender, conversation, contribution, cpim):
    octets = cpim.encode()
    call = uuid.uuid4().hex
    head = [
        f"MESSAGE {to} SIP/2.0",
        f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{call}",
        f"Route: <sip:{function[0]}:{function[1]};lr>",
        "Max-Forwards: 70",
        f"From: <{sender}>;tag={call[:8]}",
        f"To: <{to}>",
        f"Call-ID: {call}",
        "CSeq: 1 MESSAGE",
        f"P-Asserted-Identity: <{sender}>",
        f"P-Served-User: <{to}>;sescase=term;regstate=reg",
        "P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg",
        f"Conversation-ID: {conversation}",
        f"Contribution-ID: {contribution}",
        "Content-Type: message/cpim",
        f"Content-Length: {len(octets)}",
        "",
        "",
    ]
    sip.sendto("\r\n".join(head).encode() + octets, function)


def from_cpm(octets, peer):
    request = parsed(octets)
    first, fields, body = request
    if first.startswith("SIP/2.0"):
        return tell(event="answer", status=int(first.split()[1]))
    outer, _, text = envelope(body)
    to, sender = first.split()[1], uri(field(fields, "p-asserted-identity"))
    identifier = field(outer, "imdn.message-id")
    pdu = smpp.send_message(
        source_addr_ton=smpplib.consts.SMPP_TON_INTL,
        source_addr=number,
        dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
        destination_addr=digits(to),
        short_message=text.encode(),
        registered_delivery=True,
    )
    waiting[digits(to)] = (sender, to, identifier, fields)
    answer(request, 200, "OK", peer)
    tell(event="interworked", message=identifier, sequence=pdu.sequence)


def from_smsc(pdu, **_):
    number_of = pdu.source_addr.decode()
    text = pdu.short_message.decode()
    # SMPP 3.4 section 5.2.12: the receipt of a short message.
    if pdu.esm_class & 0x04:
        sender, recipient, identifier, fields = waiting.pop(number_of)
        cpim = (
            f"From: <{recipient}>\r\nTo: <{sender}>\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: {uuid.uuid4().hex}\r\n\r\n"
            "Content-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n"
            f'<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>{escape(identifier)}</message-id>'
            "<datetime>2026-11-22T12:00:00Z</datetime>"
            '<interworking-notification xmlns="urn:oma:xml:cpm:imdn-extensions:1.0"><status><legacy-sms/></status>'
            "</interworking-notification></imdn>"
        )
        send(sender, f"tel:+{number_of}", field(fields, "conversation-id"), field(fields, "contribution-id"), cpim)
        tell(event="receipt", message=identifier)
    else:
        cpim = (
            f"From: <tel:+{number_of}>\r\nTo: <{user}>\r\nDateTime: 2026-11-22T12:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
            f"imdn.Message-ID: {uuid.uuid4().hex}\r\n\r\nContent-Type: text/plain;charset=utf-8\r\n\r\n{text}"
        )
        send(user, f"tel:+{number_of}", uuid.uuid4().hex, uuid.uuid4().hex, cpim)
        tell(event="short message", sender=number_of)
    return 0


smpp = smpplib.client.Client("127.0.0.1", int(smsc_port), allow_unknown_opt_params=True)
smpp.set_message_received_handler(from_smsc)
smpp.set_message_sent_handler(lambda pdu, **_: None)
smpp.connect()
smpp.bind_transceiver(system_id="iwf", password="x")
tell(event="ready", sip=own)
while True:
    ready, _, _ = select.select([sip, smpp._socket, sys.stdin], [], [])
    if sys.stdin in ready:
        break
    if smpp._socket in ready:
        smpp.read_once()
    if sip in ready:
        from_cpm(*sip.recvfrom(65_535))
smpp.unbind()
smpp.disconnect()
