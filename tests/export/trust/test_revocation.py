"""Revocation: good, revoked before and after, on hold, unknown, stale, an impostor's answer, weak digests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.export.trust.issuers import Anchor, Trust
from hocba_tui.export.trust.revocation import Times, asked_at, standing
from hocba_tui.export.trust.revocation_answers import Answers
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.flow.records.revocation import ask, keep_answers
from hocba_tui.sync.exchange import NotFetched
from hocba_tui.sync.fetch import fetch
from tests.support.authority import Authority

SIGNED = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)
NOW = SIGNED + timedelta(days=101)
LATER, EARLIER = SIGNED + timedelta(days=100), SIGNED - timedelta(days=60)
PASSED, FAILED, INDETERMINATE = Verdict.PASSED, Verdict.FAILED, Verdict.INDETERMINATE
People = {"GIAO_VIEN": "Nguyễn Thị A", "SO_GIAO_VIEN": "1", "HIEU_TRUONG": "Trần Văn B", "SO_HIEU_TRUONG": "2"}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), People)


def judged(
    state: Authority, label: str, answers: Answers, now: datetime = NOW, proved: datetime | None = None
) -> tuple[Verdict, str]:
    times = Times(now, SIGNED, proved)
    return standing(state.certificate(label), state.certificate("root"), Trust(answers=answers), times).result[:2]


Way = Callable[[Authority, str, datetime], Answers]
WAYS: dict[str, Way] = {
    "ocsp": lambda state, label, at: Answers(ocsp=(state.ocsp(label, at),)),
    "crl": lambda state, _, at: Answers(crls=(state.crl(at),)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("label", "verdict", "word"),
    [
        ("teacher", PASSED, ""),
        ("revoked-before", FAILED, "trước khi ký"),
        ("revoked-after", INDETERMINATE, "dấu thời gian"),
        ("on-hold", INDETERMINATE, "tạm dừng"),
    ],
)
def test_what_the_issuer_says_later_decides(
    state: Authority, way: str, label: str, verdict: Verdict, word: str
) -> None:
    found, reason = judged(state, label, WAYS[way](state, label, LATER))
    assert found is verdict
    assert word in reason


@pytest.mark.parametrize("way", WAYS)
def test_a_stale_answer_proves_nothing_whatever_time_is_claimed(state: Authority, way: str) -> None:
    """The claimed time is the signer's; only proof that the signature existed lets an older answer count."""
    at_signing = WAYS[way](state, "teacher", SIGNED - timedelta(minutes=7))
    found, reason = judged(state, "teacher", at_signing)
    assert (found, "không gì chứng minh lúc ký" in reason) == (INDETERMINATE, True)
    assert judged(state, "teacher", at_signing, proved=SIGNED)[0] is PASSED
    assert judged(state, "teacher", at_signing, now=SIGNED)[0] is PASSED


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_older_than_the_proof_proves_nothing(state: Authority, way: str) -> None:
    answers = WAYS[way](state, "teacher", EARLIER)
    found, reason = judged(state, "teacher", answers, proved=SIGNED)
    assert (found, "cũ hơn lúc chứng minh được" in reason) == (INDETERMINATE, True)


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_from_the_future_is_none(state: Authority, way: str) -> None:
    found, reason = judged(state, "teacher", WAYS[way](state, "teacher", LATER), now=SIGNED)
    assert (found, "tương lai" in reason) == (INDETERMINATE, True)


def test_without_an_answer_it_is_said_that_none_is_known(state: Authority) -> None:
    found, reason = judged(state, "teacher", Answers())
    assert (found, "chưa có câu trả lời nào của nơi cấp" in reason) == (INDETERMINATE, True)


@pytest.mark.parametrize("responder", ["impostor", "sha1"])
def test_an_answer_that_the_issuer_did_not_authorise_or_signed_weakly_is_none(state: Authority, responder: str) -> None:
    for label in ("teacher", "revoked-before"):
        found, reason = judged(state, label, Answers(ocsp=(state.ocsp(label, LATER, responder),)))
        assert (found, "chưa có câu trả lời" in reason) == (INDETERMINATE, True)


def test_an_answer_about_another_certificate_is_none(state: Authority) -> None:
    found, _ = judged(state, "teacher", Answers(ocsp=(state.ocsp("principal", LATER),)))
    assert found is INDETERMINATE


