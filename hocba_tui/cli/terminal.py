"""What a command prints goes through one filter, so that no text from outside can steer the terminal."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from hocba_tui.text import harmless, invisible


class Harmless:
    """A text stream that writes only what a terminal shows; everything else is the stream's below it."""

    def __init__(self, below: TextIO) -> None:
        self.below = below

    def write(self, text: str) -> int:
        """Write ``text`` after :func:`hocba_tui.text.harmless`."""
        self.below.write(harmless(text))
        return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        """Write each line, filtered too."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self.below, name)


@contextlib.contextmanager
def filtered() -> Iterator[None]:
    """Send what is printed in the block through the filter. A letter that the terminal lacks ends no command."""
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = (cast("TextIO", one and Harmless(one)) for one in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextlib.contextmanager
def unfiltered() -> Iterator[None]:
    """Give the block the streams themselves: Textual steers the terminal, and filters what it paints on its own."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (one.below if isinstance(one, Harmless) else one for one in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def say_again(text: str, *, last: bool) -> None:
    """Show one line of progress in the place of the one before it."""
    with unfiltered():
        print(f"\r{harmless(text)}", end="\n" if last else "", file=sys.stderr, flush=True)


def print_json(found: object) -> None:
    """Print ``found`` as JSON for a machine: what a terminal would obey is escaped, so that nothing is lost."""
    import json

    text = json.dumps(found, ensure_ascii=False, indent=2)
    print("\n".join(_NO_LETTER.sub(_escaped, line) for line in text.split("\n")))


_NO_LETTER = re.compile(r"[^\x20-\x7e]")


def _escaped(found: re.Match[str]) -> str:
    letter = found.group()
    if not invisible(letter):
        return letter
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
