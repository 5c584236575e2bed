"""What becomes of a code that somebody typed: P-READ, P-CHK, P-CONF of docs/protocol.md, as far as they need no log."""

import hmac

from codes import (
    MAX_32, REQUEST, RESPONSE, Refused, Suite,
    compute, encode_32, make_suite, payment_fields, require_payee_nonce,
)


def read_code(text: str, length: int) -> str:
    """P-READ-1, P-READ-2."""
    digits = []
    for character in text:
        if character in "0123456789":  # not str.isdigit(), which knows the digits of other scripts
            digits.append(character)
        elif character not in " -":
            raise Refused("malformed:P-READ-1")
    if len(digits) != length:
        raise Refused("malformed:P-READ-2")
    return "".join(digits)


def same(expected: str, typed: str) -> bool:
    """P-READ-3."""
    return hmac.compare_digest(expected, typed)


def candidates(paid: int, tail: int, count: int) -> list[int]:
    """P-CHK-2 (the first one), P-CHK-4 (the further ones), P-CHK-5."""
    first = paid + 1 + (tail - (paid + 1)) % 1000
    return [n for n in range(first, first + 1000 * count, 1000) if n <= MAX_32]


def check_request(suite: Suite, fields: dict[str, bytes], text: str, paid: int, again: bool) -> int:
    """CHECK at the payer. Gives N_B of the request."""
    profile = suite.profile
    code = read_code(text, profile.nonce_digits + profile.check_digits)
    tail, typed = int(code[: profile.nonce_digits]), code[profile.nonce_digits :]
    if profile.payer_nonce_digits:
        nonces = [tail]  # P-CHK-7
    else:
        nonces = candidates(paid, tail, 16 if again else 1)
    good = [n for n in nonces if same(compute(suite, REQUEST, fields | {"N_B": encode_32(n)}).digits, typed)]
    if len(good) > 1:
        raise Refused("refuse:P-CHK-4")
    if not good:
        raise Refused("refuse:P-CHK-3")
    return good[0]


def confirm_response(suite: Suite, fields: dict[str, bytes], text: str, payee_nonce: int) -> int:
    """CONFIRM at the payee, for the stored request with this N_B: P-CONF-1, P-CONF-2, P-CONF-3."""
    profile = suite.profile
    code = read_code(text, profile.payer_nonce_digits + profile.response_digits)
    fields = fields | {"N_B": encode_32(payee_nonce)}
    head, typed = code[: profile.payer_nonce_digits], code[profile.payer_nonce_digits :]
    if head:
        fields["N_A"] = encode_32(int(head))
        fields["C"] = encode_32(int(compute(suite, REQUEST, fields).digits))
    if not same(compute(suite, RESPONSE, fields).digits, typed):
        raise Refused("refuse:P-CONF-9")
    return payee_nonce


def answer_refusal(shared: dict, question: dict) -> dict:
    suite = make_suite(shared)
    fields = payment_fields(question["payer"], question["payee"], question["amount"])
    if question["side"] == "payer":
        nonce = check_request(
            suite, fields, question["code"], question.get("paid", 0), question.get("typed_before", False)
        )
    else:
        require_payee_nonce(suite.profile, question["payee_nonce"])
        nonce = confirm_response(suite, fields, question["code"], question["payee_nonce"])
    return {"payee_nonce": nonce}
