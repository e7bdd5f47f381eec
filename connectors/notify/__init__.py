"""Telling people and monitors: mail, chat, heartbeat. Counts and reasons only; nothing here sees a customer.

What goes wrong on the way is given back in words and never raised: a night does not fail because nobody could be told.
"""

from connectors.notify.message import Message
from connectors.notify.send import tell

__all__ = ["Message", "tell"]
