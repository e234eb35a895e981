"""Every reading command on every kind of study ends well: an answer, or one line that says what to do."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mri_core.records.graph import Study
from mri_core.store.store import Store
from queries.catalog import own_catalog
from tests.command import Mri, Result

pytestmark = pytest.mark.engine

WIDEST = 100
OF_TWO, OF_THREE = ("calm", "wild"), ("calm", "mild", "wild")
# name: its categories, whether its documents have texts and groups, and the options of its scan
KINDS: dict[str, tuple[tuple[str, ...], bool, tuple[object, ...]]] = {
    "clusters": (OF_THREE, False, ("--refits", 2, "--fdr", "fwer", "--controls")),
    "grid": (OF_TWO, True, ("--atlas", "grid", "--reducer", "svd", "--resolution", 3, "--group", "group")),
    "parts": (OF_TWO, False, ("--atlas", "components", "--components", 2, "--reducer", "pca")),
    "parts-of-three": (OF_THREE, True, ("--atlas", "components", "--components", 2)),
}
VALUES = {"category": "calm", "versus": "wild", "region": "L0/R0", "source": "L0/R0", "target": "L1/R0"}
VALUES |= {"layer": "1", "document": "D0", "word": "calm", "other": "clusters"}


@pytest.fixture(scope="module")
def kinds(mri: Mri, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Mri:
    """A study of each kind, of 24 documents and three given layers."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, (labels, texts, options) in KINDS.items():
        _write(folder / name, labels, texts=texts)
        mri("ingest", "--activations", folder / name, "--name", name, "--quiet", *options).done()
    return mri


def _write(folder: Path, labels: tuple[str, ...], *, texts: bool) -> None:
    folder.mkdir()
    generator = np.random.default_rng(3)
    numbers = np.arange(24) % len(labels)
    shared = 3 * generator.normal(size=24)
    for layer in range(3):  # the categories part; a dimension rises from layer to layer, but falls in the first of them
        rows = generator.normal(size=(24, 4)).astype("float32")
        rows[:, 0] += 4 * numbers
        rows[:, 1:] += (shared * np.where((numbers == 0) & (layer == 1), -1, 1))[:, None]
        np.save(folder / f"L{layer}.npy", rows)
    with (folder / "documents.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "label", "group"] if texts else ["label"])
        for i, number in enumerate(numbers.tolist()):
            label = labels[number]
            table.writerow([f"a {label} text number {i}", label, f"g{i // 4}"] if texts else [label])


def _commands(study: Study, folder: Path) -> Iterator[tuple[object, ...]]:
    name = study.name
    for json in ((), ("--json",)):
        for command in ("show", "metrics"):
            yield (command, name, *json)
    yield ("compare", name, "calm", "wild")
    yield ("probe", name, "--splits", 2, "--quiet")
    yield ("studies",)
    for kind in ("layers", "heatmap", "graph", "compare"):
        yield (
            "plot",
            name,
            "--kind",
            kind,
            *(("--category", "calm") if kind == "compare" else ()),
            "-o",
            folder / "a.svg",
        )
    for question in own_catalog():
        options = [
            (p.option, VALUES.get(p.name, name)) for p in question.parameters if p.required and p.name != "study"
        ]
        own = [name] if any(p.name == "study" for p in question.parameters) else []
        yield ("query", question.name, *own, *(part for option in options for part in option))


def _ends_well(result: Result) -> bool:
    if result.status == 0:
        return True
    rule = result.refusal()
    return result.status in (1, 2) and len(rule.split(". ")) > 1


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] * (kind != "clusters")) for kind in KINDS]
)
def test_every_command_answers_or_refuses_in_one_line(kinds: Mri, store: Store, kind: str, tmp_path: Path) -> None:
    for arguments in _commands(store.study(kind), tmp_path):
        result = kinds(*arguments)
        assert _ends_well(result), (arguments, result)
        if result.status == 0 and "--json" not in arguments:
            wide = [line for line in result.out.splitlines() if len(line) > WIDEST and str(tmp_path) not in line]
            assert not wide, (arguments, wide)


def test_what_components_do_together_is_shown_and_compared(kinds: Mri) -> None:
    for name in ("parts", "parts-of-three"):
        shown = kinds("show", name, "--json").done().json
        assert shown["findings"]
        assert {row["typical"] for row in shown["findings"]} == {None}
        for way in ((), ("--full",)):
            assert "move together" in kinds("show", name, *way).done().out
        assert kinds("compare", name, "calm", "wild", "--json").done().json["categories"] == ["calm", "wild"]
