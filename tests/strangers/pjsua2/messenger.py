"""A client on pjsua2 that sends and shows messages, told what to do by lines of JSON on standard input:
{"do": "register", "on": true}, {"do": "send", "to": URI, "type": media type, "body": text}.
It prints a line of JSON for whatever happens to it. Usage: messenger.py USER DOMAIN HOME, HOME being host:port of its proxy."""

import json
import os
import select
import sys
import zlib

import pjsua2 as pj

user, domain, home = sys.argv[1:4]
# The library writes its first lines to standard output before it can be told not to.
said = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def tell(**event):
    print(json.dumps(event), file=said, flush=True)


class Account(pj.Account):
    def onRegState(self, prm):
        tell(event="registration", status=prm.code, active=self.getInfo().regIsActive)

    def onInstantMessage(self, prm):
        octets = prm.msgBody.encode("utf-8", "surrogateescape")
        encoded = "content-encoding: deflate" in prm.rdata.wholeMsg.lower()
        body = zlib.decompress(octets) if encoded else octets
        tell(event="message", type=prm.contentType, encoded=encoded, body=body.decode())

    def onInstantMessageStatus(self, prm):
        tell(event="answer", status=prm.code)


class Buddy(pj.Buddy):
    """The library sends messages through buddies alone."""


endpoint = pj.Endpoint()
endpoint.libCreate()
configuration = pj.EpConfig()
configuration.uaConfig.threadCnt = 0
configuration.uaConfig.mainThreadOnly = True
configuration.logConfig.level = 0
configuration.logConfig.consoleLevel = 0
endpoint.libInit(configuration)
transport = pj.TransportConfig()
transport.boundAddress = transport.publicAddress = "127.0.0.1"
endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
endpoint.audDevManager().setNullDev()
endpoint.libStart()

configuration = pj.AccountConfig()
configuration.idUri = f"sip:{user}@{domain}"
configuration.regConfig.registrarUri = f"sip:{domain}"
configuration.regConfig.registerOnAdd = False
configuration.sipConfig.proxies.append(f"sip:{home};lr")
account = Account()
account.create(configuration)
buddies = {}


def send(to, media_type, body):
    if to not in buddies:
        buddies[to] = Buddy()
        buddy = pj.BuddyConfig()
        buddy.uri = to
        buddies[to].create(account, buddy)
    message = pj.SendInstantMessageParam()
    message.contentType, message.content = media_type, body
    buddies[to].sendInstantMessage(message)


tell(event="ready")
waiting = b""
ended = False
while not ended:
    endpoint.libHandleEvents(10)
    while select.select([0], [], [], 0)[0]:
        octets = os.read(0, 65536)
        if not octets:
            ended = True
            break
        *lines, waiting = (waiting + octets).split(b"\n")
        for order in map(json.loads, lines):
            if order["do"] == "register":
                account.setRegistration(order["on"])
            else:
                send(order["to"], order["type"], order["body"])
# What it sends at its end nobody waits for.
said.close()
os._exit(0)
