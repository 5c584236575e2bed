"""Fields, MAC inputs, tags and digits: sections 2 to 5 of docs/protocol.md."""

import hmac
import re
from typing import Callable, NamedTuple

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

Mac = Callable[[bytes], bytes]

MAX_32 = 2**32 - 1
REQUEST, RESPONSE = 0x51, 0x52  # P-INP-1; kind 53 is reserved (P-INP-2) and stands nowhere here
SCHEMES = {"universal": 0, "pairwise": 1, "ticket": 2}  # P-SCH-1
ALGORITHMS = {"AES-CMAC": 0, "HMAC-SHA-256": 1}  # P-ALG-1
TAG_BYTES = {"AES-CMAC": 16, "HMAC-SHA-256": 32}  # P-ALG-2
AES_KEY_BYTES = (16, 24, 32)
KEY_BYTES = {"AES-CMAC": AES_KEY_BYTES, "HMAC-SHA-256": range(16, 33)}  # P-ALG-2


class Refused(Exception):
    """Its text is the outcome: `malformed:<what>` or `refuse:<rule>`."""


class Profile(NamedTuple):
    number: int
    nonce_digits: int  # of N_B, or of its tail, in the request
    check_digits: int  # of C
    payer_nonce_digits: int  # of N_A in the response; 0 where the profile has none
    response_digits: int  # of R
    request_fields: tuple[str, ...]
    response_fields: tuple[str, ...]


# The table at the beginning; P-REQ-1, P-REQ-2, P-RSP-1, P-RSP-2; P-INP-3.
PROFILES = {
    "first-protocol": Profile(1, 3, 3, 4, 4, ("B", "A", "X", "N_B"), ("A", "N_A", "C", "N_B", "B")),
    "fixed": Profile(2, 3, 3, 4, 4, ("B", "A", "X", "N_B"), ("A", "N_A", "X", "N_B", "B")),
    "digitally-8": Profile(3, 3, 5, 0, 8, ("A", "B", "X", "N_B"), ("A", "B", "X", "N_B")),
}


class Suite(NamedTuple):
    """What both purses agree on before a payment."""
    profile: Profile
    mac: Mac
    headers: dict[int, bytes]  # by kind


class Check(NamedTuple):
    """C or R, and all that leads to it."""
    header: bytes
    input: bytes
    tag: bytes
    first_8: bytes
    digits: str


def mac_function(algorithm: str, key: bytes) -> Mac:
    """P-ALG-1. The key is prepared once, so that each tag costs little."""
    if algorithm == "AES-CMAC":
        if len(key) not in AES_KEY_BYTES:  # `algorithms.AES` itself would take 64 bytes, too
            raise Refused("malformed:P-ALG-2")
        prepared = CMAC(algorithms.AES(key))

        def tag(message: bytes) -> bytes:
            run = prepared.copy()
            run.update(message)
            return run.finalize()
    else:
        keyed = hmac.new(key, digestmod="sha256")

        def tag(message: bytes) -> bytes:
            run = keyed.copy()
            run.update(message)
            return run.digest()
    return tag


def encode_number(digits: str) -> bytes:
    """P-NUM-2: BCD, right-aligned, filled with f on the left."""
    return bytes.fromhex(digits.rjust(16, "f"))


def encode_32(value: int) -> bytes:
    """[v]_32: P-AMT-1, P-NON-1."""
    return value.to_bytes(4, "big")


def encode_currency(currency: int) -> bytes:
    """P-CUR-1: four BCD digits, the first of them 0."""
    return bytes.fromhex(f"{currency:04d}")


def make_suite(shared: dict) -> Suite:
    """P-ALG-2, P-CUR-1, P-INP-1."""
    key = bytes.fromhex(shared["key"])
    if len(key) not in KEY_BYTES[shared["algorithm"]]:
        raise Refused("malformed:P-ALG-2")
    if shared["currency"] > 999:
        raise Refused("malformed:P-CUR-1")
    profile = PROFILES[shared["profile"]]
    headers = {
        kind: bytes([kind, profile.number, SCHEMES[shared["scheme"]], shared["epoch"]])
        + encode_currency(shared["currency"])
        + bytes([ALGORITHMS[shared["algorithm"]], 1])
        for kind in (REQUEST, RESPONSE)
    }
    return Suite(profile, mac_function(shared["algorithm"], key), headers)


