#!/usr/bin/env bash
# ray 2.60.0.
# `ray.init(log_to_driver=False, logging_level="ERROR")` is often taken to keep the driver's output free of Ray's own lines.
# When the process of an actor ends, the raylet's report is nevertheless printed by the driver, and on standard output, not
# on standard error: a driver whose standard output is a document (JSON, CSV) writes a broken one.
# Output seen (the beginnings of the lines):
#   standard output: "(raylet) A worker died or was killed while executing a task by an unexpected system error."
#   standard output: {"result": 1}
#   standard error: nothing of it
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ray==2.60.0
cat > "$folder/driver.py" <<'PYTHON'
import json
import os
import time

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
import ray

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")


@ray.remote(num_cpus=1)
class Actor:
    def end(self):
        os._exit(1)


try:
    ray.get(Actor.remote().end.remote())
except ray.exceptions.RayActorError:
    time.sleep(5)
    print(json.dumps({"result": 1}))
ray.shutdown()
PYTHON
"$folder/venv/bin/python" "$folder/driver.py" > "$folder/out" 2> "$folder/err"
sed 's/\x1b\[[0-9;]*m//g' "$folder/out" | cut -c1-100
grep -q 'raylet' "$folder/out"
grep -q '{"result": 1}' "$folder/out"
! grep -q 'A worker died' "$folder/err"
