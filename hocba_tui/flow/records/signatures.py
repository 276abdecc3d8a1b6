"""Store a record's signatures, and assemble its file from them and the frozen bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import RECORDS, Desk, OpenClass, OpenSchool
from hocba_tui.model.record import Record, Signed
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.store.backend import Edit

if TYPE_CHECKING:
    from hocba_tui.export.trust.issuers import Trust

SEALED = (RecordState.ISSUED, RecordState.SENT, RecordState.ACCEPTED, RecordState.REJECTED)
"""States in which a record has its three signatures and a file."""


def uuids_named(edit: Edit) -> Iterator[str]:
    """Yield the UUIDs of files that an edit of a class names: a record's own, or one that is replaced or revoked."""
    if edit.table == RECORDS and edit.field in ("uuid", "replaced", "revoked"):
        yield from (value for value in (edit.before, edit.after) if isinstance(value, str))


def pinned_issuers(desk: Desk, school: OpenSchool | None = None) -> Trust:
    """Return the issuers that this school trusts, its seals, and whose certificates are whose.

    ``school`` is the school where the verb has opened it already.
    """
    from hocba_tui.export.trust.issuers import Trust
    from hocba_tui.flow.registrations import facts_of

    return Trust.from_folders([desk.root / "trust"], facts_of((school or desk.open_school()).shard, desk.root))


class Keeper(Protocol):
    """Anything that returns the kept bytes of a class."""

    def kept(self, digest: str) -> bytes:
        """Return the bytes kept under ``digest``."""


def signatures_of(shard: Keeper, record: Record) -> tuple[Signed, ...]:
    """Return the signatures that a record has, in the order of making."""
    kept = record.signatures or {}
    return tuple(unpack(shard.kept(kept[slot])) for slot in Slot if slot in kept)


def assembled(shard: Keeper, record: Record) -> bytes:
    """Return the file of a sealed record, always the same bytes; raise Refused when the record has no seal yet."""
    if record.state not in SEALED:
        raise Refused("Học bạ này chưa được đóng dấu; chưa có tệp.")
    from hocba_tui.export.record.assembly import record_file
    from hocba_tui.export.record.profile import load_profile

    profile = load_profile(record.profile)
    return record_file(profile, record.uuid, shard.kept(record.frozen), signatures_of(shard, record))


def settle_file(opened: OpenClass, record: Record) -> bytes:
    """Return a sealed record's file from the disk; write it first when a crash prevented that."""
    store = opened.school.store
    if not Path(store.issued_path(record.uuid)).exists():
        store.issue(record.uuid, assembled(opened.shard, record))
    return store.issued(record.uuid)


def pack(signed: Signed) -> bytes:
    """Return a signature as the bytes that are kept in the frozen folder."""
    body: dict[str, Any] = {
        "slot": signed.slot,
        "time": signed.time,
        "value": base64.b64encode(signed.value).decode(),
        "certificate": base64.b64encode(signed.certificate).decode(),
    }
    if signed.xades:
        body["xades"] = True
    if signed.stamp:
        body["stamp"] = base64.b64encode(signed.stamp).decode()
    return orjson.dumps(body)


def unpack(data: bytes) -> Signed:
    """Return the signature that :func:`pack` packed."""
    body = orjson.loads(data)
    value, certificate = base64.b64decode(body["value"]), base64.b64decode(body["certificate"])
    stamp = base64.b64decode(body.get("stamp", ""))
    return Signed(Slot(body["slot"]), body["time"], value, certificate, bool(body.get("xades")), stamp)