def test_revoked_weighs_more_than_good_whatever_the_order(state: Authority) -> None:
    good, bad = state.ocsp("revoked-before", EARLIER - timedelta(days=60)), state.ocsp("revoked-before", LATER)
    for answers in ((good, bad), (bad, good)):
        assert judged(state, "revoked-before", Answers(ocsp=answers))[0] is FAILED


@pytest.mark.parametrize("way", WAYS)
def test_every_altered_byte_of_an_answer_leaves_no_false_good(state: Authority, way: str) -> None:
    found = WAYS[way](state, "revoked-before", LATER)
    (data,) = found.ocsp + found.crls
    for place in range(0, len(data), 3):
        odd = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        answers = Answers(ocsp=(odd,)) if found.ocsp else Answers(crls=(odd,))
        assert judged(state, "revoked-before", answers)[0] is not PASSED


@pytest.mark.parametrize("data", [b"", b"\x30\x03\x0a\x01\x06", b"x" * 99])
def test_garbage_is_no_answer(state: Authority, data: bytes) -> None:
    assert judged(state, "teacher", Answers((data,), (data,)))[0] is INDETERMINATE


@pytest.fixture
def served(state: Authority) -> Iterator[dict[str, bytes]]:
    """An issuer on loopback: path to what it answers; an unknown path is 404."""
    pages: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = pages.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        do_GET = do_POST = _answer  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    pages["url"] = f"http://127.0.0.1:{server.server_port}".encode()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield pages
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_issuer_is_asked_over_http_and_its_answer_kept(
    state: Authority, served: dict[str, bytes], tmp_path: Path
) -> None:
    certificate = state.certificate("teacher")
    responders, lists = asked_at(certificate)
    assert (len(responders), len(lists)) == (1, 1)
    base = served["url"].decode()
    trust = Trust((Anchor(state.certificate("root"), training=False),))
    der = certificate.public_bytes(Encoding.DER)

    def over_loopback(url: str, body: bytes | None, kind: str) -> bytes:
        return fetch(url.replace("http://ca.thu", base), body, kind)

    unchanged, problems = ask(trust, [der, der], over_loopback)
    assert unchanged.answers == Answers()
    assert len(problems) == 2, "OCSP and the list, each once"
    served[lists[0].removeprefix("http://ca.thu")] = state.crl(LATER)
    by_list, problems = ask(trust, [der], over_loopback)
    assert len(by_list.answers.crls) == 1
    assert len(problems) == 1
    served[responders[0].removeprefix("http://ca.thu")] = state.ocsp("teacher", LATER)
    by_ocsp, problems = ask(trust, [der], over_loopback)
    assert (len(by_ocsp.answers.ocsp), problems) == (1, ())
    assert keep_answers(tmp_path, by_ocsp.answers) == 1
    assert keep_answers(tmp_path, by_ocsp.answers) == 0
    (tmp_path / "root.pem").write_bytes(state.certificate("root").public_bytes(Encoding.PEM))
    assert Trust.from_folders([tmp_path]).answers == by_ocsp.answers


def test_an_address_that_no_pinned_issuer_vouches_for_is_never_called(state: Authority) -> None:
    def never(url: str, body: bytes | None, kind: str) -> bytes:
        raise AssertionError(url)

    der = state.certificate("teacher").public_bytes(Encoding.DER)
    training = Trust((Anchor(state.certificate("root"), training=True),))
    for trust in (Trust(), training):
        assert ask(trust, [der, b"rubbish"], never) == (trust, ())


def test_an_address_that_does_not_answer_is_asked_once_for_all_certificates(state: Authority) -> None:
    asked: list[str] = []

    def dead(url: str, body: bytes | None, kind: str) -> bytes:
        asked.append(url)
        raise NotFetched(f"Không hỏi được {url}.")

    trust = Trust((Anchor(state.certificate("root"), training=False),))
    ders = [state.certificate(name).public_bytes(Encoding.DER) for name in ("teacher", "principal", "seal")]
    _, problems = ask(trust, ders, dead)
    assert problems
    assert len(asked) == len(set(asked))


def test_an_answer_without_end_is_cut_off(served: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hocba_tui.sync.fetch._MAX_BYTES", 1000)
    served["/long"] = b"x" * 2000
    with pytest.raises(NotFetched, match="quá dài"):
        fetch(served["url"].decode() + "/long")
    with pytest.raises(NotFetched):
        fetch("file:///etc/passwd")
