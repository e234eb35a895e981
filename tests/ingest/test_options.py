"""Options as they are defined: each has a term and a sentence, and what is refused is named by its flag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pytest

from ingest.frozen import Frozen, request_in
from ingest.options import described, options_of
from ingest.request import OPTIONS, Request
from mri_core.atlas.reducers import REDUCERS
from mri_core.errors import UsageError
from mri_core.records.arrays import Atlas, AtlasSpec
from mri_core.records.graph import Unit
from tests.planted import planted_graph


@dataclass(frozen=True, kw_only=True)
class Few:
    """One field of each kind."""

    switch: bool = described(False, "S", "Do it.", "study")
    off: bool = described(True, "O", "Do it.", "study")
    choice: Literal["a", "b"] | None = described(None, "C", "Which.", "study")
    integer: int | None = described(None, "I", "How many.", "study")
    number: float = described(0.5, "N", "How much.", "study")
    repeated: str | tuple[str, ...] | None = described(None, "R", "Which.", "study")
    list: tuple[str, ...] | None = described(None, "L", "Which.", "study")
    max_text: str = described("x", "T", "What.", "study")


def test_a_field_s_kind_choices_and_flag_follow_from_its_type_and_default() -> None:
    few = options_of(Few)
    kinds = {name: option.kind for name, option in few.items() if name not in ("off", "max_text")}
    assert kinds == {name: name for name in kinds}
    assert (few["off"].kind, few["off"].flag, few["switch"].flag) == ("switch", "--no-off", "--switch")
    assert (few["choice"].choices, few["max_text"].choices, few["max_text"].flag) == (("a", "b"), (), "--max-text")


@pytest.mark.parametrize("option", OPTIONS.values(), ids=lambda option: option.name)
def test_an_option_has_a_term_of_its_own_and_one_sentence_of_help(option) -> None:  # type: ignore[no-untyped-def]
    assert [other.name for other in OPTIONS.values() if other.label == option.label] == [option.name]
    assert option.help[0].isupper()
    assert option.help.endswith(".")
    assert ". " not in option.help
    assert (option.default is None) == bool(option.unset) or option.name in ("corpus", "activations")
    assert "chance" not in option.help


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"pooling": "means"}, "No pooling is called 'means'. Near names: mean, mean-all"),
        ({"fdr": "none"}, "There are: bh, dbh, discrete, fwer"),
        ({"limit": 0}, "Sample size is at least 1. --limit is 0"),
        ({"workers": 2.5}, "Workers is a whole number. --workers is 2.5"),
        ({"refits": True}, "Refits is a number. --refits is True"),
        ({"refits": -1}, "Refits is at least 0. --refits is -1"),
        ({"seed": 2**32}, "Seed is at most 4294967295. --seed is 4294967296"),
    ],
)
def test_a_value_that_may_not_be_is_refused_with_its_flag(choices: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Request(name="news", corpus="news.csv", **choices).check()  # type: ignore[arg-type]


def test_every_reducer_is_one_that_a_request_may_name() -> None:
    assert set(OPTIONS["reducer"].choices) == set(REDUCERS)


TOKENS = {"unit": "token"}


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"tags": "upos"}, "--tags would do nothing to a scan of documents. Add --unit token"),
        ({"subtokens": "last", "untagged": True}, "--subtokens and --untagged would do nothing"),
        ({**TOKENS, "tags": "upos", "label": "genre"}, "There is --label with --tags"),
        ({**TOKENS, "tags": "upos", "bins": 3, "match": "length"}, "There are --match and --bins with --tags"),
        ({**TOKENS, "align": True, "atlas_of": "other"}, "There is --align with --unit token"),
        ({**TOKENS, "shards": "rows"}, "There is --shards with --unit token"),
        ({**TOKENS, "pooling": "last"}, "--pooling is last, and a token has a row of its own"),
        ({**TOKENS, "corpus": None, "activations": "rows"}, "Tokens are read from texts"),
        ({"unit": "word"}, "No unit is called 'word'"),
        ({**TOKENS, "subtokens": "middle"}, "No subtokens is called 'middle'"),
    ],
)
def test_what_does_not_go_with_the_unit_is_refused(choices: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Request(**{"name": "news", "corpus": "news.csv", **choices}).check()  # type: ignore[arg-type]


@pytest.mark.parametrize(("unit", "tokens", "remedy"), [("document", 40, "Add --unit token"), ("token", None, "Leave")])
def test_an_atlas_places_units_of_its_own_kind(unit: Unit, tokens: int | None, remedy: str) -> None:
    study = replace(planted_graph("before", seed=3).study, tokens=tokens)
    frozen = Frozen(study, Atlas(AtlasSpec(), ()), "")
    with pytest.raises(UsageError, match=f"An atlas places what it was fitted to.*{remedy}"):
        request_in(Request(name="news", corpus="news.csv", atlas_of="before", unit=unit), frozen)


def test_the_graph_of_tokens_holds_every_text() -> None:
    request = Request(name="news", corpus="news.csv", unit="token", keep_documents=40)
    request.check()
    assert request.sample_of(40) == {}
    with pytest.raises(UsageError, match="There are 41 texts, and --keep-documents is 40"):
        request.sample_of(41)


def test_options_of_tokens_are_parameters_of_scans_of_tokens_alone() -> None:
    of_tokens = {"unit": "token", "tags": "upos", "subtokens": "first", "untagged": False}
    documents = Request(name="news", corpus="news.csv").parameters()
    tokens = Request(name="news", corpus="news.csv", unit="token", tags="upos").parameters()
    assert not of_tokens.keys() & documents.keys()
    assert tokens == documents | of_tokens
