"""The LaTeX reader: macros, formulas, labels, lists, tables, and what is hostile."""

from __future__ import annotations

import itertools
import time

import pytest

from galactica.corpus.latex import bibliography, diagrams, embedded_ruby, openlogic
from galactica.corpus.latex.document import to_text
from galactica.corpus.latex.expand import Expander, package_definitions
from galactica.corpus.latex.pointers import point
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tokens import source, tokenise
from galactica.corpus.latex.tree import TooDeepError, parse
from galactica.corpus.latex.writer import Writer
from galactica.corpus.marks import Marks
from galactica.references.record import make_reference


def expand(text: str, files: dict[str, str] | None = None) -> str:
    return source(Expander(files or {}).run(tokenise(text))).strip()


def write(text: str, names: dict[str, tuple[str, str]] | None = None) -> list[str]:
    """The blocks of a body; the key "k" cites a work, "n" an entry without a title."""
    expander = Expander({})
    nodes = parse(expander.run(tokenise(text)))
    work = make_reference("A mathematical theory of communication", ["Shannon, Claude"], 1948, None, None)
    writer = Writer(expander.definitions, Marks({"k": work, "n": None}), names or {})
    return [point(block, writer.pointers, writer.labels.get) for block in writer.write(nodes)]


# --- macros -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\newcommand{\p}[2][x]{<#1,#2>}\p{a} \p[b]c", "<x,a> <b,c>"),
        (r"\def\ie/{i.e.}\ie/ so \def\p(#1,#2){[#1|#2]}\p(1,{2,3})", "i.e. so [1|2,3]"),
        (r"\let\old\vec\renewcommand{\vec}[1]{\old{\mathbf #1}}$\vec x$", r"$\vec{\mathbf x}$"),  # no endless circle
        (r"\newif\ifa\ifa no\else yes\fi\atrue\ifa, yes\else, no\fi", "yes, yes"),
        (r"\NewDocumentCommand\s{t/ m o}{\IfBooleanTF{#1}{N}{P}#2\IfNoValueTF{#3}{-}{+#3}}\s/{a}\s b[c]", "Na-Pb+c"),
        (r"\DeclarePairedDelimiter\a{\lvert}{\rvert}$\a{x}\a*{y}$", r"$\lvert x\rvert\left\lvert y\right\rvert$"),
        (
            r"\newenvironment{be}{\begin{equation}}{\end{equation}}\begin{be}x\end{be}",
            r"\begin{equation}x\end{equation}",
        ),
        (r"\newcommand\R{\ensuremath{\mathbb{R}}}\R, $\R$", r"$\mathbb{R}$, $\mathbb{R}$"),
        (r"a\iffalse b\iftrue c\fi d\fi e", "ae"),
        ("a % b\n\nc \\% d", "a  c \\% d"),
        (
            r"\def\l#1{\m#1:\e}\def\m#1:#2\e{\if\relax\detokenize{#2}\relax #1\else(#1\n#2)\fi.}\def\n#1:{, #1}\l{x}y:z, \l{a:b}c",
            "x.y:z, (a, b).c",
        ),
    ],
)
def test_macros_are_expanded(text: str, expected: str) -> None:
    assert expand(text) == expected


def test_files_are_read_in_from_the_package_alone() -> None:
    files = {"a.tex": "in a, \\input{sub/b}", "sub/b.tex": "in b \\input{a}", "etc/passwd": "secret"}
    assert expand(r"\input{a}\input{../../etc/passwd}x\input{/nowhere}", files) == "in a, in b x"


@pytest.mark.parametrize(
    "text",
    [
        r"\def\a{\a}\a",
        r"\def\a{x\a}\a",
        r"\def\a#1{\a{#1#1}}\a{x}",
        "".join(rf"\def\m{a}{{\m{b}\m{b}}}" for a, b in itertools.pairwise("abcdefghijklmnopqrstuvwxy")) + r"\def\my{yy}\ma",
        r"\newenvironment{a}{\begin{a}}{\end{a}}\begin{a}",
        r"\def\f#1{#1}" + r"\f{" * 100_000,
    ],
)  # fmt: skip
def test_macros_without_end_are_given_up(text: str) -> None:
    started = time.process_time()
    with pytest.raises(TooLongError):
        expand(text)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("text", ["{" * 100_000, r"\begin{center}" * 100_000, r"\emph{" * 70 + "x" + "}" * 70])
def test_deep_nesting_is_given_up(text: str) -> None:
    with pytest.raises(TooDeepError):
        parse(tokenise(text))


