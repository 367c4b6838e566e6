"""What the bot tells without being asked. A notice never touches an unfinished conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.flows.correct import FIELDS
from bot.flows.data_asks import FieldName
from rules.bpjs import Paid
from rules.money import Rupiah
from rules.month import Month, Months
from rules.plkk import AtClinic
from rules.reminding import Reminder
from rules.words import Text, _

LISTED_MAX = 10
"""People who are named in one reminder; with them its words fit into a template of WhatsApp."""


def paid(name: str, payment: Paid, receipt: Rupiah, number: int, months: Sequence[Month]) -> list[Text]:
    """BPJS says that the contribution is paid: the receipt, with its sum, its number and its months. What is left of
    the payment was for months that were paid before; a person looks at it."""
    told = [
        _(
            "Pembayaran {amount} sudah diterima BPJS. {name} terlindungi sampai {until}. "
            "Tanda terima {number}, iuran {span}.",
            amount=receipt, name=name.title(), until=payment.protected_until, number=f"{number:06}",
            span=Months(tuple(sorted(months))),
        )
    ]  # fmt: skip
    if payment.amount != receipt:
        told.append(
            _("Sisanya {amount} untuk bulan yang sudah dibayar. Petugas kami memeriksa dan mengabari Anda.",
              amount=payment.amount - receipt)
        )  # fmt: skip
    return told


def paid_otherwise(name: str, payment: Paid, asked: Rupiah) -> Text:
    """BPJS says that another sum was paid than was asked for, or only months that were paid before: a person looks at
    it."""
    if payment.amount != asked:
        return _(
            "BPJS mencatat {amount} untuk {name}, padahal iurannya {asked}. Petugas kami memeriksa dan mengabari Anda. "
            "Jangan bayar lagi dulu.",
            amount=payment.amount, name=name.title(), asked=asked,
        )  # fmt: skip
    return _(
        "BPJS mencatat {amount} untuk {name}, padahal bulan itu sudah dibayar. "
        "Petugas kami memeriksa dan mengabari Anda.",
        amount=payment.amount, name=name.title(),
    )  # fmt: skip


def bank_received(name: str, amount: Rupiah) -> Text:
    """A bank of ours has the money; it is paid when BPJS says so."""
    return _(
        "Bank sudah menerima {amount} untuk {name}. Kami tunggu BPJS mencatatnya.", amount=amount, name=name.title()
    )


def moved(name: str) -> Text:
    """To who helped: the member has taken the membership over."""
    return _(
        "{name} sudah pindah ke HP sendiri dengan kode 6 angka. Kabarnya tidak ke sini lagi. "
        "Kalau salah, ketik petugas.",
        name=name.title(),
    )  # fmt: skip


def reminder(people: Sequence[tuple[str, date | None, Reminder]], today: date) -> list[Text]:
    """Whose cover (name, last day) ends, has ended, is about to be lost for good, or never began; then what to do."""
    words = [_ends(name.title(), until, one, today) for name, until, one in people[:LISTED_MAX]]
    if len(words) > 1:
        words = [Text("{number} {words}", {"number": number, "words": one}) for number, one in enumerate(words, 1)]
    if len(people) > LISTED_MAX:
        words.append(_("Dan {count} orang lagi.", count=len(people) - LISTED_MAX))
    return [*words, _("Balas bayar untuk kode bayar, STOP untuk berhenti diingatkan.")]


def _ends(name: str, until: date | None, reminder: Reminder, today: date) -> Text:
    if until is None or reminder.kind == "never-paid":
        return _("{name} terdaftar, tapi belum terlindungi karena iurannya belum dibayar.", name=name)
    match reminder.kind:
        case "ends-soon" if until == today + timedelta(days=1):
            return _("Besok hari terakhir {name} terlindungi.", name=name)
        case "ends-soon":
            days = (until - today).days
            return _("{name} terlindungi sampai {until}, sisa {days} hari.", name=name, until=until, days=days)
        case "ended":
            return _("Perlindungan {name} habis sejak {until}.", name=name, until=until)
        case "unpaid":
            return _("Perlindungan {name} habis sejak {until}, iuran belum dibayar.", name=name, until=until)
        case "inactive-soon":
            return _(
                "{name} tidak aktif lagi kalau iuran belum dibayar sampai {until}.", name=name, until=reminder.until
            )


def claim_news() -> Text:
    """There is something new about a claim, on a phone that serves several people."""
    return _("Ada kabar dari Siaga. Ketik klaim untuk membacanya.")


def one_closed() -> Text:
    """There is nothing left to read of it, on a phone that serves several people."""
    return _("Satu klaim kami tutup. Kalau ada yang belum beres, ketik petugas.")


def claim_arrived(number: int) -> Text:
    """BPJS has a report whose papers are still to come."""
    return _("BPJS sudah menerima laporan nomor {number}. Dokumennya menyusul.", number=number)


def claim_checked(number: int) -> Text:
    """The office has looked at what was doubtful."""
    return _("Laporan nomor {number} sudah diperiksa petugas dan bisa dilanjutkan.", number=number)


def claim_helped(number: int) -> Text:
    """Whoever should send papers hasn't, for days."""
    return _("Dokumen klaim nomor {number} belum lengkap. Penyuluh kami akan membantu Anda melengkapinya.",
             number=number)  # fmt: skip


