"""Forgers: an authority of their own, which the verifier is configured to trust, and keys of any kind.

With correct keys their files pass. So when one is refused, the oddity under test is the only reason: the signatures
are valid by the algorithm that they name.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asn1crypto import keys as asn1_keys  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.export.trust.algorithms import DSIG, ECDSA_SHA256, RSA_SHA256, SHA256
from hocba_tui.export.trust.issuers import Anchor, Trust
from hocba_tui.model.values import Slot

Sign = Callable[[bytes], bytes]
"""From the canonical SignedInfo to the bytes of SignatureValue."""
_HASHES = {SHA256: "sha256", f"{DSIG}sha1": "sha1", "http://www.w3.org/2001/04/xmldsig-more#md5": "md5"}


@dataclass(frozen=True)
class Recipe:
    """How a signature differs from the state's recipe; without arguments it does not differ."""

    method: str = RSA_SHA256
    digests: tuple[str, str] = (SHA256, SHA256)
    canonicalisation: str = ""
    method_inside: str = ""
    """The content of SignatureMethod."""
    transforms: Mapping[int, str] = field(default_factory=dict)
    """Reference (0 the record, 1 the time) to the content of its Transforms."""
    covered: Mapping[int, bytes] = field(default_factory=dict)
    """Reference to the bytes that its digest is computed from, when they are not those of the record or the time."""
    edit: Callable[[bytes], bytes] = lambda info: info
    """A change of SignedInfo right before it is signed."""


def pkcs1(key: rsa.RSAPrivateKey, algorithm: hashes.HashAlgorithm | None = None) -> Sign:
    """Return a function that signs as RSA keys do in the state's recipe."""
    return lambda data: key.sign(data, padding.PKCS1v15(), algorithm or hashes.SHA256())


def ecdsa(key: ec.EllipticCurvePrivateKey, algorithm: hashes.HashAlgorithm | None = None) -> Sign:
    """Return a function that signs with ECDSA, in XMLDSig's form: r and s, each as long as the field, with lower s."""
    width = (key.curve.key_size + 7) // 8

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(algorithm or hashes.SHA256())))
        return lower(r.to_bytes(width, "big") + s.to_bytes(width, "big"), key.curve)

    return sign


def lower(value: bytes, curve: ec.EllipticCurve | None = None) -> bytes:
    """Return r and s with the lower one of the two values of s that are valid."""
    width = len(value) // 2
    s = int.from_bytes(value[width:], "big")
    return value[:width] + min(s, (curve or ec.SECP256R1()).group_order - s).to_bytes(width, "big")


def slot_of(data: bytes, slot: Slot) -> bytes:
    """Return the element of a slot as it is written in a file."""
    return _only(rb"<%b>.*</%b>" % (slot.encode(), slot.encode()), data)


def region_of(data: bytes) -> bytes:
    """Return the data region as it is written in a file."""
    return _only(rb"<DU_LIEU_HOC_BA .*</DU_LIEU_HOC_BA>", data)


def resigned(data: bytes, slot: Slot, certificate: bytes, sign: Sign, recipe: Recipe | None = None) -> bytes:
    """Return a file with a new signature in ``slot`` over its present content."""
    recipe = recipe or Recipe()
    old = slot_of(data, slot)
    name = x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
    name = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    new = _with_text(b"X509SubjectName", old, name.encode())
    new = _with_text(b"X509Certificate", new, base64.b64encode(certificate))
    objects = _only(rb"<Object .*</Object>", new)
    info = _signed_info(_only(rb"<SignedInfo>.*</SignedInfo>", new), (region_of(data), in_dsig(objects)), recipe)
    new = new.replace(_only(rb"<SignedInfo>.*</SignedInfo>", new), info)
    return data.replace(old, _with_text(b"SignatureValue", new, base64.b64encode(sign(in_dsig(info)))))


def in_dsig(element: bytes) -> bytes:
    """Return the canonical form of an element of the dsig namespace as it is written in a Signature."""
    return re.sub(rb"^<(\w+)", rb'<\1 xmlns="%b"' % DSIG.encode(), element)


def _signed_info(info: bytes, covered: tuple[bytes, bytes], recipe: Recipe) -> bytes:
    if recipe.canonicalisation:
        info = re.sub(
            rb'(<CanonicalizationMethod Algorithm=")[^"]+', rb"\g<1>" + recipe.canonicalisation.encode(), info
        )
    method = f'<SignatureMethod Algorithm="{recipe.method}">{recipe.method_inside}</SignatureMethod>'
    info = re.sub(rb"<SignatureMethod .*</SignatureMethod>", lambda _: method.encode(), info)
    for number, old in enumerate(re.findall(rb"<Reference .*?</Reference>", info)):
        algorithm = recipe.digests[number]
        digest = hashlib.new(_HASHES[algorithm], recipe.covered.get(number, covered[number])).digest()
        new = re.sub(rb'(<DigestMethod Algorithm=")[^"]+', rb"\g<1>" + algorithm.encode(), old)
        new = _with_text(b"DigestValue", new, base64.b64encode(digest))
        if number in recipe.transforms:
            inside = f"<Transforms>{recipe.transforms[number]}</Transforms><DigestMethod".encode()
            new = new.replace(b"<DigestMethod", inside)
        info = info.replace(old, new)
    return recipe.edit(info)


