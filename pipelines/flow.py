"""`goldseam run`: a run as a Prefect flow, with Prefect only where there is anything to do.

Prefect takes many seconds to come up, most of them for its server. Who has a server sees every run there; where nobody
has one it is begun after landing has found something to work on, and ends with the run.
"""

from typing import Unpack

from connectors.workspace import Workspace
from pipelines import runner
from pipelines.context import How, Run
from pipelines.nights import server
from pipelines.summary import Summary, Watcher


def run(settings: Workspace, watcher: Watcher | None = None, **how: Unpack[How]) -> Summary:
    """One whole run. Raises what runner.run raises."""
    if server.may_be_set():
        from pipelines import nightly

        if nightly.server_set():
            found: Summary = nightly.nightly(str(settings.root), watcher, how.get("dry", False), how.get("full", False))
            return found
    return runner.run(settings, watcher, rest=_rest, **how)


def _rest(this: Run, summary: Summary, watcher: Watcher) -> None:
    from pipelines.nightly import rest

    rest(this, summary, watcher)
