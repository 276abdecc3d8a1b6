"""Addresses: of a portal, and those that certificates and the school's settings name."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?")
_LONGEST = 2000


def parts_of(url: str) -> SplitResult | None:
    """Return the parts of an http or https address; None when it is none that every reader reads alike.

    Letters are plain ASCII (RFC 3986), the computer is a name or a number, the port is one, and there is no password:
    everybody can see the settings.
    """
    # urlsplit drops line ends, and others read "\" as "/": such an address would lead to two places.
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}#'):
        return None
    try:
        found = urlsplit(url)
        host, port = found.hostname or "", found.port
    except ValueError:
        return None
    if found.scheme not in ("http", "https") or "@" in found.netloc or port == 0 or found.netloc.endswith(":"):
        return None
    return found if _NAME.fullmatch(host) or _number(host) else None


def is_loopback(url: str) -> bool:
    """Return whether ``url`` leads to this computer."""
    found = parts_of(url)
    host = found.hostname if found else ""
    if host == "localhost":
        return True
    number = _number(host or "")
    return number is not None and number.is_loopback


def portal_problem(url: str, *, training: bool) -> str:
    """Return why records may not be sent to ``url``, empty when they may.

    A real school sends over https only: the answers decide what counts as accepted. A training store never sends to
    another computer: its records have no legal value.
    """
    found = parts_of(url)
    if found is None or found.query:
        return "không phải địa chỉ dùng được (không mật khẩu, không dấu hỏi)"
    if training:
        return "" if is_loopback(url) else "kho tập huấn chỉ gửi được tới cổng thử trên máy này"
    return "" if found.scheme == "https" else "phải bắt đầu bằng https://"


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
