"""Doors for records and for what vouches for them: signed files, certificates, answers of issuers, time-stamps."""

from __future__ import annotations

import contextlib
import io
import zipfile
from dataclasses import asdict
from datetime import timedelta
from unittest import mock

import orjson
from asn1crypto.cms import ContentInfo  # type: ignore[import-untyped]
from asn1crypto.core import Integer, Sequence, SequenceOf  # type: ignore[import-untyped]
from asn1crypto.tsp import TSTInfo  # type: ignore[import-untyped]

from hocba_tui.export.trust.certificate import (
    BadCertificate,
    holder_id,
    holder_name,
    in_words,
    load_certificate,
    says_training,
    tax_code,
    unit_of,
)
from hocba_tui.export.trust.issuers import Trust, by_key, no_issuer, validity_problem
from hocba_tui.export.trust.pins import read_people
from hocba_tui.export.trust.revocation import Times, asked_at, standing
from hocba_tui.export.trust.revocation_answers import Answers, unreadable_times
from hocba_tui.export.trust.timestamp import BadStamp, certificate_of, read_stamp, token_of
from hocba_tui.export.trust.unreadable import named_in
from hocba_tui.flow.portal.send import PINNED, _pinned
from hocba_tui.flow.verify.files import asked_about, verify_files
from hocba_tui.flow.verify.trusting import NOTES, Pin, _notes, _plain
from hocba_tui.sync.exchange import _secured
from tests.attacks.fuzz.door import Door
from tests.attacks.fuzz.material import NOW, Material


def _records(material: Material) -> list[bytes]:
    assert material.trust.anchors
    return material.records


def _other_files(material: Material) -> list[bytes]:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.xml", material.records[0][:3000])
        archive.writestr("docProps/x", b"x")
    return [made.getvalue()]


def _verify(material: Material, data: bytes) -> None:
    path = material.file(data, "hb.xml")
    for any_xml in (False, True):
        (found,) = verify_files([path], material.trusted, any_xml=any_xml, now=NOW)
        for line in (found.headline, *found.summary(), *found.details()):
            assert line.isprintable()
        asked_about([path], material.trust, _nobody, any_xml=any_xml)
    path.unlink()


def _nobody(url: str, body: bytes | None, content_type: str) -> bytes:
    return b"0"


# --- certificates ----------------------------------------------------------------------------------


def _certificates(material: Material) -> list[bytes]:
    return [*material.certificates, *material.pair[2][:1]]


def _certificate(material: Material, data: bytes) -> None:
    named_in(data)
    by_key([data])
    loaded = load_certificate(data)
    texts = [holder_name(loaded), holder_id(loaded), tax_code(loaded), unit_of(loaded), in_words(loaded.issuer)]
    texts += [no_issuer(loaded) or "", validity_problem(loaded, NOW) or "", *map("".join, asked_at(loaded))]
    says_training(loaded)
    assert all(text.isprintable() for text in texts[:3])


def _pem(material: Material, data: bytes) -> None:
    path = material.file(data, "a.pem")
    _plain(data, path)
    (folder := material.path("trust")).mkdir()
    path.rename(folder / "a.pem")
    Trust.from_folders([folder])


def _portal_pins(material: Material, data: bytes) -> None:
    """What is raised besides, the client has as a connection that did not come about."""
    (folder := material.path("root") / PINNED).mkdir(parents=True)
    (folder / "a.pem").write_bytes(data)
    _secured(_pinned(mock.Mock(root=folder.parents[len(PINNED.parts) - 1])))


def _people(_: Material) -> list[bytes]:
    head = "sha256,so_dinh_danh,ho_ten,tu_ngay,den_ngay\n"
    return [(head + f"{'ab' * 32},037175000001,Nguyễn Thị Mẫu,2025-09-01,\n").encode()]


_NOTE = orjson.dumps(asdict(Pin("add", "ab" * 32, "", "Con dấu", "quantri", NOW.isoformat(), "hb.xml", "cd" * 32)))


def _noted(material: Material, data: bytes) -> None:
    (folder := material.path("trust")).mkdir()
    (folder / NOTES).write_bytes(data)
    for pin in _notes(folder):
        f"{pin.by} {pin.at[:16].replace('T', ' ')} {pin.file}"


# --- answers of issuers, and of authorities for time-stamps ----------------------------------------


def _revocation(material: Material, data: bytes) -> None:
    certificate, issuer, _, _ = material.pair
    for answers in (Answers(ocsp=(data,)), Answers(crls=(data,))):
        unreadable_times(answers)
        standing(certificate, issuer, Trust(answers=answers), Times(NOW, NOW - timedelta(days=20), None))


class _Status(SequenceOf):  # type: ignore[misc]
    _child_spec = Integer


class _Answer(Sequence):  # type: ignore[misc]
    _fields = [("status", _Status), ("token", ContentInfo)]


def _stamp_answers(material: Material) -> list[bytes]:
    return [_Answer({"status": [0], "token": ContentInfo.load(token)}).dump() for token, _ in material.stamps]


def _stamp_answer(material: Material, data: bytes) -> None:
    for token, message in material.stamps:
        info = ContentInfo.load(token)["content"]["encap_content_info"]["content"]
        nonce = TSTInfo.load(bytes(info))["nonce"].native
        try:
            token_of(data, message, nonce)
        except BadStamp:
            continue


def _stamp(material: Material, data: bytes) -> None:
    with contextlib.suppress(BadStamp):
        certificate_of(data)
    *others, (_, last) = material.stamps
    for _, message in others:
        with contextlib.suppress(BadStamp):
            read_stamp(data, message)
            return
    read_stamp(data, last)


DOORS = [
    Door(
        "records", "text",
        ("export/record/schema.py", "export/verify/contents.py", "export/verify/verify.py", "flow/verify/files.py",
         "export/verify_any/document.py", "export/verify_any/coverage.py", "export/verify_any/crypto.py",
         "export/verify_any/references.py", "flow/verify/terms.py", "flow/verify/not_a_record.py"),
        _records, _verify, examples=60,
    ),
    Door("other files to verify", "zip", ("flow/verify/not_a_record.py",), _other_files, _verify),
    Door(
        "certificate", "der",
        ("export/trust/certificate.py", "export/trust/extensions.py", "export/trust/unreadable.py"),
        _certificates, _certificate, (BadCertificate,), examples=60,
    ),
    Door(
        "certificate as a file", "pem", ("export/trust/pins.py", "flow/verify/trusting.py"),
        lambda material: [*material.pems, *material.certificates[:1]], _pem,
    ),
    Door(
        "list of people", "text", ("export/trust/pins.py",), _people,
        lambda material, data: read_people(material.file(data, "people.csv")),
    ),
    Door(
        "certificates for a portal", "pem", ("flow/portal/send.py",), lambda material: material.pems, _portal_pins,
        (OSError, ValueError),
    ),
    Door("notes of pins", "json", ("flow/verify/trusting.py",), lambda _: [_NOTE], _noted),
    Door(
        "OCSP answer", "der", ("export/trust/revocation_answers.py",), lambda material: material.pair[2], _revocation,
        examples=60,
    ),
    Door(
        "list of revoked certificates", "der", ("export/trust/revocation_answers.py",),
        lambda material: material.pair[3], _revocation,
    ),
    Door("answer for a time-stamp", "der", ("export/trust/timestamp.py",), _stamp_answers, _stamp_answer, examples=40),
    Door(
        "time-stamp", "der", ("export/trust/timestamp.py",), lambda material: [token for token, _ in material.stamps],
        _stamp, (BadStamp,), examples=40,
    ),
]  # fmt: skip
