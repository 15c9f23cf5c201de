"""Cross references of unarXive's texts in words: "Fig. REF" -> "the figure"; where one was lost, its sentence is left out.

unarXive writes REF for a `\\ref`. It lost those whose label it did not know, and citations of unknown keys: the space before
them, mostly a no-break space, or a pair of brackets stands alone and tells the place.
"""

from __future__ import annotations

import re

from galactica.corpus.latex.pointers import CLOSE, OPEN, PLACES, in_words, named
from galactica.corpus.marks import HOLE

_REF = re.compile(
    r"\bREF(?:\s?\([a-h](?:\s?[-–,]\s?[a-h])?\)(?:\s?(?:,|and|-|–)\s?\([a-h]\)){0,4}|\s?[b-h](?:[-–,][a-h])?|\s?a(?:[-–,][b-h]|(?=[.,;:)])))?(?!\w)(?:\s+(?=[)\],.;:]))?"
)
"""With the letter of a panel; "a" may be an article too."""
_PLACE = f"{OPEN}0{CLOSE}"
_LABEL = re.compile(
    r"\b(sec|fig|eq|app|tab|thm|lem|def|prop|cor|chap|alg)(?:[.:][a-z][\w:-]{2,40}(?:\.[a-z][\w:-]{2,40})?)(?=[\s.,;:)])"
)
"""A label printed as it is, "fig.outline"."""
_KINDS = (
    r"[Ss]ections?|[Ss]ec(?:s|ts?)?\.|[Aa]ppendi(?:x|ces)|[Ff]ig(?:ures?|s?\.)|[Tt]ables?|[Ee]q(?:uations?|n?s?\.)|[Cc]hapters?|"
    r"(?:Theorem|Lemma|Proposition|Definition|Remark|Example|Conjecture|Claim|Assumption|Fact|Construction|Algorithm)s?|Corollar(?:y|ies)"
)
_EMPTY_BRACKETS = re.compile(r"(?<=[\s–-])\(\s?\)")
_LOST_SUBJECT = re.compile(r"(?<=[a-z]{3}\.)\s\s(?=[a-z]{3,20}\s)")
"""A citation that opened its sentence."""
_LOST_LIST = re.compile(r"(?<![\s,])(\s?),(?:\s?,){0,20}\s?(?=[.;](?:\s|$))")
_GLUED = re.compile(rf"(?<={CLOSE})(\)?)(?=[A-Za-z])")
_SOFT_LINE = re.compile(r"(?<=[a-z,]\n)The(?= [a-z])")
"""After a line end inside a sentence."""
_STRAY_PLURAL = re.compile(r"\b([Ff]ig|[Ee]q|[Ss]ec)\.s\b")
_LOST_NUMBER = re.compile(rf"\b({_KINDS})(?:\xa0(?=[\s.,;:)]|$)|\s(?=[,;:)]|\.(?:\s|$)|\s\S))")
_LOST_NEXT = re.compile(rf"({_PLACE}\s?(?:,\s?and|,|and|or|–|-)\s?)(?=[.;:)]|,|and\s?(?:[.,;:)]|{OPEN}))(?<!,\s)")
_LOST_CITATION = re.compile(
    r"\b((?:[Ii]n|[Bb]y|[Oo]f|[Ff]rom|[Ww]ith|to|[Ff]ollowing|[Ss]ee|also|than|like|e\.g\.)(?:\s[Rr]efs?\.)?)"
    r"(?:\xa0(?=[\s.,;:)]|$)|\s(?=[,;:)](?:\s|$)|\.(?:\s|$)|\s[a-z]))"
)
_ASIDE = re.compile(
    rf"(?:(?<!\s)\s+)?(?:\((?!{OPEN}|{HOLE})[^(){{}}]{{0,60}}(?:\({_PLACE}\)|{_PLACE}|{HOLE})(?:[^(){{}}]|\({_PLACE}\)){{0,60}}\)"
    rf"|\[[^\[\]{{}}]{{0,60}}(?:{_PLACE}|{HOLE})[^\[\]{{}}]{{0,60}}\])"
)
_STOP_IN_NOUN = re.compile(rf"\b(Section|Table|Figure|Algorithm|Equation|Theorem|Lemma)\.(?=\s*\(?{OPEN})")
_QUALIFIED = re.compile(
    rf"\b(?:Main|Key|Supplementary|Supplemental|Extended Data|Extended)\s(?=(?:{_KINDS})\s*\(?{OPEN})"
)
_LEAD = re.compile(
    r"(?:^|[.!?:;,—]\s|\b(?:in|by|of|from|with|to|that|into|and|or|if|is|are|as|than|under|through|uses?|used|see|satisf(?:y|ies)|then|"
    r"implies|imply|proves?|around|for|on|at|via|assume|contradicts|which|inside|between|apply|recall|thus|hence|both|over|after|since|"
    r"because|gives?|yields?|shows?|solves?|invoke|follows?|compare|consider|combine|check|verify|extends?|generali[sz]es?|needs?|requires?|"
    r"also|only|again|where|when|while|like|per|but|so|have|has|not|prior|due|[a-z]{2,12}(?<!follow)ing)\s)$",
    re.IGNORECASE,
)
"""What stands before a reference that is the object or the subject of its sentence; behind a noun it is an aside."""
_DETERMINER = re.compile(
    r"(?:\b(?:the|an?|our|this|that|these|those|its|their|each|every|any|no|some|all)|['’]s)\s(?:[^\W\d_][\w’'-]{0,30}\s){0,3}$",
    re.IGNORECASE,
)
"""A determiner, and what stands between it and its noun: "the Bellman equation (3)"."""
_BEFORE = 60


def pointed(text: str) -> str:
    """The text with its cross references in words, and a `HOLE` where a sentence does not stand without the one it lost."""
    if "REF" in text or _LABEL.search(text):
        text = _REF.sub(_PLACE, text)
        text = _LABEL.sub(rf"\1. {_PLACE}", text)
    text = _EMPTY_BRACKETS.sub(f"({_PLACE})", _LOST_LIST.sub(r"\1", text))
    text = _LOST_SUBJECT.sub(f" {HOLE} ", text)
    text = _GLUED.sub(r"\1 ", _STRAY_PLURAL.sub(r"\1s.", text))
    text = _LOST_NUMBER.sub(rf"\1 {_PLACE}", text)
    text = _LOST_CITATION.sub(rf"\1 {HOLE}", text)
    if OPEN not in text and HOLE not in text:
        return text
    for _ in range(3):
        text = _LOST_NEXT.sub(rf"\1{_PLACE}", text)
    text = _ASIDE.sub("", text)
    text = _QUALIFIED.sub("", _STOP_IN_NOUN.sub(r"\1", text))
    return _SOFT_LINE.sub("the", PLACES.sub(_unnamed, named(text, _takes_article)))


def _takes_article(match: re.Match[str]) -> bool:
    if match[0].lower().startswith("the "):
        return True
    at = max(0, match.start() - _BEFORE), match.start()
    return _LEAD.search(match.string, *at) is not None or _DETERMINER.search(match.string, *at) is None


def _unnamed(match: re.Match[str]) -> str:
    """A reference that its noun does not lead: a number in brackets is an equation's."""
    if not _LEAD.search(match.string, max(0, match.start() - _BEFORE), match.start()):
        return ""
    return in_words(match, "equation") if "(" in match[0] else HOLE
