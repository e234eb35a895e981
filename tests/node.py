"""Programs of Node.js that read our files: pinned packages, installed once for all sessions, outside the repository."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from platformdirs import user_cache_path

READERS = Path(__file__).parent / "mri_core" / "export" / "readers"
LOCKED = "package-lock.json"


def read_by_node(file: Path) -> Any:
    """What the reader of a file's format, by its ending, finds in it; skips loudly where there is no Node.js."""
    installed = _installed()
    done = subprocess.run(
        ["node", installed / "read.mjs", file], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _installed() -> Path:
    """The folder of the packages, by the hash of what they are pinned to."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"GEPHI'S AND CYTOSCAPE'S READERS ARE NOT TESTED: there is no {program} on this machine")
    sources = [READERS / name for name in ("package.json", LOCKED, "read.mjs")]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    folder = user_cache_path("llm-mri-graph-tests", appauthor=False) / f"readers-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "complete").exists():
            for source in sources:
                shutil.copy(source, folder)
            install = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
            if done.returncode:
                reason = " ".join(done.stderr.split())[-200:]
                pytest.skip(f"GEPHI'S AND CYTOSCAPE'S READERS ARE NOT TESTED: npm cannot install them: {reason}")
            (folder / "complete").touch()
    return folder
