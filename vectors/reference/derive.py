"""Key derivation, NIST SP 800-108r1 in counter mode with AES-CMAC: section 12 of docs/protocol.md."""

from codes import AES_KEY_BYTES, Refused, encode_32, mac_function


def derive(master: bytes, label: bytes, context: bytes, bits: int) -> tuple[list[bytes], list[bytes], bytes]:
    """P-DER-1, P-DER-2. Gives the inputs, the blocks K(1), K(2), ... and the output."""
    if len(master) not in AES_KEY_BYTES:
        raise Refused("malformed:P-DER-2")
    if bits == 0 or bits % 8 or bits > 65536:
        raise Refused("malformed:P-DER-1")
    if len(label) + len(context) > 64:
        raise Refused("malformed:P-DER-2")
    mac = mac_function("AES-CMAC", master)
    fixed = label + b"\0" + context + encode_32(bits)
    inputs = [encode_32(i) + fixed for i in range(1, (bits + 127) // 128 + 1)]
    blocks = [mac(each) for each in inputs]
    return inputs, blocks, b"".join(blocks)[: bits // 8]


def answer_derive(shared: dict, question: dict) -> dict:
    inputs, blocks, output = derive(
        bytes.fromhex(shared["key"]),
        bytes.fromhex(question["label"]),
        bytes.fromhex(question["context"]),
        question["bits"],
    )
    return {"inputs": [i.hex() for i in inputs], "blocks": [b.hex() for b in blocks], "output": output.hex()}
