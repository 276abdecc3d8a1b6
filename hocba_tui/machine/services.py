"""systemd, where it runs: units are read again, enabled and begun. Elsewhere nothing is done, and that is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hocba_tui.machine.running import output, succeeds

_RUNS = Path("/run/systemd/system")


def running() -> bool:
    """Return whether systemd looks after this computer's services."""
    return _RUNS.is_dir()


@dataclass(frozen=True)
class Services:
    """The units that begin with the computer."""

    names: tuple[str, ...]

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return f"systemd: {', '.join(self.names)}"

    def missing(self) -> str:
        """Return whether they are to be enabled, or read again."""
        if not running():
            return ""
        if not all(succeeds("systemctl", "is-enabled", name) for name in self.names):
            return "bật"
        stale = any("=yes" in output("systemctl", "show", "--property=NeedDaemonReload", name) for name in self.names)
        return "đọc lại" if stale else ""

    def do(self) -> None:
        """Enable and begin them; the door waits until a school is founded."""
        output("systemctl", "daemon-reload")
        output("systemctl", "enable", "--now", *self.names)

    def undo(self) -> bool:
        """End them: the door tells everybody and waits until all is saved."""
        if not running() or not any(succeeds("systemctl", "is-enabled", name) for name in self.names):
            return False
        output("systemctl", "disable", "--now", *self.names)
        return True
