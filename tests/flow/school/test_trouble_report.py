"""The report for who helps: it is made whatever is broken, it is shown first, and no pupil is in it."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils.enrolment import leave
from hocba_tui.flow.school import trouble_report as reports
from hocba_tui.flow.school.trouble_report import PACKAGES, trouble_report
from hocba_tui.log.keeping import keeping, shown, unexpected
from hocba_tui.log.lines import FOLDER
from hocba_tui.log.reading import UNREADABLE, last_lines
from tests.support.eight import PUPILS

ROOT = Path(__file__).parents[3]
SECRET = "Nguyễn Thị Hoài An"
TITLES = ["Phiên bản", "Máy", "Màn hình", "Khám máy", "Kho", "Đếm"]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    monkeypatch.setenv("HOCBA_PKCS11", "")


def failing(*_: object) -> Iterator[str]:
    raise LookupError(SECRET)


def report(root: Path, account: str = "admin") -> str:
    return trouble_report(root, (), lambda: open_desk(root, account))


def titles(text: str) -> list[str]:
    return re.findall(r"^== (.*)$", text, re.MULTILINE)


def test_it_names_no_pupil_no_code_and_no_mark(sealed_root: Path, demo: DemoSchool) -> None:
    with keeping(sealed_root, "open"):
        for tell in (unexpected, shown):
            try:
                failing()
            except LookupError as error:
                tell(error)
    text = report(sealed_root)
    assert titles(text)[:6] == TITLES
    assert "failing" in text
    assert re.search(r"\d+ đã phát hành", text)
    pupils = [pupil for year in demo.classes for pupil in year.pupils]
    assert len(pupils) == PUPILS
    for pupil in pupils:
        for word in (pupil.name, pupil.code, pupil.key, pupil.birth):
            assert not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text), word
    results = [value for year in demo.classes for cells in year.results.values() for value in cells.values()]
    for comment in {str(value) for value in results if len(str(value)) > 3}:
        assert comment not in text
    for secret in (SECRET, str(sealed_root), "123456"):
        assert secret not in text


def test_its_numbers_are_those_of_the_store(store_root: Path, demo: DemoSchool) -> None:
    clerk = open_desk(store_root, "vanthu")
    for pupil in clerk.pupils("4A")[:2]:
        leave(clerk, "4A", pupil.key, "01/06/2026", "", "Chuyển đi")
    del clerk
    gc.collect()
    text = report(store_root)
    studying = PUPILS - 2
    assert f"{len(demo.classes)} lớp, {studying} học sinh đang học, 2 đã rời" in text
    assert f"Học bạ: {studying} đang nhập" in text
    assert "; 0 chỗ hỏng, 0 chỗ khác cần xem" in text


def test_a_damaged_class_is_counted_and_the_other_parts_follow(store_root: Path) -> None:
    journal = store_root / "2025-2026" / "5A" / "journal.log"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    shutil.rmtree(store_root / FOLDER, ignore_errors=True)
    text = report(store_root)
    assert "! 2025-2026/5A: 1 chỗ hỏng" in text
    assert titles(text)[:6] == TITLES


@pytest.mark.parametrize("account", ["khong.co", SECRET])
def test_a_store_that_cannot_be_opened_is_no_obstacle(store_root: Path, account: str) -> None:
    text = report(store_root, account)
    assert re.search(r"Không mở được kho: WrongUse, opening.py:\d+", text)
    assert titles(text)[:6] == TITLES
    assert "; 0 chỗ hỏng" in text
    assert account not in text


def test_no_store_at_all_is_no_obstacle(tmp_path: Path) -> None:
    assert titles(trouble_report(None, (), lambda: pytest.fail("there is none"))) == TITLES[:4]
    text = report(tmp_path / "absent")
    assert titles(text)[:6] == TITLES
    assert "Không mở được kho: StoreUnusable" in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", ["_versions", "_computer", "_terminal", "_examined", "_checked", "_counted"])
def test_a_part_that_fails_says_so_and_the_others_follow(
    store_root: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = report(store_root)
    monkeypatch.setattr(reports, part, failing)
    text = report(store_root)
    assert titles(text) == titles(whole)
    assert text.count("(không lấy được: LookupError, test_trouble_report.py:") == 1
    assert SECRET not in text


def test_it_lists_the_packages_that_hocba_needs() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert list(PACKAGES) == [re.split(r"[\[><=]", line)[0] for line in needed]


# --- the lines of the log --------------------------------------------------------------------------


def test_the_newest_lines_come_last_and_errors_are_found_behind_many_others(store_root: Path) -> None:
    with keeping(store_root, "check"):
        try:
            failing()
        except LookupError as error:
            shown(error)
    for _ in range(30):
        with keeping(store_root, "store stats"):
            pass
    lines = last_lines(store_root, 4)
    assert [line.split()[2:5] for line in lines] == [["store", "stats", "begin"], ["store", "stats", "end"]] * 2
    head, kind, *frames = last_lines(store_root, 4, with_errors=True)
    assert head.endswith("check shown")
    assert kind == "    LookupError"
    assert frames[-1].endswith(" failing")


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe", b"{", b"[]", b"3", b'{"event": 3}', SECRET.encode(), json.dumps({"pupil": SECRET}).encode(),
        b'{"at": "2026', b"",
    ],
)  # fmt: skip
def test_a_line_that_is_none_of_the_logs_own_is_not_shown(store_root: Path, line: bytes) -> None:
    (store_root / FOLDER).mkdir(exist_ok=True)
    (store_root / FOLDER / "2026-01.log").write_bytes(b'{"event": "end", "do": "check"}\n' + line + b"\n")
    assert last_lines(store_root, 2) == ["check end", UNREADABLE]


def test_unknown_facts_of_a_line_are_left_out_and_nothing_breaks_the_text(store_root: Path) -> None:
    (store_root / FOLDER).mkdir(exist_ok=True)
    note = {"event": "end", "do": "a\nb\x1b[2J", "pupil": SECRET, "errors": [3, {"type": None, "frames": 3}, {}]}
    (store_root / FOLDER / "2026-01.log").write_text(json.dumps(note) + "\n")
    assert last_lines(store_root, 9) == ["a b\ufffd[2J end", "    ", "    "]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/etc/passwd")])
def test_what_is_no_file_of_the_log_is_not_read(store_root: Path, make: Callable[[Path], None]) -> None:
    (store_root / FOLDER).mkdir(exist_ok=True)
    make(store_root / FOLDER / "2026-01.log")
    assert last_lines(store_root, 9) == []


# --- the command -----------------------------------------------------------------------------------


def words(root: Path, file: Path, *more: str) -> list[str]:
    return ["doctor", "--store", str(root), "--as", "admin", "--report", str(file), *more]


def test_it_is_shown_before_it_is_written(store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bao-cao.txt"
    assert main(words(store_root, file, "--yes")) == 0
    printed = capsys.readouterr().out
    text = file.read_text(encoding="utf-8")
    assert printed.startswith(text)
    assert "Trên đây là tất cả những gì được ghi vào" in printed[len(text) :]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("answer", "code", "written"), [("ghi", 0, True), ("không", 1, False), ("", 1, False)])
def test_a_person_is_asked_after_it_was_shown(
    store_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    answer: str, code: int, written: bool,
) -> None:  # fmt: skip
    file = tmp_path / "bao-cao.txt"

    def asked(_: str) -> str:
        assert "== Đếm" in capsys.readouterr().out
        assert not file.exists()
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", asked)
    assert main(words(store_root, file)) == code
    assert file.exists() is written


def test_without_a_keyboard_it_must_be_wanted(store_root: Path, tmp_path: Path) -> None:
    assert main(words(store_root, tmp_path / "bao-cao.txt")) == 2
    assert not (tmp_path / "bao-cao.txt").exists()


def test_it_goes_neither_over_a_file_nor_into_a_store(store_root: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken.txt"
    taken.write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere")
    for file in (
        taken,
        tmp_path / "link.txt",
        store_root / "bao-cao.txt",
        store_root / FOLDER / "2027-01.log",
        tmp_path,
    ):
        assert main(words(store_root, file, "--yes")) == 1
    assert taken.read_text() == "x"
    assert not (tmp_path / "nowhere").exists()
    assert not (store_root / "bao-cao.txt").exists()
    assert main(words(store_root, tmp_path / "absent" / "bao-cao.txt", "--yes")) == 1
