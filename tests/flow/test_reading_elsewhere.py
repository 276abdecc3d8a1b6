"""Sensitive fields reach nobody by a side door: previews, the clipboard, conflicts, issued files, doctor, search."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.demo.class_list import write_class_list
from hocba_tui.errors import HocbaError, NotAllowed, Refused
from hocba_tui.export.words import sections_of
from hocba_tui.flow.desk import PUPILS, RESULTS, Desk
from hocba_tui.flow.grades import blocks, conflicts, enter, results_import
from hocba_tui.flow.grades.drafts import drafts
from hocba_tui.flow.grades.marks import YEAR_SHEET, open_marks
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.pupils import enrolment, facts, pupils_import
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.flow.school import staff_import
from hocba_tui.flow.school.doctor import examine
from hocba_tui.flow.school.preview_file import save_preview
from hocba_tui.flow.verify import browse, issued
from hocba_tui.flow.verify.files import Verified
from hocba_tui.flow.verify.report_file import save_report
from hocba_tui.intake.workbook import read_workbook
from hocba_tui.model.bank import Shelf
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import HEIGHT, WEIGHT
from hocba_tui.model.values import Period
from hocba_tui.rules.permits import Act, may
from hocba_tui.rules.reading import CELLS, FIELDS, Sensitive, readable
from hocba_tui.screens.school.intake_kinds import FILE_KINDS
from hocba_tui.store.backend import Edit
from tests.conftest import Open
from tests.support.actors import ACTORS, add_actors
from tests.support.text_of import press_seen, screen_text

LEFT = "ht.cu"
SECRET = {
    **{name: f"Mật {name}" for name in FIELDS},
    "personal_id": "999315000123",
}
WEIGHED = {HEIGHT: 77.7, WEIGHT: 88.8}
END = Period.END_YEAR


def words_of(group: Sensitive) -> set[str]:
    """Return the words that stand for a group of fields."""
    of_fields = {SECRET[name] for name, each in FIELDS.items() if each is group}
    return of_fields | {str(number) for cell, number in WEIGHED.items() if CELLS[cell] is group}


def hide(root: Path) -> str:
    """Give the first pupil of 5A a word of their own in every sensitive field; return the pupil's key."""
    add_actors(root)
    head = open_desk(root, "hieutruong")
    shard, key = head.class_shard("5A"), head.pupils("5A")[0].key
    held, results = shard.document(PUPILS, key), shard.document(RESULTS, key)
    edits = [Edit(PUPILS, key, name, held.get(name), text) for name, text in SECRET.items()]
    edits += [Edit(RESULTS, key, cell.field, results.get(cell.field), number) for cell, number in WEIGHED.items()]
    shard.change("test", "test", edits)
    return key


@pytest.fixture
def key(store_root: Path) -> str:
    return hide(store_root)


Door = Callable[[Desk, str, Path], object]


def clash(desk: Desk, key: str, _: Path) -> object:
    return [conflicts.clash_over(desk, "5A", enter.Typed(key, cell, "100", None), "") for cell in WEIGHED]


def typed(desk: Desk, key: str, _: Path) -> object:
    return [enter.enter(desk, "5A", [enter.Typed(key, cell, "100", 1)]) for cell in WEIGHED]


def copied(desk: Desk, key: str, _: Path) -> object:
    sheets = [YEAR_SHEET.key, "TOAN", "TIN"]
    found = [open_marks(desk, "5A", sheet, END) for sheet in sheets]
    return [blocks.copied(desk, marks, (0, 0, len(marks.pupils) - 1, len(marks.columns) - 1)) for marks in found]


def listed(desk: Desk, key: str, folder: Path) -> object:
    """Preview a list that says what everybody of the class may know, so that what changes would tell the rest."""
    pupil = next(pupil for pupil in desk.pupils("5A") if pupil.key == key)
    found = pupils_import.preview(desk, text_of_a_list(pupil))
    return [found.findings, [line.changes for line in found.lines], found.absent and found.counts()]


