"""The formats of an export by name, and what writes a study in one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from mri_core.errors import UsageError, unknown_name
from mri_core.export.earlier import Ours, begins, check_ending, is_bundle, is_table
from mri_core.export.elements import GRAPH, TABLES
from mri_core.export.placing import check, placed
from mri_core.export.shared import Annotated, Part
from mri_core.store.contents import Contents

BUNDLE, NETWORKX = "bundle", "networkx"
REGIONS = ("Region",)  # and so, of all relationships, the connections
Write = Callable[[Contents, Path], tuple[int, int]]


class Written(NamedTuple):
    """What an export holds."""

    nodes: int
    relationships: int


@dataclass(frozen=True, slots=True)
class Form:
    """A format.

    Attributes:
        what: it is, in a few words.
        writer: module and name of the function that writes a study to a path, and returns the number of nodes and of
            relationships; imported when it is needed.
        whole: whether it always has everything that a study owns, its atlas too.
        ours: whether a file that is there is an earlier export in this format; of a folder, one of its files.
        endings: that its file may have; the first is the usual one.
        members: the files of a folder; none of a format of one file.
    """

    what: str
    writer: str
    ours: Ours
    endings: tuple[str, ...]
    whole: bool = False
    members: tuple[str, ...] = ()

    def write(self, contents: Contents, path: Path) -> Written:
        """Writes a study."""
        module, _, name = self.writer.partition(":")
        write: Write = getattr(import_module(module), name)
        return Written(*write(contents, path))


FORMS = {
    "graphml": Form(
        "GraphML, for Cytoscape, igraph, networkx, yEd",
        "mri_core.export.network:write_graphml",
        begins(b"<?xml", b"<graphml ", b'<key id="n0" for="node" attr.name="node_type"'),
        (".graphml", ".xml"),
    ),
    "gexf": Form(
        "GEXF, for Gephi",
        "mri_core.export.network:write_gexf",
        begins(b"<?xml", b"<gexf ", b"<creator>LLM-MRI Graph</creator>"),
        (".gexf", ".xml"),
    ),
    "csv": Form(
        "a folder of tables: nodes, relationships, measures",
        "mri_core.export.tables:write_csv",
        is_table,
        (),
        members=tuple(f"{table}.csv" for table in TABLES),
    ),
    "parquet": Form(
        "the same tables with types",
        "mri_core.export.tables:write_parquet",
        is_table,
        (),
        members=tuple(f"{table}.parquet" for table in TABLES),
    ),
    "json": Form(
        "node-link JSON, for networkx, D3",
        "mri_core.export.network:write_json",
        begins(b'{"directed": true, "multigraph": true, "graph": {"study": "'),
        (".json",),
    ),
    "cypher": Form(
        "a script for a fresh Neo4j",
        "mri_core.export.script:write_cypher",
        begins(b"// Study ", b": makes it in a Neo4j that does not have it\n"),
        (".cypher", ".cql", ".txt"),
        whole=True,
    ),
    BUNDLE: Form(
        "one file for another store (mri import)",
        "mri_core.export.bundle:write_bundle",
        is_bundle,
        (".mri", ".zip"),
        whole=True,
    ),
}


def check_export(name: str, target: Path, *, regions_only: bool = False, replace: bool = False) -> None:
    """Raises `UsageError` where nothing can be exported so; to be called before a store is opened.

    Args:
        name, target, regions_only, replace: as of `export`.
    """
    form = form_named(name)
    if regions_only and form.whole:
        raise UsageError(f"A {name} export holds a whole study", "Regions alone are wanted", "Choose another format")
    check_ending(target, (*form.endings, *(f".{name}" for _ in form.members[:1])), f"and this is a {name} export")
    check(target, form.members, ours=None if replace else form.ours)


def export(
    contents: Contents, name: str, target: Path, *, regions_only: bool = False, replace: bool = False
) -> Written:
    """Writes a study to a file or a folder, which is there when it is complete, or not at all.

    Args:
        contents: the study, as `mri_core.export.shared.Shared` gives it away.
        name: of the format, one of `FORMS`.
        target: the file or folder; one that an earlier export in this format made is replaced.
        regions_only: regions and their connections, and nothing else.
        replace: whatever file is there.

    Raises:
        UsageError: there is no such format, or nothing may be written there.
        StoreError: the study was changed or deleted meanwhile.
        MriError: it cannot be written.
    """
    check_export(name, target, regions_only=regions_only, replace=replace)
    form = form_named(name)
    with placed(target, form.members, ours=None if replace else form.ours) as path:
        written = form.write(contents if form.whole else part_of(contents, regions_only=regions_only), path)
        contents.check_unchanged()
        return written


def part_of(contents: Contents, *, regions_only: bool) -> Part:
    """What the formats of other programs hold of a study: its graph, or its regions and connections alone."""
    return Part(Annotated(contents), REGIONS if regions_only else GRAPH)


def form_named(name: str) -> Form:
    """The format of a name; raises `UsageError` where there is none."""
    if name == NETWORKX:
        rule = "A networkx graph is no file: as one it would be a pickle, which runs code when it is read"
        raise UsageError(rule, "", "In a notebook: mri.to_networkx(STUDY). As a file: graphml, which networkx reads")
    if name not in FORMS:
        raise unknown_name("format", name, FORMS)
    return FORMS[name]
