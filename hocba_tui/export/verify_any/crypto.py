"""One signature of any XML, computed by signxml: first over SignedInfo, then over what its signed references name."""

from __future__ import annotations

import base64
import binascii
import warnings
from datetime import timedelta

from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.exceptions import InvalidDigest, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from hocba_tui.export.trust.certificate import BadCertificate, load_certificate
from hocba_tui.export.trust.program_error import raised_in_own_code
from hocba_tui.export.trust.unreadable import named_in
from hocba_tui.export.verify_any.algorithms import (
    DIGESTS,
    METHODS,
    OLD_DIGESTS,
    OLD_METHODS,
    Unsupported,
    Weak,
    is_old,
    require_c14n,
    require_method,
    shown,
)
from hocba_tui.export.verify_any.document import Document, TooMuch
from hocba_tui.export.verify_any.paths import is_element
from hocba_tui.export.verify_any.references import Broken, Covered, canonical_form, follow, inclusive_prefixes, tag

_MAX_CERTIFICATES = 10
_MAX_REFERENCES = 100
_SIGNATURE = (tag("SignedInfo"), tag("SignatureValue"))
_SIGNED_INFO = (tag("CanonicalizationMethod"), tag("SignatureMethod"))


class _Verifier(XMLVerifier):
    """signxml over a Signature by itself; this class looks up in the whole file what its references name.

    signxml would parse the whole file again for each reference, and would take the first of two elements that some
    spelling of Id names.
    """

    def __init__(self, document: Document, signature: etree._Element) -> None:
        super().__init__()
        self._document = document
        self._place = signature
        self.covered: list[Covered] = []

    def _c14n(
        self,
        nodes: etree._Element | list[etree._Element],
        algorithm: CanonicalizationMethod,
        inclusive_ns_prefixes: list[str] | None = None,
    ) -> bytes:
        assert not isinstance(nodes, list)
        return canonical_form(nodes, algorithm.value, inclusive_ns_prefixes)

    def _resolve_reference(
        self,
        doc_root: etree._Element,  # noqa: ARG002 - the Signature alone
        reference: etree._Element,
        uri_resolver: object = None,  # noqa: ARG002 - nothing outside the file is fetched
    ) -> bytes:
        self.covered.append(follow(self._document, self._place, reference))
        return self.covered[-1].data

    def _apply_transforms(self, payload: bytes, **_: object) -> bytes:
        """Return the bytes as they are: ``follow`` has applied the transforms, and refused those it does not know."""
        return payload


def require_shape(signature: etree._Element) -> None:
    """Raise Broken unless a Signature has the parts of XMLDSig in their order, Weak or Unsupported by its methods."""
    parts = list(signature)
    tags = [part.tag for part in parts]
    rest = tags[3:] if tag("KeyInfo") in tags[2:3] else tags[2:]
    if tuple(tags[:2]) != _SIGNATURE or any(name != tag("Object") for name in rest):
        raise Broken("không đúng cấu trúc của một chữ ký XML")
    if any(not is_element(node) for part in parts[:3] for node in part.iter()):
        raise Unsupported("có chú thích hoặc chỉ thị xử lí trong chữ ký, không xét ở đây")
    info = parts[0]
    references = info.findall(tag("Reference"))
    if [part.tag for part in info] != [*_SIGNED_INFO, *(tag("Reference") for _ in references)] or not references:
        raise Broken("SignedInfo không đúng cấu trúc của một chữ ký XML")
    if len(references) > _MAX_REFERENCES:
        raise Unsupported(f"chữ ký có {len(references)} tham chiếu, quá {_MAX_REFERENCES}, không xét ở đây")
    if any(len(reference.findall(tag("Transforms"))) > 1 for reference in references):
        raise Broken("tham chiếu không đúng cấu trúc của một chữ ký XML")
    require_method(info[1].get("Algorithm") or "")
    require_c14n(info[0].get("Algorithm") or "")
    inclusive_prefixes(info[0])
    if len(info[1]):
        raise Unsupported("thuật toán ký có tham số, không được kiểm tra ở đây")