def results_listed(desk: Desk, key: str, folder: Path) -> object:
    pupil = next(pupil for pupil in desk.pupils("5A") if pupil.key == key)
    text = (
        "Mã học sinh\tHọ và tên\tMức đạt được\tChiều cao\tCân nặng\tSố định danh\n"
        f"{pupil.code}\t{pupil.name}\tT\t120\t30\t1\n"
    )
    found = results_import.preview(desk, text, results_import.ResultsRequest(END, "5A", subject="TOAN"))
    return [found.findings, [(line.label, line.before, line.after, line.reason) for line in found.lines]]


def text_of_a_list(pupil: Pupil) -> str:
    facts = f"{pupil.code}\t{pupil.name}\t5A\t{pupil.birth}\t999315000999\tBà\tX\tY\tZ"
    titles = "Mã học sinh\tHọ và tên\tLớp\tNgày sinh\tSố định danh\tHọ tên mẹ\tNơi sinh\tDân tộc\tLoại khuyết tật"
    return f"{titles}\n{facts}\n"


def shown_and_saved(desk: Desk, key: str, folder: Path) -> object:
    """Preview each kind of file as the screen does, and save the preview as Excel."""
    pupil = next(pupil for pupil in desk.pupils("5A") if pupil.key == key)
    told: list[object] = []
    for kind in FILE_KINDS.values():
        try:
            look = kind.look(desk, text_of_a_list(pupil), results_import.ResultsRequest(END, "5A", subject="TOAN"))
        except HocbaError as error:
            told.append(error.lines)
            continue
        path = folder / f"{len(list(folder.iterdir()))}.xlsx"
        save_preview(desk, path, look.source, look.saved)
        told += [look.rows, look.summary, look.remedies, [sheet.rows for sheet in read_workbook(path)]]
    return told


def corrected(desk: Desk, key: str, _: Path) -> object:
    told: list[str] = []
    for name in facts.EDITABLE:
        try:
            facts.correct_pupil(desk, "5A", key, {name: "\x00?", "birth": "x"})
        except HocbaError as error:
            told.append(f"{error.what} {error.now} {error.safe}")
    return told


def admitted(desk: Desk, key: str, _: Path) -> object:
    return enrolment.admit(
        desk, "5A", {"name": "Lò Văn Thử", "birth": "01/01/2015", "personal_id": SECRET["personal_id"]}
    )


