"""Read what a sheet says about itself, in its name and above its table: period, school year, class, grade."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hocba_tui.intake.headers import Table
from hocba_tui.intake.legacy import readable
from hocba_tui.intake.period_words import Named, contradict, meant, named_in, together
from hocba_tui.intake.workbook import text_of
from hocba_tui.text import clean_line, fold

_YEARS = re.compile(r"(?<![0-9])(20[0-9]{2}) ?[-–—/] ?((?:20)?[0-9]{2})(?![0-9])")
_ONE_CLASS = r"(?:1[0-2]|[1-9])(?: ?[a-zđ][0-9]{0,2}(?!\w)|[./-][0-9]{1,2}(?![0-9/])|(?!\w))"
_CLASSES = re.compile(rf"(?<![^\W_])l[oơớ]p[ :._-]*({_ONE_CLASS}(?: ?(?:,|;|\+|và|va) ?{_ONE_CLASS})*)")
_GRADE = re.compile(r"(?<![a-z])khoi[ :._-]*([1-5])(?![a-z0-9])")
_CLASS = re.compile(_ONE_CLASS)
_APART = re.compile(r"[\W_]+")
_WORD_CLASS = re.compile(r"l[oơớ]p(?![^\W\d_])")


@dataclass(frozen=True)
class SheetSays:
    """What one sheet says; each set is empty when it says nothing."""

    sheet: str
    named: Named
    """The period, as title and name say it together."""
    torn: tuple[Named, Named] | None = None
    """The periods in the title and in the name, when they contradict each other."""
    years: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    """Names of classes as :func:`class_id` compares them, such as ``5a``."""
    grades: frozenset[int] = frozenset()

    @property
    def only_class(self) -> str:
        """Return the class when the sheet names exactly one."""
        return self.classes[0] if len(self.classes) == 1 else ""


def says_of(table: Table) -> SheetSays:
    """Return what the sheet of a table says in its name and in the rows above its header."""
    name = clean_line(table.sheet.name)
    above = " \n ".join(
        " ".join(filter(None, (clean_line(readable(text_of(value))) for value in row)))
        for row in table.sheet.rows[: table.top]
    )
    title, called = named_in(above), named_in(name)
    torn = (title, called) if contradict((title, called)) or not _agree(title, called) else None
    names = [*_classes_in(above), *_classes_in(name), *_bare_class(name)]
    grades = {int(found) for found in (*filter(str.isdigit, names), *_GRADE.findall(fold(f"{above} {name}")))}
    return SheetSays(
        name,
        together((title, called)),
        torn,
        years_in(f"{above} {name}"),
        tuple(dict.fromkeys(class_id(found) for found in names if not found.isdigit())),
        frozenset(grades),
    )


def years_in(text: str) -> frozenset[str]:
    """Return the school years that a text names, as "2025-2026"."""
    pairs = ((int(first), int(second)) for first, second in _YEARS.findall(text))
    return frozenset(f"{first}-{first + 1}" for first, second in pairs if second in (first + 1, (first + 1) % 100))


def class_id(name: str) -> str:
    """Return a name of a class for comparison: "Lớp 5A", "5 A" and "5a" are one, and so are "5/1" and "5.1".

    Letters keep their marks: 5D and 5Đ are two classes.
    """
    return _APART.sub("", _WORD_CLASS.sub("", clean_line(name).casefold(), count=1))


def _agree(title: Named, called: Named) -> bool:
    """Return whether a term alone in one text ("HKI", its end) fits the half of a term that the other names."""
    return not title or not called or bool(meant(together((title, called))))


def _classes_in(text: str) -> Iterable[str]:
    """Yield what follows the word "lớp": a class such as "5a" or "5/1", or the digit of a grade."""
    for listed in _CLASSES.findall(text.casefold()):
        yield from _CLASS.findall(listed)


def _bare_class(name: str) -> Iterable[str]:
    """Yield the class after which a sheet is named, without "lớp": "5A", "Toán 5A"."""
    for word in _APART.split(name.casefold()):
        if re.fullmatch(r"[1-5][a-zđ][0-9]{0,2}", word):
            yield word