def read_number(number: str) -> str:
    """P-NUM-1. Gives the digits without the +."""
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
        raise Refused("malformed:P-NUM-1")
    return number[1:]


def payment_fields(payer: str, payee: str, amount: int) -> dict[str, bytes]:
    """A, B and X as a MAC covers them: P-AMT-1, P-NUM-1, P-NUM-3."""
    if amount > MAX_32:
        raise Refused("malformed:P-AMT-1")
    a, b = read_number(payer), read_number(payee)
    if a == b:
        raise Refused("refuse:P-NUM-3")
    if amount == 0:
        raise Refused("refuse:P-AMT-1")
    return {"A": encode_number(a), "B": encode_number(b), "X": encode_32(amount)}


def require_payee_nonce(profile: Profile, nonce: int) -> None:
    """N_B: P-NON-2 where it is random, P-SER-1 where it is a serial."""
    if profile.payer_nonce_digits and nonce > 999:
        raise Refused("malformed:P-NON-2")
    if not profile.payer_nonce_digits and nonce == 0:
        raise Refused("malformed:P-SER-1")


def require_payer_nonce(profile: Profile, nonce: int | None) -> None:
    """N_A: P-NON-2 where the profile has one, P-SER-1 where it has none."""
    if profile.payer_nonce_digits and (nonce is None or nonce > 9999):
        raise Refused("malformed:P-NON-2")
    if not profile.payer_nonce_digits and nonce is not None:
        raise Refused("malformed:P-SER-1")


def compute(suite: Suite, kind: int, fields: dict[str, bytes]) -> Check:
    """C or R: P-INP-1, P-INP-3, P-TAG-1."""
    profile, header = suite.profile, suite.headers[kind]
    if kind == REQUEST:
        names, digits = profile.request_fields, profile.check_digits
    else:
        names, digits = profile.response_fields, profile.response_digits
    mac_input = header + b"".join([fields[name] for name in names])
    tag = suite.mac(mac_input)
    first_8 = tag[:8]
    value = int.from_bytes(first_8, "big") % 10**digits
    return Check(header, mac_input, tag, first_8, str(value).zfill(digits))


def codes(
    suite: Suite, fields: dict[str, bytes], payee_nonce: int, payer_nonce: int | None
) -> tuple[Check, str, Check, str]:
    """C, the request, R and the response; the two codes as digits without spaces."""
    profile = suite.profile
    fields["N_B"] = encode_32(payee_nonce)
    c = compute(suite, REQUEST, fields)
    request = str(payee_nonce % 1000).zfill(3) + c.digits  # P-REQ-1, P-REQ-2
    fields["C"] = encode_32(int(c.digits))  # P-NON-1
    head = ""
    if profile.payer_nonce_digits:
        fields["N_A"] = encode_32(payer_nonce)
        head = str(payer_nonce).zfill(profile.payer_nonce_digits)
    r = compute(suite, RESPONSE, fields)
    return c, request, r, head + r.digits  # P-RSP-1, P-RSP-2


def show(digits: str) -> str:
    """P-SHOW-1: two groups, 6 digits as 3 + 3, 8 digits as 4 + 4."""
    half = len(digits) // 2
    return digits[:half] + " " + digits[half:]


def answer_mac(shared: dict, question: dict) -> dict:
    algorithm, bits = shared["algorithm"], shared["tag_bits"]
    mac = mac_function(algorithm, bytes.fromhex(shared["key"]))
    if bits == 0 or bits % 8 or bits > 8 * TAG_BYTES[algorithm]:
        raise Refused("malformed:tag-bits")
    return {"tag": mac(bytes.fromhex(question["message"]))[: bits // 8].hex()}


def answer_code(shared: dict, question: dict) -> dict:
    suite = make_suite(shared)
    fields = payment_fields(question["payer"], question["payee"], question["amount"])
    payee_nonce, payer_nonce = question["payee_nonce"], question.get("payer_nonce")
    require_payee_nonce(suite.profile, payee_nonce)
    require_payer_nonce(suite.profile, payer_nonce)
    c, request, r, response = codes(suite, fields, payee_nonce, payer_nonce)
    return {"request": describe(c, request), "response": describe(r, response)}


def describe(check: Check, code: str) -> dict:
    return {
        "header": check.header.hex(),
        "input": check.input.hex(),
        "tag": check.tag.hex(),
        "first_8": check.first_8.hex(),
        "check": check.digits,
        "code": show(code),
    }
