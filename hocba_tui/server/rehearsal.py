"""Run the application once without a terminal, before the first session is forked.

Much is computed when it is first needed and then kept: parsed style sheets, compiled patterns, the widths of letters,
modules that a screen imports when it opens. All sessions share what one rehearsal has computed. The teacher, the class
and the folder are fictitious; afterwards no file, lock, thread or event loop is left.

Nothing is drawn on a terminal: Rich caches how each style was rendered first, and terminals differ in their colours.
"""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.config import quieten
from hocba_tui.confine.session import prepare
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import COMMENT, LEVEL, Cell
from hocba_tui.model.school import ClassRoom, School, Staff
from hocba_tui.model.values import Period, Role

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet
    from textual.pilot import Pilot

SHARED = (
    "textual.drivers.linux_driver",
    "hocba_tui.app",
    "hocba_tui.flow.opening",
    "hocba_tui.log.lines",
    "hocba_tui.screens.home",
    "hocba_tui.screens.grid.page",
    "hocba_tui.server.welcome",
)
"""Modules that a teacher's session imports. Never a module that opens tokens: see decision 8 in docs/decisions."""

_TEACHER, _CLASS = "gv.thu", "5A"
_KEYS = (
    ("escape",), ("home", "enter"), ("s",), ("t", "o", "a", "n", "enter"), ("down", "down", "ctrl+home", "home"),
    ("t", "h"),
)  # fmt: skip
"""From the question of who was cut off to the tasks of the day, to the grid, to another subject, a few moves in it, and
two levels typed."""


def bring_in() -> None:
    """Import what sessions need, and find out what is the same for all of them."""
    quieten()
    for name in SHARED:
        importlib.import_module(name)
    prepare()


def rehearse() -> Stylesheet:
    """Run the rehearsal and return the style sheet that was parsed. RuntimeError when it did not reach its end."""
    bring_in()
    from hocba_tui.app import HocbaApp
    from hocba_tui.flow.opening import open_desk
    from hocba_tui.flow.place import keep_place
    from hocba_tui.screens.grid.page import GridPage

    saved = False

    async def sit(pilot: Pilot[object]) -> None:
        nonlocal saved
        for keys in _KEYS:
            await pilot.pause()
            await pilot.press(*keys)
        page = pilot.app.screen
        saved = isinstance(page, GridPage) and await page.entry.saver.drain()
        await pilot.pause()
        pilot.app.exit()

    with tempfile.TemporaryDirectory(prefix="hocba-") as folder:
        _made_up(Path(folder) / "school")
        desk = open_desk(Path(folder) / "school", _TEACHER)
        keep_place(desk, _CLASS, "hs1", Cell(Period.END_YEAR, "TV", LEVEL).field)
        app = HocbaApp(desk)
        app.run(headless=True, size=(80, 24), mouse=False, auto_pilot=sit)
    if not saved:
        raise RuntimeError("the rehearsal did not reach its end")
    return app.stylesheet


def _made_up(root: Path) -> None:
    """Make a store in ``root`` with a class of ten pupils and a few results for the rules to check."""
    from hocba_tui.flow.school.founding import ClassYear, found_school

    today = "2026-06-10"
    school = School(
        "school", name="Trường tập dượt", year="2025-2026", training=True, today=today, deadline_completed="2026-06-25",
        deadline_others="2026-08-10", open_periods=(Period.END_YEAR.value,),
    )  # fmt: skip
    teacher = Staff(_TEACHER, name="Nguyễn Thị Thu", title="Giáo viên", roles=(Role.TEACHER.value,))
    pupils = tuple(
        Pupil(f"hs{number}", code=f"99{number:08}", name=f"Trần Minh {name}", birth="2015-03-02", sex="female")
        for number, name in enumerate(("An", "Bình", "Chi", "Dung", "Giang", "Hà", "Lan", "Mai", "Oanh", "Vân"))
    )
    year = {
        Cell(Period.END_YEAR, "TV", LEVEL).field: "T",
        Cell(Period.END_YEAR, "TV", COMMENT).field: "Em đọc to, rõ ràng; viết đúng chính tả.",
    }
    classroom = ClassRoom(_CLASS, grade=5, code="99L001", homeroom=_TEACHER)
    found_school(root, school, [teacher], [ClassYear(classroom, pupils, {pupil.key: year for pupil in pupils})])