@pytest.mark.parametrize(
    "text",
    [
        "$" * 100_001,
        r"\[" * 50_000,
        "$ x " * 50_001,
        "}" * 100_000,
        r"\foo[" * 20_000,
        r"$\bf x " * 9000,
        "[ " * 100_000,
        rf"\declaretheorem[{'m' * 60_000}]{{lemma}}",
        rf"\ref{{x}}{'~' * 20_000}(",
    ],
)
def test_slips_without_end_cost_no_more_than_their_length(text: str) -> None:
    started = time.process_time()
    write(f"{text}\n\nA last word.")
    assert time.process_time() - started < 10


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"Erd\H{o}s, G\"odel, na\"{\i}ve, \O{}stergaard, \v{C}ech", "Erdős, Gödel, naïve, Østergaard, Čech"),
        (r"``Quoted'' -- and --- \emph{set} \textbf{apart}~\dots", "“Quoted” – and — set apart …"),
        (r"CO$_2$ at 10$^{-3}$\,m and 20$^{\circ}$C", "CO₂ at 10⁻³ m and 20°C"),
        (r"\ce{SO4^2- + 2H+ -> H2SO4} at \SI{3}{\metre\per\second\squared}", "SO₄²⁻ + 2H⁺ → H₂SO₄ at 3 m/s²"),
        (r"A claim\footnote{Not \cite{k}.} \label{x}stands\index{c}. \vspace{3pt}\parindent=0pt Next.", "A claim stands. Next."),
        (r"Use \texttt{numpy}, \verb|a%b|, \href{http://x.org}{this} \url{http://y.org/%2_a}.", "Use `numpy`, `a%b`, this http://y.org/%2_a."),
    ],
)  # fmt: skip
def test_text(text: str, expected: str) -> None:
    assert write(text) == [expected]


def test_formulas_displays_and_their_stops() -> None:
    blocks = write(
        "We set\n$$ a \\le \\mbox{if $b$ holds} $$. Then\n"
        "\\begin{align} x &= {1 \\over 2} \\label{e} \\\\ y &= 3 \\nonumber \\end{align}\nso (\\ref{e})."
    )
    assert blocks == [
        "We set",
        r"\[ a \leq\text{if }b\text{ holds}. \]",
        "Then",
        r"\[ \begin{aligned} x &= \frac{1}{2} \\ y &= 3 \end{aligned} \]",
        "so (1).",
    ]


def test_a_sentence_that_leads_to_what_cannot_be_shown_goes() -> None:
    assert write(r"It holds. We draw $\unknowable{x}$ here. It ends.") == ["It holds. It ends."]
    assert write("A picture follows. See it:\n\n\\begin{tikzpicture}\\draw x;\\end{tikzpicture}\n\nAfter it.") == [
        "A picture follows.",
        "After it.",
    ]


def test_sections_theorems_and_labels_have_the_numbers_that_latex_gives() -> None:
    blocks = write(
        r"\newtheorem{thm}{Theorem}[section]\newtheorem{lem}[thm]{Lemma}"
        r"\section{One}\label{s}\subsection{Inner}\section*{Free}\section{Two}"
        r"\begin{thm}[Main]\label{t} It is so.\end{thm}"
        r"\begin{proof} By Section~\ref{s}, Lemma \ref{gone} and \cref{t,l}.\end{proof}"
        r"\begin{lem}\label{l} And so.\end{lem} See (\ref{gone}) and \S\ref{nowhere}. "
        r"\appendix\section{Last}\label{a} In \autoref{a}, p.~\pageref{a}."
    )
    assert blocks == [
        "# 1 One", "## 1.1 Inner", "# Free", "# 2 Two", "**Theorem 2.1 (Main).** It is so.",
        "**Proof.** By Section 1, the lemma and Theorem 2.1 and Lemma 2.2.", "**Lemma 2.2.** And so.", "See and the section.",
        "# A Last", "In Appendix A.",
    ]  # fmt: skip


def test_lists() -> None:
    assert write(
        r"\begin{enumerate}\item First\label{i} \[ x \] \item[(b)] Second \begin{itemize}\item inner\end{itemize}\end{enumerate}"
        r"\begin{description}\item[Term] meaning\end{description} By \ref{i}."
    ) == ["1. First \\( x \\)\n- (b) Second\n  - inner", "**Term**: meaning", "By 1."]


def test_tables_and_figures_keep_captions_behind_their_paragraph() -> None:
    blocks = write(
        r"Before \begin{table}[t]\caption{What is seen}\label{t}\begin{tabular}{l|cc}"
        r"\toprule & \multicolumn{2}{c}{Both} \\ \cmidrule(lr){2-3} Name & $a$ & b \\ \midrule x & 1 & 2 \\[2pt] \hline"
        r" y & 3\% & \cite{k} \\ \bottomrule\end{tabular}\end{table} after Table~\ref{t}."
        r"\begin{figure}\includegraphics[width=1cm]{f}\caption[s]{A long view.}\end{figure}"
    )
    assert blocks == [
        "Before after Table 1.",
        "Table 1: What is seen",
        "| Name | Both \\( a \\) | b |\n| --- | --- | --- |\n| x | 1 | 2 |\n"
        "| y | 3% | [START_REF] A mathematical theory of communication, Shannon[END_REF] |",
        "Figure 1: A long view.",
    ]


