"""`mri compare` and `mri power`: categories against one another, and what a study could find."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.stats import fisher_exact

from mri_core.records.graph import Study
from mri_core.store.store import Store
from tests.command import Mri
from tests.planted import HOSTILE, planted_components, planted_graph
from ui.wording.evidence import percent

pytestmark = pytest.mark.engine

LABELS = [("calm", "wild", HOSTILE[1])[i % 3] for i in range(180)]


def ways() -> np.ndarray:
    """Three layers of two regions; of `wild` two thirds leave region 0 for region 1, of the others next to none."""
    codes = np.zeros((180, 3), dtype=int)
    codes[::10] = 1
    leaves = [label == "wild" and i % 9 > 3 for i, label in enumerate(LABELS)]
    codes[leaves, 1:] = 1
    return codes


@pytest.fixture
def study(store: Store) -> Iterator[Study]:
    graph = planted_graph("three", codes=ways(), categories=LABELS)
    store.write(graph)
    yield store.study("three")
    store.delete(graph.study)


def test_two_categories_are_tested_against_each_other_alone(mri: Mri, study: Study) -> None:
    told = mri("compare", "three", "wild", "calm", "--json").done().json
    assert (told["categories"], told["documents"], told["fdr"]) == (["calm", "wild"], [60, 60], "discrete")
    codes, labels = ways(), np.array(LABELS)
    row = next(r for r in told["rows"] if (r["category"], r["finding"], r["layer"]) == ("wild", "more", 0))
    assert (row["source"], row["target"]) == (f"{study.id}/L0/R0", f"{study.id}/L1/R1")
    takes = (codes[:, 0] == 0) & (codes[:, 1] == 1)
    table = [[(takes & (labels == c)).sum(), (~takes & (labels == c)).sum()] for c in ("wild", "calm")]
    assert row["weight"] == table[0][0]
    assert row["share"] == pytest.approx(table[0][0] / 60)
    share = (table[0][0] + table[1][0]) / 120  # of a document more on either side
    odds = [(taken + share) / (others + 1 - share) for taken, others in table]
    assert row["effect"] == pytest.approx(np.log(odds[0] / odds[1]))
    assert fisher_exact(table)[1] <= row["q"] < 1e-6
    assert {m["kind"] for m in told["measures"]} >= {"divergence", "global", "findings", "nbs"}


def test_the_comparison_is_told_in_words(mri: Mri, study: Study) -> None:
    told = mri("compare", "three", "wild", "calm").done().out
    assert "Documents of calm (60), wild (60), against one another; q by discrete." in told
    assert "The categories sit in different regions, more than shuffled labels do: most in layer" in told
    assert "L0/R0 (wor" in told
    codes, labels = ways(), np.array(LABELS)
    takes = (codes[:, 0] == 0) & (codes[:, 1] == 1)
    shares = [percent(float(takes[labels == name].mean())) for name in ("wild", "calm")]
    assert re.search(rf"^wild +L0/R0 .* L1/R1 .*  {shares[0]} +{shares[1]} ", told, re.MULTILINE), told
    assert "less" not in told.split("Findings")[1].split("odds ratio:")[0]


def test_where_nothing_differs_it_says_so(mri: Mri, study: Study) -> None:
    told = mri("compare", "three", "calm", HOSTILE[1], "--fdr", "fwer").done().out
    assert "That the categories sit in different regions at all is not shown" in told
    assert "No connection is taken more by one of them than by the others beyond chance" in told


@pytest.mark.parametrize(
    ("named", "fact"),
    [
        (("wild",), "Two categories or more are compared"),
        (("mild",), "No study is called 'mild'"),
        (("wild", "mild"), "mild"),
        (("wild", "wild"), "1 was named"),
        (("wild", "calm", "--sham", "three"), "Runs are compared as studies"),
    ],
)
def test_what_cannot_be_compared_is_refused(mri: Mri, study: Study, named: tuple[str, ...], fact: str) -> None:
    result = mri("compare", "three", *named)
    assert result.status == 2
    assert fact in result.refusal()


def test_of_components_what_the_study_holds_is_shown(mri: Mri, store: Store) -> None:
    graph = planted_components(
        "moved", scores=np.random.default_rng(0).normal(size=(20, 2, 2)), categories=["a", "b"] * 10
    )
    store.write(graph)
    assert "This study holds no tests" in mri("compare", "moved", "a", "b").done().out
    assert mri("compare", "moved", "a", "b", "--json").done().json["rows"] == []
    assert "'a' alone is one of moved's" in mri("compare", "moved", "a").refusal()
    assert "There are: a, b" in mri("compare", "moved", "a", "zebra").refusal()
    assert "Leave it out" in mri("compare", "moved", "a", "b", "--fdr", "bh").refusal()
    store.delete(graph.study)


def test_categories_that_share_no_region_have_a_saturated_divergence_and_no_interval(mri: Mri, store: Store) -> None:
    apart = np.repeat([[0, 0, 0], [1, 1, 1]], 30, axis=0)
    apart[::7, 1] = 0  # the second layer alone holds both categories in a region
    graph = planted_graph("apart", codes=apart, categories=["calm"] * 30 + ["wild"] * 30)
    store.write(graph)
    layers = mri("compare", "apart", "calm", "wild").done().out.split("\n\n")[2].splitlines()[2:]
    assert [("saturated" in line) for line in layers] == [True, False, True]
    assert [len(line.split()) for line in layers] == [4, 5, 4]
    found = [m for m in mri("compare", "apart", "calm", "wild", "--json").json["measures"] if m["kind"] == "divergence"]
    assert [measure["ci_low"] is None for measure in found] == [True, False, True]
    store.delete(graph.study)


def test_power_is_told_with_the_least_lift_that_is_found(mri: Mri) -> None:
    told = mri("power", "--documents", 200, "--share", 0.1, "--lift", 1.5, "--json").done().json
    more = mri("power", "--documents", 400, "--share", 0.1, "--lift", 1.5, "--json").done().json
    assert 0.3 < told["power"] < more["power"] < 1
    assert 1.5 < told["detectable_lift"] < 2
    assert more["detectable_lift"] < told["detectable_lift"]
    words = mri("power", "--documents", 200, "--share", 0.1, "--lift", 1.5).done().out
    assert f"found in {told['power']:.0%}" in words
    assert "not even the largest lift" in mri("power", "--documents", 5, "--share", 0.1).done().out


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [(("--share", 1.5), "--share is 1.5"), (("--share", 0.1, "--lift", 3), "between 0 and 2"), (("--share", "x"), "x")],
)
def test_power_of_what_cannot_be_is_refused(mri: Mri, arguments: tuple[object, ...], fact: str) -> None:
    result = mri("power", "--documents", 50, *arguments)
    assert result.status == 2
    assert fact in result.refusal()
