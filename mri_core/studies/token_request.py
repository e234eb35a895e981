"""What is asked about a text's place in a study: which layers, which region, and against which other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mri_core.atlas.fitting import region_name
from mri_core.atlas.kinds import ATLAS_KINDS, traits_of
from mri_core.errors import UsageError, unknown_name
from mri_core.numbers import is_whole
from mri_core.records.arrays import Atlas
from mri_core.records.graph import Study
from mri_core.records.ids import layer_of, local_id
from mri_core.records.units import refuse_tokens
from mri_core.store.reading import Readable
from mri_core.studies.intervention_request import REGION, ends_of
from mri_core.studies.placements import categories_of, read_placements

REFUSED: Mapping[str, Mapping[str, str]] = {  # by the kind of atlas, options and what they are for
    "grid": {
        "region": "clusters and components",
        "versus": "clusters",
        "connection": "clusters",
    },
    "components": {"versus": "clusters", "connection": "clusters"},
}


FIRST = "MATCH (r:Region {llm_mri: true, study: $study}) RETURN r.id AS id ORDER BY r.layer, r.id LIMIT 1"


class Wanted(NamedTuple):
    """What a user asks about.

    Attributes:
        layer: this one alone; None for all, or for that of the region.
        region: `L3/R5`: the cluster or component; None for the text's own.
        versus: another cluster of its layer; None for the next nearest.
        connection: `L2/R1>L3/R5`: the second region, against the one that the other categories go to from the first.
    """

    layer: int | None = None
    region: str | None = None
    versus: str | None = None
    connection: str | None = None


class Named(NamedTuple):
    """The same by numbers: layers, and codes of regions; of a connection also its two ends within the study."""

    layers: tuple[int, ...]
    code: int | None = None
    versus: int | None = None
    ends: tuple[str, str] | None = None


def ask_tokens(store: Readable, study: Study) -> str:
    """The command that lists the tokens of a region, for the first one of a study.

    Args:
        store: that holds the study.
        study: a ready scan of tokens.
    """
    return f"Run `mri query tokens-of-region --study {study.name} --region {first_region(store, study)}`"


def first_region(store: Readable, study: Study) -> str:
    """The first region of a ready study, by its layer and name: `L0/R0`."""
    return local_id(study.id, str(store.read(FIRST, {"study": study.id}).rows[0][0]))


def check_wanted(wanted: Wanted) -> None:
    """Raises `UsageError` for a layer that is no whole number, and for regions whose names are no strings."""
    layer = wanted.layer
    if layer is not None and not is_whole(layer):
        raise UsageError("A layer is a whole number", f"It is {layer!r}")
    for option in ("region", "versus", "connection"):
        name = getattr(wanted, option)
        if name is not None and not isinstance(name, str):
            raise UsageError("Regions and connections are named by strings", f"{option} is {name!r}", "Such as 'L3/R5'")


def named_of(store: Readable, study: Study, atlas: Atlas, wanted: Wanted, category: str | None) -> Named:
    """What is wanted, in an atlas.

    Args:
        store: that holds the study.
        study: a ready one.
        atlas: of it.
        wanted: by a user.
        category: of the document that is explained; None for a text that has none.

    Raises:
        UsageError: there is no such layer, region or connection, or they do not go together.
    """
    check_wanted(wanted)
    _check_kind(study, wanted)
    if wanted.connection is not None:
        if wanted.region is not None or wanted.versus is not None:
            rule = "A connection says which two regions are compared"
            raise UsageError(rule, "--region or --versus is given as well", "Leave them out")
        return _of_connection(store, study, atlas, wanted, category)
    layer = _layer_of(study, wanted)
    if layer is None:
        return Named(tuple(range(study.layers)))
    names = wanted.region, wanted.versus
    code, versus = (None if name is None else _code_of(study, atlas, layer, name) for name in names)
    if code is not None and code == versus:
        raise UsageError("A margin is between two clusters", "Both are the same", "Name another one")
    return Named((layer,), code, versus)


def _check_kind(study: Study, wanted: Wanted) -> None:
    """Raises `UsageError` for options that the study's unit or kind of atlas does not have."""
    for option in ("versus", "connection"):
        if getattr(wanted, option) is not None:
            refuse_tokens(study, f"--{option} explains the place of a whole document", "Leave it out")
    for option, meant in REFUSED.get(study.atlas, {}).items():
        if getattr(wanted, option) is not None:
            has = "a grid" if study.atlas == "grid" else study.atlas
            remedy = "Leave it out: the parts in both coordinates are shown" if has == "a grid" else "Name a --region"
            raise UsageError(f"--{option} is for {meant}", f"{study.name} has {has}", remedy)


