"""Files that were issued for a class and that the class does not know: it was put back to an older copy.

Its pupils must not be signed again under a second UUID.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import CLAIMS, PACKAGES, OpenClass, OpenSchool
from hocba_tui.flow.records.signatures import uuids_named
from hocba_tui.model.pupil import Pupil
from hocba_tui.store.backend import Store


def issued_unknown(opened: OpenClass, pupils: Iterable[Pupil]) -> dict[str, str]:
    """Return why a pupil of this class may not be signed for, by key: a file of this year names them.

    A file counts when it lies in ``issued`` or in a package, and the class's journal has never named it, as a record's
    own or as one that was replaced or revoked. StoreUnusable when the journal cannot be read to its end.
    """
    strange = _strange(opened)
    if strange:
        # The history is long: it is read only when there is a file that the records of today do not explain.
        entries = opened.shard.entries()
        strange -= {uuid for entry in entries for edit in entry.edits for uuid in uuids_named(edit)}
    year = _between_tags(opened.classroom.year)
    files = [(uuid, data) for uuid in sorted(strange) if year in (data := _content(opened.school, uuid))]
    return {
        pupil.key: f"Đã có học bạ {uuid} phát hành cho em này mà lớp {opened.key} không biết (tệp lớp là bản cũ). "
        "Chưa ký em này; báo người phụ trách máy chủ: hocba store check."
        for pupil in pupils
        for uuid, data in files
        if any(_between_tags(code) in data for code in (pupil.code, pupil.personal_id) if code)
    }


def _strange(opened: OpenClass) -> set[str]:
    """Return the files that neither this class's records nor another class's packages explain."""
    outbox = opened.school.outbox
    packages = outbox.table(PACKAGES)
    others = {
        uuid
        for uuid, claim in outbox.table(CLAIMS).items()
        if packages.get(claim.get("batch", ""), {}).get("class", opened.key) != opened.key
    }
    own = {record.uuid for record in opened.records.values()}
    return ({*outbox.table(CLAIMS)} | set(_issued(opened.school.store))) - others - own


def _issued(store: Store) -> Iterator[str]:
    folder = Path(store.issued_path("any")).parent
    yield from (path.stem for path in folder.glob("*.xml"))


def _content(school: OpenSchool, uuid: str) -> bytes:
    """Return a file from ``issued``, else from its package; empty when it is in neither."""
    from hocba_tui.export.record.package import open_package
    from hocba_tui.export.record.schema import NotWellFormed
    from hocba_tui.export.record.xmldsig_check import BrokenSignature

    try:
        return school.store.issued(uuid)
    except StoreUnusable:
        outbox = school.outbox
        package = outbox.document(PACKAGES, outbox.document(CLAIMS, uuid).get("batch", ""))
    try:
        files = open_package(outbox.kept(package.get("file", ""))).files
    except (StoreUnusable, NotWellFormed, BrokenSignature):
        return b""
    return next((data for data in files if uuid.encode() in data), b"")


def _between_tags(text: str) -> bytes:
    return f">{text}<".encode()
