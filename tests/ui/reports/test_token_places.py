"""A text's tokens with their regions, in words."""

from __future__ import annotations

import pytest

from mri_core.records.token_places import PlacedToken, TokenPlaces
from tests.planted import planted_tokens
from ui.reports.token_places import in_words


@pytest.mark.parametrize("layer", [None, 1])
def test_a_text_of_which_nothing_is_placed_is_said_to_have_none_in_place_of_empty_tables(layer: int | None) -> None:
    tokens = (PlacedToken("[CLS]", None, None, left_out="special"), PlacedToken("x", 0, 1, left_out="untagged"))
    found = TokenPlaces("s", "D3", "x", tokens, 3, 0, ("A note.",))
    assert in_words(planted_tokens("s").study, found, {}, layer) == (
        "D3 in s: 0 tokens placed of 2.\n\nA note.\n\nNo token of it has a region: all are left out.\n\n"
        "Left out: special: [CLS]; untagged: x."
    )
