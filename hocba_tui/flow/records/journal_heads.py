"""The heads of all journals, signed with the school's seal while its token is there.

A chain of hashes proves that nothing was changed in between, not that nobody has written all of it again. Who holds the
files could do that; who does not hold the seal cannot sign the new heads.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.store.activity.heads_now import LastLine, has, last_lines
from hocba_tui.store.activity.noting import is_activity, journal_of_year
from hocba_tui.store.backend import Value, edits_for
from hocba_tui.store.heads import rebuilt_since
from hocba_tui.text import moment

if TYPE_CHECKING:
    from hocba_tui.signing.signer import Request, Signer

SEALED, HEADS, ACT = "sealed", "heads", "sign_heads"
"""Table and key of the last signed statement, and the act with which it is written."""
_WHAT = "hocba-heads-1"


@dataclass(frozen=True)
class Statement:
    """What was signed, when, and of which journals."""

    at: str
    heads: Mapping[str, LastLine]
    text: bytes
    value: bytes
    certificate: bytes

    @classmethod
    def of(cls, document: Mapping[str, Value]) -> Statement | None:
        """Read a statement; None when it is none."""
        try:
            text, value, certificate = (base64.b64decode(document[n], validate=True) for n in ("text", "value", "der"))
            said: dict[str, Any] = orjson.loads(text)
            heads = {str(name): _line(facts) for name, facts in said["heads"].items()}
            return cls(str(said["at"]), heads, text, value, certificate) if said["what"] == _WHAT else None
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
            return None

    def is_signed_by(self, seals: Iterable[str]) -> bool:
        """Return whether the signature holds, and is by one of these seals (SHA-256)."""
        # Only here: most checks of a store meet no signature.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
        from cryptography.hazmat.primitives.hashes import SHA256

        from hocba_tui.export.trust.certificate import BadCertificate, fingerprint, load_certificate

        if fingerprint(self.certificate) not in seals:
            return False
        try:
            key = load_certificate(self.certificate).public_key()
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(self.value, self.text, padding.PKCS1v15(), SHA256())
                return True
            if isinstance(key, ec.EllipticCurvePublicKey):
                half = len(self.value) // 2
                r, s = (int.from_bytes(part, "big") for part in (self.value[:half], self.value[half:]))
                key.verify(encode_dss_signature(r, s), self.text, ec.ECDSA(SHA256()))
                return True
        except (BadCertificate, InvalidSignature, ValueError):
            pass
        return False


async def sign_heads(desk: Desk, signer: Signer) -> None:
    """Sign how far every journal has come, and keep that in the activity journal.

    What was sealed is sealed: where this cannot be done, the next sealing does it, and ``hocba log --check`` says since
    when nothing was signed.
    """
    with contextlib.suppress(HocbaError):
        store, at = desk.store, desk.clock.now()
        shard = journal_of_year(store.shard, at.year)  # First: its own head is signed too.
        heads = last_lines(desk.root, store.names())
        facts = {"what": _WHAT, "at": at.isoformat(), "heads": {name: list(line) for name, line in heads.items()}}
        text = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)

        from hocba_tui.signing.signer import Request

        async def requests() -> AsyncIterator[Request]:
            yield Request(HEADS, text)

        async for made in signer.sign(requests()):
            parts = {"text": text, "value": made.value, "der": signer.certificate}
            after = {name: base64.b64encode(part).decode() for name, part in parts.items()}
            shard.change(desk.account, ACT, edits_for(SEALED, HEADS, shard.document(SEALED, HEADS), after))


def newest(documents: Iterable[Mapping[str, Value]]) -> Statement | None:
    """Return the newest of the statements that the activity journals hold; None when there is none."""
    found = [statement for document in documents if (statement := Statement.of(document))]
    return max(found, key=lambda statement: statement.at, default=None)


def newest_in(desk: Desk) -> Statement | None:
    """Return the newest statement of a store."""
    shards = (desk.store.shard(name) for name in desk.store.names() if is_activity(name))
    return newest(shard.document(SEALED, HEADS) for shard in shards)


def problems(root: Path, statement: Statement, seals: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield each journal that is not what the seal has signed, with what is wrong, and whether that is damage.

    It is none where the journal was rebuilt with what was left: that was told then, and stands in it.
    """
    when = moment(statement.at)
    if not statement.is_signed_by(seals):
        yield "", f"chữ ký lên mốc các nhật ký, ghi lúc {when}, không đúng hoặc không phải con dấu của trường", True
        return
    for name, line in sorted(statement.heads.items()):
        if has(root, name, line):
            continue
        what = f"không có bản ghi số {line.seq} như con dấu của trường đã ký lúc {when}: nhật ký"
        if rebuilt_since(root, name, statement.at):
            yield name, f"{what} đã được dựng lại sau lúc ấy", False
        else:
            yield name, f"{what} bị viết lại", True


def _line(facts: list[Any]) -> LastLine:
    seq, start, end, digest = facts
    return LastLine(int(seq), int(start), int(end), str(digest))
