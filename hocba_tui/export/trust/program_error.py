"""Distinguish an error of this program from a faulty file, and word it for a person."""

from __future__ import annotations

import traceback
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def raised_in_own_code(error: BaseException) -> bool:
    """Return whether the innermost Python frame that raised ``error`` belongs to this package.

    A library that parses lazily raises TypeError or KeyError on hostile bytes; the same exception out of our own
    lines is a bug.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and _is_own(frames[-1])


def program_error(error: BaseException) -> str:
    """Return the reason of a verdict that an unforeseen exception prevented.

    It names the exception and the innermost line of this package, never the exception's message: that may hold
    text of the file.
    """
    return (
        f"chương trình gặp lỗi khi kiểm tệp này ({name_and_place(error)}): chưa kết luận được;"
        " báo cho người phụ trách máy"
    )


def name_and_place(error: BaseException) -> str:
    """Return the exception's name and the innermost line of this package on its way, such as "KeyError, work.py:52"."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(frame)] or list(frames)
    place = f", {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__}{place}"


def _is_own(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).is_relative_to(_PACKAGE)
