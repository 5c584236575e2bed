#!/usr/bin/env python3
"""Checks answer.py against docs/protocol.md (environment PROTOCOL_MD) and the schemas (environment SCHEMA_DIR)."""

import copy
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from answer import answer, read_question  # noqa: E402
from codes import (  # noqa: E402
    MAX_32, REQUEST, compute, encode_32, encode_currency, encode_number, make_suite, payment_fields, show,
)
from typed import candidates  # noqa: E402

PROTOCOL_MD = Path(os.environ.get("PROTOCOL_MD", HERE / "../../docs/protocol.md"))
SCHEMA_DIR = Path(os.environ.get("SCHEMA_DIR", HERE / "../schema"))
KEY = "000102030405060708090a0b0c0d0e0f"
ALICE, BOB = "+254700000001", "+254700000002"


def suite(profile: str = "digitally-8", **changes) -> dict:
    base = {"profile": profile, "algorithm": "AES-CMAC", "key": KEY, "scheme": "pairwise", "epoch": 1, "currency": 404}
    return base | changes


def ask(kind: str, shared: dict, question: dict) -> dict:
    return answer({"id": "t", "kind": kind, "shared": shared, "input": question})


def outcome(kind: str, shared: dict, question: dict) -> str:
    return ask(kind, shared, question)["outcome"]


def examples() -> dict[str, dict[str, str]]:
    """Each worked example of the document: its rows, by what stands on the left."""
    found = {}
    for section in re.split(r"^#### Example ", PROTOCOL_MD.read_text("utf-8"), flags=re.M)[1:]:
        name = re.match(r"`([a-z0-9-]+)`", section).group(1)
        rows = {}
        for line in section.splitlines()[1:]:
            if line.startswith("#"):
                break
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) == 4 and cells[1] != "what" and not set(cells[1]) <= set("-"):
                assert cells[1] not in rows, (name, cells[1])
                rows[cells[1].strip("*")] = cells[2].strip("*")
        found[name] = rows
    return found


def quoted(cell: str) -> str:
    return re.search(r"`([0-9a-f]*)`", cell).group(1)


