"""A rival authority: certificates, answers and records made at run time by code that shares none with the product.

Certificates and answers are built with asn1crypto, so that they can also be what an authority should not write;
records are cut and signed as text. Whatever is odd about a file is what a test asked for.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import core, crl, keys, ocsp, pem  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.forging import pkcs1, region_of, resigned, slot_of

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
"""The fixed clock of these tests."""
SIGNED = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
OURS, THEIRS = "99000999", "99000998"
DAY = timedelta(days=1)
ALGORITHM = {"algorithm": "sha256_rsa"}
HOLDERS = {"GVCN": "SO_CCCD_GIAO_VIEN_CHU_NHIEM", "CBQL": "SO_CCCD_GIAM_HIEU_KY_HOC_BA"}
SLOTS = ("GVCN", "CBQL", "KY_PHAT_HANH")
Change = Callable[[asn1.TbsCertificate], None]
Extension = dict[str, Any]


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """Return a key by its name; the same name is the same key."""
    return rsa.generate_private_key(65537, 2048)


@cache
def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:12], "big") | 1 << 94


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key and its issuer; all three by name."""

    der: bytes
    key: str
    issuer: Certificate | None = None

    @property
    def parsed(self) -> asn1.Certificate:
        return asn1.Certificate.load(self.der)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def as_pem(self) -> bytes:
        made: bytes = pem.armor("CERTIFICATE", self.der)
        return made


@dataclass(frozen=True)
class Wish:
    """What is to be in a certificate."""

    name: str
    key: str = ""
    uid: str = ""
    unit: str = "Ban Thử"
    begins: datetime = SIGNED - 400 * DAY
    ends: datetime = SIGNED + 400 * DAY
    authority: bool = False
    serial: str = ""
    """Another certificate of the same name and key has another one."""
    extensions: tuple[Extension, ...] = ()
    usage: frozenset[str] | None = None
    change: Change = field(default=lambda _: None)
    edit: Callable[[bytes], bytes] = field(default=lambda tbs: tbs)
    """A change of the bytes right before they are signed."""


def certify(wish: Wish, issuer: Certificate | None = None) -> Certificate:
    """Return a certificate by ``issuer``, by itself when there is none."""
    own = wish.key or wish.name
    subject = _name(wish)
    usage = wish.usage or ({"key_cert_sign", "crl_sign"} if wish.authority else {"digital_signature"})
    extensions: list[Extension] = [
        {"extn_id": "key_usage", "critical": True, "extn_value": asn1.KeyUsage(set(usage))},
        *([{"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": True}}] if wish.authority else []),
        *wish.extensions,
    ]
    spki = key(own).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    tbs = asn1.TbsCertificate(
        {
            "version": "v3",
            "serial_number": _number(wish.serial or f"{wish.name}/{own}"),
            "signature": ALGORITHM,
            "issuer": issuer.parsed.subject if issuer is not None else subject,
            "validity": {
                "not_before": asn1.Time(name="utc_time", value=wish.begins.replace(microsecond=0)),
                "not_after": asn1.Time(name="utc_time", value=wish.ends.replace(microsecond=0)),
            },
            "subject": subject,
            "subject_public_key_info": keys.PublicKeyInfo.load(spki),
            "extensions": extensions,
        }
    )
    wish.change(tbs)
    data = wish.edit(tbs.dump(force=True))
    value = key(issuer.key if issuer is not None else own).sign(data, padding.PKCS1v15(), hashes.SHA256())
    der = _sequence(data + _algorithm() + core.OctetBitString(value).dump())
    return Certificate(der, own, issuer)


def explicit_false(tbs: asn1.TbsCertificate) -> None:
    """Write cA FALSE out, which DER leaves away."""
    value = core.ParsableOctetString(bytes.fromhex("3003010100"))
    tbs["extensions"].append(asn1.Extension({"extn_id": "basic_constraints", "critical": True, "extn_value": value}))


