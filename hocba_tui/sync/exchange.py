"""The one client: a request and its answer, within a limit of size and a deadline for all of it.

It does what is said here and no more. Redirects are not followed, nothing is decompressed, no cookie is kept. The
deadline includes the name server and every byte of the answer: time-outs of single reads start again with each byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from hocba_tui.errors import PortalFailed
from hocba_tui.sync.address import is_loopback, parts_of

_CONNECT = 5.0
"""Seconds for each address of a name; the deadline stands above them."""
_OK = 200
_PORTS = {"http": 80, "https": 443}
_FAILURES = (httpx.TransportError, httpx.InvalidURL, OSError, ValueError)


class NotFetched(PortalFailed):
    """There was no answer, or not as agreed."""


class NotSent(NotFetched):
    """Nothing was sent: nobody was reached, or it was not the right one."""


@dataclass(frozen=True)
class Terms:
    """What is accepted of those who answer."""

    who: str
    """Whom messages name, inside a sentence."""
    deadline: float
    """Seconds for the whole of each answer."""
    issuers: str = ""
    """Certificates (PEM) of which one must have issued the other side's; empty for those of the web."""


class Exchange:
    """Asks one or several addresses on the same terms, over connections that are kept."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._transports: dict[str, httpx.AsyncHTTPTransport] = {}
        self._opened: list[Any] = []

    async def ask(self, url: str, body: bytes | None, content_type: str, limit: int) -> bytes:
        """Return what lies at ``url``, or is answered to ``body``, at most ``limit`` bytes.

        Raise NotSent when surely nothing was sent, NotFetched when the answer does not come as agreed.
        """
        sent = False

        async def note(event: str, facts: dict[str, Any]) -> None:
            nonlocal sent
            sent = sent or event.endswith("send_request_headers.started")
            if event == "connection.connect_tcp.complete":
                self._opened.append(facts["return_value"])

        who = self._terms.who
        try:
            async with asyncio.timeout(self._terms.deadline):
                return await self._ask(url, body, content_type, limit, note)
        except TimeoutError as error:
            kind = NotFetched if sent else NotSent
            raise kind(f"{who} không trả lời xong trong {self._terms.deadline:g} giây") from error
        except _FAILURES as error:
            kind = NotFetched if sent else NotSent
            raise kind(f"không nói chuyện được với {who}") from error

    async def close(self) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            await transport.aclose()
        for stream in self._opened:  # A deadline in the middle of TLS leaves one that no transport knows.
            await stream.aclose()
        self._transports.clear()
        self._opened.clear()

    async def _ask(self, url: str, body: bytes | None, content_type: str, limit: int, note: object) -> bytes:
        who = self._terms.who
        if parts_of(url) is None:
            raise NotSent(f"địa chỉ của {who} không dùng được")
        headers = {"User-Agent": "hocba", "Accept-Encoding": "identity"}
        headers |= {"Content-Type": content_type} if content_type else {}
        extensions = {"timeout": httpx.Timeout(None, connect=_CONNECT).as_dict(), "trace": note}
        method, found = "GET" if body is None else "POST", bytearray()
        answer = await self._answer(httpx.Request(method, url, headers=headers, content=body, extensions=extensions))
        try:
            if answer.status_code != _OK:
                raise NotFetched(f"{who} báo lỗi HTTP {answer.status_code}")
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise NotFetched(f"câu trả lời của {who} bị nén; không đọc")
            async for chunk in answer.aiter_raw():
                found += chunk
                if len(found) > limit:
                    raise NotFetched(f"câu trả lời của {who} quá dài")
        finally:
            await answer.aclose()
        return bytes(found)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        """Send a request by the transport alone: a client of httpx would decompress, and keep cookies."""
        proxy, url = _proxy_for(str(request.url)), request.url
        transport = self._transport(proxy, secure=url.scheme == "https")
        if proxy is not None:
            return await transport.handle_async_request(request)
        request.extensions["sni_hostname"] = url.host  # The certificate is for the name, whatever the address.
        failure: httpx.TransportError = httpx.ConnectError("no address")
        for address in await _addresses_of(url.host, url.port or _PORTS[url.scheme]):
            request.url = url.copy_with(host=address)
            try:
                return await transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    def _transport(self, proxy: httpx.Proxy | None, *, secure: bool) -> httpx.AsyncHTTPTransport:
        """Return the connections by a way, made at the first request: a wrong proxy is a failure like any other."""
        key = f"{proxy and proxy.url} {secure}"
        if key not in self._transports:
            context = _secured(self._terms.issuers) if secure else False
            self._transports[key] = httpx.AsyncHTTPTransport(verify=context, proxy=proxy, trust_env=False)
        return self._transports[key]


def ask_once(terms: Terms, url: str, body: bytes | None, content_type: str, limit: int) -> bytes:
    """Return one answer; see :meth:`Exchange.ask`. For code that runs outside an event loop."""

    async def ask() -> bytes:
        exchange = Exchange(terms)
        try:
            return await exchange.ask(url, body, content_type, limit)
        finally:
            await exchange.close()

    return asyncio.run(ask())


def _secured(issuers: str) -> ssl.SSLContext:
    if not issuers:
        return httpx.create_ssl_context(trust_env=False)
    context = ssl.create_default_context(cadata=issuers)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # What is pinned may be an issuer below the root.
    return context


async def _addresses_of(host: str, port: int) -> list[str]:
    """Return the numbers of a name. A name server may hang for ever, and a thread of asyncio's own is waited for."""
    if host == "localhost":
        return ["127.0.0.1", "::1"]  # RFC 6761, 6.3: nobody is asked.
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | OSError) -> None:
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def look_up() -> None:
        found: list[str] | OSError
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(address[0]) for *_, address in rows))
        except (OSError, UnicodeError) as error:
            found = error if isinstance(error, OSError) else OSError(str(error))
        with contextlib.suppress(RuntimeError):  # Nobody waits any longer: the loop is closed.
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=look_up, daemon=True).start()
    return await answer


def _proxy_for(url: str) -> httpx.Proxy | None:
    """Return the proxy of the environment for ``url``; none for what stays on this computer."""
    found = urlsplit(url)
    named = "" if is_loopback(url) else urllib.request.getproxies().get(found.scheme, "")
    if not named or urllib.request.proxy_bypass(found.hostname or ""):
        return None
    way = urlsplit(named if "://" in named else f"http://{named}")
    if way.scheme not in ("http", "https"):
        raise ValueError(way.scheme)
    account = (unquote(way.username), unquote(way.password or "")) if way.username else None
    return httpx.Proxy(f"{way.scheme}://{way.netloc.rpartition('@')[2]}", auth=account)
