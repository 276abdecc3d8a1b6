"""Find and unlock the key that signs: the registered certificate decides which one, before a PIN is asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hocba_tui.config import Config
from hocba_tui.errors import SigningFailed
from hocba_tui.export.trust.algorithms import key_problem
from hocba_tui.export.trust.certificate import BadCertificate, fingerprint, holder_id, holder_name, load_certificate
from hocba_tui.export.trust.issuers import Anchor, Trust, validity_problem
from hocba_tui.export.trust.paths import find_path
from hocba_tui.flow.desk import Desk, OpenSchool
from hocba_tui.flow.records.signatures import pinned_issuers
from hocba_tui.model.values import Slot
from hocba_tui.rules.permits import Act
from hocba_tui.rules.pin import pin_problem
from hocba_tui.signing.forwarded import missing_here
from hocba_tui.signing.signer import Signer
from hocba_tui.signing.softkey import SoftKeySigner
from hocba_tui.signing.token import NoToken, TokenInfo, TokenSigner, find_token, list_tokens
from hocba_tui.signing.training import SEAL, key_file, token_environment
from hocba_tui.text import foreign

Made = TypeVar("Made")
Key = Signer
"""An unlocked key, for modules that pass it on without knowing how it signs."""


@dataclass(frozen=True)
class KeyInfo:
    """The key that will sign, found without a PIN: a token, or else the file of a training key."""

    token: TokenInfo | None
    path: Path | None = None

    @property
    def tries(self) -> str:
        """Return what the token reports of its PIN tries; empty when nothing is wrong."""
        return self.token.tries if self.token else ""

    @property
    def final_try(self) -> bool:
        """Return whether the next wrong PIN locks the token."""
        return self.token is not None and self.token.final_try


def certificate_for(school: OpenSchool, slot: Slot) -> str:
    """Return the fingerprint of the certificate that must sign in ``slot``.

    Raises SigningFailed when none is registered, NotAllowed when the slot is not the actor's.
    """
    if slot is Slot.SEAL:
        school.require(Act.ISSUE)
        registered, whose = school.settings.seal_certificate, "con dấu của trường"
    else:
        if slot is Slot.PRINCIPAL:
            school.require(Act.APPROVE)
        registered, whose = school.actor.certificate, f"tài khoản {school.account}"
    if not registered:
        raise SigningFailed(f"Chưa đăng ký chứng thư số cho {whose}.", "Đăng ký bằng hocba token register rồi ký lại.")
    return registered


async def find_key(desk: Desk, slot: Slot, modules: Sequence[Path] | None = None) -> KeyInfo:
    """Find the key for ``slot`` without a PIN, and judge its certificate.

    Raises SigningFailed when no token holds the registered certificate (and says which ones are there), when it
    has expired, is not yet valid, is of another use, or comes from an issuer whom the school does not trust.
    """
    school = desk.open_school()
    registered = certificate_for(school, slot)
    if school.settings.training:
        path = key_file(desk.root, SEAL if slot is Slot.SEAL else desk.account)
        if path.exists():
            return KeyInfo(None, path)
    try:
        token = await find_token(_places(modules), registered, token_environment(desk.root))
    except NoToken as error:
        found = await list_tokens(_places(modules), token_environment(desk.root))
        away = f" Token cắm ở máy của bạn: {problem}." if (problem := missing_here()) else ""
        raise SigningFailed(error.what + _plugged_in(found), error.now + away) from error
    certificate = token.holds(registered)
    assert certificate is not None
    school = desk.open_school()  # Again: the tokens took their time.
    require_right_certificate(desk, school, slot, certificate, pinned_issuers(desk, school))
    return KeyInfo(token)


async def unlock(
    desk: Desk,
    slot: Slot,
    pin: str,
    modules: Sequence[Path] | None = None,
    *,
    found: KeyInfo | None = None,
    final: bool = False,
) -> Signer:
    """Return the unlocked key for ``slot``. The PIN is tried once.

    ``found`` is what :func:`find_key` returned before the PIN was asked; ``final`` says that the person knows it
    is the last try before the token locks. A PIN that an input method has spoiled is refused before a try is used.
    """
    require_pin(pin)
    key = found or await find_key(desk, slot, modules)
    if key.path is not None:
        return SoftKeySigner.open(key.path, pin)
    assert key.token is not None
    registered = certificate_for(desk.open_school(), slot)  # As it is now: the person took the time to type the PIN.
    return await TokenSigner.open(key.token, registered, pin, token_environment(desk.root), final=final)


def require_pin(pin: str) -> None:
    """Raise SigningFailed, with no try used, when ``pin`` cannot be the PIN of a token."""
    if problem := pin_problem(pin):
        raise SigningFailed(problem, safe="")


async def with_key(
    desk: Desk,
    slot: Slot,
    pin: str,
    verb: Callable[[Signer], AsyncGenerator[Made, None]],
    *,
    found: KeyInfo | None = None,
    final: bool = False,
) -> AsyncGenerator[Made, None]:
    """Unlock the key for ``slot``, yield what ``verb`` makes with it, and always close it."""
    signer = await unlock(desk, slot, pin, found=found, final=final)
    try:
        async with aclosing(verb(signer)) as batch:
            async for made in batch:
                yield made
    finally:
        await signer.close()


def require_right_certificate(desk: Desk, school: OpenSchool, slot: Slot, certificate: bytes, trust: Trust) -> bool:
    """Return whether the certificate is a training one; refuse a wrong one before anything is signed."""
    if fingerprint(certificate) != certificate_for(school, slot):
        raise SigningFailed("Chứng thư trên token không phải chứng thư đã đăng ký.", "Cắm đúng token rồi thử lại.")
    return judge(desk, certificate, trust).training


def judge(desk: Desk, certificate: bytes, trust: Trust) -> Anchor:
    """Return the pinned issuer of a certificate that may sign today; raise SigningFailed when it may not."""
    try:
        loaded = load_certificate(certificate)
        problem = key_problem(loaded) or validity_problem(loaded, desk.clock.now())
        path = find_path(loaded, trust)
    except BadCertificate as error:
        raise SigningFailed(f"Không ký được: {error}.", "Liên hệ nơi cấp chứng thư.") from error
    if problem:
        raise SigningFailed(f"Không ký được: {problem}.", "Liên hệ nơi cấp chứng thư.")
    if path is None:
        raise SigningFailed(
            "Nơi cấp chứng thư này chưa nằm trong danh sách tin cậy của trường.",
            "Nhờ quản trị thêm chứng thư của nơi cấp vào thư mục trust.",
        )
    return path.anchor


def holder_of(certificate: bytes) -> str:
    """Return whom a certificate names, for a person to recognise; never for a decision."""
    try:
        loaded = load_certificate(certificate)
    except BadCertificate as error:
        return str(error)
    number = holder_id(loaded)
    return f"{holder_name(loaded)} (CCCD {foreign(number)})" if number else holder_name(loaded)


def _places(modules: Sequence[Path] | None) -> Sequence[Path]:
    return Config.from_environment().modules if modules is None else modules


def _plugged_in(tokens: Sequence[TokenInfo]) -> str:
    names = [holder_of(der) for token in tokens for der in token.certificates]
    return f" Đang cắm: {', '.join(dict.fromkeys(names))}." if names else ""
