"""The editor of a comment, opened by a paste."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widgets import TextArea

from hocba_tui.screens.editor import EditText


class EditPasted(EditText):
    """A comment with ``pasted`` behind what is there already."""

    def __init__(
        self,
        title: str,
        text: str,
        limit: int,
        keep: Callable[[str], None],
        draft: str = "",
        *,
        about: Sequence[str] = (),
        pasted: str = "",
    ) -> None:
        super().__init__(title, text, limit, keep, draft, about=about)
        self._pasted = pasted

    def on_mount(self) -> None:
        """Put it in before any key can come; Textual then calls the editor's own handler."""
        area = self.query_one(TextArea)
        apart = " " if area.text and self._pasted else ""
        area.insert(apart + self._pasted, area.document.end)
