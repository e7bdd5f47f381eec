"""How an XML document is read without trusting it: no DOCTYPE, no entity, nothing fetched, every size limited."""

import codecs
import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from connectors.sources.invoices.model import Unreadable

MOST_BYTES: Final = 64 << 20
"""Of one document with its attachments. Peppol's networks carry no larger ones."""
MOST_MARKS: Final = 1_500_000
"""`<` in a document without its attachments: an element takes some 120 bytes of memory, however short it is."""
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0?\0", b"\0<\0?")
_DOCTYPE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?>(?><\?.*?\?>|<!--.*?-->)\s*)*<!DOCTYPE", re.DOTALL)
_ATTACHED = re.compile(rb"(<(?:[\w.-]+:)?(?:EmbeddedDocument|Attachment)\w*(?:\s[^<>]*)?>)[A-Za-z0-9+/=\s]{64,}+(?=</)")
_DECLARED = re.compile(rb"""(<\?xml[^>]*?\sencoding\s*=\s*["'])utf-?16[a-z]*(["'])""", re.IGNORECASE)


class Node:
    """An element: its children by name (without namespace). What is not there is an empty node, never an error."""

    __slots__ = ("_children", "element")

    def __init__(self, element: etree._Element | None) -> None:
        self.element = element
        self._children: dict[str, list[Node]] | None = {} if element is None else None

    def __bool__(self) -> bool:
        return self.element is not None

    @property
    def children(self) -> dict[str, list["Node"]]:
        """Its elements by name, read when somebody asks: most parts of an invoice nobody does."""
        if (found := self._children) is None:
            found = self._children = {}
            for child in self.element if self.element is not None else ():
                if child.tag.__class__ is str:  # an entity that was not resolved is no element
                    name = _local(child.tag)
                    if name in found:
                        found[name].append(Node(child))
                    else:
                        found[name] = [Node(child)]
        return found

    @property
    def tag(self) -> str:
        return _local(self.element.tag) if self.element is not None else ""

    @property
    def words(self) -> str:
        """The text before its first child, blanks single."""
        return " ".join((self.element.text or "").split()) if self.element is not None else ""

    def attribute(self, name: str) -> str | None:
        return self.element.get(name) if self.element is not None else None

    def find(self, path: str) -> "Node":
        """The first element of a path `A/B/C`; each step takes the first element of its name."""
        node = self
        for name in path.split("/"):
            if (found := node.children.get(name)) is None:
                return NOTHING
            node = found[0]
        return node

    def all(self, path: str) -> Iterator["Node"]:
        """Every element of a path, in the order of the document."""
        name, _, rest = path.partition("/")
        for node in self.children.get(name, ()):
            if rest:
                yield from node.all(rest)
            else:
                yield node

    def text(self, *paths: str) -> str | None:
        """The text, blanks single, of the first of some paths that holds any."""
        for path in paths:
            if words := self.find(path).words:
                return words
        return None

    def texts(self, path: str) -> list[str]:
        """The text of every element of a path that holds any, each once."""
        return [*dict.fromkeys(words for node in self.all(path) if (words := node.words))]


NOTHING: Final = Node(None)


def parse(data: bytes) -> Node:
    """The root of an XML document, names without namespace. Raises Unreadable on damage and on a DOCTYPE.

    Entities are not resolved, nothing is fetched, libxml2's limits stay on (256 levels, 10 MB a text): invoices need
    no DOCTYPE, and what brings one is refused (XXE, billion laughs). Attachments are left out.
    """
    above = 0
    if not data.startswith(_WIDE):
        begun = data.lstrip()
        above, data = data.count(b"\n", 0, len(data) - len(begun)), begun
        # Text that was UTF-16 inside the program that wrote it, and UTF-8 in the file: a mistake of many.
        data = _DECLARED.sub(rb"\1utf-8\2", data, count=1)
        if b"Attachment" in data or b"EmbeddedDocument" in data:
            data = _ATTACHED.sub(rb"\1", data)
    if _DOCTYPE.match(data):
        raise _doctype()
    if data.count(b"<") > MOST_MARKS:
        raise Unreadable("the document has more elements than any invoice", "Ask its sender for single invoices")
    root = _root(data, above)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    return Node(root)


def _root(data: bytes, above: int) -> etree._Element:
    """The parsed root; `above` blank lines stood before it."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        message = str(error.msg).strip().split(", line ")[0]
        raise _damage(message, (error.lineno or 0) + above) from error


def _damage(message: str, line: int) -> Unreadable:
    """The parser's words made a clerk's, without what they quote: an unescaped < makes a name of a customer's value."""
    if "entity amplification" in message:
        return _doctype()
    for words, reason, remedy in _WORDS:
        if any(word in message for word in words):
            return Unreadable(reason, remedy, line)
    said = _QUOTED.sub("…", message.split(":")[0])
    return Unreadable(f"not well-formed XML: {said}", _AGAIN, line)


_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_AGAIN: Final = "Copy or export the invoice again"
_WRONG: Final = "Its program does not write XML right: ask its sender"
_WORDS: Final = (
    (("Excessive depth",), "the document is nested deeper than any invoice and was refused", "Ask its sender"),
    (
        ("too long", "huge text", "Resource limit"),
        "a text in the document is longer than 10 MB and was refused",
        "Ask its sender",
    ),
    (
        ("not proper UTF-8", "Invalid bytes in character encoding"),
        "the document is not in the encoding that it declares",
        "Correct `encoding` in its first line, or export it again",
    ),
    (("nsupported encoding",), "the document declares an encoding that nobody knows", "Export it as UTF-8"),
    (("EntityRef", "Entity '"), "not well-formed XML: an & in it is not written as &amp;", _WRONG),
    (("invalid element name", "Unescaped '<'"), "not well-formed XML: a < in it is not written as &lt;", _WRONG),
    (("Char 0x0 out",), "not well-formed XML: it holds NUL bytes", _AGAIN),
    (("tag mismatch",), "not well-formed XML: an element in it is not closed", _AGAIN),
    (("Premature end", "Couldn't find end of Start Tag"), "the document breaks off: it is truncated", _AGAIN),
)
"""Words of libxml2 -> reason and remedy."""


def _doctype() -> Unreadable:
    return Unreadable("the document has a DOCTYPE and was refused", "No invoice needs one: ask its sender")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
