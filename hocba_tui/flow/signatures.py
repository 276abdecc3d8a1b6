"""A record's signatures as they are kept, and the file that they make with the frozen bytes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Protocol

import orjson

from hocba_tui.errors import Refused
from hocba_tui.export.profile import Profile, load_profile
from hocba_tui.export.schema import parse
from hocba_tui.export.signature import assemble
from hocba_tui.export.trust import Trust
from hocba_tui.flow.desk import Desk
from hocba_tui.model.record import Record, Signed
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.store.backend import Shard

SEALED = (RecordState.ISSUED, RecordState.SENT, RecordState.ACCEPTED, RecordState.REJECTED)
"""States in which a record has its three signatures and a file."""


def pinned_issuers(desk: Desk) -> Trust:
    """Return the issuers that this school trusts."""
    return Trust.from_folders([desk.root / "trust"])


def pack(signed: Signed) -> bytes:
    """Return a signature as the bytes that are kept in the frozen folder."""
    return orjson.dumps(
        {
            "slot": signed.slot,
            "time": signed.time,
            "value": base64.b64encode(signed.value).decode(),
            "certificate": base64.b64encode(signed.certificate).decode(),
        }
    )


def unpack(data: bytes) -> Signed:
    """Return the signature that :func:`pack` packed."""
    body = orjson.loads(data)
    value, certificate = base64.b64decode(body["value"]), base64.b64decode(body["certificate"])
    return Signed(Slot(body["slot"]), body["time"], value, certificate)


class Keeper(Protocol):
    """What holds the kept bytes of a class."""

    def kept(self, digest: str) -> bytes:
        """Return the bytes kept under ``digest``."""


def signatures_of(shard: Keeper, record: Record) -> tuple[Signed, ...]:
    """Return the signatures that a record has, in the order of making."""
    kept = record.signatures or {}
    return tuple(unpack(shard.kept(kept[slot])) for slot in Slot if slot in kept)


def record_file(profile: Profile, uuid: str, region: bytes, made: tuple[Signed, ...]) -> bytes:
    """Return the file of a record with the signatures made so far."""
    element = parse(region)
    holders = {p.slot: element.findtext(f".//{p.holder}") or "" for p in profile.slots if p.holder}
    return assemble(profile, uuid, region, holders, list(made))


def assembled(shard: Keeper, record: Record) -> bytes:
    """Return the file that the journal says a sealed record has, the same bytes whenever it is assembled."""
    if record.state not in SEALED:
        raise Refused("Học bạ này chưa được đóng dấu; chưa có tệp.")
    profile = load_profile(record.profile)
    return record_file(profile, record.uuid, shard.kept(record.frozen), signatures_of(shard, record))


def settle_file(desk: Desk, shard: Shard, record: Record) -> bytes:
    """Return what lies on the disk as a sealed record's file, writing it when a crash kept it from being written."""
    if not Path(desk.store.issued_path(record.uuid)).exists():
        desk.store.issue(record.uuid, assembled(shard, record))
    return desk.store.issued(record.uuid)
