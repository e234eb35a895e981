"""The documentation as a site: `make docs`, or `python -m docs.build` from the root of a checkout, writes `site/`.

The pages are those of `docs/`, and what else of the repository they lead to. They are written for GitHub, where a link
names a file, wherever it lies. Here they are gathered in one folder, their links turned to it; Zensical makes the site
(`mkdocs.yml`), and then every link of the site is followed, but for those that leave it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docs.notebooks import as_page

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
GATHERED = ROOT / "build" / "documentation"
SITE = ROOT / "site"
ELSEWHERE = {  # pages outside docs/, by the names that they have on the site
    ROOT / "README.md": "index.md",
    ROOT / "CONTRIBUTING.md": "contributing.md",
    ROOT / "CHANGELOG.md": "changelog.md",
    ROOT / "findings" / "README.md": "findings.md",
}
NOTEBOOK = ".ipynb"  # a page of the site by the same name
NOT_PUBLISHED = {".py"}  # scripts of docs/
NOT_FOUND = "404.html"  # its links begin at a server's root
FENCED = re.compile(r"(^ *```.*?^ *```$)", flags=re.MULTILINE | re.DOTALL)
PIPED = re.compile(
    r"`([^`\n]*\\\|[^`\n]*)`"
)  # code in a table: to GitHub \| is a pipe there, to Zensical a backslash too
LINK = re.compile(r"(?<=\]\()(?P<file>[^)#:\s]+)(?P<anchor>#[^)\s]*)?(?=\))")


def main() -> None:
    """Builds the site; ends with status 1 where a link leads nowhere."""
    gather()
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "--clean"]
    made = subprocess.run(  # noqa: S603  # the generator of this environment
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if made.returncode or "griffe: " in made.stdout:  # what is wrong with a docstring is no error to --strict
        sys.exit(made.stdout)
    broken = list(broken_links(SITE))
    if broken:
        sys.exit("\n".join(["Links that lead nowhere:", *broken]))
    print(f"{SITE.relative_to(ROOT)}/index.html")


def gather() -> None:
    """Fills the folder that the site is made of."""
    shutil.rmtree(GATHERED, ignore_errors=True)
    pages = {file: _place(file) for file in sorted(DOCS.rglob("*")) if _is_published(file)}
    for file, place in {**pages, **ELSEWHERE}.items():
        target = GATHERED / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == NOTEBOOK:
            _gather_notebook(file, target)
        elif file.suffix == ".md":
            target.write_text(turned(file.read_text(encoding="utf-8"), file), encoding="utf-8")
        else:
            shutil.copyfile(file, target)


def _gather_notebook(file: Path, page: Path) -> None:
    """Writes a notebook as a page with its pictures, and the notebook itself next to it."""
    text, pictures = as_page(file)
    page.write_text(turned(text.removesuffix(own := f"({file.name})\n"), file) + own, encoding="utf-8")
    for name, content in pictures.items():
        page.with_name(name).write_bytes(content)
    shutil.copyfile(file, page.with_name(file.name))


def _is_published(file: Path) -> bool:
    return file.is_file() and file.suffix not in NOT_PUBLISHED and "__pycache__" not in file.parts


def turned(text: str, file: Path) -> str:
    """The text of a page for the site: links to files are turned to where these are there."""
    parts = FENCED.split(text)
    parts[::2] = (PIPED.sub(_piped, LINK.sub(partial(_turned_link, file), part)) for part in parts[::2])
    return "".join(parts)


def _piped(code: re.Match[str]) -> str:
    shown = escape(code[1].replace("\\|", "|")).replace("|", "&#124;")
    return f"<code>{shown}</code>"


def _turned_link(page: Path, link: re.Match[str]) -> str:
    target = (page.parent / link["file"]).resolve()
    place = os.path.relpath(_place(target), Path(_place(page)).parent)
    return Path(place).as_posix() + (link["anchor"] or "")


def _place(file: Path) -> str:
    """Where a file of the repository is on the site. A source that a page links to is copied there, as text."""
    if file in ELSEWHERE:
        return ELSEWHERE[file]
    if file.is_relative_to(DOCS):
        file = file.with_suffix(".md") if file.suffix == NOTEBOOK else file
        return file.relative_to(DOCS).as_posix()
    place = f"source/{file.relative_to(ROOT).as_posix()}.txt"
    if file.is_file():
        (GATHERED / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, GATHERED / place)
    return place  # of a file that is not there, the link is reported as broken


class _Page(HTMLParser):
    """The links of a page, and what can be linked to in it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []  # of these, what a browser fetches with the page
        self.anchors: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what a tag links to and its id."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
                if name == "src" or (tag == "link" and dict(attrs).get("rel") != "canonical"):
                    self.loads.append(value)
            elif name == "id" and value:
                self.anchors.add(value)


def broken_links(site: Path) -> Iterator[str]:
    """A line for each link of a site that leads to no file of it, or to no place in one, or loads from elsewhere."""
    files = (file for file in sorted(site.rglob("*.html")) if file.name != NOT_FOUND)
    pages = {file: _Page(file) for file in files}
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc:
                if link in page.loads:
                    yield f"{file.relative_to(site)}: {link} is loaded from elsewhere"
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                yield f"{file.relative_to(site)}: {link}"


if __name__ == "__main__":
    main()
