"""Coding of commands and responses: ISO/IEC 7816-3:2006 12.1.3, ISO/IEC 7816-4:2013, GlobalPlatform v2.3 11.1.4."""

from codes import Refused

SECURE_MESSAGING = ["none", "proprietary", "iso", "iso-with-header"]


def body_of(body: bytes) -> tuple[str, bytes, int]:
    """What follows the header: the form of the command, its data, and Ne."""
    if not body:
        return "1", b"", 0
    if len(body) == 1:
        return "2S", b"", body[0] or 256
    if body[0]:
        extended, start, lc = False, 1, body[0]
    elif len(body) < 3:
        raise Refused("malformed:body")
    else:
        extended, start, lc = True, 3, int.from_bytes(body[1:3], "big")
        if len(body) == 3:
            return "2E", b"", lc or 65536  # these two bytes are Le, not Lc
        if lc == 0:
            raise Refused("malformed:body")
    data, le = body[start : start + lc], body[start + lc :]
    if len(data) < lc:
        raise Refused("malformed:body")
    if not le:
        return ("3E" if extended else "3S"), data, 0
    if len(le) != (2 if extended else 1):
        raise Refused("malformed:body")
    if extended:
        return "4E", data, int.from_bytes(le, "big") or 65536
    return "4S", data, le[0] or 256


def class_of(cla: int) -> dict:
    """Class, channel, chaining and secure messaging. Bits are numbered from 8 (left) to 1."""
    if cla == 0xFF:
        return {"class": "invalid"}
    if 0x20 <= cla <= 0x3F:
        return {"class": "reserved"}
    if cla & 0x40:  # 40-7F, C0-FE
        channel, messaging = 4 + (cla & 0x0F), "iso" if cla & 0x20 else "none"
    else:  # 00-1F, 80-BF
        channel, messaging = cla & 0x03, SECURE_MESSAGING[cla >> 2 & 0x03]
    name = "proprietary" if cla & 0x80 else "further-interindustry" if cla & 0x40 else "first-interindustry"
    return {"class": name, "channel": channel, "chained": bool(cla & 0x10), "secure_messaging": messaging}


def answer_apdu(shared: dict, question: dict) -> dict:
    coded = bytes.fromhex(question["bytes"])
    if shared["what"] == "response":
        if len(coded) < 2:
            raise Refused("malformed:status-word")
        return {"data": coded[:-2].hex(), "sw": coded[-2:].hex()}
    if len(coded) < 4:
        raise Refused("malformed:header")
    case, data, ne = body_of(coded[4:])
    cla, ins, p1, p2 = (f"{byte:02x}" for byte in coded[:4])
    command = {"case": case, "cla": cla, "ins": ins, "p1": p1, "p2": p2, "data": data.hex(), "ne": ne}
    return command | class_of(coded[0])
