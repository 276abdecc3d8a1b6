"""The kept store of format 2 is read completely, in any later format of the program.

Its content is described in tests/fixtures/store-format-2/README.md.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from hocba_tui.clock import VIETNAM, Clock
from hocba_tui.errors import StoreUnusable
from hocba_tui.export.excel.layout import find_layout
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.flow.comments.bank import on_shelf
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.drafts import Draft, drafts
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.grades.undo import undo
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import ANSWERED, QUEUED, SENT, UNKNOWN, outbox, receipts
from hocba_tui.flow.preferences import bank_use, calling, typing_method
from hocba_tui.flow.records.issued_files import export_class, issued_files
from hocba_tui.flow.records.signatures import pinned_issuers
from hocba_tui.flow.reports.history import history
from hocba_tui.flow.school.store_check import check_store, read_sent
from hocba_tui.flow.verify.files import verify_files
from hocba_tui.flow.verify.issued import verify_issued
from hocba_tui.model.bank import BankEntry, Calling, Shelf
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period, RecordState, SheetForm
from hocba_tui.store.activity.noting import is_activity
from hocba_tui.store.backend import Value
from hocba_tui.store.backups.backup import recipients_of
from hocba_tui.store.checking import Flaw
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.formats import FORMAT, read_format
from hocba_tui.store.rebuild import rebuild
from hocba_tui.telex.word import Method
from tests.support.stores import KEPT, kept_store

SOUND = ("school", "outbox", "2025-2026/2A", "2025-2026/4A", "2025-2026/5A")
DAMAGED = "2025-2026/3A"
BYTES = "01fb1af63f213ff2237630dbee2181d381bb760a45f6d7c4a35d515f871c2224"
"""SHA-256 of names and bytes of everything in the store, as it was put here."""
END = Period.END_YEAR
READING = Cell(END, "TV", "score")
DAMAGE = Flaw("2025-2026/3A/journal.log", "sau bản ghi số 9, byte 169000: sai tổng kiểm tra")
ON_ITS_DAY = datetime(2026, 6, 16, 8, 0, tzinfo=VIETNAM)
"""The store's own day; the verdict of that day stays what it was for ever."""
KNOWN_ALREADY = "MA_TRA_CUU_UUID: UUID đã dùng (E13)"
As = Callable[[str], Desk]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that the program has opened, and migrated when needed; for reading."""
    root = kept_store(2, tmp_path_factory.mktemp("kept") / "store")
    open_desk(root, "hieutruong")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A separate copy that nothing has opened yet."""
    return kept_store(2, tmp_path / "store")


@pytest.fixture(scope="module")
def reader(opened: Path) -> As:
    return lambda account: open_desk(opened, account)


def pupil_of(desk: Desk, room: str, key: str) -> Pupil:
    return next(pupil for pupil in desk.pupils(room, with_left=True) if pupil.key == key)


def test_nobody_has_changed_the_kept_store_and_no_private_key_lies_in_it() -> None:
    folder, digest = KEPT / "store-format-2" / "store", hashlib.sha256()
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    assert digest.hexdigest() == BYTES
    assert not [name for name, data in files.items() if b"PRIVATE KEY" in data or name.endswith((".p12", ".key"))]


def test_it_is_of_format_2_and_is_brought_to_the_present_one(root: Path) -> None:
    assert read_format(root) == 2
    open_desk(root, "hieutruong")
    assert read_format(root) == FORMAT


def test_the_check_finds_the_planted_damage_and_nothing_else(root: Path, opened: Path) -> None:
    for store in (root, opened):
        proofs = list(check_store(store))
        assert [flaw for proof in proofs for flaw in proof.flaws] == [DAMAGE]
        assert {proof.name for proof in proofs} == {*SOUND, DAMAGED, "issued"}
    entries = {proof.name: proof.entries for proof in check_store(root)}
    assert [entries[name] for name in (*SOUND, DAMAGED)] == [34, 11, 14, 26, 77, 10]


