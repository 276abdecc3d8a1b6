"""What is trusted: only issuers that the school has pinned, and what else it has pinned."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from hocba_tui.errors import WrongUse
from hocba_tui.export.trust.certificate import BadCertificate, holder_name, load_certificate
from hocba_tui.export.trust.codes import Code
from hocba_tui.export.trust.extensions import extensions_of
from hocba_tui.export.trust.pins import (
    PEOPLE,
    SEAL,
    People,
    SchoolFacts,
    Seals,
    joined,
    named_pem,
    own_codes,
    read_pem,
    read_people,
    read_seals,
    with_own,
)
from hocba_tui.export.trust.revocation_answers import FOLDER, Answers, key_of
from hocba_tui.export.trust.verdict import StepResult, failed, not_known

__all__ = ["CHAIN", "SEAL", "TRAINING", "TSA", "Anchor", "Trust"]
TRAINING = "training"
"""Sub-folder of a trust folder: issuers whose signatures have no legal value."""
TSA = "tsa"
"""Sub-folder of a trust folder: issuers of the certificates of trusted time-stamp authorities."""
CHAIN = "chain"
"""Sub-folder of a trust folder: authorities between a pinned issuer and people, trusted only through the pinned one."""
_SIGNING = frozenset(
    map(
        x509.ObjectIdentifier,
        ("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5", "2.5.29.37.0"),
    )
)
"""E-mail protection, document signing (RFC 9336, Microsoft's, Adobe's), any use."""
_OTHER_USES = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Anchor:
    """A pinned issuer."""

    certificate: x509.Certificate
    training: bool


@dataclass(frozen=True)
class Trust:
    """The pinned issuers, the pinned seals, and whose certificate is whose.

    A seal is trusted by its own fingerprint and for one school: an issuer of the state issues certificates to every
    official of the country, so a path to it proves nothing about the school.
    """

    anchors: tuple[Anchor, ...] = ()
    seals: Seals = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    """What the issuers answered about revocation."""
    stampers: tuple[x509.Certificate, ...] = ()
    """Pinned issuers of the certificates of time-stamp authorities; other stamps are not trusted."""
    chain: tuple[x509.Certificate, ...] = ()
    """Certificates of authorities that are trusted only through a pinned issuer above them."""
    people: People = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    """Codes of schools of which every seal is known here."""
    known: Mapping[bytes, tuple[x509.Certificate, ...]] = field(default_factory=dict)
    """Certificates that were seen, by their public key: a key that was revoked through one of them is revoked."""
    refused: tuple[str, ...] = ()
    """Sentences about certificates among the issuers that are none."""

    @classmethod
    def from_folders(cls, folders: Iterable[Path], facts: SchoolFacts | None = None) -> Trust:
        """Read issuers (``*.pem``), training issuers, seals, issuers for time-stamps, chains, people, answers.

        ``facts`` is what the school's own store says. Raises WrongUse when a folder is missing or holds something else.
        """
        facts = facts or SchoolFacts()
        trust = cls()
        seals: dict[str, frozenset[str]] = {}
        for folder in folders:
            if not folder.is_dir():
                raise WrongUse(f"Không có thư mục chứng thư tin cậy {folder}.", safe="")
            anchors, refused = _anchors(folder)
            for sha256, codes in read_seals(folder / SEAL).items():
                seals[sha256] = seals.get(sha256, frozenset()) | codes
            trust = replace(
                trust,
                anchors=trust.anchors + anchors,
                refused=trust.refused + refused,
                stampers=(*trust.stampers, *read_pem(folder / TSA)),
                chain=(*trust.chain, *read_pem(folder / CHAIN)),
                people=joined((trust.people, read_people(folder / PEOPLE))),
                answers=trust.answers + Answers.from_folder(folder / FOLDER),
            )
        people = joined((trust.people, dict(facts.people)))
        return replace(trust, seals=with_own(seals, facts), own=own_codes(seals, facts), people=people)


def by_key(certificates: Iterable[bytes]) -> dict[bytes, tuple[x509.Certificate, ...]]:
    """Return certificates (DER) by their public key; those that cannot be read are left out."""
    found: dict[bytes, dict[bytes, x509.Certificate]] = {}
    for der in certificates:
        with contextlib.suppress(BadCertificate):
            certificate = load_certificate(der)
            found.setdefault(key_of(certificate), {})[der] = certificate
    return {key: tuple(each.values()) for key, each in found.items()}


def no_issuer(certificate: x509.Certificate) -> str | None:
    """Return why a certificate cannot be pinned as an issuer, None when it can (RFC 5280, 4.2.1.3 and 4.2.1.9)."""
    extensions = extensions_of(certificate)
    basic, usage = extensions.of(x509.BasicConstraints), extensions.of(x509.KeyUsage)
    if basic is not None and basic.ca and (usage is None or usage.key_cert_sign):
        return None
    return f"chứng thư của “{holder_name(certificate)}” là của người dùng cuối, không phải của nơi cấp chứng thư"


def time_result(certificate: x509.Certificate, claimed: datetime, whose: str = "chứng thư") -> StepResult | None:
    """Return FAILED when a certificate was not valid at the signer's own claimed time, None when it was."""
    if claimed < certificate.not_valid_before_utc:
        return failed(f"{whose} chưa có hiệu lực lúc ký", Code.NOT_YET_VALID)
    if claimed > certificate.not_valid_after_utc:
        return failed(f"{whose} đã hết hạn lúc ký", Code.EXPIRED)
    return None


