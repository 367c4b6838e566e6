"""What the engine itself says. Short, kind, one question at most; the office's language, not the machine's."""

from __future__ import annotations

from rules.words import Text, _

GONE = _("Percakapan yang lama tidak bisa dilanjutkan. Kita mulai dari menu.")
CHANGED = _("Ada yang berubah sejak tadi. Mohon jawab sekali lagi.")
OTHER_CONVERSATION = _("Tombol itu dari percakapan lain.")
OLD_BUTTON = _("Tombol itu sudah tidak berlaku.")
SEALED = _("Data sudah dikirim, jadi tidak bisa diubah di sini. Ketik petugas kalau ada yang salah.")
FIRST_QUESTION = _("Ini pertanyaan pertama.")
OTHER_WAY = _("Kalau sulit, ketik petugas. Nanti dibantu orang.")
CANCELLED = _("Baik, dibatalkan. Tidak ada yang dikirim ke BPJS. Ketik menu kapan saja.")
PERSON_CALLED = _("Permintaan Anda sudah kami catat untuk petugas. Sambil menunggu, Anda boleh lanjut.")
STOPPED = _("Baik. Kami tidak mengirim pengingat ke chat ini lagi. Kalau mau lagi, ketik ingatkan.")
LATER = _("Baik. Jawaban Anda tersimpan. Tulis apa saja kalau sudah siap lanjut.")
EDIT_UNUSED = _("Pesan yang diubah itu tidak saya pakai. Untuk mengganti jawaban, ketik 0.")
OFFICE_LEFT = _("Petugas sudah selesai. Anda bicara lagi dengan Siaga.")
MANY_MESSAGES = _("Pesannya banyak sekali. Saya jawab sekaligus, tunggu sebentar.")
HELP = _("Balas angka pilihan, atau ketik jawabannya. 0 kembali, menu, batal, petugas: selalu bisa.")
ASK_CANCEL = _("Batalkan percakapan ini?")
ASK_PERSON = _("Mau dibantu petugas?")
SOMEBODY_ELSE = _("Orang lain lagi")
YES = _("Ya")
NO = _("Tidak")


def recap(title: Text) -> Text:
    """After a pause, for a flow that counts no steps."""
    return _("Halo lagi. Kita lanjutkan: {title}.", title=title)


def recap_left(title: Text, left: int) -> Text:
    """After a pause."""
    return _("Halo lagi. {title} Anda tinggal {left} langkah.", title=title, left=left)


def go_on(title: Text) -> Text:
    """After an interruption, for a flow that counts no steps."""
    return _("Kita lanjutkan: {title}.", title=title)


def go_on_left(title: Text, left: int) -> Text:
    """After an interruption."""
    return _("Kita lanjutkan {title}, tinggal {left} langkah.", title=title, left=left)


def whose(title: Text, subject: str) -> Text:
    """A flow and whom it is about."""
    return _("{title} {subject}", title=title, subject=subject)


def recap_whose(title: Text, left: int) -> Text:
    """After a pause, of a conversation about somebody."""
    return _("Halo lagi. {title} tinggal {left} langkah.", title=title, left=left)


def ask_cancel(title: Text) -> Text:
    """A conversation about somebody is to be cancelled."""
    return _("Batalkan {title}?", title=title)


def ask_draft(title: Text) -> Text:
    """The same flow is called while it is under way for somebody."""
    return _("{title} belum selesai. Mau lanjut yang mana?", title=title)


def go_on_with(subject: str) -> Text:
    """One of the drafts."""
    return _("Lanjutkan {subject}", subject=subject)


def about(subject: str) -> Text:
    """Above each question, where several drafts are under way."""
    return _("Untuk {subject}:", subject=subject)


def ask_change(old: Text, new: Text) -> Text:
    """An old button was pressed."""
    return _("Tadi Anda jawab {old}. Ganti jadi {new}?", old=old, new=new)


ON_PAGE_PHOTO = _("Foto KTP dikirim lewat halaman Pemkab Soppeng ini, bukan di chat:")
ON_PAGE = _("Bagian ini diisi di halaman Pemkab Soppeng ini, bukan di chat:")
"""A question that may not be asked in this chat; the link follows, on a line of its own."""


def paper_on_page(name: str) -> Text:
    """A paper that may not be given in this chat; the link follows, on a line of its own."""
    return _("Berkas {name} bisa diunduh di halaman Pemkab Soppeng ini:", name=name)


def paper_not_here(name: str) -> Text:
    """This channel sends no files, and nowhere else it can be fetched."""
    return _("Berkas {name} tidak bisa dikirim di sini. Ketik petugas untuk memintanya.", name=name)


def paper_gone(name: str) -> Text:
    """It doesn't exist any more, or can't be made."""
    return _("Berkas {name} tidak bisa dikirim. Minta lagi nanti, atau ketik petugas.", name=name)


def paper_kept(name: str) -> Text:
    """The channel takes no file now, since the person hasn't written for long."""
    return _("Berkas {name} belum bisa dikirim. Balas pesan ini, lalu minta lagi.", name=name)


def page_life(minutes: int) -> Text:
    """After the link."""
    return _("Berlaku {minutes} menit. Kalau sulit, ketik petugas.", minutes=minutes)
