"""`mri ui`: open the web page."""

from __future__ import annotations

from pathlib import Path

import click

from mri_core.store import Server, locate
from mri_core.store.bolt.server import account
from queries.catalog import load_catalog
from ui.cli.options import store_option


@click.command("ui")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="TCP port.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. On any other than loopback one signs in, and no file of this machine can be named.",
)
@click.option(
    "--base-path",
    metavar="PATH",
    help="Where the page lies behind a proxy, as /lab/mri; else STREAMLIT_SERVER_BASE_URL_PATH, or Streamlit's "
    "config.toml.",
)
@click.option(
    "--sign-in/--no-sign-in",
    default=None,
    help="Sign in with a token: MRI_UI_TOKEN for editors and MRI_UI_VIEWER_TOKEN for viewers, else two that are made "
    "and printed; or with an account, where Streamlit's secrets.toml configures one. Default: where others reach the "
    "page, or a token is set.",
)
@click.option("--read-only", is_flag=True, help="Scan and delete nothing, whoever asks.")
@click.option("--live", is_flag=True, help="Live scan for viewers too, and with --read-only.")
@click.option(
    "--corpora",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The only folder in which corpora and models may be named by their path. Default: any path on loopback, else "
    "none: corpora are uploaded.",
)
@click.option(
    "--max-scans",
    metavar="N",
    type=click.IntRange(1),
    help="Scans and interventions that may run at a time. Default: any number on loopback, else 2.",
)
@click.option("--queries", metavar="DIR", multiple=True, help="A folder of your own questions; also MRI_QUERIES.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@store_option
def command(
    port: int,
    host: str,
    base_path: str | None,
    queries: tuple[str, ...],
    no_browser: bool,
    store: str | None,
    sign_in: bool | None,
    read_only: bool,
    live: bool,
    corpora: Path | None,
    max_scans: int | None,
) -> None:
    """Open the web page on this machine's own address."""
    from ui.web.serve import serve
    from ui.web.sharing import Sharing, checked_folder

    load_catalog(queries)  # what is wrong with a question is told here, before the page

    place = locate(store)
    if isinstance(place, Server):
        account(place)  # asked for on this terminal, not by the page
    serve(
        place,
        port,
        host=host,
        base_path=base_path,
        queries=queries,
        browser=not no_browser,
        sharing=Sharing(
            sign_in=sign_in, read_only=read_only, live=live, corpora=checked_folder(corpora), max_scans=max_scans
        ),
    )
