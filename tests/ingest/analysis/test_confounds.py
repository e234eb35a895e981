"""Confounds from a corpus to the study: which numbers are kept, and from where on they are warned of."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest.analysis.confounds import confound_lines, token_confounds
from mri_core.evidence.confounds import balance, duplicates
from mri_core.records.measures import Measure
from mri_core.store.store import Store
from mri_core.texts.near_duplicates import NearDuplicates
from tests.command import Mri

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("tidy")]
NAMES = ("length_by_category", "tokens_per_word", "duplicates", "balance")


def eta(value: float, chance: float, layer: int | None = None, **more: object) -> Measure:
    other = "length_by_category" if layer is None else "length"
    return Measure("confound", value, layer, other=other, details={"by_chance": chance, **more})


def lines(*measures: Measure, can_match: bool = True) -> list[str]:
    return list(confound_lines(measures, can_match=can_match))


def test_length_in_regions_is_told_where_it_is_five_points_above_chance_and_twice_it() -> None:
    assert lines(eta(0.06, 0.01, 0), eta(0.39, 0.2, 1), eta(0.051, 0.001, 2)) == []
    assert lines(eta(0.07, 0.01, 0), eta(0.41, 0.2, 1), eta(0.04, 0.01, 2)) == [
        "Length shows in the regions of 2 of 3 layers: in layer 1 they explain 41% of 1/length (20% by chance)."
    ]


def test_categories_of_other_lengths_are_told_with_the_remedy_where_there_is_one() -> None:
    told = {"unit": "tokens", "mean": {"a": 20.4, "b": 61.0, "c": 30.0}}
    assert lines(eta(0.06, 0.01, **told)) == []
    start = "The categories differ in length: 61 tokens in 'b', 20 in 'a' (eta squared 0.30, 0.01 by chance)"
    assert lines(eta(0.3, 0.01, **told)) == [f"{start}; --match length evens them out."]
    assert lines(eta(0.3, 0.01, **told), can_match=False) == [f"{start}."]


def test_near_duplicates_are_told_where_a_category_has_more_than_one_in_twenty() -> None:
    labels = np.array([0] * 40 + [1] * 41)

    def told(*alike: int) -> list[str]:
        group = np.arange(81)
        group[list(alike)] = alike[0]
        return lines(duplicates(NearDuplicates(group, np.bincount(group, minlength=81)), labels, "ab"))

    assert told(3, 7) == []  # two of forty
    assert told(3, 7, 50) == []
    assert told(3, 7, 9) == [
        "3 documents (8% of 'a') have near-duplicates, such as D3 and D7: they are not independent. Name a column of"
        " what belongs together with --group, or leave all but one out."
    ]
    (across,) = told(3, 7, 9, 50)
    assert across.startswith("4 documents (8% of 'a') have near-duplicates, 4 of them in another category, such as D3")


def test_categories_are_unbalanced_where_one_is_over_four_times_another() -> None:
    assert lines(balance({"a": 40, "b": 10})) == []
    assert lines(balance({"a": 41, "b": 10, "c": 12})) == [
        "The categories are unbalanced: 'a' has 4.1 times the documents of 'b', in which less can be found."
    ]


def beware(mri: Mri, study: str) -> str:
    return mri("show", study, "--full").done().out.split("To beware of\n")[1]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Activations that are the texts' length: 48 of `short`, ten tokens each, and 8 of `long`, three of them alike."""
    labels = ["short"] * 48 + ["long"] * 8
    tokens = np.array([10] * 48 + [40] * 8)
    generator = np.random.default_rng(0)
    for layer in range(2):
        rows = generator.normal(size=(56, 4)) + tokens[:, None]
        np.save(tmp_path / f"L{layer}.npy", rows.astype("float32"))
    texts = [" ".join(f"w{number}x{place}" for place in range(10)) for number in range(56)]
    texts[50] = texts[51] = texts[52].upper()
    authors = [f"author {number}" for number in range(50)] + ["one"] * 3 + ["x", "y", "z"]
    with (tmp_path / "documents.csv").open("w", newline="", encoding="utf-8") as file:
        rows = zip(texts, labels, tokens.tolist(), authors, strict=True)
        csv.writer(file).writerows([("text", "label", "tokens", "author"), *rows])
    return tmp_path


