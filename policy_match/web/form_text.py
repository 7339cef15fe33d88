"""Parameters and forms as text: UTF-8 alone.

Guarantees that bytes which are no UTF-8 are refused, in names as in values, wherever a form is read; Werkzeug by itself
leaves them encoded, or puts U+FFFD there. Files in forms stay as they are. Sources: WHATWG URL, 5; RFC 7578, 5.1.
"""

from functools import cached_property
from io import BytesIO
from typing import IO
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.formparser import FormDataParser, MultiPartParser

from policy_match.web.problems import RequestError

URL_ENCODED = "application/x-www-form-urlencoded"
EACH_BYTE = "iso-8859-1"
"""Keeps every byte as one character, so that what was sent is seen."""

Read = tuple[IO[bytes], "MultiDict[str, str]", "MultiDict[str, FileStorage]"]


class NotUtf8(RequestError):
    """Parameters or a form in another encoding."""

    code = "request.encoding"
    english = "the parameters or the form are not UTF-8; send them in UTF-8"
    chinese = "请求参数或表单不是 UTF-8 编码；请改用 UTF-8 发送"


def check_text(encoded: bytes) -> None:
    """Refuse percent-encoded text that does not mean UTF-8. Raises `NotUtf8`."""
    _text(unquote_to_bytes(encoded))


def _text(sent: bytes) -> str:
    try:
        return sent.decode("utf-8")
    except UnicodeDecodeError:
        raise NotUtf8 from None


class _Fields(MultiPartParser):
    """Reads fields byte by byte, whatever encoding one says to have."""

    def get_part_charset(self, headers: Headers) -> str:
        return EACH_BYTE


class _Forms(FormDataParser):
    """Reads one form; what was refused once is refused whenever it is asked for."""

    refused = False

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Read:
        """Return the form. Raises `NotUtf8`."""
        if self.refused:
            raise NotUtf8
        try:
            if mimetype == URL_ENCODED:
                sent = stream.read()
                check_text(sent)
                stream = BytesIO(sent)
            return super().parse(stream, mimetype, content_length, options)
        except NotUtf8:
            self.refused = True
            raise

    def _parse_multipart(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> Read:
        boundary = options.get("boundary", "").encode("ascii")
        if not boundary:
            raise ValueError("no boundary")
        parser = _Fields(self.stream_factory, self.max_form_memory_size, self.cls, max_form_parts=self.max_form_parts)
        try:
            form, files = parser.parse(stream, boundary, content_length)
        except UnicodeDecodeError:
            raise NotUtf8 from None
        return stream, self.cls([(name, _text(value.encode(EACH_BYTE))) for name, value in form.items(True)]), files


class TextRequest(Request):
    """A request whose form is UTF-8, or none."""

    form_data_parser_class = _Forms

    def make_form_data_parser(self) -> FormDataParser:
        """Return the one parser of this request."""
        return self._parser

    @cached_property
    def _parser(self) -> FormDataParser:
        return super().make_form_data_parser()
