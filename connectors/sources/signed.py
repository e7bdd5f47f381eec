"""Signed files (CMS SignedData, RFC 5652; `.p7m`): how they are told, in DER, BER, base64 or PEM."""

import base64
import binascii
import re
from typing import Final

_PEM = re.compile(rb"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_SEQUENCE: Final = b"\x30"
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
"""The object identifier of SignedData (RFC 5652, section 5.1) in DER."""
_HEAD: Final = 64
"""Bytes in which it stands."""


def is_signed(head: bytes) -> bool:
    """Whether the first bytes of a file (some 200) begin a signed message."""
    if head.startswith(_SEQUENCE):
        return _SIGNED_DATA in head[:_HEAD]
    return head.lstrip()[:2] in (b"MI", b"--") and _SIGNED_DATA in binary(head[:256])[:_HEAD]


def binary(data: bytes) -> bytes:
    """A message as bytes, whatever form it has; empty where it has none of them."""
    if data.startswith(_SEQUENCE):
        return data
    letters = b"".join(_PEM.sub(b"", data).split())
    try:
        return base64.b64decode(letters[: len(letters) // 4 * 4], validate=True)
    except binascii.Error:
        return b""
