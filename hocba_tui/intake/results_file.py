"""Read results and comments from a file as rows of texts, without judging or guessing.

The exchange file of CSDL ngành, the *Bảng tổng hợp* forms, a sheet of comments and a teacher's own sheet are all
read in the same way: the header texts tell what a column is (:mod:`hocba_tui.intake.result_columns`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hocba_tui.errors import Refused
from hocba_tui.intake.aliases import PERSON_WORDS
from hocba_tui.intake.headers import Table, find_table
from hocba_tui.intake.period_words import meant, without_names
from hocba_tui.intake.result_columns import is_header, subject_of
from hocba_tui.intake.result_sheet import Place, ResultRow, ResultSheet, words_of
from hocba_tui.intake.sheet_says import SheetSays
from hocba_tui.intake.unseen import only_shown
from hocba_tui.intake.workbook import Sheet, require_usual
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.values import Period

__all__ = ["Place", "ResultRow", "ResultsFile", "read_results"]

_PUPIL = {"name": (*PERSON_WORDS["name"], *PERSON_WORDS["family"])}
_NO_TABLE = "Không thấy dòng tiêu đề có cột Họ tên và cột kết quả nào."
_WHAT_NOW = "Giữ dòng tiêu đề của bảng; tệp của một môn thì nói thêm đó là môn nào."
_CHOOSE = "Chọn đúng kỳ của tệp rồi nạp lại, hoặc xuất lại tệp của kỳ cần nạp."
_WHICH = "Sửa tiêu đề hoặc tên trang trong Excel cho đúng kỳ, rồi nạp lại."


@dataclass(frozen=True)
class ResultsFile:
    """A file as read: its rows, the columns that were understood, and findings about the others."""

    rows: tuple[ResultRow, ...]
    places: tuple[Place, ...]
    findings: tuple[Finding, ...]
    says: tuple[SheetSays, ...] = ()
    """What the sheets that were read say about year, class and grade."""
    offers: int = 0
    """Number of stored values of formulas that wait for a person to accept them."""


def read_results(
    sheets: Iterable[Sheet],
    subject: str = "",
    period: Period | None = None,
    *,
    comments: bool = False,
    accept_offers: bool = False,
) -> ResultsFile:
    """Return the results in the sheets; Refused when no sheet has a name column and a column of results.

    ``subject`` is the subject of columns that name none, unless the sheet is named after a subject. With
    ``comments`` only comments are read, and a column that names only an item holds its comment. Of a file that names
    periods, only what is of ``period`` is read; when all of it is of another one, that is an error (``IN-PERIOD``).
    Values of formulas are an error until their offers are accepted.
    """
    tables, findings = only_shown([table for table in map(_table_of, sheets) if table])
    read = [
        ResultSheet(table, subject or _subject_of(table), period, comments=comments, accepted=accept_offers)
        for table in tables
    ]
    used = [sheet for sheet in read if sheet.is_used]
    if not used:
        raise Refused(_NO_TABLE, _WHAT_NOW)
    if period is not None:
        of_periods, used = _of_period(used, period)
        findings += of_periods
    rows = [row for sheet in used for row in sheet.rows(named=len(used) > 1)]
    findings += [note for sheet in used for note in sheet.findings]
    if rows or not findings:
        require_usual(len(rows), "học sinh")
    places = dict.fromkeys(place for sheet in used for place in sheet.places)
    return ResultsFile(
        tuple(rows),
        tuple(places),
        tuple(findings),
        tuple(sheet.says for sheet in used),
        sum(sheet.offers for sheet in used),
    )


def _subject_of(table: Table) -> str:
    """Return the subject after which a sheet is named, also with a period: "Toán", "Toán GK1"."""
    name = table.sheet.name
    return subject_of(name) or subject_of(without_names(name))


def _of_period(sheets: Sequence[ResultSheet], period: Period) -> tuple[list[Finding], list[ResultSheet]]:
    """Return the sheets that are, or may be, of the period, and findings about the others."""
    torn = [sheet for sheet in sheets if sheet.says.torn]
    others = [sheet for sheet in sheets if not sheet.says.torn and not _may_be(sheet, period)]
    unclear = [sheet for sheet in sheets if sheet not in torn and sheet not in others and _leaves_open(sheet)]
    fitting = [sheet for sheet in sheets if sheet not in (*torn, *others, *unclear)]
    return [*_torn(torn), *_unclear(unclear), *_others(others, period, alone=not fitting)], fitting


def _may_be(sheet: ResultSheet, period: Period) -> bool:
    return not sheet.says.named or period in _periods_of(sheet)


def _periods_of(sheet: ResultSheet) -> frozenset[Period]:
    """Return the periods of a sheet; under "Học kì I" its columns may be of the middle and of the end."""
    return sheet.says.named.periods if sheet.names_periods else meant(sheet.says.named)


def _leaves_open(sheet: ResultSheet) -> bool:
    """Return whether a sheet names several periods and neither its columns nor its rows say which is which."""
    return sheet.says.named.several and not sheet.names_periods


def _torn(sheets: Iterable[ResultSheet]) -> Iterator[Finding]:
    for sheet in sheets:
        title, name = sheet.says.torn or (sheet.says.named, sheet.says.named)
        message = (
            f"Trang “{sheet.says.sheet}”: tiêu đề ghi {words_of(meant(title))}, "
            f"tên trang ghi {words_of(meant(name))}; không nạp trang này."
        )
        yield Finding("IN-PERIOD", Severity.ERROR, message, sheet.says.sheet, "period", _WHICH)


def _unclear(sheets: Iterable[ResultSheet]) -> Iterator[Finding]:
    for sheet in sheets:
        named = words_of(meant(sheet.says.named))
        message = f"Trang “{sheet.says.sheet}” ghi nhiều kỳ ({named}), các cột không nói là của kỳ nào; không nạp."
        yield Finding("IN-PERIOD", Severity.ERROR, message, sheet.says.sheet, "period", _WHICH)


def _others(sheets: Iterable[ResultSheet], period: Period, *, alone: bool) -> Iterator[Finding]:
    for sheet in sheets:
        named = words_of(_periods_of(sheet))
        if alone:
            message = f"Trang “{sheet.says.sheet}” là của kỳ {named}, đang nạp vào {period.label}; không nạp."
            yield Finding("IN-PERIOD", Severity.ERROR, message, sheet.says.sheet, "period", _CHOOSE)
        else:
            message = f"Trang “{sheet.says.sheet}” là của kỳ {named}, không phải {period.label}: bỏ qua."
            yield Finding("IN-PERIOD-OTHER", Severity.HINT, message, sheet.says.sheet, "period", "Không cần làm gì.")


def _table_of(sheet: Sheet) -> Table | None:
    try:
        return find_table([sheet], _PUPIL, ["name"], _NO_TABLE, is_header=is_header)
    except Refused:
        return None
