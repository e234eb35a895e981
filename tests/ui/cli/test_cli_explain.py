"""`mri explain`: what it prints, as words and as JSON, what it stores, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mri import explain
from mri_core.records.explained import Explained, LayerParts, Token
from mri_core.records.measures import Measure
from mri_core.store.store import Store
from tests.command import Mri
from tests.models import SENTENCES, save_tiny
from tests.planted import planted_graph
from ui.reports import driving, explained

STUDY = planted_graph(seed=0).study
TOKENS = (
    Token("[CLS]", None, None, "special"),
    Token("The", 0, 3, ""),
    Token("\n", 4, 5, ""),
    Token("court", 5, 10, ""),
)
PARTS = np.array([np.nan, -0.5, np.nan, 2.0])


def layer(index: int = 1, **changes: object) -> LayerParts:
    known = {"name": "margin", "region": f"L{index}/R0", "versus": f"L{index}/R2", "value": 1.75, "length": 0.5}
    return LayerParts(layer=index, tokens=PARTS, constant=-0.25, **{**known, **changes})  # type: ignore[arg-type]


def told(*layers: LayerParts, **changes: object) -> str:
    found = Explained(STUDY.id, "D3", "The \ncourt", TOKENS, layers, 0)
    return explained.in_words(STUDY, found, {"L1/R0": ["sun", "moon"]}, **changes)  # type: ignore[arg-type]


def test_one_layer_is_told_token_by_token_and_its_parts_sum_to_the_margin() -> None:
    first, second, table, left_out, *_, caution = told(layer()).split("\n\n")
    assert first == f"D3 in {STUDY.name}: 3 tokens read of 4."
    assert second == (
        "Layer 1: nearer to L1/R0 (sun, moon) than L1/R2 (no characteristic words); margin 1.750 = tokens +1.500, "
        "length +0.500, constant -0.250 (sum 1.750)."
    )
    assert [line.split() for line in table.splitlines()[2:]] == [["3", "court", "2.000"], ["1", "The", "-0.500"]]
    assert left_out == "Left out: special: [CLS]; sink: \\n."
    assert "a part is what the position adds, not what the word adds" in caution
    assert len(told(layer(), most=1).split("\n\n")[2].splitlines()) == 3
    assert "farther from L1/R0" in told(layer(value=-1.0))


def test_several_layers_have_a_line_each_and_what_lies_by_its_length_alone_is_told() -> None:
    words = told(
        layer(0, versus=None, name="column"), layer(0, versus=None, name="row"), layer(1, length=9.0, value=10.25)
    )
    rows = [line.split() for line in words.split("\n\n")[2].splitlines()[2:]]
    assert [row[:3] for row in rows] == [["0", "column", "R0"], ["0", "row", "R0"], ["1", "margin", "R0"]]
    assert "In layer 1 the part of length has the sign of the number and outweighs all tokens" in words
    assert "the constant decides" not in words
    assert "two coordinates" in words
    assert "component:" not in words
    assert not list(explained.cautions([layer()]))


def test_length_that_works_against_the_region_is_no_warning_and_a_constant_that_decides_is_one() -> None:
    of_trial = layer(3, length=-3.78, value=2.706)  # its constant is the rest of the sum
    against = LayerParts(**{**vars(of_trial), "tokens": np.array([np.nan, 1.0, np.nan, 0.716]), "constant": 4.771})
    (caution,) = explained.cautions([against])
    assert caution.startswith("In layer 3 the constant decides the sign of the number")
    mirrored = {name: -getattr(against, name) for name in ("tokens", "length", "constant", "value")}
    assert list(explained.cautions([LayerParts(**{**vars(against), **mirrored})])) == [caution]


def test_as_json_every_token_is_there_with_null_where_it_is_left_out() -> None:
    found = explained.as_json(Explained(STUDY.id, None, "The \ncourt", TOKENS, (layer(),), 2, ("A note.",)))
    again = json.loads(json.dumps(found))
    assert again["layers"][0]["tokens"] == [None, -0.5, None, 2.0]
    assert again["layers"][0]["total"] == again["layers"][0]["value"] == 1.75
    assert again["tokens"][3] == {"position": 3, "text": "court", "start": 5, "end": 10, "left_out": ""}
    assert (again["document"], again["cut"], again["notes"]) == (None, 2, ["A note."])


def measure(other: str, value: float, half: float, *, leads: bool) -> Measure:
    interval = {"ci_low": value - half, "ci_high": value + half}
    return Measure("driving_tokens", value, 1, other=other, **interval, details={"sample": 7, "leads": leads})


def test_where_driving_tokens_and_over_represented_words_differ_is_told() -> None:
    held = [
        measure("L1/R10 the", 1.0, 0.5, leads=True),
        measure("L1/R2 sun", 0.5, 1.0, leads=True),
        measure("L1/R2 , ,", 2.0, 1.0, leads=True),
        measure("L1/R2 moon", 0.1, 0.2, leads=False),
        measure("L1/R2 sky", 0.1, 0.05, leads=False),
        measure("L1/R2 star", -0.5, 0.25, leads=False),
    ]
    words = {"L1/R2": ["sun", "moon", "sky", "star"]}
    first, second = driving.driven(held, words)
    assert first == driving.Driven("L1/R2", 7, ((", ,", 2.0), ("sun", 0.5)), ("sun",), ("star",), ("moon",))
    assert (second.region, second.shared, second.against, second.unclear) == ("L1/R10", (), (), ())
    assert driving.in_words(STUDY, [], {}, {}) == driving.NONE
    assert 'L1/R2 "night"' in driving.in_words(STUDY, held, words, {"L1/R2": "night"})


@pytest.fixture(scope="module")
def scanned(mri: Mri, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A study of 60 drawn texts by a tiny model."""
    folder, drawn = tmp_path_factory.mktemp("explain"), np.random.default_rng(0)
    words = sorted({word for sentence in SENTENCES for word in sentence.split()})
    rows = [f"{' '.join(drawn.choice(words, drawn.integers(3, 9)))},{'ab'[number % 2]}" for number in range(60)]
    corpus = folder / "texts.csv"
    corpus.write_text("\n".join(["text,label", *rows]))
    model = save_tiny("bert", folder / "bert")
    mri("ingest", str(corpus), "--model", str(model), "--name", "explain", "--refits", "0", "--quiet").done()
    return "explain"


