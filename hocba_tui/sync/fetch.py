"""Ask an issuer of certificates over http: OCSP answers and lists of revoked certificates."""

from __future__ import annotations

from hocba_tui.sync.exchange import NotFetched, Terms, ask_once

_MAX_BYTES = 20_000_000
"""A list of revoked certificates of a state's issuer is a few megabytes."""
_MAX_ANSWER = 200_000
"""Bytes of an OCSP answer with its certificates: a few thousand are usual."""
_LIST_DEADLINE, _ANSWER_DEADLINE = 60.0, 10.0
"""Seconds."""


def fetch(url: str, body: bytes | None = None, content_type: str = "") -> bytes:
    """Return what lies at ``url``, or what it answers to ``body``; raise NotFetched when that takes too long or fails.

    Such answers carry their own signature, so plain http is as good as https (RFC 6960, A.1).
    """
    limit, deadline = (_MAX_BYTES, _LIST_DEADLINE) if body is None else (_MAX_ANSWER, _ANSWER_DEADLINE)
    try:
        return ask_once(Terms(url, deadline), url, body, content_type, limit)
    except NotFetched as error:
        raise NotFetched(f"Không hỏi được {url}: {error.what}.", "Kiểm tra mạng rồi thử lại.") from error
