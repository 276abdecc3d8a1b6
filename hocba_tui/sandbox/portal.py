"""The decisions of the sandbox portal: open a package, check every record, keep the answers."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from hocba_tui.export.record.package import open_package
from hocba_tui.export.record.schema import NotWellFormed
from hocba_tui.export.record.xmldsig_check import BrokenSignature
from hocba_tui.export.trust.certificate import fingerprint
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.pins import SchoolFacts
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from hocba_tui.sync.envelope import BadEnvelope, Transaction, unpack

Answer = dict[str, Any]


@dataclass
class SandboxPortal:
    """Answers to packages by message id; the same id again gets the same answer and changes nothing."""

    trust: Trust
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    """UUID to pupil of every accepted record."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def trusting(cls, folders: Iterable[Path], facts: SchoolFacts | None = None) -> Self:
        """Return a portal that trusts the issuers in these folders, and knows no record yet."""
        return cls(Trust.from_folders(folders, facts))

    def handle(self, body: Answer) -> Answer:
        """Answer one transaction."""
        head = body.get("authenticationRequest")
        if not isinstance(head, dict):
            return _ack("", "E01", "thiếu authenticationRequest")
        message, kind = str(head.get("messageid") or ""), head.get("type")
        if not message:
            return _ack(message, "E01", "thiếu messageid")
        with self._lock:
            if kind == Transaction.SUBMIT:
                return self._submit(message, str(head.get("ma_don_vi") or ""), str(body.get("content") or ""))
            if kind == Transaction.QUERY:
                if message not in self.answers:
                    return _ack(message, "E04", "không có giao dịch này")
                return {**_ack(message), "data": self.answers[message]}
        return _ack(message, "E02", "loại giao dịch không hỗ trợ")

    def _submit(self, message: str, unit: str, content: str) -> Answer:
        if message in self.answers:
            return _ack(message)
        try:
            package = open_package(unpack(content))
        except (BadEnvelope, NotWellFormed, BrokenSignature) as error:
            return _ack(message, "E03", str(error))
        if self.trust.seals and fingerprint(package.certificate) not in self.trust.seals:
            return _ack(message, "E05", "chứng thư của giao dịch chưa đăng ký với cổng")
        self.answers[message] = [self._check(data, unit, package.certificate) for data in package.files]
        return _ack(message)

    def _check(self, data: bytes, unit: str, sender: bytes) -> Answer:
        verdict = verify(data, self.trust)
        values = verdict.values
        row: Answer = {
            "ma_hoc_sinh": values.get("MA_HOC_SINH", ""),
            "ten_hoc_sinh": values.get("HO_VA_TEN", ""),
            "so_cccd": values.get("SO_CCCD", ""),
            "ma_tra_cuu_uuid": verdict.uuid or _claimed(data),
            "trang_thai": 0,
            "error": "",
            "error_field_title": "",
            "error_description": "",
        }
        if verdict.verdict is not Verdict.PASSED:
            return row | {"error": "E10", "error_field_title": "Chữ ký", "error_description": verdict.reason}
        if values.get("MA_TRUONG") != unit:
            return row | {"error": "E11", "error_field_title": "MA_TRUONG", "error_description": "sai mã trường"}
        if not _sealed_by(data, sender):
            return row | {"error": "E12", "error_field_title": Slot.SEAL.value,
                          "error_description": "con dấu khác với chứng thư của giao dịch"}  # fmt: skip
        if verdict.uuid in self.known:
            return row | {"error": "E13", "error_field_title": "MA_TRA_CUU_UUID", "error_description": "UUID đã dùng"}
        self.known[verdict.uuid] = values["MA_HOC_SINH"]
        return row | {"trang_thai": 1}


def _ack(message: str, error: str = "0", description: str = "") -> Answer:
    return {
        "MessageId": message,
        "Error": error,
        "ErrorDescription": description,
        "ResponseCode": "00" if error == "0" else "99",
        "ResponseDescription": "đã tiếp nhận" if error == "0" else description,
    }


def _sealed_by(data: bytes, certificate: bytes) -> bool:
    """Return whether the package's certificate is also the seal's (CV 2088 §III.1)."""
    seal = data.partition(b"<KY_PHAT_HANH>")[2]
    return b"<X509Certificate>" + base64.b64encode(certificate) + b"</X509Certificate>" in seal


def _claimed(data: bytes) -> str:
    """Return the UUID that an unverified record claims, so that the sender knows which one was refused."""
    return data.partition(b'Id="data-')[2][:36].decode("ascii", "replace")
