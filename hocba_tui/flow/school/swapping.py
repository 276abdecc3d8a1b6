"""Put a restored backup in the place of the store that is in use, while nobody is in it.

No account is needed: the store may be one that cannot be opened any more.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError, NotSaved, Refused, StoreUnusable, system_reason
from hocba_tui.flow.school.store_check import check_store, take_over_sent
from hocba_tui.store.backups.archive import Contents
from hocba_tui.store.backups.backup_state import note_accepted, read_state
from hocba_tui.store.backups.copies import STAMP
from hocba_tui.store.backups.heads_file import file_of, origin_of
from hocba_tui.store.backups.noted_heads import note_how_far
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.backups.swap import (
    Difference,
    compare,
    of_other_origin,
    swap,
    take_over_drafts,
    take_over_recipients,
)
from hocba_tui.store.checking import Flaw
from hocba_tui.store.disk import make_folder
from hocba_tui.store.filesystem import require_own_local, require_store
from hocba_tui.store.folder import BACKUPS, ISSUED, SENT_LOG
from hocba_tui.store.identity import identity_of, remove_store
from hocba_tui.store.presence import alone

_SHOWN = 10
_UNTOUCHED = "Kho đang dùng còn nguyên, chưa đổi gì."


@dataclass(frozen=True)
class Swapped:
    """What was done, and what only the old store has."""

    contents: Contents
    aside: Path
    """Where the old store is now, whole."""
    differences: list[Difference]
    issued: int
    """Number of issued files that only the old store has."""
    drafts: int
    """Number of people whose drafts were taken over."""
    recipients: bool
    """Whether the old store's list of recipients was taken over, because the copy had another one."""
    sent_log: bool
    """Whether there was a log of what was sent."""
    flaws: list[Flaw]
    mounted: bool
    """Whether another disk is mounted at the old store's folder of backups: it went with the old store."""
    leftovers: list[Path]
    """What an earlier attempt that was killed left beside the store."""
    unnoted: str = ""
    """Why other copies of the store could not be told where it is backed up; its next backup tells them."""


def swap_in(
    root: Path, archive: Path, identity: Path | None, sent_logs: Iterable[Path] = (), *, accept_fork: bool = False
) -> Swapped:
    """Restore ``archive`` beside the store in ``root``, check it, and let it take that store's place.

    Raises Conflict when somebody is in the store; Refused when the copy is one of another school, or when store and
    copy both went on from a common past, unless ``accept_fork``; StoreUnusable when the copy is damaged; NotSaved when
    the disk refuses. Then the store in ``root`` is as it was, and nothing is left beside it.
    """
    require_store(root)
    root = root.resolve()
    require_own_local(root)
    if os.path.ismount(root):
        raise Refused(
            f"{root} là nơi gắn một ổ đĩa nên không đổi tên được.",
            "Để kho trong một thư mục con của ổ ấy, hoặc khôi phục bằng --to vào ổ khác.",
            _UNTOUCHED,
        )
    _require_nobody(root)  # Before the long work, and again at the end of it.
    stamp = Clock().now().strftime(STAMP)
    beside = root.with_name(f"{root.name}.swap-{stamp}")
    contents = restore(archive, beside, Clock().now, identity)
    own = identity_of(beside)
    try:
        logs = [root / BACKUPS / SENT_LOG, archive.parent / SENT_LOG, *sent_logs]
        sent_log = take_over_sent(beside, logs)
        flaws = _require_whole(beside)
        if of_other_origin(root, beside):
            raise Refused(
                "Bản sao lưu này là của một kho khác, không phải của kho đang dùng.",
                "Chọn đúng bản sao lưu; muốn xem bản này thì khôi phục bằng --to vào thư mục mới.",
                _UNTOUCHED,
            )
        with alone(root):
            differences = compare(root, beside, contents)
            _require_one_line(differences, accept_fork=accept_fork)
            issued = {path.name for path in (root / ISSUED).glob("*.xml")}
            only_here = issued - {path.name for path in (beside / ISSUED).glob("*.xml")}
            drafts, recipients = take_over_drafts(root, beside), take_over_recipients(root, beside)
            aside = root.with_name(f"{root.name}.before-{stamp}")
            mounted = os.path.ismount(root / BACKUPS)
            folder, places = read_state(root).folder, _where_noted(root, archive)
            note_accepted(beside, Clock().now().isoformat(), folder)
            swap(root, beside, aside)
    except OSError as error:
        raise NotSaved(
            f"Không đổi được hai thư mục ({system_reason(error)}).", "Kiểm tra ổ đĩa rồi chạy lại.", _UNTOUCHED
        ) from error
    finally:
        if own and identity_of(beside) == own:  # It did not take its place: another attempt makes it again.
            remove_store(beside, own)
    left = sorted([*root.parent.glob(f"{root.name}.swap-*"), *root.parent.glob(f".{root.name}.swap-*")])
    unnoted = _tell_others(root, aside if mounted else root, places)
    return Swapped(
        contents, aside, differences, len(only_here), drafts, recipients, sent_log, flaws, mounted, left, unnoted
    )


