"""A message into a channel: `{"text": …}` as Slack and most chats read it, or an adaptive card as Teams does."""

import json
from typing import Any

from connectors.notify.http import Unheard, call
from connectors.notify.message import Message
from rules.nights import Webhook


def post(webhook: Webhook, message: Message) -> list[str]:
    """Post a message; -> what went wrong, in words: nothing, or one sentence."""
    shape = {"slack": slack, "teams": teams}[webhook.shape]
    try:
        call(webhook.url, json.dumps(shape(message), ensure_ascii=False).encode(), "application/json; charset=utf-8")
    except Unheard as error:
        return [f"the webhook was not called: {error}"]
    return []


def slack(message: Message) -> dict[str, Any]:
    """Text in Slack's markup, in which &, < and > mean something else (api.slack.com, Formatting text)."""
    lines = [f"*{_escaped(message.headline)}*", *(f"• {_escaped(line)}" for line in message.told())]
    return {"text": "\n".join([*lines, *([_escaped(message.link)] if message.link else [])])}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams(message: Message) -> dict[str, Any]:
    """An adaptive card in the envelope that a Teams workflow ("when a webhook request is received") takes."""
    blocks: list[dict[str, Any]] = [_block(message.headline, weight="Bolder", size="Medium")]
    blocks += [_block(line) for line in message.told()]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    if message.link.startswith(("http://", "https://")):
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Scorecard", "url": message.link}]
    elif message.link:
        blocks.append(_block(message.link))
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _block(text: str, **how: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **how}
