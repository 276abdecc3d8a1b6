"""The sandbox portal: it answers whatever comes, and the same message always in the same way."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hocba_tui.clock import Clock
from hocba_tui.export.record.package import package_file, package_target
from hocba_tui.export.record.signature import signed_info
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.flow.opening import open_desk
from hocba_tui.sandbox.portal import SandboxPortal
from hocba_tui.sandbox.server import PATH, SandboxServer
from hocba_tui.signing.signer import Request
from hocba_tui.signing.softkey import SoftKeySigner
from hocba_tui.signing.training import PIN, SEAL, key_file
from hocba_tui.sync.envelope import Account, Transaction, pack, request
from tests.support.signed import each

ACCOUNT = Account("99000999", "", "99000999", "2025-2026")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def portal(made_store: Path) -> SandboxPortal:
    return SandboxPortal(Trust.from_folders([made_store / "trust"]))


@pytest.fixture(scope="session")
def package(made_store: Path) -> bytes:
    """Return a transaction that the school's seal signed, over two records that nobody signed."""
    target = package_target("m1", [b'<HOC_BA Id="data-u1">x</HOC_BA>', b"<LA></LA>"])
    signer, time = SoftKeySigner.open(key_file(made_store, SEAL), PIN), Clock().now().isoformat()
    return package_file(
        target, time, _signed(signer, signed_info(target, time, signer.certificate)), signer.certificate
    )


def _signed(signer: SoftKeySigner, data: bytes) -> bytes:
    async def sign() -> list[bytes]:
        return [made.value async for made in signer.sign(each(Request("m1", data)))]

    (value,) = asyncio.run(sign())
    return value


def submit(message: str, data: bytes) -> dict[str, Any]:
    return request(ACCOUNT, Transaction.SUBMIT, message, pack(data))


def query(message: str) -> dict[str, Any]:
    return request(ACCOUNT, Transaction.QUERY, message)


HEADS = JSON | st.fixed_dictionaries({"messageid": JSON, "type": st.sampled_from([1, 2]) | JSON})
FIXTURE_ONCE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FIXTURE_ONCE
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_any_body_gets_an_error_answer(portal: SandboxPortal, body: dict[str, Any]) -> None:
    assert portal.handle(body)["Error"] != "0"


@FIXTURE_ONCE
@given(HEADS, JSON)
def test_any_head_and_content_get_an_error_answer(portal: SandboxPortal, head: object, content: object) -> None:
    answer = portal.handle({"authenticationRequest": head, "content": content})
    assert answer["Error"] != "0"
    assert answer["ErrorDescription"]


@FIXTURE_ONCE
@given(st.binary(max_size=100) | st.text(max_size=50).map(lambda text: f"<DANH_SACH_HOC_BA>{text}</X>".encode()))
def test_any_packed_bytes_get_an_error_answer(portal: SandboxPortal, data: bytes) -> None:
    assert portal.handle(submit("m1", data))["Error"] == "E03"
    assert portal.handle(query("m1"))["Error"] == "E04"


@pytest.mark.filterwarnings("ignore::UserWarning")  # cryptography's, about certificates that are odd
@FIXTURE_ONCE
@given(st.data())
def test_an_altered_batch_gets_an_answer_and_nothing_of_it_is_accepted(
    portal: SandboxPortal, package: bytes, data: st.DataObject
) -> None:
    altered = bytearray(package)
    altered[data.draw(st.integers(0, len(package) - 1))] = data.draw(st.integers(0, 255))
    assert "Error" in portal.handle(submit("m1", bytes(altered)))
    assert portal.known == {}


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01017f")),
        (bytes.fromhex("a003020102"), bytes.fromhex("a003020110")),
        (bytes.fromhex("06035504061302") + b"VN", bytes.fromhex("06035504060302") + b"VN"),
    ],
    ids=["unknown kind of key", "unknown version", "country that is no text"],
)
def test_a_certificate_that_cannot_be_used_gets_an_error_answer(
    portal: SandboxPortal, package: bytes, good: bytes, bad: bytes
) -> None:
    head, opening, rest = package.partition(b"<X509Certificate>")
    text, closing, tail = rest.partition(b"</X509Certificate>")
    certificate = base64.b64decode(text)
    assert good in certificate
    hostile = base64.b64encode(certificate.replace(good, bad))
    assert portal.handle(submit("m1", b"".join((head, opening, hostile, closing, tail))))["Error"] == "E03"


