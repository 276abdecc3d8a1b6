"""Read the extensions of a certificate, one by one, also where an authority wrote one against the rules of DER.

Authorities do: cA FALSE written out, Latin-1 in the text of a policy. What cannot be read is named; the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from hocba_tui.export.trust.program_error import raised_in_own_code

Kind = TypeVar("Kind", bound=x509.ExtensionType)
UNREADABLE = (
    ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
    x509.AttributeNotFound,
)  # fmt: skip
"""What cryptography, which parses lazily, raises on bytes that it does not read."""
_TO_LIBRARY = (LookupError, AttributeError, RecursionError, OverflowError)
"""What asn1crypto raises besides."""
QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
"""Says what the law calls a certificate (ETSI EN 319 412-5); critical or not, it forbids nothing."""


@dataclass(frozen=True)
class Extensions:
    """The extensions that could be read, by their identifier, and those that could not."""

    read: Mapping[x509.ObjectIdentifier, x509.Extension[Any]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    """Identifiers in dotted form."""
    unread_critical: tuple[str, ...] = ()

    def of(self, kind: type[Kind]) -> Kind | None:
        """Return an extension's value, None when it is not there or cannot be read."""
        found = self.read.get(kind.oid)
        return found.value if found is not None and isinstance(found.value, kind) else None

    def is_unread(self, kind: type[x509.ExtensionType]) -> bool:
        """Return whether an extension is there and cannot be read."""
        return kind.oid.dotted_string in self.unread or "*" in self.unread

    def unknown_critical(self) -> tuple[str, ...]:
        """Return the critical extensions that are not understood here: what they demand is not known."""
        known = {QC_STATEMENTS, ExtensionOID.INHIBIT_ANY_POLICY}
        unknown = [
            oid.dotted_string
            for oid, found in self.read.items()
            if found.critical and oid not in known and isinstance(found.value, x509.UnrecognizedExtension)
        ]
        return (*unknown, *self.unread_critical)


@lru_cache(maxsize=512)
def extensions_of(certificate: x509.Certificate) -> Extensions:
    """Return the extensions of a certificate; it never raises."""
    try:
        return Extensions({each.oid: each for each in certificate.extensions})
    except UNREADABLE:
        return _one_by_one(certificate.public_bytes(Encoding.DER))


def _one_by_one(data: bytes) -> Extensions:
    # Only for a certificate that is written against the rules: 31 ms and 2 MB that no other needs.
    from asn1crypto import x509 as asn1  # type: ignore[import-untyped]

    read: dict[x509.ObjectIdentifier, x509.Extension[Any]] = {}
    unread: list[str] = []
    critical: list[str] = []
    try:
        listed = list(asn1.Certificate.load(data, strict=True)["tbs_certificate"]["extensions"])
        named = [(each["extn_id"].dotted, bool(each["critical"].native)) for each in listed]
    except (*UNREADABLE, *_TO_LIBRARY) as error:
        if raised_in_own_code(error) and not isinstance(error, ValueError):
            raise
        return Extensions(unread=("*",), unread_critical=("*",))
    for extension, (dotted, is_critical) in zip(listed, named, strict=True):
        twice = [name for name, _ in named].count(dotted) > 1
        found = None if twice else _alone(data, extension)
        if found is not None:
            read[found.oid] = found
        else:
            unread.append(dotted)
            critical += [dotted] if is_critical else []
    return Extensions(read, tuple(dict.fromkeys(unread)), tuple(dict.fromkeys(critical)))


def _alone(data: bytes, extension: Any) -> x509.Extension[Any] | None:  # noqa: ANN401 - asn1crypto is untyped
    """Return one extension as cryptography reads it in a certificate that has no other; None when it does not."""
    from asn1crypto import x509 as asn1

    for written in _spellings(extension):
        whole = asn1.Certificate.load(data)
        whole["tbs_certificate"]["extensions"] = asn1.Extensions([written])
        try:
            found: x509.Extension[Any]
            (found,) = x509.load_der_x509_certificate(whole.dump(force=True)).extensions
        except UNREADABLE:
            continue
        return found
    return None


def _spellings(extension: Any) -> Iterable[Any]:  # noqa: ANN401 - asn1crypto is untyped
    """Yield an extension as it is, then as DER would have it written."""
    from asn1crypto import core
    from asn1crypto import x509 as asn1

    yield extension.copy()
    named = {"extn_id": extension["extn_id"].native, "critical": extension["critical"].native}
    try:
        value = core.ParsableOctetString(extension["extn_value"].parsed.dump(force=True))
        yield asn1.Extension({**named, "extn_value": value})
    except (*UNREADABLE, *_TO_LIBRARY):
        return
