"""Every family of results workbooks, in every format, gives what was put into it, or says why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.results_import import ResultsPreview, ResultsRequest, preview
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.finding import Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.values import Period
from tests.support.corpus import FILES, FORMATS, NAMELESS, Book, nfd, spelt
from tests.support.corpus_of_results import GROUP, NOWHERE, ROWS, SHEET, SUFFIX, TITLE, files

pytestmark = pytest.mark.usefixtures("read_here")
SPELLINGS: tuple[Callable[[str], str], ...] = (str, str.upper, nfd)
MANY = settings(max_examples=FILES, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(scope="module")
def desk(eight_store: Path) -> Desk:
    return open_desk(eight_store, "gv.5a")


def typable(desk: Desk) -> list[Pupil]:
    return [pupil for pupil in desk.pupils("5A") if pupil.assessed and not pupil.exempt]


def looked_through(desk: Desk, book: Book, kind: str, period: Period) -> ResultsPreview:
    with TemporaryDirectory() as folder:
        path = FORMATS[kind](book, Path(folder))
        return preview(desk, path, ResultsRequest(period, "5A"))


def errors(found: ResultsPreview) -> list[str]:
    return [finding.message for finding in found.findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("where", [NOWHERE, TITLE, SHEET, SUFFIX, GROUP, ROWS])
@MANY
@given(data=st.data())
def test_what_a_file_says_is_read(desk: Desk, where: str, data: st.DataObject) -> None:
    period = data.draw(st.sampled_from([Period.END_YEAR, Period.MID_1]))
    kind = data.draw(st.sampled_from([each for each in FORMATS if where != SHEET or each not in NAMELESS]))
    made = data.draw(files(typable(desk), period, where))
    book = spelt(made.book, data.draw(st.sampled_from(SPELLINGS)))
    note(f"{kind}\n" + "\n".join(map(str, book.rows())))
    found = looked_through(desk, book, kind, period)
    assert errors(found) == []
    read = {(line.pupil.key, line.cell.field): line.after for line in found.lines if line.kind is not RowKind.WRONG}
    unlawful = [line for line in found.lines if line.kind is RowKind.WRONG]
    if period is Period.END_YEAR:
        assert not unlawful
        assert read == made.values
    else:  # Half a year has fewer scores.
        assert read.items() <= made.values.items()


@pytest.mark.parametrize("where", [TITLE, SHEET, SUFFIX, GROUP, ROWS])
@MANY
@given(data=st.data())
def test_a_file_of_another_period_gives_nothing_and_says_so(desk: Desk, where: str, data: st.DataObject) -> None:
    wanted, named = data.draw(st.permutations(list(Period)))[:2]
    kind = data.draw(st.sampled_from([each for each in FORMATS if where != SHEET or each not in NAMELESS]))
    made = data.draw(files(typable(desk), named, where).filter(lambda made: bool(made.values)))
    note(f"{kind}\n" + "\n".join(map(str, made.book.rows())))
    found = looked_through(desk, made.book, kind, wanted)
    assert found.lines == ()
    assert any(named.label.casefold() in message.casefold() for message in errors(found)), errors(found)
