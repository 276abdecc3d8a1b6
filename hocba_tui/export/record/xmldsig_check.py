"""Strict cryptographic verification by signxml, which returns the bytes that are signed."""

from __future__ import annotations

import warnings
from datetime import datetime

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from hocba_tui.export.record.schema import canonical
from hocba_tui.export.trust.algorithms import signature_method
from hocba_tui.export.trust.certificate import BadCertificate, load_certificate
from hocba_tui.export.trust.program_error import raised_in_own_code

_YEARS = range(2000, 2101)


class BrokenSignature(ValueError):
    """A signature does not hold; the message is for a teacher."""


class _StateVerifier(XMLVerifier):
    """signxml with correct inclusive C14N.

    lxml 6.1 writes a false ``xmlns=""`` below a sub-element that inherits a default namespace, so
    stock signxml 5.2 rejects valid signatures of the state's recipe.
    """

    def _c14n(
        self,
        nodes: etree._Element | list[etree._Element],
        algorithm: CanonicalizationMethod,
        inclusive_ns_prefixes: list[str] | None = None,
    ) -> bytes:
        if (
            inclusive_ns_prefixes
            or algorithm is not CanonicalizationMethod.CANONICAL_XML_1_0
            or isinstance(nodes, list)
        ):
            raise BrokenSignature("cách chuẩn hóa không đúng định dạng")
        return canonical(nodes)


def signed_bytes(data: bytes, location: str, time: str, certificate: bytes, references: int = 2) -> bytes:
    """Return the bytes that the Signature at ``location`` covers as its first reference.

    ``location`` is the path of its parent below the root, such as ``./A/B/``; ``certificate`` is DER;
    ``references`` is how many the signature has to have: data, time of signing, and XAdES properties when it has any.

    Whether the certificate was valid then is not judged: nothing was altered when it was not.

    Raises BrokenSignature when a digest or the signature value does not hold, or when algorithms
    or the number of references differ from the recipe.
    """
    unreadable = "thời điểm ký hoặc chứng thư không đọc được"
    try:
        at = datetime.fromisoformat(time)
    except ValueError as error:
        raise BrokenSignature(unreadable) from error
    try:
        holder = load_certificate(certificate)
    except BadCertificate as error:
        raise BrokenSignature(unreadable) from error
    if at.year not in _YEARS:
        raise BrokenSignature(unreadable)
    expected = SignatureConfiguration(
        location=location,
        expect_references=references,
        signature_methods=frozenset({SignatureMethod(signature_method(certificate))}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
        # Only the cryptography is checked here; at this moment every certificate is valid.
        verification_time=holder.not_valid_before_utc,
    )
    try:
        with warnings.catch_warnings():
            # signxml parses the certificate once more; load_certificate has judged it already.
            warnings.simplefilter("ignore")
            results = _StateVerifier().verify(data, x509_cert=holder, id_attribute="Id", expect_config=expected)
    except (SignXMLException, etree.LxmlError, ValueError, OverflowError) as error:
        raise BrokenSignature("chữ ký không khớp với dữ liệu") from error
    except (TypeError, KeyError, AttributeError) as error:
        if raised_in_own_code(error):
            raise
        # signxml fails like this on a file in which elements are missing.
        raise BrokenSignature("chữ ký không khớp với dữ liệu") from error
    if not isinstance(results, list):
        raise BrokenSignature("số tham chiếu không đúng định dạng")
    covered: bytes = results[0].signed_data
    return covered
