"""What an answer makes of the other records of its customers is said before it is given, and so it comes."""

from collections.abc import Iterator

from connectors import workspace as workspaces
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from pipelines import runner
from reports.desk.services import Key
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_whole import look, of_two

Keys = tuple[Key, ...]


def apart(desk: Opened) -> Iterator[tuple[Case, Keys, bool]]:
    """Cases of customers with other records, no customer twice: the records of all of its customers, and whether these
    are two.
    """
    met: set[Key] = set()
    for row in desk.store.queue(Filter(kind="pair"), 200):
        case = Case.of(row)
        homes = desk.store.homes_of(case[1:])
        ids = tuple(dict.fromkeys(homes[key]["golden_id"] for key in case[1:]))
        keys = tuple(key for golden_id in ids for key in desk.service.members(golden_id))
        if len(keys) > 2 and not met & {*keys}:
            met |= {*keys}
            yield case, keys, len(ids) == 2


def test_so_it_comes_with_the_next_run(desk: Opened) -> None:
    """Cases are answered, “same” of two customers and “different” of one: after the run their records are the customers
    that the desk said they would be.
    """
    told: list[tuple[Case, set[Keys]]] = []
    for case, keys, two in apart(desk):
        decision = wanted("same" if two else "different", case.left, case.right)
        told.append((case, {tuple(sorted(part)) for part in desk.service.parted(keys, decision)}))
        desk.store.act(Act("stella", "answer", case, [decision], answer=decision["kind"], purpose="queue"))
    assert len(told) > 5
    assert {len(parts) > 1 for _, parts in told} == {True, False}
    runner.run(workspaces.read(desk.root))
    right = 0
    for _, parts in told:
        homes = {key: home["golden_id"] for key, home in desk.store.homes_of([k for p in parts for k in p]).items()}
        found: dict[str, list[Key]] = {}
        for key, golden_id in homes.items():
            found.setdefault(golden_id, []).append(key)
        right += {tuple(sorted(part)) for part in found.values()} == parts
    assert right >= 0.9 * len(told), f"{right} of {len(told)}"  # others' records may come in between


def test_it_is_said_before_one_answers(desk: Opened) -> None:
    """The page of a case asks for it: who would be whose customer; nothing where one decides blind, or where known
    cases are mixed in, and nothing of a case outside one's limits.
    """
    case, one, other = of_two(desk)
    address = f"/case/outcome?case={case.kind}&left={case.left}&right={case.right}"
    assert "/case/outcome?" in look(desk, case)
    parts = desk.service.parted([*case[1:], *one, *other], wanted("same", case.left, case.right))
    said = desk.client().get(address).text
    assert ("and leaves apart" in said) == (len(parts) > 1)
    for part in parts[1:]:
        assert desk.service.records(part)[part[0]].name in said
    assert desk.client("vera").get(address).status_code == 403
    for setting in ({"known_share": 0.1}, {"blind": True}):
        desk.set(**setting)
        assert desk.client().get(address).status_code == 204
        assert desk.client("lena").get(address).status_code == 200
