"""Do the whole job of one class, from the class list to the receipts, and check every step."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hocba_tui.config import softhsm_module
from hocba_tui.demo import second_opinion
from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import SHOW_CLASS, DemoSchool, found_demo, homeroom_account, make_school, pupils_of
from hocba_tui.errors import HocbaError, Refused, WrongPin
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import receipts
from hocba_tui.flow.portal.send import portal_of, send
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.pupils.pupils_import import apply, preview
from hocba_tui.flow.records.approve import approve
from hocba_tui.flow.records.issue import issue
from hocba_tui.flow.records.issued_files import issued_files
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.keys import unlock, with_key
from hocba_tui.flow.records.ready import prepare
from hocba_tui.flow.records.submit import submit
from hocba_tui.flow.school.issue_rounds import open_round
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period, RecordState, Slot
from hocba_tui.rules.permits import Act, act_for_cell
from hocba_tui.signing.training import PIN
from hocba_tui.text import day_first

HOMEROOM = homeroom_account(SHOW_CLASS)
_BAD_SCORES = ("0", "10.5", "chín")


class DemoStepFailed(Refused):
    """A check of a step failed; the run ends with exit status 1."""


@dataclass
class DemoJob:
    """One run: the made-up school, its store, and how to report what happened."""

    root: Path
    demo: DemoSchool
    say: Callable[[str], None]
    identity: str = ""
    """The one that the store gets; empty: a random one."""
    number: int = 0

    def desk(self, account: str) -> Desk:
        """Open the store with an account."""
        return open_desk(self.root, account)

    def step(self, text: str) -> None:
        """Announce a step."""
        self.number += 1
        self.say(f"\n[{self.number}] {text}")

    def hold(self, condition: bool, text: str) -> None:
        """Report a check; raise DemoStepFailed when it failed."""
        self.say(f"    {'✓' if condition else '✗'} {text}")
        if not condition:
            raise DemoStepFailed(text)


def run_job(root: Path, seed: int, pupils: int, say: Callable[[str], None] = print, identity: str = "") -> bool:
    """Do the job in a new store at ``root``, which gets ``identity``; return whether every check passed."""
    demo = make_school(seed, pupils)
    job = DemoJob(root, demo, say, identity)
    try:
        _found(job)
        _class_list(job)
        _results(job)
        _round(job)
        asyncio.run(_sign_all(job))
        _verify(job)
        _send(job)
    except HocbaError as error:
        say(f"\nKHÔNG ĐẠT: {error}")
        return False
    return True


def _found(job: DemoJob) -> None:
    job.step(f"Tạo trường mẫu (kho tập huấn) ở {job.root}")
    empty = tuple(
        replace(year, pupils=(), results={}) if year.classroom.key == SHOW_CLASS else year for year in job.demo.classes
    )
    module = softhsm_module()
    found_demo(job.root, replace(job.demo, classes=empty), module, job.identity)
    where = "token SoftHSM2" if module else "tệp khóa tập huấn (chưa cài SoftHSM2: không tập được việc cắm token)"
    total = sum(len(year.pupils) for year in job.demo.classes)
    job.say(f"    {len(job.demo.classes)} lớp, {len(job.demo.staff)} cán bộ, {total} học sinh; ký bằng {where}")


def _class_list(job: DemoJob) -> None:
    job.step(f"Văn thư nạp danh sách lớp {SHOW_CLASS} từ Excel")
    desk = job.desk("vanthu")
    members = pupils_of(job.demo, SHOW_CLASS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"C1-HocSinh-{SHOW_CLASS}.xlsx"
        write_class_list(path, desk.classroom(SHOW_CLASS).code, members)
        found = preview(desk, path)
    for finding in found.findings:
        job.say(f"    · {finding.message}")
    written = apply(desk, found)
    job.hold(written == len(members), f"đã ghi {written} học sinh, có xem trước")
    taken = {pupil.code: pupil for pupil in desk.pupils(SHOW_CLASS, with_left=True)}
    job.hold(
        all(taken[pupil.code].name == pupil.name and taken[pupil.code].birth == pupil.birth for pupil in members),
        "họ tên và ngày sinh đúng từng chữ (cả tên gõ tổ hợp, ngày dạng số của Excel)",
    )
    teacher = job.desk(HOMEROOM)
    for pupil in members:
        changes = {"exempt": pupil.exempt} if pupil.exempt else {} if pupil.assessed else {"assessed": ""}
        if changes:
            correct_pupil(teacher, SHOW_CLASS, taken[pupil.code].key, changes)
    job.say("    · GVCN ghi: một em miễn Giáo dục thể chất, một em khuyết tật không đánh giá")


def _final_values(demo: DemoSchool) -> Mapping[str, Mapping[str, Any]]:
    """Return by pupil code what is to be typed: the last period and the facts of the year."""
    year = next(year for year in demo.classes if year.classroom.key == SHOW_CLASS)
    wanted = (Period.END_YEAR.value, "year")
    return {
        pupil.code: {
            field: value
            for field, value in {**year.results.get(pupil.key, {}), **demo.finished.get(pupil.key, {})}.items()
            if field.startswith(wanted)
        }
        for pupil in year.pupils
        if pupil.studying
    }


def _results(job: DemoJob) -> None:
    job.step("Giáo viên nhập kết quả cuối năm")
    teacher = job.desk(HOMEROOM)
    room = teacher.classroom(SHOW_CLASS)
    pupils = teacher.pupils(SHOW_CLASS)
    score, no_subject = Cell(Period.END_YEAR, "TOAN", "score"), Cell(Period.END_YEAR, "TNXH", "level")
    one = next(pupil for pupil in pupils if pupil.assessed)
    wrong = [Typed(one.key, score, text, None) for text in _BAD_SCORES]
    refused = enter(teacher, SHOW_CLASS, [*wrong, Typed(one.key, no_subject, "T", None)])
    for item in refused.refused:
        job.say(f"    · {item.reason}")
    reasons = [item.reason for item in refused.refused]
    unlawful = sum("điểm" in reason.lower() for reason in reasons) == 3 and sum("không học" in r for r in reasons) == 1
    job.hold(refused.entry is None and unlawful, "điểm 0, 10.5, “chín” và môn mà khối không học đều bị từ chối")
    values = _final_values(job.demo)
    cells = 0
    for pupil in pupils:
        by_account: dict[str, list[Typed]] = {}
        for field, value in values[pupil.code].items():
            cell = Cell.parse(field)
            subject = act_for_cell(cell) is Act.ENTER_SUBJECT
            account = room.teacher_of(cell.item) if subject else room.homeroom
            by_account.setdefault(account, []).append(Typed(pupil.key, cell, str(value), None))
        for account, typed in by_account.items():
            entered = enter(job.desk(account), SHOW_CLASS, typed)
            if entered.refused:
                raise DemoStepFailed(entered.refused[0].reason)
            cells += len(typed)
    job.say(f"    ✓ {cells} ô đã lưu, mỗi môn do giáo viên của môn nhập")


def _round(job: DemoJob) -> None:
    job.step("Hiệu trưởng mở đợt phát hành")
    try:
        prepare(job.desk(HOMEROOM), SHOW_CLASS)
        job.hold(False, "chưa mở đợt mà nộp được")
    except Refused as refused:
        job.say(f"    · trước khi mở đợt: {refused.what}")
    opened = open_round(job.desk("hieutruong"), "Liễu Đề", "12/06/2026")
    job.say(
        f"    ✓ {opened.name}: {opened.signer_name}, {opened.signer_title}, {opened.place}, {day_first(opened.date)}"
    )


async def _sign_all(job: DemoJob) -> None:
    job.step("GVCN ký và nộp")
    desk = job.desk(HOMEROOM)
    names = {pupil.key: pupil for pupil in desk.pupils(SHOW_CLASS)}
    expected = {p.code: job.demo.cannot[p.key] for p in pupils_of(job.demo, SHOW_CLASS) if p.key in job.demo.cannot}
    held = prepare(desk, SHOW_CLASS).held_back
    for key, reasons in held.items():
        job.say(f"    · {names[key].name} để lại: {reasons[0].message}")
    job.hold(
        {names[key].code: reasons[0].code for key, reasons in held.items()} == expected,
        f"đúng {len(expected)} em mà định dạng không nhận bị để lại, mỗi em một lí do",
    )
    try:
        await unlock(desk, Slot.HOMEROOM, "000000")
        job.hold(False, "PIN sai mà mở được khóa")
    except WrongPin as refused:
        job.say(f"    · PIN sai: {refused.what}")
    count = len(names) - len(held)
    await _sign(job, HOMEROOM, Slot.HOMEROOM, submit, count, "đã ký GVCN và nộp")
    job.step("Hiệu trưởng duyệt và ký")
    await _sign(job, "hieutruong", Slot.PRINCIPAL, approve, count, "đã ký CBQL")
    job.step("Văn thư đóng dấu (ký số phát hành)")
    await _sign(job, "vanthu", Slot.SEAL, issue, count, "đã phát hành")


async def _sign(
    job: DemoJob, account: str, slot: Slot, verb: Callable[..., AsyncGenerator[Done, None]], expected: int, text: str
) -> None:
    desk = job.desk(account)
    done = [item async for item in with_key(desk, slot, PIN, lambda signer: verb(desk, SHOW_CLASS, signer))]
    for item in done:
        if item.problem:
            job.say(f"    · {item.pupil.name}: {item.problem}")
    good = sum(1 for item in done if not item.problem)
    job.hold(good == expected, f"{good} học bạ {text}")


def _verify(job: DemoJob) -> None:
    job.step("Kiểm tra từng tệp đã phát hành")
    desk = job.desk("vanthu")
    trust = Trust.from_folders([job.root / "trust"])
    files = [Path(found.path) for found in issued_files(desk, SHOW_CLASS)]
    verdicts = [verify(path.read_bytes(), trust) for path in files]
    job.hold(
        all(v.verdict is Verdict.PASSED and v.training for v in verdicts),
        f"{len(files)} tệp HỢP LỆ theo bộ kiểm của hocba (khóa tập huấn: KHÔNG CÓ GIÁ TRỊ PHÁP LÝ)",
    )
    authority = job.root / "trust" / "training" / "hocba-training-ca.pem"
    if second_opinion.available():
        job.hold(
            all(second_opinion.accepts(path, authority) for path in files), "xmlsec1 nhận cả ba chữ ký của mọi tệp"
        )
    else:
        job.say("    · chưa cài xmlsec1: không có ý kiến thứ hai (apt install xmlsec1)")
    data = files[0].read_bytes()
    spot = data.index(b"<CAN_NANG>") + len(b"<CAN_NANG>")
    digit = b"1" if data[spot : spot + 1] != b"1" else b"2"
    altered = verify(data[:spot] + digit + data[spot + 1 :], trust)
    job.hold(altered.verdict is Verdict.FAILED, f"sửa một chữ số thì bị phát hiện — {altered.reason}")


def _send(job: DemoJob) -> None:
    job.step("Gửi tới cổng thử và nhận kết quả")
    desk = job.desk("vanthu")
    with sandbox(job.root) as url:
        packages = send(desk, portal_of(desk, url)).packages
    found = receipts(desk, SHOW_CLASS)
    for receipt in found[:3]:
        job.say(f"    · {receipt.name}: {receipt.state.label}")
    job.say(f"    · … và {max(0, len(found) - 3)} em nữa")
    job.hold(
        bool(packages) and all(r.state is RecordState.ACCEPTED for r in found) and len(found) == len(packages[0].uuids),
        f"cổng thử tiếp nhận {len(found)} học bạ",
    )
    left = review(job.desk(HOMEROOM), SHOW_CLASS).drafts
    job.say(f"\nCòn lại ở lớp {SHOW_CLASS}: {len(left)} em, mỗi em một lí do đã nêu ở trên.")
    job.say(f"Tệp XML đã phát hành: {job.root / 'issued'}")
    job.say("Kết luận của bộ kiểm: HỢP LỆ (PASSED), khóa tập huấn, không có giá trị pháp lý.")


@contextlib.contextmanager
def sandbox(root: Path) -> Iterator[str]:
    """Run the sandbox portal as a process of its own; yield its address."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "hocba_tui", "sandbox", "--port", "0", "--store", str(root), "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise DemoStepFailed("cổng thử không khởi động được")
        yield url
    finally:
        process.terminate()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
