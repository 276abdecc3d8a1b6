"""A box for the name of a file: Tab completes it, and lists the files that fit."""

from __future__ import annotations

from textual import events
from textual.message import Message

from hocba_tui.flow.file_names import complete
from hocba_tui.widgets.typing import SteadyInput


class PathBox(SteadyInput):
    """A line in which Tab completes the name of a file as a shell does; with nothing to complete it goes on."""

    class Fitting(Message):
        """Several files fit what was typed; ``names`` are relative to ``folder`` (with its slash)."""

        def __init__(self, folder: str, names: tuple[str, ...]) -> None:
            super().__init__()
            self.folder = folder
            self.names = names

    async def on_key(self, event: events.Key) -> None:
        """Complete the name."""
        if event.key != "tab" or not self.value.strip():
            return
        found = complete(self.value)
        if found.text == self.value and not found.names:
            return
        event.stop()
        event.prevent_default()
        self.value, self.cursor_position = found.text, len(found.text)
        if found.names:
            folder, slash, _ = found.text.rpartition("/")
            self.post_message(self.Fitting(folder + slash, found.names))
