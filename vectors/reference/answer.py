#!/usr/bin/env python3
"""Reads questions (question.schema.json) from standard input, one a line, and writes an answer
(answer.schema.json) to each. Written from docs/protocol.md and the schemas alone."""

import argparse
import json
import sys

from accumulated import answer_accumulated
from apdu import answer_apdu
from codes import Refused, answer_code, answer_mac
from derive import answer_derive
from shapes import ID, fits
from tlv import answer_tlv
from typed import answer_refusal

KINDS = {
    "mac": answer_mac,
    "derive": answer_derive,
    "code": answer_code,
    "refusal": answer_refusal,
    "accumulated": answer_accumulated,
    "apdu": answer_apdu,
    "tlv": answer_tlv,
}


def no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def short_int(digits: str) -> int:
    """Python takes its time over millions of digits; 40 are already above every maximum."""
    return int(digits[:40])


def read_question(line: bytes) -> dict:
    """Raises ValueError for a line that is no JSON object, or that has no id to answer to."""
    try:
        question = json.loads(line.decode("utf-8"), parse_int=short_int, parse_constant=no_constant)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    if not isinstance(question, dict):
        raise ValueError("no JSON object")
    if not ID(question.get("id")):
        raise ValueError("no id")
    return question


def answer(question: dict) -> dict:
    if not fits(question):
        return {"id": question["id"], "outcome": "unsupported"}
    try:
        output = KINDS[question["kind"]](question["shared"], question["input"])
    except Refused as refused:
        return {"id": question["id"], "outcome": str(refused)}
    return {"id": question["id"], "outcome": "accept", "output": output}


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            question = read_question(line)
        except ValueError as error:
            print(f"answer.py: line {number} is not a question: {error}", file=sys.stderr)
            return 1
        print(json.dumps(answer(question)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
