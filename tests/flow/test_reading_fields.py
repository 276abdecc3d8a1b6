"""Sensitive fields of a pupil reach nobody whose duty does not need them: screens, search, command line, history."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk
from hocba_tui.flow.grades.marks import YEAR_SHEET, open_marks
from hocba_tui.flow.grades.pupil_summary import glance
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.card import card
from hocba_tui.flow.reports.history import find_pupil, history
from hocba_tui.model.results import COMMENT, HEIGHT, WEIGHT, Cell
from hocba_tui.model.values import Period
from hocba_tui.rules.reading import FIELDS, Sensitive
from hocba_tui.store.backend import Edit
from tests.conftest import Open
from tests.support.actors import OWN, SUBJECT, add_actors
from tests.support.text_of import screen_text

END = Period.END_YEAR
SECRET = {name: f"Mật-{name}" for name in FIELDS}
LOOKERS = (SUBJECT, "xem", "to.truong", "to.congtac")


@pytest.fixture
def key(store_root: Path) -> str:
    """A pupil of 5A whose sensitive fields each hold a word of their own."""
    add_actors(store_root)
    shard = open_desk(store_root, "hieutruong").class_shard("5A")
    found = open_desk(store_root, "hieutruong").pupils("5A")[0].key
    held, results = shard.document(PUPILS, found), shard.document(RESULTS, found)
    edits = [Edit(PUPILS, found, name, held.get(name), text) for name, text in SECRET.items()]
    edits += [Edit(RESULTS, found, cell.field, results.get(cell.field), 77.77) for cell in (HEIGHT, WEIGHT)]
    shard.change("test", "test", edits)
    return found


def everything_read(desk: Desk, key: str) -> str:
    """Return as one text what flow shows of the pupil."""
    marks = open_marks(desk, "5A", "TIN", END)
    shown = next(pupil for pupil in marks.pupils if pupil.key == key)
    year = open_marks(desk, "5A", YEAR_SHEET.key, END)
    told: list[object] = [
        card(desk, "5A", key),
        next(pupil for pupil in desk.pupils("5A") if pupil.key == key),
        find_pupil(desk, "5A", shown.code),
        list(history(desk, "5A", key)),
        shown,
        glance(marks, shown, Cell(END, "TIN", COMMENT)),
        [year.text(key, column.cell) for column in year.columns],
        review(desk, "5A").findings,
        review(desk, "5A").pupils,
    ]
    return repr(told)


@pytest.mark.parametrize("account", LOOKERS)
def test_who_only_looks_or_teaches_one_subject_is_shown_nothing_sensitive(
    store_root: Path, key: str, account: str
) -> None:
    text = everything_read(open_desk(store_root, account), key)
    assert [word for word in SECRET.values() if f"{word}'" in text] == []
    assert "77.77" not in text


@pytest.mark.parametrize("account", [OWN, "hieutruong", "vanthu"])
def test_those_whose_duty_needs_it_read_it_all(store_root: Path, key: str, account: str) -> None:
    text = everything_read(open_desk(store_root, account), key)
    assert [word for word in SECRET.values() if f"{word}'" not in text] == []
    assert "77.77" in text


def test_an_administrator_reads_what_is_on_a_list_and_no_disability_nor_health(store_root: Path, key: str) -> None:
    text = everything_read(open_desk(store_root, "admin"), key)
    hidden = {f"Mật-{name}" for name, group in FIELDS.items() if group is Sensitive.DISABILITY}
    assert {word for word in SECRET.values() if f"{word}'" not in text} == hidden
    assert "77.77" not in text


@pytest.mark.parametrize("account", LOOKERS)
def test_the_command_line_tells_no_more(
    store_root: Path, key: str, account: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    for words in (["check", "--class", "5A"], ["store", "history", "--class", "5A", "--pupil", key], ["class", "list"]):
        main([*words, "--store", str(store_root), "--as", account])
    said = capsys.readouterr().out
    assert "Lớp 5A" in said
    assert [word for word in (*SECRET.values(), "77.77") if word in said] == []


@pytest.mark.parametrize("screen", ["roster", "card", "review", "missing"])
async def test_no_screen_shows_it(open_app: Open, key: str, screen: str) -> None:
    params = {"pupil": key} if screen == "card" else {}
    async with open_app(SUBJECT, screen, class_key="5A", **params) as pilot:
        text = screen_text(pilot)
        assert [word for word in SECRET.values() if word in text] == []


def empty_one(root: Path) -> str:
    """Empty one level of the last pupil in the subject of another teacher; return the pupil's name."""
    head = open_desk(root, "hieutruong")
    shard, pupil, field = head.class_shard("5A"), head.pupils("5A")[-1], f"{END}.TIN.level"
    shard.change("test", "test", [Edit(RESULTS, pupil.key, field, shard.document(RESULTS, pupil.key).get(field), None)])
    return pupil.name


@pytest.mark.usefixtures("key")
def test_a_subject_teacher_sees_her_own_first(store_root: Path) -> None:
    empty_one(store_root)
    found = review(open_desk(store_root, SUBJECT), "5A")
    mine = [found.keeper(finding) == SUBJECT for finding in found.findings]
    assert mine[0]
    assert mine == sorted(mine, reverse=True)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("screen", ["review", "missing"])
async def test_whose_a_gap_is_stands_in_a_column(open_app: Open, store_root: Path, screen: str) -> None:
    empty_one(store_root)
    async with open_app(SUBJECT, screen, class_key="5A") as pilot:
        head, *rows = (line for line in screen_text(pilot).splitlines() if "Của ai" in line or "tôi" in line)
        assert "Của ai" in head
        assert "tôi" in rows[0]
