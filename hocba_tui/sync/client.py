"""Send packages to a portal and query it. After a time-out the state is unknown: query first, never just send again."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from hocba_tui.errors import PortalFailed
from hocba_tui.sync.envelope import Account, RecordReceipt, Transaction, pack, request

PATH = "/hocba/giao-dich"
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


NEVER_SEEN = "E04"
"""The portal does not know the message id. The official list of codes is not available; ours is chosen."""


class PackageRefused(PortalFailed):
    """The portal answered, and did not accept the package."""


class NoAnswer(PortalFailed):
    """Sent, but the answer did not come: the portal may or may not have it."""


def is_loopback(url: str) -> bool:
    """Return whether ``url`` leads to this computer."""
    try:
        host = urlsplit(url).hostname or ""
        if host == "localhost":
            return True
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Portal:
    """A portal at ``url``, known as ``account``."""

    url: str
    account: Account

    def submit(self, message: str, data: bytes) -> str:
        """Send a package under its message id; return the portal's acknowledgement.

        Raises NoAnswer when it may have arrived, PortalFailed when it surely did not.
        """
        answer = self._post(request(self.account, Transaction.SUBMIT, message, pack(data)))
        if str(answer.get("Error")) != "0":
            raise PackageRefused(
                f"Cổng không nhận gói: {_description(answer)}.", "Xem lại gói trong Hộp gửi rồi gửi lại."
            )
        return str(answer.get("ResponseDescription") or "")

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
        try:
            # trust_env: a proxy of the environment must not see records on their way to loopback.
            with httpx.Client(timeout=_TIMEOUT, trust_env=not is_loopback(self.url)) as client:
                reply = client.post(self.url.rstrip("/") + PATH, json=body)
                reply.raise_for_status()
                answer = reply.json()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise PortalFailed(
                "Không kết nối được cổng tiếp nhận; chưa gửi gì.", "Kiểm tra mạng hoặc địa chỉ cổng rồi gửi lại."
            ) from error
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise NoAnswer(
                "Đã gửi nhưng cổng chưa trả lời; chưa biết cổng đã nhận hay chưa.",
                "Lần sau chương trình sẽ hỏi cổng trước, không gửi trùng.",
            ) from error
        if not isinstance(answer, dict) or "Error" not in answer:
            raise NoAnswer(
                "Cổng trả lời không đúng định dạng; chưa biết cổng đã nhận hay chưa.", "Báo đơn vị vận hành cổng."
            )
        return answer


def _description(answer: dict[str, Any]) -> str:
    return str(answer.get("ErrorDescription") or answer.get("ResponseDescription") or answer.get("Error"))
