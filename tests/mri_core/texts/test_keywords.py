"""The words of a region: planted words come out, everyday words do not."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from mri_core.texts.keywords import LEAST_Z, PRIOR_WEIGHT, WordCounts, count_words, keywords, showing, words_of
from mri_core.texts.word_threshold import least_counts

TEXTS = [f"the {word} is here and there" for word in ["whale"] * 10 + ["comet"] * 10]
REGIONS = np.array([4] * 10 + [9] * 10)


def test_a_region_is_told_by_its_own_words_and_not_by_words_that_are_everywhere():
    assert keywords(count_words(TEXTS), REGIONS) == {4: ("whale",), 9: ("comet",)}


def test_z_is_that_of_monroe_worked_out_by_hand():
    counts = count_words(TEXTS)
    prior, n = PRIOR_WEIGHT * counts.documents, 60
    where = list(counts.words).index("whale")
    inside, outside = 10 + prior[where], 0 + prior[where]
    log_odds = np.log(inside / (n + prior.sum() - inside)) - np.log(outside / (n + prior.sum() - outside))
    assert log_odds / np.sqrt(1 / inside + 1 / outside) > LEAST_Z
    few = keywords(count_words([*TEXTS[:1], *TEXTS[10:]]), np.array([4] + [9] * 10))
    assert few == {4: (), 9: ()}


def test_a_word_repeated_in_one_text_counts_once():
    texts = ["zebra " * 50 + "stripes", "zebra", *["lion"] * 8, *["bear"] * 10]
    assert keywords(count_words(texts), np.array([0] * 10 + [1] * 10))[0] == ("lion",)


def test_a_type_repeated_in_one_text_counts_once():
    """Of 71 tokens, each of a type and of a text; `zebra` is in two texts alone, fifty times in one of them."""
    types = [2] * 51 + [1] * 10 + [0] * 10
    counted = np.array([True] + [False] * 49 + [True] * 21)
    names, ends = np.array(["bear", "lion", "zebra"], dtype=object), np.arange(1, 72)
    counts = WordCounts(names, np.array([10, 10, 2]), ends, np.array(types), counted)
    assert keywords(counts, np.array([0] * 61 + [1] * 10)) == {0: ("lion",), 1: ("bear",)}


@pytest.mark.parametrize("texts", [[], ["", " "], ["12 34", "!!"], ["alpha beta", "gamma delta"], ["only"] * 3])
def test_texts_without_two_common_words_have_no_counts(texts):
    assert count_words(texts) is None


def test_words_of_other_scripts_are_words():
    texts = ["привет мир"] * 8 + ["مرحبا عالم"] * 8
    told = keywords(count_words(texts), np.array([0] * 8 + [1] * 8))
    assert set(told[0]) == {"привет", "мир"}
    assert set(told[1]) == {"مرحبا", "عالم"}


def test_one_region_that_holds_all_documents_has_no_telling_words():
    assert keywords(count_words(TEXTS), np.zeros(20, dtype=int)) == {0: ()}


def test_a_word_of_a_single_document_is_left_out_of_all_counts():
    counts = count_words(["alpha beta once", "beta alpha", "", "Alpha"])
    assert list(counts.words) == ["alpha", "beta"]
    assert counts.documents.tolist() == [3, 2]
    assert counts.ends.tolist() == [3, 5, 5, 6]
    assert sorted(counts.occurrences[:3]) == [0, 1, 2]  # 2 stands for the word left out


def test_words_over_many_documents_are_those_of_a_plain_table_of_words():
    generator = np.random.default_rng(2)
    vocabulary = np.array([f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(200)])
    regions = generator.integers(4, size=3000)
    told = [generator.choice(50, 8) + 50 * (generator.random(8) < 0.2) * region for region in regions]
    found = keywords(count_words(" ".join(vocabulary[words]) for words in told), regions)
    table = np.zeros((3000, 200))
    for document, words in enumerate(told):
        table[document, words] = 1
    for region in range(4):
        inside, total = table[regions == region].sum(axis=0), table.sum(axis=0)
        here, there = inside + 0.1 * total, 1.1 * total - inside
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = np.log(here / (here.sum() - here)) - np.log(there / (there.sum() - there))
            error = np.sqrt(1 / here + 1 / there)
            z, lowest = odds / error, np.where(total >= 2, odds - LEAST_Z * error, -np.inf)
        size = np.count_nonzero(regions == region)
        beyond = hypergeom.sf(inside - 1, 3000, total, size) <= bound(total, size, 3000)
        best = [vocabulary[w] for w in np.argsort(-lowest, kind="stable") if z[w] >= LEAST_Z and beyond[w]][:8]
        assert list(found[region]) == best


def bound(occurrences, size, documents):
    """The largest tail with which the words' attainable tails add up to 5 %, by bisection over all of them."""
    kinds, words = np.unique(occurrences, return_counts=True)
    tails = [hypergeom.sf(np.arange(min(k, size) + 1) - 1, documents, k, size) for k in kinds.astype(int)]
    known = np.unique(np.concatenate(tails))
    low, high = -1, len(known)  # what lies at `low` is no more than 5 %
    while high - low > 1:
        middle = (low + high) // 2
        total = sum(n * tail[tail <= known[middle]].max(initial=0) for n, tail in zip(words, tails, strict=True))
        low, high = (middle, high) if total <= 0.05 else (low, middle)
    return known[low] * (1 + 1e-9) if low >= 0 else -1


