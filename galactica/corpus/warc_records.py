"""WARC files record by record: headers and body of each response, in bounded memory, whatever the bytes say.

Source: WARC 1.0 and 1.1 (ISO 28500), HTTP/1.1 (RFC 9112). Members of a `.warc.gz` are joined before they come here.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from galactica.corpus.split import PIECE_BYTES

MAX_BODY_BYTES = 8 * 2**20
"""A longer response is passed over: no page of text has this length."""

_MAX_LINE = 2**16
_MAX_HEADER_BYTES = 2**18
_BLOCK = 2**20
_LENGTH = re.compile(rb"content-length:\s*(\d{1,15})\s*\Z", re.IGNORECASE)
_RESPONSE = re.compile(rb"warc-type:\s*(response|resource)\s*\Z", re.IGNORECASE)
_CHUNK = re.compile(rb"\s*([0-9a-fA-F]{1,8})[^\r\n]{0,200}\r?\n")


class Record(NamedTuple):
    """A response: its WARC headers (names in lower case) and its body; None where it is too long or cut short."""

    headers: dict[str, str]
    body: bytes | None


class Response(NamedTuple):
    """An HTTP response: status, headers (names in lower case), content without its transfer and content coding."""

    status: int
    headers: dict[str, str]
    content: bytes


def split_responses(stream: IO[bytes]) -> Iterator[bytes]:
    """Pieces of some 2 MB that hold whole responses; of one that is too long its header alone."""
    waiting: list[bytes] = []
    size = 0
    for header, body in _raw_records(stream):
        record = header + b"\r\n" + (body if body is not None else b"") + b"\r\n\r\n"
        waiting.append(record)
        size += len(record)
        if size >= PIECE_BYTES or body is None:  # what follows a header alone would be taken for its body
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def records(data: bytes) -> Iterator[Record]:
    """The responses of a WARC file or of a piece of one."""
    for header, body in _raw_records(io.BytesIO(data)):
        yield Record(_fields(header.decode("utf-8", "replace")), body)


def http_response(body: bytes) -> Response | None:
    """The response that a record holds; None where it is not one of HTTP."""
    head, mark, content = body.partition(b"\r\n\r\n")
    if not mark or len(head) > _MAX_HEADER_BYTES:
        head, mark, content = body[: _MAX_HEADER_BYTES + 2].partition(b"\n\n")
        content = body[len(head) + 2 :]
    first, _, rest = head.decode("utf-8", "replace").partition("\n")
    match = re.match(r"HTTP/\d(?:\.\d)? (\d{3})", first)
    if match is None or not mark:
        return None
    headers = _fields(rest)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        content = _without_chunks(content)
    return Response(int(match[1]), headers, _decompressed(content, headers.get("content-encoding", "").lower()))


def _raw_records(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
    """Header lines and body of each response. Bytes that belong to no record are passed over."""
    while line := stream.readline(_MAX_LINE):
        if not line.startswith(b"WARC/"):
            continue
        lines, size = [line], len(line)
        length, is_response = 0, False
        while (line := stream.readline(_MAX_LINE)) and line.strip():
            size += len(line)
            if size <= _MAX_HEADER_BYTES:
                lines.append(line)
            length = int(match[1]) if (match := _LENGTH.match(line.strip())) else length
            is_response = is_response or _RESPONSE.match(line.strip()) is not None
        if not is_response or length > MAX_BODY_BYTES:
            _pass_over(stream, length)
            if is_response:
                yield b"".join(lines), None
            continue
        body = stream.read(length)
        yield b"".join(lines), body if len(body) == length else None


def _pass_over(stream: IO[bytes], length: int) -> None:
    while length > 0 and (block := stream.read(min(length, _BLOCK))):
        length -= len(block)


def _fields(text: str) -> dict[str, str]:
    """The first value of each header."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _without_chunks(content: bytes) -> bytes:
    """The content of a chunked response; content that only claims to be chunked as it is."""
    parts: list[bytes] = []
    at = 0
    while (match := _CHUNK.match(content, at)) and (length := int(match[1], 16)):
        parts.append(content[match.end() : match.end() + length])
        at = match.end() + length
    return b"".join(parts) if parts else content


def _decompressed(content: bytes, coding: str) -> bytes:
    """Up to `MAX_BODY_BYTES` of the content; content that only claims to be compressed as it is."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        return content
    for bits in (47, -15):  # gzip or zlib by their headers; bare deflate
        try:
            return zlib.decompressobj(bits).decompress(content, MAX_BODY_BYTES)
        except zlib.error:
            continue
    return content
