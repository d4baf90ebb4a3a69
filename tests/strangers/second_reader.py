"""A second reader of what the suite writes, on nothing but Python's standard library.

Reads one document from standard input and tells on standard output, as JSON, what stands in it. It shares no line with
the reader in wire/, so that a mistake of one is no mistake of the other.

usage: second_reader.py cpim|imdn|conference-info
"""

import email
import email.policy
import json
import sys
import xml.etree.ElementTree as ElementTree

IMDN = "{urn:ietf:params:xml:ns:imdn}"
CONFERENCE = "{urn:ietf:params:xml:ns:conference-info}"


def headers(octets):
    """The lines of a header section, in their order. Names keep their case, which counts in an envelope."""
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    if message.defects:
        raise ValueError(f"not a header section: {message.defects}")
    return [[name, value.strip()] for name, value in message.items()]


def cpim(octets):
    """RFC 3862: headers of the envelope, an empty line, a MIME entity."""
    envelope, entity = octets.split(b"\r\n\r\n", 1)
    content = email.message_from_bytes(entity, policy=email.policy.default)
    body = entity.split(b"\r\n\r\n", 1)[1]
    return {
        "envelope": headers(envelope + b"\r\n\r\n"),
        "content_type": content.get_content_type(),
        "charset": content.get_content_charset(),
        "content_disposition": content.get_content_disposition(),
        "content_length": int(content["Content-Length"]) if content["Content-Length"] else None,
        "body": list(body),
    }


def imdn(octets):
    """RFC 5438 section 7.2: what a notification is about, its kind, its status."""
    root = ElementTree.fromstring(octets)
    assert root.tag == IMDN + "imdn", root.tag
    (kind,) = [child for child in root if child.tag.endswith("-notification")]
    (status,) = kind.find(IMDN + "status")
    return {
        "message_id": root.findtext(IMDN + "message-id"),
        "datetime": root.findtext(IMDN + "datetime"),
        "recipient": root.findtext(IMDN + "recipient-uri"),
        "subject": root.findtext(IMDN + "subject"),
        "kind": kind.tag.removeprefix(IMDN),
        "status": status.tag.removeprefix(IMDN),
    }


def conference_info(octets):
    """RFC 4575 section 5: who is in the conference, and how."""
    root = ElementTree.fromstring(octets)
    assert root.tag == CONFERENCE + "conference-info", root.tag
    users = root.find(CONFERENCE + "users")

    def endpoint(element):
        return {
            "entity": element.get("entity"),
            "status": element.findtext(CONFERENCE + "status"),
            "disconnection": element.findtext(CONFERENCE + "disconnection-method"),
        }

    def user(element):
        return {
            "entity": element.get("entity"),
            "state": element.get("state", "full"),
            "name": element.findtext(CONFERENCE + "display-text"),
            "endpoints": [endpoint(each) for each in element.findall(CONFERENCE + "endpoint")],
        }

    return {
        "entity": root.get("entity"),
        "state": root.get("state", "full"),
        "version": int(root.get("version")),
        "subject": root.findtext(f"{CONFERENCE}conference-description/{CONFERENCE}subject"),
        "users_state": None if users is None else users.get("state", "full"),
        "users": [] if users is None else [user(each) for each in users.findall(CONFERENCE + "user")],
    }


READERS = {"cpim": cpim, "imdn": imdn, "conference-info": conference_info}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in READERS:
        sys.exit(__doc__)
    json.dump(READERS[sys.argv[1]](sys.stdin.buffer.read()), sys.stdout)