def without_extensions(tbs: asn1.TbsCertificate) -> None:
    """Leave all extensions away."""
    tbs["extensions"] = None


def latin_notice(tbs: asn1.TbsCertificate) -> None:
    """Write a user notice in Latin-1 into a VisibleString, as an authority did."""
    policy = "1.3.6.1.4.1.99999.1"
    text = b"\x1a\x0aChung th\xfd!"
    qualifier = _sequence(core.ObjectIdentifier("1.3.6.1.5.5.7.2.2").dump() + _sequence(text))
    value = _sequence(_sequence(core.ObjectIdentifier(policy).dump() + _sequence(qualifier)))
    tbs["extensions"].append(
        asn1.Extension({"extn_id": "certificate_policies", "extn_value": core.ParsableOctetString(value)})
    )


def as_printable(tbs: bytes) -> bytes:
    """Write every UTF8String as a PrintableString, its bytes as they are."""
    parsed = asn1.TbsCertificate.load(tbs)
    for text in {value for value in parsed["subject"].native.values() if not value.isascii()}:
        written = text.encode()
        tbs = tbs.replace(b"\x0c" + bytes([len(written)]) + written, b"\x13" + bytes([len(written)]) + written)
    return tbs


def unknown_critical(tbs: asn1.TbsCertificate) -> None:
    """Add a critical extension that nobody knows."""
    value = core.ParsableOctetString(b"\x05\x00")
    tbs["extensions"].append(asn1.Extension({"extn_id": "1.3.6.1.4.1.99999.7", "critical": True, "extn_value": value}))


def for_uses(*uses: str) -> tuple[Extension, ...]:
    """Return the extension that names uses of a key."""
    return ({"extn_id": "extended_key_usage", "extn_value": asn1.ExtKeyUsageSyntax(list(uses))},)


def listed_at(*urls: str) -> tuple[Extension, ...]:
    """Return the extension that says where lists of revoked certificates are."""
    points = [{"distribution_point": {"full_name": [asn1.GeneralName(name="uniform_resource_identifier", value=url)]}}
              for url in urls]  # fmt: skip
    return ({"extn_id": "crl_distribution_points", "extn_value": asn1.CRLDistributionPoints(
        [asn1.DistributionPoint({"distribution_point": asn1.DistributionPointName(
            name="full_name", value=point["distribution_point"]["full_name"])}) for point in points])},)  # fmt: skip


def answer(
    about: Certificate,
    at: datetime = NOW - timedelta(hours=1),
    *,
    revoked: datetime | None = None,
    reason: str = "unspecified",
    ends: datetime | None = None,
    by: Certificate | None = None,
    fraction: bool = False,
) -> bytes:
    """Return what an issuer (or a responder of its own) says of a certificate over OCSP (DER)."""
    issuer = about.issuer or about
    status: Any = ocsp.CertStatus(name="good")
    if revoked is not None:
        status = ocsp.CertStatus(
            name="revoked", value=ocsp.RevokedInfo({"revocation_time": revoked, "revocation_reason": reason})
        )
    key_bytes = issuer.parsed["tbs_certificate"]["subject_public_key_info"]["public_key"].contents[1:]
    single = {
        "cert_id": {
            "hash_algorithm": {"algorithm": "sha1"},
            "issuer_name_hash": hashlib.sha1(issuer.parsed.subject.dump()).digest(),  # noqa: S324
            "issuer_key_hash": hashlib.sha1(key_bytes).digest(),  # noqa: S324
            "serial_number": about.parsed.serial_number,
        },
        "cert_status": status,
        "this_update": at,
        "next_update": ends or at + 7 * DAY,
    }
    signer = by or issuer
    name = ocsp.ResponderId(name="by_name", value=signer.parsed.subject)
    data = ocsp.ResponseData({"responder_id": name, "produced_at": at, "responses": [single]}).dump()
    if fraction:
        # GeneralizedTime with a fraction: two bytes more in producedAt and in every length around it.
        plain = at.strftime("%Y%m%d%H%M%SZ").encode()
        written = plain[:-1] + b".5Z"
        parts = ocsp.ResponseData.load(data)
        inner = parts["responder_id"].dump() + bytes((0x18, len(written))) + written + parts["responses"].dump()
        data = _sequence(inner)
    value = key(signer.key).sign(data, padding.PKCS1v15(), hashes.SHA256())
    certs = _tagged(0, _sequence(by.der)) if by is not None else b""
    basic = _sequence(data + _algorithm() + core.OctetBitString(value).dump() + certs)
    inner = core.ObjectIdentifier("1.3.6.1.5.5.7.48.1.1").dump() + core.OctetString(basic).dump()
    return _sequence(b"\x0a\x01\x00" + _tagged(0, _sequence(inner)))


