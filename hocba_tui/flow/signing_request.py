"""On the computer with the token: show what is asked, sign it record by record. Needs no store, and no Linux."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.config import Config
from hocba_tui.errors import Refused, SigningFailed
from hocba_tui.export.assembly import record_target
from hocba_tui.export.certificate import load_certificate
from hocba_tui.export.profile import load_profile
from hocba_tui.export.record_words import record_words
from hocba_tui.export.schema import NotWellFormed
from hocba_tui.export.signature import key_problem, signed_info
from hocba_tui.export.trust import validity_problem
from hocba_tui.flow.request_file import Answered, Asked, SignedAnswers, SigningRequest
from hocba_tui.model.values import Slot
from hocba_tui.signing.signer import Request
from hocba_tui.signing.token import TokenInfo, TokenSigner, find_token


@dataclass(frozen=True)
class Shown:
    """A record as the person sees it before signing: every value from the very bytes that will be signed."""

    asked: Asked
    name: str
    lines: tuple[str, ...]


def show(request: SigningRequest) -> tuple[Shown, ...]:
    """Return every record of a request in words.

    Refused when one of them is not what it claims to be: nothing of such a file is signed.
    """
    return tuple(_shown(asked) for asked in request.asked)


async def find_token_for(request: SigningRequest, modules: Sequence[Path] | None = None) -> TokenInfo:
    """Return the plugged-in token whose certificate the request names, judged before a PIN is asked."""
    places = Config.from_environment().modules if modules is None else modules
    token = await find_token(places, request.certificate, {})
    certificate = token.holds(request.certificate)
    assert certificate is not None
    loaded = load_certificate(certificate)
    if problem := key_problem(loaded) or validity_problem(loaded, Clock().now()):
        raise SigningFailed(f"Không ký được: {problem}.", "Liên hệ nơi cấp chứng thư.")
    return token


async def sign_request(
    request: SigningRequest,
    chosen: Sequence[Shown],
    token: TokenInfo,
    pin: str,
    now: Callable[[], datetime],
    *,
    final: bool = False,
) -> AsyncIterator[tuple[Shown, SignedAnswers]]:
    """Sign the chosen records in order; yield each with all that is signed so far. The PIN is tried once."""
    signer = await TokenSigner.open(token, request.certificate, pin, {}, final=final)
    pending: dict[str, tuple[Shown, str]] = {}

    async def requests() -> AsyncIterator[Request]:
        for shown in chosen:
            time, asked = now().isoformat(), shown.asked
            pending[asked.uuid] = (shown, time)
            target = record_target(load_profile(asked.profile), asked.uuid, request.slot, asked.region, asked.made)
            yield Request(asked.uuid, signed_info(target, time, signer.certificate))

    answered: list[Answered] = []
    try:
        async for made in signer.sign(requests()):
            shown, time = pending.pop(made.name)
            answered.append(Answered(shown.asked.pupil, made.name, time, made.value))
            yield shown, SignedAnswers(request.slot, signer.certificate, tuple(answered))
    finally:
        await signer.close()


def _shown(asked: Asked) -> Shown:
    try:
        name, *lines = record_words(load_profile(asked.profile), asked.region, asked.uuid)
    except NotWellFormed as error:
        raise Refused(f"Tệp yêu cầu có học bạ không dùng được: {error}. Không ký gì.") from error
    return Shown(asked, name, tuple(lines))


SIGNED_BY = {Slot.HOMEROOM: "giáo viên chủ nhiệm", Slot.PRINCIPAL: "cán bộ quản lí"}
"""Who signs in a slot, in words."""
