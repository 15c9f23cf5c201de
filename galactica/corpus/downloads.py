"""Files over HTTPS into a folder: begun once, gone on with where they stopped, and in place only when whole and proven.

Source: RFC 9110 (ranges in section 14, `If-Range` in 13.1.5, `Retry-After` in 10.2.3).
"""

from __future__ import annotations

import email.utils
import http.client
import ipaddress
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn, TypeVar
from urllib.parse import urlsplit

from galactica.corpus.partial import Checksum, Part, shown
from galactica.errors import BadInput, GalacticaError

USER_AGENT = "galactica-corpus-fetch (open scientific language model)"
MAX_PAGE_BYTES = 64 * 2**20
RETRIES = 5
LONGEST_WAIT_SECONDS = 900.0
"""A server that asks for a longer pause is asked again by the user, another day."""

_BLOCK_BYTES = 1 << 16
_TIMEOUT_SECONDS = 60.0
_CONNECT_SECONDS = 6.0
_REACH_SECONDS = 15.0
"""How long a host is tried that has not answered once: most likely there is no network."""
_BUSY = (408, 425, 429, 500, 502, 503, 504)
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)")
_T = TypeVar("_T")


class FetchFailed(GalacticaError):
    """A place that cannot be reached, stays busy, answers with an error, or a disk that is full."""


class NotThere(FetchFailed):
    """A file that its place does not have (404 or 410), or has in another form."""


class TooMuch(FetchFailed):
    """A file that would go beyond the megabytes that were allowed."""


class WrongChecksum(FetchFailed):
    """A file that came whole, but is not the one whose checksum the place states."""


class _Again(Exception):
    """A failure that may pass. `has_progressed` where bytes came before it."""

    def __init__(self, reason: str, wait_seconds: float | None = None, has_progressed: bool = False) -> None:
        super().__init__(reason)
        self.wait_seconds, self.has_progressed = wait_seconds, has_progressed


class Key(NamedTuple):
    """The key of an API: read from the environment, sent as a header to `host` alone, never along a redirect."""

    variable: str
    header: str
    host: str
    had_at: str


