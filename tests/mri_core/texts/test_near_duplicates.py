"""Near-duplicates, against the Jaccard similarity of all pairs and texts made alike by hand."""

import re
import tracemalloc

import numpy as np
import pytest

from mri_core.texts.near_duplicates import near_duplicates, shingles

WORDS = [
    f"{a}{b}" for a in ("ka", "lo", "mi", "nu", "pe", "ra", "si", "to") for b in ("bor", "den", "fil", "gan", "hun")
]


def text(generator, words=40):
    return " ".join(generator.choice(WORDS, size=words))


def changed(words, generator, number):
    words = words.split()
    for place in generator.choice(len(words), size=number, replace=False):
        words[place] = f"other{place}"
    return " ".join(words)


def jaccard(one, other):
    sets = [
        {tuple(re.findall(r"\w+", own.lower())[i : i + 3]) for i in range(len(own.split()) - 2)} for own in (one, other)
    ]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def test_texts_with_a_word_changed_are_near_duplicates_and_unlike_ones_are_not():
    generator = np.random.default_rng(0)
    texts = [text(generator) for _ in range(60)]
    texts += [changed(texts[number], generator, 1) for number in range(20)]
    found = near_duplicates(texts)
    assert (found.group[:20] == found.group[60:]).all()
    assert found.duplicated.tolist() == [True] * 20 + [False] * 40 + [True] * 20
    assert len(found.sizes) == 60


def test_the_pairs_are_those_whose_jaccard_similarity_is_far_enough_from_the_bound():
    generator = np.random.default_rng(1)
    clear = 0
    for number in [1, 1, 2, 3, 4, 6, 8, 12] * 6:
        one = text(generator, 60)
        other = changed(one, generator, number)
        similarity = jaccard(one, other)
        if abs(similarity - 0.7) > 0.15:  # more than three errors of the estimate
            clear += 1
            assert near_duplicates([one, other]).duplicated.any() == (similarity > 0.7)
    assert clear > 20


def test_case_spacing_and_punctuation_do_not_part_texts():
    found = near_duplicates(
        ["The cat sat, on the mat.", "the  CAT sat on\nthe mat", "another text altogether, this one"]
    )
    assert found.sizes.tolist() == [2, 1]


def test_short_texts_are_duplicates_only_where_they_are_the_same():
    assert near_duplicates(["yes", "Yes!", "no", "yes indeed"]).group.tolist() == [0, 0, 1, 2]
    assert shingles("one two") == ["one two"]


def test_texts_without_words_are_not_alike():
    assert near_duplicates(["", "", "?!", "..."]).sizes.tolist() == [1, 1, 1, 1]


def test_words_are_found_in_scripts_that_do_not_part_them_and_with_their_marks():
    assert shingles("今日は天気がいい") == ["今日 は 天気", "は 天気 が", "天気 が いい"]
    assert shingles("हिन्दी की किताब है") == ["हिन्दी की किताब", "की किताब है"]


def test_many_copies_are_one_group():
    assert near_duplicates(["a text of some six words"] * 3_000).sizes.tolist() == [3_000]


def test_no_texts_have_no_duplicates():
    assert len(near_duplicates([]).group) == 0


def test_documents_whose_near_duplicate_has_another_label_are_told():
    found = near_duplicates(["a b c d", "a b c d", "a b c d", "e f g h", "i j k l", "i j k l"])
    assert found.across(np.array([0, 0, 1, 1, 2, 2])).tolist() == [True, True, True, False, False, False]


@pytest.mark.slow
def test_long_texts_are_not_held_all_at_once():
    generator = np.random.default_rng(2)
    long = (text(generator, 20_000) for _ in range(10))  # as strings alone their shingles take 15 megabytes
    tracemalloc.start()
    assert not near_duplicates(long).duplicated.any()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6