def test_a_batch_is_taken_and_each_record_has_its_receipt(portal: SandboxPortal, package: bytes) -> None:
    assert portal.handle(submit("m1", package))["Error"] == "0"
    rows = portal.handle(query("m1"))["data"]
    assert [(row["trang_thai"], row["error"]) for row in rows] == [(0, "E10"), (0, "E10")]
    assert rows[0]["ma_tra_cuu_uuid"].startswith("u1")


def test_the_same_message_twice_gets_the_same_answer_and_changes_nothing(portal: SandboxPortal, package: bytes) -> None:
    first, receipts = portal.handle(submit("m1", package)), portal.handle(query("m1"))
    assert portal.handle(submit("m1", package)) == first
    assert portal.handle(submit("m1", b"<OTHER/>")) == first
    assert portal.handle(query("m1")) == portal.handle(query("m1")) == receipts


@pytest.mark.parametrize("kind", [0, 3, 6, None, "1", [], 99])
def test_another_type_of_transaction_is_refused(portal: SandboxPortal, kind: object) -> None:
    assert portal.handle({"authenticationRequest": {"messageid": "m1", "type": kind}})["Error"] == "E02"


@contextlib.contextmanager
def connected(portal: SandboxPortal) -> Iterator[http.client.HTTPConnection]:
    server = SandboxServer(0, portal)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    try:
        yield connection
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


BODIES = {
    "nothing": b"",
    "no JSON": b"<xml/>",
    "half": b'{"a": ',
    "a list": b"[]",
    "not UTF-8": b'{"a": "\xff"}',
    "very deep": b"[" * 100_000,
    "no head": b"{}",
    "a head that is a list": b'{"authenticationRequest": ["x"]}',
    "half a letter": rb'{"authenticationRequest": {"messageid": "\ud800", "type": 2}}',
    "content that is not ASCII": '{"authenticationRequest": {"messageid": "m", "type": 1}, "content": "Đ"}'.encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_garbage_over_http_gets_an_error_answer(portal: SandboxPortal, body: bytes) -> None:
    with connected(portal) as connection:
        connection.request("POST", PATH, body)
        answer = json.loads(connection.getresponse().read())
    assert answer["Error"] != "0"


def test_another_path_gets_an_error_answer(portal: SandboxPortal) -> None:
    with connected(portal) as connection:
        connection.request("POST", "/", json.dumps(query("m1")))
        reply = connection.getresponse()
        assert (reply.status, json.loads(reply.read())["Error"]) == (400, "E00")


def test_the_server_listens_on_this_computer_only(portal: SandboxPortal) -> None:
    with SandboxServer(0, portal) as server:
        assert server.server_address[0] == "127.0.0.1"


def test_a_second_file_of_one_uuid_is_refused(issued_store: Path) -> None:
    """A replayed record is genuine by itself; only who has seen the first one can tell."""
    portal = SandboxPortal(Trust.from_folders([issued_store / "trust"]))
    outbox = open_desk(issued_store, "vanthu").store.shard("outbox")
    data = outbox.kept(next(iter(outbox.table("batches").values()))["file"])
    for message in ("m1", "m2"):
        assert portal.handle(submit(message, data))["Error"] == "0"
    first, again = (portal.handle(query(message))["data"] for message in ("m1", "m2"))
    assert len(first) == 31
    assert {row["error"] for row in first} == {""}
    assert {row["error"] for row in again} == {"E13"}
