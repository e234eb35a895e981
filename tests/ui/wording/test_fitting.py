"""Texts that are cut to the room there is."""

from __future__ import annotations

from ui.wording.fitting import breadth, shortened


def test_a_text_is_cut_behind_a_word_and_whole_where_there_is_room() -> None:
    text = "it's your job to show it. For an ordinary claim"
    assert shortened(text, len(text)) == text
    assert shortened(text, 35) == "it's your job to show it. For an…"
    assert shortened(text, 34) == "it's your job to show it. For an…"
    assert shortened(text, 33) == "it's your job to show it. For an…"
    assert shortened(text, 32) == "it's your job to show it. For…"


def test_a_text_without_spaces_is_cut_anywhere_by_its_width() -> None:
    told = shortened("月は光を出さない" * 4, 21)
    assert told == "月は光を出さない月は…"
    assert breadth(told) <= 21
