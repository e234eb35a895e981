"""`mri plot`: a picture of a study as a file."""

from __future__ import annotations

from pathlib import Path

import click

from mri_core.errors import UsageError
from mri_core.store import open_store
from queries.catalog import own_catalog
from queries.runner import run
from ui.options import store_option

ENDINGS = (".png", ".svg", ".pdf")


@click.command("plot")
@click.argument("study")
@click.option("--kind", type=click.Choice(["layers"]), required=True, help="What is drawn.")
@click.option("-o", "--output", metavar="FILE", required=True, help="PNG, SVG or PDF, by its ending; replaced.")
@store_option
def command(study: str, kind: str, output: str, store: str | None) -> None:
    """Draw STUDY (a name or an id) into a file.

    layers: explained variance, entropy of the regions and divergence of the categories, layer by layer.
    """
    file = Path(output)
    if file.suffix.lower() not in ENDINGS:
        fact = f"{file.name} ends in none of them"
        raise UsageError(f"A picture's file ends in {', '.join(ENDINGS)}", fact, "Choose another name")
    with open_store(store, create=False) as opened:
        found = opened.study(study)
        layers, divergence = (
            run(opened, own_catalog().get(name), {"study": found.id}).records() for name in ("layers", "divergence")
        )
    from ui.figures import layers_figure, save

    save(layers_figure(layers, divergence), file)
    click.echo(f"Wrote {file}.")
