"""Read and write the two files that carry signatures between the server and a computer with a token.

The request holds the bytes to be signed, so that the other computer can show them before it signs. The answer holds
only signatures: the server builds everything else again from its own store.
"""

from __future__ import annotations

import base64
import binascii
import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from hocba_tui.errors import Refused
from hocba_tui.flow.records.packages import PackageSignature
from hocba_tui.flow.records.signatures import pack, unpack
from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot
from hocba_tui.store.outgoing import NewFile, require_new

_REQUEST, _SIGNED = "hocba-request-1", "hocba-signed-1"
MAX_BYTES = 100_000_000
"""A whole school's records are about 20 MB."""


@dataclass(frozen=True)
class Asked:
    """One record to be signed: its frozen bytes, and the signatures it has, which a nested format covers too."""

    pupil: str
    uuid: str
    profile: str
    region: bytes
    made: tuple[Signed, ...] = ()
    xades: bool = False
    """Whether XAdES properties are signed along."""


@dataclass(frozen=True)
class SigningRequest:
    """What is to be signed, in which slot, with which certificate (SHA-256, hexadecimal)."""

    slot: Slot
    certificate: str
    asked: tuple[Asked, ...]
    packages: bool = False
    """Whether packages of the sealed files are signed too; for a record that has its seal nothing else is signed."""


@dataclass(frozen=True)
class Answered:
    """One signature, made at ``time`` (as written in the file)."""

    pupil: str
    uuid: str
    time: str
    value: bytes


@dataclass(frozen=True)
class SignedAnswers:
    """The signatures of a request; ``certificate`` is DER."""

    slot: Slot
    certificate: bytes
    answered: tuple[Answered, ...]
    packages: tuple[PackageSignature, ...] = ()


def pack_request(request: SigningRequest) -> bytes:
    """Return the request as a file."""
    asked = [
        {
            "pupil": a.pupil,
            "uuid": a.uuid,
            "profile": a.profile,
            "region": _text(a.region),
            "made": [_text(pack(signed)) for signed in a.made],
            "xades": a.xades,
        }
        for a in request.asked
    ]
    body = {"kind": _REQUEST, "slot": request.slot, "certificate": request.certificate}
    return orjson.dumps({**body, "asked": asked, "transactions": request.packages})


def read_request(data: bytes) -> SigningRequest:
    """Return the request in a file; raise Refused when it is no such file."""
    body = _body(data, _REQUEST)
    try:
        asked = tuple(_read_asked(row) for row in body["asked"])
        return SigningRequest(Slot(body["slot"]), str(body["certificate"]), asked, bool(body["transactions"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign() from error


def pack_answers(answers: SignedAnswers) -> bytes:
    """Return the answers as a file."""
    answered = [{"pupil": a.pupil, "uuid": a.uuid, "time": a.time, "value": _text(a.value)} for a in answers.answered]
    packages = [
        {"message": t.message, "uuids": t.uuids, "time": t.time, "value": _text(t.value)} for t in answers.packages
    ]
    body = {"kind": _SIGNED, "slot": answers.slot, "certificate": _text(answers.certificate)}
    return orjson.dumps({**body, "answered": answered, "transactions": packages})


def read_answers(data: bytes) -> SignedAnswers:
    """Return the answers in a file; raise Refused when it is no such file."""
    body = _body(data, _SIGNED)
    try:
        answered = tuple(
            Answered(str(a["pupil"]), str(a["uuid"]), str(a["time"]), _bytes(a["value"])) for a in body["answered"]
        )
        packages = tuple(
            PackageSignature(str(t["message"]), tuple(map(str, t["uuids"])), str(t["time"]), _bytes(t["value"]))
            for t in body["transactions"]
        )
        return SignedAnswers(Slot(body["slot"]), _bytes(body["certificate"]), answered, packages)
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign() from error


def read_carried(path: Path) -> bytes:
    """Return the bytes of a request or of answers, at most one more than allowed; OSError when it is no plain file."""
    if not path.is_file():  # Opening a pipe would wait for ever.
        raise OSError(errno.EINVAL, "không phải là tệp" if path.exists() else "không có tệp này", str(path))
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


class AnswersFile:
    """The file with the signatures that were made so far; it is written again after each."""

    def __init__(self, path: Path) -> None:
        """Refused when ``path`` is taken or lies in a store."""
        require_new(path)
        self.path = path
        self._file = NewFile(path)

    def write(self, answers: SignedAnswers) -> None:
        """Replace the file as a whole, so that a power cut leaves the previous one."""
        self._file.write(pack_answers(answers))


def _read_asked(row: dict[str, Any]) -> Asked:
    made = tuple(unpack(_bytes(text)) for text in row["made"])
    return Asked(
        str(row["pupil"]), str(row["uuid"]), str(row["profile"]), _bytes(row["region"]), made, bool(row["xades"])
    )


def _body(data: bytes, kind: str) -> dict[str, Any]:
    try:
        body = orjson.loads(data) if len(data) <= MAX_BYTES else None
    except ValueError as error:
        raise _foreign() from error
    if not isinstance(body, dict) or body.get("kind") != kind:
        raise _foreign()
    return body


def _foreign() -> Refused:
    return Refused("Tệp này không phải tệp yêu cầu ký hoặc tệp chữ ký của hocba.", "Chọn đúng tệp rồi thử lại.")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
