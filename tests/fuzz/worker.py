"""A process that judges one file after another: a path a line in, JSON a line out. Memory is limited."""

import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from tests.bench.landing import peak

MEMORY = 3 << 30
"""Bytes of address space."""


def judged(path: Path, settings: dict[str, Any]) -> dict[str, Any]:
    from tests.fuzz import oracle

    began = time.process_time()
    try:
        found = oracle.judge(path, settings)
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        own = [
            f
            for f in traceback.extract_tb(error.__traceback__)
            if "/connectors/" in f.filename or "/rules/" in f.filename
        ]
        place = (own or [where])[-1]
        said = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno} {place.name}: {error}"
        found = {"state": "crashed", "said": said[:300], "wrong": [said[:300]]}
    return {
        **found,
        "cpu": time.process_time() - began,
        "mb": peak(),
    }


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(judged(Path(task["path"]), task["settings"])), file=answers, flush=True)


if __name__ == "__main__":
    main()
