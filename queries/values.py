"""Values of parameters: from what a person typed to what a statement gets."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import cast

from mri_core.errors import UsageError, unknown_name
from mri_core.records.graph import Study
from mri_core.records.ids import document_id, local_id
from mri_core.store.reading import Named, Readable
from queries.fields import OF_A_STUDY, Parameter

LARGEST_INTEGER = 2**63 - 1  # of Cypher
LARGEST_COUNT = 10**9  # of rows: the embedded engine cuts larger ones to 32 bits
COUNTS = ("limit", "routes", "skip")
_PLACE = re.compile(r"D(0|[1-9][0-9]{0,17})")  # how a document's id ends
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}

_CATEGORIES = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category)
RETURN c.name AS name
"""
_REGION = """
MATCH (r:Region {llm_mri: true, id: $region, study: $study})
RETURN r.id AS id
"""
_DOCUMENT = """
MATCH (d:Document {llm_mri: true, id: $document})
RETURN d.id AS id
"""
_OF_OWN_ID = """
MATCH (d:Document {llm_mri: true, study: $study})
WHERE d.source_id = $name
RETURN d.ordinal AS ordinal ORDER BY d.ordinal LIMIT 2
"""
_REGIONS = """
MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(r:Region)
RETURN r.id AS id
"""


def coerce(parameter: Parameter, value: object) -> object:
    """The value in the parameter's type. Text is read as the type says.

    Raises:
        UsageError: it cannot be.
    """
    reader, expected = _READERS.get(parameter.type, (_text, "text"))
    found = reader(value)
    if found is None:
        raise _refused(parameter, f"must be {expected}", value)
    if parameter.choices and found not in parameter.choices:
        raise _refused(parameter, f"must be one of {', '.join(parameter.choices)}", value)
    if parameter.name in COUNTS and isinstance(found, int) and not 0 <= found <= LARGEST_COUNT:
        raise _refused(parameter, f"must be 0 or more, and at most {LARGEST_COUNT}", value)
    return found


def studies_of(store: Readable, parameters: Sequence[Parameter], typed: Mapping[str, object]) -> dict[str, Study]:
    """The studies that typed values name, by the names of their parameters.

    Raises:
        UsageError: there is none of that name; or two values that are to differ are the same.
    """
    _refuse_twins(parameters, typed)
    named = {p.name: typed[p.name] for p in parameters if p.type == "study" and typed[p.name] is not None}
    return {name: store.study(cast("Named", value)) for name, value in named.items()}


def resolve(
    store: Readable, parameters: Sequence[Parameter], typed: Mapping[str, object], studies: Mapping[str, Study]
) -> dict[str, object]:
    """Typed values as a statement gets them: studies and what they hold by id, each known to be there.

    Args:
        store: where the studies are.
        parameters: of the question.
        typed: values of all of them.
        studies: that these name, as of `studies_of`.

    Raises:
        UsageError: a study does not hold it; near names are told.
    """
    resolved = {**typed, **{name: study.id for name, study in studies.items()}}
    for parameter in parameters:
        value = typed[parameter.name]
        if parameter.type in OF_A_STUDY and value is not None:
            resolved[parameter.name] = _RESOLVERS[parameter.type](store, list(studies.values()), parameter, value)
    return resolved


def _refuse_twins(parameters: Sequence[Parameter], typed: Mapping[str, object]) -> None:
    """Of one study, categories that are compared are different; of two studies the same one may be."""
    if any(parameter.name == "other" for parameter in parameters):
        return
    options: dict[object, str] = {}
    for parameter in parameters:
        value = typed[parameter.name]
        if parameter.type == "category" and value is not None:
            before = options.setdefault(value, parameter.option)
            if before != parameter.option:
                fact = f"{before} and {parameter.option} are both {value!r}"
                raise UsageError("A category is compared with another one", fact)


def _text(value: object) -> str | None:
    """Text that can be sent: bytes of a command line that are no text in the locale's encoding cannot."""
    return value if isinstance(value, str) and not re.search("[\ud800-\udfff]", value) else None


def _int(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,19}\s*", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, Integral):
        return None
    return int(value) if abs(int(value)) <= LARGEST_INTEGER else None