def _layer_of(study: Study, wanted: Wanted) -> int | None:
    """The layer that is asked about; None for all."""
    regions = [name for name in (wanted.region, wanted.versus) if name is not None]
    layers = {layer_of(name) for name in regions if REGION.fullmatch(name)}
    layers |= set() if wanted.layer is None else {wanted.layer}
    if len(layers) > 1:
        fact = f"Layers {', '.join(map(str, sorted(layers)))} are named"
        raise UsageError("The regions that are compared are of one layer", fact)
    if regions and not layers:
        fact = f"{regions[0]!r} has none"
        raise UsageError("A region is named with its layer, such as L3/R5", fact, "Or give --layer")
    layer = next(iter(layers), None)
    if layer is not None and not 0 <= layer < study.layers:
        raise UsageError(f"{study.name} has layers 0 to {study.layers - 1}", f"Layer {layer} is named")
    return layer


def _code_of(study: Study, atlas: Atlas, layer: int, name: str) -> int:
    """The code of a region of a layer, by its name."""
    kind, fitted = ATLAS_KINDS.named(atlas.spec.kind), atlas.layers[layer]
    count = kind.regions(fitted) if kind.traits.holds_documents else len(fitted.components)
    codes = {f"L{layer}/R{region_name(atlas.spec, code)}": code for code in range(count or 0)}
    full = name if name.startswith("L") else f"L{layer}/{name if name.startswith('R') else f'R{name}'}"
    if full not in codes:
        raise unknown_name(f"region of {study.name}", full, codes, "Look: mri query regions")
    return codes[full]


def _of_connection(store: Readable, study: Study, atlas: Atlas, wanted: Wanted, category: str | None) -> Named:
    """A connection's second region against the one to which most of the other categories' documents go."""
    if not traits_of(study.atlas).holds_documents:
        rule, fact = "A connection is between regions that hold documents", f"Those of {study.name} do not"
        raise UsageError(rule, fact, "Name a --region")
    source, target = ends_of(str(wanted.connection))
    layer = layer_of(target)
    if wanted.layer not in (None, layer):
        raise UsageError("A connection is explained in the layer that it reaches", f"That is {layer}")
    own = _code_of(study, atlas, layer, target)
    _code_of(study, atlas, layer - 1, source)
    elsewhere = _where_others_go(store, study, source, target, category)
    return Named((layer,), own, _code_of(study, atlas, layer, elsewhere), (source, target))


def _where_others_go(store: Readable, study: Study, source: str, target: str, category: str | None) -> str:
    """The other region to which most documents of the other categories, or of all, go from the source."""
    categories = categories_of(store, study)
    read = read_placements(store, study, categories)
    regions, layer = np.array(read.local(study.id)), layer_of(target)
    reached = regions[read.placement[:, layer]]
    others = (regions[read.placement[:, layer - 1]] == source) & (reached != target)
    if category in categories:
        others &= read.labels != categories.index(category)
    names, counts = np.unique(reached[others], return_counts=True)
    if not len(names):
        whose = "no other document" if category is None else "no document of another category"
        raise UsageError(
            "A connection is compared with where other documents go",
            f"From {source} {whose} goes elsewhere than to {target}",
            f"Name the other region: --region {target} --versus",
        )
    return str(names[counts.argmax()])
