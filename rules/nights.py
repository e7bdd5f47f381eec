"""Settings of the nights: `nightly:` in goldseam.yml. What the command line says wins over them."""

import re
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from rules.strict import Strict

Event = Literal["late", "held", "failed", "published"]
"""What people may be told of."""

_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_SECRET: Final = re.compile(r"env:[A-Za-z_]\w*")

Minutes = Annotated[float, Field(gt=0)]


def _clock(value: str | None) -> str | None:
    """A time of day, in the zone of the schedule."""
    if value is not None and not _TIME.fullmatch(value):
        raise ValueError('this is no time of day: write hours and minutes, as "05:30"')
    return value


def _secret(value: str | None) -> str | None:
    """A value that nobody may read in a file."""
    if value is not None and not _SECRET.fullmatch(value):
        raise ValueError("it is secret: set an environment variable to it, and write env:NAME")
    return value


class Late(Strict):
    """When a night counts as late."""

    begin_minutes: Minutes = 15
    """Minutes after its time in which a night must have begun."""
    end_by: str | None = None
    """Time of day by which it must have ended (`07:00`); none: it may take as long as `timeouts` lets it."""

    _a_time = field_validator("end_by")(_clock)


class Timeouts(Strict):
    """How long a night may take; one that takes longer is failed and lets go of the workspace."""

    run_minutes: Minutes = 360
    """Minutes for all stages together, waiting for late files not counted."""
    stage_minutes: Minutes | None = None
    """Minutes for any one stage; none: only the whole is limited."""


class Retries(Strict):
    """Sources that fail for a reason that may pass (a network, a file still being written) are tried again."""

    times: Annotated[int, Field(ge=0, le=10)] = 3
    first_seconds: Annotated[float, Field(gt=0, le=3600)] = 30
    """Seconds before the first repetition, doubled before each further one."""


class Mail(Strict):
    """A mail server (SMTP), and who is written to."""

    to: Annotated[tuple[str, ...], Field(min_length=1)]
    sender: str
    server: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    """env:NAME."""

    _hidden = field_validator("password")(_secret)

    @field_validator("to", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("to", "sender")
    @classmethod
    def _addresses(cls, value: tuple[str, ...] | str) -> tuple[str, ...] | str:
        for address in (value,) if isinstance(value, str) else value:
            if not re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", address):
                raise ValueError(f"{address!r} is no e-mail address")
        return value

    @model_validator(mode="after")
    def _logs_in(self) -> "Mail":
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together: write both or none")
        if self.password and self.security == "none":
            raise ValueError("a password is not sent in the clear: write `security: starttls`, or leave it out")
        return self


class Webhook(Strict):
    """An address that shows what is posted to it in a channel of Slack, Teams, Mattermost or the like."""

    url: str
    """env:NAME."""
    shape: Literal["slack", "teams"] = "slack"
    """slack: `{"text": …}`, as most chats read it; teams: an adaptive card."""

    _hidden = field_validator("url")(_secret)


class Notify(Strict):
    """Who is told, and of what."""

    tell: tuple[Event, ...] = ("late", "held", "failed")
    mail: Mail | None = None
    webhook: Webhook | None = None
    link: str | None = None
    """Where people see the scorecard (an address of the firm's); none: its path on the machine is told."""


class Nightly(Strict):
    """The nights of a workspace."""

    cron: str | None = None
    """When: minute, hour, day of month, month, day of week."""
    timezone: str | None = None
    """A zone of the IANA data (`Europe/Athens`); none: that of the firm's country where it has one, else UTC."""
    shadow: bool = False
    """Everything but publishing, for the first weeks."""
    wait_for: dict[str, str] = {}
    """Source -> time of day until which a night waits for its new file; then it goes on with what is there."""
    late: Late = Late()
    timeouts: Timeouts = Timeouts()
    retries: Retries = Retries()
    heartbeat: str | None = None
    """An address (or env:NAME) that is called at the beginning (…/start), the end and a failure (…/fail) of a night."""
    notify: Notify = Notify()

    @field_validator("wait_for")
    @classmethod
    def _times(cls, value: dict[str, str]) -> dict[str, str]:
        for time in value.values():
            _clock(time)
        return value

    @field_validator("heartbeat")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            return _secret(value)
        return value
