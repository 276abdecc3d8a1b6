"""Stable codes of the reasons of a verdict, for machines.

Names without a prefix are those of ETSI EN 319 102-1, as far as this project knows them from other software (the text
itself is not at hand, so no conformity is claimed). ``HOCBA_`` marks what only a school's record can have.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why a step or a signature is not PASSED, or what it remarks."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"

    MISSING_SIGNER = "HOCBA_MISSING_SIGNER"
    """Somebody who is named as a signer did not sign."""
    FEWER_SIGNERS = "HOCBA_FEWER_SIGNERS"
    """A remark: nobody is named for a place, and nobody signed there."""
    OTHER_SIGNER = "HOCBA_OTHER_SIGNER"
    """Somebody else signed than the one who is named."""
    SIGNER_NOT_KNOWN = "HOCBA_SIGNER_NOT_KNOWN"
    """Nothing here connects the certificate with the person who is named."""
    SEAL_OF_ANOTHER_SCHOOL = "HOCBA_SEAL_OF_ANOTHER_SCHOOL"
    SEAL_NOT_PINNED = "HOCBA_SEAL_NOT_PINNED"
    SEAL_WITHOUT_SCHOOL = "HOCBA_SEAL_WITHOUT_SCHOOL"
    ORDER_OF_SIGNING = "HOCBA_ORDER_OF_SIGNING"
    CERTIFICATE_NOT_COVERED = "HOCBA_CERTIFICATE_NOT_COVERED"
    """A remark: no signature covers the certificate (no SigningCertificateV2)."""
    NO_LEGAL_VALUE = "HOCBA_NO_LEGAL_VALUE"
    """A remark: a training key signed."""
    NOT_JUDGED = "HOCBA_NOT_JUDGED"
    """Something that this program does not judge."""
    PROGRAM_ERROR = "HOCBA_PROGRAM_ERROR"
