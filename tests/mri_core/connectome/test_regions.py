"""Regions and layers as the graph describes them, by a fit whose truth is planted."""

import numpy as np
import pytest

from mri_core.atlas.fitting import fit_atlas
from mri_core.connectome.counting import build_connectome
from mri_core.connectome.regions import describe_layers, describe_regions
from mri_core.records.arrays import Activations, AtlasSpec
from mri_core.texts.keywords import count_words

LABELS = ("animal", "mineral")


@pytest.fixture
def planted():
    """Two groups of documents far apart: 30 animals and 10 minerals here, 20 minerals there; what each text is."""
    generator = np.random.default_rng(4)
    group = np.repeat([0, 1], [40, 20])
    category = np.repeat([0, 1, 1], [30, 10, 20])
    rows = generator.normal(size=(60, 8)).astype("float32") + 20 * group[:, None]
    words = [("forest river bird", "quarry stone dust")[here] for here in group]
    return Activations((rows, rows + 1)), category, words


def described(planted, spec, with_words=True):
    activations, category, words = planted
    fit = fit_atlas(activations, spec)
    connectome = build_connectome(fit.codes, category, 2)
    counts = count_words(words) if with_words else None
    return fit, connectome, describe_regions(fit, connectome, LABELS, counts)


def test_regions_have_the_documents_the_entropy_and_the_category_of_their_members(planted):
    _, _, regions = described(planted, AtlasSpec(clusters=2))
    assert [(region.layer, region.name, region.documents) for region in regions] == [
        (0, "0", 40),
        (0, "1", 20),
        (1, "0", 40),
        (1, "1", 20),
    ]
    assert [region.dominant_category for region in regions] == ["animal", "mineral"] * 2
    share = np.array([1, 1 / 3]) / (4 / 3)  # all animals and a third of the minerals pass the first
    assert regions[0].entropy == pytest.approx(-(share * np.log2(share)).sum())
    assert regions[1].entropy == 0


def test_regions_are_told_by_the_words_of_their_own_documents(planted):
    _, _, regions = described(planted, AtlasSpec(clusters=2))
    assert set(regions[0].keywords) == {"forest", "river", "bird"}
    assert set(regions[1].keywords) == {"quarry", "stone", "dust"}
    _, _, wordless = described(planted, AtlasSpec(clusters=2), with_words=False)
    assert {region.keywords for region in wordless} == {()}


def test_exemplars_are_the_members_nearest_the_centre(planted):
    activations, _, _ = planted
    _, _, regions = described(planted, AtlasSpec(clusters=2, standardize=False))
    members = np.arange(40)
    rows = activations.layers[0][members]
    distance = np.linalg.norm(rows - rows.mean(axis=0), axis=1)
    assert list(regions[0].exemplars) == members[np.argsort(distance)[:5]].tolist()


def test_a_grid_s_regions_stand_on_their_column_and_row(planted):
    _, connectome, regions = described(planted, AtlasSpec("grid", resolution=4))
    assert len(regions) == len(connectome.region_code)
    for region in regions:
        assert region.name == f"{region.x:.0f}-{region.y:.0f}"
        assert 0 <= region.x < 4
        assert 0 <= region.y < 4


def test_a_cluster_stands_at_its_centre_in_the_first_two_dimensions(planted):
    fit, _, regions = described(planted, AtlasSpec(clusters=2))
    for region in regions:
        centre = fit.atlas.layers[region.layer].centres[int(region.name)]
        assert (region.x, region.y) == pytest.approx(tuple(centre[:2]))


def test_layers_tell_their_width_their_occupied_regions_and_the_variance_they_are_cut_from(planted):
    fit, connectome, _ = described(planted, AtlasSpec("grid", resolution=4))
    first, second = describe_layers(fit, connectome, ("embedding", "block 1"))
    assert (first.index, first.name, first.width, first.documents) == (0, "embedding", 8, 60)
    assert (second.index, second.name) == (1, "block 1")
    assert first.regions == len(set(fit.codes[:, 0]))
    rows = planted[0].layers[0]
    values = np.linalg.eigvalsh(np.corrcoef(rows.T))
    assert first.explained_variance == pytest.approx(values[-2:].sum() / 8, rel=1e-4)
