"""The examples of `import mri`: each docstring's is run on a small study, and a script that calls them is typed."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import mri
from mri_core.store.store import Store

ROOT = Path(__file__).parents[1]
FUNCTIONS = [name for name in mri.__all__ if inspect.isfunction(getattr(mri, name))]
READS_A_MODEL = ("ingest", "intervene", "explain", "driving_tokens", "token_places")
LASTS = ("import_bundle", "intervene")  # the first starts an engine for its other store
SENTENCES = {
    "cats": ("The cat {} on the sofa.", "A kitten {} after the mouse.", "Her cat {} at the fish."),
    "law": ("The court {} the appeal.", "A judge {} the defendant.", "The lawyer {} the contract."),
}
VERBS = ("looked", "turned", "waited", "called", "heard", "moved", "played", "signed", "read", "ended")
SCRIPT = """\
from pathlib import Path

import mri

made = mri.ingest("news.csv", name="demo", label=("topic", "tone"), pooling="last", clusters=4, store="studies")
study: mri.Study = made.study
names: list[str] = [each.name for each in mri.studies(store="studies")]
answer: mri.Result = mri.query("hubs", study=study, limit=5)
rows: mri.Result = mri.cypher("RETURN 1 AS one", study="demo")
print(mri.show("demo"))
said: str = mri.name("demo", "L1/R0", "cats", note="all of them").name
notes: list[str] = [given.note for given in mri.names("demo")]
picture: Path = mri.plot("demo", "graph.png", categories="cats")
page: Path = mri.report("demo", "demo.html")
findings: int = len(mri.compare("demo", "cats", "law").rows)
compared = mri.compare_studies("demo", "tuned", shams=["sham"])
replicated: int = int(mri.confirm("demo", "later.csv", plan="plan.json", limit=50).result.replicated.sum())
causal: list[float | None] = [one.q for one in mri.intervene("demo", findings=3, add=[0.5, 1], swap="largest")]
parts: list[float] = [layer.total for layer in mri.explain("demo", document="D1", layer=3).layers]
placed: list[tuple[str, ...]] = [token.regions for token in mri.token_places("words", text="a text").tokens]
driving: list[str | None] = [measure.other for measure in mri.driving_tokens("demo", documents=100)]
shared: list[int] = [match.shared for match in mri.match("demo", "other").matches]
values: list[float | None] = [m.value for m in (*mri.probe("demo", splits=2), *mri.metrics("demo"))]
file: Path = mri.export("demo", "bundle", "demo.mri", excerpts=False)
address: str = mri.push_to_hub("demo", "hf://me/demo", public=True)
brought: mri.Study = mri.import_bundle(file, replace=True, store="other-store")
nodes: int = len(mri.to_networkx("demo", regions_only=True))
viewed: mri.StudyView = mri.study("demo")
frames: list[int] = [len(viewed.regions), len(viewed.documents), len(viewed.place(["a text"]).columns)]
states: float = float(viewed.activations(0).mean())
shown: Path = viewed.plot("layers").save("layers.pdf")
with mri.open_store() as store:
    documents: int = store.study("demo").documents
deleted: mri.Study = mri.delete("demo")
try:
    mri.ingest("news.csv", name="demo", clusters="many")  # type: ignore[arg-type]
    mri.ingest("news.csv", name="demo", poling="mean")  # type: ignore[call-arg]
    mri.ingest("news.csv")  # type: ignore[call-arg]
except mri.MriError as error:
    print(error.rule)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `news.csv`, thirty sentences of each of two kinds, and with activations of the same."""
    folder = tmp_path_factory.mktemp("examples")
    rows = [f"{form.format(verb)},{label}" for label, forms in SENTENCES.items() for form in forms for verb in VERBS]
    (folder / "activations").mkdir()
    for file in ("news.csv", "activations/documents.csv"):
        (folder / file).write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    (folder / "later").mkdir()
    later = [f"{row.replace('.', ' at last and not once before that evening.')}" for row in rows]
    (folder / "later" / "documents.csv").write_text("\n".join(["text,label", *later]), encoding="utf-8")
    generator, apart = np.random.default_rng(0), 9 * (np.arange(60) >= 30)[:, None]
    for layer in range(2):
        states = generator.normal(size=(60, 4)) + apart
        np.save(folder / "activations" / f"L{layer}.npy", states.astype(np.float32))
        np.save(folder / "later" / f"L{layer}.npy", (states + 0.1).astype(np.float32))
    return folder


@pytest.fixture
def demo(corpus: Path, store: Store, store_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The study `demo` in the store that is asked unless another is named, and `news.csv` in the current folder."""
    monkeypatch.chdir(corpus)
    monkeypatch.setenv("MRI_STORE", str(store_folder))
    monkeypatch.setenv("MRI_CACHE", str(corpus / "cache"))
    mri.ingest(activations="activations", name="demo", clusters=4, refits=0)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=[pytest.mark.model] * (name in READS_A_MODEL) + [pytest.mark.slow] * (name in LASTS),
        )
        for name in FUNCTIONS
    ],
)
def test_the_example_of_a_function_does_what_it_shows(name: str, demo: None, tidy: None) -> None:
    function = getattr(mri, name)
    example = doctest.DocTestParser().get_doctest(inspect.getdoc(function) or "", {"mri": mri}, name, None, None)
    assert example.examples, f"mri.{name} has no example"
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert not said, "".join(said)


@pytest.mark.slow  # where `make lint` has not filled mypy's cache
def test_a_script_that_calls_every_function_has_their_types(tmp_path: Path) -> None:
    assert all(f"mri.{name}(" in SCRIPT for name in FUNCTIONS)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    checked = [sys.executable, "-m", "mypy", script]  # as strictly as ours, and with its cache
    done = subprocess.run(checked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_room_says_that_it_is_typed() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert "py.typed" in setup["setuptools"]["package-data"]["*"]
    for room in setup["mypy"]["packages"]:
        assert (ROOT / room / "py.typed").exists(), room
