"""Re-run these customers: decisions on them take effect at once, not with the next night."""

from collections.abc import Sequence

from connectors.store.state import Store
from connectors.workspace import Workspace


def rerun(workspace: Workspace, store: Store, golden_ids: Sequence[str], user: str) -> str:
    """-> what became of them, in words. Raises connectors.store.lock.Busy while a run is under way."""
    raise NotImplementedError
