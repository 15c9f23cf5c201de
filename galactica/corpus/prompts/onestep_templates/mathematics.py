"""Problems of mathematics: numbers, algebra, analysis (geometry has a file of its own)."""

from __future__ import annotations

import math
from fractions import Fraction

from galactica.corpus.prompts.onestep_templates.template import MATH, Choice, Multiples, Template, Terms, Variable

_ANY = (0, 1e15)
"""Whole numbers are written out whatever their size."""

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="compound interest",
        field="mathematics",
        variables=(Variable("principal", 100, 20000), Variable("rate", 0.5, 9, 1), Variable("years", 2, 40)),
        questions=(
            "{principal} euros are invested at {rate} % a year, compounded yearly. How much is there after {years} "
            "years?",
            "What does a capital of {principal} euros grow to in {years} years at a yearly interest of {rate} %?",
            "A savings account pays {rate} % a year. What are {principal} euros worth after {years} years if nothing "
            "is taken out?",
        ),
        explanation="Each year the capital is multiplied by the same factor.",
        formula=r"K = K_0 \left( 1 + \frac{r}{100} \right)^n",
        lines=("capital = principal * (1 + rate / 100) ** years",),
        result="capital",
        quantity="capital",
        unit="euros",
        solve=lambda principal, rate, years: principal * math.exp(years * math.log1p(rate / 100)),
        form=".2f",
        between=_ANY,
    ),
    Template(
        name="combinations",
        field="mathematics",
        variables=(Variable("n", 8, 40), Variable("k", 2, 7)),
        questions=(
            "In how many ways can {k} people be chosen from a group of {n}?",
            "How many different subsets of {k} elements does a set of {n} elements have?",
            "How many hands of {k} cards can be dealt from {n} different cards, if their order does not matter?",
        ),
        explanation="The order of the chosen does not matter, so we count combinations.",
        formula=r"\binom{n}{k} = \frac{n!}{k! (n - k)!}",
        lines=("ways = math.comb(n, k)",),
        result="ways",
        quantity="number of ways",
        unit="",
        solve=lambda n, k: math.prod(range(n - k + 1, n + 1)) // math.factorial(k),
        imports=MATH,
        form="d",
        between=_ANY,
    ),
    Template(
        name="arrangements",
        field="mathematics",
        variables=(Variable("n", 7, 30), Variable("k", 2, 6)),
        questions=(
            "In how many orders can {k} of {n} different books stand on a shelf?",
            "{n} runners start. How many different results for the first {k} places are possible?",
            "How many sequences of {k} different elements can be formed from a set of {n} elements?",
        ),
        explanation="There are n choices for the first place, n - 1 for the second, and so on, for k places.",
        formula=r"P(n, k) = \frac{n!}{(n - k)!}",
        lines=("arrangements = math.perm(n, k)",),
        result="arrangements",
        quantity="number of arrangements",
        unit="",
        solve=lambda n, k: math.prod(n - i for i in range(k)),
        imports=MATH,
        form="d",
        between=_ANY,
    ),
    Template(
        name="larger root of a quadratic",
        field="mathematics",
        variables=(Terms("polynomial", (("a", 1, 9), ("b", -40, 40), ("c", -60, -1)), ("x^2", "x", "")),),
        questions=(
            r"What is the larger solution of \( {polynomial} = 0 \)?",
            r"Find the positive root of the polynomial \( {polynomial} \).",
            r"Solve \( {polynomial} = 0 \) and give the larger root.",
        ),
        explanation=(
            "The discriminant is positive, since a and c have opposite signs; the larger root has the plus sign."
        ),
        formula=r"x = \frac{-b + \sqrt{b^2 - 4 a c}}{2 a}",
        lines=("x = (-b + math.sqrt(b**2 - 4 * a * c)) / (2 * a)",),
        result="x",
        quantity="larger root",
        unit="",
        solve=lambda a, b, c: (
            2 * c / (-b - math.sqrt(b * b - 4 * a * c))
            if b > 0
            else -b / (2 * a) + math.sqrt((b / (2 * a)) ** 2 - c / a)
        ),
        imports=MATH,
    ),
    Template(
        name="arithmetic series",
        field="mathematics",
        variables=(Variable("first", -40, 90), Variable("difference", 2, 19), Variable("n", 12, 300)),
        questions=(
            "An arithmetic sequence begins with {first} and has the common difference {difference}. What is the sum "
            "of its first {n} terms?",
            "Add up {n} terms of the sequence that starts at {first} and rises by {difference} each time.",
            "The numbers {first}, {first} + {difference}, {first} + 2 * {difference}, ... are continued to {n} "
            "numbers. What do they add up to?",
        ),
        explanation="The sum is the number of terms times the mean of the first and the last one.",
        formula=r"S_n = \frac{n}{2} \left( 2 a_1 + (n - 1) d \right)",
        lines=("total = n * (2 * first + (n - 1) * difference) // 2",),
        result="total",
        quantity="sum",
        unit="",
        solve=lambda first, difference, n: sum(first + i * difference for i in range(n)),
        form="d",
        between=_ANY,
    ),
    Template(
        name="geometric series",
        field="mathematics",
        variables=(Variable("first", 1, 50), Variable("ratio", 0.2, 1.6, 2), Variable("n", 5, 14)),
        questions=(
            "Find the sum of the first {n} terms of a geometric sequence with first term {first} and ratio {ratio}.",
            "A geometric sequence starts at {first}; each term is {ratio} times the one before. What do {n} terms "
            "add up to?",
            "What is the sum of {first} * ({ratio})^k over k = 0, 1, ... with {n} terms in all?",
        ),
        explanation=(
            "Multiplying the sum by the ratio shifts it by one term, so that all but the first and last terms cancel "
            "in the difference."
        ),
        formula=r"S_n = a \frac{1 - q^n}{1 - q}",
        lines=("total = first * (1 - ratio**n) / (1 - ratio) if ratio != 1 else first * n",),
        result="total",
        quantity="sum",
        unit="",
        solve=lambda first, ratio, n: first * math.fsum(ratio**k for k in range(n)),
    ),
    Template(
        name="greatest common divisor",
        field="mathematics",
        variables=(Multiples("first", "second", 60, 12, 150),),
        questions=(
            "What is the greatest common divisor of {first} and {second}?",
            "A floor of {first} mm by {second} mm is laid with square tiles, none of them cut. What is the longest "
            "side of a tile in mm, "
            "as a whole number?",
            "Find the largest whole number that divides both {first} and {second}.",
        ),
        explanation=(
            "Euclid's algorithm replaces the larger number by its remainder on division by the smaller until nothing "
            "remains."
        ),
        formula=r"\gcd(a, b) = \gcd(b, a \bmod b)",
        lines=(
            "a, b = first, second",
            "while b:",
            "    a, b = b, a % b",
        ),
        result="a",
        quantity="greatest common divisor",
        unit="",
        solve=lambda first, second: math.gcd(first, second),
        form="d",
        between=_ANY,
    ),
    Template(
        name="modular power",
        field="mathematics",
        variables=(Variable("base", 2, 90), Variable("exponent", 20, 900), Variable("modulus", 11, 999)),
        questions=(
            "What is the remainder of {base}^{exponent} on division by {modulus}?",
            "Compute {base} to the power {exponent} modulo {modulus}.",
            "Find the number between 0 and {modulus} - 1 that is congruent to {base}^{exponent} modulo {modulus}.",
        ),
        explanation=(
            "Squaring and reducing at every step keeps the numbers small; Python's pow does so with a third argument."
        ),
        formula=r"r = a^e \bmod m",
        lines=("remainder = pow(base, exponent, modulus)",),
        result="remainder",
        quantity="remainder",
        unit="",
        solve=lambda base, exponent, modulus: base**exponent % modulus,
        form="d",
        between=_ANY,
    ),
    Template(
        name="integral of a quadratic",
        field="mathematics",
        variables=(
            Terms("polynomial", (("a", 1, 9), ("b", -9, 9), ("c", -20, 20)), ("x^2", "x", "")),
            Variable("low", -4, 1),
            Variable("high", 2, 6),
        ),
        questions=(
            r"Compute the integral of \( {polynomial} \) from x = {low} to x = {high}.",
            r"What is the signed area between the x axis and the curve \( y = {polynomial} \), from {low} to {high}?",
            r"Integrate the polynomial \( {polynomial} \) over the interval from {low} to {high}.",
        ),
        explanation="An antiderivative is found term by term; the integral is its difference at the two limits.",
        formula=r"\int_l^h (a x^2 + b x + c) \, dx = \left[ \frac{a}{3} x^3 + \frac{b}{2} x^2 + c x \right]_l^h",
        lines=("integral = a * (high**3 - low**3) / 3 + b * (high**2 - low**2) / 2 + c * (high - low)",),
        result="integral",
        quantity="integral",
        unit="",
        solve=lambda a, b, c, low, high: float(
            Fraction(high - low, 6)
            * sum(
                weight * (a * x * x + b * x + c)
                for weight, x in ((1, Fraction(low)), (4, Fraction(low + high, 2)), (1, Fraction(high)))
            )
        ),
        form=".2f",
        between=(0.01, 99999),
    ),
    Template(
        name="growth time",
        field="mathematics",
        variables=(
            Choice(("thing",), (("population",), ("capital",), ("demand",))),
            Variable("rate", 0.4, 15, 1),
            Variable("factor", 1.5, 20, 1),
        ),
        questions=(
            "A {thing} grows by {rate} % a year. After how many years has it grown to {factor} times its size?",
            "How many years does a {thing} need to reach {factor} times its present value at a growth of {rate} % a "
            "year?",
            "At a yearly rate of {rate} %, when (in years) is a {thing} {factor} times as large as today?",
        ),
        explanation="We take logarithms of both sides of the equation for the growth and solve for the time.",
        formula=r"t = \frac{\ln f}{\ln (1 + r / 100)}",
        lines=("years = math.log(factor) / math.log(1 + rate / 100)",),
        result="years",
        quantity="time",
        unit="years",
        solve=lambda rate, factor: math.log2(factor) / (math.log1p(rate / 100) / math.log(2)),
        imports=MATH,
    ),
    Template(
        name="linear system",
        field="mathematics",
        variables=(
            Terms("upper", (("a", 2, 19), ("b", 2, 19)), ("x", "y")),
            Terms("lower", (("c", 2, 19), ("d", -19, -2)), ("x", "y")),
            Variable("e", -90, 90),
            Variable("f", -90, 90),
        ),
        questions=(
            r"Solve \( {upper} = {e} \) and \( {lower} = {f} \) for x.",
            r"Two lines have the equations \( {upper} = {e} \) and \( {lower} = {f} \). At which x do they cross?",
            r"Find x from the system of equations \( {upper} = {e} \), \( {lower} = {f} \).",
        ),
        explanation="By Cramer's rule x is a quotient of two determinants; the lower one is not zero.",
        formula=r"x = \frac{e d - b f}{a d - b c}",
        lines=("x = (e * d - b * f) / (a * d - b * c)",),
        result="x",
        quantity="value of x",
        unit="",
        solve=lambda a, b, c, d, e, f: float((Fraction(e, b) - Fraction(f, d)) / (Fraction(a, b) - Fraction(c, d))),
        between=(0.01, 9999),
    ),
)
