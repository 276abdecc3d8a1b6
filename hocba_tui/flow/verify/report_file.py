"""The verdict on files as a report that can be kept: plain text, which any computer shows and prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.verify.browse import said_of
from hocba_tui.flow.verify.files import Verified
from hocba_tui.store.outgoing import write_out

_TITLE = "BÁO CÁO KIỂM TRA CHỮ KÝ SỐ"


def save_report(path: Path, found: Iterable[Verified], desk: Desk | None = None) -> Path:
    """Write the report on these files as a new text file, and return its path; pupils' data is in it.

    Only its owner may read it.

    ``desk`` is who does it in a store, whose access log notes it. Raises Refused where a file is already, inside a
    store, or when the disk reports an error.
    """
    text = "\n".join(line for one in found for line in report_lines(one))
    if desk is not None:
        desk.store.log_access(desk.account, "verify_report")  # Not under which name: those often hold a pupil's.
    write_out(path, text.encode(errors="replace"), "verify")
    return path


def report_lines(one: Verified) -> Iterator[str]:
    """Yield the report on one file: the verdict, then each section with its title."""
    headline, sections = said_of(one)
    yield _TITLE
    yield headline
    for title, lines in sections:
        yield ""
        yield title.upper()
        yield from (f"  {line}" for line in lines)
    yield ""