def _where_noted(root: Path, archive: Path) -> list[Path]:
    """Return the folders in which copies of the store in ``root`` have noted how far they had come."""
    origin, folder = origin_of(root), read_state(root).folder
    candidates = {archive.parent.resolve(), *([Path(folder)] if folder else [])}
    return sorted(place for place in candidates if origin and os.path.lexists(file_of(place, origin)))


def _tell_others(root: Path, holder: Path, places: Iterable[Path]) -> str:
    """Note in each place that the new store in ``root`` is the one to go on with; return why not, where it fails.

    A place within the store is now within ``holder``.
    """
    problem = ""
    for place in places:
        now = holder / place.relative_to(root) if place.is_relative_to(root) else place
        if now.is_relative_to(root):
            with contextlib.suppress(OSError, HocbaError):
                make_folder(now)
        problem = note_how_far(root, now, Clock().now().isoformat(), accept=True).problem or problem
    return problem


def compare_with(root: Path, restored: Path, contents: Contents) -> list[Difference]:
    """Return how the store in ``root`` differs from a copy of it that was restored; none when there is no store."""
    try:
        require_store(root)
    except StoreUnusable:
        return []
    return compare(root, restored, contents)


def in_words(found: list[Difference]) -> Iterator[str]:
    """Yield the lines that say how a store in use differs from a copy; none when it does not."""
    here, copied = sum(one.only_here for one in found), sum(one.only_copied for one in found)
    if here:
        yield f"Bản sao lưu không có {here} bản ghi mà kho đang dùng đã có:"
    for one in [one for one in found if one.only_here][:_SHOWN]:
        yield f"  · {one.shard}: {one.only_here} bản ghi"
    if copied:
        yield f"Bản sao lưu có {copied} bản ghi mà kho đang dùng không có: kho ấy bị cắt, hoặc là bản chép cũ hơn."
    for one in [one for one in found if one.forked is not None][:_SHOWN]:
        yield f"  ! {one.shard}: đi hai ngả từ bản ghi số {one.forked}"


def _require_nobody(root: Path) -> None:
    try:
        with alone(root):
            pass
    except OSError as error:
        raise NotSaved(f"Không khóa được kho {root} ({system_reason(error)}).", "", _UNTOUCHED) from error


def _require_whole(beside: Path) -> list[Flaw]:
    """Return what is to be seen in the restored store; StoreUnusable when something in it is damaged."""
    flaws = [flaw for checked in check_store(beside) for flaw in checked.flaws]
    # What was sent since is to be seen, and is no damage: a copy is always older than the store.
    damage = [flaw for flaw in flaws if flaw.lost and flaw.place != f"{BACKUPS}/{SENT_LOG}"]
    if damage:
        raise StoreUnusable(
            f"Bản sao lưu này có {len(damage)} chỗ hỏng: {damage[0].place}: {damage[0].what}.",
            "Chọn bản khác; muốn xem bản này thì khôi phục bằng --to vào thư mục mới.",
            _UNTOUCHED,
        )
    return flaws


def _require_one_line(differences: list[Difference], *, accept_fork: bool) -> None:
    forked = [one for one in differences if one.forked is not None]
    if forked and not accept_fork:
        raise Refused(
            f"Kho đang dùng và bản sao lưu đã đi hai ngả: {forked[0].shard} khác nhau từ bản ghi số {forked[0].forked}"
            f" ({forked[0].only_here} bản ghi chỉ kho đang dùng có, {forked[0].only_copied} chỉ bản sao lưu có).",
            "Có lẽ hai máy cùng nhập trên hai bản chép của một kho: xem cả hai trước (--to). "
            "Vẫn muốn đổi thì thêm --accept-fork; kho đang dùng được để riêng, không mất.",
            _UNTOUCHED,
        )
