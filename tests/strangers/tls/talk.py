"""Both ends of a connection over TLS, by Python's ssl (OpenSSL), in memory.

Reads one JSON object: version ("1.2" or "1.3"), suite (of 1.2), encrypt_then_mac, update (the client changes its keys before each
message), certificate (a file with a key), log (where secrets are written), messages ([0 the client says, 1 the server], octets in
hexadecimal). Writes a line for each flight: who sends, octets, and which message they carry, or -1.
"""

import ctypes
import json
import ssl
import sys

NO_ENCRYPT_THEN_MAC = 1 << 19


def context(order, server):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    version = ssl.TLSVersion.TLSv1_2 if order["version"] == "1.2" else ssl.TLSVersion.TLSv1_3
    made.minimum_version = made.maximum_version = version
    if order["suite"]:
        made.set_ciphers(order["suite"] + ":@SECLEVEL=0")
    if not order["encrypt_then_mac"]:
        made.options |= NO_ENCRYPT_THEN_MAC
    if server:
        made.load_cert_chain(order["certificate"])
    else:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        made.keylog_filename = order["log"]
    return made


class End:
    def __init__(self, order, server):
        self.coming, self.going = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context(order, server).wrap_bio(self.coming, self.going, server_side=server)

    def update_key(self):
        """SSL_key_update stands behind no method of Python: the SSL is behind the header and the socket of the object."""
        import _ssl

        try:
            library = ctypes.CDLL(_ssl.__file__)
            library.SSL_key_update.argtypes = [ctypes.c_void_p, ctypes.c_int]
        except (OSError, AttributeError):
            raise SystemExit("not possible: keys cannot be asked to change")
        held = ctypes.cast(id(self.tls._sslobj), ctypes.POINTER(ctypes.c_void_p))[3]
        if library.SSL_key_update(held, 1) != 1:
            raise SystemExit("the keys did not change")


def main():
    order = json.load(sys.stdin)
    if ssl.OPENSSL_VERSION_INFO < (3,):
        raise SystemExit("not possible: OpenSSL is older than 3")
    ends = [End(order, False), End(order, True)]

    def pass_on(message):
        for number, end in enumerate(ends):
            octets = end.going.read()
            if octets:
                print(number, octets.hex(), message)
                ends[1 - number].coming.write(octets)

    def step(end, act):
        try:
            act(end.tls)
            return True
        except ssl.SSLWantReadError:
            return False

    done = [False, False]
    while not all(done):
        for number, end in enumerate(ends):
            done[number] = done[number] or step(end, lambda tls: tls.do_handshake())
            pass_on(-1)
    for number, (sender, octets) in enumerate(order["messages"]):
        octets = bytes.fromhex(octets)
        if order["update"]:
            ends[sender].update_key()
        ends[sender].tls.write(octets)
        pass_on(number)
        read = b""
        while len(read) < len(octets):
            read += ends[1 - sender].tls.read(65536)
        assert read == octets
    print("spoken", ends[0].tls.version(), ends[0].tls.cipher()[0])


main()
