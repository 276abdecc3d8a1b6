"""Doors for files that people choose: lists, results, founding files, layouts, requests, keys, archives of a backup."""

from __future__ import annotations

import contextlib
import io
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from hocba_tui.errors import Refused
from hocba_tui.export.excel.layout import find_layout, read_layout
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.founding.answers import Answers
from hocba_tui.flow.founding.questions import steps
from hocba_tui.flow.founding.settings_file import found_from_file
from hocba_tui.flow.grades.clipboard import read_tabbed
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.offline_files import (
    Answered,
    Asked,
    SignedAnswers,
    SigningRequest,
    pack_answers,
    pack_request,
    read_answers,
    read_carried,
    read_request,
)
from hocba_tui.flow.records.offline_signer import show
from hocba_tui.flow.records.packages import PackageSignature
from hocba_tui.flow.records.signatures import pack, signatures_of, unpack
from hocba_tui.intake.bank_list import read_bank_list
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.results_file import read_results
from hocba_tui.intake.source import Source, read
from hocba_tui.intake.staff_list import read_staff_list
from hocba_tui.model.values import Period, RecordState, SheetForm, Slot
from hocba_tui.signing.softkey import SoftKeySigner
from hocba_tui.signing.training import PIN
from hocba_tui.store.backups.age import encrypt, read_identity, read_recipients
from hocba_tui.store.backups.archive import pack as pack_store
from hocba_tui.store.backups.archive import unpack as unpack_store
from hocba_tui.store.backups.backup import RECIPIENTS, recipients_of
from hocba_tui.store.backups.restore import restore
from tests.attacks.fuzz.door import Door
from tests.attacks.fuzz.material import NOW, Material
from tests.support.workbooks import as_1258, biff, biff_formula, ods

ROWS = (
    ("STT", "Mã lớp", "Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc", "Số định danh cá nhân"),
    ("1", "5A", "2300000001", "Nguyễn Thị An", "05/09/2015", "Nữ", "Kinh", "037315000001"),
    ("2", "5A", "2300000002", "Lò Văn Bình", "2015-11-30", "Nam", "Thái", "037215000002"),
)
RESULTS = (
    ("STT", "Mã học sinh", "Họ tên", "Toán - Mức đạt được", "Toán - Điểm KTĐK", "Tiếng Việt - Nhận xét", "Yêu nước"),
    ("1", "2300000001", "Nguyễn Thị An", "T", "9", "Em đọc tốt.", "T"),
    ("2", "2300000002", "Lò Văn Bình", "H", "7,0", "Em cần đọc to hơn.", "Đ"),
)
STAFF_ROWS = (
    ("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Email", "Vị trí việc làm", "Trạng thái", "Môn dạy"),
    ("1", "Trần Thị Mẫu", "01/02/1980", "Nữ", "mau@example.edu.vn", "Giáo viên", "Đang làm việc", "Toán"),
)
BANK_ROWS = (
    ("Mã", "Môn học", "Mức đạt được", "Khối", "Kỳ", "Lời nhận xét"),
    ("a1", "Toán", "T, H", "4, 5", "CHK1", "Em tính tốt."),
)
ALL_ROWS = (ROWS, RESULTS, STAFF_ROWS, BANK_ROWS)


def _texts(_: Material) -> list[bytes]:
    text = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS)
    tabbed = ["\n".join("\t".join(row) for row in rows) for rows in ALL_ROWS]
    page = "<html><table><tr><td>Mã lớp</td></tr></table></html>"
    book = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
    return [
        text.encode(), *(each.encode() for each in tabbed), tabbed[0].encode("utf-16"), as_1258(tabbed[1]),
        text.replace(",", ";").encode("utf-8-sig"), page.encode(), book.encode(),
    ]  # fmt: skip


def _xlsx(_: Material) -> list[bytes]:
    made = []
    for rows in ALL_ROWS:
        book, out = Workbook(), io.BytesIO()
        for row in rows:
            book.worksheets[0].append(row)
        book.worksheets[0].append([NOW.replace(tzinfo=None), NOW.date(), NOW.time(), 0.5, True, "=1+1"])
        book.worksheets[0].merge_cells("A3:B4")
        book.worksheets[0].column_dimensions["C"].hidden = True
        book.save(out)
        made.append(out.getvalue())
    return made


