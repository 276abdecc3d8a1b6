"""Ask issuers whether certificates were revoked, and keep their answers as proof for later."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from cryptography import x509

from hocba_tui.errors import HocbaError
from hocba_tui.export.trust.certificate import BadCertificate, load_certificate
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.paths import find_path, issuer_among
from hocba_tui.export.trust.revocation import answers_about, asked_at, request_for
from hocba_tui.export.trust.revocation_answers import FOLDER, Answers
from hocba_tui.store.disk import make_folder, write_atomic
from hocba_tui.text import foreign

Fetch = Callable[[str, bytes | None, str], bytes]
"""Takes an address, a body or None, and its content type; returns the answer, or raises HocbaError."""

_OCSP_REQUEST = "application/ocsp-request"


def ask(trust: Trust, certificates: Iterable[bytes], fetch: Fetch) -> tuple[Trust, tuple[str, ...]]:
    """Return ``trust`` with new answers about certificates (DER), and what could not be asked.

    Only certificates of pinned issuers are asked about, so that only their addresses are called. OCSP is asked first,
    then the whole list when OCSP does not answer.
    """
    problems: list[str] = []
    lists: dict[str, bytes] = {}
    silent: set[str] = set()
    for der in dict.fromkeys(certificates):
        try:
            certificate = load_certificate(der)
            issuer = _who_revokes(certificate, trust)
        except BadCertificate:
            continue
        if issuer is None:
            continue
        responders, points = asked_at(certificate)
        if not responders and not points:
            problems.append(f"Chứng thư số {certificate.serial_number:x} không ghi nơi hỏi thu hồi.")
        request = request_for(certificate, issuer)
        for url, body in [*((url, request) for url in responders), *((url, None) for url in points)]:
            if url in silent:
                continue
            try:
                data = lists[url] if url in lists else fetch(url, body, _OCSP_REQUEST if body else "")
            except HocbaError as error:
                problems.append(error.what)
                silent.add(url)  # A whole deadline for each certificate would hold a class for an hour.
                continue
            if body is None:
                lists[url] = data
            found = Answers(ocsp=(data,)) if body else Answers(crls=(data,))
            if answers_about(certificate, issuer, trust.answers + found):
                trust = replace(trust, answers=trust.answers + found)
                break
            problems.append(f"Câu trả lời của {foreign(url)} không phải của nơi cấp, hoặc không nói về chứng thư này.")
    return trust, tuple(dict.fromkeys(problems))


def _who_revokes(certificate: x509.Certificate, trust: Trust) -> x509.Certificate | None:
    """Return the issuer, on a path to a pinned one, of a person's, a seal's or a time-stamp authority's certificate.

    None in training.
    """
    if path := find_path(certificate, trust):
        return None if path.anchor.training else path.issuer
    return issuer_among(certificate, trust.stampers)


def keep_answers(folder: Path, answers: Answers) -> int:
    """Write answers into a trust folder, each once; return how many are new."""
    new = 0
    for kind, found in (("ocsp", answers.ocsp), ("crl", answers.crls)):
        for data in found:
            path = folder / FOLDER / f"{hashlib.sha256(data).hexdigest()[:32]}.{kind}"
            if not path.exists():
                make_folder(path.parent)
                write_atomic(path, data)
                new += 1
    return new
