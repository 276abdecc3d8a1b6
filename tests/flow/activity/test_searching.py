"""The search of the log: the same as a plain look at every entry, and for each reader what their duty allows."""

from __future__ import annotations

import ast
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hocba_tui
from hocba_tui.errors import NotAllowed, NotSaved, Refused
from hocba_tui.flow.activity.kinds import WORDS, Kind, words_of
from hocba_tui.flow.activity.proving import prove
from hocba_tui.flow.activity.reach import OF_THE_CLASS, OF_THE_MACHINE, Reach
from hocba_tui.flow.activity.searching import Row, Wanted, find_pupil_key, read_day, search
from hocba_tui.flow.activity.telling import Teller
from hocba_tui.flow.desk import RESULTS, Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils.facts import correct_pupil
from hocba_tui.flow.reports.card import card
from hocba_tui.flow.reports.sheets import export_sheet
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.model.results import HEIGHT, LEVEL, Cell
from hocba_tui.model.values import Period, SheetForm
from hocba_tui.store import journal
from hocba_tui.store.activity.noting import spread_out
from hocba_tui.store.backend import Edit
from hocba_tui.store.intents import INTENTS
from tests.conftest import DeskAs
from tests.support.activity import noted
from tests.support.actors import ACTORS, add_actors

MATHS = Cell(Period.END_YEAR, "TOAN", LEVEL)
EVERYTHING = Wanted(most=100_000)


def every_row(root: Path) -> list[Row]:
    """Decode every line of every journal, the newest first, without what only says that a wider act is under way."""
    rows = []
    for path in sorted(root.rglob("journal.log")):
        name = path.parent.relative_to(root).as_posix()
        for line in path.read_bytes().splitlines(keepends=True):
            for number, entry in enumerate(spread_out(journal.decode(line, None).entry)):
                if not entry.edits or any(edit.table != INTENTS for edit in entry.edits):
                    rows.append(((entry.at, name, entry.seq, number), Row.of(name, entry)))
    return [row for _, row in sorted(rows, key=lambda each: each[0], reverse=True)]


def plainly(rows: list[Row], wanted: Wanted) -> list[Row]:
    found = []
    for row in rows:
        day = date.fromisoformat(row.entry.at[:10])
        if (
            (not wanted.pupil or wanted.pupil in row.pupils)
            and (not wanted.class_key or wanted.class_key == row.class_key)
            and (not wanted.account or wanted.account in row.accounts)
            and (not wanted.kinds or row.kind in wanted.kinds)
            and (wanted.since is None or day >= wanted.since)
            and (wanted.until is None or day <= wanted.until)
            and (row.entry.act not in ("create", "new_shard") or Kind.MACHINE in wanted.kinds)
        ):
            found.append(row)
    return found


