"""A message by e-mail (SMTP), under TLS unless the settings say otherwise; the password comes from the environment."""

import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final

from connectors.notify.message import Message
from rules.nights import Mail

PATIENCE: Final = 20.0
"""Seconds that each step may take."""


def send(mail: Mail, message: Message) -> list[str]:
    """Send one mail to all; -> what went wrong, in words: nothing, or one sentence."""
    where = f"{mail.server}:{mail.port}"
    try:
        with _connected(mail) as server:
            if mail.user and mail.password:
                server.login(mail.user, os.environ[mail.password.removeprefix("env:")])
            refused = server.send_message(_letter(mail, message))
    except KeyError as error:
        return [f"no mail was sent: the environment variable {error.args[0]} is not set"]
    except smtplib.SMTPAuthenticationError:
        return [f"no mail was sent: {where} refused the user {mail.user} or the password"]
    except smtplib.SMTPRecipientsRefused as error:
        return [f"no mail was sent: {where} refused {', '.join(error.recipients)}"]
    except (smtplib.SMTPException, OSError) as error:
        return [f"no mail was sent by {where}: {_said(error)}. Check `server`, `port` and `security`"]
    return [f"{where} refused {', '.join(refused)}; the others were sent the mail"] if refused else []


def _connected(mail: Mail) -> smtplib.SMTP:
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.server, mail.port, timeout=PATIENCE, context=ssl.create_default_context())
    server = smtplib.SMTP(mail.server, mail.port, timeout=PATIENCE)
    if mail.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _letter(mail: Mail, message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = message.headline
    letter["From"] = mail.sender
    letter["To"] = ", ".join(mail.to)
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain=mail.sender.partition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"  # nobody's holiday answers it
    letter.set_content(message.text())
    return letter


def _said(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said.splitlines()[0] if said else type(error).__name__
