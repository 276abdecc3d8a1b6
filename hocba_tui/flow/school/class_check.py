"""Check one shard with the files that it has issued, and sum up what was found, small enough for another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hocba_tui.errors import HocbaError, StoreUnusable
from hocba_tui.flow.desk import PACKAGES, PUPILS, RECORDS
from hocba_tui.flow.records.signatures import SEALED, assembled, uuids_named
from hocba_tui.model.record import Record
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.checking import Flaw, Proof, check_shard
from hocba_tui.store.disk import read_plain
from hocba_tui.store.folder import ISSUED
from hocba_tui.store.shard import FROZEN


@dataclass
class Checked:
    """What was found in one shard; or in the store as a whole, then without a journal."""

    name: str
    flaws: list[Flaw] = field(default_factory=list)
    entries: int = 0
    """Lines of its journal, up to the first damage."""
    has_journal: bool = False
    """Whether its journal has a line that can be read."""
    damaged: bool = False
    """Whether its journal may say more than could be read."""
    named: frozenset[str] = frozenset()
    """UUIDs of all files that its journal has ever named."""
    records: tuple[Record, ...] = ()
    present: tuple[str, ...] = ()
    """Keys of the pupils who have not left."""


class Named:
    """What the edits of a journal name."""

    def __init__(self) -> None:
        self.uuids: set[str] = set()
        """Of issued files."""
        self.seals: set[str] = set()
        """Fingerprints of the certificates that were ever the school's seal."""

    def blob_of(self, edit: Edit) -> str:
        """Note the issued files that an edit names; return the digest of the frozen file, empty when it has none."""
        if edit.table == RECORDS:
            self.uuids.update(uuids_named(edit))
            frozen = edit.field == "frozen" or edit.field.startswith("signed.")
        else:
            frozen = edit.table == PACKAGES and edit.field == "file"
            if edit.table == SCHOOL and edit.field == "seal_certificate":
                self.seals.update(str(value) for value in (edit.before, edit.after) if value)
        return edit.after if frozen and isinstance(edit.after, str) else ""


def class_checker(root: Path) -> Callable[[str], Checked]:
    """Return what checks the class of a name."""

    def check(name: str) -> Checked:
        seen = Named()
        return summed_up(root, check_shard(root, name, seen.blob_of), seen)

    return check


def summed_up(root: Path, proof: Proof, seen: Named) -> Checked:
    """Return what the proof of a shard says, with the flaws of the files that it has issued."""
    records: list[Record] = []
    flaws = [*proof.flaws, *_issued(root, proof, records)]
    return Checked(
        proof.name,
        flaws,
        proof.entries,
        has_journal=proof.mark is not None,
        damaged=bool(proof.unread) or proof.broken,
        named=frozenset(seen.uuids),
        records=tuple(records),
        present=tuple(key for key, document in proof.tables.table(PUPILS).items() if not document.get("left")),
    )


def _issued(root: Path, proof: Proof, records: list[Record]) -> Iterator[Flaw]:
    """Yield each issued file of a shard that differs from what the journal says, byte for byte."""
    for pupil, document in proof.tables.table(RECORDS).items():
        try:
            record = Record.from_fields(pupil, document)
        except ValueError as error:
            yield Flaw(f"{proof.name}/{pupil}", f"bản ghi không hiểu được: {error}", lost=False)
            continue
        records.append(record)
        if record.state not in SEALED:
            continue
        place = f"{ISSUED}/{record.uuid}.xml"
        try:
            wanted = assembled(_Kept(root / proof.name / FROZEN), record)
        except (HocbaError, ValueError, KeyError, TypeError, OSError, SyntaxError) as error:
            yield Flaw(place, f"không dựng lại được từ các phần đã ký: {error}")
            continue
        try:
            held = read_plain(root / place)
        except OSError:
            yield Flaw(place, "đã mất; tự dựng lại y nguyên từ các phần đã ký khi cần", lost=False)
            continue
        if held != wanted:
            yield Flaw(place, "nội dung đã bị thay đổi sau khi phát hành")


@dataclass(frozen=True)
class _Kept:
    """The frozen files of a shard, read without opening the shard."""

    folder: Path

    def kept(self, digest: str) -> bytes:
        """Return the bytes, whose digest the check has verified before; StoreUnusable when they are gone."""
        try:
            return read_plain(self.folder / digest)
        except OSError as error:
            raise StoreUnusable(f"thiếu tệp đóng băng {digest[:12]}…", safe="") from error
