"""List the certificates on tokens, and register which one signs for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.clock import VIETNAM
from hocba_tui.config import Config
from hocba_tui.errors import HocbaError, Refused
from hocba_tui.export.trust.certificate import (
    BadCertificate,
    fingerprint,
    holder_id,
    holder_name,
    in_words,
    load_certificate,
)
from hocba_tui.export.trust.extensions import extensions_of
from hocba_tui.export.trust.issuers import SEAL as SEAL_FOLDER
from hocba_tui.flow.desk import STAFF, Desk
from hocba_tui.flow.records.keys import judge
from hocba_tui.flow.records.signatures import pinned_issuers
from hocba_tui.model.school import Staff
from hocba_tui.rules.identity import is_school_code
from hocba_tui.rules.permits import Act
from hocba_tui.signing.forwarded import forwarded_environment, forwarding_problem, shown_path, socket_path
from hocba_tui.signing.token import TokenInfo, list_tokens
from hocba_tui.signing.training import token_environment
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.disk import make_folder, write_atomic
from hocba_tui.text import fold, foreign


@dataclass(frozen=True)
class SeenCertificate:
    """A certificate on a token, in words."""

    fingerprint: str
    """SHA-256, hexadecimal."""
    holder: str
    issuer: str
    serial: str
    valid: str
    """From when to when, day first."""
    usage: str
    registered: str = ""
    """Whose it is registered as: an account, or the seal."""
    problem: str = ""
    """Why it cannot sign today; empty when it can, or when no store is open to judge it."""


@dataclass(frozen=True)
class SeenToken:
    """A token that is plugged in."""

    token: TokenInfo
    certificates: tuple[SeenCertificate, ...]


async def look_at_tokens(desk: Desk | None, modules: Sequence[Path] | None = None) -> tuple[SeenToken, ...]:
    """Return what is plugged in, without a PIN; with a school also whose certificates they are."""
    places = Config.from_environment().modules if modules is None else modules
    found = await list_tokens(places, token_environment(desk.root) if desk else forwarded_environment())
    return tuple(SeenToken(token, tuple(_seen(desk, der) for der in token.certificates)) for token in found)


def forwarding_words() -> tuple[str, ...]:
    """Return the state of a token forwarded over SSH, in lines; none when there is no forwarding."""
    if not socket_path().parent.exists():
        return ()
    problem = forwarding_problem()
    return (f"Chuyển tiếp qua SSH: {problem or 'có, qua ' + shown_path()}",)


async def register(desk: Desk, whose: str, sha256: str, modules: Sequence[Path] | None = None) -> str | None:
    """Register a certificate that is plugged in for the account ``whose``; return a warning, None when there is none.

    People register their own; the principal, a deputy or the administrator anybody's. Raises Refused when the
    certificate names another person, is somebody else's, is the seal, or could not sign today.
    """
    school = desk.open_school()
    if whose != desk.account or school.actor.barred:
        school.require(Act.MANAGE_STAFF)
    if not school.staff(whose).name:
        raise Refused(f"Không có tài khoản “{whose}”.")
    certificate = await _plugged_in(desk, sha256, modules)
    judge(desk, certificate, pinned_issuers(desk))
    loaded = load_certificate(certificate)
    school = desk.open_school()  # Again: the tokens took their time.
    person = school.staff(whose)
    if fingerprint(certificate) == school.settings.seal_certificate:
        raise Refused("Đây là con dấu của trường, không phải chứng thư cá nhân.")
    _require_own(person, loaded)
    for other in school.everybody():
        if other.key != whose and other.certificate == fingerprint(certificate):
            raise Refused(f"Chứng thư này đã đăng ký cho {other.name} ({other.key}).")
    edits = [
        Edit(STAFF, whose, "certificate", person.certificate or None, fingerprint(certificate)),
        Edit(STAFF, whose, "certificate_until", person.certificate_until or None, _until(loaded)),
    ]
    if any(edit.before != edit.after for edit in edits):
        school.shard.change(desk.account, "register_certificate", edits)
    if fold(person.name) not in fold(holder_name(loaded)):
        return f"Tên trên chứng thư là “{holder_name(loaded)}”, trong tài khoản là “{person.name}”: hãy xem lại."
    return None


async def register_seal(desk: Desk, sha256: str, modules: Sequence[Path] | None = None) -> None:
    """Register the school's seal, and pin it for the verifier.

    Raises Refused when it is a personal certificate or could not sign today.
    """
    desk.open_school().require(Act.SET_SCHOOL)
    certificate = await _plugged_in(desk, sha256, modules)
    judge(desk, certificate, pinned_issuers(desk))
    loaded = load_certificate(certificate)
    school = desk.open_school()  # Again: the tokens took their time.
    if holder_id(loaded) or any(person.certificate == fingerprint(certificate) for person in school.everybody()):
        raise Refused("Đây là chứng thư cá nhân, không phải con dấu của trường.", "Cắm token của con dấu.")
    if not is_school_code(desk.school.code):
        raise Refused("Mã trường không đúng dạng.", "Sửa trong cài đặt của trường rồi đăng kí lại.")
    folder = desk.root / "trust" / SEAL_FOLDER / desk.school.code
    make_folder(folder)
    write_atomic(folder / f"{loaded.serial_number:x}.pem", loaded.public_bytes(Encoding.PEM))
    held = school.settings
    edits = [
        Edit(SCHOOL, SCHOOL, "seal_certificate", held.seal_certificate or None, fingerprint(certificate)),
        Edit(SCHOOL, SCHOOL, "seal_until", held.seal_until or None, _until(loaded)),
    ]
    if any(edit.before != edit.after for edit in edits):
        school.shard.change(desk.account, "register_seal", edits)


async def _plugged_in(desk: Desk, sha256: str, modules: Sequence[Path] | None) -> bytes:
    places = Config.from_environment().modules if modules is None else modules
    wanted = sha256.lower().replace(":", "").strip()
    found = {
        fingerprint(der): der
        for token in await list_tokens(places, token_environment(desk.root))
        for der in token.certificates
        if fingerprint(der).startswith(wanted)
    }
    if not wanted or not found:
        raise Refused("Không thấy chứng thư ấy trên token nào đang cắm.", "Xem bằng hocba token list rồi chép đúng mã.")
    if len(found) > 1:
        raise Refused("Có nhiều chứng thư cùng bắt đầu bằng mã ấy.", "Gõ mã dài hơn.")
    return next(iter(found.values()))


def _until(certificate: x509.Certificate) -> str:
    return certificate.not_valid_after_utc.astimezone(VIETNAM).date().isoformat()


def _require_own(person: Staff, certificate: x509.Certificate) -> None:
    held = holder_id(certificate)
    if held and person.personal_id and held != person.personal_id:
        raise Refused(
            f"Chứng thư ghi số định danh khác với số của {person.name} trong tài khoản.",
            "Cắm đúng token, hoặc sửa số định danh trong tài khoản.",
        )


def _seen(desk: Desk | None, der: bytes) -> SeenCertificate:
    sha256 = fingerprint(der)
    try:
        loaded = load_certificate(der)
    except BadCertificate as error:
        return SeenCertificate(sha256, "?", "?", "?", "?", "?", problem=str(error))
    number = holder_id(loaded)
    return SeenCertificate(
        fingerprint=sha256,
        holder=holder_name(loaded) + (f" (CCCD {foreign(number)})" if number else ""),
        issuer=in_words(loaded.issuer),
        serial=f"{loaded.serial_number:x}",
        valid=f"{loaded.not_valid_before_utc:%d/%m/%Y} đến {loaded.not_valid_after_utc:%d/%m/%Y}",
        usage=_usage(loaded),
        registered=_whose(desk, sha256) if desk else "",
        problem=(_problem(desk, der) or "") if desk else "",
    )


def _usage(certificate: x509.Certificate) -> str:
    found = extensions_of(certificate).of(x509.KeyUsage)
    if found is None:
        return "không ghi"
    uses = (
        (found.digital_signature, "ký số"),
        (found.content_commitment, "chống chối bỏ"),
        (found.key_encipherment, "mã hóa khóa"),
        (found.key_cert_sign, "cấp chứng thư"),
    )
    return ", ".join(word for held, word in uses if held) or "khác"


def _whose(desk: Desk, sha256: str) -> str:
    school = desk.open_school()
    if sha256 == school.settings.seal_certificate:
        return "con dấu của trường"
    return ", ".join(f"{p.name} ({p.key})" for p in school.everybody() if p.certificate == sha256)


def _problem(desk: Desk, der: bytes) -> str | None:
    try:
        judge(desk, der, pinned_issuers(desk))
    except HocbaError as error:
        return error.what
    return None
