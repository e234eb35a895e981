"""`mri export`: a study as files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from ingest.progress import counter
from mri_core.errors import UsageError
from mri_core.export.formats import BUNDLE, FORMS, check_export, export, form_named
from mri_core.export.hub import Place, is_on_hub, push
from mri_core.export.shared import Shared
from mri_core.numbers import how_many
from mri_core.store import open_store
from mri_core.store.contents import StoredContents
from ui.cli.options import quiet_option, store_option
from ui.cli.progress import progress_for

HELP = """Write STUDY (a name or an id) in FORMAT, for other programs or for another store.

\b
{}

The file is there when it is complete, or not at all. The same study makes the same bytes.
""".format("\n".join(f"{name:<8}  {form.what}" for name, form in FORMS.items()))


@click.command("export", help=HELP)
@click.argument("study")
@click.argument("format")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    help="The file, or of csv and parquet the folder; one that an earlier export in FORMAT made is replaced. "
    "Of a bundle also a dataset of the Hugging Face hub, hf://OWNER/NAME.",
)
@click.option("--replace", is_flag=True, help="Replace the file whatever it holds.")
@click.option(
    "--regions-only",
    is_flag=True,
    help="Regions and the connections between them, without documents, categories, measures and the rest.",
)
@click.option(
    "--no-excerpts",
    is_flag=True,
    help="Leave out the beginnings of the texts, their titles and readers' notes; words and names of regions, ids and "
    "groups of documents stay. Folders of files are in no export.",
)
@click.option("--public", is_flag=True, help="Of a bundle on the hub: everybody may read it.")
@quiet_option
@store_option
def command(
    study: str,
    format: str,
    output: str,
    replace: bool,
    regions_only: bool,
    no_excerpts: bool,
    public: bool,
    quiet: bool,
    store: str | None,
) -> None:
    """Writes the study; the help is `HELP`."""
    how = {"regions_only": regions_only, "replace": replace}
    place = _place(format, output, public=public)
    if place is None:
        check_export(format, Path(output), **how)  # before an engine is started for it
    with open_store(store, create=False) as opened, closing(progress_for(quiet=quiet)) as progress:
        found = opened.study(study)
        report = counter(progress, f"{found.name}", "nodes and relationships")
        shared = Shared(StoredContents(opened, found), excerpts=not no_excerpts, progress=report)
        if place is None:
            written, target = export(shared, format, Path(output), **how), output
        else:
            written, target = push(shared, place, public=public)
    counts = f"{how_many(written.nodes, 'node')}, {how_many(written.relationships, 'relationship')}"
    click.echo(f"Wrote {target}: {counts}.")


def _place(format: str, output: str, *, public: bool) -> Place | None:
    """The dataset of the hub that is to be written; None for a file."""
    if not is_on_hub(output):
        if public:
            raise UsageError(
                "What is public is on the hub", f"{output} is a file", "Name a dataset: -o hf://OWNER/NAME"
            )
        return None
    form_named(format)
    if format != BUNDLE:
        raise UsageError(
            "The hub has studies as bundles", f"The format is {format}", f"mri export STUDY {BUNDLE} -o hf://…"
        )
    return Place.parse(output)