def claim_late(number: int) -> Text:
    """What was promised has not come."""
    return _("Maaf, kabar klaim nomor {number} belum ada, padahal sudah kami janjikan. Atasan kami sudah diberi tahu.",
             number=number)  # fmt: skip


def claim_closed(number: int) -> Text:
    return _("Klaim nomor {number} kami tutup. Kalau uangnya belum diterima, ketik petugas.", number=number)


def clinic_knows(clinic: str) -> Text:
    """The clinic has taken notice of who is on the way. Who pays was said with the report."""
    return _("{clinic} sudah kami beri tahu dan menunggu. Bawa KTP dan nomor peserta.", clinic=clinic)


def clinic_refuses(clinic: str) -> Text:
    return _("{clinic} belum bisa kami beri tahu. Datang saja, tunjukkan KTP dan nomor peserta.", clinic=clinic)


def treatment(clinic: str, state: AtClinic) -> Text:
    """Whether the clinic knows of the injured, and where they are by its word."""
    match state:
        case "expected":
            return clinic_knows(clinic)
        case "refused":
            return clinic_refuses(clinic)
        case "arrived":
            return _("{clinic}: sudah datang dan diperiksa.", clinic=clinic)
        case "admitted":
            return _("{clinic}: dirawat inap.", clinic=clinic)
        case "discharged":
            return _("{clinic}: sudah boleh pulang. Minta surat dokternya untuk klaim.", clinic=clinic)


def corrected(field: FieldName) -> Text:
    """The office has accepted a correction."""
    return _("Perbaikan {field} sudah diterima petugas dan sudah diganti.", field=FIELDS[field])


def not_corrected(field: FieldName, reason: str) -> Text:
    """The office has refused it, in its own words."""
    return _(
        "Perbaikan {field} belum bisa diterima: {reason} Kalau ada pertanyaan, ketik petugas.",
        field=FIELDS[field], reason=reason if reason.endswith(".") else f"{reason}.",
    )  # fmt: skip


def erased(kept_until: date | None) -> Text:
    """What somebody asked to be erased is erased (UU 27/2022 art. 45: they are told). It names nobody."""
    if kept_until is None:
        return _("Data yang Anda minta hapus sudah dihapus semua.")
    return _(
        "Data yang Anda minta hapus sudah dihapus. Nama, NIK, KPJ, catatan iuran dan klaim disimpan sampai {day}, "
        "lalu dihapus juga.",
        day=kept_until,
    )  # fmt: skip


def late() -> Text:
    """The 3 x 24 hours for somebody's request about their data are over."""
    return _("Permintaan Anda tentang data belum selesai pada waktunya. Maaf. Ini sudah diteruskan ke atasan petugas.")
