"""Many records in one XML, with the school's signature over the whole package (CV 2088 §2).

The specification names the root and says that the organisation signs. The place of the signature is our choice:
outside what it covers, as in a record.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from hocba_tui.export.record.schema import NotWellFormed, canonical, parse
from hocba_tui.export.record.signature import XML_HEAD, Target, signature_element
from hocba_tui.export.record.xmldsig_check import BrokenSignature, signed_bytes
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.certificate import load_certificate
from hocba_tui.export.trust.issuers import time_problem

_ROOT, _CONTENT, _SIGNED_BY = "DANH_SACH_HOC_BA", "NOI_DUNG", "KY_GIAO_DICH"
MAX_PACKAGE_BYTES = 10_000_000
"""Limit of one package (CV 2088 §2)."""
_PORTION_BYTES = MAX_PACKAGE_BYTES - 100_000
"""Room for the list around the records and the package's signature."""
_MAX_PACKAGE_ELEMENTS = 250_000
"""A package of the largest size that is full of records has about 130,000."""


def portions(files: Mapping[str, bytes]) -> Iterator[list[str]]:
    """Yield the records' UUIDs in portions whose files fit into one package."""
    portion: list[str] = []
    size = 0
    for uuid, data in files.items():
        if portion and size + len(data) > _PORTION_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(uuid)
        size += len(data)
    if portion:
        yield portion


def package_target(message: str, files: Iterable[bytes]) -> Target:
    """Return what the package's signature covers: the list of records as it will be in the file."""
    identifier = f"list-{message}"
    inner = b"".join(data.removeprefix(XML_HEAD).strip() for data in files)
    content = f'<{_CONTENT} Id="{identifier}">'.encode() + inner + f"</{_CONTENT}>".encode()
    return Target(identifier, f"sig-{message}", f"time-{message}", content)


def package_file(target: Target, time: str, value: bytes, certificate: bytes) -> bytes:
    """Return the package's XML."""
    signature = signature_element(target, time, value, certificate)
    return (
        XML_HEAD
        + f"<{_ROOT}>".encode()
        + target.data
        + f"<{_SIGNED_BY}>{signature}</{_SIGNED_BY}></{_ROOT}>\n".encode()
    )


@dataclass(frozen=True)
class OpenedPackage:
    """A package whose signature holds: the files of its records, and who signed (DER)."""

    files: tuple[bytes, ...]
    certificate: bytes


def open_package(data: bytes) -> OpenedPackage:
    """Return the records of a package.

    Raises NotWellFormed when it is not a package, BrokenSignature when its signature does not hold or was made with
    a certificate that was not valid then.
    """
    root = parse(data, MAX_PACKAGE_BYTES, _MAX_PACKAGE_ELEMENTS)
    if root.tag != _ROOT or [child.tag for child in root] != [_CONTENT, _SIGNED_BY]:
        raise NotWellFormed("không phải gói học bạ")
    text = root[1].findtext(f".//{{{DSIG}}}X509Certificate") or ""
    time = root[1].findtext(".//SigningTime") or ""
    try:
        certificate = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BrokenSignature("chứng thư không đọc được") from error
    content = signed_bytes(data, f"./{_SIGNED_BY}/", time, certificate)
    at = datetime.fromisoformat(time)
    if problem := time_problem(load_certificate(certificate), at) if at.tzinfo else "thời điểm ký không có múi giờ":
        raise BrokenSignature(problem)
    covered = etree.fromstring(content)
    if covered.tag != _CONTENT:
        raise BrokenSignature("chữ ký giao dịch không phủ danh sách học bạ")
    message = (covered.get("Id") or "").removeprefix("list-")
    target = Target(f"list-{message}", f"sig-{message}", f"time-{message}", content)
    value = base64.b64decode(root[1].findtext(f".//{{{DSIG}}}SignatureValue") or "")
    if package_file(target, time, value, certificate) != data:
        raise BrokenSignature("gói bị sửa ở chỗ không có chữ ký nào phủ")
    return OpenedPackage(tuple(record_files(covered)), certificate)


def record_files(content: Iterable[etree._Element]) -> Iterable[bytes]:
    """Yield each record of a list as the file that was issued."""
    for element in content:
        yield XML_HEAD + canonical(element) + b"\n"
