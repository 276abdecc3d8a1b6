"""XML signatures for tests: any place, references, transforms, algorithms and prefix, correct or wrong on purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

DSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
TIME = "2026-06-10T08:00:00"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512, "md5": hashes.MD5,
}  # fmt: skip


@dataclass(frozen=True)
class Ref:
    """A reference: its target and its transforms."""

    uri: str
    transforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """How a Signature is written."""

    refs: tuple[Ref, ...]
    key: Key
    certificates: Sequence[bytes]
    """DER."""
    name: str = "s1"
    """Distinguishes the Ids of several signatures."""
    prefix: str = ""
    c14n: str = C14N
    method: str = f"{MORE}rsa-sha256"
    digest: str = SHA256
    time: str = TIME
    time_signed: bool = True
    time_namespace: str = ' xmlns=""'
    objects: str = ""
    """More Objects, as text."""
    after: Callable[[str], str] = field(default=lambda text: text)
    """A change of the Signature's text before anything is computed."""


def sign(xml: str, place: str, recipe: Recipe) -> str:
    """Return ``xml`` with a Signature put before the end tag ``place`` (its last one)."""
    head, tag, tail = xml.rpartition(place)
    assert tag
    made = head + recipe.after(_empty(recipe)) + tag + tail
    for number, ref in enumerate(_referenced(recipe)):
        root = etree.fromstring(made.encode())
        digest = _hash(recipe.digest, covered(root, signature_of(root, recipe.name), ref))
        made = made.replace(f"@DIGEST{number}@", base64.b64encode(digest).decode())
    info = signature_of(etree.fromstring(made.encode()), recipe.name).find(f"{{{DSIG}}}SignedInfo")
    assert info is not None
    value = base64.b64encode(_sign(recipe, canonical(info, recipe.c14n))).decode()
    return made.replace("@VALUE@", value)


def canonical(element: etree._Element, form: str = C14N) -> bytes:
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return etree.tostring(alone, method="c14n", exclusive=form == EXCLUSIVE)


def covered(root: etree._Element, signature: etree._Element, ref: Ref) -> bytes:
    if ref.uri:
        name = ref.uri.removeprefix("#")
        element = next(e for e in root.iter() if name in (e.get("Id"), e.get("id"), e.get("ID")))
    else:
        element = root
    if ENVELOPED in ref.transforms and element in list(signature.iterancestors()):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    return canonical(element, next((t for t in ref.transforms if t != ENVELOPED), C14N))


def signature_of(root: etree._Element, name: str) -> etree._Element:
    (found,) = (element for element in root.iter(f"{{{DSIG}}}Signature") if element.get("Id") == f"sig-{name}")
    return found


def _referenced(recipe: Recipe) -> tuple[Ref, ...]:
    own = (Ref(f"#time-{recipe.name}"),) if recipe.time and recipe.time_signed else ()
    return (*recipe.refs, *own)


def _empty(recipe: Recipe) -> str:
    p = f"{recipe.prefix}:" if recipe.prefix else ""
    xmlns = f"xmlns:{recipe.prefix}" if recipe.prefix else "xmlns"
    references = ""
    for number, ref in enumerate(_referenced(recipe)):
        inner = "".join(f'<{p}Transform Algorithm="{name}"/>' for name in ref.transforms)
        transforms = f"<{p}Transforms>{inner}</{p}Transforms>" if inner else ""
        references += (
            f'<{p}Reference URI="{ref.uri}">{transforms}<{p}DigestMethod Algorithm="{recipe.digest}"/>'
            f"<{p}DigestValue>@DIGEST{number}@</{p}DigestValue></{p}Reference>"
        )
    certificates = "".join(
        f"<{p}X509Certificate>{base64.b64encode(der).decode()}</{p}X509Certificate>" for der in recipe.certificates
    )
    key_info = f"<{p}KeyInfo><{p}X509Data>{certificates}</{p}X509Data></{p}KeyInfo>" if certificates else ""
    time = (
        f'<{p}Object Id="time-{recipe.name}"><SignatureProperties{recipe.time_namespace}>'
        f'<SignatureProperty Id="prop-{recipe.name}" Target="#sig-{recipe.name}"><SigningTime>{recipe.time}'
        f"</SigningTime></SignatureProperty></SignatureProperties></{p}Object>"
        if recipe.time
        else ""
    )
    return (
        f'<{p}Signature {xmlns}="{DSIG}" Id="sig-{recipe.name}"><{p}SignedInfo>'
        f'<{p}CanonicalizationMethod Algorithm="{recipe.c14n}"/><{p}SignatureMethod Algorithm="{recipe.method}"/>'
        f"{references}</{p}SignedInfo><{p}SignatureValue>@VALUE@</{p}SignatureValue>{key_info}{time}"
        f"{recipe.objects}</{p}Signature>"
    )


def _hash(uri: str, data: bytes) -> bytes:
    return hashlib.new(uri.rpartition("#")[2].rpartition("-")[2], data, usedforsecurity=False).digest()


def _sign(recipe: Recipe, data: bytes) -> bytes:
    name = recipe.method.rpartition("#")[2].rpartition("-")[2]
    if "hmac" in recipe.method:
        return hmac.new(b"secret", data, name).digest()
    algorithm = _HASHES[name]()
    if isinstance(recipe.key, rsa.RSAPrivateKey):
        return recipe.key.sign(data, padding.PKCS1v15(), algorithm)
    r, s = decode_dss_signature(recipe.key.sign(data, ec.ECDSA(algorithm)))
    size = (recipe.key.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")
