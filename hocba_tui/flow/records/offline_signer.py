"""Show and sign a request, record by record, on the computer with the token. Needs no store, and no Linux."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from hocba_tui.clock import Clock
from hocba_tui.config import Config
from hocba_tui.errors import Refused, SigningFailed
from hocba_tui.export.record.assembly import record_file, record_target
from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.record.record_words import record_words
from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.record.signature import signed_info
from hocba_tui.export.trust.algorithms import key_problem
from hocba_tui.export.trust.certificate import load_certificate
from hocba_tui.export.trust.issuers import validity_problem
from hocba_tui.flow.records.keys import require_pin
from hocba_tui.flow.records.offline_files import Answered, Asked, SignedAnswers, SigningRequest
from hocba_tui.flow.records.packages import sign_packages
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot
from hocba_tui.signing.signer import Request
from hocba_tui.signing.token import TokenInfo, TokenSigner, find_token


@dataclass(frozen=True)
class RecordToSign:
    """A record of a request, in words for the person who signs; every value is read from the bytes to be signed."""

    asked: Asked
    name: str
    lines: tuple[str, ...]

    def has(self, slot: Slot) -> bool:
        """Return whether it is signed in ``slot`` already, and only its package is not."""
        return any(signed.slot is slot for signed in self.asked.made)


def show(request: SigningRequest) -> tuple[RecordToSign, ...]:
    """Return every record of a request in words.

    Raises Refused when one of them is not what it claims to be: nothing of such a file is signed.
    """
    return tuple(_shown(asked, request.slot) for asked in request.asked)


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
    chosen: Sequence[RecordToSign],
    token: TokenInfo,
    pin: str,
    now: Callable[[], datetime],
    *,
    final: bool = False,
) -> AsyncIterator[tuple[str, SignedAnswers]]:
    """Sign the chosen records in order, then their packages; yield what was signed, with all that is signed so far.

    The PIN is tried once.
    """
    require_pin(pin)
    signer = await TokenSigner.open(token, request.certificate, pin, {}, final=final)
    answers = SignedAnswers(request.slot, signer.certificate, ())
    try:
        async for shown, answered in _records(request, chosen, signer, now):
            answers = replace(answers, answered=(*answers.answered, answered))
            yield shown.name, answers
        if request.packages:
            async for package in sign_packages(_sealed_files(chosen, answers), signer, now):
                answers = replace(answers, packages=(*answers.packages, package))
                yield f"Gói gửi {len(package.uuids)} học bạ", answers
    finally:
        await signer.close()


async def _records(
    request: SigningRequest, chosen: Sequence[RecordToSign], signer: TokenSigner, now: Callable[[], datetime]
) -> AsyncIterator[tuple[RecordToSign, Answered]]:
    """Sign what has no signature in the request's slot yet."""
    pending: dict[str, tuple[RecordToSign, str]] = {}

    async def requests() -> AsyncIterator[Request]:
        for shown in chosen:
            if shown.has(request.slot):
                continue
            time, asked = now().isoformat(), shown.asked
            pending[asked.uuid] = (shown, time)
            profile = load_profile(asked.profile)
            target = record_target(profile, asked.uuid, request.slot, asked.region, asked.made, xades=asked.xades)
            yield Request(asked.uuid, signed_info(target, time, signer.certificate))

    async for made in signer.sign(requests()):
        shown, time = pending.pop(made.name)
        yield shown, Answered(shown.asked.pupil, made.name, time, made.value)


def _sealed_files(chosen: Sequence[RecordToSign], answers: SignedAnswers) -> dict[str, bytes]:
    """Return the files that the chosen records have once the server has taken the answers back."""
    seals = {
        answered.uuid: Signed(answers.slot, answered.time, answered.value, answers.certificate)
        for answered in answers.answered
    }
    files = {}
    for asked in (shown.asked for shown in chosen):
        made = asked.made
        if asked.uuid in seals:
            made = (*made, replace(seals[asked.uuid], xades=asked.xades))
        files[asked.uuid] = record_file(load_profile(asked.profile), asked.uuid, asked.region, made)
    return files


def _shown(asked: Asked, slot: Slot) -> RecordToSign:
    try:
        name, *lines = record_words(load_profile(asked.profile), asked.region, asked.uuid)
    except NotWellFormed as error:
        raise Refused(f"Tệp yêu cầu có học bạ không dùng được: {error}. Không ký gì.") from error
    shown = RecordToSign(asked, name, tuple(lines))
    return replace(shown, lines=(_SEALED, *lines)) if shown.has(slot) else shown


_SEALED = "(đã đóng dấu; chỉ còn chữ ký của gói gửi)"
SIGNED_BY = {
    Slot.HOMEROOM: "ký với tư cách giáo viên chủ nhiệm",
    Slot.PRINCIPAL: "ký với tư cách cán bộ quản lí",
    Slot.SEAL: "đóng dấu số của trường",
}
"""What a signature in a slot is, in words."""
