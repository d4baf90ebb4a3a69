"""Reads all that a user has in an IMAP store, by imaplib, and prints a line of JSON for each object: its folder, its fields, and
its content, decoded. Usage: read_history.py HOST PORT USER PASSWORD."""

import email
import imaplib
import json
import sys

host, port, user, password = sys.argv[1:5]
store = imaplib.IMAP4(host, int(port))
store.login(user, password)
_, folders = store.list()
for line in folders:
    flags, _, rest = line.decode().partition(") ")
    name = rest.split(" ", 1)[1]
    if "\\Noselect" in flags or store.select(name, readonly=True)[0] != "OK":
        continue
    _, numbers = store.search(None, "ALL")
    for number in numbers[0].split():
        _, parts = store.fetch(number, "(RFC822)")
        octets = parts[0][1]
        head, _, body = octets.partition(b"\r\n\r\n")
        fields = {name.lower(): value for name, value in email.message_from_bytes(head).items()}
        if fields.get("content-transfer-encoding") == "base64":
            body = email.message_from_bytes(octets).get_payload(decode=True)
        print(json.dumps({"folder": name.strip('"'), "fields": fields, "content": body.decode("utf-8", "replace")}))
store.logout()
