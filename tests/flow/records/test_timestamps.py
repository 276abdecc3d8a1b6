"""A batch with a time-stamp authority: every record is signed whatever it does, and none is lost or signed twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import Refused, SigningFailed
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records import timestamps
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.keys import unlock
from hocba_tui.flow.records.signatures import signatures_of
from hocba_tui.flow.records.submit import submit
from hocba_tui.flow.records.timestamps import AHEAD, unstamped_lines
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.model.record import Signed
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.signing.signer import Request, Signature, Signer
from hocba_tui.signing.training import PIN
from hocba_tui.sync.exchange import NotFetched
from hocba_tui.sync.timestamp_client import TimestampClient
from tests.conftest import DeskAs
from tests.support import tsa
from tests.support.authority import Authority
from tests.support.signed import fill_gaps, open_first_round, submit_class

READY = 16


@pytest.fixture
def authority(stamping_authority: Authority) -> Authority:
    return stamping_authority


@pytest.fixture
def ready(few_root: Path, few: DemoSchool, authority: Authority) -> Path:
    """A school that believes the authority, whose class 5A waits to be submitted."""
    fill_gaps(few_root, few)
    open_first_round(few_root)
    tsa.pin(authority, few_root)
    return few_root


def be_hasty(monkeypatch: pytest.MonkeyPatch, deadline: float) -> None:
    """Wait a moment only for one that hangs. Others keep the usual deadline: this computer may be busy."""
    monkeypatch.setattr("hocba_tui.sync.timestamp_client.DEADLINE", deadline)


def ask_of(root: Path, url: str) -> None:
    change_settings(open_desk(root, "admin"), {"xades": "có", "timestamps": url})


def kept(root: Path) -> list[Signed]:
    """Return the teacher's signatures that the store has."""
    desk = open_desk(root, "gv.5a")
    shard = desk.class_shard("5A")
    records = [record for record in desk.records("5A").values() if record.state is RecordState.SUBMITTED]
    return [signatures_of(shard, record)[0] for record in records]


def sign_acts(root: Path) -> list[str]:
    shard = open_desk(root, "gv.5a").class_shard("5A")
    return [entry.edits[0].key for entry in shard.entries("gv.5a") if entry.act == "submit"]


class Counting:
    """Passes on to a signer, counts, and may fail at one."""

    def __init__(self, signer: Signer, fails_at: int = 0) -> None:
        self._signer = signer
        self._fails_at = fails_at
        self.certificate = signer.certificate
        self.made = 0
        self.third = threading.Event()

    async def sign(self, requests: AsyncIterable[Request]) -> AsyncIterator[Signature]:
        async for signature in self._signer.sign(requests):
            self.made += 1
            if self.made == self._fails_at:
                raise SigningFailed("Token đã bị rút ra.")
            if self.made == 3:
                self.third.set()
            yield signature

    async def close(self) -> None:
        await self._signer.close()


async def counting(root: Path, fails_at: int = 0) -> Counting:
    return Counting(await unlock(open_desk(root, "gv.5a"), Slot.HOMEROOM, PIN), fails_at)


async def submit_all(root: Path, signer: Signer, done: list[Done]) -> None:
    async for item in submit(open_desk(root, "gv.5a"), "5A", signer):
        done.append(item)  # noqa: PERF401 - what was done before a failure counts


