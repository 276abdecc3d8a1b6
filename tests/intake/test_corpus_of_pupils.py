"""Every family of class lists, in every format, gives what was put into it; old fonts are offered, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.pupil_list import PupilList
from hocba_tui.model.finding import Severity
from tests.intake.test_legacy import to_tcvn3, to_vni
from tests.support.corpus import FILES, FORMATS, Book, Column, spelt
from tests.support.corpus_of_pupils import SPELLINGS, Made, class_lists

pytestmark = pytest.mark.usefixtures("read_here")
MANY = settings(max_examples=3 * FILES, deadline=None)


def read(book: Book, kind: str, *, accept_offers: bool = False) -> PupilList:
    note(f"{kind}\n" + "\n".join(map(str, book.rows())))
    with TemporaryDirectory() as folder:
        return read_pupils(FORMATS[kind](book, Path(folder)), accept_offers=accept_offers)


def told_by_a_name(made: Made) -> bool:
    """Return whether a name is in the list that tells the font; "Lò Thị Ý" alone may be either."""
    return any(facts["name"].startswith(("Nguyễn", "Trần")) for facts in made.facts.values())


def gives(found: PupilList, made: Made) -> None:
    """Compare; the reason of leaving is the file's own word and is not compared."""
    assert [finding.message for finding in found.findings if finding.severity is Severity.ERROR] == []
    assert {pupil.code for pupil in found.pupils if pupil.unclear} == made.unclear
    for pupil in found.pupils:
        wanted = made.facts[pupil.code]
        facts = dict(pupil.facts)
        if wanted.get("left"):
            assert facts.pop("left_reason")
        assert facts == wanted
    assert {pupil.code for pupil in found.pupils} == made.facts.keys()


@MANY
@given(made=class_lists(), kind=st.sampled_from(sorted(FORMATS)), spell=st.sampled_from(SPELLINGS))
def test_what_a_list_says_is_read(made: Made, kind: str, spell: Callable[[str], str]) -> None:
    gives(read(spelt(made.book, spell), kind), made)


@MANY
@given(
    made=class_lists().filter(told_by_a_name),
    kind=st.sampled_from(sorted(FORMATS)),
    font=st.sampled_from([to_tcvn3, to_vni]),
)
def test_names_in_an_old_font_are_offered(made: Made, kind: str, font: Callable[[str], str]) -> None:
    """Only the names are in the old font; the rest of the file was typed today."""

    def aged(column: Column) -> Column:
        names = ("Họ tên", "Họ và tên", "Họ và tên học sinh")
        if column.path[-1] not in names:
            return column
        return replace(column, values=tuple(font(str(value)) for value in column.values))

    book = replace(made.book, columns=tuple(map(aged, made.book.columns)))
    plain = read(book, kind)
    accepted = read(book, kind, accept_offers=True)
    for pupil in plain.pupils:
        assert pupil.facts["name"] == made.facts[pupil.code]["name"] or plain.offers
    for pupil in accepted.pupils:
        assert pupil.facts["name"] == made.facts[pupil.code]["name"]
