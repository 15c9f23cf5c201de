"""What the guard advises can be done: a run takes another rate only as a new one, and other minutes at any time.

Red by: advice that the check of a resumed run refuses.
"""

from __future__ import annotations

import pytest

from galactica.errors import BadData
from galactica.training import identity
from galactica.training.config import GuardConfig
from galactica.training.guard import Guard


def test_the_advice_can_be_followed() -> None:
    with pytest.raises(BadData, match=r"another --output.*training\.minutes=0\.001.*--from") as found:
        Guard(GuardConfig(max_skipped=1)).judge(float("nan"))
    assert "earlier state" not in str(found.value)
    assert "minutes" in identity._FREE
