"""Driving tokens: means of parts over a region's documents, next to the words that are frequent there."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from mri_core.evidence.driving import by_word, driving, driving_measures
from mri_core.records.explained import Token
from mri_core.texts.words import word_places


def token(text, start=None, left_out=""):
    return Token(text, start, None if start is None else start + len(text), left_out)


def test_words_know_their_places_in_the_text():
    text = "Don't sit: the well-known CAT, the cat."
    places = word_places(text)
    assert [text[start:end].lower() for start, end, _ in places] == [word for *_, word in places]
    assert [word for *_, word in places] == ["don't", "sit", "the", "well-known", "cat", "the", "cat"]
    assert word_places("e\u0301te\u0301 is été")[-1][2] == "été"  # the first is spelt otherwise than NFC does


def test_the_parts_of_a_words_tokens_are_added_up_and_the_rest_is_by_itself():
    text = "Cats, unlikely cats\n"
    tokens = [
        token("[CLS]", left_out="special"),
        token("Ca", 0),
        token("ts", 2),
        token(",", 4),
        token(" un", 5),
        token("likely", 8),
        token(" cats", 14),
        token("\n", 19),
        token("[SEP]"),
    ]
    parts = np.array([np.nan, 1.0, 0.5, -0.25, 2.0, 1.0, 0.125, 0.75, 0.0625])
    found = by_word(text, tokens, parts)
    assert found == {"cats": 1.625, ",": -0.25, "unlikely": 3.0, "\\n": 0.75, "[sep]": 0.0625}
    assert sum(found.values()) == np.nansum(parts)


def test_means_are_over_all_documents_of_the_region_with_students_intervals():
    documents = [{"sun": 2.0, "moon": 1.0, "once": 9.0}, {"sun": 1.0, "moon": -1.5}, {"sun": 0.5}, {}]
    found = driving(documents, ["moon", "absent"])
    assert [(one.token, one.documents, one.leads) for one in found] == [("sun", 3, True), ("moon", 2, False)]
    sun = np.array([2, 1, 0.5, 0])
    half = t.ppf(0.975, 3) * sun.std(ddof=1) / 2
    assert found[0][1:4] == pytest.approx((sun.mean(), sun.mean() - half, sun.mean() + half))
    assert found[1].part == pytest.approx(-0.125)


def test_ten_tokens_lead_and_ties_come_in_the_order_of_the_alphabet():
    documents = [{f"w{number:02}": float(number // 2) for number in range(20)} for _ in range(2)]
    found = driving(documents)
    assert [one.token for one in found] == [f"w{n:02}" for n in (18, 19, 16, 17, 14, 15, 12, 13, 10, 11)]
    assert all(one.leads and one.ci_low == one.ci_high == one.part for one in found)


def test_a_region_with_one_document_in_the_sample_has_none():
    regions = {"L2/R1": [{"sun": 1.0}], "L2/R0": [{"sun": 1.0}, {"sun": 3.0}]}
    (measure,) = driving_measures(regions, {}, 2)
    assert (measure.kind, measure.layer, measure.other, measure.value) == ("driving_tokens", 2, "L2/R0 sun", 2.0)
    assert dict(measure.details) == {"documents": 2, "sample": 2, "leads": True}
