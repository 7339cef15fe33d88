"""An XML file from outside as a stream of its elements, refused before anything in it can do harm.

Guarantees that a file with a DTD (so with any entity of its own), of another encoding, of too many bytes or nested too
deep is one `BankFileError`, and that no other file and no network is read. Memory holds one record at a time when the
reader drops what it has read.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from io import BytesIO

from lxml import etree

from policy_match.payments.file_defects import BeyondParser, FileTooLarge, HasDocumentType, NotInEncoding, NotXml

_DECLARATION = re.compile(rb"\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii")
_GB18030 = ("gb18030", "gbk", "gb2312")
"""GB 18030 reads what is written in the two older standards."""
_DOCUMENT_TYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class SafeXml:
    """One file; `root` is the tag of its root element, with namespace. Raises a `BankFileError` when made or read."""

    def __init__(self, file: str, content: bytes, max_bytes: int) -> None:
        if len(content) > max_bytes:
            raise FileTooLarge(file=file, size=len(content), limit=max_bytes)
        self.file = file
        self._utf_8 = _as_utf_8(file, content)
        if _DOCUMENT_TYPE.search(self._utf_8) is not None:
            raise HasDocumentType(file=file)
        self.root: str = next(self._events("start", None)).tag

    def elements(self, *tags: str) -> Iterator[etree._Element]:
        """Yield each element of these tags (with namespace) when its end is reached, children first."""
        return self._events("end", tags)

    def _events(self, event: str, tags: Sequence[str] | None) -> Iterator[etree._Element]:
        # Encoding and DTD are settled on the bytes; the options below are the second lock on the same door.
        # Without `huge_tree` libxml2 also limits depth, and what entities may grow to.
        parser = etree.iterparse(
            BytesIO(self._utf_8),
            events=(event,),
            tag=tags,
            encoding="utf-8",
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            for _, element in parser:
                yield element
        except etree.XMLSyntaxError as error:
            line, column = error.position
            if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
                raise BeyondParser(file=self.file, line=line) from None
            raise NotXml(file=self.file, line=line, column=column) from None


def drop_before(element: etree._Element) -> None:
    """Forget the elements of the same tag before this one, and what is in it. Call it after each record was read."""
    element.clear()
    parent, before = element.getparent(), element.getprevious()
    if parent is not None and before is not None and before.tag == element.tag:
        parent.remove(before)


def _as_utf_8(file: str, content: bytes) -> bytes:
    """Return the text of the file in UTF-8 without byte-order mark.

    UTF-16 and whatever else could hide a DTD from a search in the bytes is refused.
    """
    bare = content.removeprefix(codecs.BOM_UTF8)
    declared = _DECLARATION.match(bare)
    name = declared[1].decode("ascii").lower() if declared is not None else "utf-8"
    marked = len(bare) < len(content)
    encoding = "utf-8" if marked or name in _UTF_8 else "gb18030" if name in _GB18030 else None
    if encoding is None or b"\0" in bare[:4]:
        raise NotInEncoding(file=file, offset=0, encoding="UTF-8, GB18030")
    try:
        text = bare.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotInEncoding(file=file, offset=error.start, encoding=encoding.upper()) from None
    return bare if encoding == "utf-8" else text.encode("utf-8")
