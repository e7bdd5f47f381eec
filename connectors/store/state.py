"""The state database of a workspace: what was published, what people decided, what ran.

with Store.open(url) as store:
    store.crosswalk()          # as published; never half of a publication
    store.decide("same", "crm:17", "shop:4", user="maria", time=now, reason="same e-mail")
"""

from dataclasses import dataclass
from types import TracebackType

from connectors.store import migrate
from connectors.store.adopted import Adopted
from connectors.store.decisions import Decisions
from connectors.store.desk.accepting import Accepting
from connectors.store.desk.acts import Acts
from connectors.store.desk.audit import Audit
from connectors.store.desk.cases import Cases
from connectors.store.desk.deeds import Deeds
from connectors.store.desk.known import Known
from connectors.store.desk.lookup import LookUp
from connectors.store.desk.measures import Measures
from connectors.store.desk.people import People
from connectors.store.desk.quarantine import QuarantineQueue
from connectors.store.desk.readers import Readers
from connectors.store.desk.views import Views
from connectors.store.desk.work import Work
from connectors.store.engine import connect
from connectors.store.lives import Lives
from connectors.store.published import Published
from connectors.store.runlog import RunLog
from connectors.store.written import Written


@dataclass(frozen=True)
class Store(
    RunLog, Decisions, QuarantineQueue, Adopted, Written, Lives, Published, People, Audit, Cases, Acts, Accepting,
    LookUp, Readers, Known, Measures, Deeds, Views, Work,
):  # fmt: skip
    """One open state database. Its methods may be called from several threads; each uses a connection of its own."""

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open a database, made or migrated as needed. Raises migrate.TooNew, ValueError (not our kind of URL)."""
        engine = connect(url)
        try:
            migrate.to_head(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
