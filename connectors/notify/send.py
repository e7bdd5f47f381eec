"""A message to everybody who is to be told."""

from connectors.notify import mail, webhook
from connectors.notify.message import Message
from rules.nights import Notify


def tell(notify: Notify, message: Message) -> list[str]:
    """Send a message by mail and webhook, as far as they are set; -> what went wrong, in words."""
    failed = []
    if notify.mail:
        failed += mail.send(notify.mail, message)
    if notify.webhook:
        failed += webhook.post(notify.webhook, message)
    return failed
