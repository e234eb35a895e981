"""Every question, on small random studies full of ties and gaps, answers what an independent computation says."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from mri_core.store.store import Store
from queries.runner import run
from queries.template import Template
from tests.queries.answers import ANSWERS
from tests.queries.answers.routes import strongest_route_cost
from tests.queries.answers.truth import Truth, keep
from tests.queries.test_answers import assert_same, choices
from tests.questions import CATALOG

pytestmark = pytest.mark.engine

ALWAYS = 7  # examples that are the same each time; each asks every question once
EXAMPLES = int(os.environ.get("MRI_TEST_EXAMPLES", ALWAYS))  # more are other ones
AS_DRAWN = (Phase.explicit, Phase.generate)  # to shrink what fails would write hundreds of studies
LABELS = ["b", "a", "B", "é"]
NUMBERS: Iterator[int] = count()


class Pair(NamedTuple):
    """A study, and one beside it that read the same documents or others."""

    codes: np.ndarray
    labels: list[str]
    other_codes: np.ndarray
    other_labels: list[str]
    same_documents: bool


def random_pair(seed: int) -> Pair:
    """2 to 5 layers of 1 to 6 regions, 4 to 40 documents of 2 to 4 categories, each of at least one document.

    All from one seed, so that few examples are spread evenly: drawn one by one, most would be the smallest.
    """
    generator = np.random.default_rng(seed)
    documents, categories = int(generator.choice([4, 12, 25, 32, 40])), int(generator.integers(2, 5))
    members = np.concatenate([np.arange(categories), generator.integers(categories, size=documents - categories)])

    def codes(members: np.ndarray) -> np.ndarray:
        """Documents go where their category goes, or turn off at each layer as it does; some go astray."""
        layers, regions = generator.integers(2, 6), generator.choice([1, 2, 3, 4, 5, 6, 6])
        homes = generator.integers(regions, size=(categories, layers))[members]
        turns = generator.integers(regions, size=(len(members), 1)) + np.outer(members, np.arange(layers))
        astray = generator.random(homes.shape) < generator.choice([0.0, 0.2, 0.6, 1.0])
        own = homes if generator.integers(2) else turns % regions
        return np.where(astray, generator.integers(regions, size=homes.shape), own)

    same = bool(generator.integers(3))
    others = members if same else members[: documents // 2 + 2]
    return Pair(codes(members), [LABELS[i] for i in members], codes(others), [LABELS[i] for i in others], same)


def planted(pair: Pair) -> Truth:
    """The study as its truth, and the other one beside it."""
    number = next(NUMBERS)
    corpora = [f"{number:064x}", f"{number + (not pair.same_documents):064x}"]
    truth = Truth(f"drawn-{number}", pair.codes, pair.labels, corpus_hash=corpora[0])
    other = Truth(f"beside-{number}", pair.other_codes, pair.other_labels, corpus_hash=corpora[1])
    truth.beside[other.study] = other
    return truth


def asked(template: Template, truth: Truth, seed: int) -> dict[str, Any]:
    """What a question requires, and some of what it allows: all of it at once would leave few rows."""
    generator = np.random.default_rng(seed)
    chosen = {**choices(truth, seed), "other": next(key for key in truth.beside if key != truth.study)}
    return {
        p.name: chosen[p.name]
        for p in template.parameters
        if p.name != "study" and (p.required or (generator.random() < 0.3 and chosen.get(p.name) is not None))
    }


@pytest.mark.slow  # some more studies, each asked every question
@pytest.mark.once
@settings(max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES == ALWAYS, database=None, phases=AS_DRAWN)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_question_answers_as_worked_out_apart_whatever_the_study(store: Store, seed: int) -> None:
    truth = planted(random_pair(seed))
    try:
        for side in truth.beside.values():
            keep(store, side)
        for template in CATALOG:
            if template.name in ANSWERS:
                values = asked(template, truth, seed)
                note(f"{template.name} {values}")
                table = run(store, template, {"study": truth.study, **values})
                assert_same(table, ANSWERS[template.name](truth, **values))
        _assert_best_route(store, truth)
    finally:
        for side in truth.beside.values():
            store.delete(side.graph.study)


def _assert_best_route(store: Store, truth: Truth) -> None:
    for category in truth.categories:
        values = {"study": truth.study, "category": category}
        rows = run(store, CATALOG.get("strongest-route"), values).records()
        assert [row["layer"] for row in rows] == list(truth.layers)
        cost = -sum(math.log(row["chance"]) for row in rows)
        assert math.isclose(cost, strongest_route_cost(truth, category), abs_tol=1e-9)
