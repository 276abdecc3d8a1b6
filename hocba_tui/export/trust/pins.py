"""What a school has pinned besides issuers: whose seal is which school's, and whose certificate is which person's."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hocba_tui.clock import VIETNAM
from hocba_tui.errors import WrongUse
from hocba_tui.export.trust.certificate import in_pairs

SEAL = "seal"
"""Sub-folder of a trust folder: ``seal/<code of the school>/*.pem``; a seal right in it counts for no school."""
PEOPLE = "people.csv"
"""File of a trust folder: whose certificate is whose."""
_COLUMNS = ("sha256", "so_dinh_danh", "ho_ten", "tu_ngay", "den_ngay")

Seals = Mapping[str, frozenset[str]]
"""SHA-256 of a seal's certificate to the codes of the school whose seal it is; none where it was pinned without."""


@dataclass(frozen=True)
class Registration:
    """Whose certificate it is, as somebody who knows the person has noted it."""

    personal_id: str
    name: str
    since: datetime | None = None
    until: datetime | None = None
    """When the registration ended; what was signed until then stays that person's."""


People = Mapping[str, Registration]
"""SHA-256 of a certificate to whose it is."""


@dataclass(frozen=True)
class SchoolFacts:
    """What a school's own store adds to its trust folder; it can be handed to another process."""

    codes: frozenset[str] = frozenset()
    """The school's code and its former ones."""
    seals: frozenset[str] = frozenset()
    """SHA-256 of every certificate that was ever registered as this school's seal."""
    people: tuple[tuple[str, Registration], ...] = ()
    """Registrations by the SHA-256 of the certificate."""
    seen: tuple[tuple[str, datetime], ...] = ()
    """SHA-256 of files from elsewhere, and when the school's journal noted each for the first time."""

    def __or__(self, other: SchoolFacts) -> SchoolFacts:
        people, seen = self.people + other.people, self.seen + other.seen
        return SchoolFacts(self.codes | other.codes, self.seals | other.seals, people, seen)


def read_seals(folder: Path) -> dict[str, frozenset[str]]:
    """Return the pinned seals below ``folder`` (the sub-folder of a trust folder); raise WrongUse for other files."""
    found: dict[str, frozenset[str]] = {}
    places = [("", folder), *((place.name, place) for place in sorted(folder.glob("*")) if place.is_dir())]
    for code, place in places:
        for certificate in read_pem(place):
            sha256 = certificate.fingerprint(hashes.SHA256()).hex()
            found[sha256] = found.get(sha256, frozenset()) | ({code} if code else frozenset())
    return found


def read_pem(folder: Path) -> list[x509.Certificate]:
    """Return the certificates in the ``*.pem`` of a folder; raise WrongUse when one holds something else."""
    return [certificate for _, certificate in named_pem(folder)]


def named_pem(folder: Path) -> Iterator[tuple[Path, x509.Certificate]]:
    """Yield the certificates in the ``*.pem`` of a folder with their files, otherwise as :func:`read_pem`."""
    for path in sorted(folder.glob("*.pem")):
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise WrongUse(f"{path} không phải tệp chứng thư PEM.", safe="") from error
        yield from ((path, certificate) for certificate in found)


def read_people(path: Path) -> dict[str, Registration]:
    """Return the list of whose certificate is whose; empty without such a file.

    Columns: sha256, so_dinh_danh, ho_ten, tu_ngay, den_ngay (days YYYY-MM-DD, may be empty). Raises WrongUse when it
    cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        rows = csv.DictReader(StringIO(path.read_text(encoding="utf-8-sig")))
        return {
            "".join(row["sha256"].split()).replace(":", "").lower(): Registration(
                row["so_dinh_danh"].strip(), row["ho_ten"].strip(), _day(row["tu_ngay"]), _end_of_day(row["den_ngay"])
            )
            for row in rows
        }
    except (OSError, ValueError, KeyError, AttributeError, csv.Error) as error:
        raise WrongUse(
            f"{path} không đọc được.", f"Cần các cột {', '.join(_COLUMNS)}; ngày viết NĂM-THÁNG-NGÀY.", ""
        ) from error


def with_own(seals: Seals, facts: SchoolFacts) -> Seals:
    """Return ``seals`` where the school's own, registered ones are good for all of its codes, also former ones."""
    own = {
        sha256: codes | facts.codes for sha256, codes in seals.items() if sha256 in facts.seals or codes & facts.codes
    }
    return {**seals, **own}


def own_codes(seals: Seals, facts: SchoolFacts) -> frozenset[str]:
    """Return the codes of which every seal is known here: the school's, or in a folder by itself the pinned ones."""
    known = frozenset(code for codes in with_own(seals, facts).values() for code in codes)
    return facts.codes & known if facts.codes else known


def seal_words(holder: str, sha256: str) -> str:
    """Return a seal by name and fingerprint, to be compared by telephone."""
    return f"“{holder}”, SHA-256 {in_pairs(sha256)}"


def joined(lists: Iterable[People]) -> People:
    """Return one list out of several; a later one corrects an earlier one."""
    found: dict[str, Registration] = {}
    for each in lists:
        found.update(each)
    return found


def _day(text: str) -> datetime | None:
    return datetime.fromisoformat(text.strip()).replace(tzinfo=VIETNAM) if text and text.strip() else None


def _end_of_day(text: str) -> datetime | None:
    day = _day(text)
    return day + timedelta(days=1) if day else None
