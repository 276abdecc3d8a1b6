"""The seal on another computer: records and the packages of them, there and back in one file."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.export.record.package import open_package
from hocba_tui.export.record.profile import profile_names
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.desk import PACKAGES
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.approve import send_back
from hocba_tui.flow.records.issued_files import issued_files
from hocba_tui.flow.records.offline_files import SignedAnswers, pack_answers, read_request
from hocba_tui.flow.records.offline_server import make_request, take_back, take_packages
from hocba_tui.flow.records.offline_signer import show
from hocba_tui.flow.records.ready import unpackaged
from hocba_tui.flow.records.signatures import pinned_issuers
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.signing.training import PIN, token_environment
from hocba_tui.store.backend import OUTBOX
from tests.support import tsa
from tests.support.authority import Authority
from tests.support.signed import approve_class, fill_gaps, issue_class, open_first_round, sign_elsewhere, submit_class

READY = 8


@pytest.fixture(scope="module")
def approved_store(eight_token_store: Path, eight: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school with keys on tokens, whose class 5A waits for the seal; never changed."""
    root = tmp_path_factory.mktemp("approved-tokens") / "store"
    shutil.copytree(eight_token_store, root, copy_function=shutil.copy2)
    with pytest.MonkeyPatch.context() as patch:
        plug_in(root, patch)
        approve(root, eight)
    return root


