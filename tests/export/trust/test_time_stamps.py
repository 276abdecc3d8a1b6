"""Time-stamps: what a good one proves, and that no other proves anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto.cms import CMSAttributes, ContentInfo  # type: ignore[import-untyped]
from asn1crypto.tsp import TimeStampReq, TimeStampResp  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.ocsp import load_der_ocsp_request
from hypothesis import given, settings
from hypothesis import strategies as st
from rfc3161_client import VerifierBuilder, decode_timestamp_response

from hocba_tui.cli.main import main
from hocba_tui.export.trust.timestamp import BadStamp, _read, _written, read_stamp, request_stamp, token_of
from hocba_tui.export.trust.verdict import FileVerdict, Verdict
from hocba_tui.export.verify.verify import certificates_in, verify
from hocba_tui.flow.records.revocation import ask
from hocba_tui.model.values import Slot
from tests.support.state import NOW, SIGNED, Stamp, State

PASSED, FAILED, INDETERMINATE = Verdict.PASSED, Verdict.FAILED, Verdict.INDETERMINATE
SOON = timedelta(minutes=3)
ALL = ("teacher", "principal", "seal", "tsa")
P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def state(issued_store: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    return State(issued_store, tmp_path_factory.mktemp("state"))


def stamped(state: State, after: timedelta = SOON, service: str = "tsa") -> Stamp:
    """Return what stamps all three signatures ``after`` the first was made."""
    return lambda _, message: state.authority.token(message, SIGNED + after, service)


def verdict(state: State, stamp: Stamp, *answered: str, **certificates: str) -> FileVerdict:
    return verify(state.file(stamp, **certificates), state.trust(*state.answers(*(answered or ALL))), now=NOW)


def step(found: FileVerdict) -> str:
    return next(step.reason for step in found.steps if step.name == "dấu thời gian")


def test_good_stamps_prove_when_each_signature_existed_and_who_says_so(state: State) -> None:
    found = verdict(state, stamped(state))
    assert (found.verdict, found.reason, step(found)) == (PASSED, "", "")
    assert {slot.stamp_time for slot in found.slots} == {"2026-06-10T08:03:00+07:00"}
    assert {slot.stamp_authority for slot in found.slots} == {"Dấu thời gian thử"}


def test_a_signature_without_one_loses_nothing_and_claims_nothing(state: State) -> None:
    stamp = stamped(state)
    found = verdict(state, lambda slot, message: stamp(slot, message) if slot is Slot.SEAL else b"")
    assert found.verdict is PASSED
    assert step(found) == "Giáo viên chủ nhiệm, Cán bộ quản lý: không có dấu thời gian, giờ ký là lời khai"
    assert [bool(slot.stamp_time) for slot in found.slots] == [False, False, True]


@pytest.mark.parametrize(
    ("after", "expected", "word"),
    [(SOON, PASSED, ""), (timedelta(days=86), INDETERMINATE, "dấu thời gian có sau đó, không đủ")],
)
def test_a_signer_revoked_later_is_judged_at_the_time_of_the_stamp(
    state: State, after: timedelta, expected: Verdict, word: str
) -> None:
    found = verdict(state, stamped(state, after), "revoked-after", *ALL, HOMEROOM="revoked-after")
    assert (found.verdict, word in found.reason) == (expected, True)


def test_a_signer_revoked_before_stays_refused_whatever_the_stamp(state: State) -> None:
    found = verdict(state, stamped(state), "revoked-before", *ALL, HOMEROOM="revoked-before")
    assert (found.verdict, "trước khi ký" in found.reason) == (FAILED, True)


def test_a_stamp_that_came_after_the_certificate_expired_proves_nothing(state: State) -> None:
    late = timedelta(days=60)
    found = verdict(state, stamped(state, late), "ends-in-july", *ALL, HOMEROOM="ends-in-july")
    assert (found.verdict, "hết hạn" in found.reason) == (INDETERMINATE, True)
    assert found.slots[0].stamp_time == ""


def test_a_stamp_that_came_late_says_both_times(state: State) -> None:
    found = verdict(state, stamped(state, timedelta(days=30)))
    assert found.verdict is PASSED
    assert "Giáo viên chủ nhiệm: khai ký lúc 10/06/2026 08:00, dấu thời gian 10/07/2026 08:00" in step(found)


@pytest.mark.parametrize(
    ("service", "after", "expected", "word"),
    [
        ("tsa-unknown", SOON, INDETERMINATE, "CN=CA thử không ai ghim,O=Trường Tiểu học Thử,C=VN” trong tsa/"),
        ("tsa-expired", SOON, FAILED, "hết hạn"),
        ("tsa-plain", SOON, FAILED, "không được cấp để đóng dấu thời gian"),
        ("tsa-anything", SOON, FAILED, "không được cấp riêng"),
        ("tsa-loose", SOON, FAILED, "không được cấp riêng"),
        ("tsa-revoked", SOON, FAILED, "thu hồi"),
        ("tsa", timedelta(minutes=-6), FAILED, "chưa tới"),
        ("tsa", timedelta(minutes=-2), PASSED, ""),
        ("tsa", datetime.now(UTC) - SIGNED + timedelta(days=2), FAILED, "tương lai"),
        ("tsa-ec", SOON, PASSED, ""),
    ],
)
def test_an_authority_that_cannot_prove_it(
    state: State, service: str, after: timedelta, expected: Verdict, word: str
) -> None:
    found = verdict(state, stamped(state, after, service), *ALL, *({service} - {"tsa-unknown"}))
    assert (found.verdict, word in found.reason, found.reason) == (expected, True, found.reason)
    assert any(slot.stamp_time for slot in found.slots) is (expected is PASSED)


def test_an_authority_that_may_have_been_revoked_proves_nothing_yet(state: State) -> None:
    found = verdict(state, stamped(state), "teacher", "principal", "seal")
    assert (found.verdict, "Bước 9" in found.reason) == (INDETERMINATE, True)
    assert {slot.stamp_time for slot in found.slots} == {""}


def sha1(state: State, message: bytes) -> bytes:
    digest = hashlib.sha1(message).digest()  # noqa: S324
    imprint = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": digest}
    request = TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True}).dump()
    answer = TimeStampResp.load(state.authority.stamp_answer(request, SIGNED + SOON))
    return _written(_read(answer["time_stamp_token"]))


def changed(token: bytes, change: Callable[[ContentInfo], None]) -> bytes:
    """Return a token with what no signature covers changed."""
    info = ContentInfo.load(token)
    change(info["content"])
    made: bytes = info.dump(force=True)
    return made


def another_certificate(signed: ContentInfo) -> None:
    signed["certificates"].append(signed["certificates"][0])


def something_unsigned(signed: ContentInfo) -> None:
    attribute = signed["signer_infos"][0]["signed_attrs"][0].copy()
    signed["signer_infos"][0]["unsigned_attrs"] = CMSAttributes([attribute])


def another_version(signed: ContentInfo) -> None:
    signed["version"] = "v4"


def no_parameters(signed: ContentInfo) -> None:
    signed["digest_algorithms"][0]["parameters"] = None


def weak_digest(signed: ContentInfo) -> None:
    signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}


BAD_TOKENS: dict[str, tuple[Callable[[State, bytes], bytes], str]] = {
    "of another signature": (lambda state, _: state.authority.token(b"another", SIGNED + SOON), "một chữ ký khác"),
    "SHA-1": (sha1, "SHA-256"),
    "altered": (lambda s, m: s.authority.token(m, SIGNED + SOON)[:-1] + b"\0", "không đúng"),
    "cut off": (lambda s, m: s.authority.token(m, SIGNED + SOON)[:-1], "không đọc được"),
    "longer": (lambda s, m: s.authority.token(m, SIGNED + SOON) + b"\0", "không đọc được"),
    "garbage": (lambda *_: "giả".encode(), "không đọc được"),
    "huge": (lambda *_: bytes(30_000), "lớn bất thường"),
    "two certificates": (lambda s, m: changed(s.authority.token(m, SIGNED + SOON), another_certificate), "đúng chứng"),
    "unsigned": (lambda s, m: changed(s.authority.token(m, SIGNED + SOON), something_unsigned), "dạng chuẩn"),
    "version": (lambda s, m: changed(s.authority.token(m, SIGNED + SOON), another_version), "dạng chuẩn"),
    "spelling": (lambda s, m: changed(s.authority.token(m, SIGNED + SOON), no_parameters), "dạng chuẩn"),
    "weak digest": (lambda s, m: changed(s.authority.token(m, SIGNED + SOON), weak_digest), "thuật toán yếu"),
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_is_refused_and_the_file_with_it(state: State, kind: str) -> None:
    make, word = BAD_TOKENS[kind]
    good = stamped(state)
    found = verdict(state, lambda slot, message: make(state, message) if slot is Slot.SEAL else good(slot, message))
    assert (found.verdict, word in found.reason, found.reason) == (FAILED, True, found.reason)
    assert found.values == {}


def test_the_other_value_of_an_ecdsa_signature_is_not_accepted(state: State) -> None:
    token = state.authority.token(b"signature", SIGNED, "tsa-ec")
    value = ContentInfo.load(token)["content"]["signer_infos"][0]["signature"].native
    r, s = decode_dss_signature(value)
    assert s <= P256 // 2

    def higher(signed: ContentInfo) -> None:
        signed["signer_infos"][0]["signature"] = encode_dss_signature(r, P256 - s)

    with pytest.raises(BadStamp, match="dạng chuẩn"):
        read_stamp(changed(token, higher), b"signature")


def test_a_verifier_that_shares_no_code_accepts_the_form_that_is_kept(state: State) -> None:
    token = state.authority.token(b"signature", SIGNED)
    whole = {"status": {"status": "granted"}, "time_stamp_token": ContentInfo.load(token)}
    answer = decode_timestamp_response(TimeStampResp(whole).dump())
    verifier = VerifierBuilder().add_root_certificate(state.authority.certificate("root")).build()
    assert verifier.verify_message(answer, b"signature")
    assert answer.tst_info.gen_time == read_stamp(token, b"signature").time == SIGNED


@pytest.mark.parametrize("status", ["rejection", "waiting", "revocation_warning"])
def test_a_refusal_is_no_token(status: str) -> None:
    # Status 2 alone, as RFC 3161 wants it: asn1crypto's own class insists on a token.
    code = {"rejection": 2, "waiting": 3, "revocation_warning": 4}[status]
    with pytest.raises(BadStamp, match="từ chối"):
        token_of(bytes((0x30, 5, 0x30, 3, 2, 1, code)), b"signature", 1)


def test_an_answer_to_another_question_is_refused(state: State) -> None:
    request, nonce = request_stamp(b"signature")
    answer = state.authority.stamp_answer(request, SIGNED)
    assert token_of(answer, b"signature", nonce)
    with pytest.raises(BadStamp, match="không phải cho chữ ký này"):
        token_of(answer, b"signature", nonce + 1)
    with pytest.raises(BadStamp, match="một chữ ký khác"):
        token_of(answer, b"other", nonce)


@pytest.fixture(scope="module")
def token(state: State) -> bytes:
    return state.authority.token(b"signature", SIGNED)


@settings(deadline=None)
@given(st.data(), st.binary(max_size=4))
def test_no_other_bytes_than_the_kept_ones_are_a_stamp(token: bytes, data: st.DataObject, put: bytes) -> None:
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, min(len(token), start + 4)))
    altered = token[:start] + put + token[end:]
    if altered == token:
        assert read_stamp(altered, b"signature").time == SIGNED
        return
    with pytest.raises(BadStamp):
        read_stamp(altered, b"signature")


def longer(data: bytes) -> Iterator[bytes]:
    """Yield DER with one length at a time written longer than it must be, which BER allows."""
    position = 0
    while position < len(data):
        head, length = position, data[position + 1]
        many = length & 0x7F if length & 0x80 else 0
        begin = head + 2 + many
        size = int.from_bytes(data[head + 2 : begin], "big") if many else length
        end, inside = begin + size, data[begin : begin + size]
        wider = bytes([0x80 | (many + 1)]) + size.to_bytes(many + 1, "big")
        changed = [data[head : head + 1] + wider + inside]
        # What is constructed, or an octet string that holds DER itself.
        if data[head] & 0x20 or (data[head] == 0x04 and inside[:1] == b"\x30"):
            changed += [data[head : head + 1] + der_length(len(one)) + one for one in longer(inside)]
        yield from (data[:head] + one + data[end:] for one in changed)
        position = end


def der_length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    written = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(written)]) + written


def test_no_other_spelling_of_a_length_is_a_stamp(token: bytes) -> None:
    spellings = list(longer(token))
    assert len(spellings) > 100
    assert [number for number, spelling in enumerate(spellings) if is_stamp(spelling)] == []


def is_stamp(token: bytes) -> bool:
    try:
        read_stamp(token, b"signature")
    except BadStamp:
        return False
    return True


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_answer_raises_where_it_was_asked_for(answer: bytes) -> None:
    with pytest.raises(BadStamp):
        token_of(answer, b"signature", 1)


def test_the_command_reads_the_pinned_authority_and_tells_machines_the_time(
    state: State, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, file = tmp_path / "trust", tmp_path / "hb.xml"
    state.write_trust(trust, *state.answers_of_today(*ALL))
    file.write_bytes(state.file(stamped(state)))
    assert main(["verify", str(file), "--trust", str(trust)]) == 11
    assert "trong tsa/ của thư mục tin cậy" in capsys.readouterr().out
    (trust / "tsa").mkdir()
    (trust / "tsa" / "root.pem").write_bytes((trust / "root.pem").read_bytes())
    assert main(["verify", str(file), "--trust", str(trust)]) == 0
    assert "dấu thời gian 10/06/2026 08:03 của Dấu thời gian thử" in capsys.readouterr().out
    assert main(["verify", str(file), "--trust", str(trust), "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert said["slots"][0]["stamp_time"] == "2026-06-10T08:03:00+07:00"
    assert said["slots"][0]["stamp_authority"] == "Dấu thời gian thử"


def test_who_asks_online_asks_about_the_pinned_authority_too(state: State) -> None:
    data = state.file(stamped(state))
    labels = {state.authority.certificate(label).serial_number: label for label in ALL}
    asked = []

    def fetch(url: str, body: bytes | None, _: str) -> bytes:
        label = labels[load_der_ocsp_request(body or b"").serial_number]
        asked.append(label)
        (answer,) = state.answers(label)
        return answer

    trust, problems = ask(state.trust(), certificates_in(data), fetch)
    assert (sorted(asked), problems) == (sorted(ALL), ())
    assert verify(data, trust, now=NOW).verdict is PASSED
    unpinned = replace(state.trust(), stampers=())
    asked.clear()
    ask(unpinned, certificates_in(state.file(stamped(state, service="tsa-unknown"))), fetch)
    assert sorted(asked) == ["principal", "seal", "teacher"]
