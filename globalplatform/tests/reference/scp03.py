#!/usr/bin/env python3
"""Known answers for SCP03, computed with Python's `cryptography` (OpenSSL) and nothing of ours.

Written from GlobalPlatform Amendment D v1.1.1, NIST SP 800-108 and AN10922, not from the Rust code. SP 800-108 keys come
from the KBKDF of `cryptography` itself.

    scp03.py > ../vectors.json         writes the answers
    scp03.py --check ../vectors.json   compares
"""

import json
import sys

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode

ZERO = bytes(16)
OPTIONS = (0x00, 0x10, 0x20, 0x30, 0x60, 0x70)
LEVELS = {0x00: 0x00, 0x01: 0x00, 0x03: 0x00, 0x11: 0x20, 0x13: 0x20, 0x33: 0x60}
AID = bytes.fromhex("A000000151000000")


def cmac(key, data):
    mac = CMAC(AES(key))
    mac.update(data)
    return mac.finalize()


def ecb(key, block):
    return Cipher(AES(key), ECB()).encryptor().update(block)


def cbc(key, iv, data):
    return Cipher(AES(key), CBC(iv)).encryptor().update(data)


def pad(data):
    return data + b"\x80" + bytes(-(len(data) + 1) % 16)


def kdf(key, constant, context, length):
    """Amendment D, 4.1.5."""
    out = b""
    while len(out) < length:
        counter = bytes([len(out) // 16 + 1])
        out += cmac(key, bytes(11) + bytes([constant, 0]) + (length * 8).to_bytes(2, "big") + counter + context)
    return out[:length]


def keys_of(length):
    return [bytes((start + 5 * i) % 256 for i in range(length)) for start in (0x11, 0x52, 0x93)]


class Session:
    def __init__(self, keys, host, card):
        enc, mac, _ = keys
        self.enc = kdf(enc, 0x04, host + card, len(enc))
        self.mac = kdf(mac, 0x06, host + card, len(mac))
        self.rmac = kdf(mac, 0x07, host + card, len(mac))
        self.card_cryptogram = kdf(self.mac, 0x00, host + card, 8)
        self.host_cryptogram = kdf(self.mac, 0x01, host + card, 8)
        self.chaining, self.counter = ZERO, 0

    def icv(self, first):
        return ecb(self.enc, bytes([first]) + self.counter.to_bytes(15, "big"))

    def c_mac(self, header, lc, data):
        self.chaining = cmac(self.mac, self.chaining + header + lc + data)
        return self.chaining[:8]

    def wrap(self, level, header, data, le, extended):
        self.counter += 1
        if level & 0x02 and data:
            data = cbc(self.enc, self.icv(0x00), pad(data))
        if level & 0x01:
            header = bytes([header[0] | 0x04]) + header[1:]
            data += self.c_mac(header, lc_of(len(data) + 8, extended), data)
        return command(header, data, le, extended)

    def wrap_response(self, level, data, sw):
        if level & 0x20 and data:
            data = cbc(self.enc, self.icv(0x80), pad(data))
        if level & 0x10:
            data += cmac(self.rmac, self.chaining + data + sw)[:8]
        return data


def lc_of(length, extended):
    return b"\x00" + length.to_bytes(2, "big") if extended else bytes([length])


def command(header, data, le, extended):
    out = header + (lc_of(len(data), extended) + data if data else b"")
    if le:
        out += (b"" if data else b"\x00") * extended + (b"\x00\x00" if extended else b"\x00")
    return out


def session(length, i, level):
    keys = keys_of(length)
    host = bytes(range(0xA0, 0xA8))
    sequence = bytes([0x00, 0x01, length]) if i & 0x10 else b""
    card = kdf(keys[0], 0x02, sequence + AID, 8) if sequence else bytes(range(0xC0 + length % 16, 0xC8 + length % 16))
    made = Session(keys, host, card)
    cryptogram = made.host_cryptogram
    header = bytes([0x84, 0x82, level, 0x00])
    external = header + b"\x10" + cryptogram + made.c_mac(header, b"\x10", cryptogram)
    exchanges = []
    # No data, one byte, a byte short of a block, a whole block, the most that is short, more than is short.
    for number, (size, answer, le, sw) in enumerate(
        [(0, 0, False, "9000"), (0, 5, True, "9000"), (1, 16, True, "9000"), (15, 1, False, "6310"),
         (16, 15, True, "6283"), (239, 40, True, "9000"), (256, 3, True, "9000")]
    ):
        header = bytes([0x80, 0xE2, number, 0x5A])
        data = bytes((3 * n + number) % 256 for n in range(size))
        response = bytes((7 * n + number) % 256 for n in range(answer))
        extended = size > 255
        exchanges.append({
            "command": command(header, data, le, extended).hex(),
            "wrapped": made.wrap(level, header, data, le, extended).hex(),
            "response": response.hex(),
            "sw": sw,
            "wrapped_response": made.wrap_response(level, response, bytes.fromhex(sw)).hex(),
        })
    return {
        "i": i,
        "level": level,
        "keys": b"".join(keys).hex(),
        "initialize_update": (b"\x80\x50\x21\x00\x08" + host + b"\x00").hex(),
        "response": (bytes(range(10)) + bytes([0x21, 0x03, i]) + card + made.card_cryptogram + sequence).hex(),
        "external_authenticate": external.hex(),
        "exchanges": exchanges,
    }


def sp800_108(key, label, context):
    made = KBKDFCMAC(
        algorithm=AES, mode=Mode.CounterMode, length=len(key), rlen=4, llen=4,
        location=CounterLocation.BeforeFixed, label=label, context=context, fixed=None,
    )
    return made.derive(key)


def kdf3(key, purpose, data):
    blocks = (cmac(key, bytes([i, 0, 0, 0, purpose, 0]) + data) for i in (1, 2))
    return b"".join(blocks)[: len(key)]


def an10922(key, data):
    def double(block):
        number = int.from_bytes(block, "big") << 1
        return ((number & ((1 << 128) - 1)) ^ (0x87 if number >> 128 else 0)).to_bytes(16, "big")

    def mac(constant):
        message = bytes([constant]) + data
        subkey = double(ecb(key, ZERO))
        if len(message) < 32:
            message, subkey = message + b"\x80" + bytes(31 - len(message)), double(subkey)
        return cbc(key, ZERO, message[:16] + bytes(a ^ b for a, b in zip(message[16:], subkey)))[16:]

    if len(key) == 16:
        return mac(0x01)
    if len(key) == 24:
        a, b = mac(0x11), mac(0x12)
        return a[:8] + bytes(x ^ y for x, y in zip(a[8:], b[:8])) + b[8:]
    return mac(0x41) + mac(0x42)


def diversified(length, scheme, data):
    make = {
        "sp800-108-counter-cmac": lambda n, key: sp800_108(key, (b"SCP03 ENC", b"SCP03 MAC", b"SCP03 DEK")[n], data),
        "kdf3": lambda n, key: kdf3(key, n + 1, data),
        "an10922": lambda _, key: an10922(key, data),
    }[scheme]
    masters = keys_of(length)
    return {
        "scheme": scheme,
        "masters": b"".join(masters).hex(),
        "data": data.hex(),
        "keys": b"".join(make(n, key) for n, key in enumerate(masters)).hex(),
    }


def put_key(length):
    old, new = keys_of(length), [bytes(b ^ 0xFF for b in key) for key in keys_of(length)]
    data, answer = b"\x31", b"\x31"
    for key in new:
        sealed = cbc(old[2], ZERO, key + bytes(-length % 16))
        check = ecb(key, b"\x01" * 16)[:3]
        data += bytes([0x88, len(sealed) + 1, length]) + sealed + b"\x03" + check
        answer += check
    return {"dek": old[2].hex(), "keys": b"".join(new).hex(), "data": data.hex(), "response": answer.hex()}


def answers():
    sizes = (16, 24, 32)
    return {
        "source": "globalplatform/tests/reference/scp03.py, with Python's cryptography",
        "sessions": [session(n, i, level) for n in sizes for i in OPTIONS
                     for level, needs in LEVELS.items() if i & needs == needs],
        "diversified": [diversified(n, scheme, bytes(range(0x30, 0x30 + size))) for n in sizes
                        for scheme, lengths in (("sp800-108-counter-cmac", (1, 10, 64)), ("kdf3", (10,)),
                                                ("an10922", (1, 10, 15, 16, 30, 31))) for size in lengths],
        "put_key": [put_key(n) for n in sizes],
    }


def main():
    text = json.dumps(answers(), indent=1) + "\n"
    if sys.argv[1:2] == ["--check"]:
        with open(sys.argv[2], encoding="ascii") as file:
            if file.read() != text:
                sys.exit(f"{sys.argv[2]} is not what {sys.argv[0]} computes")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