def test_settings_are_read(reader: As) -> None:
    desk = reader("admin")
    school = desk.school
    assert school.name == "Trường Tiểu học Liễu Đề"
    assert (school.code, school.former_codes) == ("99000998", ("99000999",))
    assert (school.address, school.district) == ("Xóm 4, Xã Mẫu, Tỉnh Ninh Bình", "Huyện Mẫu (cũ)")
    assert (school.commune_code, school.province_code, school.department_code) == ("14000", "37", "37")
    assert (school.portal, school.deadline_completed) == ("http://127.0.0.1:8790", "2026-06-25")
    assert (school.deadline_others, school.profile, school.xades) == ("2026-07-31", "hbs-1.0-nested", True)
    assert (school.training, school.today, school.year) == (True, "2026-06-16", "2025-2026")
    assert school.open_periods == ("end_year",)
    assert {key: list(days) for key, days in school.windows.items()} == {"mid_2": ["2026-03-16", "2026-03-27"]}
    assert len(desk.everybody()) == 19
    assert [list(duty) for duty in desk.classroom("4A").duties] == [
        ["AN", "gv.nhac2", "2025-09-05"], ["AN", "gv.nhac", "2026-03-02"],
    ]  # fmt: skip
    found = desk.open_round()
    assert found is not None
    assert (found.key, found.name, found.date) == ("dot-2", "Đợt 2, khối 4", "2026-06-19")


def test_all_pupils_and_the_states_of_their_records_are_read(reader: As) -> None:
    desk = reader("hieutruong")
    rooms = [room.key for room in desk.classrooms()]
    assert {room: len(desk.pupils(room, with_left=True)) for room in rooms} == {"2A": 13, "3A": 13, "4A": 16, "5A": 28}
    states = {room: Counter(str(record.state) for record in desk.records(room).values()) for room in rooms}
    assert states == {
        "2A": {"draft": 13},
        "3A": {"draft": 13},
        "4A": {"draft": 7, "submitted": 5, "approved": 4},
        "5A": {"draft": 8, "issued": 5, "sent": 5, "accepted": 8, "rejected": 2},
    }
    reasons = {key: record.reason for room in rooms for key, record in desk.records(room).items() if record.reason}
    assert reasons == {
        "hs00110": "Nhận xét môn Tiếng Việt chưa khớp với mức đạt được",
        "hs00141": KNOWN_ALREADY,
        "hs00151": KNOWN_ALREADY,
    }
    assert desk.records("4A")["hs00110"].editable


def test_what_is_special_about_pupils_is_read(reader: As) -> None:
    desk = reader("hieutruong")
    planned, coded, new = (pupil_of(desk, "2A", key) for key in ("hs00039", "hs00040", "hs1a37422beffb"))
    assert (planned.plan, planned.not_in_plan) == ("Kế hoạch số 02, ngày 12/09/2025", "AN")
    assert (coded.code, coded.former_codes) == ("9900000777", ("9900000040",))
    assert (new.name, new.birth, new.code, new.joined) == ("Đỗ Gia Hân", "2018-08-21", "TAM-758D47B0A2", "2026-05-04")
    assert [tuple(row) for row in pupil_of(desk, "2A", "hs00041").enrolment] == [
        ("left", "2026-05-11", "Trường Tiểu học Mẫu Ba", "Chuyển đi trường khác")
    ]
    assert [row.kind for row in pupil_of(desk, "2A", "hs00042").enrolment] == ["left", "returned"]
    paper = pupil_of(desk, "4A", "hs00108").history[1]
    assert (paper.year, paper.school, paper.extract) == ("2023-2024", "Trường Tiểu học Mẫu Hai", "Số 12/TL, 30/05/2024")
    names = {key: pupil_of(desk, "5A", key).name for key in ("hs00142", "hs00143", "hs00147", "hs00148")}
    assert list(names.values()) == ["Trần Minh Anh", "Trần Minh Ánh", "H'Hen Niê", "Đinh Byưk"]
    assert pupil_of(desk, "5A", "hs00151").exempt == "GDTC"
    assert not pupil_of(desk, "5A", "hs00150").assessed
    assert pupil_of(desk, "5A", "hs00154").left == "2026-02-09"


