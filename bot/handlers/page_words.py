"""What our own page says around the bot's questions, in each language of a chat.

Invariant: every language has every sentence; none names a person or a number.
"""

from __future__ import annotations

from msgspec import Struct


class Words(Struct, frozen=True):
    """`welcome` has a place for the `{office}`, `sending` for the `{percent}`."""

    language: str
    title: str
    welcome: str
    welcome_more: str
    paper_more: str
    go_on: str
    no_script: str
    camera: str
    gallery: str
    sending: str
    sent: str
    cancel: str
    reading: str
    answer: str
    send: str
    back: str
    help: str
    options: str
    picture_lost: str
    empty: str
    too_large: str
    trouble: str
    not_taken: str
    done: str
    done_more: str
    office: str
    taken: str
    expired: str
    unknown: str
    not_open: str
    download: str
    paper_done: str
    paper_gone: str
    paper_taken: str
    paper_expired: str


INDONESIAN = Words(
    language="id",
    title="Halaman aman",
    welcome="Ini halaman {office} untuk pendaftaran BPJS Ketenagakerjaan.",
    welcome_more="Di sini Anda kirim foto KTP atau NIK, satu per satu. Setelah itu kita lanjut di chat.",
    paper_more="Di sini Anda bisa mengunduh berkas Anda. Buka di HP sendiri saja.",
    go_on="Lanjut",
    no_script="Halaman ini perlu JavaScript. Kalau tidak bisa, ketik petugas di chat.",
    camera="Foto dengan kamera",
    gallery="Pilih dari galeri",
    sending="Mengirim {percent} %",
    sent="Terkirim.",
    cancel="Batal",
    reading="Sebentar, sedang dibaca…",
    answer="Jawaban Anda",
    send="Kirim",
    back="Kembali",
    help="Perlu bantuan? Ketik petugas di chat.",
    options="Pilihan",
    picture_lost="Gambar belum bisa dibuka.",
    empty="Fotonya kosong. Pilih foto lain.",
    too_large="Fotonya terlalu besar. Foto ulang dengan kamera, atau pilih foto lain.",
    trouble="Sambungan putus. Dicoba lagi…",
    not_taken="Jawaban ini belum bisa dikirim. Coba sekali lagi.",
    done="Selesai. Kembali ke chat.",
    done_more="Kita lanjut di sana. Halaman ini boleh ditutup.",
    office="Petugas sedang menjawab Anda di chat. Kembali ke chat.",
    taken=(
        "Tautan ini sudah dibuka di HP lain. Ketik petugas atau minta tautan baru: balas apa saja di chat."
    ),
    expired="Tautan ini sudah habis waktunya. Untuk tautan baru, balas apa saja di chat.",
    unknown="Tautan ini tidak dikenal. Buka lagi tautan dari chat, atau balas apa saja di sana.",
    not_open="Buka lagi tautan dari chat, lalu tekan Lanjut.",
    download="Unduh",
    paper_done="Setelah diunduh, kembali ke chat. Halaman ini boleh ditutup.",
    paper_gone="Berkas ini sudah tidak ada. Minta lagi di chat, atau ketik petugas di sana.",
    paper_taken="Tautan ini sudah dibuka di HP lain. Minta lagi berkasnya di chat, atau ketik petugas di sana.",
    paper_expired="Tautan ini sudah habis waktunya. Minta lagi berkasnya di chat.",
)  # fmt: skip
ENGLISH = Words(
    language="en",
    title="Safe page",
    welcome="This is the page of {office} for registration with BPJS Ketenagakerjaan.",
    welcome_more="Here you send the photo of a KTP or a NIK, one thing at a time. Then we go on in the chat.",
    paper_more="Here you can download your file. Open it on your own phone only.",
    go_on="Continue",
    no_script="This page needs JavaScript. If that is not possible, type person in the chat.",
    camera="Take a photo",
    gallery="Choose from the gallery",
    sending="Sending {percent} %",
    sent="Sent.",
    cancel="Cancel",
    reading="One moment, it is being read…",
    answer="Your answer",
    send="Send",
    back="Back",
    help="Need help? Type person in the chat.",
    options="Options",
    picture_lost="The picture can't be opened now.",
    empty="The photo is empty. Choose another one.",
    too_large="The photo is too large. Take it again with the camera, or choose another one.",
    trouble="The connection is lost. Trying again…",
    not_taken="This answer could not be sent yet. Please try once more.",
    done="Done. Back to the chat.",
    done_more="We go on there. You can close this page.",
    office="An officer is answering you in the chat. Back to the chat.",
    taken="This link was opened on another phone. Type person, or get a new link: write anything in the chat.",
    expired="The time of this link is over. For a new link write anything in the chat.",
    unknown="This link is not known. Open the link in the chat again, or write anything there.",
    not_open="Open the link in the chat again, then press Continue.",
    download="Download",
    paper_done="Once it is downloaded, go back to the chat. You can close this page.",
    paper_gone="This file doesn't exist any more. Ask for it again in the chat, or type person there.",
    paper_taken="This link was opened on another phone. Ask for the file again in the chat, or type person there.",
    paper_expired="The time of this link is over. Ask for the file again in the chat.",
)


def spoken(language: str) -> Words:
    """The sentences of this language; Indonesian where there is none."""
    return ENGLISH if language == ENGLISH.language else INDONESIAN