def _xls(_: Material) -> list[bytes]:
    cells = {(row, column): cell for row, each in enumerate(ROWS) for column, cell in enumerate(each)}
    return [biff(cells), biff(cells, after=biff_formula(6, 1, b"\0" * 8), beside={"Other": b"x" * 5000})]


def _ods(material: Material) -> list[bytes]:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    dates = '<table:table-cell office:value-type="date" office:date-value="2015-09-05"/><table:table-cell '
    dates += 'office:value-type="time" office:time-value="PT12H30M" table:number-columns-repeated="3"/>'
    rows = "".join(f"<table:table-row>{''.join(map(cell.format, row))}{dates}</table:table-row>" for row in ROWS)
    return [ods(material.path("a.ods"), rows).read_bytes()]


def _read_lists(source: Source) -> None:
    sheets, _ = read(source)
    for act in (
        lambda: read_pupils(source, accept_offers=True),
        lambda: read_staff_list(source, accept_offers=True),
        lambda: read_bank_list(source),
        lambda: read_results(sheets, "TOAN", Period.END_YEAR, comments=True, accept_offers=True),
        lambda: read_results(sheets),
    ):
        with contextlib.suppress(Refused):
            act()


def _text_file(material: Material, data: bytes) -> None:
    _read_lists(material.file(data, "ds.csv"))


def _workbook(material: Material, data: bytes) -> None:
    _read_lists(material.file(data, "ds.xlsx"))