def is_loopback(url: str) -> bool:
    """Whether the address is of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_address(url: str, may_be_loopback: bool) -> None:
    """Raises FetchFailed unless the address is https, or of this machine where that is allowed."""
    try:
        address = urlsplit(url)
        is_good = bool(address.hostname) and address.username is None and (address.port or 443) > 0
        is_here = is_loopback(url)
    except ValueError:
        is_good = is_here = False
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if is_good and is_plain and (may_be_loopback if is_here else address.scheme == "https"):
        return
    raise FetchFailed(f"{shown(url)!r} is not an address to fetch from; allowed: https. Nothing was asked of it.")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https alone; from this machine also to this machine."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        check_address(newurl, may_be_loopback=is_loopback(req.full_url))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _soon(connection: type[http.client.HTTPConnection]) -> type[http.client.HTTPConnection]:
    """The class with a connection that fails after `_CONNECT_SECONDS`, and then waits `_TIMEOUT_SECONDS` for an answer."""

    class Soon(connection):  # type: ignore[valid-type, misc]  # a class that is an argument
        def connect(self) -> None:
            self.timeout = _CONNECT_SECONDS
            super().connect()
            self.sock.settimeout(_TIMEOUT_SECONDS)

    return Soon


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_soon(http.client.HTTPConnection), req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_soon(http.client.HTTPSConnection), req)


@dataclass(slots=True)
class _Body:
    """An answer under way: `offset` is where its bytes belong, `total` the length of the whole file where the server says."""

    stream: http.client.HTTPResponse
    offset: int
    total: int | None


class Client:
    """Asks one place, no more often than every `seconds_between` seconds a host.

    With `base_url` every address is asked there, as BASE/HOST/PATH: a mirror, or a server of the tests. `sleep` is called for all
    waiting. Raises FetchFailed and its children, each with one line for the user.
    """

    def __init__(
        self,
        seconds_between: float,
        say: Callable[[str], None],
        key: Key | None = None,
        base_url: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if base_url is not None:
            check_address(base_url, may_be_loopback=True)
        self.n_bytes = 0
        self._seconds_between, self._say, self._key, self._sleep = seconds_between, say, key, sleep
        self._base_url = base_url.rstrip("/") if base_url else None
        self._key_value = _key_value(key) if key else ""
        is_here = self._base_url is not None and is_loopback(self._base_url)
        proxies = [urllib.request.ProxyHandler({})] if is_here else []
        self._opener = urllib.request.build_opener(_Redirects(), _Http(), _Https(), *proxies)
        self._due: dict[str, float] = {}
        self._reached: set[str] = set()

    def page(self, url: str) -> bytes:
        """The bytes of a short page: a listing, or a file of checksums."""

        def ask() -> bytes:
            with self._open(url, {}) as response:
                data = bytearray()
                while block := _read(response, MAX_PAGE_BYTES + 1 - len(data)):
                    data += block
            if len(data) > MAX_PAGE_BYTES:
                raise FetchFailed(f"{shown(url)} is a listing of more than {MAX_PAGE_BYTES >> 20} MB; it was left.")
            if response.length:
                raise _Again(f"the connection ended {response.length:,} bytes early")
            return bytes(data)

        return self._patiently(url, ask)

    def save(self, url: str, path: Path, checksum: Checksum | None, max_bytes: int | None = None) -> None:
        """Put the file at `path`; until it is whole and its checksum right it is `path` + ".part".

        What an earlier call left there is gone on with where the server can, and where either the server's ETag or date or the
        checksum makes sure that it is the same file; otherwise it is fetched anew.
        """
        part = Part(path, url)

        def ask() -> None:
            was_begun = part.size > 0
            self._continue(url, part, checksum, max_bytes)
            if checksum and (found := part.digest(checksum.kind)) != checksum.digest:
                part.remove()
                if was_begun:
                    raise _Again("the file has changed since its first part was fetched")
                raise WrongChecksum(
                    f"{shown(url)} has the {checksum.kind} {found}, its place states {checksum.digest}. "
                    "It was removed; fetch again, and if it stays wrong tell those who publish it."
                )

        try:
            self._patiently(url, ask)
            if not checksum and not part.is_of(path.name):
                part.remove()
                raise NotThere(
                    f"{shown(url)} is not what its name {path.name} says (a page of HTML perhaps). It was removed."
                )
            part.finish()
        except OSError as error:  # those of the network have become _Again
            raise FetchFailed(
                f"{part.path} cannot be written: {error.strerror}. Mend that (room, rights) and run the command again."
            ) from None

    def _continue(self, url: str, part: Part, checksum: Checksum | None, max_bytes: int | None) -> None:
        offset = part.size if part.is_same and (part.validator or checksum) else 0
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and part.validator:
            headers["If-Range"] = part.validator
        with self._open(url, headers) as response:
            start, total = _span(response)
            if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and total == offset:
                return  # it was whole already
            if response.status == HTTPStatus.OK:  # it does not know ranges, or the file has changed
                start, total = 0, response.length
            elif start != offset:
                part.remove()
                raise _Again("the server sent another part than was asked for")
            self._receive(_Body(response, start, total), part, max_bytes)

    def _receive(self, body: _Body, part: Part, max_bytes: int | None) -> None:
        if max_bytes is not None and body.total is not None and body.total - body.offset > max_bytes:
            raise TooMuch(f"{part.path.name} has {body.total / 1e6:,.1f} MB, beyond the megabytes allowed. Allow more.")
        n_here = 0
        with part.open(body.offset, _validator(body.stream)) as stream:
            while True:
                try:
                    block = _read(body.stream, _BLOCK_BYTES)
                except _Again as again:
                    again.has_progressed = part.has_grown(body.offset + n_here)
                    raise
                if not block:
                    break
                n_here += len(block)
                self.n_bytes += len(block)
                if max_bytes is not None and n_here > max_bytes:
                    raise TooMuch(f"{part.path.name} goes beyond the megabytes allowed. Allow more.")
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        if body.total is not None and body.offset + n_here != body.total:
            reason = f"the connection ended at {body.offset + n_here:,} of {body.total:,} bytes"
            raise _Again(reason, has_progressed=part.has_grown(body.offset + n_here))

    def _open(self, url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        check_address(url, may_be_loopback=False)
        asked = self._address(url)
        request = urllib.request.Request(asked, headers={"User-Agent": USER_AGENT, **headers})
        if self._key and urlsplit(url).hostname == self._key.host:
            request.add_unredirected_header(self._key.header, self._key_value)
        self._wait_turn(urlsplit(url).hostname or "")
        try:
            response: http.client.HTTPResponse = self._opener.open(request, timeout=_TIMEOUT_SECONDS)
            self._reached.add(_host(asked))
            return response
        except urllib.error.HTTPError as error:
            self._reached.add(_host(asked))
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and "Range" in headers:
                return error  # type: ignore[return-value]  # it has the status, headers and context of a response
            error.close()
            _raise_for(url, error.code, error.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException) as error:  # no network, refused, reset, timed out, no HTTP
            raise _Again(_named(error)) from None

    def _address(self, url: str) -> str:
        if self._base_url is None:
            return url
        address = urlsplit(url)
        asked = f"{self._base_url}/{address.netloc}{address.path}" + (f"?{address.query}" if address.query else "")
        check_address(asked, may_be_loopback=True)
        return asked

    def _wait_turn(self, host: str) -> None:
        now, due = time.monotonic(), self._due.get(host, 0.0)
        if due > now:
            self._sleep(due - now)
        self._due[host] = max(now, due) + self._seconds_between

    def _patiently(self, url: str, ask: Callable[[], _T]) -> _T:
        n_failures, spent = 0, 0.0
        while True:
            begun = time.monotonic()
            try:
                return ask()
            except _Again as again:
                n_failures = 1 if again.has_progressed else n_failures + 1
                spent += time.monotonic() - begun
                seconds = 2.0**n_failures if again.wait_seconds is None else again.wait_seconds
                self._give_up(url, again, n_failures, spent, seconds)
                self._say(f"{urlsplit(url).hostname}: {again}; again in {seconds:.0f} s")
                self._sleep(seconds)
                spent += seconds

    def _give_up(self, url: str, again: _Again, n_failures: int, spent: float, seconds: float) -> None:
        """Raises FetchFailed where a failure, `spent` seconds after the first try, is not worth another wait of `seconds`."""
        host = _host(self._address(url))
        if host not in self._reached and spent + seconds > _REACH_SECONDS:
            raise FetchFailed(
                f"{host} could not be reached for {spent:.0f} s: {again}. Is there a network, and a proxy where one is needed? "
                "What came is kept; run the command again to go on."
            )
        if n_failures > RETRIES:
            raise FetchFailed(
                f"{shown(url)} failed {n_failures} times: {again}. What came is kept; run the command again to go on."
            )
        if seconds > LONGEST_WAIT_SECONDS:
            raise FetchFailed(f"{shown(url)}: {again}, and asks to wait {seconds:,.0f} s. Run it again then.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _span(response: http.client.HTTPResponse) -> tuple[int | None, int | None]:
    """Where the part begins that the answer holds, and how long the whole file is; None for what it does not say."""
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if found is None:
        return None, None
    return int(found[1]) if found[1] else None, None if found[2] == "*" else int(found[2])


def _validator(response: http.client.HTTPResponse) -> str:
    """What `If-Range` may carry: a strong ETag, else the date of change, else nothing."""
    etag = response.headers.get("ETag", "").strip()
    if etag.startswith('"') and etag.isprintable():
        return etag
    return str(response.headers.get("Last-Modified", "")).strip()


def _read(response: http.client.HTTPResponse, n_bytes: int) -> bytes:
    try:
        return response.read1(n_bytes) if n_bytes > 0 else b""
    except (OSError, http.client.HTTPException) as error:
        raise _Again(_named(error)) from None


def _raise_for(url: str, code: int, retry_after: str | None) -> NoReturn:
    if code in _BUSY:
        raise _Again(f"the server answered {code}", _seconds(retry_after))
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise NotThere(f"{shown(url)} is not there ({code}): the place may have moved. See the page that documents it.")
    if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise FetchFailed(
            f"{shown(url)} may not be read ({code}): a key is wrong or missing, or programs are not let in."
        )
    raise FetchFailed(f"{shown(url)} answered {code}. Try again later, or see the page that documents the place.")


def _seconds(retry_after: str | None) -> float | None:
    """The pause that a `Retry-After` asks for, as seconds or as a date; None where it says nothing readable."""
    if retry_after is None:
        return None
    if re.fullmatch(r"\s*\d{1,9}\s*", retry_after):
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _key_value(key: Key) -> str:
    value = os.environ.get(key.variable, "").strip()
    if not value or not value.isprintable() or not value.isascii():
        raise BadInput(f"{key.host} wants a key: get one at {key.had_at} and put it into the variable {key.variable}.")
    return value


def _named(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    said = getattr(reason, "strerror", None) or str(reason)
    return f"no connection ({said[:100] or type(reason).__name__})"
