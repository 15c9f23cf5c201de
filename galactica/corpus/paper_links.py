"""Hyperlinks to papers: a citation where the link's text is a title, else a Markdown link."""

from __future__ import annotations

import re

from galactica import markup
from galactica.references.citation_text import parse_citation
from galactica.references.record import make_reference

_PAPER = re.compile(
    r"https?://(?:[\w-]+\.){0,4}(?:arxiv\.org/(?:abs|pdf)|doi\.org/10\.|jstor\.org|ams\.org|projecteuclid\.org|sciencedirect\.com|"
    r"link\.springer\.com|nature\.com|ncbi\.nlm\.nih\.gov|acm\.org/(?:doi|citation)|ieeexplore\.ieee|aclanthology\.|aclweb\.org/|"
    r"openreview\.net|semanticscholar\.org|onlinelibrary\.wiley\.com|tandfonline\.com|pnas\.org|sciencemag\.org|science\.org/doi|"
    r"journals\.aps\.org|iopscience|biorxiv\.org|medrxiv\.org|plos\w*\.org|pubs\.acs\.org|pubs\.rsc\.org|academic\.oup\.com|"
    r"papers\.nips\.cc|proceedings\.mlr\.press|openaccess\.thecvf\.com|paperswithcode\.com/paper/)",
    re.IGNORECASE,
)
_NOT_A_TITLE = re.compile(
    r"(?:here|this|that|see|the (?:paper|article|original|following)|paper|article|link|section|theorem|lemma|chapter|in |my |our |"
    r"his |her |their |https?:|doi|arxiv|pdf|download|question|answer|image|source)\b",
    re.IGNORECASE,
)
_NAMES_AND_YEAR = re.compile(r"\bet al\b|[(, ](?:19|20)\d\d[a-z]?[).,\s]*$", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:corpus|corpora|data ?sets?|benchmark|models?|web ?site|paper|page|article|library|package|challenge|shared task|blog)"
    r"(?: \([^()]*\))?$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(?:the|an?|our|this|these|their|its)\s+$", re.IGNORECASE)


def is_paper(address: str) -> bool:
    """Whether the address is that of a paper."""
    return _PAPER.match(address) is not None


def names_a_work(title: str) -> bool:
    """Whether a text that stands for a paper is its title, and not its authors, its subject or a "here"."""
    words = title.split()
    is_title = 4 <= len(words) <= 30 and title[0].isupper() and "$" not in title and not _NOT_A_TITLE.match(title)
    return is_title and _NAMES_AND_YEAR.search(title) is None and _THING.search(title) is None


def paper_link(text: str, address: str, before: str = "") -> str:
    """What stands for a link of this text to a paper, with its control tokens. `before` is the text in front of it."""
    title = " ".join(text.split())
    if names_a_work(title) and not _ARTICLE.search(before[-10:]) and not markup.control_tokens(title):
        is_printed = re.search(r"\((?:19|20)\d\d[a-z]?\)", title) is not None  # authors, year, title and journal
        reference = parse_citation(title) if is_printed else make_reference(title, [], None, None, None)
        if reference is not None:
            return markup.cite(reference.title, reference.surname)
    if not title or title.startswith("http") or len(address) > 200 or re.search(r"[\s()<>\[\]]", address):
        return title
    return f"[{title}]({address})"
