"""Texts as they are shown: entities and written line breaks are decoded, links and placeholders left out."""

import pytest

from mri_core.records.corpus import excerpt
from mri_core.texts.keywords import count_words
from mri_core.texts.readable import decoded, readable

SHOWN = {
    "it&#39;s &quot;fine&quot; &amp; good": 'it\'s "fine" & good',
    "&amp;lt;b&amp;gt; caf&eacute; &#x1F600;": "<b> café \U0001f600",
    "Oil #39;s price of #36;50": "Oil's price of $50",
    r"one\n\ntwo\r\nThree\tfour": "one  two Three four",
    r"happy birthday\nlove you": "happy birthday love you",
    r"C:\new\table": r"C:\new\table",
    r"$\nu \neq \theta$ and $\rho$": r"$\nu \neq \theta$ and $\rho$",
    "Fans say quot;no quot; to him amp; her &amp them": 'Fans say "no " to him & her & them',
    "RT @user: @user I love it http://t.co/a1?b=2 www.x.org/y": "      I love it … …",
    "Good.<br /><br>Bad (https://x.org) user rt amp http": "Good.  Bad (…) user rt amp http",
    "@user": "@user",
    "@users @user_1 RT this, a@user.org": "@users @user_1 RT this, a@user.org",
    "AT&T; a & b; x=1&copy=2 #39 #3 issue": "AT&T; a & b; x=1&copy=2 #39 #3 issue",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items())
def test_a_text_is_shown_as_a_reader_wants_it(text, shown):
    assert readable(text) == shown
    assert excerpt(text) == " ".join(shown.split())


def test_words_of_markup_are_no_words_of_a_text():
    texts = ["RT @user: so happy &amp; free http://t.co/a1", "@user so happy quot;free quot;<br />https://t.co/b2"]
    assert list(count_words(texts).words) == ["free", "happy", "so"]


def test_a_bag_of_words_counts_a_text_as_it_was():
    assert decoded("RT @user: see http://t.co/a1 &amp; amp;") == "RT @user: see http://t.co/a1 & amp;"


def test_words_are_those_of_the_text_as_it_is_shown():
    counts = count_words([r"rock &amp; roll\nquot", "rock roll quot"])
    assert list(counts.words) == ["quot", "rock", "roll"]