def _with_text(tag: bytes, data: bytes, text: bytes) -> bytes:
    return re.sub(rb"<%b>[^<]*</%b>" % (tag, tag), lambda _: b"<%b>%b</%b>" % (tag, text, tag), data)


def _only(pattern: bytes, data: bytes) -> bytes:
    (found,) = re.findall(pattern, data, re.DOTALL)
    assert isinstance(found, bytes)
    return found


class Forgers:
    """The authority, and a file of the demo school that its people sign again."""

    def __init__(self, issued: bytes) -> None:
        self.original = issued
        self._authority = rsa.generate_private_key(65537, 2048)
        name = x509.Name.from_rfc4514_string("CN=Hocba CA thử,C=VN")
        self.authority = self._certify(name, name, self._authority.public_key())
        self._subjects = {slot: _subject(slot_of(issued, slot)) for slot in Slot}
        self._good = {slot: rsa.generate_private_key(65537, 2048) for slot in Slot}
        self._certificates = {slot: self.certify(slot, key.public_key()) for slot, key in self._good.items()}
        self.file = issued
        for slot, key in self._good.items():
            self.file = resigned(self.file, slot, self._certificates[slot], pkcs1(key))

    def certify(self, slot: Slot, key: CertificatePublicKeyTypes) -> bytes:
        """Return a certificate (DER) that names the right person of ``slot``, for any key."""
        return self._certify(self._subjects[slot], self.authority.subject, key).public_bytes(Encoding.DER)

    def certify_oddly(
        self,
        slot: Slot,
        change: Callable[[asn1.TbsCertificate], None],
        algorithm: hashes.HashAlgorithm | None = None,
    ) -> bytes:
        """Return a certificate for the good key of ``slot`` that was changed before the authority signed it."""
        algorithm = algorithm or hashes.SHA256()
        parsed = asn1.Certificate.load(self._certificates[slot])
        tbs = parsed["tbs_certificate"]
        change(tbs)
        named = asn1.SignedDigestAlgorithm({"algorithm": f"{algorithm.name}_rsa"})
        tbs["signature"] = parsed["signature_algorithm"] = named
        parsed["signature_value"] = self._authority.sign(tbs.dump(force=True), padding.PKCS1v15(), algorithm)
        made: bytes = parsed.dump(force=True)
        return made

    def good(self, slot: Slot) -> tuple[rsa.RSAPrivateKey, bytes]:
        """Return the good key of ``slot`` and its certificate."""
        return self._good[slot], self._certificates[slot]

    def certificate(self, slot: Slot) -> x509.Certificate:
        """Return the certificate of the good key of ``slot``."""
        return x509.load_der_x509_certificate(self._certificates[slot])

    def sign(self, slot: Slot, recipe: Recipe, sign: Sign | None = None, certificate: bytes = b"") -> bytes:
        """Return the file with one signature made by a recipe."""
        key, own = self.good(slot)
        return resigned(self.file, slot, certificate or own, sign or pkcs1(key), recipe)

    def trust(self, data: bytes) -> Trust:
        """Return the trust of a school that uses this authority and has registered the seal in the file."""
        seal = base64.b64decode(_only(rb"<X509Certificate>([^<]+)<", slot_of(data, Slot.SEAL)))
        code = _only(rb"<MA_TRUONG>([^<]+)<", data).decode()
        return Trust((Anchor(self.authority, training=True),), {hashlib.sha256(seal).hexdigest(): frozenset({code})})

    def _certify(self, subject: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes) -> x509.Certificate:
        start = dt.datetime.now(dt.UTC) - dt.timedelta(days=365)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
            .sign(self._authority, hashes.SHA256())
        )


def exponent_one(tbs: asn1.TbsCertificate) -> None:
    """Change a certificate's RSA key to the exponent 1."""
    info = tbs["subject_public_key_info"]
    modulus = info["public_key"].parsed["modulus"].native
    info["public_key"] = asn1_keys.RSAPublicKey({"modulus": modulus, "public_exponent": 1})


def for_pss_alone(tbs: asn1.TbsCertificate) -> None:
    """Change a certificate's RSA key to one that may sign with PSS only."""
    tbs["subject_public_key_info"]["algorithm"] = asn1_keys.PublicKeyAlgorithm({"algorithm": "rsassa_pss"})


def ec_recipe() -> Recipe:
    """Return the recipe for keys on P-256."""
    return Recipe(method=ECDSA_SHA256)


def _subject(slot: bytes) -> x509.Name:
    der = base64.b64decode(_only(rb"<X509Certificate>([^<]+)<", slot))
    return x509.load_der_x509_certificate(der).subject
