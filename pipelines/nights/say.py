"""One line to the log of the service: standard error, which systemd and Prefect keep."""

import sys
from datetime import datetime, tzinfo


def say(sentence: str, zone: tzinfo | None = None) -> None:
    """In the time of the schedule (`zone`), as the nights in the sentences are; none: in that of this machine."""
    now = datetime.now().astimezone(zone)
    print(f"{now:%Y-%m-%d %H:%M:%S %Z}  {sentence}", file=sys.stderr, flush=True)
