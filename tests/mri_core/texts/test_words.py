"""Words in every script, by examples of native writing, and the fast pattern against ICU."""

import itertools
from unicodedata import normalize

import pytest

from mri_core.texts.words import _JOINED, PLAIN, WORDS, border, segmented

TEXTS = {
    "Hindi": ("रुपये और शेयर बाज़ार में निवेश", ["रुपये", "और", "शेयर", "बाज़ार", "में", "निवेश"]),
    "Bengali": ("বাংলা ভাষা।", ["বাংলা", "ভাষা"]),
    "Tamil": ("தமிழ் மொழி", ["தமிழ்", "மொழி"]),
    "Arabic": ("مُحَمَّد، السَّلامُ", ["مُحَمَّد", "السَّلامُ"]),
    "Hebrew": ('צה"ל שָׁלוֹם', ['צה"ל', "שָׁלוֹם"]),
    "Chinese": ("我们看到足球比赛，球", ["我们", "看到", "足球", "比赛", "球"]),
    "Japanese": ("日本語の文章", ["日本語", "の", "文章"]),
    "Thai": ("ภาษาไทยไม่มีช่องว่าง", ["ภาษา", "ไทย", "ไม่มี", "ช่อง", "ว่าง"]),
    "Lao": ("ພາສາລາວ", ["ພາສາ", "ລາວ"]),
    "Khmer": ("ខ្មែរភាសា", ["ខ្មែរ", "ភាសា"]),
    "Burmese": ("မြန်မာစာ", ["မြန်မာ", "စာ"]),
    "Korean": ("한국어 문장은 책", ["한국어", "문장은", "책"]),
    "Russian": ("Привет, мир", ["Привет", "мир"]),
    "numbers": ("3.14, 1,000 and 2024; 7", ["3.14", "1,000", "and", "2024"]),
    "tags": ("(#topic @me_x a@b.com ##two", ["#topic", "@me_x", "b.com", "#two"]),
    "tags without spaces": ("#足球比赛 今天 😀", ["#足球比赛", "今天"]),
    "apostrophes": ("Don't l'homme it’s 'quoted'", ["Don't", "l'homme", "it’s", "quoted"]),
    "hyphens": ("well-known – rock--roll -5x- COVID‑19", ["well-known", "rock", "roll", "5x", "COVID‑19"]),
    "no words": ("… !? 😀 _ a 1", []),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_words_are_those_that_a_reader_of_the_script_sees(name):
    text, words = TEXTS[name]
    assert WORDS.findall(text) == [normalize("NFC", word) for word in words]


def test_decomposed_letters_are_words_in_one_piece_in_composed_form():
    assert WORDS.findall(normalize("NFD", "Café naïve Việt Nam 한국어")) == ["Café", "naïve", "Việt", "Nam", "한국어"]


def test_the_pattern_gives_what_icu_gives_for_every_character_that_it_takes():
    """The rules of UAX #29 look two characters back and one ahead at the most; lines hold several neighbourhoods."""
    plain = [chr(code) for code in range(0x2100) if PLAIN.fullmatch(chr(code))]
    assert len(plain) > 1000
    around = [*itertools.product(("a", "1", " ", "_", "a.", "#"), ("a", "1", " ", "-b", "#b"))]
    for character in plain:
        text = " \n".join(f"{before}{character}{after}" for before, after in around)
        assert _JOINED.findall(text) == segmented(text), hex(ord(character))


@pytest.mark.parametrize(
    ("text", "place", "ahead", "behind"),
    [("abc", 1, 1, 1), ("abc", 0, 0, 0), ("abc", 9, 3, 3), ("ae\u0301b", 2, 3, 1), ("\r\n\N{GIRL}", 1, 2, 0)],
)
def test_a_border_is_between_characters_as_a_reader_sees_them(text: str, place: int, ahead: int, behind: int) -> None:
    assert (border(text, place), border(text, place, back=True)) == (ahead, behind)
