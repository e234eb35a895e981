"""What is computed from ready studies: of a scan of tokens what needs its graph alone, and what needs documents not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from mri_core.errors import UsageError
from mri_core.records.graph import Study
from mri_core.store.store import Store
from mri_core.studies import names
from mri_core.studies.comparing import compare_categories
from mri_core.studies.confirmation import claims_of, confirm_study, found_claims
from mri_core.studies.intervention_check import check_can_be_tried
from mri_core.studies.matching import match_studies
from mri_core.studies.placements import read_placements, read_stored
from mri_core.studies.study_metrics import stored_metrics
from mri_core.studies.two_studies import compare_two
from tests.planted import planted_graph, planted_tokens

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def studies(store: Store) -> Iterator[tuple[Study, Study]]:
    """A scan of tokens, and one of documents that has the same atlas and the same corpus."""
    tokens = planted_tokens("some-tokens")
    same = {"documents": tokens.study.documents, "atlas_hash": "a" * 64, "documents_hash": "d" * 64}
    tokens = replace(tokens, study=replace(tokens.study, **same))
    documents = planted_graph("some-documents", atlas_hash="a" * 64, documents_hash="d" * 64)
    for graph in (tokens, documents):
        store.write(graph)
    yield store.study("some-tokens"), store.study("some-documents")
    for graph in (tokens, documents):
        store.delete(graph.study)


REFUSED: dict[str, Callable[[Store, Study, Study], object]] = {
    "compare with documents": lambda store, tokens, documents: compare_two(store, documents, tokens),
    "compare documents with it": lambda store, tokens, documents: compare_two(store, tokens, documents),
    "match": lambda store, tokens, documents: match_studies(store, tokens, documents),
    "match with it": lambda store, tokens, documents: match_studies(store, documents, tokens),
    "compare categories": lambda store, tokens, documents: compare_categories(store, tokens, ["animal", "mineral"]),
    "claims": lambda store, tokens, documents: claims_of(store, tokens),
    "confirm": lambda store, tokens, documents: confirm_study(store, documents, tokens, ()),
    "intervene": lambda store, tokens, documents: check_can_be_tried(tokens),
    "placements": lambda store, tokens, documents: read_placements(store, tokens, ["animal"]),
    "stored placements": lambda store, tokens, documents: read_stored(store, tokens, ["animal"]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_needs_whole_documents_refuses_tokens_in_one_line(
    store: Store, studies: tuple[Study, Study], what: str
) -> None:
    with pytest.raises(UsageError) as error:
        REFUSED[what](store, *studies)
    said = str(error.value)
    assert "some-tokens is a scan of tokens" in said
    assert "\n" not in said


def test_the_categories_that_were_named_are_compared_as_counted_by_the_command_that_is_told(
    store: Store, studies: tuple[Study, Study]
) -> None:
    with pytest.raises(UsageError, match=r"Run `mri .* --study some-tokens --category animal --versus mineral`\.$"):
        compare_categories(store, studies[0], ["mineral", "animal"])


def test_of_its_graph_measures_are_made_and_its_findings_are_known(store: Store, studies: tuple[Study, Study]) -> None:
    tokens, _ = studies
    found = stored_metrics(store, tokens, ["density", "degree_by_layer"], random_graphs=1)
    assert {measure.kind for measure in found} == {"density", "degree_by_layer"}
    claims = found_claims(store, tokens)
    assert claims
    assert all(0 <= claim.others_share <= 1 for claim in claims)


def test_its_regions_are_named(store: Store, studies: tuple[Study, Study]) -> None:
    tokens, _ = studies
    names.give(store, tokens, "L1/R2", name="numbers", note="mostly digits")
    assert [(each.region, each.name) for each in store.annotations(tokens)] == [("L1/R2", "numbers")]
