"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus_root() -> Path:
    """The development corpus beside the checkout; the test is skipped where it is absent."""
    root = Path(__file__).parents[2] / "shared" / "corpus"
    if not root.is_dir():
        pytest.skip(f"needs the development corpus at {root}")
    return root
