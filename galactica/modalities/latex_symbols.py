"""What mathematical LaTeX is made of: Unicode characters and the commands that write them, commands with their number of
arguments, environments. Only commands that KaTeX, pandoc and typst all typeset."""

from __future__ import annotations

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ "
    "mu μ nu ν "
    "xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω "
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
_ORDINARY = (
    "infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ Re ℜ Im ℑ wp ℘ aleph ℵ beth ℶ forall ∀ exists ∃ nexists ∄ emptyset ∅ "
    "angle ∠ "
    "measuredangle ∡ triangle △ square □ blacksquare ■ bot ⊥ top ⊤ neg ¬ prime ′ dagger † ddagger ‡ bullet • circ ∘ "
    "star ⋆ "
    "diamond ⋄ clubsuit ♣ heartsuit ♥ spadesuit ♠ sharp ♯ flat ♭ natural ♮ imath ı jmath ȷ complement ∁ checkmark ✓ "
    "ldots … cdots ⋯ vdots ⋮ ddots ⋱ pounds £ lozenge ◊ bigstar ★ diamondsuit ♢ triangledown ▽ backprime ‵ "
    "blacktriangle ▲ blacktriangledown ▼ blacklozenge ⧫ sphericalangle ∢ maltese ✠"
)
_BINARY = (
    "pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ cup ∪ cap ∩ sqcup ⊔ sqcap ⊓ uplus ⊎ vee ∨ wedge ∧ setminus ∖ oplus ⊕ "
    "ominus ⊖ "
    "otimes ⊗ oslash ⊘ odot ⊙ amalg ⨿ wr ≀ bigcirc ◯ triangleleft ◁ triangleright ▷ ltimes ⋉ rtimes ⋊ boxplus ⊞ "
    "boxtimes ⊠ boxminus ⊟ circleddash ⊝ boxdot ⊡ lessdot ⋖ gtrdot ⋗ Cap ⋒ Cup ⋓ doublebarwedge ⩞ divideontimes ⋇ leftthreetimes ⋋ "
    "rightthreetimes ⋌ curlywedge ⋏ curlyvee ⋎ intercal ⊺ barwedge ⊼ veebar ⊻"
)
_RELATIONS = (
    "leq ≤ geq ≥ neq ≠ ll ≪ gg ≫ lll ⋘ ggg ⋙ approx ≈ sim ∼ simeq ≃ cong ≅ equiv ≡ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ "
    "subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ supsetneq ⊋ nsubseteq ⊈ sqsubseteq ⊑ sqsupseteq ⊒ prec ≺ succ ≻ "
    "preceq ⪯ "
    "succeq ⪰ mid ∣ nmid ∤ parallel ∥ nparallel ∦ perp ⟂ models ⊨ vdash ⊢ dashv ⊣ asymp ≍ doteq ≐ triangleq ≜ "
    "coloneqq ≔ "
    "lesssim ≲ gtrsim ≳ leqslant ⩽ geqslant ⩾ leqq ≦ geqq ≧ nleq ≰ ngeq ≱ nless ≮ ngtr ≯ therefore ∴ because ∵ "
    "bowtie ⋈ smile ⌣ frown ⌢ approxeq ≊ lessgtr ≶ lneqq ≨ lnsim ⋦ lnapprox ⪉ gneqq ≩ gnsim ⋧ gnapprox ⪊ nprec ⊀ nsucc ⊁ "
    "npreceq ⋠ nsucceq ⋡ precneqq ⪵ succneqq ⪶ precnsim ⋨ succnsim ⋩ precnapprox ⪹ succnapprox ⪺ precapprox ⪷ succapprox ⪸ "
    "preccurlyeq ≼ succcurlyeq ≽ curlyeqprec ⋞ curlyeqsucc ⋟ nvdash ⊬ nvDash ⊭ nVdash ⊮ nVDash ⊯ Vvdash ⊪ "
    "vartriangleleft ⊲ vartriangleright ⊳ ntriangleleft ⋪ ntriangleright ⋫ ntrianglelefteq ⋬ ntrianglerighteq ⋭ "
    "blacktriangleleft ◀ blacktriangleright ▶ supsetneqq ⫌ nsupseteq ⊉ Subset ⋐ Supset ⋑ sqsubset ⊏ sqsupset ⊐ "
    "eqslantless ⪕ eqslantgtr ⪖ lessapprox ⪅ gtrapprox ⪆ lesseqgtr ⋚ gtreqless ⋛ lesseqqgtr ⪋ gtreqqless ⪌ "
    "doteqdot ≑ risingdotseq ≓ fallingdotseq ≒ backsimeq ⋍ bumpeq ≏ Bumpeq ≎ eqcirc ≖ circeq ≗ between ≬ pitchfork ⋔ "
    "multimap ⊸ origof ⊶ imageof ⊷ nleftrightarrow ↮ nLeftarrow ⇍ nLeftrightarrow ⇎ Updownarrow ⇕ mapsfrom ↤ "
    "dashrightarrow ⇢ dashleftarrow ⇠ leftleftarrows ⇇ upuparrows ⇈ downdownarrows ⇊ Lleftarrow ⇚ Rrightarrow ⇛ "
    "twoheadleftarrow ↞ leftarrowtail ↢ rightarrowtail ↣ looparrowleft ↫ looparrowright ↬ curvearrowleft ↶ curvearrowright ↷ "
    "Lsh ↰ Rsh ↱ upharpoonleft ↿ upharpoonright ↾ downharpoonleft ⇃ downharpoonright ⇂ leftrightsquigarrow ↭ "
    "to → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ mapsto ↦ uparrow ↑ downarrow ↓ "
    "updownarrow ↕ Uparrow ⇑ Downarrow ⇓ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ "
    "Longleftarrow ⟸ Longleftrightarrow ⟺ longmapsto ⟼ hookrightarrow ↪ hookleftarrow ↩ nearrow ↗ searrow ↘ swarrow ↙ "
    "nwarrow ↖ rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌ "
    "leftrightharpoons ⇋ rightleftarrows ⇄ leftrightarrows ⇆ rightrightarrows ⇉ twoheadrightarrow ↠ rightsquigarrow ⇝ "
    "circlearrowleft ↺ circlearrowright ↻ nrightarrow ↛ nRightarrow ⇏"
)
_LARGE = (
    "sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ "
    "bigodot ⨀ biguplus ⨄ bigsqcup ⨆ oiint ∯ oiiint ∰"
)
_FENCES = "langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ Vert ‖ lbrace ❴ rbrace ❵"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(table: str) -> dict[str, str]:
    """Character -> command (with its backslash)."""
    words = table.split()
    return {character: f"\\{name}" for name, character in zip(words[::2], words[1::2], strict=True)}