def _pasted(_: Material, data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    read_tabbed(text)
    _read_lists(text)


# --- founding files and layouts --------------------------------------------------------------------


def _sample(_: Material) -> list[bytes]:
    import hocba_tui.cli.school as folder

    return [Path(next(iter(folder.__path__)), "sample_school.toml").read_bytes()]


def _found(material: Material, data: bytes) -> None:
    found_from_file(material.file(data, "truong.toml"), material.path("school"))


def _answered(material: Material, data: bytes) -> None:
    """Read the answers, show each in its line, and write them again: what is written is read as the same."""
    root = material.path("answered")
    answers = Answers(root)
    answers.path.write_bytes(data)
    answers = Answers(root)
    for step in steps(date(2026, 9, 1), "hoa"):
        answers.take(step, {question.place: answers.shown(step, question.place) for question in step.questions})
    assert Answers(root).text() == answers.text()
    answers.founding()


def _layouts(_: Material) -> list[bytes]:
    import hocba_tui.export.layouts as folder

    return [path.read_bytes() for path in sorted(Path(next(iter(folder.__path__))).glob("*.toml"))]


def _layout(material: Material, data: bytes) -> None:
    folder = material.path("layouts")
    folder.mkdir()
    (folder / "danh-sach-x.toml").write_bytes(data)
    find_layout(SheetForm("danh-sach"), 5, Period.END_YEAR, folder)
    read_layout("x.toml", data.decode("utf-8", "replace"))


# --- requests and answers that carry signatures ----------------------------------------------------


def _issued_class(material: Material) -> tuple[Desk, list[Asked]]:
    desk = open_desk(material.issued, "vanthu")
    shard = desk.class_shard("5A")
    found = [(k, r) for k, r in desk.records("5A").items() if r.state is RecordState.ISSUED][:2]
    return desk, [
        Asked(key, r.uuid, r.profile, shard.kept(r.frozen), signatures_of(shard, r)[:2], xades=bool(number))
        for number, (key, r) in enumerate(found)
    ]


def _requests(material: Material) -> list[bytes]:
    _, asked = _issued_class(material)
    return [pack_request(SigningRequest(Slot.SEAL, "00" * 32, tuple(asked), packages=True))]


def _request(material: Material, data: bytes) -> None:
    show(read_request(read_carried(material.file(data))))


def _answers(material: Material) -> list[bytes]:
    package = PackageSignature("m1", ("u1", "u2"), NOW.isoformat(), b"x" * 256)
    answered = (Answered("hs1", "u1", NOW.isoformat(), b"x" * 256),)
    return [pack_answers(SignedAnswers(Slot.SEAL, material.certificates[0], answered, (package,)))]


def _signed(material: Material) -> list[bytes]:
    return [pack(signed) for asked in _issued_class(material)[1] for signed in asked.made]


# --- keys ------------------------------------------------------------------------------------------


def _training_keys(material: Material) -> list[bytes]:
    return [path.read_bytes() for path in sorted((material.issued / "training" / "keys").glob("*.p12"))[:2]]


def _identities(material: Material) -> list[bytes]:
    return [material.key[0].read_bytes()]


def _recipients(material: Material) -> list[bytes]:
    return [f"{material.key[1]}\n# ai\n".encode(), b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== x\n"]


def _recipient(material: Material, data: bytes) -> None:
    (folder := material.path("root")).mkdir()
    (folder / RECIPIENTS).write_bytes(data)
    read_recipients(recipients_of(folder, ()))


# --- backups ---------------------------------------------------------------------------------------


def _backups(material: Material) -> list[bytes]:
    out = io.BytesIO()
    pack_store(material.little, out, NOW.isoformat())
    return [out.getvalue()]


def _unpack(material: Material, data: bytes) -> None:
    unpack_store(io.BufferedReader(io.BytesIO(data)), material.path("unpacked"))


def _encrypted(material: Material) -> list[bytes]:
    (plain,) = _backups(material)
    out = io.BytesIO()
    encrypt(lambda stream: stream.write(plain), out, read_recipients([material.key[1]]))
    return [out.getvalue()]


def _restore_encrypted(material: Material, data: bytes) -> None:
    restore(material.file(data), material.path("restored"), lambda: NOW, material.key[0])


def _restore(material: Material, data: bytes) -> None:
    restore(material.file(data), material.path("restored"), lambda: NOW)


DOORS = [
    Door("lists as text", "text", ("intake/delimited.py", "intake/source.py"), _texts, _text_file, examples=40),
    Door("xlsx", "zip", ("intake/guard.py", "intake/reader.py", "intake/workbook.py"), _xlsx, _workbook, examples=40),
    Door("xls", "bytes", ("intake/ole.py", "intake/guard.py"), _xls, _workbook, examples=40),
    Door("ods", "zip", ("intake/guard.py",), _ods, _workbook, examples=30),
    Door("pasted block", "text", ("intake/source.py",), _texts, _pasted, examples=30),
    Door("founding file", "text", ("flow/founding/settings_file.py",), _sample, _found),
    Door("answers of the wizard", "text", ("flow/founding/answers.py",), _sample, _answered),
    Door("layout", "text", ("export/excel/layout.py",), _layouts, _layout),
    Door("signing request", "json", ("flow/records/offline_files.py",), _requests, _request),
    Door("signed answers", "json", ("flow/records/offline_files.py",), _answers, lambda _, data: read_answers(data)),
    Door(
        "kept signature", "json", ("flow/records/signatures.py",), _signed, lambda _, data: unpack(data),
        (ValueError, KeyError, TypeError),
    ),
    Door(
        "training key", "der", ("signing/softkey.py",), _training_keys,
        lambda material, data: SoftKeySigner.open(material.file(data), PIN),
    ),
    Door(
        "key of backups", "text", ("store/backups/age.py",), _identities,
        lambda material, data: read_identity(material.file(data)),
    ),
    Door("recipients of backups", "text", ("store/backups/backup.py", "store/backups/age.py"), _recipients, _recipient),
    Door("backup", "backup", ("store/backups/archive.py",), _backups, _unpack, examples=40),
    Door(
        "encrypted backup", "text", ("store/backups/age.py", "store/backups/restore.py"), _encrypted,
        _restore_encrypted, examples=10,
    ),
    Door("restored backup", "backup", ("store/backups/restore.py",), _backups, _restore, examples=12),
]  # fmt: skip
