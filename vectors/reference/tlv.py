"""Coding of data objects: BER-TLV as ISO/IEC 7816-4:2013 restricts it, and as tlv.schema.json says."""

from codes import Refused

LEVELS = 8


def read_tag(coded: bytes, at: int, end: int) -> int:
    """Gives where the tag that starts at `at` ends. It has 1 to 3 bytes."""
    if coded[at] & 0x1F != 0x1F:
        return at + 1
    if at + 1 < end and coded[at + 1] not in (0x00, 0x80):
        for last in range(at + 1, min(at + 3, end)):
            if not coded[last] & 0x80:
                return last + 1
    raise Refused("malformed:tag")


def read_length(coded: bytes, at: int, end: int) -> tuple[int, int]:
    """Gives the length, and where the value starts."""
    if at >= end:
        raise Refused("malformed:length")
    first = coded[at]
    if first < 0x80:
        return first, at + 1
    more = first - 0x80
    if not 1 <= more <= 4 or at + 1 + more > end:
        raise Refused("malformed:length")
    return int.from_bytes(coded[at + 1 : at + 1 + more], "big"), at + 1 + more


def read_objects(coded: bytes, at: int, end: int, level: int = 1) -> list[dict]:
    """All objects from `at` to `end`, from the left, each constructed one to its end before the next."""
    objects = []
    while at < end:
        if coded[at] == 0x00:
            at += 1
            continue
        if level > LEVELS:
            raise Refused("malformed:nesting")
        tag_end = read_tag(coded, at, end)
        length, start = read_length(coded, tag_end, end)
        if start + length > end:
            raise Refused("malformed:value")
        tag = coded[at:tag_end].hex()
        if coded[at] & 0x20:
            objects.append({"tag": tag, "objects": read_objects(coded, start, start + length, level + 1)})
        else:
            objects.append({"tag": tag, "value": coded[start : start + length].hex()})
        at = start + length
    return objects


def encode_length(length: int) -> bytes:
    """The shortest form."""
    if length < 0x80:
        return bytes([length])
    size = (length.bit_length() + 7) // 8
    return bytes([0x80 + size]) + length.to_bytes(size, "big")


def encode(objects: list[dict]) -> bytes:
    parts = []
    for each in objects:
        value = encode(each["objects"]) if "objects" in each else bytes.fromhex(each["value"])
        parts.append(bytes.fromhex(each["tag"]) + encode_length(len(value)) + value)
    return b"".join(parts)


def answer_tlv(shared: dict, question: dict) -> dict:
    coded = bytes.fromhex(question["bytes"])
    objects = read_objects(coded, 0, len(coded))
    return {"objects": objects, "encoded": encode(objects).hex()}
