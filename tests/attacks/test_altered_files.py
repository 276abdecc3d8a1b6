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


@pytest.mark.parametrize("part", range(8))
def test_every_changed_byte_is_refused(form: Form, part: int) -> None:
    """With time-stamps every 37th (HOCBA_STRIDE=1: each): one of theirs costs 20 ms, the rest is as in other forms."""
    data = form.files[0]
    stride = STRIDE if b"<EncapsulatedTimeStamp>" in data else 1
    for position in range(part * stride, len(data), 8 * stride):
        altered = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        assert_refused(altered, form.trust, f"byte {position}: {data[max(0, position - 20) : position + 20]!r}")


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