def _float(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        return None
    return float(value)


def _bool(value: object) -> bool | None:
    if isinstance(value, str):
        return TRUTHS.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _study(value: object) -> object:
    """A name, an id, or what has the id of a study, which the store looks for."""
    return value if isinstance(getattr(value, "id", None), str) else _text(value)


_READERS: dict[str, tuple[Callable[[object], object], str]] = {
    "study": (_study, "the name or id of a study"),
    "int": (_int, "a whole number"),
    "layer": (_int, "the index of a layer, a whole number"),
    "float": (_float, "a number"),
    "bool": (_bool, "true or false"),
}


def _refused(parameter: Parameter, rule: str, value: object) -> UsageError:
    return UsageError(f"{parameter.option} {rule}", f"It is {value!r}", f"It stands for: {parameter.description}")


def _category(store: Readable, studies: Sequence[Study], parameter: Parameter, value: object) -> str:
    names = {row[0] for study in studies for row in store.read(_CATEGORIES, {"study": study.id}).rows}
    if value not in names:
        raise unknown_name("category", str(value), names)
    return str(value)


def _region(store: Readable, studies: Sequence[Study], parameter: Parameter, value: object) -> str:
    """A region by its id, or by its layer and name in the study: `L3/R5`."""
    for study in studies:
        for region in (str(value), f"{study.id}/{value}"):
            if store.read(_REGION, {"region": region, "study": study.id}).rows:
                return region
    known = [local_id(study.id, row[0]) for study in studies for row in store.read(_REGIONS, {"study": study.id}).rows]
    raise unknown_name("region", str(value).removeprefix(f"{studies[0].id}/"), known)


def _document(store: Readable, studies: Sequence[Study], parameter: Parameter, value: object) -> str:
    """A document by its id, which is of no other, else by its place in the corpus, `D12`, or its own id there."""
    name = str(value)
    for study in studies:
        place = _place_of(study, name)
        if place is not None and name.startswith(f"{study.id}/"):
            return _in_graph(store, study, place)
        own = [int(row[0]) for row in store.read(_OF_OWN_ID, {"study": study.id, "name": name}).rows]
        fitting = sorted({*own} if place is None else {place, *own})
        if len(fitting) > 1:
            raise _of_several(study, name, place, fitting)
        if fitting:
            return _in_graph(store, study, fitting[0])
    fact = f"{studies[0].name} has D0 to D{studies[0].documents - 1}, and no such id of its corpus"
    raise UsageError(f"No document is called {name!r}", fact)


def by_place(study: Study, name: str) -> str:
    """The full id of a document named by its place (`D12` may be another's own id too); any other name as it is."""
    place = _place_of(study, name)
    return name if place is None else document_id(study.id, place)


def _place_of(study: Study, name: str) -> int | None:
    match = _PLACE.fullmatch(local_id(study.id, name))
    return int(match[1]) if match and int(match[1]) < study.documents else None


def _of_several(study: Study, name: str, place: int | None, fitting: Sequence[int]) -> UsageError:
    shared = "is the own id of more than one" if place is None else "is the place of one and the own id of another"
    keys = " or ".join(document_id(study.id, ordinal) for ordinal in fitting)
    return UsageError(
        "A document's name is that of one document", f"{name!r} {shared}", f"Give the full id of one, {keys}, instead"
    )


def _in_graph(store: Readable, study: Study, ordinal: int) -> str:
    """The id of a document, which the graph may lack where it holds a sample."""
    key = document_id(study.id, ordinal)
    if study.stored and not store.read(_DOCUMENT, {"document": key}).rows:
        rule, fact = "A question is about a document in the graph", f"{study.stored}, others than D{ordinal}"
        raise UsageError(rule, fact, "The file of all documents beside the store has its regions")
    return key


def _layer(store: Readable, studies: Sequence[Study], parameter: Parameter, value: object) -> object:
    layers = max(study.layers for study in studies)
    if not 0 <= int(str(value)) < layers:
        raise _refused(parameter, f"must be one of the layers, from 0 to {layers - 1}", value)
    return value


_RESOLVERS = {"category": _category, "region": _region, "document": _document, "layer": _layer}
