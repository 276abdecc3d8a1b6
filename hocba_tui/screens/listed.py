"""Pages with a list of rows: find a row by its words, go to the next one."""

from __future__ import annotations

from hocba_tui.screens.actions import LISTS, bindings_for
from hocba_tui.screens.keys import Action
from hocba_tui.screens.refreshed import RefreshedPage
from hocba_tui.screens.search import Search
from hocba_tui.widgets.rows import Rows


class ListPage(RefreshedPage):
    """A page whose body has one table of rows."""

    BINDINGS = bindings_for(LISTS)

    def label_of(self, action: Action) -> str:
        """Leave the key that only moves out of the key bar."""
        return "" if action.id == f"{LISTS}.step" else super().label_of(action)

    def action_find(self) -> None:
        """Put the cursor on a row by part of what it says."""
        rows = self.query_one(Rows)

        def answered(key: str | None) -> None:
            if key is not None:
                rows.go_to(key)

        self.app.push_screen(Search("Tìm dòng", rows.words(), rows.chosen), answered)

    def action_step(self) -> None:
        """Go to the next row."""
        rows = self.query_one(Rows)
        if not rows.go_on():
            self.say("Đây là dòng cuối.")
