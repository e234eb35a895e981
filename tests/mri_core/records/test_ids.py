"""A study's name has its limits; its id is the name and a hash of what determines the result."""

import re
import subprocess
import sys

import pytest

from mri_core.errors import UsageError
from mri_core.records.ids import (
    GROUPED_RESULTS,
    NAMED_RESULTS,
    RESULT_VERSION,
    check_study_name,
    result_version,
    study_id,
)

DETERMINANTS = {"corpus": "ab" * 32, "seed": 0, "max_length": None, "standardize": True, "names": ["é", "\u202e"]}


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "x" * 100, ".", "-", "2026"])
def test_names_of_letters_digits_and_three_signs_are_taken(name):
    check_study_name(name)


@pytest.mark.parametrize("name", ["", "x" * 101, "two words", "a/b", "naïve", "a\n", "a\0b", "'; --", "Ａ", "٣"])
def test_other_names_are_refused_with_the_rule(name):
    with pytest.raises(UsageError, match="1 to 100 letters"):
        check_study_name(name)


@pytest.mark.parametrize("name", ["two words", "a/b/c", " padded ", "news: all!", "x" * 150])
def test_the_name_that_is_suggested_instead_can_be_taken(name):
    with pytest.raises(UsageError) as caught:
        check_study_name(name)
    check_study_name(re.search("Try '(.*)'", str(caught.value))[1])


def test_an_id_is_the_name_and_eight_hex_digits():
    assert re.fullmatch("news-[0-9a-f]{8}", study_id("news", DETERMINANTS))


def test_the_hash_is_of_the_identity_alone_in_whatever_order():
    backwards = dict(reversed(DETERMINANTS.items()))
    assert study_id("news", backwards) == study_id("news", DETERMINANTS)
    assert study_id("other", DETERMINANTS)[-8:] == study_id("news", DETERMINANTS)[-8:]


@pytest.mark.parametrize("change", [{"seed": 1}, {"seed": "0"}, {"max_length": 0}, {"standardize": False}, {"more": 1}])
def test_any_other_determinant_makes_another_hash(change):
    assert study_id("news", DETERMINANTS | change) != study_id("news", DETERMINANTS)


def test_another_process_makes_the_same_id():
    code = f"from mri_core.records.ids import study_id; print(study_id('news', {DETERMINANTS!r}))"
    ids = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert ids == {f"{study_id('news', DETERMINANTS)}\n".encode()}


@pytest.mark.parametrize(
    ("grouped", "crossed", "documents", "categories", "version"),
    [
        (False, True, 10**6, 2, RESULT_VERSION),
        (True, False, 1000, 2, RESULT_VERSION),
        (True, True, 1000, 2, GROUPED_RESULTS),
        (True, False, 40_000, 2, GROUPED_RESULTS),
        (False, False, 1000, 3, NAMED_RESULTS),
        (True, True, 1000, 4, NAMED_RESULTS),
    ],
)
def test_only_studies_whose_numbers_changed_have_a_later_version_of_results(
    grouped, crossed, documents, categories, version
):
    of = {"grouped": grouped, "crossed": crossed, "documents": documents, "categories": categories}
    assert result_version(**of) == version
