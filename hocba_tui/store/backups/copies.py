"""Copies in a folder of backups: whose they are by their names, and which of them are not worth keeping.

``hocba-<school>-<identity>-<key>-<time>.tar.gz.age``: code or name of the school, beginning of the store's identity,
digest of the recipients, local time; ``-damaged`` behind the time when something in the store was damaged then.
Older versions wrote ``hocba-<time>``: it is not known whose such a copy is.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hocba_tui.errors import NotSaved, system_reason
from hocba_tui.store.backups.age import MAGIC
from hocba_tui.store.identity import short
from hocba_tui.text import fold

STAMP = "%Y%m%d-%H%M%S"
_ENDING = r"\.tar\.gz(?:\.age)?"
_NAME = re.compile(
    r"hocba-(?:(?P<school>[0-9a-z]{1,20})-(?P<identity>[0-9a-f]{12})-(?P<key>[0-9a-f]{6})-)?"
    rf"(?P<time>\d{{8}}-\d{{6}})(?P<damaged>-damaged)?{_ENDING}"
)
_BEFORE_FORMAT = re.compile(rf"before-format-\d+-\d{{8}}-\d{{6}}{_ENDING}")


@dataclass(frozen=True)
class Copy:
    """A copy, as its name says."""

    path: Path
    time: datetime
    identity: str = ""
    """Beginning of the identity of the store, see :func:`hocba_tui.store.identity.short`; empty: not known."""
    key: str = ""
    """See :func:`key_of`."""
    damaged: bool = False
    """Whether something in the store was damaged when it was copied."""

    @property
    def whole(self) -> bool:
        """Return whether it looks like a copy at all: an empty or overwritten file is none."""
        try:
            with self.path.open("rb") as file:
                begin = file.read(len(MAGIC))
        except OSError:
            return False
        return begin == MAGIC if self.path.suffix == ".age" else begin[:2] == b"\x1f\x8b"


def prefix_of(school: str, identity: str, recipients: Sequence[str]) -> str:
    """Return how the names of a store's copies begin; ``school`` is the school's code or name."""
    if not identity:
        return "hocba"
    word = re.sub("[^0-9a-z]", "", fold(school))[:20] or "truong"
    return f"hocba-{word}-{short(identity)}-{key_of(recipients)}"


def key_of(recipients: Sequence[str]) -> str:
    """Return six letters that stand for a set of recipients: who can open one copy can open all with the same ones."""
    # The third word of an SSH key is a comment.
    plain = {" ".join(line.split()[:2]) for line in recipients if line.strip() and not line.strip().startswith("#")}
    return hashlib.sha256("\n".join(sorted(plain)).encode()).hexdigest()[:6]


def read_name(path: Path) -> Copy | None:
    """Return what the name of a copy says, None when it is not the name of one."""
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    with contextlib.suppress(ValueError):
        time = datetime.strptime(found["time"], STAMP)
        return Copy(path, time, found["identity"] or "", found["key"] or "", found["damaged"] is not None)
    return None


def is_copy(name: str) -> bool:
    """Return whether a file of this name is a copy: one that lies in the store is not copied into the next one."""
    return _NAME.fullmatch(name) is not None or _BEFORE_FORMAT.fullmatch(name) is not None


def copies_in(folder: Path) -> list[Copy]:
    """Return the copies in ``folder``, oldest first; OSError when it cannot be read."""
    named = [copy for path in folder.iterdir() if (copy := read_name(path))]
    found = [copy for copy in named if copy.path.is_file() and not copy.path.is_symlink()]
    return sorted(found, key=lambda copy: (copy.time, copy.path.name))


@dataclass(frozen=True)
class Lasting:
    """Copies of one kind that never go by themselves."""

    kind: str
    """A phrase in Vietnamese."""
    count: int
    size: int
    """Bytes."""


def lasting(folder: Path, identity: str) -> list[Lasting]:
    """Return what lies in a folder of backups of the store ``identity`` and never goes; none when it cannot be read."""
    sizes: dict[str, list[int]] = {}
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            kind = _lasting_kind(path, short(identity))
            if kind and path.is_file() and not path.is_symlink():
                sizes.setdefault(kind, []).append(path.stat().st_size)
    return [Lasting(kind, len(found), sum(found)) for kind, found in sizes.items()]


def _lasting_kind(path: Path, identity: str) -> str:
    if _BEFORE_FORMAT.fullmatch(path.name):
        return "chụp trước khi nâng cấp kho"
    copy = read_name(path)
    if copy is None:
        return ""
    if not copy.identity:
        return "không rõ của kho nào"
    if copy.identity != identity:
        return "của kho khác, hoặc của kho này trước lần đổi kho"
    return "“-damaged”, chụp khi kho có chỗ hỏng" if copy.damaged else ""


@dataclass(frozen=True)
class Surplus:
    """Which copies are not worth keeping beside a new one, and what stands in the way."""

    old: tuple[Path, ...] = ()
    """Copies of the same store to the same recipients that may go, oldest first."""
    unknown: tuple[Path, ...] = ()
    """Copies of which it is not known whose they are: they stay."""
    other_key: tuple[Path, ...] = ()
    """Copies of the same store to other recipients: the new one cannot replace them."""
    later: Path | None = None
    """A copy from after the new one by its name: the clock was set back, and nothing may go."""


def surplus(path: Path, days: int, weeks: int, months: int) -> Surplus:
    """Return what need not be kept in the folder of the copy in ``path``, which was just made and proven.

    Only copies of the same store to the same recipients count, and none from when something was damaged. For each of
    the last ``days`` days, ``weeks`` weeks and ``months`` months that have copies, the newest is kept, and the new
    one always. While the store is damaged, and while the clock is behind an earlier copy, nothing may go. OSError when
    the folder cannot be read.
    """
    made = read_name(path)
    if made is None:
        return Surplus()
    every = copies_in(path.parent)
    unknown = tuple(copy.path for copy in every if not copy.identity and copy.path != path)
    own = [copy for copy in every if copy.identity == made.identity] if made.identity else []
    other_key = tuple(copy.path for copy in own if copy.key != made.key)
    later = next((copy.path for copy in reversed(own) if copy.time > made.time), None)
    counted = [copy for copy in own if copy.key == made.key and not copy.damaged and copy.whole]
    # The new one does not count either when the store is damaged, or when it is no longer there.
    if later is not None or path not in {copy.path for copy in counted}:
        return Surplus((), unknown, other_key, later)
    keep = kept_times([copy.time for copy in counted], days, weeks, months)
    old = tuple(copy.path for copy in counted if copy.time not in keep and copy.path != path)
    return Surplus(old, unknown, other_key)


def kept_times(times: Iterable[datetime], days: int, weeks: int, months: int) -> set[datetime]:
    """Return which of ``times`` are kept: see :func:`surplus`. The newest of all always is."""
    newest_first = sorted(times, reverse=True)
    keep = set(newest_first[:1])
    for count, form in ((days, "%Y%m%d"), (weeks, "%G%V"), (months, "%Y%m")):
        seen: set[str] = set()
        for time in newest_first:
            bucket = time.strftime(form)
            if bucket not in seen and len(seen) < count:
                seen.add(bucket)
                keep.add(time)
    return keep


def drop(paths: Iterable[Path]) -> None:
    """Remove old copies; raise NotSaved when the disk refuses: the others stay."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)  # Another run may have removed it.
        except OSError as error:
            raise NotSaved(
                f"Không bỏ được bản sao lưu cũ {path.name} ({system_reason(error)}).",
                "Xem ổ đĩa của bản sao lưu, rồi chạy lại.",
                "Bản sao lưu mới đã ghi xong và đã đối chiếu; các bản cũ còn lại giữ nguyên.",
            ) from error