LARGE_OPERATORS = _pairs(_LARGE)
RELATIONS = _pairs(_RELATIONS) | {c: c for c in "=<>:"} | {"∶": ":", "≕": "=:", "↝": r"\rightsquigarrow"}
BINARY = _pairs(_BINARY) | {"+": "+", "-": "-", "−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "*": "*",
    "∙": r"\cdot", "·": r"\cdot", "⨯": r"\times", "✕": r"\times", "✖": r"\times", "⁎": r"\ast",
    "∧": r"\wedge", "＋": "+"}  # fmt: skip
FENCES = _pairs(_FENCES) | {
    "\u2329": r"\langle",
    "\u232a": r"\rangle",
    "\u3008": r"\langle",
    "\u3009": r"\rangle",
    "∥": r"\|",
    "{": r"\{",
    "}": r"\}",
}
SYMBOLS = (
    _pairs(_GREEK) | _pairs(_ORDINARY) | BINARY | RELATIONS | LARGE_OPERATORS | FENCES
    | {
        "µ": r"\mu", "Ω": r"\Omega", "∆": r"\Delta", "\u212b": r"\text{Å}", "\u00c5": r"\text{Å}", "ℎ": "h", "ħ": r"\hbar", 
        "⁄": "/", "∕": "/",
        "″": r"\prime\prime", "‴": r"\prime\prime\prime", "ʹ": r"\prime", "√": r"\surd", "∤": r"\nmid", "│": "|", "❘": "|",
        "＝": "=", "\\": r"\backslash", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "_": r"\_", "~": r"\sim", "^": r"\wedge",
        "‥": r"\ldots", "ϵ": r"\epsilon", "∊": r"\in", "Ø": r"\emptyset", "⌀": r"\emptyset", "⩵": "==", "≝": r"\triangleq",
        "⟦": r"\llbracket", "⟧": r"\rrbracket",
        "°": r"^{\circ}", "º": r"^{\circ}", "˚": r"^{\circ}", "¼": r"\frac{1}{4}", "½": r"\frac{1}{2}", "¾": r"\frac{3}{4}",
        "’": "'", "‘": "'", "“": "''", "”": "''", "`": "'", "Ι": "I", "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H",
        "Κ": "K", "Μ": "M",
        "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Χ": "X", "Υ": "Y", "ο": "o", "⊿": r"\triangle", "▵": r"\triangle",
        "▴": r"\triangle", "◦": r"\circ", "○": r"\circ", "∘": r"\circ", "∎": r"\blacksquare", "≙": "=", "⩾": r"\geq",
        "⩽": r"\leq", "≦": r"\leq",
        "≧": r"\geq", "≔": ":=", "─": "-", "—": "-", "ˆ": r"\wedge", "∣": r"\mid", "∈": r"\in", "⟶": r"\to",
        "⇄": r"\rightleftharpoons", "⇋": r"\rightleftharpoons",
    }
)  # fmt: skip
"""Character -> LaTeX in mathematics mode, for the characters that are not written as themselves."""

