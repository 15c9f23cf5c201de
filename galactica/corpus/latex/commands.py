r"""The commands that the reader knows, by what becomes of them: sections, citations, references, characters, accents, and those
whose arguments are not text."""

from __future__ import annotations

import re

from galactica.modalities import latex_symbols


def commands(text: str) -> frozenset[str]:
    """The words of a text as commands."""
    return frozenset("\\" + name for name in text.split())


def _table(text: str) -> dict[str, str]:
    """`name value` pairs, one a word, as command -> value; `_` stands for a space and `0` for nothing."""
    words = text.split()
    return {
        "\\" + name: {"_": " ", "0": ""}.get(value, value) for name, value in zip(words[::2], words[1::2], strict=True)
    }


SECTIONS = {
    "\\part": 0, "\\chapter": 1, "\\section": 2, "\\subsection": 3, "\\subsubsection": 4, "\\paragraph": 5, "\\subparagraph": 6,
    "\\addpart": 0, "\\addchap": 1, "\\addsec": 2,
}  # fmt: skip
COUNTERS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")

CITATIONS = commands(
    "cite citep citealp citealt citepalias parencite autocite supercite onlinecite citen citenum footcite "
    "fullcite footfullcite "
    "smartcite Parencite Autocite Citep Citealp Citealt citetalias shortcite citenoun parencites autocites cites "
    "supercites footcites "
    "Cite citeonline scite upcite"
)
NARRATIVE = commands("citet Citet textcite Textcite citeasnoun newcite textcites citeA citeN shortciteN")
CITED_AUTHORS = commands("citeauthor Citeauthor shortciteA")
CITED_YEARS = commands("citeyear citeyearpar citeyearNP citedate")
REFERENCES = {
    **dict.fromkeys(commands("ref labelcref vref fref subref fullref zref"), "ref"),
    **dict.fromkeys(commands("eqref Eqref eqnref"), "eqref"),
    **dict.fromkeys(commands("cref autoref zcref"), "cref"),
    **dict.fromkeys(commands("Cref Autoref Vref"), "Cref"),
    **dict.fromkeys(commands("pageref vpageref cpageref Cpageref"), "pageref"),
    **dict.fromkeys(commands("nameref Nameref titleref"), "nameref"),
}  # fmt: skip
"""Command -> the manner in which it shows what it points to."""

