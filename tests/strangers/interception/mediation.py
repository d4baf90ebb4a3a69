"""A mediation function that knows TS 103 221-2 from the paper alone: takes PDUs over TLS and tells each in a line of JSON.

    mediation.py CERTIFICATE KEY AUTHORITY

The first line is its port.
"""
import json
import socket
import ssl
import struct
import sys
import uuid

NAMES = {8: "number", 9: "time", 10: "source", 11: "destination", 14: "source_port", 15: "destination_port", 17: "target"}


def exactly(stream, octets):
    read = b""
    while len(read) < octets:
        more = stream.recv(octets - len(read))
        if not more:
            return None
        read += more
    return read


def value(kind, octets):
    if kind in (10, 11):
        return socket.inet_ntoa(octets)
    if kind in (14, 15):
        return struct.unpack(">H", octets)[0]
    if kind == 8:
        return struct.unpack(">I", octets)[0]
    if kind == 9:
        seconds, nanoseconds = struct.unpack(">II", octets)
        return seconds + nanoseconds / 1e9
    return octets.decode()


def pdu(stream):
    head = exactly(stream, 40)
    if head is None:
        return None
    major, minor, kind, header, payload, form, direction = struct.unpack(">BBHIIHH", head[:16])
    told = {"version": [major, minor], "kind": kind, "format": form, "direction": direction}
    told["xid"] = str(uuid.UUID(bytes=head[16:32]))
    told["correlation"] = head[32:40].hex()
    rest = exactly(stream, header - 40) if header > 40 else b""
    while rest:
        kind, length = struct.unpack(">HH", rest[:4])
        told[NAMES.get(kind, str(kind))] = value(kind, rest[4:4 + length])
        rest = rest[4 + length:]
    told["payload"] = exactly(stream, payload).decode()
    return told


def main(certificate, key, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as stream:
            names = [name for kind, name in stream.getpeercert()["subjectAltName"] if kind == "DNS"]
            while (told := pdu(stream)) is not None:
                told["peer"] = names
                print(json.dumps(told), flush=True)


main(*sys.argv[1:])
