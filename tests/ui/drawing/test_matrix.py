"""Every page over every kind of study: none ends in an exception, and the study stays chosen from page to page."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.notebook import ingest
from mri_core.store import VARIABLE
from mri_core.store.store import Store
from tests.engines import Engine
from tests.planted import HOSTILE, planted_graph, with_evidence
from tests.ui.page import box, start, words
from ui.drawing.view import TABS

pytestmark = pytest.mark.engine

PLAIN = ("a", "b", "c")
KINDS: dict[str, dict[str, Any]] = {
    "clusters": {"clusters": 3, "refits": 2},
    "grid": {"atlas": "grid", "resolution": 3},
    "components": {"atlas": "components", "components": 2},
    "two": {"clusters": 3, "labels": PLAIN[:2]},
    "grouped": {"clusters": 3, "group": "group"},
    "hostile": {"clusters": 3, "labels": HOSTILE[:3]},
}
PAGES: list[tuple[str, dict[str, str]]] = [
    ("studies.py", {}),
    *(("scan.py", {"tab": tab}) for tab in TABS),
    ("compare.py", {"tab": "categories"}),
    ("compare.py", {"tab": "studies"}),
    ("questions.py", {}),
    ("questions.py", {"cypher": ""}),
    ("questions.py", {"question": "probes"}),
    ("documents.py", {}),
    ("live.py", {}),
    ("trust.py", {}),
]


def given(folder: Path, labels: tuple[str, ...] = PLAIN) -> Path:
    """Activations of 24 documents in 3 layers; the first axis tells their labels, 6 of which share a group."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for layer in range(3):
        rows = random.normal(size=(24, 4))
        rows[:, 0] += 3 * (np.arange(24) % len(labels))
        np.save(folder / f"L{layer}.npy", rows.astype(np.float32))
    with (folder / "documents.csv").open("w", newline="", encoding="utf-8") as file:
        lines = [("label", "text", "group")]
        lines += [(labels[i % len(labels)], f"text {i} of {i % 3}", f"g{i // 6}") for i in range(24)]
        csv.writer(file).writerows(lines)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _studies(store: Store, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("matrix")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRI_CACHE", str(folder / "cache"))
        patch.setenv(VARIABLE, engine.location)
        for name, kind in KINDS.items():
            choices = {"refits": 0, **kind}
            rows = given(folder / name, tuple(choices.pop("labels", PLAIN)))
            ingest(name=name, activations=rows, store=engine.location, **choices)
        for site in ("attention", "mlp"):
            store.write(with_evidence(planted_graph(site, site=site, seed=len(site))))
        store.write(planted_graph("untested", seed=3))
        yield
    for study in store.studies():
        store.delete(study)


@pytest.mark.parametrize(
    "name",
    [
        *("clusters", "components", "hostile"),
        *(
            pytest.param(more, marks=pytest.mark.slow)
            for more in ("grid", "two", "grouped", "attention", "mlp", "untested")
        ),
    ],
)
def test_every_page_shows_every_kind_of_study(name: str) -> None:
    page = start()
    for file, address in PAGES:
        page.switch_page(file)
        page.query_params.clear()
        page.query_params.update({"study": name, **address})
        page.run()
        assert not page.exception, (file, address, page.exception)
        assert "This did not work." not in [error.value for error in page.error], (file, address, words(page))
        links = {link.proto.query_string for link in page.get("page_link")}
        assert all(f"study={name}" in link for link in links)
        assert len(links) == 1


def test_a_study_that_is_gone_gives_way_to_the_newest_with_a_line() -> None:
    page = start().switch_page("trust.py")
    page.query_params["study"] = "no-such"
    page.run()
    newest = box(page, "Study").value
    assert "No study is called 'no-such'" in words(page)
    assert f"Shown is the newest study, {newest}." in words(page)
    assert page.query_params["study"] == newest


def test_what_is_chosen_of_a_study_goes_along_while_the_study_stays() -> None:
    page = start().switch_page("scan.py")
    page.query_params["study"] = "clusters"
    page.query_params["other"] = "grid"
    page.run()
    box(page, "Category").select("b").run()
    assert {page.query_params[name] for name in ("study", "category", "other")} == {"clusters", "b", "grid"}
    page.switch_page("documents.py").run()
    page.query_params.update({"study": "clusters", "category": "b", "other": "grid"})
    page.run()
    assert box(page, "Category").value == "b"
    box(page, "Study").select("two").run()
    assert dict(page.query_params) == {"study": "two"}