_GONE = {
    "o": "linebreak pagebreak nopagebreak nolinebreak printbibliography printglossary addlinespace "
    "footnotemark printindex",
    "om": "vspace hspace index bibliographystyle thispagestyle pagestyle nocite hypersetup "
    "enlargethispage graphicspath pagenumbering "
    "selectlanguage date usetikzlibrary glsadd phantom hphantom vphantom bibliography addbibresource linespread "
    "setstretch thanks tikzset "
    "pgfplotsset lstset captionsetup subjclass keywords keyword pacs PACS email orcid ead affil affiliation "
    "institute institution address "
    "urladdr curraddr dedicatory journal volume altaffiliation preprint received accepted published homepage "
    "collaboration Received "
    "Accepted ccsdesc acmConference acmYear acmISBN acmDOI acmPrice copyrightyear setcopyright needspace "
    "stepcounter refstepcounter "
    "includepdf epsfbox special hyphenation tag DOI doi MSC subclass fnref corref fntext tnoteref cortext inst "
    "fnmsep setitemize "
    "setenumerate setlist nomenclature glossary includesvg message immediate authorrunning titlerunning "
    "shorttitle shortauthors "
    "bibpunct theoremstyle setcitestyle newlength newcounter newsavebox usebox newdimen newcount sethlcolor sisetup "
    "thispdfpagelabels "
    "includegraphics epsfig psfig plotone todo marginpar marginnote sidenote footnote footnotetext endnote "
    "missingfigure pdfcomment fxnote "
    "Description tablefootnote setmainfont externaldocument color pagecolor rowcolor cellcolor columncolor "
    "arrayrulecolor lhead rhead chead lfoot "
    "rfoot cfoot fancyhead fancyfoot bookmark pdfbookmark hl@ tikzexternaldisable input include blurb articlenum "
    "datereceived dateaccepted arabic alph Alph roman Roman fnsymbol value altaffilmark "
    "pubDOI pubvolume pubissue pubyear markright backmatter@ supplementary acknowledgment acknowledgments@ "
    "tableofcontents@ ztitle",
    "omm": "setcounter addtocounter setlength addtolength markboth fontsize crefname Crefname corr "
    "numberwithin settowidth settoheight "
    "settodepth counterwithin counterwithout glsdesc newacro sbox savebox DeclareSIUnit DeclareUnicodeCharacter "
    "addtocontents rule "
    "plottwo altaffiltext psfrag newcolumntype",
    "ommm": "addcontentsline definecolor DeclareFontFamily colorlet titleformat acrodef newacronym",
}
_KEPT = {  # the last mandatory argument stays
    "om": "makebox framebox fbox mbox hbox vbox vtop hyperref underline emph enquote uppercase "
    "lowercase MakeUppercase MakeLowercase textbf "
    "textit textrm textsf texttt textsc textsl textup textmd textnormal text uline so ul st centerline leftline "
    "rightline sout uwave "
    "xout dashuline twocolumn specialcell makecell thead shortstack gls Gls glspl Glspl acrshort acrlong ac acp "
    "acs acl acf Ac "
    "alert pbox num ang unit",
    "omm": "textcolor colorbox foreignlanguage hyperlink hypertarget rotatebox scalebox parbox raisebox "
    "pdftooltip contour href",
    "ommm": "resizebox fcolorbox multicolumn multirow",
}  # fmt: skip
ARGUMENTS: dict[str, tuple[str, bool]] = {
    **{command: (signature, False) for signature, names in _GONE.items() for command in commands(names)},
    **{command: (signature, True) for signature, names in _KEPT.items() for command in commands(names)},
}
"""Command -> its parameters (o any number in brackets, m one in braces) and whether the last mandatory one is text."""

DIMENSIONS = commands(
    "vskip hskip kern mkern mskip raise lower parskip parindent baselineskip topmargin textwidth textheight "
    "oddsidemargin evensidemargin "
    "columnsep tabcolsep arraycolsep headheight headsep footskip hsize vsize abovecaptionskip belowcaptionskip "
    "leftskip rightskip topsep "
    "itemsep partopsep parsep leftmargin labelsep labelwidth itemindent unitlength fboxsep fboxrule hoffset "
    "voffset moveleft moveright "
    "abovedisplayskip belowdisplayskip abovedisplayshortskip belowdisplayshortskip intextsep floatsep "
    "textfloatsep linewidth columnwidth "
    "extrarowheight doublerulesep tolerance emergencystretch hbadness vbadness hfuzz vfuzz widowpenalty "
    "clubpenalty advance multiply vrule "
    "hrule tabskip paperwidth paperheight lineskip looseness hangindent hangafter postdisplaypenalty "
    "predisplaypenalty interdisplaylinepenalty "
    "hyphenpenalty penalty arraystretch baselinestretch"
)
"""Commands that a length or a number may follow without braces."""

LENGTH = re.compile(
    r"\s*(?:by\s*)?=?\s*-?[\d.,]*\s*(?:true\s*)?(?:pt|cm|mm|in|em|ex|sp|pc|bp|mu|fill?l?)?(?:\s*(?:plus|minus)\s*-?[\d.]+\s*(?:pt|cm|mm|in|em|ex|fill?l?))*\s?"
)

