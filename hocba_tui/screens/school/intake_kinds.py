"""What can be brought in, and how each kind of file is looked through and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hocba_tui.flow.comments import bank_import_export as bank_files
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades import results_import as results_in
from hocba_tui.flow.grades.results_import import Wanted, apply
from hocba_tui.flow.grades.results_import_rows import Kind, Line
from hocba_tui.flow.pupils import pupils_import as pupils_in
from hocba_tui.flow.school import staff_import as staff_in
from hocba_tui.model.bank import Shelf
from hocba_tui.model.finding import Finding
from hocba_tui.model.results import Value

Source = Path | str
"""A file, or a block that was pasted."""
Row = tuple[str, tuple[str, str, str]]
"""An id, and what is done, in which class, to whom."""


@dataclass(frozen=True)
class Looked:
    """What was seen in a file: rows to show, a summary, and how to write it (None: something must be mended)."""

    rows: tuple[Row, ...]
    summary: str
    write: Callable[[], str] | None
    mends: Mapping[str, str]
    """What to do about a row, by its id."""
    offers: int = 0
    """Cells that are written in a wrong way and whose most likely meaning waits for a yes."""
    accept: Callable[[], Looked | None] = lambda: None
    """Take all offers and look again."""


@dataclass(frozen=True)
class Sort:
    """A kind of file."""

    label: str
    look: Callable[[Desk, Source, Wanted], Looked]
    chosen: bool = False
    """Whether period, class and subject are asked for."""


def _pupils(desk: Desk, source: Source, _: Wanted) -> Looked:
    return _listed(desk, pupils_in.preview(desk, source))


def _listed(desk: Desk, found: pupils_in.Preview) -> Looked:
    rows = [
        (line.pupil.key, (line.kind.label, line.class_key, _named(line.pupil.name, line.changes)))
        for line in found.lines
    ]
    counts = ", ".join(f"{found.count(kind)} {kind.label}" for kind in pupils_in.Kind if found.count(kind))
    write = (lambda: f"Đã ghi {pupils_in.apply(desk, found)} học sinh.") if found.usable else None
    shown = (*_findings(found.findings), *rows, *_absent((pupil.name for pupil in found.absent), "lớp"))
    mends = _mends(found.findings)
    return Looked(shown, counts, write, mends, found.offers, lambda: _listed(desk, pupils_in.accept(desk, found)))


def _named(name: str, changes: str) -> str:
    return f"{name}  ({changes})" if changes else name


def _absent(names: Iterable[str], where: str) -> Iterator[Row]:
    """Yield a row for each of those whom the file does not name."""
    for number, name in enumerate(names):
        yield f"a{number}", ("giữ nguyên", "", f"{name}: có trong {where}, không có trong tệp")


def _results(desk: Desk, source: Source, wanted: Wanted) -> Looked:
    found = results_in.preview(desk, source, wanted)
    notes: list[Row] = [(f"n{number}", ("giữ nguyên", "", words)) for number, words in enumerate(found.notes())]
    rows = (*_findings(found.findings), *_cells(found.lines), *notes)
    counts = ", ".join(f"{found.count(kind)} ô {kind.label}" for kind in Kind if found.count(kind))
    write = (lambda: f"Đã ghi {apply(desk, found)} ô.") if found.usable else None
    return Looked(rows, counts or "Không có ô kết quả nào", write, _mends(found.findings))


def _staff(desk: Desk, source: Source, _: Wanted) -> Looked:
    return _staff_list(desk, staff_in.preview(desk, source))


def _staff_list(desk: Desk, found: staff_in.Preview) -> Looked:
    rows = [
        (line.person.key, (line.kind.label, "", f"{line.person.name} ({line.person.key})  {_changes(line)}"))
        for line in found.lines
    ]
    counts = ", ".join(f"{found.count(kind)} {kind.label}" for kind in staff_in.Kind if found.count(kind))
    write = (lambda: f"Đã ghi {staff_in.apply(desk, found)} người.") if found.usable else None
    shown = (*_findings(found.findings), *rows, *_absent((person.name for person in found.absent), "trường"))
    mends = _mends(found.findings)
    return Looked(shown, counts, write, mends, found.offers, lambda: _staff_list(desk, staff_in.accept(desk, found)))


def _changes(line: staff_in.Line) -> str:
    if line.before is None or not line.fields:
        return line.person.title
    return f"({', '.join(staff_in.LABELS[name] for name in line.fields)})"


def _comments(desk: Desk, source: Source, wanted: Wanted) -> Looked:
    return _results(desk, source, replace(wanted, comments=True))


def _bank(desk: Desk, source: Source, shelf: Shelf) -> Looked:
    found = bank_files.preview(desk, source, shelf)
    rows = [
        (f"b{number}", (line.kind.label, "", f"{line.entry.code}: {_flat(line.entry.text)}"))
        for number, line in enumerate(found.lines)
    ]
    counts = ", ".join(f"{found.count(kind)} {kind.label}" for kind in bank_files.Kind if found.count(kind))
    write = (lambda: f"Đã ghi {bank_files.apply(desk, found)} lời nhận xét.") if found.usable else None
    return Looked((*_findings(found.findings), *rows), counts, write, _mends(found.findings))


def _cells(lines: Iterable[Line]) -> Iterator[Row]:
    """Yield a row for each cell that changes or is refused, and one for all new cells of a pupil."""
    new: dict[str, list[Line]] = {}
    for number, line in enumerate(lines):
        what = f"{line.pupil.name} · {line.label}"
        if line.kind is Kind.CHANGED:
            yield f"c{number}", (line.kind.label, line.class_key, f"{what}: {_flat(line.before)} → {_flat(line.after)}")
        elif line.kind is Kind.REFUSED:
            yield f"c{number}", (line.kind.label, line.class_key, f"{what}: {_flat(line.after)}. {line.reason}")
        elif line.kind is Kind.NEW:
            new.setdefault(line.pupil.key, []).append(line)
    for key, found in new.items():
        values = "; ".join(f"{line.label} {_flat(line.after)}" for line in found)
        yield f"p{key}", (Kind.NEW.label, found[0].class_key, f"{found[0].pupil.name}: {values}")


def _flat(value: Value) -> str:
    return str(value).replace("\n", " ")


def _findings(findings: Iterable[Finding]) -> Iterable[Row]:
    return [(f"f{number}", (found.severity.label, "", found.message)) for number, found in enumerate(findings)]


def _mends(findings: Iterable[Finding]) -> Mapping[str, str]:
    return {f"f{number}": found.remedy for number, found in enumerate(findings)}


SORTS: dict[str, Sort] = {
    "pupils": Sort("danh sách học sinh (tệp C1-HocSinh)", _pupils),
    "staff": Sort("danh sách cán bộ (tệp CSDL_GiaoVien)", _staff),
    "results": Sort("kết quả", _results, chosen=True),
    "comments": Sort("nhận xét", _comments, chosen=True),
    "bank": Sort("ngân hàng lời nhận xét của tôi", lambda desk, source, _: _bank(desk, source, Shelf.OWN)),
    "school_bank": Sort("ngân hàng lời nhận xét của trường", lambda desk, source, _: _bank(desk, source, Shelf.SCHOOL)),
}
