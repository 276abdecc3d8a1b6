"""Export the pictures of the README from the running app: ``python scripts/pictures.py``.

The demo school, day and size are the same each time; external fonts and random ids are removed, so that a
picture changes only when the screen does.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from hocba_tui.app import HocbaApp
from hocba_tui.demo.school import found_demo, make_school
from hocba_tui.flow.opening import open_desk

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SHOTS: tuple[tuple[str, str, str, dict[str, str], tuple[str, ...]], ...] = (
    ("grid", "gv.5a", "grid", {"class_key": "5A", "sheet": "TOAN"}, ("down", "right", "9", "8", "1", "0", "0")),
    ("home", "gv.5a", "", {}, ()),
    ("review", "gv.5a", "review", {"class_key": "5A"}, ("down",)),
)


async def shoot(
    root: Path, name: str, account: str, screen: str, params: dict[str, str], keys: tuple[str, ...]
) -> None:
    """Write one picture."""
    app = HocbaApp(open_desk(root, account))
    async with app.run_test(size=(80, 24)) as pilot:
        if screen:
            app.open_page(screen, **params)
            await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause(0.3)
        svg = app.export_screenshot(title="hocba")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"(lúc&#160;)\d\d:\d\d:\d\d", r"\g<1>19:30:00", svg)
    (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")


def main() -> None:
    """Write all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "store"
        found_demo(root, make_school(), None)
        for shot in SHOTS:
            asyncio.run(shoot(root, *shot))


if __name__ == "__main__":
    main()