CHARACTERS = {
    **{command: character for character, command in latex_symbols.SYMBOLS.items() if command[:1] == "\\" and command[1:].isalpha()},
    **_table(
        "ss ß SS SS o ø O Ø ae æ AE Æ oe œ OE Œ aa å AA Å l ł L Ł i ı j ȷ dh ð DH Ð th þ TH Þ dj đ DJ Đ ng ŋ S § "
        "P ¶ copyright © "
        "textsection § textparagraph ¶ dots … ldots … textellipsis … textemdash — textendash – textdegree ° "
        "degree ° degrees ° textmu µ "
        "texttrademark ™ textregistered ® textcopyright © textless < textgreater > textbar | textasciitilde ~ "
        "textasciicircum ^ "
        "textquotedblleft “ textquotedblright ” textquoteleft ‘ textquoteright ’ quotedblbase „ quotesinglbase ‚ "
        "guillemotleft « guillemotright » "
        "guillemetleft « guillemetright » textquotesingle ' textbullet • textperiodcentered · texttimes × textpm "
        "± textdiv ÷ textsterling £ "
        "pounds £ euro € EUR € texteuro € textyen ¥ textcent ¢ textonehalf ½ textonequarter ¼ textthreequarters "
        "¾ textordfeminine ª "
        "textordmasculine º textdagger † dag † ddag ‡ textdaggerdbl ‡ textasteriskcentered * textunderscore _ "
        "textbraceleft { textbraceright } "
        "textdollar $ textquestiondown ¿ textexclamdown ¡ textperthousand ‰ textohm Ω textangstrom Å angstrom Å "
        "textleftarrow ← "
        "textrightarrow → textuparrow ↑ textdownarrow ↓ checkmark ✓ cmark ✓ xmark ✗ LaTeX LaTeX TeX TeX LaTeXe "
        "LaTeX2e BibTeX BibTeX "
        "lq ‘ rq ’ lbrack [ rbrack ] slash / quad _ qquad _ enspace _ enskip _ thinspace _ space _ nobreakspace "
        "_ hfill _ hfil _ newline _ "
        "tab _ relax 0 xspace 0 textalpha α textbeta β textgamma γ textdelta δ textlambda λ textpi π textmugreek "
        "µ celsius °C percent % "
        "vert | lt < gt > Vert ‖ bigskip 0 medskip 0 smallskip 0"
    ),
    **{"\\" + sign: sign for sign in "%&$#_{}|"},
    **dict.fromkeys(("\\ ", "\\\n", "\\\t", "\\,", "\\;", "\\:", "\\>"), " "),
    **dict.fromkeys(("\\!", "\\/", "\\-", "\\@", "\\*", "\\<", "\\+"), ""),
    "\\textbackslash": "\\", "\\textquotedbl": '"',
}  # fmt: skip
"""Command -> what it is in text."""

ACCENTS = {
    "\\'": "\u0301", "\\`": "\u0300", "\\^": "\u0302", '\\"': "\u0308", "\\~": "\u0303", "\\=": "\u0304", "\\.": "\u0307",
    "\\u": "\u0306", "\\v": "\u030c", "\\H": "\u030b", "\\c": "\u0327", "\\k": "\u0328", "\\r": "\u030a",
    "\\d": "\u0323", "\\b": "\u0331",
}  # fmt: skip
"""Command -> the combining character that follows the letter."""

STRUCTURE = (
    frozenset(SECTIONS) | CITATIONS | NARRATIVE | CITED_AUTHORS | CITED_YEARS | frozenset(REFERENCES)
    | commands(
        "item caption label title author abstract footnote includegraphics text mbox hbox emph textbf textit "
        "textrm texttt textsc textsf "
        "maketitle input include begin end url href par ensuremath left right frac keywords thanks appendix "
        "newcommand renewcommand def let "
        "acknowledgments acknowledgements bibliography bibliographystyle bibitem newblock tableofcontents "
        "thebibliography usepackage "
        "documentclass subfile hline cline intertext texorpdfstring xspace makeatletter makeatother email "
        "address affil affiliation"
    )
)  # fmt: skip
"""Commands whose meaning is not the document's to change."""
