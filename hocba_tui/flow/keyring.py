"""Unlock the key of whoever signs: the certificate decides, then the PIN is asked of that token only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from hocba_tui.config import Config
from hocba_tui.errors import NotAllowed, SigningFailed
from hocba_tui.flow.desk import Desk
from hocba_tui.model.values import Slot
from hocba_tui.rules.permits import Act
from hocba_tui.signing.signer import Signer
from hocba_tui.signing.training import SEAL, key_file, token_environment

Made = TypeVar("Made")
Key = Signer
"""An unlocked key, for those who hand it on without knowing how it signs."""


def certificate_for(desk: Desk, slot: Slot) -> str:
    """Return the fingerprint of the certificate that must sign in ``slot``.

    Raises SigningFailed when none is registered, NotAllowed when the slot is not the actor's.
    """
    if slot is Slot.SEAL:
        desk.require(Act.ISSUE)
        fingerprint, whose = desk.school.seal_certificate, "con dấu của trường"
    else:
        fingerprint, whose = desk.actor.certificate, f"tài khoản {desk.actor.key}"
    if not fingerprint:
        raise SigningFailed(f"Chưa đăng ký chứng thư số cho {whose}.", "Nhờ quản trị đăng ký rồi ký lại.")
    return fingerprint


async def unlock(desk: Desk, slot: Slot, pin: str, modules: Sequence[Path] | None = None) -> Signer:
    """Return the unlocked key for ``slot``. The PIN is tried once.

    A training store without SoftHSM uses its PKCS#12 training keys; everything else is a token.
    """
    from hocba_tui.signing.softkey import SoftKeySigner
    from hocba_tui.signing.token import TokenSigner

    fingerprint = certificate_for(desk, slot)
    if not pin:
        raise NotAllowed("Chưa nhập mã PIN; chưa ký gì.")
    root = desk.root
    if desk.school.training:
        path = key_file(root, SEAL if slot is Slot.SEAL else desk.actor.key)
        if path.exists():
            return SoftKeySigner.open(path, pin)
    places = Config.from_environment().modules if modules is None else modules
    return await TokenSigner.open(places, fingerprint, pin, token_environment(root))


async def with_key(
    desk: Desk, slot: Slot, pin: str, verb: Callable[[Signer], AsyncIterator[Made]]
) -> AsyncIterator[Made]:
    """Unlock the key for ``slot``, yield what ``verb`` makes with it, and let go of it whatever happens."""
    signer = await unlock(desk, slot, pin)
    try:
        async for made in verb(signer):
            yield made
    finally:
        await signer.close()