def revocation_list(
    issuer: Certificate,
    at: datetime = NOW - timedelta(hours=1),
    revoked: Mapping[Certificate, datetime] | None = None,
    *,
    ends: datetime | None = None,
    part: str = "",
    indirect: bool = False,
    strange: bool = False,
) -> bytes:
    """Return a list of revoked certificates (DER); ``part`` is the address of the part that it is."""
    extensions: list[Any] = []
    if part or indirect:
        scope: dict[str, Any] = {"indirect_crl": indirect}
        if part:
            names = [asn1.GeneralName(name="uniform_resource_identifier", value=part)]
            scope["distribution_point"] = asn1.DistributionPointName(name="full_name", value=names)
        value = crl.IssuingDistributionPoint(scope)
        extensions.append({"extn_id": "issuing_distribution_point", "critical": True, "extn_value": value})
    if strange:
        value = core.ParsableOctetString(b"\x05\x00")
        extensions.append({"extn_id": "1.3.6.1.4.1.99999.8", "critical": True, "extn_value": value})
    entries = [
        {"user_certificate": each.parsed.serial_number, "revocation_date": asn1.Time(name="utc_time", value=when)}
        for each, when in (revoked or {}).items()
    ]
    tbs = crl.TbsCertList(
        {
            "version": "v2", "signature": ALGORITHM, "issuer": issuer.parsed.subject,
            "this_update": asn1.Time(name="utc_time", value=at),
            "next_update": asn1.Time(name="utc_time", value=ends or at + 7 * DAY),
            **({"revoked_certificates": entries} if entries else {}),
            **({"crl_extensions": extensions} if extensions else {}),
        }
    ).dump()  # fmt: skip
    value = key(issuer.key).sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    return _sequence(tbs + _algorithm() + core.OctetBitString(value).dump())


