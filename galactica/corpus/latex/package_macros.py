r"""Macros of `physics`, `braket`, `mathtools`, `nicefrac` and their like, which a document uses without defining them in its
package. A definition in the document comes before them."""

from __future__ import annotations

SOURCE = r"""
\def\bra#1{\langle #1 |}\def\ket#1{| #1 \rangle}\def\braket#1{\langle #1 \rangle}\def\ketbra#1#2{| #1 \rangle \langle #2 |}
\def\Bra#1{\left\langle #1 \right|}\def\Ket#1{\left| #1 \right\rangle}\def\Braket#1{\left\langle #1 \right\rangle}
\def\abs#1{\left| #1 \right|}\def\norm#1{\left\| #1 \right\|}\def\set#1{\{ #1 \}}\def\Set#1{\left\{ #1 \right\}}
\def\order#1{\mathcal{O}(#1)}\def\nicefrac#1#2{#1/#2}\def\sfrac#1#2{#1/#2}
\def\vb#1{\mathbf{#1}}\def\vu#1{\hat{\mathbf{#1}}}\def\va#1{\vec{\mathbf{#1}}}\newcommand\dd[1][]{\mathrm{d}^{#1}}
\def\expval#1{\langle #1 \rangle}\def\ev#1{\langle #1 \rangle}\def\mel#1#2#3{\langle #1 | #2 | #3 \rangle}
\def\commutator#1#2{[#1, #2]}\def\comm#1#2{[#1, #2]}\def\acomm#1#2{\{#1, #2\}}\def\qq#1{\quad \text{#1} \quad}
\def\Tr{\operatorname{Tr}}\def\tr{\operatorname{tr}}\def\rank{\operatorname{rank}}\def\grad{\nabla}\def\curl{\nabla \times}
\NewDocumentCommand\dv{s o m m}{\frac{\mathrm{d} #3}{\mathrm{d} #4}}
\NewDocumentCommand\pdv{s o m m}{\frac{\partial #3}{\partial #4}}
\def\degr{^{\circ}}\def\vcentcolon{:}\def\Colon{::}\def\dblcolon{::}\def\coloneq{:=}\def\eqqcolon{=:}\def\Coloneqq{::=}
\def\slashed#1{\not #1}\def\mathclap#1{#1}\def\mathllap#1{#1}\def\mathrlap#1{#1}\def\smash#1{#1}\def\llap#1{#1}\def\rlap#1{#1}
\def\clap#1{#1}\def\underbracket#1{\underbrace{#1}}\def\overbracket#1{\overbrace{#1}}\def\xlongrightarrow#1{\xrightarrow{#1}}
\def\xLongrightarrow#1{\overset{#1}{\Longrightarrow}}\def\xRightarrow#1{\overset{#1}{\Rightarrow}}\def\xmapsto#1{\overset{#1}{\mapsto}}\def\xhookrightarrow#1{\overset{#1}{\hookrightarrow}}
\def\prescript#1#2#3{{}^{#1}_{#2}{#3}}\def\argmax{\operatorname{argmax}}\def\argmin{\operatorname{argmin}}
\def\llbracket{[\![}\def\rrbracket{]\!]}\def\mathlarger#1{#1}\def\mathsmaller#1{#1}\def\cdotp{\cdot}
\def\varprojlim{\lim}\def\varinjlim{\lim}\def\projlim{\lim}\def\injlim{\lim}\def\bigtimes{\prod}\def\nobreakdash{}
"""
