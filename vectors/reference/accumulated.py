"""One hash over the codes of many payments, as accumulated.schema.json says."""

import hashlib

from codes import Refused, Suite, codes, encode_32, encode_number, make_suite

NUMBERS = 499_999_999_500_000  # how many payers there are, and how many payees


def accumulate(suite: Suite, seed: bytes, count: int) -> str:
    seeded = hashlib.sha256(seed)
    accumulator = hashlib.sha256()
    random_nonces = suite.profile.payer_nonce_digits > 0
    for i in range(1, count + 1):
        step = seeded.copy()
        step.update(encode_32(i))
        s = step.digest()
        payer = 10**6 + 2 * (int.from_bytes(s[0:8], "big") % NUMBERS)
        payee = 10**6 + 1 + 2 * (int.from_bytes(s[8:16], "big") % NUMBERS)
        amount = 1 + int.from_bytes(s[16:20], "big") % (2**32 - 1)
        drawn = int.from_bytes(s[20:24], "big")
        payee_nonce = drawn % 1000 if random_nonces else 1 + drawn % (2**32 - 1)
        payer_nonce = int.from_bytes(s[24:28], "big") % 10000 if random_nonces else None
        # All of these keep P-NUM-1, P-NUM-3 (payers are even, payees odd), P-AMT-1, P-NON-2 and P-SER-1.
        fields = {"A": encode_number(str(payer)), "B": encode_number(str(payee)), "X": encode_32(amount)}
        _, request, _, response = codes(suite, fields, payee_nonce, payer_nonce)
        accumulator.update((request + response).encode("ascii"))
    return accumulator.hexdigest()


def answer_accumulated(shared: dict, question: dict) -> dict:
    if question["count"] > 1_000_000:
        raise Refused("malformed:count")
    suite = make_suite(shared["suite"])
    return {"sha256": accumulate(suite, bytes.fromhex(shared["seed"]), question["count"])}