@pytest.fixture
def approved(approved_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; the tokens are plugged in here."""
    shutil.copytree(approved_store, tmp_path / "store", copy_function=shutil.copy2)
    return plug_in(tmp_path / "store", monkeypatch)


def plug_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in token_environment(root).items():
        monkeypatch.setenv(name, value)
    return root


def approve(root: Path, eight: DemoSchool) -> None:
    fill_gaps(root, eight)
    open_first_round(root)
    submit_class(root)
    approve_class(root)


def request_of(root: Path) -> bytes:
    return make_request(open_desk(root, "vanthu"), "5A", Slot.SEAL)[0]


def sealed(root: Path, answers: SignedAnswers) -> list[str]:
    async def run() -> list[str]:
        taken = take_back(open_desk(root, "vanthu"), "5A", Slot.SEAL, pack_answers(answers))
        return [done.problem async for done in taken]

    return asyncio.run(run())


def queued(root: Path, answers: SignedAnswers) -> tuple[int, int]:
    return take_packages(open_desk(root, "vanthu"), "5A", pack_answers(answers))


def packages(root: Path) -> list[tuple[bytes, ...]]:
    """Return the files in each package of the outbox, as the portal would open it."""
    outbox = open_desk(root, "vanthu").store.shard(OUTBOX)
    return [open_package(outbox.kept(package["file"])).files for package in outbox.table(PACKAGES).values()]


@pytest.mark.parametrize("profile", profile_names())
@pytest.mark.parametrize("xades", ["có", "không"])
def test_a_class_is_sealed_and_queued_by_one_file(
    eight_token_store: Path,
    eight: DemoSchool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    profile: str,
    xades: str,
) -> None:
    root = tmp_path / "store"
    shutil.copytree(eight_token_store, root, copy_function=shutil.copy2)
    plug_in(root, monkeypatch)
    change_settings(open_desk(root, "admin"), {"profile": profile, "xades": xades})
    approve(root, eight)
    answers = sign_elsewhere(request_of(root))
    assert (len(answers.answered), len(answers.packages)) == (READY, 1)
    assert sealed(root, answers) == [""] * READY
    assert queued(root, answers) == (READY, 0)
    desk = open_desk(root, "vanthu")
    files = [Path(file.path).read_bytes() for file in issued_files(desk, "5A")]
    assert {verify(data, pinned_issuers(desk)).verdict for data in files} == {Verdict.PASSED}
    assert packages(root) == [tuple(files)]
    with pytest.raises(Refused, match="không có học bạ nào chờ đóng dấu"):
        sealed(root, answers)


def test_who_is_not_chosen_waits_and_goes_out_with_the_next_file(approved: Path) -> None:
    first = sign_elsewhere(request_of(approved), [0, 3])
    assert (sealed(approved, first), queued(approved, first)) == (["", ""], (2, 0))
    rest = sign_elsewhere(request_of(approved))
    assert (sealed(approved, rest), queued(approved, rest)) == ([""] * (READY - 2), (READY - 2, 0))
    assert [len(package) for package in packages(approved)] == [2, READY - 2]


def test_a_record_that_was_returned_meanwhile_takes_its_batch_with_it_and_a_second_file_makes_another(
    approved: Path,
) -> None:
    answers = sign_elsewhere(request_of(approved))
    send_back(open_desk(approved, "hieutruong"), "5A", answers.answered[7].pupil, "Sai ngày sinh")
    assert sealed(approved, answers) == [""] * (READY - 1)
    assert queued(approved, answers) == (0, READY - 1)
    assert packages(approved) == []
    data = request_of(approved)
    assert {shown.lines[0] for shown in show(read_request(data))} == {"(đã đóng dấu; chỉ còn chữ ký của gói gửi)"}
    again = sign_elsewhere(data)
    assert (again.answered, sealed(approved, again)) == ((), [])
    assert queued(approved, again) == (READY - 1, 0)
    assert [len(package) for package in packages(approved)] == [READY - 1]


def test_with_time_stamps_the_batch_goes_out_after_them(approved: Path, stamping_authority: Authority) -> None:
    tsa.pin(stamping_authority, approved)
    with tsa.serving(stamping_authority, tsa.good) as server:
        change_settings(open_desk(approved, "admin"), {"xades": "có", "timestamps": server.url})
        seals = sign_elsewhere(request_of(approved))
        assert (len(seals.answered), seals.packages) == (READY, ())
        assert (sealed(approved, seals), queued(approved, seals)) == ([""] * READY, (0, READY))
        assert len(server.paths) == READY
    package = sign_elsewhere(request_of(approved))
    assert (package.answered, len(package.packages)) == ((), 1)
    assert (sealed(approved, package), queued(approved, package)) == ([], (READY, 0))
    ((first, *_),) = packages(approved)
    assert b"EncapsulatedTimeStamp" in first


def test_a_batch_is_believed_in_nothing_but_its_signature(approved: Path) -> None:
    answers = sign_elsewhere(request_of(approved))
    sealed(approved, answers)
    (good,) = answers.packages
    for forged in (
        replace(good, message="../../outbox"),
        replace(good, message=good.message.upper()),
        replace(good, message="00000000-0000-4000-8000-000000000000"),
        replace(good, time="2031-01-01T00:00:00+07:00"),
        replace(good, time='2026-06-20T00:00:00+07:00"/><X a="'),
        replace(good, value=answers.answered[0].value),
        replace(good, value=b""),
        replace(good, uuids=good.uuids[1:]),
        replace(good, uuids=good.uuids[::-1]),
        replace(good, uuids=(*good.uuids, good.uuids[0])),
        replace(good, uuids=(*good.uuids, "nobody")),
        replace(good, uuids=()),
    ):
        assert queued(approved, replace(answers, packages=(forged,))) == (0, READY), forged
    assert packages(approved) == []
    assert queued(approved, replace(answers, packages=(good, good))) == (READY, 0)
    assert [len(package) for package in packages(approved)] == [READY]


def test_what_was_put_into_a_batch_meanwhile_is_in_no_second_one(approved: Path) -> None:
    answers = sign_elsewhere(request_of(approved))
    sealed(approved, answers)
    issue_class(approved)  # The token came to the server after all.
    assert queued(approved, answers) == (0, 0)
    assert [len(package) for package in packages(approved)] == [READY]


def test_only_the_clerk_asks_for_the_seal_and_never_who_approved(approved: Path) -> None:
    for account in ("hieutruong", "gv.5a"):
        with pytest.raises(NotAllowed):
            make_request(open_desk(approved, account), "5A", Slot.SEAL)
    answers = sign_elsewhere(request_of(approved))
    for account in ("hieutruong", "gv.5a"):
        with pytest.raises(NotAllowed):
            take_packages(open_desk(approved, account), "5A", pack_answers(answers))


def test_the_commands_carry_the_seal_out_and_in(
    approved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOCBA_PIN", PIN)
    request, out = str(tmp_path / "r"), str(tmp_path / "s")
    where = ["--class", "5A", "--store", str(approved), "--as", "vanthu"]
    assert main(["issue", *where, "--request", request]) == 0
    monkeypatch.setenv("HOCBA_PIN", PIN)
    assert main(["sign-request", request, "--out", out, "--yes"]) == 0
    printed = capsys.readouterr().out
    assert f"{READY} học bạ, đóng dấu số của trường." in printed
    assert f"  ✓ Gói gửi {READY} học bạ" in printed
    assert f"Đã ký {READY} học bạ và 1 gói gửi, ghi trong {out}." in printed
    # One is returned meanwhile: its package is void, and the second way round makes another.
    pupil = next(iter(open_desk(approved, "vanthu").records("5A")))
    send_back(open_desk(approved, "hieutruong"), "5A", pupil, "Sai ngày sinh")
    assert main(["issue", *where, "--signed", out]) == 1
    told = capsys.readouterr()
    assert f"Đã nhận {READY - 1} chữ ký" in told.out
    assert f"Còn {READY - 1} học bạ đã đóng dấu mà chưa xếp vào hộp gửi; không mất gì." in told.err
    assert main(["issue", *where, "--request", f"{request}2"]) == 0
    monkeypatch.setenv("HOCBA_PIN", PIN)
    assert main(["sign-request", f"{request}2", "--out", f"{out}2", "--yes"]) == 0
    assert main(["issue", *where, "--signed", f"{out}2"]) == 0
    assert f"Đã xếp {READY - 1} học bạ vào hộp gửi." in capsys.readouterr().out
    records = open_desk(approved, "vanthu").records("5A")
    assert [record.state for record in records.values()].count(RecordState.ISSUED) == READY - 1
    assert unpackaged(open_desk(approved, "vanthu").open_class("5A")) == {}
