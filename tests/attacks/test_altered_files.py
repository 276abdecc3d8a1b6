"""A record's file may not differ in a single byte from what three people signed."""

from __future__ import annotations

import base64
import os
import re

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.demo.keys import Holder, make_keys
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from tests.attacks.conftest import Form
from tests.support.refusal import assert_refused

STRIDE = int(os.environ.get("HOCBA_STRIDE", "37"))
"""1 in `make prove`: each byte of each form."""


def places(data: bytes, plain: bytes) -> list[int]:
    """Return the places whose byte is changed: each in the plain form, and in the others each that is not as there.

    What stands in the same surroundings in the plain form of the same record (its region, the three certificates; the
    UUID is another one in each form) is taken each STRIDE-th time, and so is everything with time-stamps: one of their
    bytes costs 20 ms. Of certificates and signature values each third byte is taken, another third in each slot.
    """
    stamped = b"<EncapsulatedTimeStamp>" in data
    own, there = (re.findall(rb'Id="data-([^"]+)"', file)[0] for file in (data, plain))
    alike = data.replace(own, there)
    known = [stamped or (data != plain and alike[max(0, at - 12) : at + 12] in plain) for at in range(len(data))]
    for text in re.finditer(rb"(?<=>)[A-Za-z0-9+/=]{100,}(?=<)", data):
        slot = data.count(b"<KeyInfo>", 0, text.start())
        for at in range(text.start() + 4, text.end() - 4):
            known[at] |= (at - text.start()) % 3 != slot % 3
    return [at for at in range(len(data)) if at % STRIDE == 0 or not known[at]]


@pytest.mark.parametrize("part", range(8))
def test_every_changed_byte_is_refused(form: Form, issued_files: list[bytes], part: int) -> None:
    data = form.files[0]
    chosen = places(data, issued_files[0])
    assert len(chosen) > len(data) // (STRIDE + 1)
    for position in chosen[part::8]:
        altered = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        assert_refused(altered, form.trust, f"byte {position}: {data[max(0, position - 20) : position + 20]!r}")


def test_every_byte_of_the_plain_form_is_changed_and_elsewhere_all_that_differs() -> None:
    plain, other = b'Id="data-uuid1">' * 4, b'Id="data-uuid2">' * 4 + b"new" + b"12345678" * 4
    assert places(plain, plain) == list(range(len(plain)))
    assert set(range(64, len(other))) <= set(places(other, plain))
    assert len(places(other, plain)) < 50


def test_every_removed_or_doubled_byte_is_refused(form: Form) -> None:
    data = form.files[0]
    for position in range(0, len(data), 97):
        byte = data[position : position + 1]
        assert_refused(data[:position] + data[position + 1 :], form.trust, f"removed {position}")
        assert_refused(data[:position] + byte + data[position:], form.trust, f"doubled {position}")


def test_a_certificate_with_the_same_names_from_another_issuer_is_not_believed(
    issued_files: list[bytes], school_trust: Trust
) -> None:
    data = issued_files[0]
    keys = make_keys([Holder("x", "Trường Tiểu học Liễu Đề", "Sở Giáo dục và Đào tạo Ninh Bình")])
    forged = base64.b64encode(keys.keys["x"][1].public_bytes(Encoding.DER))
    old = re.findall(rb"<X509Certificate>([^<]+)<", data)[2]
    assert_refused(data.replace(old, forged), school_trust)


def test_without_pinned_issuers_nothing_is_concluded(issued_files: list[bytes]) -> None:
    assert verify(issued_files[0], Trust()).verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"<a/>", b"<HOC_BA/>", b"PK\x03\x04", b"<a>" * 100_000])
def test_garbage_is_refused_without_a_word_of_python(data: bytes, school_trust: Trust) -> None:
    assert_refused(data, school_trust)
