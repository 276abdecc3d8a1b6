"""The envelope: what is packed comes back, and nothing else is opened."""

from __future__ import annotations

import base64
import gzip
import struct

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.sync.address import is_loopback
from hocba_tui.sync.envelope import MAX_BYTES, Account, BadEnvelope, Transaction, pack, request, unpack
from tests.support.table import table


def content(size: int, packed: bytes) -> str:
    return base64.b64encode(struct.pack("<I", size) + packed).decode()


@given(st.binary(max_size=2000))
def test_what_is_packed_is_unpacked(data: bytes) -> None:
    assert unpack(pack(data)) == data


@given(st.binary(max_size=200))
def test_the_content_is_length_and_gzip_in_base64(data: bytes) -> None:
    raw = base64.b64decode(pack(data), validate=True)
    assert int.from_bytes(raw[:4], "little") == len(data)
    assert gzip.decompress(raw[4:]) == data


@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_length_that_does_not_fit_is_refused(data: bytes, size: int) -> None:
    if size != len(data):
        with pytest.raises(BadEnvelope):
            unpack(content(size, gzip.compress(data)))


@given(st.text(max_size=60))
def test_any_text_is_refused_as_a_bad_envelope_and_nothing_worse(text: str) -> None:
    with pytest.raises(BadEnvelope):
        unpack(text)


@given(st.binary(max_size=60))
def test_any_bytes_in_base64_are_refused_as_a_bad_envelope(data: bytes) -> None:
    with pytest.raises(BadEnvelope):
        unpack(base64.b64encode(data).decode())


@pytest.mark.parametrize("lost", [1, 4, 8, 9])
def test_a_content_cut_short_is_refused(lost: int) -> None:
    packed = gzip.compress(b"<HOC_BA/>" * 20)
    with pytest.raises(BadEnvelope):
        unpack(content(180, packed[:-lost]))


def test_a_content_with_something_behind_it_is_refused() -> None:
    with pytest.raises(BadEnvelope):
        unpack(content(9, gzip.compress(b"<HOC_BA/>") + b"junk"))


def test_a_gzip_bomb_is_refused_without_being_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    for size in (9, MAX_BYTES, MAX_BYTES + 1, 50_000_000):
        with pytest.raises(BadEnvelope):
            unpack(content(size, bomb))


def test_ten_megabytes_are_packed_and_one_byte_more_is_not() -> None:
    assert unpack(pack(bytes(MAX_BYTES))) == bytes(MAX_BYTES)
    with pytest.raises(BadEnvelope, match="10 MB"):
        pack(bytes(MAX_BYTES + 1))
    with pytest.raises(BadEnvelope, match="10 MB"):
        unpack(content(MAX_BYTES + 1, gzip.compress(bytes(MAX_BYTES + 1))))


def test_a_request_names_its_message_and_never_the_password() -> None:
    body = request(Account("99000999", "mat-khau", "99000999", "2025-2026"), Transaction.QUERY, "m1")
    head = body["authenticationRequest"]
    assert (head["messageid"], head["type"], head["ma_don_vi"]) == ("m1", 2, "99000999")
    assert "mat-khau" not in str(body)


HERE = (
    "http://127.0.0.1:8765",
    "http://127.8.8.8/x",
    "http://localhost",
    "HTTP://LOCALHOST:1/",
    "http://[::1]:8765",
)
ELSEWHERE = (
    "",
    "localhost",
    "http://",
    "http://hocba.ninhbinh.edu.vn",
    "http://localhost.edu.vn",
    "http://127.0.0.1.edu.vn",
    "http://127.0.0.1@hocba.edu.vn/",
    "http://hocba.edu.vn/127.0.0.1",
    "http://user@localhost/",
    "http://hocba.edu.vn#@127.0.0.1",
    "http://hocba.edu.vn?@127.0.0.1",
    "http://0.0.0.0:8765",
    "http://192.168.1.1",
    "http://[::1",
    "http://[2001:db8::1]",
)


@pytest.mark.parametrize("url", HERE)
def test_an_address_of_this_computer_is_known(url: str) -> None:
    assert is_loopback(url)


@table("url", ELSEWHERE)
def test_any_other_address_is_not_this_computer(url: str) -> None:
    assert not is_loopback(url)


@given(st.text(alphabet="a.1:@/\\#?[]%0", max_size=12), st.text(alphabet="a.1:@/\\#?[]%0", max_size=12))
def test_the_client_never_leaves_this_computer_for_an_address_taken_for_it(before: str, after: str) -> None:
    url = f"http://{before}127.0.0.1{after}"
    if is_loopback(url):
        host = httpx.URL(url).host
        assert is_loopback(f"http://[{host}]" if ":" in host else f"http://{host}")
