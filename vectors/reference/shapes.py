"""What a question looks like: question.schema.json, and `shared` and `input` of each kind, as tables."""

import re
from typing import Any, Callable

from codes import ALGORITHMS, MAX_32, PROFILES, SCHEMES

Test = Callable[[Any], bool]


def pattern(expression: str) -> Test:
    return lambda value: isinstance(value, str) and re.fullmatch(expression, value) is not None


def one_of(*names: str) -> Test:
    return lambda value: isinstance(value, str) and value in names


def integer(maximum: int) -> Test:
    """0 to `maximum`. A boolean is an `int` in Python, but not in JSON."""
    return lambda value: type(value) is int and 0 <= value <= maximum


def text(value: Any) -> bool:
    return isinstance(value, str)


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def record(fields: dict[str, Test]) -> Test:
    """An object with exactly these fields; those with a `?` may be missing."""
    known = {name.rstrip("?"): test for name, test in fields.items()}
    required = [name for name in fields if not name.endswith("?")]

    def fits(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(name in value for name in required)
            and all(name in known and known[name](value[name]) for name in value)
        )

    return fits


HEX = pattern("([0-9a-f]{2})*")
ID = pattern("[a-z0-9-]{1,100}")
AMOUNT = integer(2**64 - 1)
WORD = integer(MAX_32)
ALGORITHM = one_of(*ALGORITHMS)

SUITE = {
    "profile": one_of(*PROFILES),
    "algorithm": ALGORITHM,
    "key": HEX,
    "scheme": one_of(*SCHEMES),
    "epoch": integer(255),
    "currency": integer(65535),
}
PAYMENT = {"payer": text, "payee": text, "amount": AMOUNT}
TYPED_AT_PAYER = {"side": one_of("payer"), "code": text, "paid?": WORD, "typed_before?": boolean}
TYPED_AT_PAYEE = {"side": one_of("payee"), "code": text, "payee_nonce": WORD}

# kind: the shape of `shared`, the shapes of `input`
SHAPES: dict[str, tuple[Test, list[Test]]] = {
    "mac": (record({"algorithm": ALGORITHM, "key": HEX, "tag_bits": WORD}), [record({"message": HEX})]),
    "derive": (record({"key": HEX}), [record({"label": HEX, "context": HEX, "bits": WORD})]),
    "code": (record(SUITE), [record(PAYMENT | {"payee_nonce": WORD, "payer_nonce?": WORD})]),
    "refusal": (record(SUITE), [record(PAYMENT | TYPED_AT_PAYER), record(PAYMENT | TYPED_AT_PAYEE)]),
    "accumulated": (record({"suite": record(SUITE), "seed": HEX}), [record({"count": WORD})]),
    "apdu": (record({"what": one_of("command", "response")}), [record({"bytes": HEX})]),
    "tlv": (record({}), [record({"bytes": HEX})]),
}
QUESTION = record({"id": ID, "kind": one_of(*SHAPES), "shared": lambda _: True, "input": lambda _: True})


def fits(question: dict) -> bool:
    """Whether this is a question that the schemas allow."""
    if not QUESTION(question):
        return False
    shared, inputs = SHAPES[question["kind"]]
    return shared(question["shared"]) and any(each(question["input"]) for each in inputs)