def test_grades_and_comments_are_read(reader: As) -> None:
    desk = reader("hieutruong")
    second, fourth, fifth = (desk.results(room) for room in ("2A", "4A", "5A"))
    assert [second["hs00038"].score(END, item) for item in ("TOAN", "TV")] == [9, 10]
    assert second["hs00038"].fields["end_1.TOAN.comment"] == (
        "Em thực hiện thành thạo các phép tính, nhận biết tốt các hình đã học và biết tự kiểm tra kết quả."
    )
    assert [fifth["hs00147"].score(END, item) for item in ("TOAN", "TV")] == [8, 10]
    assert fifth["hs00147"].fields["end_year.TV.comment"] == (
        "Em nắm chắc kiến thức về từ và câu, viết câu văn mạch lạc, trình bày bài sạch sẽ. Rất đáng khen!"
    )
    assert [tuple(test) for test in fourth["hs00107"].attempts(END, "TOAN")] == [
        (9, "", ""), (10, "2026-06-12", "Điểm lần đầu lệch hẳn so với cả năm"),
    ]  # fmt: skip
    (added,) = fifth["hs00156"].reassessments()
    assert (added.day, added.by, added.outcome) == ("2026-06-15", "gv.5a", "HT")
    assert list(added.fields) == ["end_year.TOAN.score", "end_year.TOAN.level"]
    assert sum(len(found.fields) for room in (second, fourth, fifth) for found in room.values()) == 8443


def test_who_wrote_what_is_read_and_can_be_undone(root: Path) -> None:
    desk = open_desk(root, "gv.2a")
    told = [(line.at, line.act, line.before, line.after) for line in history(desk, "2A", "hs00036", READING.field)]
    assert told == [
        ("2026-05-25T14:00:04+07:00", "enter", None, 8),
        ("2026-05-25T14:00:08+07:00", "enter", 8, 6),
        ("2026-05-25T14:00:12+07:00", "enter", 6, 8),
        ("2026-05-25T14:00:16+07:00", "undo", 8, 6),
        ("2026-05-25T14:00:20+07:00", "undo", 6, 8),
        ("2026-05-25T14:00:24+07:00", "redo", 8, 6),
    ]
    assert undo(desk, "2A") is not None
    assert desk.results("2A")["hs00036"].score(END, "TV") == 8


def test_the_way_of_a_record_that_came_back_is_read(reader: As) -> None:
    told = [(line.who, line.act, line.after, line.note) for line in history(reader("gv.4a"), "4A", "hs00111", "state")]
    assert told == [
        ("gv.4a", "submit", "submitted", ""),
        ("hieutruong", "approve", "approved", ""),
        ("phohieutruong", "return", None, "Chiều cao ghi nhầm, đo lại"),
        ("gv.4a", "submit", "submitted", ""),
    ]


def test_the_outbox_and_the_receipts_are_read(reader: As, opened: Path) -> None:
    desk = reader("vanthu")
    found = outbox(desk)
    assert [(package.state, len(package.uuids), package.accepted, package.rejected) for package in found] == [
        (ANSWERED, 10, 8, 2), (SENT, 5, 0, 0), (UNKNOWN, 3, 0, 0), (QUEUED, 2, 0, 0),
    ]  # fmt: skip
    assert {(package.class_key, package.training) for package in found} == {("5A", True)}
    assert found[0].message == "1408e813-a096-401f-982b-d619517c4226"
    assert [sent.message for sent in read_sent(opened / "backups" / "sent.log")] == [b.message for b in found[:3]]
    assert sum(len(desk.store.shard("outbox").kept(package.file)) for package in found) == 361874
    fates = receipts(desk)
    assert Counter(fate.state for fate in fates) == {
        RecordState.SENT: 5, RecordState.ACCEPTED: 8, RecordState.REJECTED: 2,
    }  # fmt: skip
    assert {(fate.name, fate.reason) for fate in fates if fate.reason} == {
        ("Nguyễn Bảo Nghĩa", KNOWN_ALREADY), ("Lương Bảo Ly", KNOWN_ALREADY),
    }  # fmt: skip


