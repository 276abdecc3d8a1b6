"""XAdES properties that a signature may carry beside the state's recipe (ETSI EN 319 132-1, levels B-B and B-T).

The letter of the Ministry asks for plain XMLDSig; these stand in an Object of their own, so that whoever knows only
XMLDSig still verifies the signature. Written with default namespaces: prefixes would enter what others sign. Nothing
unsigned stands among them but a time-stamp, which its authority signed: no other signature would hold it.
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

    ``references`` are the Ids of the references that it speaks of; ``xmlns`` declares the namespace when it stands by
    itself.
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
    """Return UnsignedProperties with the token (DER) of a SignatureTimeStamp; nothing without one."""
    if not stamp:
        return ""
    return (
        "<UnsignedProperties><UnsignedSignatureProperties><SignatureTimeStamp>"
        f'<CanonicalizationMethod xmlns="{DSIG}" Algorithm="{C14N}"></CanonicalizationMethod>'
        f"<EncapsulatedTimeStamp>{base64.b64encode(stamp).decode()}</EncapsulatedTimeStamp>"
        "</SignatureTimeStamp></UnsignedSignatureProperties></UnsignedProperties>"
    )
