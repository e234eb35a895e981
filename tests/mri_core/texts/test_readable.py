"""Texts as they are shown: entities and written line breaks are decoded; paths, LaTeX and plain text stay."""

import pytest

from mri_core.records.corpus import excerpt
from mri_core.texts.keywords import count_words
from mri_core.texts.readable import readable

SHOWN = {
    "it&#39;s &quot;fine&quot; &amp; good": 'it\'s "fine" & good',
    "&amp;lt;b&amp;gt; caf&eacute; &#x1F600;": "<b> café \U0001f600",
    "Oil #39;s price of #36;50": "Oil's price of $50",
    r"one\n\ntwo\r\nThree\tfour": "one  two Three four",
    r"happy birthday\nlove you": "happy birthday love you",
    r"C:\new\table": r"C:\new\table",
    r"$\nu \neq \theta$ and $\rho$": r"$\nu \neq \theta$ and $\rho$",
    "AT&T; a & b; x=1&copy=2 #39 #3 issue": "AT&T; a & b; x=1&copy=2 #39 #3 issue",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items())
def test_a_text_is_shown_as_a_reader_wants_it(text, shown):
    assert readable(text) == shown
    assert excerpt(text) == " ".join(shown.split())


def test_words_are_those_of_the_text_as_it_is_shown():
    counts = count_words([r"rock &amp; roll\nquot", "rock roll quot"])
    assert list(counts.words) == ["quot", "rock", "roll"]