@pytest.fixture(scope="module")
def busy(issued_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school in which something of every kind was done, also by a version before."""
    from shutil import copytree

    folder = tmp_path_factory.mktemp("busy")
    root = folder / "store"
    copytree(issued_store, root)
    (root / "access.log").write_text(
        '{"at":"2025-11-03T08:00:00+07:00","by":"gv.5a","do":"view_card","what":"5A/hs1"}\n'
        '{"at":"2025-11-04T08:00:00+07:00","by":"vanthu","do":"export","what":"5A: 34"}\n'
    )
    (root / "access.log").chmod(0o600)
    teacher, head = open_desk(root, "gv.4a"), open_desk(root, "hieutruong")
    pupil = teacher.pupils("4A")[0]
    for value in ("T", "H"):
        seen = teacher.class_shard("4A").document(RESULTS, pupil.key).get(MATHS.field)
        enter(teacher, "4A", [Typed(pupil.key, MATHS, value, seen)])
    card(head, "4A", pupil.key)
    correct_pupil(teacher, "4A", pupil.key, {"address": "Xã Bí Mật"})
    export_sheet(teacher, SheetForm.ROSTER, "4A", Period.END_YEAR, folder / "a.xlsx")
    save_account(open_desk(root, "admin"), "gv.4a", {"email": "a@example.edu.vn"})
    head.store.log_access("hieutruong", "log_in")
    return root


DAYS = st.none() | st.sampled_from([date(2025, 11, 3), date.today(), date.today() - timedelta(days=1)])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_search_finds_what_a_plain_look_at_every_entry_finds(busy: Path, data: st.DataObject) -> None:
    head = open_desk(busy, "hieutruong")
    pupils = [head.pupils(key)[0].key for key in ("4A", "5A")]
    wanted = Wanted(
        data.draw(st.sampled_from(["", "", *pupils, "hs1"])),
        data.draw(st.sampled_from(["", "", "4A", "5A", "9Z"])),
        data.draw(st.sampled_from(["", "", "gv.4a", "vanthu", "hieutruong", "hocba", "nobody"])),
        data.draw(st.frozensets(st.sampled_from(Kind), max_size=3)),
        data.draw(DAYS),
        data.draw(DAYS),
        data.draw(st.sampled_from([1, 3, 20, 100_000])),
    )
    found, rows = search(head, wanted), plainly(every_row(busy), wanted)
    if wanted.pupil:  # A move of a pupil stands in the classes; the school's index only follows.
        rows = [row for row in rows if row.shard != "school"]
    assert list(found.rows) == rows[: wanted.most]
    assert found.more == (len(rows) > wanted.most)
    assert not found.troubles


# --- who reads what -----------------------------------------------------------------------------------


@pytest.mark.parametrize("account", [account for account in ACTORS if account != "ht.cu"])
def test_each_reads_what_the_own_duty_allows_and_nothing_else(busy: Path, tmp_path: Path, account: str) -> None:
    from shutil import copytree

    root = tmp_path / "store"
    copytree(busy, root)
    add_actors(root)
    found = search(open_desk(root, account), EVERYTHING)
    rows = plainly(every_row(root), EVERYTHING)
    if account in ("hieutruong", "phohieutruong", "ht.quantri"):
        assert list(found.rows) == rows
        return
    own_class = {"gv.5a": "5A", "gv.4a": "4A"}.get(account, "")
    machine = account in ("admin", "day.quantri")
    expected = [
        row for row in rows
        if account in row.accounts
        or (own_class and row.class_key == own_class and row.kind in OF_THE_CLASS)
        or (machine and row.kind in OF_THE_MACHINE)
    ]  # fmt: skip
    assert list(found.rows) == expected
    assert not machine or not any(
        row.kind in (Kind.CHANGE, Kind.VIEW, Kind.SIGN) for row in found.rows if account not in row.accounts
    )


def test_no_line_or_detail_shows_what_the_reader_may_not_read_of_a_pupil(busy: Path) -> None:
    head, teacher, admin = (open_desk(busy, account) for account in ("hieutruong", "gv.4a", "admin"))
    secret, name = "Xã Bí Mật", head.pupils("4A")[0].name

    def told(desk: Desk) -> str:
        teller = Teller(desk)
        return "\n".join(line for row in search(desk, EVERYTHING).rows for line in teller.details(row))

    assert secret in told(head)
    assert secret in told(teacher)
    assert secret not in told(admin)
    assert name not in told(admin)


def test_a_subject_teacher_reads_the_own_changes_without_what_is_sensitive(store_root: Path) -> None:
    add_actors(store_root)
    desk = open_desk(store_root, "gv.5a")
    pupil = desk.pupils("5A")[0]
    held, edits = desk.class_shard("5A").document(RESULTS, pupil.key), []
    for cell, value in ((HEIGHT, "134"), (Cell(Period.MID_1, "TIN", LEVEL), "x")):
        edits.append(Edit(RESULTS, pupil.key, cell.field, held.get(cell.field), value))
    entry = desk.class_shard("5A").change("day.tin", "enter", edits)
    reader = open_desk(store_root, "day.tin")
    row = next(row for row in search(reader, EVERYTHING).rows if row.entry.seq == entry.seq and row.pupils)
    told = "\n".join(Teller(reader).details(row))
    assert "134" not in told
    assert "(đã sửa)" in told
    assert pupil.name in told


def test_that_somebody_has_looked_is_noted_and_whoever_it_was_about_sees_it(desk_as: DeskAs, store_root: Path) -> None:
    search(desk_as("hieutruong"), Wanted(account="gv.5a", kinds=frozenset({Kind.LOGIN})))
    (looked,) = noted(store_root, "read_log")
    assert (looked.by, looked.what, looked.touched.account) == ("hieutruong", "account=gv.5a what=login", "gv.5a")
    assert [row.entry.act for row in search(desk_as("gv.5a"), EVERYTHING).rows].count("read_log") == 2


def test_where_it_cannot_be_noted_nobody_looks(desk_as: DeskAs, store_root: Path) -> None:
    desk = desk_as("hieutruong")
    (store_root / "activity").write_bytes(b"in its place")
    with pytest.raises(NotSaved, match="nhật ký truy cập"):
        search(desk, EVERYTHING)


def test_a_journal_that_cannot_be_read_is_named_and_the_others_are_searched(desk_as: DeskAs, store_root: Path) -> None:
    (store_root / "2025-2026" / "4A" / "journal.log").unlink()
    found = search(desk_as("hieutruong"), EVERYTHING)
    assert len(found.troubles) == 1
    assert "2025-2026/4A" in found.troubles[0]
    assert any(row.class_key == "5A" for row in found.rows)


def test_only_heads_and_administrators_prove_the_journals(desk_as: DeskAs) -> None:
    assert not prove(desk_as("admin")).wrong
    with pytest.raises(NotAllowed):
        prove(desk_as("gv.5a"))


def test_a_reach_is_told_in_words(desk_as: DeskAs) -> None:
    told = {account: Reach.of(desk_as(account).open_school()).words for account in ("hieutruong", "gv.5a", "admin")}
    assert told["hieutruong"] == "cả trường"
    assert "lớp 5A" in told["gv.5a"]
    assert "kết quả" not in told["admin"]


# --- words ---------------------------------------------------------------------------------------------


def test_every_act_that_a_school_has_done_has_words(busy: Path) -> None:
    acts = {row.entry.act.partition(":")[0] for row in every_row(busy)}
    assert len(acts) > 15
    assert acts - set(WORDS) == set()


def test_every_act_that_the_code_names_has_words() -> None:
    home, acts = Path(hocba_tui.__file__).parent, set[str]()
    for path in [*(home / "flow").rglob("*.py"), *(home / "store").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) > 1:
                said = node.args[1]
                if node.func.attr in ("change", "across", "log_access") and isinstance(said, ast.Constant):
                    acts.add(str(said.value))
    assert len(acts) > 40
    assert acts - set(WORDS) == set(), "give each words and a kind in flow/activity/kinds.py"


def test_steps_of_an_act_that_was_given_up_are_told() -> None:
    assert words_of("change_class:undo").startswith("chuyển lớp (trả lại")
    assert words_of("of_a_newer_version") == "of_a_newer_version"


def test_one_cell_is_told_with_its_values_in_one_line(busy: Path) -> None:
    head = open_desk(busy, "hieutruong")
    pupil = head.pupils("4A")[0]
    rows = search(head, Wanted(pupil=pupil.key, kinds=frozenset({Kind.CHANGE}))).rows
    lines = [Teller(head).line(row) for row in rows]
    assert any(line.startswith(f"4A {pupil.name}: nhập Toán (mức) CN: ") and line.endswith(" → H") for line in lines)


def test_a_change_says_from_where_its_author_had_come_in(store_root: Path) -> None:
    desk = open_desk(store_root, "gv.5a", came_from="192.0.2.7")
    desk.store.log_access("gv.5a", "log_in")
    other = open_desk(store_root, "gv.5a", came_from="198.51.100.9")
    other.store.log_access("gv.5a", "log_in")
    other.store.log_access("gv.5a", "log_out")
    pupil = desk.pupils("5A")[0]
    seen = desk.class_shard("5A").document(RESULTS, pupil.key).get(MATHS.field)
    enter(desk, "5A", [Typed(pupil.key, MATHS, "C" if seen != "C" else "H", seen)])
    head = open_desk(store_root, "hieutruong")
    row = search(head, Wanted(account="gv.5a", kinds=frozenset({Kind.CHANGE}), most=1)).rows[0]
    told = "\n".join(Teller(head).details(row))
    assert "đang vào từ 192.0.2.7." in told
    assert "198.51.100.9" not in told


def test_a_pupil_is_found_by_code_and_a_day_as_it_is_written_here(desk_as: DeskAs) -> None:
    desk = desk_as("hieutruong")
    pupil = desk.pupils("5A")[0]
    assert find_pupil_key(desk, f" {pupil.code} ") == pupil.key
    assert read_day("12/05/2026") == date(2026, 5, 12)
    with pytest.raises(Refused, match="Không có học sinh"):
        find_pupil_key(desk, "khong-co")
    with pytest.raises(Refused, match="không đọc được"):
        read_day("hôm qua")
