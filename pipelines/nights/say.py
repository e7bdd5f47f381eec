"""One line to the log of the service: standard error, which systemd and Prefect keep."""

import sys
from datetime import datetime


def say(sentence: str) -> None:
    now = datetime.now().astimezone()
    print(f"{now:%Y-%m-%d %H:%M:%S %Z}  {sentence}", file=sys.stderr, flush=True)
