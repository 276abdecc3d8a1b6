"""Times of signing that were changed, and signature values in another form than the one that was made."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from tests.support.forging import Forgers, ec_recipe, ecdsa, pkcs1, resigned, slot_of
from tests.support.refusal import assert_refused
from tests.support.table import table

TIME = rb"(?<=<NGAY_KY>)[^<]+|(?<=<SigningTime>)[^<]+"
OTHER_TIMES = (
    "2026-05-31T07:00:00+07:00", "2026-05-31T00:00:00Z", "2026-05-31T07:00:00", "2026-05-31", "20260531T070000+0700",
    "2026-W22-7", "9999-12-31T23:59:59+07:00", "0001-01-01T00:00:00+07:00", "2026-05-31T24:00:00+07:00",
    "2026-02-30T07:00:00+07:00", "-2026-05-31T07:00:00+07:00", "2026-05-31T07:00:00+99:00", "31/05/2026", "nan", "",
    "\u0662\u0660\u0662\u0666-05-31T07:00:00+07:00", " 2026-05-31T07:00:00+07:00",
)  # fmt: skip


def in_slot(data: bytes, slot: Slot, pattern: bytes, new: Callable[[bytes], bytes]) -> bytes:
    """Return ``data`` with what matches ``pattern`` in one slot replaced by ``new``."""
    old = slot_of(data, slot)
    changed = re.sub(pattern, lambda found: new(found.group()), old)
    assert changed != old
    return data.replace(old, changed)


@table("slot", list(Slot))
@table("where", [rb"(?<=<NGAY_KY>)[^<]+", rb"(?<=<SigningTime>)[^<]+", TIME])
@table("time", OTHER_TIMES)
def test_another_time(issued_files: list[bytes], school_trust: Trust, slot: Slot, where: bytes, time: str) -> None:
    assert_refused(in_slot(issued_files[0], slot, where, lambda _: time.encode()), school_trust)


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("where", [rb"(?<=<NGAY_KY>)[^<]+", rb"(?<=<SigningTime>)[^<]+", TIME])
def test_a_second_more(issued_files: list[bytes], school_trust: Trust, slot: Slot, where: bytes) -> None:
    def later(time: bytes) -> bytes:
        place = len("2026-05-31T07:00:0")
        return time[:place] + (b"1" if time[place : place + 1] != b"1" else b"2") + time[place + 1 :]

    assert_refused(in_slot(issued_files[0], slot, where, later), school_trust)


@table(("slot", "time"), list(itertools.product(Slot, OTHER_TIMES))[1:])
def test_another_time_that_the_holder_has_signed(forgers: Forgers, slot: Slot, time: str) -> None:
    """The right key over a time that is out of order, out of reach or no time; some are only another spelling.

    The first pair is left out: a homeroom teacher may well have signed earlier.
    """
    data = in_slot(forgers.file, slot, TIME, lambda _: time.encode())
    key, certificate = forgers.good(slot)
    made = resigned(data, slot, certificate, pkcs1(key))
    assert_refused(made, forgers.trust(forgers.file))


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("beside", [True, False])
def test_two_times_of_which_one_is_signed(forgers: Forgers, slot: Slot, *, beside: bool) -> None:
    """NGAY_KY, which is shown and signed by nobody, and SigningTime, which is signed, must agree."""
    where = rb"(?<=<NGAY_KY>)[^<]+" if beside else rb"(?<=<SigningTime>)[^<]+"
    data = in_slot(forgers.file, slot, where, lambda time: time[:-1] + b"1")
    key, certificate = forgers.good(slot)
    assert_refused(resigned(data, slot, certificate, pkcs1(key)), forgers.trust(forgers.file))


@table("slot", list(Slot))
@table(
    "change",
    [
        lambda _: b"",
        lambda value: value[:-1],
        lambda value: value[1:],
        lambda value: value[:1],
        lambda value: value + b"\0",
        lambda value: b"\0" + value,
        lambda value: value + value,
        lambda value: bytes(len(value)),
        lambda value: b"\0" * (len(value) - 1) + b"\1",
        lambda value: b"\xff" * len(value),
        lambda value: value[::-1],
    ],
)
def test_an_rsa_value_in_another_form(
    issued_files: list[bytes], school_trust: Trust, slot: Slot, change: Callable[[bytes], bytes]
) -> None:
    def altered(text: bytes) -> bytes:
        return base64.b64encode(change(base64.b64decode(text)))

    assert_refused(in_slot(issued_files[0], slot, rb"(?<=<SignatureValue>)[^<]+", altered), school_trust)


def test_an_rsa_value_plus_its_modulus(forgers: Forgers) -> None:
    """The same number after reduction; as written it is longer than the modulus, or at least another one."""
    key, _ = forgers.good(Slot.PRINCIPAL)
    modulus = key.public_key().public_numbers().n

    def more(text: bytes) -> bytes:
        number = int.from_bytes(base64.b64decode(text), "big") + modulus
        return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))

    data = in_slot(forgers.file, Slot.PRINCIPAL, rb"(?<=<SignatureValue>)[^<]+", more)
    assert_refused(data, forgers.trust(data))


ORDER = ec.SECP256R1().group_order


def _raw(r: int, s: int, width: int = 32) -> bytes:
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


ODD: dict[str, Callable[[int, int], bytes]] = {
    "the other s": lambda r, s: _raw(r, ORDER - s),
    "r is zero": lambda _r, s: _raw(0, s),
    "s is zero": lambda r, _s: _raw(r, 0),
    "both are zero": lambda _r, _s: _raw(0, 0),
    "r is the order": lambda _r, s: _raw(ORDER, s),
    "s is the order": lambda r, _s: _raw(r, ORDER),
    "both are one": lambda _r, _s: _raw(1, 1),
    "r plus the order": lambda r, s: _raw(r + ORDER, s, 33),
    "s plus the order": lambda r, s: _raw(r, s + ORDER, 33),
    "swapped": lambda r, s: _raw(s, r),
    "DER": encode_dss_signature,
    "wider": lambda r, s: _raw(r, s, 33),
    "as wide as P-521": lambda r, s: _raw(r, s, 66),
    "narrower": lambda r, s: _raw(r, s)[1:],
    "a byte more": lambda r, s: _raw(r, s) + b"\0",
    "a byte before": lambda r, s: b"\0" + _raw(r, s),
    "r alone": lambda r, s: _raw(r, s)[:32],
    "none": lambda _r, _s: b"",
}


@table("slot", list(Slot))
@table("name", ODD)
def test_an_ecdsa_value_in_another_form(forgers: Forgers, slot: Slot, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = forgers.certify(slot, key.public_key())
    made = b""

    def sign(info: bytes) -> bytes:
        nonlocal made
        made = ecdsa(key)(info)
        return made

    data = forgers.sign(slot, ec_recipe(), sign, certificate)
    assert verify(data, forgers.trust(data)).verdict is Verdict.PASSED
    odd = ODD[name](int.from_bytes(made[:32], "big"), int.from_bytes(made[32:], "big"))
    altered = in_slot(data, slot, rb"(?<=<SignatureValue>)[^<]+", lambda _: base64.b64encode(odd))
    assert_refused(altered, forgers.trust(data))
