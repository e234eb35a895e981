"""Texts of a report's page: they stay texts, reorder nothing around them, and our sentences are in a page's signs."""

from __future__ import annotations

import pytest

from tests.planted import HOSTILE
from tests.ui.publishing.outline import Outline
from ui.publishing.markup import isolated, isolated_text, prose


def test_a_label_from_right_to_left_is_isolated_from_the_number_behind_it() -> None:
    assert isolated("עברית (14), party (3)") == "<bdi>עברית</bdi> (14), party (3)"
    assert isolated("شعر جميل, نثر") == "<bdi>شعر جميل</bdi>, <bdi>نثر</bdi>"
    assert isolated("party (3)") == "party (3)"


def test_for_a_paragraph_to_be_pasted_it_is_isolated_by_characters_and_others_stay_as_they_are() -> None:
    assert isolated_text("עברית") == "\u2068עברית\u2069"
    assert isolated_text("party") == "party"


def test_a_number_is_not_parted_at_its_sign() -> None:
    assert prose("p = 5.0e-04 by G") == 'p = <span class="whole">5.0e-04</span> by G'


def test_a_sentence_has_commands_as_code_options_on_one_line_and_one_sign_for_at_most() -> None:
    told = prose("not run; the same `mri ingest` with --controls adds them (q <= 0.05).")
    assert told == (
        'not run; the same <code>mri ingest</code> with <span class="whole">--controls</span> adds them (q ≤ 0.05).'
    )


@pytest.mark.parametrize("text", [*HOSTILE, "`<b>` --x`", "עב<script>ר`ית`"])
def test_hostile_texts_stay_texts(text: str) -> None:
    for made in (isolated(text), prose(text)):
        page = Outline(f"<p>{made}</p>")
        assert page.open == []
        assert {name for name, _ in page.elements} <= {"p", "bdi", "code", "span"}
    assert "".join(Outline(f"<p>{isolated(text)}</p>").text.split()) == "".join(text.split())
