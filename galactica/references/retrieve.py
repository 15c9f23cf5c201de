"""Sparse ranking of a library's works: BM25 over title, authors, venue and abstract.

The index is built at first use into the user's cache folder, named by the library's contents. It is written beside and renamed,
so that of two processes that build at once either's result stands whole; where the cache cannot be written, it stays in memory.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs
import tantivy

if TYPE_CHECKING:
    from galactica.references.store import Library

_VERSION = 1
"""Part of the cache folder's name: raise it when schema or analyser change."""

_ANALYSER = "reference"
_WEIGHTS = {"title": 1.0, "authors": 0.8, "venue": 0.3, "abstract": 0.3}
"""Title words count most; a surname in the query is nearly as telling; venues and abstracts break ties."""

_MAX_QUERY = 5_000
_MAX_TERMS = 32
_WRITER_BYTES = 64 * 2**20


class SparseIndex:
    """The full-text index of one library. Threads may share it."""

    def __init__(self, library: Library, cache: Path | None = None) -> None:
        self._library = library
        self._analyser = _analyser()
        self._schema = _schema()
        root = cache if cache is not None else platformdirs.user_cache_path("galactica") / "references"
        self._index = self._open_or_build(root / f"{library.fingerprint}-v{_VERSION}")
        self._index.register_tokenizer(_ANALYSER, self._analyser)
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(
        self, query: str, limit: int = 10, since: int | None = None, until: int | None = None, popularity: float = 0.0
    ) -> list[tuple[int, float]]:
        """Rows with their scores, best first. Any text is a query: its words are looked up, nothing in it is an operator.

        With `popularity`, that weight times the natural logarithm of (1 + n_citations) is added to the BM25 score of the best
        `5 * limit` works before they are ranked.
        """
        terms = self.terms(query)
        if not terms or limit <= 0:
            return []
        found = self._searcher.search(self._query(terms, since, until), limit * 5 if popularity else limit, count=False)
        hits = [(int(self._searcher.doc(address)["row"][0]), float(score)) for score, address in found.hits]
        if popularity:
            counts = self._library.n_citations
            hits = [(row, score + popularity * float(np.log1p(counts[row]))) for row, score in hits]
        # Rows are in the order of the ids: a tie falls the same way on every machine.
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def terms(self, query: str) -> list[str]:
        """The words of a query as the index has them: folded, stemmed, without English stop-words, each once. Of a long
        query the rarest are kept, since they decide the ranking and each costs time."""
        found = list(dict.fromkeys(self._analyser.analyze(query[:_MAX_QUERY])))
        if len(found) <= _MAX_TERMS:
            return found
        return sorted(found, key=lambda term: self._searcher.doc_freq("title", term) or self._searcher.num_docs)[
            :_MAX_TERMS
        ]

    def _query(self, terms: Sequence[str], since: int | None, until: int | None) -> tantivy.Query:
        words = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.boost_query(self._term(name, term), weight))
                for term in terms
                for name, weight in _WEIGHTS.items()
            ]
        )
        if since is None and until is None:
            return words
        low, high = max(0, since or 0), max(0, until if until is not None else 9999)
        if low > high:
            return tantivy.Query.empty_query()
        years = tantivy.Query.range_query(self._schema, "year", tantivy.FieldType.Unsigned, low, high)
        bounds = tantivy.Query.const_score_query(years, 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, words), (tantivy.Occur.Must, bounds)])

    def _term(self, field: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, term, "freq")

    def _open_or_build(self, folder: Path) -> tantivy.Index:
        try:
            if folder.is_dir():
                return tantivy.Index.open(str(folder))
        # A cache that cannot be read, or that another version wrote, is built anew.
        except (ValueError, OSError):
            shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        except OSError:
            return self._build(None)
        try:
            self._build(temporary)
            with suppress(OSError):  # another process was first: its index stands, ours goes
                temporary.rename(folder)
            return tantivy.Index.open(str(folder))
        except (ValueError, OSError):
            return self._build(None)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _build(self, folder: Path | None) -> tantivy.Index:
        index = tantivy.Index(self._schema, path=str(folder) if folder is not None else None)
        index.register_tokenizer(_ANALYSER, self._analyser)
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for row, work in enumerate(self._library):
            # A collective ("Gene Ontology Consortium") is made of words that are rare among surnames: as authors they
            # would outweigh the titles about genes, so they count as a venue.
            names = " ".join(author.partition(",")[0] for author in work.authors if "," in author)
            venue = " ".join([work.venue or "", *(author for author in work.authors if "," not in author)])
            document: dict[str, Any] = {"title": work.title, "row": row, "year": work.year or 0}
            document |= {"authors": names, "venue": venue}
            if work.abstract:
                document["abstract"] = work.abstract
            writer.add_document(tantivy.Document.from_dict(document, self._schema))
        writer.commit()
        writer.wait_merging_threads()
        return index


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in _WEIGHTS:
        builder.add_text_field(name, stored=False, tokenizer_name=_ANALYSER, index_option="freq")
    builder.add_unsigned_field("row", stored=True)
    builder.add_unsigned_field("year", indexed=True, fast=True)
    return builder.build()


def _analyser() -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(60),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stopword("english"),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()
