"""Certificates that the library does not load, because a name in them is written against the rules.

Nothing can be judged on them; but that is no proof that anything is wrong, so they are named as far as they can be.
"""

from __future__ import annotations

from typing import Any

from hocba_tui.export.trust.program_error import raised_in_own_code


def named_in(data: bytes) -> str | None:
    """Return whom a certificate (DER) names, None when it is none that any reader would read."""
    try:
        return _name(_load(data))
    except ValueError:
        return None


def _load(data: bytes) -> Any:  # noqa: ANN401 - asn1crypto is untyped
    """Return a certificate as asn1crypto reads it, to its last field; raise ValueError when it does not."""
    # Only for a certificate that is written against the rules: 31 ms and 2 MB that no other needs.
    from asn1crypto import x509 as asn1  # type: ignore[import-untyped]

    try:
        parsed = asn1.Certificate.load(data, strict=True)
        _ = parsed["tbs_certificate"].native, parsed["signature_algorithm"].signature_algo
    except (TypeError, LookupError, AttributeError, RecursionError, OverflowError) as error:
        if raised_in_own_code(error):
            raise
        raise ValueError("no certificate") from error
    return parsed


def _name(parsed: Any) -> str:  # noqa: ANN401 - asn1crypto is untyped
    """Return the common name. UTF-8 in a string that may hold ASCII only is read as Latin-1 by the library."""
    said = parsed.subject.native.get("common_name") or parsed.subject.human_friendly
    text = said[0] if isinstance(said, list) else str(said)
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text
