"""Compare what a file says about itself with the school: the school year, and the classes that it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from hocba_tui.flow.desk import OpenSchool
from hocba_tui.intake.sheet_says import SheetSays, class_id, years_in
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.model.school import ClassRoom

_OTHER_YEAR = "Xuất lại tệp của năm học này; nếu tệp đúng mà tiêu đề ghi nhầm năm thì sửa tiêu đề, rồi nạp lại."


class ClassNames:
    """The classes of the school by the names that files give them."""

    def __init__(self, classrooms: Sequence[ClassRoom]) -> None:
        pairs = [(name, room) for room in classrooms for name in {room.key, room.code} if name]
        self._exact = {name.casefold(): room for name, room in pairs}
        times = Counter(class_id(name) for name, _ in pairs)
        self._loose = {class_id(name): room for name, room in pairs if times[class_id(name)] == 1}

    def find(self, name: str) -> ClassRoom | None:
        """Return the class of a name such as "5A", "Lớp 5a", "5.1" for 5/1; None when none or several fit."""
        return self._exact.get(name.casefold()) or self._loose.get(class_id(name))

    def may_mean(self, name: str) -> bool:
        """Return whether a name in a title can be that of a class: also the beginning of one, "5A" for 5A Nà Lầu."""
        return any(known.startswith(name) for known in self._loose) or self.find(name) is not None


def other_years(school: OpenSchool, says: Iterable[SheetSays], rows: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield an error for each sheet, and one for the ``rows`` (texts of a column), that name another school year."""
    ours = school.settings.year
    for said in says:
        if said.years and ours not in said.years:
            yield _of_year(f"Trang “{said.sheet}” ghi năm học {', '.join(sorted(said.years))}", ours, said.sheet)
    counted = Counter(text for text in rows if years_in(text) and ours not in years_in(text))
    for text, count in counted.items():
        yield _of_year(f"{count} dòng ghi năm học {text}", ours, text)


def _of_year(told: str, ours: str, where: str) -> Finding:
    message = f"{told}, trường đang ở năm học {ours}; không nạp."
    return Finding("IN-YEAR", Severity.ERROR, message, where, "year", _OTHER_YEAR)