def weakness(signature: etree._Element) -> str:
    """Return why a signature proves nothing although it may hold, empty when its algorithms are strong."""
    kinds = {tag("SignatureMethod"): "thuật toán ký SHA-1", tag("DigestMethod"): "thuật toán băm SHA-1"}
    found = [
        what
        for name, what in kinds.items()
        if any(is_old(method.get("Algorithm") or "") for method in signature[0].iter(name))
    ]
    return f"{', '.join(found)} quá yếu: người khác giả được, không chứng minh được gì" if found else ""


def signing_certificates(signature: etree._Element) -> tuple[bytes, ...]:
    """Return the certificates (DER) in a Signature's KeyInfo.

    Raises Broken when one cannot be read, Unsupported when there is none: the owner of the key is not known then.
    """
    texts = [e.text or "" for e in signature.findall(f"{tag('KeyInfo')}/{tag('X509Data')}/{tag('X509Certificate')}")]
    if len(texts) > _MAX_CERTIFICATES:
        raise Broken("chữ ký kèm quá nhiều chứng thư")
    try:
        found = tuple(dict.fromkeys(base64.b64decode("".join(text.split()), validate=True) for text in texts))
    except (binascii.Error, ValueError) as error:
        raise Broken("chứng thư kèm theo không đọc được") from error
    for der in found:
        _require_readable(der)
    if not found:
        raise Unsupported("chữ ký không kèm chứng thư, không biết ai ký nên không kiểm tra được")
    return found


def _require_readable(der: bytes) -> None:
    try:
        load_certificate(der)
    except BadCertificate as error:
        name = named_in(der)
        if name is None:
            raise Broken("chứng thư kèm theo không đọc được") from error
        raise Unsupported(f"chứng thư của “{shown(name)}” viết sai quy định, ở đây không đọc được") from error


def checked(
    document: Document, signature: etree._Element, certificates: tuple[bytes, ...]
) -> tuple[x509.Certificate, tuple[Covered, ...]]:
    """Return the one certificate under which the signature holds, and what the signature covers.

    Raises Broken when a digest or the signature value does not hold, Weak and Unsupported by what is referenced.
    """
    found: list[tuple[x509.Certificate, tuple[Covered, ...] | ValueError]] = []
    for der in certificates:
        certificate = load_certificate(der)
        try:
            found.append((certificate, _verified(document, signature, certificate)))
        except _AnotherKey:
            continue
        except (Broken, Weak, Unsupported) as error:
            found.append((certificate, error))
    if not found:
        raise Broken("giá trị chữ ký không khớp: danh mục phần được ký, chữ ký hoặc chứng thư đã bị thay")
    if len(found) > 1:
        raise Broken("hai chứng thư kèm theo có cùng một khóa, không rõ ai ký")
    ((certificate, covered),) = found
    if isinstance(covered, ValueError):
        raise covered
    return certificate, covered


class _AnotherKey(Broken):
    """The signature value does not hold under this certificate's key."""


def _verified(document: Document, signature: etree._Element, certificate: x509.Certificate) -> tuple[Covered, ...]:
    engine = _Verifier(document, signature)
    alone = etree.tostring(signature, with_tail=False)
    document.spend(len(alone))
    expected = SignatureConfiguration(
        expect_references=True,
        signature_methods=METHODS | OLD_METHODS,
        digest_algorithms=DIGESTS | OLD_DIGESTS,
        # Only the cryptography is checked here; the validity of the certificate is judged in a later step.
        verification_time=certificate.not_valid_before_utc + timedelta(seconds=1),
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            engine.verify(alone, x509_cert=certificate, validate_schema=False, expect_config=expected)
    except (Broken, Weak, Unsupported, TooMuch):
        raise
    except InvalidDigest as error:
        changed = document.paths.of(engine.covered[-1].element)
        raise Broken(f"nội dung của {changed} đã khác lúc ký") from error
    except (SignXMLException, etree.LxmlError, ValueError, OverflowError) as error:
        raise _AnotherKey("chữ ký không khớp") from error
    except (TypeError, KeyError, AttributeError) as error:
        if raised_in_own_code(error):
            raise
        # signxml fails like this on a file in which elements are missing.
        raise _AnotherKey("chữ ký không khớp") from error
    return tuple(engine.covered)