DOORS: dict[str, Door] = {
    "clash": clash,
    "typed": typed,
    "copied": copied,
    "a list of pupils": listed,
    "a list of results": results_listed,
    "each preview on the screen and in its Excel file": shown_and_saved,
    "corrected": corrected,
    "admitted": admitted,
    "doctor": lambda desk, *_: list(examine([], desk)),
    "drafts": lambda desk, *_: drafts(desk),
    "tasks": lambda desk, *_: tasks(desk),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_of_flow_tells_what_the_table_hides(store_root: Path, key: str, tmp_path: Path, door: str) -> None:
    head = open_desk(store_root, "hieutruong")
    wrong: list[str] = []
    for account in ACTORS:
        if account == LEFT:
            continue
        desk = Desk(head.store, account, head.clock, head.root)
        groups = readable(desk.actor, head.classroom("5A"))
        try:
            told = repr(DOORS[door](desk, key, tmp_path))
        except HocbaError as error:
            told = f"{error.what} {error.now} {error.safe}"
        wrong += [f"{account} is told {word}" for g in set(Sensitive) - groups for word in words_of(g) if word in told]
    assert wrong == []


def test_the_doors_tell_it_to_those_who_may_read_it(store_root: Path, key: str, tmp_path: Path) -> None:
    """Otherwise the test above would find nothing in anything."""
    told = repr([DOORS[name](open_desk(store_root, "gv.5a"), key, tmp_path) for name in ("clash", "copied")])
    assert not [word for word in words_of(Sensitive.HEALTH) if word not in told]


IN_FILE = {
    Sensitive.IDENTITY: ("SO_CCCD", "SO_SO_DANG_BO"),
    Sensitive.FAMILY: ("HO_VA_TEN_CHA", "HO_VA_TEN_ME", "HO_VA_TEN_NGUOI_GIAM_HO"),
    Sensitive.ADDRESS: ("NOI_SINH", "QUE_QUAN", "CHO_O_HIEN_NAY"),
    Sensitive.ETHNIC: ("DAN_TOC", "QUOC_TICH"),
    Sensitive.HEALTH: ("CAN_NANG", "CHIEU_CAO"),
}
"""The elements of a record in which the groups stand; disability is in none."""


def in_file(path: Path) -> dict[Sensitive, set[str]]:
    from lxml import etree

    tree = etree.parse(path)
    found = {
        group: {element.text or "" for tag in tags for element in tree.iter(tag)} for group, tags in IN_FILE.items()
    }
    of_all = {element.text for tag in ("TEN_TINH_THANH_PHO", "TEN_XA_PHUONG") for element in tree.iter(tag)}
    return {group: {text for text in texts - of_all if len(text) > 3} for group, texts in found.items()}


def test_an_issued_file_of_the_school_tells_each_what_they_may_read(sealed_root: Path) -> None:
    add_actors(sealed_root)
    head = open_desk(sealed_root, "hieutruong")
    record = next(record for record in head.records("5A").values() if record.uuid)
    secret = in_file(sealed_root / head.store.issued_path(record.uuid))
    number = next(pupil.personal_id for pupil in head.pupils("5A") if pupil.key == record.pupil)
    assert number in secret[Sensitive.IDENTITY]
    wrong: list[str] = []
    for account in ACTORS:
        desk = Desk(head.store, account, head.clock, head.root)
        groups = readable(desk.actor, head.classroom("5A"))
        if not may(desk.actor, Act.VIEW_CLASS, head.classroom("5A"), on=head.clock.today()).allowed:
            with pytest.raises(NotAllowed):
                issued.verify_issued(desk, "5A", record.pupil)
            continue
        told = "\n".join(issued.verify_issued(desk, "5A", record.pupil))
        if (number in told) != (Sensitive.IDENTITY in groups):
            wrong.append(f"{account}: {number in told}")
        wrong += [f"{account}: {t}" for g in set(secret) - groups for t in secret[g] if f"{t} " in told]
    assert wrong == []


def everything(found: Verified) -> list[str]:
    """Return every line that a screen or a command shows of a file."""
    sections = [line for section in sections_of(found.verdict) for line in section.lines]
    return [found.headline, *found.summary(), *found.details(), *sections, browse.whose_and_why(found)]


CHECKERS = ("to.truong", "to.congtac", "to.cu")


@pytest.mark.parametrize("account", CHECKERS)
def test_who_only_checks_files_is_told_nothing_sensitive_of_them(
    sealed_root: Path, tmp_path: Path, account: str
) -> None:
    add_actors(sealed_root)
    (tmp_path / "from").mkdir()
    shutil.copy(min((sealed_root / "issued").glob("*.xml")), tmp_path / "from" / "a.xml")
    secret = set().union(*in_file(tmp_path / "from" / "a.xml").values())
    desk = open_desk(sealed_root, account)
    (found,) = browse.verify_listed(desk, [tmp_path / "from" / "a.xml"], lambda: False, any_xml=False)
    assert found.passed
    save_report(tmp_path / "report.txt", [found])
    lines = [*everything(found), *(tmp_path / "report.txt").read_text(encoding="utf-8").splitlines()]
    told = {line.partition(": ")[2] for line in lines} | set(" · ".join(lines).split(" · "))
    assert [text for text in secret if text in told or f"số định danh {text}" in told] == []
    (all_of_it,) = browse.verify_listed(
        open_desk(sealed_root, "vanthu"), [tmp_path / "from" / "a.xml"], lambda: False, any_xml=False
    )
    assert [text for text in secret if text not in {line.partition(": ")[2] for line in everything(all_of_it)}] == []


@pytest.mark.parametrize("account", CHECKERS)
@pytest.mark.parametrize("way", ["issued", "a link", "up and down"])
def test_who_only_checks_files_reads_none_of_the_store(
    sealed_root: Path, tmp_path: Path, account: str, way: str
) -> None:
    add_actors(sealed_root)
    desk = open_desk(sealed_root, account)
    (tmp_path / "link").symlink_to(sealed_root / "issued")
    places = {
        "issued": sealed_root / "issued", "a link": tmp_path / "link",
        "up and down": sealed_root / "trust" / ".." / "issued",
    }  # fmt: skip
    one = min((sealed_root / "issued").glob("*.xml")).name
    for any_xml, place in itertools.product((False, True), (places[way], places[way] / one)):
        with pytest.raises(Refused, match="kho dữ liệu"):
            browse.list_files(desk, str(place))
        with pytest.raises(Refused, match="kho dữ liệu"):
            list(browse.verify_listed(desk, [place], lambda: False, any_xml=any_xml))


def readers(desk: Desk, path: Path) -> dict[str, Callable[[], object]]:
    from hocba_tui.flow.comments import bank_import_export

    return {
        "pupils": lambda: pupils_import.preview(desk, path),
        "staff": lambda: staff_import.preview(desk, path),
        "results": lambda: results_import.preview(desk, path, results_import.ResultsRequest(END)),
        "bank": lambda: bank_import_export.preview(desk, path, Shelf.OWN),
    }


@pytest.mark.parametrize("kind", ["pupils", "staff", "results", "bank"])
@pytest.mark.usefixtures("read_here")
def test_no_file_of_the_store_is_read_as_one_to_import(store_root: Path, tmp_path: Path, kind: str) -> None:
    """On a server the sessions run as the owner of the store, where what others have exported waits for them."""
    head = open_desk(store_root, "hieutruong")
    tray = store_root / "exports" / "vanthu"
    tray.mkdir(parents=True)
    write_class_list(tray / "5A.xlsx", head.classroom("5A").code, head.pupils("5A"))
    (tmp_path / "link.xlsx").symlink_to(tray / "5A.xlsx")
    for path in (tray / "5A.xlsx", tmp_path / "link.xlsx", store_root / "school" / "data.json"):
        with pytest.raises(Refused, match="kho dữ liệu"):
            readers(head, path)[kind]()


@pytest.mark.usefixtures("read_here")
def test_what_the_actor_has_exported_is_read_again(store_root: Path) -> None:
    desk = open_desk(store_root, "vanthu")
    tray = store_root / "exports" / "vanthu"
    tray.mkdir(parents=True)
    write_class_list(tray / "5A.xlsx", desk.classroom("5A").code, desk.pupils("5A"))
    assert pupils_import.preview(desk, tray / "5A.xlsx").lines


@pytest.mark.parametrize("account", ["day.tin", "xem", "to.truong"])
async def test_the_screens_beside_the_class_show_it_neither(open_app: Open, key: str, account: str) -> None:
    """The palette with the day's tasks, a search in the list, the doctor and the list of classes."""
    assert key
    hidden = set().union(*map(words_of, Sensitive))
    told: list[str] = []
    async with open_app(account, "roster", class_key="5A") as pilot:
        for keys in (("ctrl+p", *"mat", "escape"), ("slash", *"999315", "enter"), ("question_mark", "escape")):
            for each in keys:
                await press_seen(pilot, each)
                told += [word for word in hidden if word in screen_text(pilot)]
    for screen in ("doctor", "classes"):
        async with open_app(account, screen) as pilot:
            told += [word for word in hidden if word in screen_text(pilot)]
    assert told == []


@pytest.mark.parametrize("account", ["xem", "day.tin", "to.truong", "admin"])
def test_no_command_about_the_store_tells_it(
    store_root: Path, key: str, account: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pupil = next(pupil for pupil in open_desk(store_root, "hieutruong").pupils("5A") if pupil.key == key)
    (tmp_path / "list.csv").write_text(text_of_a_list(pupil), encoding="utf-8")
    commands = (
        ["doctor"], ["doctor", "--report", str(tmp_path / "report.txt"), "--yes"], ["store", "check"],
        ["store", "stats"], ["class", "list"], ["school", "show"],
        ["intake", "pupils", str(tmp_path / "list.csv"), "--dry-run"],
        ["intake", "results", str(tmp_path / "list.csv"), "--class", "5A", "--subject", "TOAN", "--dry-run"],
    )  # fmt: skip
    for words in commands:
        main([*words, "--store", str(store_root), *([] if words[0] == "store" else ["--as", account])])
    said = capsys.readouterr()
    told = said.out + said.err + (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert [word for word in set().union(*map(words_of, Sensitive)) if word in told] == []