class Document(unittest.TestCase):
    """Every row of every worked example is used; one that is left over fails the test."""

    def test_all_examples(self):
        found = examples()
        self.assertGreaterEqual(len(found), 11)
        for name, rows in found.items():
            with self.subTest(name):
                (self.derive if name.startswith("derive") else self.payment)(dict(rows))

    def derive(self, rows):
        length = next(name for name in rows if name.startswith("L, "))
        label = next(name for name in rows if name.startswith("label"))
        bits = int(length[3:])
        self.assertEqual(encode_32(bits).hex(), quoted(rows.pop(length)))
        self.assertEqual(re.search(r'"(.*)"', label).group(1).encode("ascii").hex(), quoted(rows[label]))
        given = {"label": quoted(rows.pop(label)), "context": quoted(rows.pop("context")), "bits": bits}
        got = ask("derive", {"key": quoted(rows.pop("master"))}, given)
        self.assertEqual(got["outcome"], "accept")
        self.assertEqual(quoted(rows.pop("output")), got["output"]["output"])
        for i, (block_input, block) in enumerate(zip(got["output"]["inputs"], got["output"]["blocks"]), start=1):
            self.assertEqual(quoted(rows.pop(f"input of K({i})")), block_input)
            self.assertEqual(quoted(rows.pop(f"K({i})")), block)
        self.assertEqual(rows, {})

    def payment(self, rows):
        key = next(name for name in rows if name.startswith("K, "))
        words = rows.pop("profile, key scheme, epoch, currency")
        number, profile, scheme_number, scheme, epoch, currency, bcd = re.fullmatch(
            r"(\S+) (\S+), (\S+) (\S+), (\S+), (\S+) `(\S+)`", words
        ).groups()
        shared = suite(profile, algorithm=key[3:], key=quoted(rows.pop(key)), scheme=scheme,
                       epoch=int(epoch, 16), currency=int(currency))
        self.assertEqual(encode_currency(int(currency)).hex(), bcd)

        def value(name, encode):
            shown, code = rows.pop(name).split(" ")
            self.assertEqual(encode(shown).hex(), code.strip("`"))
            return shown

        def decimal(name):
            return int(value(name, lambda shown: encode_32(int(shown))))

        def phone(name):
            return value(name, lambda shown: encode_number(shown[1:]))

        given = {"payer": phone("A"), "payee": phone("B"), "amount": decimal("X"),
                 "payee_nonce": decimal("N_B" if "N_B" in rows else "n")}
        if "N_A" in rows:
            given["payer_nonce"] = decimal("N_A")
        got = ask("code", shared, given)
        self.assertEqual(got["outcome"], "accept")
        if "C" in rows:
            self.assertEqual(decimal("C"), int(got["output"]["request"]["check"]))
        for kind, letter in ("request", "C"), ("response", "R"):
            part = got["output"][kind]
            self.assertEqual(part["header"][2:6], number + scheme_number)
            self.assertEqual(quoted(rows.pop(f"{kind}: header")), part["header"])
            self.assertEqual(quoted(rows.pop(f"{kind}: MAC input")), part["input"])
            self.assertEqual(quoted(rows.pop(f"{kind}: tag")), part["tag"])
            self.assertEqual(rows.pop(f"{kind}: first 8 bytes"), f"`{part['first_8']}` = {int(part['first_8'], 16)}")
            self.assertEqual(rows.pop(f"{kind}: {letter}, that modulo 10^{len(part['check'])}"), part["check"])
            self.assertEqual(rows.pop(kind), part["code"])
        self.assertEqual(rows, {})
        # What is shown can be typed; the response only at the purse that expects it.
        both = {name: given[name] for name in ("payer", "payee", "amount")}
        typed = both | {"side": "payer", "code": got["output"]["request"]["code"]}
        accepted = {"id": "t", "outcome": "accept", "output": {"payee_nonce": given["payee_nonce"]}}
        self.assertEqual(ask("refusal", shared, typed), accepted)
        typed = both | {"side": "payee", "code": got["output"]["response"]["code"], "payee_nonce": given["payee_nonce"]}
        self.assertEqual(ask("refusal", shared, typed), accepted)

    def test_values_in_the_text(self):
        self.assertEqual(encode_number("254700000001").hex(), "ffff254700000001")  # P-NUM-2
        self.assertEqual(encode_number("2547001").hex(), "fffffffff2547001")
        self.assertEqual(encode_32(40000).hex(), "00009c40")  # P-AMT-1
        self.assertEqual(encode_currency(404).hex(), "0404")  # P-CUR-1
        self.assertEqual(encode_currency(8).hex(), "0008")
        self.assertEqual(encode_32(615).hex(), "00000267")  # P-NON-1
        self.assertEqual((show("47610825"), show("615076")), ("4761 0825", "615 076"))  # P-SHOW-1

    def test_the_hole_of_the_first_protocol(self):
        """Section 11: the response to 100.00 is accepted for 400.00, and by `fixed` it is not."""
        for profile, expected in ("first-protocol", "accept"), ("fixed", "refuse:P-CONF-9"):
            paid = {"payer": ALICE, "payee": BOB, "amount": 10000, "payee_nonce": 214, "payer_nonce": 4242}
            response = ask("code", suite(profile), paid)["output"]["response"]["code"]
            typed = {"side": "payee", "payer": ALICE, "payee": BOB, "amount": 40000, "payee_nonce": 214}
            self.assertEqual(outcome("refusal", suite(profile), typed | {"code": response}), expected)


