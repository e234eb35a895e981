"""Parts that another package adds by an entry point: found by name, imported when used, never in place of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import numpy as np
import pytest

import mri
from mri_core.atlas.kinds import ATLAS_KINDS
from mri_core.atlas.spec import check_spec
from mri_core.errors import MriError, UsageError
from mri_core.records.arrays import AtlasSpec
from mri_core.registry import Registry
from mri_core.store.store import Store

SIGNS = '''
"""Two regions a layer: documents on either side of the first principal component."""

import numpy as np
from mri_core.atlas.kinds.kind import AtlasKind


class Signs(AtlasKind):
    described = "the sides of the first principal component"
    options = ("reducer", "fdr")

    def dimensions(self, spec, documents, widths):
        return 1

    def fit(self, layer, given):
        return layer

    def assign(self, layer, reduced):
        return (reduced[:, 0] > 0).astype(np.int64)

    def region_name(self, spec, code):
        return "plus" if code else "minus"

    def position(self, layer, spec, code):
        return float(code), None


SIGNS = Signs()
'''
ENTRY_POINTS = """
[llm_mri.atlases]
signs = toy_atlas:SIGNS
clusters = toy_atlas:SIGNS
broken = toy_atlas_that_is_not_there:SIGNS
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package that adds a kind of atlas, names one as ours is named, and one that does not import."""
    (tmp_path / "toy_atlas.py").write_text(SIGNS)
    about = tmp_path / "toy_atlas-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-atlas\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_declared_part_stands_after_ours_and_is_imported_when_it_is_asked_for(package: Path) -> None:
    registry = Registry("atlas", "atlases", {"clusters": "ours"})
    assert list(registry) == ["clusters", "broken", "signs"]
    assert "toy_atlas" not in sys.modules
    assert registry["signs"].described == "the sides of the first principal component"
    assert registry["clusters"] == "ours"


def test_a_part_whose_package_does_not_import_is_named_with_it(package: Path) -> None:
    registry = Registry("atlas", "atlases", {})
    with pytest.raises(MriError, match=r"'broken' comes from another package. .* of toy-atlas does not import"):
        registry["broken"]


def test_an_unknown_name_is_refused_with_the_names_there_are(package: Path) -> None:
    with pytest.raises(UsageError, match="signs"):
        Registry("atlas", "atlases", {"clusters": "ours"}).named("sings")


def test_a_part_that_is_something_else_is_refused_with_its_package(package: Path) -> None:
    with pytest.raises(MriError, match="toy_atlas:SIGNS of toy-atlas is no instance of Reducer"):
        Registry("reducer", "atlases", {}, Reducer)["signs"]


def test_a_part_has_the_version_of_its_package_and_our_own_has_none(package: Path) -> None:
    registry = Registry("atlas", "atlases", {"clusters": "ours"})
    assert registry.package_of("signs") == {"atlas": "toy-atlas 1.0"}
    assert registry.package_of("clusters") == {}


def test_two_packages_with_a_part_of_one_name_are_named(package: Path) -> None:
    about = package / "other_atlas-2.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: other-atlas\nVersion: 2.0\n")
    (about / "entry_points.txt").write_text("[llm_mri.atlases]\nsigns = other_atlas:SIGNS\n")
    with pytest.raises(MriError, match=r"'signs' comes from another package. .*other-atlas .*toy-atlas"):
        Registry("atlas", "atlases", {})["signs"]


class Reducer:
    """What the toy package does not declare."""


@pytest.fixture
def declared(package: Path) -> Iterator[None]:
    """The kinds of atlas as they are with the package."""
    ATLAS_KINDS.__dict__.pop("_declared", None)  # looked up once a process
    yield
    ATLAS_KINDS.__dict__.pop("_declared", None)


def test_a_study_is_scanned_and_shown_in_an_atlas_of_another_package(
    declared: None,
    package: Path,
    store: Store,
    store_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "activations"
    folder.mkdir()
    generator, apart = np.random.default_rng(0), 9 * (np.arange(60) >= 30)[:, None]
    for layer in range(2):
        np.save(folder / f"L{layer}.npy", (generator.normal(size=(60, 4)) + apart).astype(np.float32))
    rows = [f"text {i},{'b' if i >= 30 else 'a'}" for i in range(60)]
    (folder / "documents.csv").write_text("\n".join(["text,label", *rows]))
    mri.ingest(activations=folder, name="signs", atlas="signs", refits=3, store=store_folder)
    shown = mri.show("signs", full=True, store=store_folder)
    assert shown.facts["study"]["atlas"] == "signs"
    about = package / "toy_atlas-1.0.dist-info" / "METADATA"
    about.write_text(about.read_text().replace("1.0", "1.1"))
    ATLAS_KINDS.__dict__.pop("_declared")
    with pytest.raises(MriError, match="gave other results in another version"):
        mri.ingest(activations=folder, name="signs", atlas="signs", refits=0, store=store_folder)
    regions = mri.query("regions", study="signs", store=store_folder).rows
    assert sorted(row[0].rpartition("/")[2] for row in regions) == ["Rminus", "Rminus", "Rplus", "Rplus"]
    assert "4 regions (signs)" in " ".join(str(mri.show("signs", store=store_folder)).split())


def test_an_atlas_whose_regions_no_question_would_know_is_refused(declared: None, package: Path) -> None:
    check_spec(AtlasSpec("signs"))
    sys.modules.pop("toy_atlas")
    own = "from mri_core.atlas.kinds.kind import AtlasKind, Traits"
    source = SIGNS.replace("from mri_core.atlas.kinds.kind import AtlasKind", own)
    (package / "toy_atlas.py").write_text(
        source.replace("    described =", "    traits = Traits(chained=True)\n    described =")
    )
    invalidate_caches()
    with pytest.raises(UsageError, match="chained=True"):
        check_spec(AtlasSpec("signs"))


def test_an_atlas_of_another_package_is_fitted_and_placed_in(package: Path) -> None:
    code = """
import numpy as np
from mri_core.atlas.fitting import fit_atlas, place, region_name
from mri_core.atlas.kinds import traits_of
from mri_core.records.arrays import Activations, AtlasSpec
rows = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
fit = fit_atlas(Activations((rows, 2 * rows)), AtlasSpec("signs"))
assert (fit.codes == place(fit.atlas, Activations((rows, 2 * rows)))).all()
assert set(fit.codes.ravel()) == {0, 1}
assert [region_name(fit.atlas.spec, code) for code in (0, 1)] == ["minus", "plus"]
assert traits_of("signs").holds_documents and not traits_of("signs").chained
"""
    done = subprocess.run([sys.executable, "-c", code], env=_environment(package), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def _environment(package: Path) -> dict[str, str]:
    root = Path(__file__).parents[2]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), str(root)])}
