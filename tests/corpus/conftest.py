"""What the tests of package sources share: packages made of texts or read out of an archive, and what a source makes of them."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from galactica.corpus.packages import is_gathered, packages
from galactica.corpus.source import Package, PackageSource
from galactica.corpus.sources import SOURCES
from galactica.files import RawFile
from galactica.types import Document, Drop

_SOURCES = [source for source in SOURCES if isinstance(source, PackageSource)]
_ENDINGS = frozenset(ending for source in _SOURCES for ending in source.endings)
"""Those of all sources: a source is asked for a package that holds the files of the others too."""


class Reading:
    """Reads packages as the pipeline does."""

    @staticmethod
    def package(files: Mapping[str, str | bytes]) -> Package:
        """The files as an archive "a.tar.gz" holds them in a folder "b", those that no source asks for left out."""
        raw = [
            RawFile(f"a.tar.gz/b/{path}", data.encode() if isinstance(data, str) else data)
            for path, data in files.items()
            if is_gathered(path, _ENDINGS)
        ]
        (found,) = packages("a.tar.gz", raw)
        return found

    @staticmethod
    def source(package: Package) -> PackageSource | None:
        """The first source that claims the package."""
        return next((source for source in _SOURCES if source.claims(package)), None)

    def items(self, source: PackageSource, files: Mapping[str, str | bytes]) -> list[Document | Drop]:
        package = self.package(files)
        assert self.source(package) is source
        return list(source.read(package))

    def documents(self, source: PackageSource, files: Mapping[str, str | bytes]) -> list[Document]:
        return [item for item in self.items(source, files) if isinstance(item, Document)]

    def reasons(self, source: PackageSource, files: Mapping[str, str | bytes]) -> list[str]:
        return [item.reason for item in self.items(source, files) if isinstance(item, Drop)]

    def books(
        self, source: PackageSource, path: Path, n_documents: int, n_resolved: int, n_formulas: int
    ) -> list[Document]:
        """The pages of an archive of books: at least so many, with so many citations and formulas, and no reader's own sign."""
        found: list[Document] = []
        for package in self.archive(path.parent, path.name.removesuffix(".tar.xz")):
            if self.source(package) is source:
                found += [item for item in source.read(package) if isinstance(item, Document)]
        assert len(found) >= n_documents
        assert sum(document.metadata["n_resolved"] for document in found) >= n_resolved
        assert sum(document.metadata["n_formulas"] for document in found) >= n_formulas
        for document in found:
            assert document.text.startswith("# ")
            assert not any(0xE000 <= ord(sign) < 0xE100 for sign in document.text), document.id
        return found

    @staticmethod
    def archive(root: Path, name: str) -> list[Package]:
        """The packages of an archive of the development corpus."""
        with tarfile.open(root / f"{name}.tar.xz", "r|xz") as archive:
            files = [
                RawFile(f"{name}.tar.xz/{member.name}", stream.read())
                for member in archive
                if is_gathered(member.name, _ENDINGS) and (stream := archive.extractfile(member)) is not None
            ]
        return list(packages(f"{name}.tar.xz", files))


@pytest.fixture
def reading() -> Reading:
    return Reading()