def test_code_keeps_its_lines() -> None:
    text = "Run\n\\begin{lstlisting}[language=C]\nif (a)  % b\n  c$;\n\\end{lstlisting}\nand so on."
    assert write(text) == ["Run", "```\nif (a)  % b\n  c$;\n```", "and so on."]


def test_citations() -> None:
    cited = "[START_REF] A mathematical theory of communication, Shannon[END_REF]"
    assert write(
        r"It was shown~\citep[see][p. 3]{k,n}. \citet{k} says so (\cite[Theorem 2]{k}).", {"k": ("Shannon", "1948")}
    ) == [f"It was shown see {cited}. Shannon {cited} says so ({cited}, Theorem 2)."]
    assert write(r"As \citet{n} say. They know.") == ["They know."]


# --- diagrams, dialects, bibliographies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "diagram",
    [
        r"\xymatrix@C=1pc{ A \ar[r]^-{f} \ar[d]_g & B \ar@{=}[d] \\ C \ar[r] & D }",
        r"\begin{tikzcd} A \arrow[r, " + '"f"] \\arrow[d, "g"' + r"'] & B \arrow[d, equal] \\ C \rar & D \end{tikzcd}",
        r"\begin{CD} A @>f>> B \\ @VgVV @| \\ C @>>> D \end{CD}",
    ],
)
def test_diagrams_become_their_arrows(diagram: str) -> None:
    arrows = "".join(source(diagrams.linear(tokenise(diagram))).split())
    for arrow in (r"A\xrightarrow{f}B", r"A\xrightarrow{g}C", r"C\toD"):
        assert arrow in arrows


def test_a_picture_of_dots_is_no_list_of_arrows() -> None:
    picture = r"\xymatrix{ \bullet_e \ar[r] & \bullet & \bullet_f \ar[l] }"
    assert source(diagrams.linear(tokenise(picture))).startswith(r"\xymatrix")
    assert write(f"It can be drawn.\n\\[{picture}\\]\n\nSo it is.") == ["It can be drawn.", "So it is."]


def test_open_logic_words_letters_and_switches() -> None:
    edition = openlogic.Edition({"open-logic-config.sty": r"\settexttoken{formula}{wff}{wffs}\tagfalse{defOr}"})
    text = (
        r"!!^a{formula} and !!{formula}s: $!A \lor !B$. \iftag{defOr}{No \iftag{x}{a}{b}}{Yes}.\tagitem{prvOr}{one}{}"
    )
    assert edition.plain(text) == r"A wff and wffs: $\varphi  \lor \psi $. Yes.\item one"


def test_embedded_ruby() -> None:
    text = "<% chapter('02', %q{Flat {\\em space}}, 'ch:f') %><% begin_sec(\"One\",4,'one') %>x"
    text += '<% begin_sec("Two") %>y<% end_sec %><% end_sec %><% marg(0) %>'
    latex = "".join(embedded_ruby.to_latex(text).split())
    assert (
        latex
        == r"\setcounter{chapter}{1}\chapter{Flat{\emspace}}\label{ch:f}\section{One}\label{sec:one}x\subsection{Two}y"
    )


@pytest.mark.parametrize(
    "listed",
    [
        r"\bibitem[Shannon et~al.(1948)Shannon]{k} C.~E. Shannon and W.~Weaver. \newblock A mathematical theory of"
        r" {C}ommunication. \newblock \emph{Bell}, 1948.",
        r"\bibitem [{\citenamefont {Shannon}(1948)}]{k}\BibitemOpen"
        r"\bibfield {author}{\bibinfo {author} {\bibfnamefont {C.~E.}\ \bibnamefont {Shannon}}, }"
        r"\bibfield {title}{\bibinfo {title} {A mathematical theory of communication}, }\bibinfo {year} {1948}",
        r"\entry{k}{article}{}{}\name{author}{1}{}{{hash=1}{family={Shannon},given={C.\bibnamedelima E.}}}"
        r"\field{title}{A mathematical theory of communication}"
        r"\field{year}{1948}\endentry",
        r"\bib{k}{article}{author={Shannon, C. E.}, title={A mathematical theory of communication}, date={1948}}",
        r"\bibitem{k} C. E. Shannon, ``A mathematical theory of communication,'' Bell Syst. Tech. J. 27 (1948).",
    ],
)  # fmt: skip
def test_lists_of_works_in_all_dialects(listed: str) -> None:
    definitions = package_definitions().copy()
    found = bibliography.read({"a.bbl": listed}, ["k"], [], lambda latex: to_text(definitions, latex)).references["k"]
    assert found is not None
    assert (found.title.lower(), found.surname, found.year) == (
        "a mathematical theory of communication",
        "Shannon",
        1948,
    )
