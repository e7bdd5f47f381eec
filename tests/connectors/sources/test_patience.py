"""A place that is dead ends its source, not the night."""

import threading
import time

import pytest

from connectors.sources import SourceFailed
from connectors.sources.places.patience import Sign, waited_for


def test_work_that_is_done_gives_its_result() -> None:
    """What it returns and what it raises come through."""
    assert waited_for(lambda _: 7, 1, "here") == 7
    with pytest.raises(KeyError):
        waited_for(lambda _: {}["a"], 1, "here")


def test_work_without_a_sign_of_life_is_given_up() -> None:
    """The message names the place, the seconds and the setting."""
    for_ever = threading.Event()
    with pytest.raises(SourceFailed, match=r"no sign of life for 0.05 seconds") as failed:
        waited_for(lambda _: for_ever.wait(), 0.05, "//server/share")
    for_ever.set()
    assert failed.value.file == "//server/share"
    assert "patience" in failed.value.remedy


def test_slow_work_that_gives_signs_may_take_its_time() -> None:
    """Patience counts from the last sign, not from the start."""

    def slowly(sign: Sign) -> str:
        for _ in range(6):
            time.sleep(0.05)
            sign()
        return "done"

    assert waited_for(slowly, 0.2, "here") == "done"
