"""Headings of a document's blocks: their levels, and headings that nothing follows."""

from __future__ import annotations

import re


def without_empty_sections(blocks: list[str]) -> list[str]:
    """The blocks without headings that are followed by no text of their own or of a section below them."""
    kept: list[str] = []
    level_below = 0  # of the heading that comes next, 0 where text comes next
    for block in reversed(blocks):
        level = heading_level(block)
        if level and (not kept or (level_below and level_below <= level)):
            continue
        kept.append(block)
        level_below = level
    return kept[::-1]


def heading_level(block: str) -> int:
    """1 to 6 for a heading, else 0."""
    match = re.match(r"(#{1,6}) \S", block)
    return len(match[1]) if match and "\n" not in block else 0


def shifted(blocks: list[str], top: int) -> list[str]:
    """The blocks with their headings moved so that the highest is of level `top`."""
    levels = [level for block in blocks if (level := heading_level(block))]
    if not levels or (by := top - min(levels)) == 0:
        return blocks
    return [
        f"{'#' * min(6, level + by)} {block[level + 1 :]}" if (level := heading_level(block)) else block
        for block in blocks
    ]


def without_sections(blocks: list[str], left_out: re.Pattern[str]) -> list[str]:
    """The blocks without sections whose heading matches, and what stands below them."""
    kept: list[str] = []
    above = 0  # level of the section that is being left out
    for block in blocks:
        level = heading_level(block)
        if above and level and level <= above:
            above = 0
        if not above and level and left_out.fullmatch(block.lstrip("# ").rstrip(" .:")):
            above = level
        if not above:
            kept.append(block)
    return kept
