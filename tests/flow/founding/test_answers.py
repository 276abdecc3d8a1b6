"""The answers of the wizard: the founding file, kept beside the store's place from the first key."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.clock import Clock
from hocba_tui.errors import Conflict, HocbaError, Refused, StoreUnusable
from hocba_tui.flow.desk import CLASSES, STAFF
from hocba_tui.flow.founding.answers import Answers, answering
from hocba_tui.flow.founding.place import may_be_founded
from hocba_tui.flow.founding.questions import Step, steps
from hocba_tui.flow.founding.settings_file import found_from, founding_in
from hocba_tui.flow.school.settings import LABELS
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore

STEPS = steps(date(2026, 9, 1), "hoa")
TYPED = {
    "name": "Trường Tiểu học “Hoa Sen”", "code": "37001003", "department": "Sở GDĐT Ninh Bình", "department_code": "37",
    "province": "Tỉnh Ninh Bình", "commune": "Xã Sen", "deadline_completed": "25/06/2027",
}  # fmt: skip
NAMES = {"hieutruong": "Nguyễn Thị Sen", "quantri": "Lê Văn Tin"}


def typed(step: Step) -> list[str]:
    """Return what a person leaves in the lines of a step."""
    return [
        TYPED.get(place[-1], "") if place[0] == "school" and place[-1] in TYPED
        else NAMES.get(place[1], "") if place[-1] == "name"
        else "1A-1C 2A" if place[-1] == "names"
        else step.begins_with.get(place, "")
        for place in (question.place for question in step.questions)
    ]  # fmt: skip


def answer_all(answers: Answers) -> None:
    for step in STEPS:
        lines = typed(step)
        assert step.first_problem(lines) is None, step.title
        answers.take(step, {question.place: text for question, text in zip(step.questions, lines, strict=True)})


def test_the_answers_are_a_founding_file_and_found_the_school(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    with answering(root) as answers:
        answer_all(answers)
        school = answers.found()
    assert (school.name, school.year, school.deadline_completed) == (TYPED["name"], "2026-2027", "2027-06-25")
    shard = FolderStore(root, Clock().now).shard(SCHOOL)
    assert set(shard.table(STAFF)) == {"hieutruong", "quantri"}, "nobody was named as the clerk"
    assert shard.document(STAFF, "quantri")["system_user"] == "hoa"
    assert set(shard.table(CLASSES)) == {"1A", "1B", "1C", "2A"}
    kept = root.with_name("kho.truong.toml")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = found_from(kept.name, kept.read_bytes(), tmp_path / "again")
    assert again == school


def test_what_was_typed_is_there_again_right_or_wrong(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    school, _, head, clerk, *_ = STEPS
    with answering(root) as answers:
        assert (answers.begun, answers.shown(school, ("school", "year"))) == (False, "2026-2027")
        answers.take(school, {("school", "name"): "Hoa\tSen ", ("school", "code"): "37 001", ("school", "year"): ""})
        answers.take(clerk, {("accounts", "vanthu", "personal_id"): "12", ("accounts", "vanthu", "name"): ""})
        answers.take(head, {question.place: head.begins_with.get(question.place, "") for question in head.questions})
    with answering(root) as answers:
        assert answers.begun
        shown = [answers.shown(school, ("school", name)) for name in ("name", "code", "year")]
        assert shown == ["Hoa Sen", "37 001", ""]
        assert answers.shown(clerk, ("accounts", "vanthu", "personal_id")) == "12"
        assert answers.shown(head, ("accounts", "hieutruong", "title")) == "Hiệu trưởng"
        assert "[accounts.hieutruong]" not in answers.text(), "nothing was said of the principal"
        with pytest.raises(Refused):
            answers.founding()


def test_what_somebody_wrote_into_the_file_stays(tmp_path: Path) -> None:
    root = tmp_path / "kho"
    root.with_name("kho.truong.toml").write_text(
        'top = 1\n[school]\nname = "A"\ntrusted_by_key = true\n[accounts."gv.x"]\nname = "B"\nroles = ["teacher"]\n',
        encoding="utf-8",
    )
    with pytest.raises(Refused, match="top"), answering(root):
        pass
    root.with_name("kho.truong.toml").write_text(
        '[school]\nname = "A"\ntrusted_by_key = true\n[accounts."gv.x"]\nname = "B"\nroles = ["teacher"]\n',
        encoding="utf-8",
    )
    with answering(root) as answers:
        answer_all(answers)
        found = answers.founding()
    assert found.school.trusted_by_key
    assert "gv.x" in [person.key for person in found.staff]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_each_line_is_checked_with_the_rules_of_the_file(step: Step) -> None:
    """What a line refuses, the file refuses; what it takes, the file takes."""
    whole = {question.place: text for each in STEPS for question, text in zip(each.questions, typed(each), strict=True)}
    for question in step.questions:
        for text in ("", "x" * 300, "37", "37 001", "31/02/2027", "http://x y", "1A 1A", "Ω", "037175000001", "3"):
            if question.place == ("accounts", "hieutruong", "name") and not text:
                continue  # The wizard asks for a principal; a file may leave that to the administrator.
            said = {**whole, question.place: text}
            lines = [said[each.place] for each in step.questions]
            assert (step.first_problem(lines) is None) == possible(said), (question.place, text)


def possible(said: dict[tuple[str, ...], str]) -> bool:
    answers = Answers(Path("/nowhere/kho"))
    answers.save = lambda: None  # type: ignore[method-assign]
    for step in STEPS:
        answers.take(step, {question.place: said[question.place] for question in step.questions})
    try:
        answers.founding()
    except Refused:
        return False
    return True


def test_every_line_of_the_school_is_a_setting() -> None:
    asked = {q.place[-1] for step in STEPS for q in step.questions if q.place[0] == "school"}
    assert asked <= set(LABELS)


def test_two_wizards_at_once_are_one(tmp_path: Path) -> None:
    with answering(tmp_path / "kho") as answers:
        with pytest.raises(Conflict, match="cửa sổ khác"), answering(tmp_path / "kho"):
            pass
        answer_all(answers)


def test_a_school_is_founded_where_nothing_is(tmp_path: Path, store_root: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "bai.docx").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    found = {name: may_be_founded(tmp_path / name) for name in ("absent", "empty", "full", "file", "link")}
    assert found == {"absent": True, "empty": True, "full": False, "file": False, "link": False}
    assert not may_be_founded(store_root)
    with pytest.raises(HocbaError), answering(store_root / "exports" / "kho"):
        pass


def test_a_place_where_nobody_may_write_is_refused_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(StoreUnusable, match="không có quyền ghi"), answering(tmp_path / "kho"):
        pass


def test_the_file_of_somebody_else_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "kho"
    root.with_name("kho.truong.toml").symlink_to(tmp_path / "other")
    (tmp_path / "other").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="Không đọc được"), answering(root):
        pass
    root.with_name("kho.truong.toml").unlink()
    root.with_name("kho.truong.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(Refused, match="của người khác"):
        Answers(root)


def test_killed_before_any_sync_there_is_a_whole_school_or_none(tmp_path: Path) -> None:
    """Whatever was reached, the same file founds the school afterwards, and nothing is left beside it."""
    file = tmp_path / "truong.toml"
    whole = Answers(tmp_path / "kho")
    answer_all(whole)
    file.write_text(whole.text(), encoding="utf-8")
    founding = founding_in(file.name, file.read_bytes())
    outcomes = []
    for number in range(1, 200):
        root = tmp_path / str(number) / "kho"
        root.parent.mkdir()
        if not (killed := dies_before_sync(number, file, root)):
            break
        outcomes.append(root.exists())
        if not root.exists():
            found_from(file.name, file.read_bytes(), root)
        shard = FolderStore(root, Clock().now).shard(SCHOOL)
        assert set(shard.table(STAFF)) == {person.key for person in founding.staff}
        assert set(shard.table(CLASSES)) == {room.key for room in founding.rooms}
        assert [path.name for path in root.parent.iterdir()] == ["kho"]
        assert killed
    assert outcomes.count(True) < len(outcomes) - 5 < 150, "it was killed before and after the store came to its place"


def dies_before_sync(number: int, file: Path, root: Path) -> bool:
    """Found a school in another process that ends before its ``number``-th sync; return whether it did."""
    child = os.fork()
    if child == 0:
        left = number

        def counted(real: Any) -> Any:
            def sync(*arguments: Any) -> Any:
                nonlocal left
                left -= 1
                if left == 0:
                    os._exit(9)
                return real(*arguments)

            return sync

        os.fsync, os.fdatasync, os.rename = counted(os.fsync), counted(os.fdatasync), counted(os.rename)
        try:
            found_from(file.name, file.read_bytes(), root)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
