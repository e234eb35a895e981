"""`mri ui`: open the web page."""

from __future__ import annotations

import click

from mri_core.store import Server, locate
from mri_core.store.server import account
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
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@store_option
def command(port: int, host: str, no_browser: bool, store: str | None) -> None:
    """Open the web page on this machine's own address."""
    from ui.serve import serve

    place = locate(store)
    if isinstance(place, Server):
        account(place)  # asked for on this terminal, not by the page
    serve(place, port, host=host, browser=not no_browser)
