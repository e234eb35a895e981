"""What is known of a study layer by layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mri_core.records.graph import Study
from mri_core.records.table import Table
from tests.planted import planted_graph
from ui.drawing.figures.layers import layers_figure
from ui.drawing.layer_lines import Point, panels

STUDY = planted_graph().study


def answers(**rows: list[dict[str, Any]]) -> Any:
    """Answers of the questions `layers`, `divergence` and `measures`."""

    def ask(of: Study, template: str, /, **values: Any) -> Table:
        found = rows.get(template, [])
        columns = tuple(found[0]) if found else ()
        return Table(columns, tuple(tuple(row.values()) for row in found))

    return ask


def layer(index: int, variance: float | None, entropy: float | None) -> dict[str, Any]:
    return {"layer": index, "explained_variance": variance, "entropy": entropy}


def probe(what: str, layer: int | None, value: float | None) -> dict[str, Any]:
    interval = {"ci_low": None, "ci_high": None} if value is None else {"ci_low": value - 0.1, "ci_high": value + 0.1}
    details = {"chance": 0.25}
    return {"kind": "probe", "layer": layer, "other": what, "value": value, **interval, "details": details}


def test_each_quantity_is_a_panel_and_what_is_not_known_is_left_out() -> None:
    found = panels(
        STUDY,
        answers(
            layers=[layer(0, 0.5, None), layer(1, None, None)],
            divergence=[{"layer": 0, "divergence": 0.25}, {"layer": 1, "divergence": 0.75}],
        ),
    )
    assert [panel.unit for panel in found] == ["share", "bits"]
    assert found[0].lines == {"": [Point(0, 0.5)]}
    assert found[1].lines == {"": [Point(0, 0.25), Point(1, 0.75)]}


def apart(value: float | None, blocks: float | None) -> dict[str, Any]:
    interval = {"ci_low": None, "ci_high": None} if value is None else {"ci_low": value - 0.1, "ci_high": value + 0.1}
    return {
        "over_chance": value,
        **interval,
        "random_blocks": blocks,
        "random_blocks_low": None,
        "random_blocks_high": None,
    }


@pytest.mark.parametrize(
    ("tested", "lines"),
    [
        ([apart(0.25, 0.2), apart(0.75, 0.3)], {"this model": [0.25, 0.75], "random blocks": [0.2, 0.3]}),
        ([apart(-0.05, None), apart(0.5, None)], {"this model": [-0.05, 0.5]}),
        ([apart(None, None), apart(None, None)], {"": [0.9, 1.1]}),
        ([], {"": [0.9, 1.1]}),
    ],
)
def test_the_divergence_is_shown_above_chance_with_its_interval_and_random_blocks_where_they_are_known(
    tested: list[dict[str, Any]], lines: dict[str, list[float]]
) -> None:
    differences = [{"layer": i, **row} for i, row in enumerate(tested)]
    plain = [{"layer": 0, "divergence": 0.9}, {"layer": 1, "divergence": 1.1}]
    rows = {"layer-differences": differences, "divergence": plain, "layers": [layer(0, None, None)]}
    (panel,) = panels(STUDY, answers(**rows))
    assert {name: [p.value for p in points] for name, points in panel.lines.items()} == lines
    known = "this model" in lines
    assert panel.levels == ({"shuffled labels (mean)": 0} if known else {})
    assert all((p.low is not None) is known for p in next(iter(panel.lines.values())))
    low, high = layers_figure([panel]).axes[0].get_ylim()
    assert low <= min(0, *(value for values in lines.values() for value in values))
    assert high > max(value for values in lines.values() for value in values)


def test_a_probed_study_has_lines_for_what_was_read_and_levels_for_words_and_chance() -> None:
    rows = [probe(what, i, 0.5 + i / 10) for what in ("control", "full", "regions") for i in range(2)]
    rows += [probe("regions", 2, None), probe("words", None, 0.625)]
    (panel,) = panels(STUDY, answers(layers=[layer(0, None, None)], measures=rows))
    assert list(panel.lines) == ["full activations", "regions", "shuffled labels"]
    assert panel.lines["regions"] == [Point(0, 0.5, 0.4, 0.6), Point(1, 0.6, 0.5, 0.7)]
    assert panel.levels == {"chance": 0.25, "bag of words": 0.625}


def test_of_a_token_the_levels_are_its_own_embedding_and_its_type() -> None:
    rows = [probe("full", 0, 0.5), probe("words", None, 0.625), probe("embeddings", None, 0.5)]
    (panel,) = panels(replace(STUDY, tokens=9), answers(layers=[layer(0, None, None)], measures=rows))
    assert panel.levels == {"chance": 0.25, "token types": 0.625, "its own embedding": 0.5}


def test_of_tokens_the_control_line_is_not_of_shuffled_labels() -> None:
    rows = [probe("full", 0, 0.5), probe("control", 0, 0.25)]
    (panel,) = panels(replace(STUDY, tokens=9), answers(layers=[layer(0, None, None)], measures=rows))
    assert list(panel.lines) == ["full activations", "random labels by token type"]


def test_how_much_other_fits_agree_is_a_panel_where_there_were_refits() -> None:
    known = {"refits": 0.5, "refits_low": 0.25, "refits_high": 0.75, "unchained": 0.375}
    rows = [
        {"layer": 0, **known, "straight": 1.0, "straight_unchained": 0.625},
        {"layer": 1, **known, "straight": None, "straight_unchained": None},
    ]
    (panel,) = panels(STUDY, answers(**{"layers": [layer(0, None, None)], "atlas-quality": rows}))
    assert panel.lines == {
        "refits": [Point(0, 0.5, 0.25, 0.75), Point(1, 0.5, 0.25, 0.75)],
        "from random starts": [Point(0, 0.375), Point(1, 0.375)],
        "next layer": [Point(0, 1.0)],
        "next layer, both from random starts": [Point(0, 0.625)],
    }
