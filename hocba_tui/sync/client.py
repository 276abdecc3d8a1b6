"""Send packages to a portal and query it. After a time-out the state is unknown: query first, never just send again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hocba_tui.errors import PortalFailed
from hocba_tui.sync.envelope import Account, RecordReceipt, Transaction, pack, request
from hocba_tui.text import foreign

PATH = "/hocba/giao-dich"
DEADLINE = 120.0
"""Seconds for one transaction: 10 MB go out on a school's line, and the portal checks them."""
MAX_ANSWER = 4_000_000
"""Bytes of an answer: the receipts of a package, some hundred bytes for each of at most a few hundred records."""


NEVER_SEEN = "E04"
"""The portal does not know the message id. The official list of codes is not available; ours is chosen."""


class PackageRefused(PortalFailed):
    """The portal answered, and did not accept the package."""


class NoAnswer(PortalFailed):
    """Sent, but the answer did not come: the portal may or may not have it."""


@dataclass(frozen=True)
class Portal:
    """A portal at ``url``, known as ``account``."""

    url: str
    account: Account
    issuers: str = ""
    """Certificates (PEM) of which one must have issued the portal's own; empty for the usual ones of the web."""

    def submit(self, message: str, data: bytes) -> str:
        """Send a package under its message id; return the portal's acknowledgement.

        Raises NoAnswer when it may have arrived, PortalFailed when it surely did not.
        """
        answer = self._post(request(self.account, Transaction.SUBMIT, message, pack(data)))
        if str(answer.get("Error")) != "0":
            raise PackageRefused(
                f"Cổng không nhận gói: {_description(answer)}.", "Xem lại gói trong Hộp gửi rồi gửi lại."
            )
        return foreign(str(answer.get("ResponseDescription") or ""))

    def query(self, message: str) -> tuple[RecordReceipt, ...] | None:
        """Return the receipts of a package, None when the portal has never seen it."""
        answer = self._post(request(self.account, Transaction.QUERY, message))
        error = str(answer.get("Error"))
        if error == NEVER_SEEN:
            return None
        if error != "0":
            raise PackageRefused(f"Cổng chưa trả kết quả: {_description(answer)}.", "Hỏi lại sau.")
        try:
            return tuple(RecordReceipt.from_json(row) for row in answer.get("data") or ())
        except (KeyError, TypeError) as error:
            raise PortalFailed("Kết quả tiếp nhận không đúng định dạng.", "Báo đơn vị vận hành cổng.") from error

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        # Not above: who has nothing to send does not wait for httpx, half of what the command costs.
        from hocba_tui.sync.exchange import NotFetched, NotSent, Terms, ask_once

        terms = Terms("cổng tiếp nhận", DEADLINE, self.issuers)
        try:
            reply = ask_once(
                terms, self.url.rstrip("/") + PATH, json.dumps(body).encode(), "application/json", MAX_ANSWER
            )
            # Always UTF-8 (RFC 8259, 8.1), whatever a header says; some servers put a mark before it.
            answer = json.loads(reply.decode("utf-8-sig"))
        except NotSent as error:
            raise PortalFailed(
                f"Không kết nối được cổng tiếp nhận ({error.what}); chưa gửi gì.",
                "Kiểm tra mạng hoặc địa chỉ cổng rồi gửi lại.",
            ) from error
        except NotFetched as error:
            raise NoAnswer(
                f"Đã gửi nhưng không có câu trả lời dùng được ({error.what}); chưa biết cổng đã nhận hay chưa.",
                "Lần sau chương trình sẽ hỏi cổng trước, không gửi trùng.",
            ) from error
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or "Error" not in answer:
            raise NoAnswer(
                "Cổng trả lời không đúng định dạng; chưa biết cổng đã nhận hay chưa.", "Báo đơn vị vận hành cổng."
            )
        return answer


def _description(answer: dict[str, Any]) -> str:
    said = answer.get("ErrorDescription") or answer.get("ResponseDescription") or answer.get("Error")
    return foreign(str(said))
