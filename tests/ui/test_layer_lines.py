"""What is known of a study layer by layer."""

from __future__ import annotations

from typing import Any

from mri_core.records import Study, Table
from tests.planted import planted_graph
from ui.layer_lines import Point, panels

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


def test_a_probed_study_has_lines_for_what_was_read_and_levels_for_words_and_chance() -> None:
    rows = [probe(what, i, 0.5 + i / 10) for what in ("control", "full", "regions") for i in range(2)]
    rows += [probe("regions", 2, None), probe("words", None, 0.625)]
    (panel,) = panels(STUDY, answers(layers=[layer(0, None, None)], measures=rows))
    assert list(panel.lines) == ["full activations", "regions", "shuffled labels"]
    assert panel.lines["regions"] == [Point(0, 0.5, 0.4, 0.6), Point(1, 0.6, 0.5, 0.7)]
    assert panel.levels == {"chance": 0.25, "bag of words": 0.625}