@pytest.mark.model
def test_a_document_and_a_text_are_explained_by_the_command(mri: Mri, scanned: str) -> None:
    found = mri("explain", scanned, "--document", "D4", "--json").done().json
    assert [each["layer"] for each in found["layers"]] == [0, 1, 2, 3]
    for each in found["layers"]:
        assert each["total"] == pytest.approx(each["value"], rel=1e-4, abs=1e-5)
        assert each["total"] == pytest.approx(each["of_tokens"] + each["length"] + each["constant"])
    shown = mri("explain", scanned, "--text", "The court <b>sat</b>.", "--layer", "2", "--quiet").done().out
    assert shown.startswith("The text in explain: ")
    assert "Left out: special: [CLS], [SEP]." in " ".join(shown.split())


@pytest.mark.model
def test_in_a_notebook_an_explanation_prints_what_the_command_does(
    mri: Mri, scanned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MRI_CACHE", str(mri.cache))
    mri("name", scanned, "L2/R0", "cats").done()
    found = explain(scanned, document="D4", layer=2, region="R0", store=str(mri.store))
    asked = "--document", "D4", "--layer", "2", "--region", "R0"
    assert f"{found}\n" == mri("explain", scanned, *asked, "--quiet").done().out
    assert repr(found) == str(found)
    assert 'L2/R0 ("cats"' in " ".join(str(found).split())
    assert (found.document, len(found.layers), found.tokens[0].text) == ("D4", 1, "[CLS]")


@pytest.mark.model
def test_driving_tokens_are_stored_once_and_asked_for_by_the_question(mri: Mri, scanned: str, store: Store) -> None:
    assert "mri explain explain --regions" in mri("query", "driving-tokens", "--study", scanned).done().out
    first = mri("explain", scanned, "--regions", "--documents", "40", "--json").done()
    assert "Driving tokens are those of a sample: 40 of 60 documents." not in first.err  # no progress with --json
    assert all(measure["details"]["sample"] <= 40 for measure in first.json)
    revision = store.study(scanned).revision
    again = mri("explain", scanned, "--regions", "--json").done().json
    assert again == first.json
    assert store.study(scanned).revision == revision
    rows = mri("query", "driving-tokens", "--study", scanned, "--layer", "3", "--format", "json").done().json
    held = [measure for measure in again if measure["layer"] == 3]
    assert {(f"{row['region'].split('/', 1)[1]} {row['token']}", row["part"]) for row in rows} == {
        (measure["other"], measure["value"]) for measure in held
    }
    mri("name", scanned, "L3/R0", "a name").done()
    whole = mri("explain", scanned, "--regions", "--again", "--quiet").done()
    assert 'L3/R0 "a name"' in whole.out
    assert "mri query driving-tokens --study explain" in whole.out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "Neither is given"),
        (("--regions", "--text", "x"), "--regions is about all regions"),
        (("--text", "x", "--again"), "go with --regions"),
        (("--document", "D1", "--versus", "R1"), "named with its layer"),
    ],
)
@pytest.mark.model
def test_options_that_do_not_go_together_are_refused(
    mri: Mri, scanned: str, options: tuple[str, ...], why: str
) -> None:
    assert why in mri("explain", scanned, *options).refusal()


@pytest.mark.model
def test_driving_tokens_of_a_grid_are_refused(mri: Mri, scanned: str, tmp_path: Path) -> None:
    shown = mri("studies", "--json").done().json
    (made,) = (study for study in shown if study["name"] == scanned)
    asked = json.loads(made["parameters"])
    mri("ingest", asked["corpus"], "--model", asked["model"], "--name", "cells", "--atlas", "grid", "--quiet").done()
    assert "cells has grid instead" in mri("explain", "cells", "--regions").refusal()