def use_result(certificate: x509.Certificate) -> StepResult | None:
    """Return why a certificate is not for signing documents, None when it is (RFC 5280, 4.2.1.3 and 4.2.1.12)."""
    extensions = extensions_of(certificate)
    for kind, name in ((x509.KeyUsage, "keyUsage"), (x509.ExtendedKeyUsage, "extendedKeyUsage")):
        if extensions.is_unread(kind):
            return not_known(f"phần {name} của chứng thư không đọc được", Code.CHAIN_CONSTRAINTS_FAILURE)
    usage, extended = extensions.of(x509.KeyUsage), extensions.of(x509.ExtendedKeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        return failed("chứng thư không được cấp để ký số", Code.CHAIN_CONSTRAINTS_FAILURE)
    if extended is not None and not _SIGNING.intersection(extended):
        if _OTHER_USES.issuperset(extended):
            return failed("chứng thư được cấp cho việc khác, không phải để ký văn bản", Code.CHAIN_CONSTRAINTS_FAILURE)
        uses = ", ".join(sorted(oid.dotted_string for oid in extended))
        return not_known(f"không rõ chứng thư có được cấp để ký văn bản không (mục đích {uses})",
                         Code.CHAIN_CONSTRAINTS_FAILURE)  # fmt: skip
    if unknown := extensions.unknown_critical():
        named = ", ".join(unknown)
        return not_known(f"chứng thư có phần mở rộng bắt buộc mà ở đây không hiểu ({named})",
                         Code.CHAIN_CONSTRAINTS_FAILURE)  # fmt: skip
    return None


def time_problem(certificate: x509.Certificate, at: datetime) -> str | None:
    """Return why a certificate was not valid at ``at``, None when it was."""
    found = time_result(certificate, at)
    return found.reason if found is not None else None


def validity_problem(certificate: x509.Certificate, at: datetime) -> str | None:
    """Return why a certificate may not sign at ``at``, None when it may; for those who are about to sign."""
    found = time_result(certificate, at) or use_result(certificate)
    return found.reason if found is not None else None


def _anchors(folder: Path) -> tuple[tuple[Anchor, ...], tuple[str, ...]]:
    anchors: list[Anchor] = []
    refused: list[str] = []
    for place, training in ((folder, False), (folder / TRAINING, True)):
        for path, certificate in named_pem(place):
            if problem := no_issuer(certificate):
                refused.append(f"{path.name}: {problem}")
            else:
                anchors.append(Anchor(certificate, training))
    return tuple(anchors), tuple(refused)
