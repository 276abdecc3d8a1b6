"""Preview each kind of file that can be imported, and prepare the preview for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hocba_tui.flow.comments import bank_import_export
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades import results_import
from hocba_tui.flow.grades.results_import import ResultsRequest
from hocba_tui.flow.grades.results_import_rows import ResultLine
from hocba_tui.flow.importing import PreviewT, RowKind, first_of_each
from hocba_tui.flow.pupils import pupils_import
from hocba_tui.flow.school import staff_import
from hocba_tui.model.bank import Shelf
from hocba_tui.model.results import Value

Source = Path | str
"""A file, or a pasted block."""
ShownRow = tuple[str, tuple[str, str, str]]
"""An id, and the texts of the row: what is done, in which class, and for whom."""


@dataclass(frozen=True)
class ShownPreview:
    """A preview as the page shows it: rows, a summary, and the function that writes it (None when there are errors)."""

    rows: tuple[ShownRow, ...]
    summary: str
    write: Callable[[], str] | None
    remedies: Mapping[str, str]
    """What to do about a row, by the id of the row."""
    source: str = ""
    saved: tuple[tuple[str, str, str, str, str], ...] = ()
    """All rows for an Excel file: what, class, who, finding, remedy."""
    offers: int = 0
    """Number of offers that wait for a person to confirm what a cell most likely means."""
    accept: Callable[[], ShownPreview | None] = lambda: None
    """Accept all offers and return the new preview."""


@dataclass(frozen=True)
class FileKind:
    """A kind of file."""

    label: str
    look: Callable[[Desk, Source, ResultsRequest], ShownPreview]
    chosen: bool = False
    """Whether period, class and subject can be chosen."""


def _shown(
    desk: Desk,
    found: PreviewT,
    apply: Callable[[Desk, PreviewT], int],
    rows: Iterable[ShownRow],
    *,
    counted: str = "",
    accept: Callable[[], ShownPreview | None] = lambda: None,
) -> ShownPreview:
    """Return a preview for the page: findings first, then ``rows``. ``counted`` is the word after each number.

    Of many findings of one kind only the first are shown; the Excel file that can be saved has all.
    """
    findings = [(f"f{number}", finding, more) for number, (finding, more) in enumerate(first_of_each(found.findings))]
    told = [
        (row, (finding.severity.label, "", finding.message + (f" … và {more} điều nữa cùng loại." if more else "")))
        for row, finding, more in findings
    ]
    shown = tuple(rows)
    return ShownPreview(
        rows=(*told, *shown),
        source=found.source,
        saved=(
            *((finding.severity.label, "", "", finding.message, finding.remedy) for finding in found.findings),
            *((*texts, "", "") for _, texts in shown),
        ),
        summary=", ".join(f"{count} {counted}{kind.label}" for kind, count in found.counts().items() if count),
        write=(lambda: f"Đã ghi {apply(desk, found)} {found.UNIT}.") if found.usable else None,
        remedies={row: finding.remedy for row, finding, _ in findings},
        offers=found.offers,
        accept=accept,
    )


def _pupils(desk: Desk, found: pupils_import.PupilsPreview) -> ShownPreview:
    rows = [
        (line.pupil.key, (line.kind.label, line.class_key, _named(line.pupil.name, line.changes)))
        for line in found.lines
    ]
    rows += _absent((pupil.name for pupil in found.absent), "lớp")
    return _shown(
        desk, found, pupils_import.apply, rows, accept=lambda: _pupils(desk, pupils_import.accept(desk, found))
    )


def _named(name: str, changes: str) -> str:
    return f"{name}  ({changes})" if changes else name


def _absent(names: Iterable[str], where: str) -> Iterator[ShownRow]:
    """Yield a row for each person who is not in the file."""
    for number, name in enumerate(names):
        yield f"a{number}", ("giữ nguyên", "", f"{name}: có trong {where}, không có trong tệp")


def _staff(desk: Desk, found: staff_import.StaffPreview) -> ShownPreview:
    rows = [
        (line.person.key, (line.kind.label, "", f"{line.person.name} ({line.person.key})  {_changes(line)}"))
        for line in found.lines
    ]
    rows += _absent((person.name for person in found.absent), "trường")
    return _shown(desk, found, staff_import.apply, rows, accept=lambda: _staff(desk, staff_import.accept(desk, found)))


def _changes(line: staff_import.StaffLine) -> str:
    if line.before is None or not line.fields:
        return line.person.title
    return f"({', '.join(staff_import.LABELS[name] for name in line.fields)})"


def _results(desk: Desk, source: Source, request: ResultsRequest) -> ShownPreview:
    return _of_results(desk, results_import.preview(desk, source, request))


def _of_results(desk: Desk, found: results_import.ResultsPreview) -> ShownPreview:
    notes: list[ShownRow] = [(f"n{number}", ("giữ nguyên", "", words)) for number, words in enumerate(found.notes())]
    rows = (*_cells(found.lines), *notes)
    accept = partial(_accept_results, desk, found)
    shown = _shown(desk, found, results_import.apply, rows, counted="ô ", accept=accept)
    return replace(shown, summary=shown.summary or "Không có ô kết quả nào")


def _accept_results(desk: Desk, found: results_import.ResultsPreview) -> ShownPreview:
    return _of_results(desk, results_import.accept(desk, found))


def _comments(desk: Desk, source: Source, request: ResultsRequest) -> ShownPreview:
    return _results(desk, source, replace(request, comments=True))


def _cells(lines: Iterable[ResultLine]) -> Iterator[ShownRow]:
    """Yield a row for each changed or refused cell, and one for all new cells of a pupil."""
    new: dict[str, list[ResultLine]] = {}
    for number, line in enumerate(lines):
        what = f"{line.pupil.name} · {line.label}"
        if line.kind is RowKind.CHANGED:
            yield f"c{number}", (line.kind.label, line.class_key, f"{what}: {_flat(line.before)} → {_flat(line.after)}")
        elif line.kind is RowKind.REFUSED:
            yield f"c{number}", (line.kind.label, line.class_key, f"{what}: {_flat(line.after)}. {line.reason}")
        elif line.kind is RowKind.NEW:
            new.setdefault(line.pupil.key, []).append(line)
    for key, found in new.items():
        values = "; ".join(f"{line.label} {_flat(line.after)}" for line in found)
        yield f"p{key}", (RowKind.NEW.label, found[0].class_key, f"{found[0].pupil.name}: {values}")


def _flat(value: Value) -> str:
    return str(value).replace("\n", " ")


def _bank(desk: Desk, source: Source, shelf: Shelf) -> ShownPreview:
    found = bank_import_export.preview(desk, source, shelf)
    rows = [
        (f"b{number}", (line.kind.label, "", f"{line.entry.code}: {_flat(line.entry.text)}"))
        for number, line in enumerate(found.lines)
    ]
    return _shown(desk, found, bank_import_export.apply, rows)


FILE_KINDS: dict[str, FileKind] = {
    "pupils": FileKind(
        "danh sách học sinh (tệp C1-HocSinh)",
        lambda desk, source, _: _pupils(desk, pupils_import.preview(desk, source)),
    ),
    "staff": FileKind(
        "danh sách cán bộ (tệp CSDL_GiaoVien)",
        lambda desk, source, _: _staff(desk, staff_import.preview(desk, source)),
    ),
    "results": FileKind("kết quả", _results, chosen=True),
    "comments": FileKind("nhận xét", _comments, chosen=True),
    "earlier": FileKind("kết quả của kỳ đã qua (ban giám hiệu, ghi nguồn)", _results, chosen=True),
    "bank": FileKind("ngân hàng lời nhận xét của tôi", lambda desk, source, _: _bank(desk, source, Shelf.OWN)),
    "school_bank": FileKind(
        "ngân hàng lời nhận xét của trường", lambda desk, source, _: _bank(desk, source, Shelf.SCHOOL)
    ),
}
