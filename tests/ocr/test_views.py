"""A photo is looked at as it is, then with its light made even, then straightened: the likeliest first."""

from __future__ import annotations

import random
from datetime import date
from itertools import islice

import cv2
import numpy as np
import pytest
from msgspec.structs import replace

from bot.ocr import read
from bot.ocr.engine import Pixels
from bot.ocr.locate import CANONICAL, onto
from bot.ocr.views import EVENED_SIDE, SHAPES_MAX, evened, views
from rules.card import Card
from tests.ktp import HASNA, draw_card, to_jpeg
from tests.ktp.layout import any_style

TODAY = date(2026, 11, 21)
PALE = np.array([[150, 120], [850, 160], [840, 600], [140, 570]], np.int32)
"""A pale sheet on a dark table, seen a little aslant."""


def _table(*sheets: np.ndarray, size: tuple[int, int] = (1000, 1400)) -> Pixels:
    photo = np.full((*size, 3), 40, np.uint8)
    for sheet in sheets:
        cv2.fillConvexPoly(photo, sheet, (210, 220, 225))
    return photo


def test_the_photo_as_it_is_comes_first_then_the_evened_one_then_its_shapes() -> None:
    photo = _table(PALE)

    seen = list(views(photo))

    assert len(seen) == 3
    assert seen[0].picture is photo
    assert [view.is_photo for view in seen] == [True, False, False]
    assert max(seen[1].picture.shape) == EVENED_SIDE
    assert np.array_equal(seen[0].matrix, np.eye(3))
    assert onto(seen[1].matrix, np.array([[EVENED_SIDE, 0.0]])) == pytest.approx(np.array([[photo.shape[1], 0.0]]))


def test_a_straightened_view_leads_back_to_its_place_in_the_photo() -> None:
    _as_it_is, _evened, straightened = views(_table(PALE))

    assert onto(straightened.matrix, CANONICAL) == pytest.approx(PALE, abs=6)
    assert straightened.picture.mean() > 190


def test_a_table_without_anything_on_it_has_no_other_view() -> None:
    assert len(list(views(_table()))) == 2


def test_only_so_many_shapes_are_tried() -> None:
    apart = [(PALE - PALE.min(axis=0)) * 7 // 10 + np.array([x, y]) for x in (60, 760) for y in (60, 560)]

    assert len(apart) > SHAPES_MAX
    assert len(list(views(_table(*apart)))) == 2 + SHAPES_MAX


def test_a_view_is_made_only_when_it_is_asked_for() -> None:
    no_picture = np.zeros((0, 0, 3), np.uint8)

    assert [view.picture is no_picture for view in islice(views(no_picture), 1)] == [True]


def _striped() -> Pixels:
    """Dark bars on white paper; on the right half both are pale and nearly the same."""
    paper = np.full((600, 800), 245.0)
    for top in range(20, 600, 24):
        paper[top : top + 8] = 40
    paper[:, 400:] = 235 - (245 - paper[:, 400:]) * 0.1
    return np.repeat(paper[..., None], 3, axis=2).astype(np.uint8)


def _contrast(half: Pixels) -> float:
    return float(half.std())


def test_a_washed_out_half_becomes_as_rich_in_contrast_as_the_other() -> None:
    photo = _striped()

    even = evened(photo)

    assert _contrast(photo[:, 480:]) < 0.15 * _contrast(photo[:, :320])
    assert _contrast(even[:, 480:]) == pytest.approx(_contrast(even[:, :320]), rel=0.25)


def test_light_and_shadow_become_the_same_grey() -> None:
    light = np.linspace(70, 250, 900)[None, :, None] * np.ones((500, 1, 3))

    even = evened(light.astype(np.uint8))

    assert even.shape == (500, 900, 3)
    assert even[:, 60:-60].std() < 25
    assert np.ptp(even, axis=2).max() == 0


def test_empty_paper_shows_no_ink() -> None:
    rough = np.random.default_rng(1).normal(235, 0.5, (400, 600, 3)).astype(np.uint8)

    assert evened(rough).std() < 15


@pytest.mark.parametrize("size", [(8, 16), (90, 60), (399, 800), (401, 300), (2400, 2), (3, 2400)])
def test_a_picture_of_any_size_keeps_its_size(size: tuple[int, int]) -> None:
    assert evened(np.full((*size, 3), 180, np.uint8)).shape == (*size, 3)


def test_a_copy_whose_labels_are_all_but_gone_is_read() -> None:
    chance = random.Random(0)
    style = replace(any_style(chance), value_x=310.0, number_x=294.0, tilt=0.0)
    copy = np.asarray(draw_card(HASNA, chance, scale=0.7, style=style).convert("L")).astype(np.float32)
    copy = np.clip((copy - 60) * 1.7, 0, 255)
    labels = round(296 * 0.7)
    copy[:, :labels] = 252 - (252 - copy[:, :labels]) * 0.05

    card = read(to_jpeg(np.repeat(copy[..., None], 3, axis=2).astype(np.uint8), 95), today=TODAY)

    assert isinstance(card, Card)
    fields = [card.nik, card.name, card.village, card.marital_status]
    assert [field and field.value for field in fields] == [HASNA.nik, "HASNA", "JAMPU", HASNA.marital_status]
