"""`mri ui`: open the web page."""

from __future__ import annotations

import click

from mri_core.store import Server, locate
from mri_core.store.server import account
from queries.catalog import load_catalog
from ui.options import store_option


@click.command("ui")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="TCP port.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Any other than loopback lets whoever reaches it read and delete the studies, and scan "
    "files of this machine.",
)
@click.option("--queries", metavar="DIR", multiple=True, help="A folder of your own questions; also MRI_QUERIES.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@store_option
def command(port: int, host: str, queries: tuple[str, ...], no_browser: bool, store: str | None) -> None:
    """Open the web page on this machine's own address."""
    from ui.serve import serve

    load_catalog(queries)  # what is wrong with a question is told here, before the page

    place = locate(store)
    if isinstance(place, Server):
        account(place)  # asked for on this terminal, not by the page
    serve(place, port, host=host, queries=queries, browser=not no_browser)