def test_a_study_is_born_with_its_confounds_and_tells_those_that_matter(given: Path, mri: Mri, store: Store) -> None:
    options = ("--name", "confounded", "--clusters", 2, "--no-length-adjust", "--refits", 0)
    run = mri("ingest", "--activations", given, *options).done()
    study = store.study("confounded")
    found = {(m.other, m.layer): m for m in store.measures(study, ["confound"])}
    places = {("length", 0), ("length", 1), *((name, None) for name in NAMES)}
    assert found.keys() == places
    assert found["length", 0].value == pytest.approx(1)
    assert found["length", 0].details == {"by_chance": 1 / 55}
    assert found["length_by_category", None].value == pytest.approx(1)
    assert found["length_by_category", None].details["mean"] == {"long": 40, "short": 10}
    assert found["tokens_per_word", None].value == pytest.approx(4)
    assert found["duplicates", None].details["by_category"] == {"long": 3 / 8, "short": 0}
    assert found["duplicates", None].details["examples"] == [[50, 51, 52]]
    assert found["balance", None].value == 6
    told = " ".join(beware(mri, "confounded").split())
    for line in (
        "Length shows in the regions of 2 of 2 layers: in layer ",
        "The categories differ in length: 40 tokens in 'long', 10 in 'short' (eta squared 1.00, 0.02 by chance).",
        "The categories differ in tokens per word: 4.00 in 'long', 1.00 in 'short'.",
        "3 documents (38% of 'long') have near-duplicates, such as D50 and D51",
        "The categories are unbalanced: 'short' has 6.0 times the documents of 'long'",
    ):
        assert line in told
        assert line in run.err


def test_documents_that_a_group_keeps_together_are_not_warned_of(given: Path, mri: Mri, store: Store) -> None:
    options = ("--name", "kept", "--clusters", 2, "--refits", 0, "--group", "author")
    mri("ingest", "--activations", given, *options).done()
    (found,) = (m for m in store.measures(store.study("kept"), ["confound"]) if m.other == "duplicates")
    assert (found.value, found.details["documents"]) == (0, 0)
    assert "near-duplicates" not in beware(mri, "kept")


def test_given_activations_cannot_be_matched(given: Path, mri: Mri) -> None:
    refused = mri("ingest", "--activations", given, "--name", "x", "--match", "length")
    assert refused.status == 2
    assert "--match" in refused.refusal()


def test_matched_lengths_end_the_warning_and_are_told(
    mri: Mri, store: Store, tiny: Callable[[str], Path], tmp_path: Path
) -> None:
    """Ten texts of each category are ten words long, twenty more of `short` three and of `long` forty."""
    words = [10] * 10 + [3] * 20 + [10] * 10 + [40] * 20
    texts = [" ".join(f"{number:02d}{place:02d}" for place in range(count)) for number, count in enumerate(words)]
    corpus = tmp_path / "corpus.jsonl"
    rows = ({"text": text, "label": ("short", "long")[number >= 30]} for number, text in enumerate(texts))
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ("--model", tiny("gpt2"), "--refits", 0)
    mri("ingest", corpus, "--name", "unmatched", *options).done()
    assert "--match length evens them out" in beware(mri, "unmatched")
    run = mri("ingest", corpus, "--name", "matched", "--match", "length", *options).done()
    assert "Left out: 40 rows to match lengths." in run.err
    study = store.study("matched")
    assert study.documents == 20
    assert json.loads(study.parameters)["match"] == "length"
    (found,) = (m for m in store.measures(study, ["confound"]) if m.other == "length_by_category")
    assert found.value == pytest.approx(0, abs=1e-6)
    told = beware(mri, "matched")
    assert "Rows left out to match lengths: 40." in told
    assert "differ in length" not in told


def test_tokens_have_a_line_for_place_frequency_and_type_where_these_show() -> None:
    generator = np.random.default_rng(0)
    types = np.minimum(generator.zipf(1.5, 3_000), 40)
    positions = generator.integers(1, 60, 3_000).astype(float)
    frequencies = np.log1p(np.bincount(types))[types]
    known, labels = np.column_stack([positions, frequencies]), (positions > 30).astype(int)
    by_lot = generator.integers(5, size=3_000)
    codes = np.column_stack([types % 7, positions <= 2, by_lot])
    measures, lines = token_confounds(known, types, codes, labels, ["early", "late"])
    assert {measure.other for measure in measures} == {
        "position", "frequency", "type", "position_by_category", "frequency_by_category",
    }  # fmt: skip
    assert lines[0].startswith(
        "A token's place in its text shows in the regions of 1 of 3 layers: in layer 1 they explain"
    )
    assert lines[1].startswith("The categories' tokens differ in mean place in the text: 45.")
    assert "in 'late'" in lines[1]
    assert "in 'early' (eta squared 0.5" in lines[1]
    assert lines[2].startswith("Word frequency shows in the regions of 1 of 3 layers: in layer 0")
    assert lines[3].startswith("Regions are mostly word types in layer 0 (adjusted mutual information 0.")
    assert len(lines) == 4
    nothing = token_confounds(known, types, by_lot[:, None], generator.integers(2, size=3_000), ["a", "b"])[1]
    assert nothing == []