def test_every_issued_file_passes_and_says_that_it_is_for_training(reader: As) -> None:
    desk = reader("vanthu")
    trust, files = pinned_issuers(desk), issued_files(desk, "5A")
    verdicts = [verify(Path(found.path).read_bytes(), trust, now=ON_ITS_DAY) for found in files]
    assert [(verdict.verdict, verdict.training) for verdict in verdicts] == [(Verdict.PASSED, True)] * 20
    assert [verdict.values["HO_VA_TEN"] for verdict in verdicts] == [found.pupil.name for found in files]
    assert [verdict.profile for verdict in verdicts] == [found.record.profile for found in files]
    assert Counter(found.record.profile for found in files) == {"hbs-1.0": 15, "hbs-1.0-nested": 5}


@pytest.mark.parametrize("years", [10, 40])
def test_years_later_an_issued_file_by_itself_proves_less_and_is_never_called_wrong(reader: As, years: int) -> None:
    desk = reader("vanthu")
    trust, later = pinned_issuers(desk), ON_ITS_DAY.replace(year=ON_ITS_DAY.year + years)
    for found in issued_files(desk, "5A"):
        verdict = verify(Path(found.path).read_bytes(), trust, now=later)
        assert verdict.verdict is Verdict.INDETERMINATE
        assert {code for step in verdict.steps if step.verdict is not Verdict.PASSED for code in step.codes} == {
            Code.OUT_OF_BOUNDS_NO_POE
        }


def test_through_the_command_too_the_seal_of_an_old_store_is_that_of_its_school(opened: Path) -> None:
    """It was pinned without a school's code, which only the store knows."""
    files = sorted((opened / "issued").glob("*.xml"))
    found = [one.verdict for one in verify_files(files, [opened / "trust"], workers=1, now=ON_ITS_DAY)]
    assert [verdict.verdict for verdict in found] == [Verdict.PASSED] * len(files)


def test_in_the_school_that_issued_it_the_journal_proves_when_a_file_was_there(
    reader: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clock, "now", lambda _: datetime(2066, 6, 16, 8, 0, tzinfo=VIETNAM))
    lines = verify_issued(reader("vanthu"), "5A", "hs00142")
    assert lines[0] == "Trần Minh Anh: HỢP LỆ (PASSED), 3 chữ ký (ký bằng khóa tập huấn: KHÔNG CÓ GIÁ TRỊ PHÁP LÝ)"
    assert "✓ Cán bộ quản lý: Nguyễn Thị Thu Hường — HỢP LỆ" in lines
    proof = "khai ký lúc 09/06/2026 14:00; nhật kí của trường này chứng minh chữ ký đã có lúc"
    assert any(proof in line for line in lines)


def test_issued_files_are_made_again_from_what_was_signed(root: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (root / "issued").iterdir()}
    shutil.rmtree(root / "issued")
    written = export_class(open_desk(root, "vanthu"), "5A", tmp_path / "out")
    assert {path.name: path.read_bytes() for path in written} == before


def test_the_bank_of_comments_is_read(reader: As) -> None:
    teacher = reader("gv.5a")
    assert on_shelf(teacher, Shelf.SCHOOL) == (
        BankEntry(
            "htt1", "{ten} có ý thức học tập tốt, mạnh dạn trong giao tiếp.", "homeroom", "", (4, 5), (END,),
            Shelf.SCHOOL,
        ),
        BankEntry("tvh1", "{Em} đọc to, rõ; cần chú ý dấu câu khi viết.", "TV", "H", (2, 3), (), Shelf.SCHOOL),
    )  # fmt: skip
    assert on_shelf(teacher, Shelf.OWN) == (
        BankEntry("tor1", "{ten} tính nhanh, trình bày sạch đẹp.", "TOAN", "T", (5,), (), Shelf.OWN),
        BankEntry(
            "gvr1", "{ten} luôn giúp đỡ bạn cùng bàn.", "homeroom", "", (), (Period.END_1, END), Shelf.OWN,
        ),
    )  # fmt: skip
    assert [entry.text for entry in on_shelf(reader("gv.2a"), Shelf.OWN)] == ["{Em} ngoan, biết nghe lời cô."]
    assert on_shelf(reader("gv.4a"), Shelf.OWN) == ()


