"""The Methods paragraphs say what a study's own settings are, and cite what applies to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mri_core.records.measures import Measure
from tests.planted import planted_graph, planted_intervention
from tests.ui.evidence import weighed
from ui.publishing.facts import Facts, Methods
from ui.publishing.methods import methods
from ui.publishing.references import REFERENCES

FAMILIES = [
    {"family": family, "findings": 1, "tests": tests}
    for family, tests in (("connections", 1_090), ("regions", 30), ("routing", 80), ("parting", 12))
]
CATEGORIES = {"animal": 20, "mineral": 20, "plant": 20}


def written(
    held: tuple[Measure, ...] = (),
    families: list[dict[str, Any]] = FAMILIES,
    tried: tuple[Any, ...] = (),
    **properties: Any,
) -> Methods:
    study = planted_graph("written", **({"fdr": "discrete"} | properties)).study
    return methods(Facts(study, CATEGORIES, families, held, tried))


def text(*arguments: Any, **properties: Any) -> str:
    return "\n".join(written(*arguments, **properties).paragraphs)


def test_corpus_model_and_numbers_are_the_study_s_own() -> None:
    report = json.dumps({"max_length": 128, "cut": {"animal": 3}, "run": {"dtype": "bfloat16", "device": "cuda"}})
    told = text(report=report, model_revision="0123456789abcdef0")
    assert "60 documents of planted.csv in 3 categories (animal, 20; mineral, 20; plant, 20)" in told
    assert "planted-model (revision 0123456789ab) read each text (3 texts truncated at 128 tokens)" in told
    assert "bfloat16 on CUDA" in told
    assert "1,090 connections" in told
    assert "regions (30)" in told


@pytest.mark.parametrize(
    ("fdr", "key"),
    [("discrete", "heyse2011"), ("dbh", "dohler2018"), ("bh", "benjamini1995"), ("fwer", "westfall1993")],
)
def test_the_method_of_q_is_named_and_cited(fdr: str, key: str) -> None:
    made = written(fdr=fdr)
    assert key in made.cited
    assert f"({REFERENCES[key].cited})" in "\n".join(made.paragraphs)
    assert ("heyse2011" in made.cited) == (fdr == "discrete")


def test_what_was_not_done_is_neither_told_nor_cited() -> None:
    made = written(fdr=None, families=[])
    told = "\n".join(made.paragraphs)
    assert "Nothing was tested: shares are descriptive." in told
    assert [word for word in ("refit", "bootstrap", "control", "Probes", "intervention") if word in told] == []
    assert set(made.cited) <= {"sun2024", "tarone1990", "monroe2008"}


def test_refits_and_controls_are_told_where_the_study_holds_them() -> None:
    made = written(weighed("held").measures)
    told = "\n".join(made.paragraphs)
    assert "fitted again to 20 bootstrap samples of the documents" in told
    assert "re-initialised blocks" in told
    assert {"kuhn1955", "zalesky2010", "lin1991", "mcgraw1996"} <= set(made.cited)


@pytest.mark.parametrize(
    ("atlas", "told"),
    [
        (
            {"atlas": "clusters", "parameters": json.dumps({"clusters": 9})},
            "k-means with k = 9 on at most the first 50",
        ),
        (
            {"atlas": "grid", "reducer": "svd", "resolution": 7},
            "two dimensions of each layer by SVD, each divided into 7",
        ),
        ({"atlas": "grid", "reducer": "umap", "resolution": 7}, "by UMAP (McInnes, Healy and Melville 2018)"),
        ({"atlas_of": "other-00000000"}, "placed in the frozen atlas of the study other"),
        (
            {"report": json.dumps({"fitted_to": 1_200})},
            "fitted to a seeded sample of 1,200 documents, stratified by category, without",
        ),
    ],
)
def test_the_atlas_is_described_as_it_is(atlas: dict[str, Any], told: str) -> None:
    assert told in text(**atlas)


def test_components_are_tested_by_fisher_s_z_and_no_document_takes_a_connection() -> None:
    made = written(atlas="components", reducer="pca", parameters=json.dumps({"threshold": 0.3}))
    told = "\n".join(made.paragraphs)
    assert "Fisher's z" in told
    assert "each document takes one in each step" not in told
    assert "bonett2000" in made.cited
    assert "cornfield1956" not in made.cited


@pytest.mark.parametrize("fdr", ["discrete", "dbh", "bh", "fwer", None])
def test_all_that_is_cited_stands_in_the_text(fdr: str | None) -> None:
    tried = tuple(planted_intervention("L0/R1", operation) for operation in ("erase", "add"))
    made = written(
        (*weighed("held").measures, Measure("probe", 0.5, 0, other="full", details={"splits": 5})), fdr=fdr, tried=tried
    )
    told = "\n".join(made.paragraphs)
    assert [key for key in made.cited if REFERENCES[key].cited not in told] == []
    assert ("holm1979" in made.cited) == (fdr == "fwer")


def test_groups_change_the_test() -> None:
    made = written(report=json.dumps({"columns": {"group": "author"}}))
    assert "winkler2014" in made.cited
    assert not any("Fisher's exact test (two-sided)" in paragraph for paragraph in made.paragraphs)


@pytest.mark.parametrize(
    ("group", "parting", "crossed"),
    [
        (None, "was tested by G under", "an exact test."),
        (
            "author",
            "the distances between its targets' weighted and expected counts under",
            "permutations within strata.",
        ),
    ],
)
def test_parting_and_crossed_labels_are_tested_by_groups_where_there_are_some(
    group: str | None, parting: str, crossed: str
) -> None:
    families = [*FAMILIES, {"family": "factor tone", "findings": 1, "tests": 9}]
    described = text((), families, report=json.dumps({"columns": {"group": group}}))
    assert parting in described
    assert f"(Mantel and Haenszel 1959) and {crossed}" in described


def test_a_limit_that_leaves_nothing_out_draws_no_sample() -> None:
    limit = json.dumps({"limit": 100_000})
    assert "were drawn" not in text(parameters=limit, report=json.dumps({"skipped": {"over_limit": 0}}))
    drawn = "Of 69 documents 60 were drawn, stratified by category."
    assert drawn in text(parameters=limit, report=json.dumps({"skipped": {"over_limit": 9}}))


def test_categories_a_limit_and_a_holdout_are_told_in_the_order_in_which_they_left_documents_out() -> None:
    options = {"limit": 100, "categories": ["animal", "mineral", "plant"], "holdout": 0.4}
    skipped = {"other_categories": 150, "over_limit": 50, "held_out": 40}
    told = text(parameters=json.dumps(options), report=json.dumps({"skipped": skipped}))
    assert (
        "150 rows of other categories were left out. Of 150 documents 100 were drawn, stratified by category. Of these "
        "100 documents 40 were held out before anything was fitted (a seeded split by category; 40% asked for)."
    ) in told


def test_the_part_that_was_held_out_says_so_and_matched_lengths_come_before_a_limit() -> None:
    options = {"match": "length", "limit": 120, "holdout": 0.5, "held_out": True, "top": 3}
    skipped = {"other_categories": 1, "unmatched_lengths": 30, "over_limit": 20, "held_out": 60, "without_text": 2}
    report = {"skipped": skipped, "columns": {"group": "author"}}
    told = text(parameters=json.dumps(options), report=json.dumps(report))
    assert "2 rows without a text or a label were left out. 1 row of other labels than the 3 most frequent" in told
    assert "Of 170 documents 140 match in length" in told
    assert (
        "Of 140 of these 120 were drawn, stratified by category. Of these 120 documents those 60 were scanned that had"
        in told
    )
    assert "groups whole" in told


def test_the_mean_of_all_tokens_is_that_of_the_text_within_a_prompt() -> None:
    assert "all of its tokens, special ones included" in text(pooling="mean-all")
    for frame in ({"template": "Classify: {text}"}, {"chat": True}):
        described = text(pooling="mean-all", parameters=json.dumps(frame))
        assert "the plain mean over its own tokens in the prompt, attention sinks included" in described
        assert "special ones" not in described


def test_what_is_of_a_sample_is_said() -> None:
    permuted = {"documents": 200_000, "tests": ["Network-Based Statistic", "p of the layers"]}
    described = text(report=json.dumps({"permuted": permuted}))
    sample = "are of a seeded sample of 200,000 documents, stratified by category."
    assert f"The Network-Based Statistic and the p of the layers {sample}" in described
    assert "seeded sample" not in text()


def test_what_is_of_the_documents_that_the_atlas_was_fitted_to_is_said() -> None:
    report = json.dumps({"fitted_to": 40, "columns": {"group": "author"}})
    probe = Measure("probe", 0.5, 0, other="full", details={"splits": 5})
    described = text((*weighed("held").measures, probe), report=report)
    assert "a seeded sample of 40 documents, stratified by category, groups whole" in described
    assert "placed in it; refits, controls and probes are of that sample." in described
    assert "The other documents were placed in it." in text(report=report)


@pytest.mark.parametrize(("tokens", "labels"), [(None, "shuffled labels"), (99, "random labels by token type")])
def test_the_control_task_of_probes_is_told_as_it_is_of_what_has_a_row(tokens: int | None, labels: str) -> None:
    probe = Measure("probe", 0.5, 0, other="full", details={"splits": 5})
    assert f"next to {labels} as control task (Hewitt and Liang 2019)." in text((probe,), tokens=tokens)


def test_names_from_right_to_left_are_isolated_in_what_is_pasted() -> None:
    study = planted_graph("written").study
    told = methods(Facts(study, {"עברית": 14, "party": 16}, FAMILIES, (), ())).paragraphs[0]
    assert "(\u2068עברית\u2069, 14; party, 16)" in told


NOTHING = [{"family": name, "findings": 0, "tests": 0} for name in ("connections", "regions", "routing", "parting")]


def test_what_found_or_tested_nothing_is_not_described() -> None:
    undefined = Measure("reliability", None, 0, details={"halves": None})
    told = text((*weighed("held").measures, undefined), NOTHING)
    assert "No connection could be tested." in told
    for word in ("stability is", "routing floor", "Likewise", "(0)", "step-down", "Effects are log odds"):
        assert word not in told
    assert "Reliability is ICC" not in text((undefined,))
    some = [{**row, "tests": 9} for row in NOTHING]
    assert "Likewise tested, each a family of its own: regions (9) and routing" in text((), some)
    assert "Effects are log odds" not in text((), some)


def test_it_says_whether_text_length_was_adjusted_for() -> None:
    assert "Text length was not adjusted for." in text()
    adjusted = text(report=json.dumps({"length_explained_unadjusted": [0.5]}))
    assert "Each column was regressed on 1, 1/L" in adjusted
    assert "not adjusted" not in adjusted
    assert "not adjusted" not in text(atlas_of="other-00000000")


def test_groups_are_counted_and_a_document_alone_in_its_group_is_none() -> None:
    told = text(report=json.dumps({"columns": {"group": "author"}, "groups": 16}))
    assert "60 documents of 16 groups (author) of planted.csv" in told
    assert "the more documents its group has and the more alike these are" in told
    assert "groups" not in text(report=json.dumps({"columns": {"group": "author"}, "groups": 60}))


def test_given_activations_name_no_model() -> None:
    told = text(site="given", model="given", pooling="given")
    assert "had been computed elsewhere" in told
    assert "read each text" not in told


def test_interventions_cite_what_was_done_and_no_more() -> None:
    made = written(tried=(planted_intervention("L0/R1"), planted_intervention("L1/R1")))
    assert "In 2 interventions a region's direction" in "\n".join(made.paragraphs)
    assert "ravfogel2020" in made.cited
    assert "turner2023" not in made.cited
    assert "on 40 texts of the other half; effects" in "\n".join(made.paragraphs)


def test_interventions_say_how_many_texts_they_were_tried_on_and_how_strongly() -> None:
    tried = (
        planted_intervention("L0/R1", "add", strength=0.5),
        planted_intervention("L0/R1", "add", documents=120, strength=2.0),
        planted_intervention("L0/R1"),
    )
    told = text(tried=tried)
    assert "on 40 to 120 texts of the other half, added at strength 0.5, 2 (1: the whole difference)" in told


def test_a_confirmation_and_a_comparison_name_the_other_study() -> None:
    base = {"base": "frozen-0000000a", "tests": 3, "replicated": 2}
    told = text((Measure("replication", 0.5, details=base), Measure("changed", 4, other="moves", details=base)))
    assert "3 findings of the study frozen were tested on these documents" in told
    assert "readings in the study frozen" in told
