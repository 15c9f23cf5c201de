"""The environments that the reader knows, by what becomes of them. Names are without the star."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DISPLAYS = _words(
    "equation displaymath align alignat aligned gather multline eqnarray flalign xalignat xxalignat dmath dgroup "
    "IEEEeqnarray empheq "
    "split gathered cases CD tikzcd"
)
"""Environments whose inside is a displayed formula, also those that people write without the one around them."""
MATHS = DISPLAYS | {"math"}
UNNUMBERED = _words("displaymath split gathered cases aligned CD tikzcd math")
BY_ROW = _words("align alignat eqnarray gather flalign xalignat IEEEeqnarray")
"""Displays that number each of their rows."""
COLUMN_ARGUMENT = _words("alignat xalignat xxalignat IEEEeqnarray")

LISTS = {
    **dict.fromkeys(_words("itemize compactitem asparaitem inparaitem list trivlist todolist"), "bullets"),
    **dict.fromkeys(
        _words("enumerate compactenum asparaenum inparaenum inlinelist parts subparts tasks steps"), "numbers"
    ),
    **dict.fromkeys(_words("description compactdesc labeling"), "terms"),
}
FLOATS = {
    **dict.fromkeys(
        _words("figure wrapfigure SCfigure sidewaysfigure marginfigure floatingfigure scheme chart video"), "Figure"
    ),
    **dict.fromkeys(
        _words("table wraptable SCtable sidewaystable deluxetable longtable margintable supertabular ThreePartTable"),
        "Table",
    ),
    **dict.fromkeys(_words("algorithm algorithm2e wrapalgorithm"), "Algorithm"),
}
TABULARS = _words(
    "tabular tabularx tabulary tabu tblr longtable longtabu xltabular supertabular deluxetable NiceTabular"
)
WIDTH_ARGUMENT = _words("tabularx tabulary xltabular")
"""Tables with a width before the columns (`tabular*` has one too)."""
QUOTES = _words("quote quotation displayquote verse")
PICTURES = _words(
    "tikzpicture pspicture picture xy psmatrix forest axis pgfpicture circuitikz overpic codi diagram feynman fmffile "
    "fmfgraph quantikz texdraw psfrags animateinline ganttchart prooftree tableau oltableau mathpar gnuplot "
    "filecontents lpic "
    "subfigure subfloat subtable"
)
"""Environments that draw: nothing of them becomes text."""
DROPPED = PICTURES | _words(
    "comment keywords keyword IEEEkeywords acknowledgments acknowledgements acknowledgement acknowledgment acks ack "
    "Acknowledgments Acknowledgements Acknowledgement theindex funding thebibliography bibdiv biblist "
    "nomenclature tablenotes "
    "highlights graphicalabstract AMS MSC PACS biography IEEEbiography IEEEbiographynophoto supplementary"
)
PROOFS = {
    **dict.fromkeys(_words("proof pf Proof IEEEproof demo dem"), "Proof"),
    "sketch": "Proof sketch",
}
THEOREMS = {
    **{
        name: name.capitalize()
        for name in _words(
            "theorem lemma proposition corollary definition remark example conjecture claim fact assumption "
            "observation problem "
            "question exercise notation property condition hypothesis axiom note case convention criterion "
            "solution principle "
            "Theorem Lemma Proposition Corollary Definition Remark Example Claim"
        )
    },
    **dict.fromkeys(_words("thm theo"), "Theorem"),
    **dict.fromkeys(_words("lem lemm"), "Lemma"),
    "prop": "Proposition",
    **dict.fromkeys(_words("cor coro corol"), "Corollary"),
    **dict.fromkeys(_words("defn defi dfn"), "Definition"),
    **dict.fromkeys(_words("rem rmk remk rema"), "Remark"),
    **dict.fromkeys(_words("exa exam exmp"), "Example"),
    "conj": "Conjecture",
    "assump": "Assumption",
    "obs": "Observation",
}
"""What a theorem-like environment is called that a class defines and the document does not."""

KNOWN = (
    MATHS
    | LISTS.keys()
    | FLOATS.keys()
    | TABULARS
    | QUOTES
    | DROPPED
    | PROOFS.keys()
    | _words("abstract document center minipage appendices subequations array")
)
"""Environments whose meaning is not the document's to change."""
