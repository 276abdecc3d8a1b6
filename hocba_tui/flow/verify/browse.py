"""List and verify files that came from elsewhere, and word the verdicts for a screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from hocba_tui.errors import Refused, system_reason
from hocba_tui.export.report import MARKS
from hocba_tui.export.trust.verdict import FileVerdict, Verdict
from hocba_tui.export.words import headline_of, sections_of
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.handing_out import require_from_outside
from hocba_tui.flow.registrations import facts_of, note_seen
from hocba_tui.flow.verify.as_read import readable_of_anybody, verdict_as_read
from hocba_tui.flow.verify.files import Verified, verify_files
from hocba_tui.rules.permits import Act
from hocba_tui.rules.reading import Sensitive
from hocba_tui.text import clean_line, foreign

MAX_FILES = 10_000
"""More than anybody reads on a screen; the command line takes any number."""
_NOTHING_CHANGED = "Không có gì bị thay đổi."


@dataclass(frozen=True)
class Listed:
    """The files of a folder by name, and how many more there are beyond ``MAX_FILES``."""

    paths: tuple[Path, ...]
    more: int = 0


def list_files(desk: Desk, typed: str) -> Listed:
    """Return the file that was named, or the XML files of a folder (not of the folders in it).

    Raises NotAllowed, and Refused when there is nothing to be read there.
    """
    groups = _require(desk)
    if not typed.strip():
        raise Refused("Chưa gõ đường dẫn.", "Gõ đường dẫn của một tệp hay một thư mục rồi Enter.", _NOTHING_CHANGED)
    try:
        place = Path(typed.strip()).expanduser()
        _require_outside(desk, place, groups)
        if not place.is_dir():
            place.stat()
            return Listed((place,))
        with os.scandir(place) as entries:
            names = sorted(entry.name for entry in entries if entry.name.lower().endswith(".xml"))
    except (OSError, ValueError, RuntimeError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "đường dẫn không đúng dạng"
        raise Refused(
            f"Không đọc được {clean_line(typed)[:200]}: {reason}.", "Xem lại đường dẫn trên máy chủ.", _NOTHING_CHANGED
        ) from error
    if not names:
        raise Refused(f"Thư mục {clean_line(typed)[:200]} không có tệp .xml nào.", "", _NOTHING_CHANGED)
    return Listed(tuple(place / name for name in names[:MAX_FILES]), max(0, len(names) - MAX_FILES))


def verify_listed(
    desk: Desk, paths: Sequence[Path], stopped: Callable[[], bool], *, any_xml: bool
) -> Iterator[Verified]:
    """Yield the verdict on each file, in order, against the school's own trust, until ``stopped`` says so.

    The journal notes the first sight of each record whose signatures hold, which proves later that they existed.
    Raises NotAllowed, and Refused when a process that verifies dies.
    """
    groups = _require(desk)
    for path in paths:
        _require_outside(desk, path, groups)
    kind = "any" if any_xml else "record"
    desk.store.log_access(desk.account, "verify_files", f"{kind}: {len(paths)}")
    now, facts = desk.clock.now(), facts_of(desk.school_shard, desk.root)
    good: list[str] = []
    try:
        with closing(verify_files(paths, [desk.root / "trust"], any_xml=any_xml, now=now, facts=facts)) as found:
            for one in found:
                if isinstance(one.verdict, FileVerdict) and one.verdict.values:
                    good.append(one.verdict.basis.digest)
                yield replace(one, verdict=verdict_as_read(one.verdict, groups))
                if stopped():
                    return
    finally:
        note_seen(desk, good, now)


def _require(desk: Desk) -> frozenset[Sensitive]:
    """Return what the actor may read of any pupil; NotAllowed unless they may verify files."""
    school = desk.open_school()
    school.require(Act.VERIFY)
    return readable_of_anybody(school.actor)


def _require_outside(desk: Desk, path: Path, groups: frozenset[Sensitive]) -> None:
    """Raise Refused for a file of a store, unless the actor may read everything of everybody."""
    if groups != frozenset(Sensitive):
        require_from_outside(desk, path)


def shown_name(path: Path) -> str:
    """Return a file's name for the screen: always one clean line that is not empty."""
    return foreign(path.name) or "(tên không đọc được)"


def verdict_word(one: Verified) -> str:
    """Return the verdict for a narrow column, marked where a training key signed."""
    verdict = one.verdict.verdict
    if one.unreadable:
        return f"{MARKS[verdict]} {one.label}"
    training = " (tập huấn)" if one.verdict.training and verdict is not Verdict.INDETERMINATE else ""
    return f"{MARKS[verdict]} {verdict.label}{training}"


def whose_and_why(one: Verified) -> str:
    """Return whose record it is (from its signed bytes), or who signed another file, and the reason of the verdict."""
    found = one.verdict
    if isinstance(found, FileVerdict):
        said = [foreign(found.values.get(tag, "")) for tag in ("HO_VA_TEN", "TEN_LOP")]
        whose = " ".join(text for text in said if text)
    else:
        signers = [f"{MARKS[each.verdict]} {foreign(each.signer.holder)}" for each in found.signatures]
        whose = " ".join(signers) if found.verdict is not Verdict.FAILED else ""
    steps = (step for step in found.steps if step.verdict is found.verdict is not Verdict.PASSED)
    why = next((f"bước {step.number}: {foreign(step.reason)}" for step in steps), "")
    return " — ".join(part for part in (whose, why) if part)


def said_of(one: Verified) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the verdict on a file in one line, and in sections: each a title with its lines."""
    sections = tuple((section.title, section.lines) for section in sections_of(one.verdict))
    told = one.headline if one.unreadable else headline_of(shown_name(one.path), one.verdict)
    return told, sections
