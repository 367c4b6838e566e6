"""How the closed lists of a claim are called, and its summary."""

from __future__ import annotations

from bot.flows.catalogues import VILLAGES
from bot.flows.claim_asks import ClaimPerson
from bot.talk.review import Row
from rules.claim_report import Accident, Cause, Death, Kind, Level, PartOfDay, Place, Relation, Report, Scholarship
from rules.words import Text, _

KINDS: dict[Kind, Text] = {
    "accident": _("Kecelakaan kerja"), "death": _("Meninggal dunia"), "scholarship": _("Beasiswa anak"),
}  # fmt: skip
KIND_WORDS: dict[Kind, tuple[str, ...]] = {
    "accident": ("kecelakaan", "celaka"), "death": ("meninggal",), "scholarship": ("beasiswa",),
}  # fmt: skip
NAMES: dict[Kind, Text] = {
    "accident": _("kecelakaan kerja"), "death": _("santunan kematian"), "scholarship": _("beasiswa anak"),
}  # fmt: skip
"""How a claim is called in a sentence."""
PARTS: dict[PartOfDay, Text] = {
    "morning": _("Pagi"), "noon": _("Siang"), "afternoon": _("Sore"), "night": _("Malam"), "unknown": _("Tidak tahu"),
}  # fmt: skip
PLACES: dict[Place, Text] = {
    "workplace": _("Di tempat kerja"), "commute": _("Di jalan, pergi atau pulang kerja"),
    "road": _("Di jalan saat bekerja"), "elsewhere": _("Tempat lain"),
}  # fmt: skip
CAUSES: dict[Cause, Text] = {
    "work": _("Saat bekerja"), "other": _("Sakit atau sebab lain"), "unknown": _("Belum tahu"),
}  # fmt: skip
LEVELS: dict[Level, Text] = {
    "primary": _("TK atau SD"), "junior": _("SMP"), "senior": _("SMA"), "university": _("Kuliah atau pelatihan"),
}  # fmt: skip
HEIRS: dict[Relation, Text] = {
    "spouse": _("Suami atau istri"), "child": _("Anak"), "parent": _("Orang tua"), "sibling": _("Saudara"),
    "helper": _("Lainnya"),
}  # fmt: skip
REPORTERS: dict[Relation, Text] = {
    "spouse": _("Suami atau istri"), "child": _("Anak"), "parent": _("Orang tua"), "sibling": _("Saudara"),
    "helper": _("Bukan keluarga"),
}  # fmt: skip
RELATION_WORDS: dict[Relation, tuple[str, ...]] = {
    "spouse": ("suami saya", "istri saya", "isteri", "janda", "duda"),
    "child": ("anak saya", "anak kandung"),
    "parent": ("ibu", "bapak", "ayah", "mama", "orangtua"),
    "sibling": ("kakak", "adik", "saudara kandung"),
    "helper": ("tetangga", "penyuluh", "menantu", "mertua", "cucu", "keponakan"),
}


def rows(person: ClaimPerson, report: Report) -> list[Row]:
    """The summary of a report."""
    reporter = report.reporter
    who, relations = (_("Ahli waris"), HEIRS) if isinstance(report.about, Death) else (_("Pelapor"), REPORTERS)
    by = Text(reporter.name)
    if reporter.relation != "self":
        by = Text("{name} ({relation})", {"name": reporter.name, "relation": relations[reporter.relation]})
    return [
        *_what(report),
        Row(who, by, ("self", "reporter", "relation", "nearer")),
        Row(_("HP"), reporter.phone or _("tidak ada"), ("phone",)),
    ]  # fmt: skip


def _what(report: Report) -> list[Row]:
    match report.about:
        case Accident() as it:
            when = Text("{day}, {part}", {"day": it.on, "part": PARTS[it.part_of_day]})
            where = Text("{place}, {village}", {"place": PLACES[it.place], "village": VILLAGES.label(it.village_code)})
            return [
                Row(_("Kejadian"), when, ("day", "date", "part")),
                Row(_("Tempat"), where, ("place", "village")),
                Row(_("Cerita"), it.story, ("story",)),
                Row(_("Luka"), it.injury, ("injury",)),
                Row(_("Dirawat"), it.clinic or _("belum"), ("treated", "clinic")),
            ]
        case Death(on, cause):
            return [
                Row(_("Meninggal"), Text("{day}", {"day": on}), ("day", "date")),
                Row(_("Sebab"), CAUSES[cause], ("cause",)),
            ]
        case Scholarship() as it:
            return [
                Row(_("Anak"), Text("{name}, {day}", {"name": it.child_name, "day": it.child_born}),
                    ("child", "child-born")),
                Row(_("Sekolah"), Text("{school} ({level})", {"school": it.school, "level": LEVELS[it.level]}),
                    ("level", "school")),
            ]  # fmt: skip