def test_every_record_gets_its_stamp(ready: Path, authority: Authority) -> None:
    with tsa.serving(authority, tsa.good) as server:
        ask_of(ready, server.url)
        done = submit_class(ready)
    assert [(item.problem, item.unstamped) for item in done] == [("", "")] * READY
    assert all(signed.stamp for signed in kept(ready))
    assert len(server.paths) == READY
    assert len({signed.stamp for signed in kept(ready)}) == READY


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (tsa.hangs, "không trả lời xong trong 2 giây"),
        (tsa.drips, "không trả lời xong trong 2 giây"),
        (tsa.refuses, "từ chối"),
        (tsa.garbage, "không đọc được"),
        (tsa.is_broken, "báo lỗi HTTP 500"),
        (tsa.closes, "không nói chuyện được"),
        (tsa.stops_early, "không nói chuyện được"),
        (tsa.talks_on, "quá dài"),
        (tsa.sends_elsewhere, "báo lỗi HTTP 307"),
        (tsa.of_another, "không phải cho chữ ký này"),
        (tsa.of("tsa-unknown"), "CA thử không ai ghim"),
        (tsa.of("tsa-plain"), "không được cấp để đóng dấu thời gian"),
        (tsa.an_hour_ago, "chưa tới"),
    ],
)
def test_whatever_an_authority_does_everything_is_signed_and_it_is_asked_twice(
    ready: Path, authority: Authority, behaviour: tsa.Behaviour, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if behaviour in {tsa.hangs, tsa.drips}:
        be_hasty(monkeypatch, 2)
    with tsa.serving(authority, behaviour) as server:
        ask_of(ready, server.url)
        done = submit_class(ready)
    assert [item.problem for item in done] == [""] * READY
    assert all(reason in item.unstamped for item in done), done[0].unstamped
    assert server.paths == ["/tsr", "/tsr"]
    assert [signed.stamp for signed in kept(ready)] == [b""] * READY
    what, why, safe = unstamped_lines([item.unstamped for item in done])
    assert (what, reason in why, "vẫn hợp lệ" in safe) == (f"{READY} học bạ chưa có dấu thời gian.", True, True)


def test_a_bug_while_stamping_is_not_told_as_the_fault_of_the_authority(
    ready: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise KeyError("Nguyễn Văn Mật")

    monkeypatch.setattr(timestamps, "judge_stamp", stumble)
    with tsa.serving(authority, tsa.good) as server:
        ask_of(ready, server.url)
        done = submit_class(ready)
    assert [item.problem for item in done] == [""] * READY
    assert all(
        item.unstamped.startswith("chương trình gặp lỗi khi xin dấu thời gian (KeyError, timestamps.py:")
        for item in done
    )
    assert not any("Mật" in item.unstamped for item in done)


def test_where_nobody_listens_everything_is_signed(ready: Path, authority: Authority) -> None:
    with tsa.serving(authority, tsa.good) as server:
        ask_of(ready, server.url)
    done = submit_class(ready)
    assert [item.problem for item in done] == [""] * READY
    assert {item.unstamped for item in done} == {"không nói chuyện được với nơi cấp dấu thời gian"}


async def test_a_wrong_environment_is_a_failure_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "nonsense://proxy")
    client = TimestampClient("http://tsa.example", 2)
    with pytest.raises(NotFetched, match="không nói chuyện được"):
        await client.post(b"", "", 100)
    await client.close()


def test_one_that_hangs_in_the_middle_is_asked_by_those_under_way_only(
    ready: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_hasty(monkeypatch, 5)
    with tsa.serving(authority, *[tsa.good] * 10, tsa.hangs) as server:
        ask_of(ready, server.url)
        done = submit_class(ready)
    assert [item.problem for item in done] == [""] * READY
    assert len([item for item in done if not item.unstamped]) == 10
    # One more may begin after the first of them failed: two deadlines in all.
    assert len(server.paths) <= 10 + AHEAD + 1
    assert len(kept(ready)) == READY


def test_single_failures_do_not_end_the_asking(ready: Path, authority: Authority) -> None:
    # Farther from each other than may be asked at once: which of those answers first is nobody's to say.
    behaviours = [tsa.good, tsa.is_broken, *[tsa.good] * AHEAD] * 6
    with tsa.serving(authority, *behaviours) as server:
        ask_of(ready, server.url)
        done = submit_class(ready)
    failed = [item for item in done if item.unstamped]
    assert len(server.paths) == READY
    assert [behaviours[number] for number in range(READY)].count(tsa.is_broken) == len(failed)
    assert {item.unstamped for item in failed} == {"nơi cấp dấu thời gian báo lỗi HTTP 500"}


async def test_the_token_works_on_while_stamps_are_awaited_and_some_are_awaited_together(
    ready: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer comes only when a third signature is made; later ones only when three are asked for."""
    monkeypatch.setattr("hocba_tui.sync.timestamp_client.DEADLINE", 120)  # A busy machine makes three late.
    signer = await counting(ready)
    together = threading.Barrier(3)

    def after_the_third(to: tsa.Answering, request: bytes) -> None:
        assert signer.third.wait(60)
        tsa.good(to, request)

    def three_at_once(to: tsa.Answering, request: bytes) -> None:
        together.wait(60)
        tsa.good(to, request)

    first = [after_the_third, *[tsa.good] * 9]
    with tsa.serving(authority, *first, *[three_at_once] * 3, tsa.good) as server:
        ask_of(ready, server.url)
        done = [item async for item in submit(open_desk(ready, "gv.5a"), "5A", signer)]
    assert [(item.problem, item.unstamped) for item in done] == [("", "")] * READY


async def test_what_is_signed_when_the_token_fails_is_kept_with_its_stamp(ready: Path, authority: Authority) -> None:
    done: list[Done] = []
    with tsa.serving(authority, tsa.good) as server:
        ask_of(ready, server.url)
        with pytest.raises(SigningFailed, match="rút ra"):
            await submit_all(ready, await counting(ready, fails_at=8), done)
    assert len(done) == 7
    assert [bool(signed.stamp) for signed in kept(ready)] == [True] * 7


async def test_what_is_signed_when_the_disk_is_full_ends_the_batch_with_its_reason(
    ready: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hocba_tui.errors import NotSaved
    from hocba_tui.flow.records import sign_batch

    keep, calls = sign_batch.keep_signature, []

    def full(*arguments: object, **options: bool) -> str | None:
        calls.append(arguments)
        if len(calls) == 4:
            raise NotSaved("Đĩa đầy.")
        return keep(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sign_batch, "keep_signature", full)
    done: list[Done] = []
    with tsa.serving(authority, tsa.good) as server:
        ask_of(ready, server.url)
        with pytest.raises(NotSaved):
            await submit_all(ready, await counting(ready), done)
    assert len(kept(ready)) == len(done) == len(calls) - 1
    assert 3 <= len(done) <= 3 + AHEAD + 1


@pytest.mark.parametrize("how", ["cancelled", "closed"])
async def test_a_batch_that_is_given_up_keeps_what_waits_for_a_stamp(
    ready: Path, authority: Authority, how: str
) -> None:
    signer, done = await counting(ready), list[Done]()

    async def run() -> None:
        async with aclosing(submit(open_desk(ready, "gv.5a"), "5A", signer)) as batch:
            async for item in batch:
                done.append(item)
                if len(done) == 3 and how == "closed":
                    return

    def when_others_wait(to: tsa.Answering, request: bytes) -> None:
        """Answer when the fourth waits behind the first, so that there is something to keep after the third."""
        deadline = time.monotonic() + 8
        while signer.made <= AHEAD and time.monotonic() < deadline:
            time.sleep(0.01)
        tsa.good(to, request)

    with tsa.serving(authority, when_others_wait, tsa.good, tsa.good, tsa.hangs) as server:
        ask_of(ready, server.url)
        batch = asyncio.create_task(run())
        while not batch.done() and (signer.made < 3 + AHEAD or len(done) < 3):  # noqa: ASYNC110 - the signer knows no event
            await asyncio.sleep(0.01)
        if how == "cancelled":
            batch.cancel()
        await asyncio.wait([batch])
    assert len(done) == 3
    assert 3 < len(kept(ready)) <= signer.made <= 3 + AHEAD + 1
    assert len([signed for signed in kept(ready) if signed.stamp]) == 3
    ask_of(ready, "")
    await submit_all(ready, await counting(ready), [])
    assert len(kept(ready)) == READY
    assert len(sign_acts(ready)) == len(set(sign_acts(ready))) == READY


def test_a_machine_that_dies_while_stamps_are_awaited_leaves_whole_records(ready: Path, authority: Authority) -> None:
    with tsa.serving(authority, *[tsa.good] * 3, tsa.hangs) as server:
        ask_of(ready, server.url)
        command = [sys.executable, "-m", "hocba_tui", "submit", "--class", "5A", "--store", str(ready), "--as", "gv.5a"]
        process = subprocess.Popen(command, env={**os.environ, "HOCBA_PIN": PIN}, stdout=subprocess.DEVNULL)
        assert server.wait_for(4)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(kept(ready)) <= 3
    assert all(signed.stamp for signed in kept(ready))
    ask_of(ready, "")
    submit_class(ready)
    assert len(kept(ready)) == READY
    assert len(sign_acts(ready)) == len(set(sign_acts(ready))) == READY


def test_the_command_says_how_many_have_none_and_why(
    ready: Path, authority: Authority, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hocba_tui.cli.main import main

    monkeypatch.setenv("HOCBA_PIN", PIN)
    with tsa.serving(authority, *[tsa.good] * 5, tsa.is_broken) as server:
        ask_of(ready, server.url)
        assert main(["submit", "--class", "5A", "--store", str(ready), "--as", "gv.5a"]) == 0
    out = capsys.readouterr().out
    assert f"! {READY - 5} học bạ chưa có dấu thời gian. Lí do: nơi cấp dấu thời gian báo lỗi HTTP 500." in out
    assert f"Đã nộp: {READY} học bạ." in out


def test_a_school_chooses_an_authority_by_its_address(desk_as: DeskAs, capsys: pytest.CaptureFixture[str]) -> None:
    from hocba_tui.cli.main import main

    desk = desk_as("admin")
    with pytest.raises(Refused, match="không dùng XAdES"):
        change_settings(desk, {"timestamps": "http://tsa.example"})
    both = change_settings(desk, {"xades": "có", "timestamps": "http://tsa.example"})
    assert (both.xades, both.timestamps) == (True, "http://tsa.example")
    with pytest.raises(Refused, match="không dùng XAdES"):
        change_settings(desk, {"xades": "không"})
    for odd in ("tsa.example", "ftp://tsa.example", "http://", "http://u:p@tsa.example", "http://tsa.example:x", "a b"):
        with pytest.raises(Refused, match="không dùng được"):
            change_settings(desk, {"timestamps": odd})
    assert main(["school", "show", "--store", str(desk.root), "--as", "admin"]) == 0
    assert "(timestamps): http://tsa.example" in capsys.readouterr().out
    assert change_settings(desk, {"timestamps": ""}).timestamps == ""
    acts = [entry for entry in desk.school_shard.entries("admin") if entry.act == "set_school"]
    assert [edit.field for entry in acts for edit in entry.edits].count("timestamps") == 2
