"""Share what all imports need: kinds of rows, the preview of a file, and the conflict that stops a whole file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from hocba_tui.errors import SAFE, CellConflict, Conflict, Refused
from hocba_tui.flow.desk import Desk, OpenSchool
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.text import moment

LEFT_OUT = "IN-UNREAD"
"""The code of the finding about a class that is left out."""
OFFERED = frozenset({
    "IN-ID-OFFER", "IN-DATE-OFFER", "IN-LEGACY-OFFER", "IN-STATUS-OFFER", "IN-NEW-CODE", "IN-RETURN", "IN-FORMULA",
})  # fmt: skip
"""Codes of findings that offer something which a person may accept."""
_READ_AGAIN = "Báo người phụ trách máy chủ (hocba store check); khi lớp đã dùng được thì nạp lại tệp này."
_NOT_OVERWRITTEN = "Chưa ghi gì đè lên."


class RowKind(StrEnum):
    """What a row of a file, or a cell of results, would do; each importer uses some of these."""

    NEW = "new"
    CHANGED = "changed"
    MOVED = "moved"
    LEFT = "left"
    """A pupil leaves the school."""
    GONE = "gone"
    """A member of staff leaves the school."""
    SAME = "same"
    REFUSED = "refused"
    """The actor may not change the cell."""
    WRONG = "wrong"
    """The value is not lawful."""

    @property
    def label(self) -> str:
        """Return the word on the screen."""
        return _LABELS[self]

    @property
    def writes(self) -> bool:
        """Return whether the row would be written."""
        return self not in (RowKind.SAME, RowKind.REFUSED, RowKind.WRONG)


_LABELS = {
    RowKind.NEW: "mới", RowKind.CHANGED: "thay đổi", RowKind.MOVED: "chuyển lớp", RowKind.LEFT: "chuyển đi",
    RowKind.GONE: "rời trường", RowKind.SAME: "như cũ", RowKind.REFUSED: "không ghi", RowKind.WRONG: "sai",
}  # fmt: skip


@dataclass(frozen=True)
class ImportLine:
    """One row or one cell of a preview."""

    kind: RowKind


LineT_co = TypeVar("LineT_co", bound=ImportLine, covariant=True)


@dataclass(frozen=True)
class ImportPreview(Generic[LineT_co]):
    """What a file would do. It may be written when no finding is an error."""

    KINDS: ClassVar[tuple[RowKind, ...]] = (RowKind.NEW, RowKind.CHANGED, RowKind.SAME)
    """The kinds that the file can have, in the order in which they are counted."""
    NOUN: ClassVar[str] = "Tệp"
    """What the file is called in messages."""
    UNIT: ClassVar[str]
    """What one line is about, in Vietnamese, for use after a number."""
    REMEDY: ClassVar[str] = "Sửa các dòng lỗi trong Excel rồi nạp lại."

    source: str
    lines: tuple[LineT_co, ...]
    findings: tuple[Finding, ...]
    offers: int = field(default=0, kw_only=True)
    """Number of offers that wait for a person to confirm what a cell most likely means."""

    @property
    def usable(self) -> bool:
        """Return whether no finding is an error."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def complete(self) -> bool:
        """Return whether no class was left out because it cannot be read or written."""
        return not any(finding.code == LEFT_OUT for finding in self.findings)

    @property
    def writing(self) -> tuple[LineT_co, ...]:
        """Return the lines that would be written."""
        return tuple(line for line in self.lines if line.kind.writes)

    def counts(self) -> Mapping[RowKind, int]:
        """Return how many lines are of each kind that the file can have."""
        counted = Counter(line.kind for line in self.lines)
        return {kind: counted[kind] for kind in self.KINDS}

    def require_usable(self) -> None:
        """Raise Refused when a finding is an error."""
        if not self.usable:
            raise Refused(f"{self.NOUN} còn lỗi; chưa ghi gì.", self.REMEDY)


class LeftOut:
    """The classes that an import goes on without, since they cannot be read or written, and their rows."""

    def __init__(self, school: OpenSchool) -> None:
        self._school = school
        self._why: dict[str, str] = {}
        self._rows: Counter[str] = Counter()

    def is_out(self, class_key: str) -> bool:
        """Return whether a class is left out."""
        if class_key not in self._why:
            self._why[class_key] = self._school.damage(class_key)
        return bool(self._why[class_key])

    def takes(self, *class_keys: str) -> bool:
        """Return whether a row that needs these classes is left out, and count it then."""
        out = next((key for key in class_keys if key and self.is_out(key)), "")
        if out:
            self._rows[out] += 1
        return bool(out)

    def findings(self) -> Iterator[Finding]:
        """Yield a warning for each class that was left out."""
        for key, why in self._why.items():
            if why:
                rows = self._rows[key]
                lacks = f"{rows} dòng cần lớp này KHÔNG nạp" if rows else "chưa đối chiếu với các em của lớp này"
                yield Finding(
                    LEFT_OUT, Severity.WARNING, f"Lớp {key}: {why}; {lacks}.", f"lớp {key}", "class", _READ_AGAIN
                )


def first_of_each(findings: Iterable[Finding], most: int = 5) -> Iterator[tuple[Finding, int]]:
    """Yield the first findings of each kind; with the last of them how many more there are, else 0.

    Offers are all yielded, because a person must see each one before accepting them, and so are classes left out.
    """
    kinds: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.code, finding.severity), []).append(finding)
    for (code, _), found in kinds.items():
        shown = found if code in OFFERED or code == LEFT_OUT else found[:most]
        for number, finding in enumerate(shown, start=1):
            yield finding, len(found) - number if number == len(shown) else 0


PreviewT = TypeVar("PreviewT", bound=ImportPreview[ImportLine])


def whole_file_waits(what: str, now: str, safe: str = SAFE) -> Conflict:
    """Return a conflict that says that nothing of the file was written."""
    return Conflict(f"{what} Cả tệp chưa ghi gì.", now, safe)


@contextmanager
def whole_file(
    desk: Desk, told: Callable[[CellConflict, str], str], now: str = "Xem trước lại tệp này."
) -> Iterator[None]:
    """Raise every Conflict from within as one that says that nothing of the file was written.

    ``told`` gets the conflict over a cell and the name of its author, and returns in Vietnamese who did what.
    """
    try:
        yield
    except CellConflict as conflict:
        who = desk.staff(conflict.who).name or conflict.who or "người khác"
        when = moment(conflict.when) if conflict.when else "vừa xong"
        raise whole_file_waits(f"{told(conflict, who)} ({when}).", now, _NOT_OVERWRITTEN) from conflict
    except Conflict as conflict:
        raise whole_file_waits(conflict.what, now, _NOT_OVERWRITTEN) from conflict


def changed_row(names: Mapping[str, str]) -> Callable[[CellConflict, str], str]:
    """Return the ``told`` of :func:`whole_file` for rows; ``names`` maps the keys of rows to the names in the file."""
    return lambda conflict, who: f"{names.get(conflict.key) or 'Một dòng của tệp'}: {who} vừa thay đổi"
