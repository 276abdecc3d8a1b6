"""A signature as the bytes that are kept in the frozen folder and travel in a request file. Needs no store."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from hocba_tui.model.record import Signed
from hocba_tui.model.values import Slot


def pack(signed: Signed) -> bytes:
    """Return a signature as the bytes that are kept in the frozen folder."""
    body: dict[str, Any] = {
        "slot": signed.slot,
        "time": signed.time,
        "value": base64.b64encode(signed.value).decode(),
        "certificate": base64.b64encode(signed.certificate).decode(),
    }
    if signed.xades:
        body["xades"] = True
    if signed.stamp:
        body["stamp"] = base64.b64encode(signed.stamp).decode()
    return orjson.dumps(body)


def unpack(data: bytes) -> Signed:
    """Return the signature that :func:`pack` packed."""
    body = orjson.loads(data)
    value, certificate = base64.b64decode(body["value"]), base64.b64decode(body["certificate"])
    stamp = base64.b64decode(body.get("stamp", ""))
    return Signed(Slot(body["slot"]), body["time"], value, certificate, bool(body.get("xades")), stamp)