@pytest.mark.parametrize(("documents", "size"), [(60, 20), (300, 1), (300, 12), (1000, 400), (50, 49)])
def test_the_least_counts_are_those_whose_tails_add_up_to_five_per_cent(documents, size):
    occurrences = np.random.default_rng(documents).integers(0, documents, 200) // np.repeat([1, 20], 100)
    found = least_counts(occurrences, size, documents)
    tail = hypergeom.sf(found - 1, documents, occurrences, size)
    before = hypergeom.sf(found - 2, documents, occurrences, size)
    reached = found <= np.minimum(occurrences, size)
    limit = bound(occurrences, size, documents)
    assert (tail[reached] <= limit).all()
    assert (before > limit).all() or (found[before <= limit] == 1).all()


def test_few_random_sets_of_documents_have_words_and_a_planted_one_has():
    """In 5 % of 600 sets 47 would be the 99.9 % point."""
    generator = np.random.default_rng(7)
    chances = 1 / np.arange(2, 402) ** 0.8
    texts = [" ".join(f"word{w}" for w in np.flatnonzero(generator.random(400) < chances)) for _ in range(300)]
    counts = count_words([text + " planted" * (i < 8) for i, text in enumerate(texts)])
    sets = [generator.choice(300, size, replace=False) for size in (2, 5, 12, 30, 60, 150) for _ in range(100)]
    assert sum(bool(words_of(counts, np.sort(members))) for members in sets) < 47
    assert "planted" in words_of(counts, np.arange(12))


def test_a_word_of_the_topic_comes_before_one_that_is_only_more_frequent():
    """`you` is in 95 of 100 documents here and 300 of 900 elsewhere, `comet` in 20 and 3: z is 7.0 and 5.6."""
    here = [f"{'you ' if i < 95 else ''}{'comet ' if i < 20 else ''}it" for i in range(100)]
    there = [f"{'you ' if i < 300 else ''}{'comet ' if i < 3 else ''}it" for i in range(900)]
    told = keywords(count_words(here + there), np.array([0] * 100 + [1] * 900))
    assert told[0] == ("comet", "you")


def test_documents_that_have_more_of_the_words_come_first_and_keep_their_order_else():
    counts = count_words(["happy day", "my birthday", "Happy birthday!", "a day", "happy happy my day"])
    assert showing(counts, ("birthday", "happy"), (3, 4, 0, 2, 1)) == (2, 4, 0, 1, 3)