SPACES = dict.fromkeys(" \t\n\r\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
INVISIBLE = frozenset("\u2061\u2062\u2063\u2064\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe00\ufe01")

OVER_ACCENTS = {
    **dict.fromkeys("¯‾ˉ̅̄", ("bar", "overline")), **dict.fromkeys("_̲", ("bar", "overline")),
    **dict.fromkeys("-−–─", ("bar", "overline")),
    **dict.fromkeys("^ˆ̂", ("hat", "widehat")), **dict.fromkeys("~˜̃∼", ("tilde", "widetilde")),
    **dict.fromkeys("→⃗⇀⟶", ("vec", "overrightarrow")),
    **dict.fromkeys("˙̇.·⋅", ("dot", "dot")), **dict.fromkeys("¨̈", ("ddot", "ddot")),
    **dict.fromkeys("ˇ̌", ("check", "check")), **dict.fromkeys("˘̆", ("breve", "breve")), **dict.fromkeys("´́", ("acute", "acute")),
    **dict.fromkeys("`̀", ("grave", "grave")), "←": ("overleftarrow", "overleftarrow"), "↔": ("overleftrightarrow",) * 2,
    "˚": ("mathring", "mathring"), "⏞": ("overbrace", "overbrace"), "︷": ("overbrace", "overbrace"),
}  # fmt: skip
"""The character over a base -> (command for one letter, command for a longer base)."""

UNDER_ACCENTS = {**dict.fromkeys("_̲¯‾-−–", "underline"), "⏟": "underbrace", "︸": "underbrace"}

FUNCTIONS = _words(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp det dim ker deg gcd hom arg min "
    "max "
    "sup inf lim limsup liminf Pr"
)
"""Names that are commands of their own; any other is written with `operatorname` or `mathrm`."""
LIMIT_FUNCTIONS = _words("min max sup inf lim limsup liminf det gcd Pr")
OTHER_FUNCTIONS = _words(
    "argmax argmin sech csch arccot arcsec arccsc arsinh arcosh artanh sgn sign tr Tr rank diag erf erfc Var Cov mod "
    "softmax sigmoid div grad curl rot adj span vol supp cov var lcm card"
)

# --- for the check of a formula -------------------------------------------------------------------------------------

ONE_ARGUMENT = _words(
    "sqrt hat widehat bar overline tilde widetilde vec overrightarrow overleftarrow overleftrightarrow dot ddot "
    "dddot check breve acute "
    "grave mathring underline overbrace underbrace boxed cancel bcancel xcancel mathrm "
    "mathbf mathit mathsf "
    "mathtt mathcal mathscr mathfrak mathbb boldsymbol bm pmb mathop mathbin mathrel mathord mathopen "
    "mathclose mathpunct underbar underleftarrow underrightarrow overbracket underbracket ddddot utilde "
    "xrightarrow xleftarrow substack tag not pmod bmod"
) - {"bmod", "not"}  # fmt: skip
TWO_ARGUMENTS = _words("frac dfrac tfrac binom overset underset stackrel")
TEXT_ARGUMENT = _words("text textrm textbf textit textsf texttt operatorname operatorname*")
WITH_ARGUMENTS = ONE_ARGUMENT | TWO_ARGUMENTS | TEXT_ARGUMENT
DELIMITERS = _words(
    r"( ) [ ] | . < > \{ \} \| \langle \rangle \lfloor \rfloor \lceil \rceil \vert \Vert \lvert \rvert \lVert \rVert "
    r"\lbrace \rbrace \lbrack \rbrack"
)
OPENING_DELIMITERS = _words(r"( [ < \{ \langle \lfloor \lceil \lvert \lVert \lbrace \lbrack")
CLOSING_DELIMITERS = _words(r") ] > \} \rangle \rfloor \rceil \rvert \rVert \rbrace \rbrack")
SIZES = frozenset(size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r"))
ALIGNMENTS = _words(
    "matrix pmatrix bmatrix Bmatrix smallmatrix cases aligned alignedat split gathered array "
    "align align* gather gather* eqnarray eqnarray*"
)
PLAIN_COMMANDS = (
    frozenset(
        command[1:]
        for command in (*_pairs(_GREEK).values(), *_pairs(_ORDINARY).values(), *BINARY.values(), *RELATIONS.values(),
                        *LARGE_OPERATORS.values(), *FENCES.values(), *DELIMITERS)
        if command.startswith("\\") and command[1:].isalpha()
    )
    | FUNCTIONS
    | _words(
    "quad qquad displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits le ge ne gets lnot land lor "
    "iff implies impliedby "
    "surd varnothing hslash dots dotsc dotsb dotsm dotso colon vert lvert rvert lVert rVert middle rightarrow owns "
    "bmod mod not "
    "smallsetminus varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi varOmega "
    "varkappa digamma "
    "backslash ddag dag eth gimel daleth Bbbk circledast circledcirc dotplus lhd rhd "
    "unlhd unrhd "
    "nsim ncong precsim succsim trianglelefteq trianglerighteq vDash Vdash models backsim backepsilon eqsim gtrless "
    "lneq gneq "
    "subsetneqq subseteqq supseteqq nleftarrow nexists mho Finv Game hline "
    ""
    "leadsto vartriangle Diamond varpropto Join Doteq centerdot cdotp restriction bigtriangleup bigtriangledown "
    "smallsmile smallfrown mathsterling yen circledR rmoustache lmoustache rgroup lgroup "
    "llbracket rrbracket ulcorner urcorner llcorner lrcorner coloneq Coloneqq eqcolon eqqcolon "
)
) - {"text"}  # fmt: skip
"""Commands without an argument."""