def test_drafts_and_habits_are_read(reader: As) -> None:
    second, fifth = reader("gv.2a"), reader("gv.5a")
    assert drafts(second) == (
        Draft("2A", "hs00037", Cell(END, "homeroom", "comment"), "Em chăm ngoan, đọc bài to, r"),
        Draft(
            "2A", "hs00045", Cell(END, "TV", "comment"),
            "Con viết chữ đều, “nét thanh nét đậm”;\ncòn sai dấu hỏi/ngã",
        ),
    )  # fmt: skip
    assert drafts(fifth) == ()
    assert (typing_method(second), calling(second)) == (Method.VNI, Calling.EM)
    assert (typing_method(fifth), calling(fifth)) == (Method.TELEX, Calling.CON)
    assert bank_use(fifth) == {"gvr1": 2, "tor1": 1}


def test_what_the_school_put_beside_is_read(opened: Path) -> None:
    layout = find_layout(SheetForm.ROSTER, 2, END, opened / "layouts")
    assert layout.note == "Mẫu riêng của trường: danh sách rút gọn."
    assert recipients_of(opened, ()) == ["age1lawe50snjsvfepm9rtxv4xn7u49gnds48ej8l7ycauqxzzv0dfsqm9nxn8"]


def test_the_damaged_class_is_read_as_far_as_its_journal_is_sound_and_not_written(root: Path) -> None:
    desk = open_desk(root, "gv.3a")
    head = open_desk(root, "hieutruong")
    damage = {room: head.class_shard(room).damage for room in ("2A", "3A", "4A", "5A")}
    assert {room: words for room, words in damage.items() if words} == {
        "3A": "2025-2026/3A/journal.log hỏng sau bản ghi số 9, byte 169000 (sai tổng kiểm tra)"
    }
    results = desk.results("3A")
    scores = [results[f"hs000{number}"].score(END, "TOAN") for number in range(71, 84)]
    assert scores == [10, 7, 9, 8, 5, 9, 9, 9, None, None, None, None, None]
    assert results["hs00079"].score(Period.END_1, "TOAN") == 10
    before = (root / DAMAGED / "journal.log").read_bytes()
    with pytest.raises(StoreUnusable, match="chỉ xem được"):
        enter(desk, "3A", [Typed("hs00083", Cell(END, "TOAN", "score"), "7", None)])
    lines = history(desk, "3A", "hs00071", "end_year.TOAN.score")
    assert next(lines).after == 10
    with pytest.raises(StoreUnusable, match="byte 169000"):
        next(lines)
    assert (root / DAMAGED / "journal.log").read_bytes() == before


def test_the_whole_lines_behind_the_damage_can_be_brought_back(root: Path) -> None:
    open_desk(root, "hieutruong")
    done = rebuild(root, DAMAGED, Clock().now, accept_loss=True)
    assert done.set_aside is not None
    assert done.brought_back == 9
    desk = open_desk(root, "gv.3a")
    results = desk.results("3A")
    assert [results[f"hs000{number}"].score(END, "TOAN") for number in range(79, 84)] == [None, 6, 8, 8, None]
    typed = Typed("hs00079", Cell(END, "TOAN", "score"), "9", None)
    assert enter(desk, "3A", [typed]).refused == ()


@pytest.mark.parametrize("name", SOUND)
def test_a_checkpoint_is_rebuilt_from_the_journal_just_as_it_was(root: Path, name: str) -> None:
    data = root / name / "data.json"
    before = data.read_bytes()
    data.unlink()
    rebuild(root, name, Clock().now)
    assert data.read_bytes() == before


def test_without_its_checkpoints_the_store_says_the_same(root: Path, opened: Path) -> None:
    for name in SOUND:
        (root / name / "data.json").unlink()
    bare, whole = (FolderStore(store, Clock().now) for store in (root, opened))
    for name in SOUND:
        tables = bare.shard(name).tables()
        assert set(tables) == set(whole.shard(name).tables())
        assert all(documents(bare, name, t) == documents(whole, name, t) for t in tables)


def documents(store: FolderStore, name: str, table: str) -> dict[str, Mapping[str, Value]]:
    """Without the journals that other tests have begun by looking at a pupil."""
    return {key: held for key, held in store.shard(name).table(table).items() if not is_activity(key)}
