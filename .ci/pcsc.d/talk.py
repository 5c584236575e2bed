"""Talks to one of our cards through pyscard, as somebody else's program would. For .ci/pcsc.

talk READER 0|1      every form of a command, in this protocol
torn READER          a card whose power fails in the first write: it goes, comes back, and answers again
hold READER HOW      keeps others from the card until standard input ends: `alone`, or by a `transaction`
"""

import sys
import time

from smartcard import scard
from smartcard.CardConnection import CardConnection
from smartcard.Exceptions import CardConnectionException
from smartcard.System import readers

AID = bytes.fromhex("F06469676974616C6C7901")
SELECT = bytes.fromhex("00A404000B") + AID
GET_BALANCE = bytes.fromhex("805C0002")
FCI = bytes.fromhex("6F1F840B") + AID + bytes.fromhex("A510") + b"\x50\x09digitally" + bytes.fromhex("DF26020001")
PROTOCOLS = [CardConnection.T0_protocol, CardConnection.T1_protocol]


def reader(name):
    found = [one for one in readers() if name in str(one)]
    assert len(found) == 1, (name, readers())
    return found[0]


def connect(name, protocol=None):
    connection = reader(name).createConnection()
    connection.connect(protocol)
    return connection


def send(connection, command):
    data, sw1, sw2 = connection.transmit(list(command))
    return bytes(data), sw1 << 8 | sw2


def expect(found, data, sw):
    assert found == (data, sw), (found[0].hex(), hex(found[1]), data.hex(), hex(sw))


def fetch(connection, answer):
    """Follows 61xx to its end."""
    data, sw = answer
    while sw >> 8 == 0x61:
        more, sw = send(connection, bytes([0x00, 0xC0, 0x00, 0x00, sw & 0xFF]))
        data += more
    return data, sw


def talk(name, number):
    connection = connect(name, PROTOCOLS[number])
    atr = bytes(connection.getATR())
    only_t0 = atr[1] & 0x80 == 0
    # Case 3, which is what T=0 has for case 4: the answer is fetched.
    first = send(connection, SELECT)
    expect(first, b"", 0x6100 | len(FCI))
    expect(fetch(connection, first), FCI, 0x9000)
    # In parts.
    send(connection, SELECT)
    expect(send(connection, bytes.fromhex("00C0000004")), FCI[:4], 0x6100 | len(FCI) - 4)
    expect(fetch(connection, (FCI[:4], 0x6100 | len(FCI) - 4)), FCI, 0x9000)
    # Case 4: one exchange, unless all that the card speaks is T=0.
    whole = send(connection, SELECT + b"\x00")
    expect(whole, *((b"", 0x6100 | len(FCI)) if only_t0 else (FCI, 0x9000)))
    expect(fetch(connection, whole), FCI, 0x9000)
    # Case 2, exact and not.
    balance, sw = send(connection, GET_BALANCE + b"\x04")
    assert (len(balance), sw) == (4, 0x9000), (balance, sw)
    asked = send(connection, GET_BALANCE + b"\x00")
    expect(asked, *((b"", 0x6C04) if only_t0 else (balance, 0x9000)))
    # Case 1, and what is no command at all.
    expect(send(connection, bytes.fromhex("80FF0000")), b"", 0x6D00)
    for junk in (b"\x05", b"\x00\xA4", b"\xFF" * 300):
        data, sw = send(connection, junk)
        assert data == b"" and sw in (0x6700, 0x6E00), (junk[:4], hex(sw))
    # The longest command that vpcd carries, and one of extended length that the card takes only in T=1.
    longest = bytes.fromhex("80E20000") + bytes([0, 0xFF, 0xF6]) + bytes(0xFFF6)
    expect(send(connection, longest), b"", 0x6700)
    extended = SELECT[:4] + bytes([0, 0, len(AID)]) + AID + b"\x00\x00"
    expect(send(connection, extended), *((b"", 0x6700) if only_t0 else (FCI, 0x9000)))
    connection.disconnect()


def torn(name):
    connection = connect(name)
    expect(fetch(connection, send(connection, SELECT)), FCI, 0x9000)
    try:
        answer = send(connection, bytes.fromhex("0020008108") + b"9999\xFF\xFF\xFF\xFF")
        raise AssertionError(f"it answered {answer}")
    except CardConnectionException:
        pass
    # Or else it would do so when it is collected, and power down the card under the next connection.
    connection.disconnect()
    # It is away long enough for pcscd to see it.
    until(lambda: not present(name))
    until(lambda: present(name))
    connection = connect(name)
    expect(fetch(connection, send(connection, SELECT)), FCI, 0x9000)
    expect(send(connection, GET_BALANCE + b"\x04"), bytes.fromhex("00030D40"), 0x9000)


def present(name):
    """What pcscd says, without asking the card."""
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    assert result == scard.SCARD_S_SUCCESS, result
    states = [(str(reader(name)), scard.SCARD_STATE_UNAWARE)]
    result, states = scard.SCardGetStatusChange(context, 0, states)
    scard.SCardReleaseContext(context)
    assert result == scard.SCARD_S_SUCCESS, result
    return bool(states[0][1] & scard.SCARD_STATE_PRESENT)


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited for nothing"
        time.sleep(0.05)


def hold(name, how):
    """Until standard input ends. pyscard shares what it connects to, so this is what it is made of."""
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    assert result == scard.SCARD_S_SUCCESS, result
    mode = scard.SCARD_SHARE_EXCLUSIVE if how == "alone" else scard.SCARD_SHARE_SHARED
    protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    result, card, _ = scard.SCardConnect(context, str(reader(name)), mode, protocols)
    assert result == scard.SCARD_S_SUCCESS, result
    if how == "transaction":
        assert scard.SCardBeginTransaction(card) == scard.SCARD_S_SUCCESS
    print("held", flush=True)
    sys.stdin.read()
    scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)


def main():
    match sys.argv[1:]:
        case ["talk", name, number]:
            talk(name, int(number))
        case ["torn", name]:
            torn(name)
        case ["hold", name, "alone" | "transaction" as how]:
            hold(name, how)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
