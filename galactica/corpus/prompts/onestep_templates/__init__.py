"""The templates of OneSmallStep, a file a field. Constants: CODATA 2018 and IAU 2015, to the digits written."""

from __future__ import annotations

from galactica.corpus.prompts.onestep_templates import (
    astronomy,
    chemistry,
    electronics,
    geometry,
    mathematics,
    mechanics,
    physics,
    statistics,
)
from galactica.corpus.prompts.onestep_templates.template import Template

TEMPLATES: tuple[Template, ...] = (
    *astronomy.TEMPLATES,
    *chemistry.TEMPLATES,
    *electronics.TEMPLATES,
    *geometry.TEMPLATES,
    *mathematics.TEMPLATES,
    *mechanics.TEMPLATES,
    *physics.TEMPLATES,
    *statistics.TEMPLATES,
)