class Rules(unittest.TestCase):
    def code(self, changes: dict | None = None, drop: tuple = (), **suite_changes) -> str:
        question = {"payer": ALICE, "payee": BOB, "amount": 40000, "payee_nonce": 1, "payer_nonce": 4242}
        if suite_changes.get("profile", "digitally-8") == "digitally-8":
            del question["payer_nonce"]
        question |= changes or {}
        return outcome("code", suite(**suite_changes), {k: v for k, v in question.items() if k not in drop})

    def test_fields(self):
        self.assertEqual(self.code(), "accept")
        for number in "", "+", "254700000001", "+254700", "+0254700000", "+1234567890123456", "+25470 0000001", \
                "+254700000001\n", "+25470000000\u0661", "+2547000000a1":
            self.assertEqual(self.code({"payer": number}), "malformed:P-NUM-1", number)
        self.assertEqual(self.code({"payer": "+1234567", "payee": "+999999999999999"}), "accept")
        self.assertEqual(self.code({"payee": ALICE}), "refuse:P-NUM-3")
        self.assertEqual(self.code({"amount": 0}), "refuse:P-AMT-1")
        self.assertEqual(self.code({"amount": MAX_32}), "accept")
        self.assertEqual(self.code({"amount": MAX_32 + 1}), "malformed:P-AMT-1")
        self.assertEqual(self.code({"payee_nonce": 0}), "malformed:P-SER-1")
        self.assertEqual(self.code({"payer_nonce": 0}), "malformed:P-SER-1")
        for profile in "fixed", "first-protocol":
            self.assertEqual(self.code({"payee_nonce": 0, "payer_nonce": 0}, profile=profile), "accept")
            self.assertEqual(self.code({"payee_nonce": 1000}, profile=profile), "malformed:P-NON-2")
            self.assertEqual(self.code({"payer_nonce": 10000}, profile=profile), "malformed:P-NON-2")
            self.assertEqual(self.code(drop=("payer_nonce",), profile=profile), "malformed:P-NON-2")
        self.assertEqual(self.code(currency=999), "accept")
        self.assertEqual(self.code(currency=1000), "malformed:P-CUR-1")

    def test_keys(self):
        for size in range(0, 70):
            aes, mac = size in (16, 24, 32), 16 <= size <= 32
            self.assertEqual(self.code(key="00" * size), "accept" if aes else "malformed:P-ALG-2", size)
            self.assertEqual(self.code(key="00" * size, algorithm="HMAC-SHA-256"),
                             "accept" if mac else "malformed:P-ALG-2", size)
            shared = {"algorithm": "HMAC-SHA-256", "key": "00" * size, "tag_bits": 256}
            self.assertEqual(outcome("mac", shared, {"message": ""}), "accept", size)

    def test_order(self):
        """The first rule that is broken is the outcome."""
        broken = {"payer": "+0", "payee": "+0", "amount": 2**32, "payee_nonce": 0, "payer_nonce": 1}
        self.assertEqual(self.code(broken, key="", currency=1000), "malformed:P-ALG-2")
        self.assertEqual(self.code(broken, currency=1000), "malformed:P-CUR-1")
        self.assertEqual(self.code(broken), "malformed:P-AMT-1")
        self.assertEqual(self.code(broken | {"amount": 0}), "malformed:P-NUM-1")
        self.assertEqual(self.code(broken | {"amount": 0, "payer": BOB, "payee": BOB}), "refuse:P-NUM-3")

    def test_mac(self):
        # RFC 4493, examples 1 and 2; RFC 4231, test case 1
        for algorithm, key, message, tag in (
            ("AES-CMAC", "2b7e151628aed2a6abf7158809cf4f3c", "", "bb1d6929e95937287fa37d129b756746"),
            ("AES-CMAC", "2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172a",
             "070a16b46b4d4144f79bdd9dd04a287c"),
            ("HMAC-SHA-256", "0b" * 20, b"Hi There".hex(),
             "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        ):
            for bits in range(8, 4 * len(tag) + 1, 8):
                got = ask("mac", {"algorithm": algorithm, "key": key, "tag_bits": bits}, {"message": message})
                self.assertEqual(got["output"]["tag"], tag[: bits // 4])
            for bits in 0, 7, 4 * len(tag) + 8, MAX_32:
                shared = {"algorithm": algorithm, "key": key, "tag_bits": bits}
                self.assertEqual(outcome("mac", shared, {"message": message}), "malformed:tag-bits")

    def test_derive(self):
        def derive(key, label, context, bits):
            return outcome("derive", {"key": key}, {"label": label, "context": context, "bits": bits})
        self.assertEqual(derive("00" * 16, "00" * 32, "00" * 32, 65536), "accept")
        self.assertEqual(derive("00" * 16, "00" * 32, "00" * 33, 8), "malformed:P-DER-2")
        self.assertEqual(derive("00" * 17, "", "", 0), "malformed:P-DER-2")
        for bits in 0, 4, 65544:
            self.assertEqual(derive("00" * 16, "00" * 65, "", bits), "malformed:P-DER-1")
        got = ask("derive", {"key": KEY}, {"label": "", "context": "", "bits": 136})["output"]
        self.assertEqual(got["output"], (got["blocks"][0] + got["blocks"][1])[:34])

    def test_accumulated(self):
        def ask_count(count, **changes):
            return ask("accumulated", {"suite": suite(**changes), "seed": "00"}, {"count": count})
        self.assertEqual(ask_count(0)["output"]["sha256"], hashlib.sha256(b"").hexdigest())
        self.assertEqual(ask_count(1000001, key="")["outcome"], "malformed:count")
        self.assertEqual(ask_count(1, key="")["outcome"], "malformed:P-ALG-2")
        self.assertEqual(ask_count(1, currency=1000)["outcome"], "malformed:P-CUR-1")
        for profile in "first-protocol", "fixed", "digitally-8":  # the same by way of kind `code`
            digits = ""
            for i in 1, 2, 3:
                s = hashlib.sha256(bytes([0]) + encode_32(i)).digest()
                a, b, x, n = (int.from_bytes(s[start:end], "big") for start, end in ((0, 8), (8, 16), (16, 20), (20, 24)))
                given = {"payer": f"+{10**6 + 2 * (a % 499999999500000)}",
                         "payee": f"+{10**6 + 1 + 2 * (b % 499999999500000)}", "amount": 1 + x % 4294967295}
                if profile == "digitally-8":
                    given["payee_nonce"] = 1 + n % 4294967295
                else:
                    given |= {"payee_nonce": n % 1000, "payer_nonce": int.from_bytes(s[24:28], "big") % 10000}
                output = ask("code", suite(profile), given)["output"]
                digits += (output["request"]["code"] + output["response"]["code"]).replace(" ", "")
            self.assertEqual(ask_count(3, profile=profile)["output"]["sha256"], hashlib.sha256(digits.encode()).hexdigest())


class Typed(unittest.TestCase):
    def typed(self, code: str, profile: str = "digitally-8", **more) -> dict:
        question = {"side": "payer", "payer": ALICE, "payee": BOB, "amount": 40000, "code": code} | more
        return ask("refusal", suite(profile), question)

    def request(self, n: int) -> str:
        given = {"payer": ALICE, "payee": BOB, "amount": 40000, "payee_nonce": n}
        return ask("code", suite(), given)["output"]["request"]["code"]

    def test_reading(self):
        for code in "00143503", "0014 3503", "--0-0 1-4 3503- ", "   00143503":
            self.assertEqual(self.typed(code)["outcome"], "accept", code)
        for code in "0014.3503", "0014\u00a03503", "0014\t3503", "0014\n3503", "0014\u20133503", "00143503x", \
                "\u0660\u06601\u06643503", "0014350\uff13", "0014350\u00b3", "\ud800", "\U0001d7ce", "1 2 x", "+", "\x00":
            self.assertEqual(self.typed(code)["outcome"], "malformed:P-READ-1", ascii(code))
        for code in "", " - ", "0014350", "001435030", "0" * 1000:
            self.assertEqual(self.typed(code)["outcome"], "malformed:P-READ-2", code)
        for profile in "fixed", "first-protocol":
            self.assertEqual(self.typed("00143503", profile)["outcome"], "malformed:P-READ-2")
            self.assertEqual(self.typed("615077", profile)["outcome"], "refuse:P-CHK-3")
        # A fault of the fields comes before one of the code.
        self.assertEqual(self.typed("x", amount=0)["outcome"], "refuse:P-AMT-1")

    def test_candidates(self):
        self.assertEqual(candidates(0, 1, 1), [1])  # P-CHK-2
        self.assertEqual(candidates(0, 0, 1), [1000])
        self.assertEqual(candidates(1, 1, 1), [1001])
        self.assertEqual(candidates(999, 0, 1), [1000])
        self.assertEqual(candidates(1000, 0, 2), [2000, 3000])
        self.assertEqual(candidates(5, 4, 16), [1004 + 1000 * i for i in range(16)])  # P-CHK-4
        self.assertEqual(candidates(MAX_32 - 1, MAX_32 % 1000, 16), [MAX_32])  # P-CHK-5
        self.assertEqual(candidates(MAX_32 - 1, 0, 16), [])
        self.assertEqual([n for t in range(MAX_32 - 3, MAX_32 + 1) for n in candidates(t, 295, 1)], [MAX_32] * 3)

    def test_check(self):
        self.assertEqual(self.typed(self.request(1), paid=1)["outcome"], "refuse:P-CHK-3")
        self.assertEqual(self.typed(self.request(7001), paid=1)["outcome"], "refuse:P-CHK-3")
        for n in 1001, 7001, 16001:
            self.assertEqual(self.typed(self.request(n), paid=1, typed_before=True)["output"], {"payee_nonce": n})
        self.assertEqual(self.typed(self.request(17001), paid=1, typed_before=True)["outcome"], "refuse:P-CHK-3")
        self.assertEqual(self.typed(self.request(1), paid=MAX_32)["outcome"], "refuse:P-CHK-3")
        last = self.request(MAX_32)
        self.assertEqual(self.typed(last, paid=MAX_32 - 1)["output"], {"payee_nonce": MAX_32})
        self.assertEqual(self.typed(last, paid=MAX_32 - 5000, typed_before=True)["output"], {"payee_nonce": MAX_32})

    def test_two_candidates(self):
        """P-CHK-4: two of the 16 candidates have the same C, neither of them the first."""
        shared = make_suite(suite())
        fields = payment_fields(ALICE, BOB, 40000)
        for base in range(0, 10**6, 1000):
            window = {}
            for tail in range(1, 21):
                for n in range(base + 1000 + tail, base + 16000 + tail, 1000):
                    check = compute(shared, REQUEST, fields | {"N_B": encode_32(n)}).digits
                    if (tail, check) in window:
                        code = f"{tail:03}{check}"
                        self.assertEqual(self.typed(code, paid=base)["outcome"], "refuse:P-CHK-3")
                        got = self.typed(code, paid=base, typed_before=True)["outcome"]
                        return self.assertEqual(got, "refuse:P-CHK-4")
                    window[tail, check] = n
        self.fail("no pair found")

    def test_confirm(self):
        for profile, nonce, extra in ("digitally-8", 2**31, {}), ("fixed", 7, {"payer_nonce": 3}), \
                ("first-protocol", 7, {"payer_nonce": 3}):
            given = {"payer": ALICE, "payee": BOB, "amount": 5, "payee_nonce": nonce}
            code = ask("code", suite(profile), given | extra)["output"]["response"]["code"]
            given |= {"side": "payee", "code": code}
            self.assertEqual(ask("refusal", suite(profile), given)["output"], {"payee_nonce": nonce})
            wrong = given | {"code": code[:-1] + str((int(code[-1]) + 1) % 10)}
            self.assertEqual(outcome("refusal", suite(profile), wrong), "refuse:P-CONF-9")
            self.assertEqual(outcome("refusal", suite(profile), given | {"payee_nonce": nonce + 1}), "refuse:P-CONF-9")
        given = {"side": "payee", "payer": ALICE, "payee": BOB, "amount": 5, "code": "x"}
        self.assertEqual(outcome("refusal", suite(), given | {"payee_nonce": 0}), "malformed:P-SER-1")
        self.assertEqual(outcome("refusal", suite("fixed"), given | {"payee_nonce": 1000}), "malformed:P-NON-2")


class Coding(unittest.TestCase):
    def test_commands(self):
        def command(text):
            got = ask("apdu", {"what": "command"}, {"bytes": text.replace(" ", "")})
            out = got.get("output", {})
            return (out["case"], len(out["data"]) // 2, out["ne"]) if out else got["outcome"]
        self.assertEqual(command("00a40400"), ("1", 0, 0))
        self.assertEqual(command("00a40400 00"), ("2S", 0, 256))
        self.assertEqual(command("00a40400 05"), ("2S", 0, 5))
        self.assertEqual(command("00a40400 01 ff"), ("3S", 1, 0))
        self.assertEqual(command("00a40400 01 ff 00"), ("4S", 1, 256))
        self.assertEqual(command("00a40400 00 0000"), ("2E", 0, 65536))
        self.assertEqual(command("00a40400 00 0001"), ("2E", 0, 1))
        self.assertEqual(command("00a40400 00 0001 ff"), ("3E", 1, 0))
        self.assertEqual(command("00a40400 00 0001 ff 0000"), ("4E", 1, 65536))
        self.assertEqual(command("00a40400 00 0100" + "aa" * 256 + "0203"), ("4E", 256, 515))
        for body in "0000", "0100 00 00", "02ff", "01ffffff", "00000001", "000000ffff", "000001ffff", "000001ff000000", \
                "000002ff":
            self.assertEqual(command("00a40400" + body), "malformed:body", body)
        for text in "", "00", "00a404":
            self.assertEqual(command(text), "malformed:header")

    def test_classes(self):
        seen = {}
        for cla in range(256):
            out = ask("apdu", {"what": "command"}, {"bytes": f"{cla:02x}000000"})["output"]
            seen[cla] = tuple(out.get(name) for name in ("class", "channel", "chained", "secure_messaging"))
        self.assertEqual(seen[0x00], ("first-interindustry", 0, False, "none"))
        self.assertEqual(seen[0x1F], ("first-interindustry", 3, True, "iso-with-header"))
        self.assertEqual(seen[0x20], seen[0x3F])
        self.assertEqual(seen[0x20], ("reserved", None, None, None))
        self.assertEqual(seen[0x40], ("further-interindustry", 4, False, "none"))
        self.assertEqual(seen[0x7F], ("further-interindustry", 19, True, "iso"))
        self.assertEqual(seen[0x84], ("proprietary", 0, False, "proprietary"))
        self.assertEqual(seen[0xA8], ("proprietary", 0, False, "iso"))
        self.assertEqual(seen[0xC0], ("proprietary", 4, False, "none"))
        self.assertEqual(seen[0xFE], ("proprietary", 18, True, "iso"))
        self.assertEqual(seen[0xFF], ("invalid", None, None, None))

    def test_responses(self):
        self.assertEqual(ask("apdu", {"what": "response"}, {"bytes": "9000"})["output"], {"data": "", "sw": "9000"})
        self.assertEqual(ask("apdu", {"what": "response"}, {"bytes": "016a82"})["output"], {"data": "01", "sw": "6a82"})
        self.assertEqual(outcome("apdu", {"what": "response"}, {"bytes": "90"}), "malformed:status-word")

    def test_tlv(self):
        def tlv(text):
            got = ask("tlv", {}, {"bytes": text.replace(" ", "")})
            return got.get("output", got["outcome"])
        self.assertEqual(tlv(""), {"objects": [], "encoded": ""})
        self.assertEqual(tlv("00 00"), {"objects": [], "encoded": ""})
        self.assertEqual(tlv("00 5a 8400000001 ff 00 9f02 00 00"),
                         {"objects": [{"tag": "5a", "value": "ff"}, {"tag": "9f02", "value": ""}], "encoded": "5a01ff9f0200"})
        self.assertEqual(tlv("e1 8105 00 5a 01 07 00"),
                         {"objects": [{"tag": "e1", "objects": [{"tag": "5a", "value": "07"}]}], "encoded": "e1035a0107"})
        self.assertEqual(tlv("5f8101 00")["encoded"], "5f810100")
        self.assertEqual(tlv("5a 8180" + "01" * 128)["encoded"], "5a8180" + "01" * 128)
        for text in "1f", "1f00 00", "1f80 01 00", "1f8181 01 00", "1f81", "1f8181", "e1 01 5f":
            self.assertEqual(tlv(text), "malformed:tag", text)
        for text in "5a", "5a80", "5a85 0000000000", "5aff", "5a81", "5a84 000000", "9f02", "e1 01 5a":
            self.assertEqual(tlv(text), "malformed:length", text)
        for text in "5a01", "5a 84 ffffffff 00", "e1 02 5a01 00", "e1 05 5a01", "e1 05 1f00":
            self.assertEqual(tlv(text), "malformed:value", text)

        def nested(levels, core):
            for _ in range(levels):
                core = "e1" + f"{len(core) // 2:02x}" + core
            return tlv(core)
        for core in "", "00", "0000":
            self.assertNotEqual(nested(8, core), "malformed:nesting")
        self.assertNotEqual(nested(7, "5a00"), "malformed:nesting")
        for core in "5a00", "e100", "005a00", "1f":
            self.assertEqual(nested(8, core), "malformed:nesting", core)
        self.assertEqual(nested(60, ""), "malformed:nesting")


class Line(unittest.TestCase):
    """The program itself, and input that is not as it should be."""

    GOOD = {"id": "a", "kind": "tlv", "shared": {}, "input": {"bytes": ""}}

    def run_with(self, data: bytes, *options: str):
        return subprocess.run([sys.executable, str(HERE / "answer.py"), *options], input=data, capture_output=True)

    def test_program(self):
        good = json.dumps(self.GOOD).encode()
        done = self.run_with(b"")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        done = self.run_with(good + b"\n" + good)
        self.assertEqual((done.returncode, done.stdout.count(b"\n"), done.stderr), (0, 2, b""))
        bad = [b"[]", b"", b"1", b"{", b"\xff", b"\xef\xbb\xbf" + good, b"[" * 100000, good + good, b'{"id":NaN}', b"{}",
               b'{"id":1}', b'{"id":"A"}', b'{"id":"a\\n"}']
        for line in bad:
            done = self.run_with(good + b"\n" + line + b"\n" + good + b"\n")
            self.assertEqual((done.returncode, done.stdout.count(b"\n")), (1, 1), line[:50])
            self.assertRegex(done.stderr, rb"^answer.py: line 2 [^\n]+\n$")
        self.assertEqual(self.run_with(b"", "--help").returncode, 0)

    def test_unsupported(self):
        def changed(**changes):
            return answer(self.GOOD | changes)["outcome"]
        self.assertEqual(changed(), "accept")
        for kind in "live", "", None, 1, [], {}:
            self.assertEqual(changed(kind=kind), "unsupported")
        for shared in None, [], {"x": 1}, "":
            self.assertEqual(changed(shared=shared), "unsupported")
        for given in None, [], {}, {"bytes": "0"}, {"bytes": "AA"}, {"bytes": "00\n"}, {"bytes": 0}, {"bytes": "", "x": 0}, \
                {"bytes": "\u0660\u0660"}:
            self.assertEqual(changed(input=given), "unsupported", given)
        self.assertEqual(changed(comment="x"), "unsupported")
        for count in True, -1, 1.0, "1", None, MAX_32 + 1, [1]:
            self.assertEqual(outcome("accumulated", {"suite": suite(), "seed": ""}, {"count": count}), "unsupported")
        line = b'{"id":"a","kind":"mac","shared":{"algorithm":"AES-CMAC","key":"%s","tag_bits":1%s},"input":{"message":""}}'
        for zeros, expected in (9, "malformed:tag-bits"), (10, "unsupported"), (1000000, "unsupported"):
            question = read_question(line % (KEY.encode(), b"0" * zeros))
            self.assertEqual(answer(question)["outcome"], expected, zeros)


class Schemas(unittest.TestCase):
    """shapes.py and the schemas agree, on questions that are changed at random; all answers are as the schemas say."""

    BASE = [
        ("mac", {"algorithm": "AES-CMAC", "key": KEY, "tag_bits": 128}, {"message": "00"}),
        ("derive", {"key": KEY}, {"label": "00", "context": "", "bits": 256}),
        ("code", suite("fixed"), {"payer": ALICE, "payee": BOB, "amount": 1, "payee_nonce": 1, "payer_nonce": 2}),
        ("code", suite(), {"payer": ALICE, "payee": BOB, "amount": 1, "payee_nonce": 1}),
        ("refusal", suite(), {"side": "payer", "payer": ALICE, "payee": BOB, "amount": 40000, "code": "00143503",
                              "paid": 0, "typed_before": True}),
        ("refusal", suite(), {"side": "payee", "payer": ALICE, "payee": BOB, "amount": 40000, "code": "6656 8890",
                              "payee_nonce": 1}),
        ("accumulated", {"suite": suite(), "seed": "00"}, {"count": 2}),
        ("apdu", {"what": "command"}, {"bytes": "00a4040001ff00"}),
        ("apdu", {"what": "response"}, {"bytes": "ff9000"}),
        ("tlv", {}, {"bytes": "e1035a0107"}),
    ]
    VALUES = [None, True, False, 0, 1, -1, 1.5, 255, 256, 999, 1000, 65535, 65536, MAX_32, 2**32, 2**64 - 1, 2**64, 10**50,
              "", "00", "0", "AA", "00\n", "zz", ALICE, "payer", "payee", "fixed", "command", "HMAC-SHA-256", "+\u0661",
              [], {}, [0], {"a": 0}]

    @classmethod
    def setUpClass(cls):
        if not SCHEMA_DIR.is_dir():
            raise unittest.SkipTest(f"no schemas in {SCHEMA_DIR}")
        cls.schemas = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMA_DIR.glob("*.schema.json")}

    def valid(self, schema, value, home: str) -> bool:
        """JSON Schema, as much of it as these schemas use."""
        if isinstance(schema, bool):
            return schema
        if "$ref" in schema:
            name, path = schema["$ref"].split("#")
            home = name or home
            target = self.schemas[home]
            for step in path.strip("/").split("/"):
                target = target[step]
            return self.valid(target, value, home)
        types = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
        expected = schema.get("type")
        if expected and not (isinstance(value, types[expected]) and (expected == "boolean" or not isinstance(value, bool))):
            return False
        if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
            return False
        if isinstance(value, str) and "pattern" in schema:
            if not re.search(schema["pattern"].replace("$", r"\Z"), value):
                return False
        if type(value) is int and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            return False
        if isinstance(value, list) and not all(self.valid(schema.get("items", True), each, home) for each in value):
            return False
        if isinstance(value, dict):
            properties, other = schema.get("properties", {}), schema.get("additionalProperties", True)
            if not all(name in value for name in schema.get("required", [])):
                return False
            if not all(self.valid(properties.get(name, other), each, home) for name, each in value.items()):
                return False
        return "oneOf" not in schema or sum(self.valid(each, value, home) for each in schema["oneOf"]) == 1

    def part(self, kind: str, what: str) -> dict:
        group = self.schemas[f"{kind}.schema.json"]["properties"]["groups"]["items"]["properties"]
        return group["shared"] if what == "shared" else group["tests"]["items"]["properties"][what]

    def test_random_changes(self):
        draw = random.Random(1)
        counts = {True: 0, False: 0}
        for round in range(20000):
            kind, shared, given = copy.deepcopy(draw.choice(self.BASE))
            question = {"id": "a", "kind": kind, "shared": shared, "input": given}
            for _ in range(draw.choice([0, 1, 1, 1, 2])):
                places = [question, shared, given, shared.get("suite")]
                place = draw.choice([each for each in places if isinstance(each, dict)])
                name = draw.choice([*place, "x", "payee_nonce", "paid"])
                if place is question and name == "id":
                    continue
                if draw.random() < 0.3:
                    place.pop(name, None)
                else:
                    place[name] = copy.deepcopy(draw.choice(self.VALUES))
            expected = self.valid(self.schemas["question.schema.json"], question, "question.schema.json") and all(
                self.valid(self.part(question["kind"], what), question[what], f"{question['kind']}.schema.json")
                for what in ("shared", "input")
            )
            counts[expected] += 1
            if question.get("kind") == "accumulated" and expected:
                question["input"]["count"] = min(question["input"]["count"], 1000001)
                if question["input"]["count"] in (65535, 65536):
                    continue  # slow
            got = answer(question)
            self.assertEqual(got["outcome"] != "unsupported", expected, question)
            self.assertTrue(self.valid(self.schemas["answer.schema.json"], got, "answer.schema.json"), got)
            self.assertEqual("output" in got, got["outcome"] == "accept")
            if "output" in got:
                self.assertTrue(self.valid(self.part(kind, "output"), got["output"], f"{kind}.schema.json"), got)
        self.assertGreater(min(counts.values()), 2000)


if __name__ == "__main__":
    unittest.main()
