"""Ask an issuer of certificates over http: OCSP answers and lists of revoked certificates."""

from __future__ import annotations

import httpx

from hocba_tui.errors import PortalFailed
from hocba_tui.sync.client import is_loopback

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_MAX_BYTES = 20_000_000
"""A list of revoked certificates of a state's issuer is a few megabytes."""


class NotFetched(PortalFailed):
    """The issuer did not answer, or not as agreed."""


def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
    """Return what lies at ``url``, or what it answers to ``body``; raise NotFetched when that takes too long or fails.

    Such answers carry their own signature, so plain http is as good as https (RFC 6960, A.1).
    """
    found = bytearray()
    method, headers = ("GET", {}) if body is None else ("POST", {"Content-Type": content_type})
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, trust_env=not is_loopback(url)) as client,
            client.stream(method, url, content=body, headers=headers) as answer,
        ):
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                found += chunk
                if len(found) > _MAX_BYTES:
                    raise NotFetched(f"Câu trả lời từ {url} quá dài.")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NotFetched(f"Không hỏi được {url}.", "Kiểm tra mạng rồi thử lại.") from error
    return bytes(found)
