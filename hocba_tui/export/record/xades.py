"""XAdES properties that a signature may carry beside the state's recipe (ETSI EN 319 132-1, levels B-B and B-T).

The Ministry's letter asks for plain XMLDSig. These properties are in an Object of their own, so that a verifier that
knows only XMLDSig still accepts the signature. They use default namespaces, because prefixes would enter what others
sign. The only unsigned property is a time-stamp, which its authority signed: nothing else protects unsigned ones.
"""

from __future__ import annotations

import base64
import hashlib

from hocba_tui.export.trust.algorithms import C14N, DSIG, SHA256

XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
"""Type of the reference to the signed properties."""


def signed_properties(identifier: str, references: tuple[str, ...], time: str, certificate: bytes, xmlns: str) -> str:
    """Return SignedProperties, canonical: claimed time, digest of the certificate (DER), form of what is signed.

    ``references`` are the Ids of the references that it describes; ``xmlns`` declares the namespace when the element
    is canonicalised by itself.
    """
    digest = base64.b64encode(hashlib.sha256(certificate).digest()).decode()
    formats = "".join(
        f'<DataObjectFormat ObjectReference="#{reference}"><MimeType>text/xml</MimeType></DataObjectFormat>'
        for reference in references
    )
    return (
        f'<SignedProperties{xmlns} Id="{identifier}"><SignedSignatureProperties><SigningTime>{time}</SigningTime>'
        f'<SigningCertificateV2><Cert><CertDigest><DigestMethod xmlns="{DSIG}" Algorithm="{SHA256}"></DigestMethod>'
        f'<DigestValue xmlns="{DSIG}">{digest}</DigestValue></CertDigest></Cert></SigningCertificateV2>'
        "</SignedSignatureProperties>"
        f"<SignedDataObjectProperties>{formats}</SignedDataObjectProperties></SignedProperties>"
    )


def unsigned_properties(stamp: bytes) -> str:
    """Return UnsignedProperties with the token (DER) of a SignatureTimeStamp; empty when there is none."""
    if not stamp:
        return ""
    return (
        "<UnsignedProperties><UnsignedSignatureProperties><SignatureTimeStamp>"
        f'<CanonicalizationMethod xmlns="{DSIG}" Algorithm="{C14N}"></CanonicalizationMethod>'
        f"<EncapsulatedTimeStamp>{base64.b64encode(stamp).decode()}</EncapsulatedTimeStamp>"
        "</SignatureTimeStamp></UnsignedSignatureProperties></UnsignedProperties>"
    )
