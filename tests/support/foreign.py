"""XML files of other systems, signed with a test authority's keys: a tax document, a vendor's học bạ, an invoice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hocba_tui.export.trust.issuers import Anchor, Trust
from hocba_tui.export.trust.revocation_answers import Answers
from hocba_tui.export.verify_any.verdict import AnyVerdict
from hocba_tui.export.verify_any.verify import verify_any
from tests.support.authority import Authority
from tests.support.dsig import ENVELOPED, Key, Recipe, Ref, sign

SIGNED = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)
NOW = SIGNED + timedelta(days=91)
PEOPLE = {"GIAO_VIEN": "Nguyễn Thị A", "SO_GIAO_VIEN": "1", "HIEU_TRUONG": "Trần Văn B", "SO_HIEU_TRUONG": "2"}
TAX = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<HSoThueDTu xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://kekhaithue.gdt.gov.vn/TKhaiThue">'
    '<HSoKhaiThue id="data"><TTinChung><tenNNT>Trường &amp; Bạn</tenNNT>'
    '<mst xsi:nil="false">0100100100</mst></TTinChung><CTieu><ct21>12</ct21></CTieu></HSoKhaiThue>'
    '<MaGDich id="so">118-2026</MaGDich><DSCKS><NNT></NNT><CQT></CQT></DSCKS></HSoThueDTu>'
)
VENDOR = (
    '<HOC_BA><DU_LIEU_HOC_BA Id="data"><THONG_TIN_HOC_BA Id="thongtinhocba"><HO_VA_TEN>Bùi Thị Đào</HO_VA_TEN>'
    "<TEN_LOP>5A</TEN_LOP></THONG_TIN_HOC_BA><DANH_SACH_THONG_TIN_KY><GVCN></GVCN></DANH_SACH_THONG_TIN_KY>"
    "</DU_LIEU_HOC_BA><PHAT_HANH_HOC_BA><CBQL></CBQL><KY_PHAT_HANH></KY_PHAT_HANH></PHAT_HANH_HOC_BA></HOC_BA>"
)
INVOICE = (
    '<HDon><DLHDon Id="hd"><TTChung><SHDon>17</SHDon></TTChung><NDHDon><Ten>Vở ô li\r\n</Ten><TToan>120000</TToan>'
    "</NDHDon></DLHDon><DSCKS><NBan></NBan></DSCKS></HDon>"
)
Change = Callable[[Recipe], Recipe]


@dataclass
class Hands:
    """The keys of a state's authority, and the trust of a verifier."""

    authority: Authority

    def certificate(self, label: str) -> bytes:
        return self.authority.certificate(label).public_bytes(Encoding.DER)

    def trust(self, *answered: str, training: bool = False) -> Trust:
        """Pin the authority, with answers about the people named."""
        anchors = (Anchor(self.authority.certificate("root"), training=training),)
        answers = tuple(self.authority.ocsp(label, SIGNED + timedelta(days=90)) for label in answered)
        return Trust(anchors, answers=Answers(ocsp=answers))

    @cached_property
    def everybody(self) -> Trust:
        """Return trust with good answers about everybody."""
        return self.trust("teacher", "principal", "seal")

    def recipe(self, label: str, *refs: Ref, **how: Any) -> Recipe:
        """Return a person's recipe; a label such as revoked-before means one of the teacher's certificates."""
        key = self.authority.keys.get(label, self.authority.keys["teacher"])
        return replace(Recipe(refs, key, (self.certificate(label),), name=label), **how)

    def tax(self, first: str = "teacher", second: str = "principal", **how: Any) -> bytes:
        """Return a tax document: the payer signs the data, the office the data and its number."""
        made = sign(TAX, "</NNT>", self.recipe(first, Ref("#data"), **how))
        return sign(made, "</CQT>", self.recipe(second, Ref("#data"), Ref("#so"))).encode()

    def vendor(self) -> bytes:
        """Return a học bạ whose teacher's signature is inside what the principal and the seal sign."""
        made = sign(VENDOR, "</GVCN>", self.recipe("teacher", Ref("#thongtinhocba")))
        made = sign(made, "</CBQL>", self.recipe("principal", Ref("#data")))
        return sign(made, "</KY_PHAT_HANH>", self.recipe("seal", Ref("#data"))).encode()

    def invoice(self, uri: str = "", *transforms: str, **how: Any) -> bytes:
        """Return an invoice with one signature, enveloped in and covering the whole document."""
        return sign(INVOICE, "</NBan>", self.recipe("seal", Ref(uri, (ENVELOPED, *transforms)), **how)).encode()

    def verified(self, data: bytes) -> AnyVerdict:
        """Verify with good answers about everybody."""
        return verify_any(data, self.everybody, NOW)


def make_hands(folder: Path) -> Hands:
    """Return hands whose keys are kept in ``folder``."""
    return Hands(Authority(folder, PEOPLE))


def own_certificate(key: Key, name: str = "Ai đó") -> bytes:
    """Return a certificate (DER) that somebody issued to themselves."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(SIGNED - timedelta(days=100))
        .not_valid_after(SIGNED + timedelta(days=1000))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