class Rival:
    """An authority, and the people and the seal of one record that they sign again."""

    def __init__(self, issued: bytes) -> None:
        self.issued = issued
        self.root = certify(Wish("CA độc lập", authority=True, ends=SIGNED + 4000 * DAY))
        self.teacher = self.person("GIAO_VIEN_CHU_NHIEM", "Cô giáo")
        self.principal = self.person("GIAM_HIEU_KY_HOC_BA", "Hiệu trưởng")
        self.seal = certify(Wish("Trường Tiểu học Liễu Đề", "con dấu"), self.root)
        self.other_seal = certify(Wish("Trường Tiểu học Khác", "con dấu khác"), self.root)

    def wish(self, tag: str, key_name: str, **how: Any) -> Wish:
        """Return the wish for the certificate of the person whom the record names at ``tag``."""
        return Wish(self.text(f"TEN_{tag}"), key_name, f"CCCD:{self.text(f'SO_CCCD_{tag}')}", **how)

    def person(self, tag: str, key_name: str, issuer: Certificate | None = None, **how: Any) -> Certificate:
        """Return such a certificate."""
        return certify(self.wish(tag, key_name, **how), issuer or self.root)

    def text(self, tag: str) -> str:
        """Return what the record says."""
        found = re.search(rf"<{tag}>([^<]*)<".encode(), self.issued)
        return found.group(1).decode() if found is not None else ""

    @property
    def everybody(self) -> tuple[Certificate, ...]:
        return (self.teacher, self.principal, self.seal)

    def file(
        self,
        *signers: Certificate | None,
        times: Sequence[datetime] = (),
        without: Sequence[str] = (),
        changed: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the record signed by these (by default everybody), None for a slot that stays empty.

        ``without`` and ``changed`` are fields of what is signed: left out, or with another text.
        """
        data, region = self.issued, region_of(self.issued)
        edited = region
        for tag in without:
            edited = re.sub(rf"<{tag}>[^<]*</{tag}>".encode(), b"", edited)
        for tag, text in (changed or {}).items():
            edited, count = re.subn(rf"(?<=<{tag}>)[^<]*".encode(), text.encode(), edited, count=1)
            assert count == 1, tag
        data = data.replace(region, edited)
        chosen = signers or self.everybody
        for number, (slot, signer) in enumerate(zip(SLOTS, chosen, strict=True)):
            old = slot_of(data, slot)  # type: ignore[arg-type]
            if signer is None:
                data = data.replace(old, b"")
                continue
            at = times[number] if times else SIGNED + timedelta(minutes=number)
            new = re.sub(rb"(?<=<NGAY_KY>)[^<]+|(?<=<SigningTime>)[^<]+", _stamp(at), old)
            if slot in HOLDERS:
                found = re.search(rf"<{HOLDERS[slot]}>([^<]*)<".encode(), edited)
                number_of = found.group(1) if found is not None else b""
                new = re.sub(rb"(?<=<SO_CCCD>)[^<]*", number_of, new)
            data = data.replace(old, new)
            data = resigned(data, slot, signer.der, pkcs1(key(signer.key)))  # type: ignore[arg-type]
        return data

    def trust(
        self,
        folder: Path,
        answers: Sequence[bytes] | None = None,
        *,
        seals: Mapping[str, Sequence[Certificate]] | None = None,
        lists: Sequence[bytes] = (),
        issuers: Sequence[Certificate] | None = None,
        chain: Sequence[Certificate] = (),
    ) -> Path:
        """Write a trust folder; by default our seal is pinned and everybody has a good answer."""
        good = [answer(each) for each in (*self.everybody, self.other_seal)]
        files = {f"{number}.pem": each.as_pem for number, each in enumerate(issuers or [self.root])}
        files |= {f"chain/{number}.pem": each.as_pem for number, each in enumerate(chain)}
        for code, pinned in ({OURS: [self.seal]} if seals is None else seals).items():
            files |= {f"seal/{code}/{number}.pem": each.as_pem for number, each in enumerate(pinned)}
        files |= {f"answers/{n}.ocsp": data for n, data in enumerate(good if answers is None else answers)}
        files |= {f"answers/{n}.crl": data for n, data in enumerate(lists)}
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder


def wished(wish: Wish, **how: Any) -> Wish:
    """Return a wish with something else."""
    return replace(wish, **how)


def _stamp(at: datetime) -> bytes:
    return at.astimezone(timezone(timedelta(hours=7))).strftime("%Y-%m-%dT%H:%M:%S+07:00").encode()


def _name(wish: Wish) -> asn1.Name:
    facts = {"country_name": "VN", "organization_name": wish.unit, "common_name": wish.name}
    return asn1.Name.build(facts | ({"user_id": wish.uid} if wish.uid else {}))


def _algorithm() -> bytes:
    from asn1crypto.algos import SignedDigestAlgorithm  # type: ignore[import-untyped]

    made: bytes = SignedDigestAlgorithm(ALGORITHM).dump()
    return made


def _sequence(content: bytes) -> bytes:
    return b"\x30" + _length(content) + content


def _tagged(number: int, content: bytes) -> bytes:
    return bytes((0xA0 | number,)) + _length(content) + content


def _length(content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((size,))
    written = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(written),)) + written


def base64_of(data: bytes) -> bytes:
    """Return base64 without line breaks."""
    return base64.b64encode(data)
