"""Put the sealed files of a class into the outbox as packages, each signed by the school."""

from __future__ import annotations

import contextlib
import uuid as uuids
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hocba_tui.errors import Conflict, SigningFailed
from hocba_tui.export.record.package import open_package, package_file, package_target, portions
from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.record.signature import signed_info
from hocba_tui.export.record.xmldsig_check import BrokenSignature
from hocba_tui.flow.desk import CLAIMS, PACKAGES, OpenClass
from hocba_tui.flow.portal.outbox import QUEUED
from hocba_tui.flow.records.ready import unpackaged
from hocba_tui.flow.records.signatures import settle_file
from hocba_tui.signing.signer import Request, Signer
from hocba_tui.store.backend import Edit, edits_for


def unpackaged_files(opened: OpenClass) -> dict[str, bytes]:
    """Return their files by UUID; write those to the disk first that a crash prevented from being written."""
    return {uuid: settle_file(opened, record) for uuid, record in unpackaged(opened).items()}


def queue(opened: OpenClass, made: PackageSignature, files: Mapping[str, bytes], certificate: bytes) -> None:
    """Put sealed records into the outbox as one package; ``files`` has theirs by UUID, ``certificate`` is DER.

    Raises SigningFailed when the package's signature does not hold over them. When somebody else has put one of
    them into a package meanwhile, nothing is changed: they stay :func:`~hocba_tui.flow.records.ready.unpackaged`.
    """
    members = [files[uuid] for uuid in made.uuids]
    data = package_file(package_target(made.message, members), made.time, made.value, certificate)
    try:
        holds = open_package(data).files == tuple(members)
    except (NotWellFormed, BrokenSignature):
        holds = False
    if not holds:
        raise SigningFailed("Chữ ký của gói gửi không kiểm được; không giữ lại.")
    training = any(record.training for record in opened.records.values() if record.uuid in made.uuids)
    school, outbox = opened.school, opened.school.outbox
    package = {
        "class": opened.key,
        "uuids": list(made.uuids),
        "file": outbox.keep(data),
        "state": QUEUED,
        "made": made.time,
        "training": training or None,
    }
    # Each record is claimed by its package in the same change, so that it is never in two.
    claims = [Edit(CLAIMS, uuid, "batch", None, made.message) for uuid in made.uuids]
    with contextlib.suppress(Conflict):
        outbox.change(school.account, "queue", [*edits_for(PACKAGES, made.message, {}, package), *claims])
    school.store.note_heads()


@dataclass(frozen=True)
class PackageSignature:
    """The signature of one package of sealed records, made at ``time`` (as written in the file)."""

    message: str
    uuids: tuple[str, ...]
    time: str
    value: bytes


async def sign_packages(
    files: Mapping[str, bytes], signer: Signer, now: Callable[[], datetime]
) -> AsyncIterator[PackageSignature]:
    """Sign sealed files (by UUID) in packages, each under the portal's size limit."""
    plans = {str(uuids.uuid4()): tuple(portion) for portion in portions(files)}
    times: dict[str, str] = {}

    async def requests() -> AsyncIterator[Request]:
        for message, members in plans.items():
            times[message] = now().isoformat()
            target = package_target(message, [files[uuid] for uuid in members])
            yield Request(message, signed_info(target, times[message], signer.certificate))

    async for made in signer.sign(requests()):
        yield PackageSignature(made.name, plans[made.name], times[made.name], made.value)
