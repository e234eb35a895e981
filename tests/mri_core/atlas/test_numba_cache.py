"""UMAP in installations that cannot be written to: numba is given a folder for what it compiles."""

import os
import subprocess
import sys

import pytest

from mri_core.atlas.reducers import numba_cache
from mri_core.errors import MriError

IMPORT = """
import tempfile
from pathlib import Path
from mri_core.atlas.reducers import numba_cache

writable = numba_cache._writable
numba_cache._writable = lambda folder: folder.name != "__pycache__" and writable(folder)
numba_cache.prepare_cache()
import numba

@numba.njit(cache=True)
def one():
    return 1

one()
assert one.stats.cache_misses, "nothing was stored"
print(numba.config.CACHE_DIR, any(Path(numba.config.CACHE_DIR).rglob("*.nbi")))
"""


@pytest.mark.compiles
def test_what_is_compiled_is_stored_below_the_cache_where_the_installation_is_read_only(tmp_path):
    pytest.importorskip("numba")
    script = tmp_path / "script.py"  # numba stores what comes from a file
    script.write_text(IMPORT)
    environment = {key: value for key, value in os.environ.items() if key != numba_cache.VARIABLE}
    environment |= {
        "MRI_CACHE": str(tmp_path / "cache"),
        "HOME": "/proc/nohome",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    told = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=True).stdout
    assert told.split() == [str(tmp_path / "cache" / "numba"), "True"]


def test_a_folder_that_is_named_is_used_as_it_is(monkeypatch):
    monkeypatch.setenv(numba_cache.VARIABLE, "/named/by/the/user")
    numba_cache.prepare_cache()
    assert os.environ[numba_cache.VARIABLE] == "/named/by/the/user"


def test_where_nothing_can_be_written_one_line_says_which_variables_help(monkeypatch, tmp_path):
    (tmp_path / "file").touch()  # no folder can be made below a file, whoever tries
    monkeypatch.setenv("MRI_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    with pytest.raises(MriError, match=r"UMAP needs a folder that can be written to.*Set NUMBA_CACHE_DIR or MRI_CACHE"):
        numba_cache._folder()
