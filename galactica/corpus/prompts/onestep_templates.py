"""The templates of OneSmallStep: a formula, its quantities with ranges, wordings, a program and the solution it must give.

Constants: CODATA 2018 and IAU 2015, to the digits written.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Field = Literal["astronomy", "chemistry", "electronics", "mathematics", "physics", "statistics"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A quantity drawn evenly between `low` and `high` with so many decimals (0: a whole number)."""

    name: str
    low: float
    high: float
    decimals: int = 0

    def draw(self, rng: random.Random) -> float | int:
        """A value in the range."""
        if self.decimals == 0:
            return rng.randint(int(self.low), int(self.high))
        return round(rng.uniform(self.low, self.high), self.decimals)


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of problem. `lines` compute the variable `result` from the variables by name; `solve` says independently of them what
    it must be, in `unit`; `quantity` is its name in a sentence, `form` how the number is written."""

    name: str
    field: Field
    variables: tuple[Variable, ...]
    questions: tuple[str, ...]
    explanation: str
    formula: str
    lines: tuple[str, ...]
    result: str
    quantity: str
    unit: str
    solve: Callable[..., float]
    imports: tuple[str, ...] = ()
    form: str = ".4g"


_MATH = ("import math",)

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="orbital period",
        field="astronomy",
        variables=(Variable("semi_major_axis", 0.3, 40, 2),),
        questions=(
            "A planet orbits the Sun with a semi-major axis of {semi_major_axis} AU. What is its orbital period in years?",
            "How many years does a body with a semi-major axis of {semi_major_axis} AU need for one orbit of the Sun?",
        ),
        explanation="By Kepler's third law the square of the period in years is the cube of the semi-major axis in AU.",
        formula=r"T = a^{3/2}",
        lines=("period = semi_major_axis ** 1.5",),
        result="period",
        quantity="orbital period",
        unit="years",
        solve=lambda semi_major_axis: math.sqrt(semi_major_axis**3),
    ),
    Template(
        name="parallax distance",
        field="astronomy",
        variables=(Variable("parallax_mas", 2, 700, 1),),
        questions=(
            "A star shows an annual parallax of {parallax_mas} milliarcseconds. How far away is it in light years?",
            "What is the distance in light years of a star whose parallax is {parallax_mas} mas?",
        ),
        explanation="The distance in parsecs is the reciprocal of the parallax in arcseconds; one parsec is 3.2616 light years.",
        formula=r"d = \frac{1000}{p} \times 3.2616",
        lines=("distance_pc = 1000 / parallax_mas", "distance_ly = distance_pc * 3.2616"),
        result="distance_ly",
        quantity="distance",
        unit="light years",
        solve=lambda parallax_mas: 3261.6 / parallax_mas,
    ),
    Template(
        name="escape velocity",
        field="astronomy",
        variables=(Variable("mass_earths", 0.1, 300, 1), Variable("radius_km", 2500, 70000)),
        questions=(
            "A planet has {mass_earths} times the mass of the Earth and a radius of {radius_km} km. "
            "What is the escape velocity at its surface in km/s?",
            "What is the escape velocity in km/s of a planet of {mass_earths} Earth masses and radius {radius_km} km?",
        ),
        explanation="A body escapes when its kinetic energy equals the depth of the gravitational potential at the surface.",
        formula=r"v = \sqrt{\frac{2 G M}{r}}",
        lines=(
            "G = 6.674e-11",
            "mass = mass_earths * 5.972e24",
            "velocity = math.sqrt(2 * G * mass / (radius_km * 1000)) / 1000",
        ),
        result="velocity",
        quantity="escape velocity",
        unit="km/s",
        solve=lambda mass_earths, radius_km: (2 * 6.674e-11 * 5.972e24 * mass_earths / (radius_km * 1e3)) ** 0.5 / 1e3,
        imports=_MATH,
    ),
    Template(
        name="molarity",
        field="chemistry",
        variables=(Variable("mass", 1, 120, 1), Variable("volume", 50, 2000)),
        questions=(
            "{mass} g of sodium chloride (58.44 g/mol) is dissolved to give {volume} mL of solution. What is its molarity?",
            "What is the molar concentration of {volume} mL of a solution that holds {mass} g of NaCl (molar mass 58.44 g/mol)?",
        ),
        explanation="The amount of substance is the mass over the molar mass; the molarity is the amount per litre of solution.",
        formula=r"c = \frac{m}{M V}",
        lines=("amount = mass / 58.44", "molarity = amount / (volume / 1000)"),
        result="molarity",
        quantity="molarity",
        unit="mol/L",
        solve=lambda mass, volume: 1000 * mass / 58.44 / volume,
    ),
    Template(
        name="ideal gas pressure",
        field="chemistry",
        variables=(Variable("amount", 0.1, 9, 2), Variable("temperature", 200, 600), Variable("volume", 1, 90, 1)),
        questions=(
            "{amount} mol of an ideal gas is held at {temperature} K in a vessel of {volume} L. What is the pressure in kPa?",
            "A {volume} L flask contains {amount} mol of an ideal gas at {temperature} K. Find its pressure in kPa.",
        ),
        explanation="The pressure of an ideal gas follows from its equation of state; litres give kPa.",
        formula=r"p = \frac{n R T}{V}",
        lines=("R = 8.314", "pressure = amount * R * temperature / volume"),
        result="pressure",
        quantity="pressure",
        unit="kPa",
        solve=lambda amount, temperature, volume: amount / volume * 8.314 * temperature,
    ),
    Template(
        name="strong acid pH",
        field="chemistry",
        variables=(Variable("concentration", 0.0002, 0.5, 4),),
        questions=(
            "What is the pH of a {concentration} mol/L solution of hydrochloric acid?",
            "Hydrochloric acid is diluted to {concentration} mol/L. Calculate the pH, taking the acid as fully dissociated.",
        ),
        explanation="A strong acid dissociates completely, so the concentration of hydronium ions is that of the acid.",
        formula=r"\mathrm{pH} = -\log_{10} [\mathrm{H_3O^+}]",
        lines=("pH = -math.log10(concentration)",),
        result="pH",
        quantity="pH",
        unit="",
        solve=lambda concentration: math.log(1 / concentration) / math.log(10),
        imports=_MATH,
    ),
    Template(
        name="first-order decay",
        field="chemistry",
        variables=(Variable("half_life", 3, 900), Variable("time", 5, 2000), Variable("initial", 0.1, 5, 2)),
        questions=(
            "A first-order reaction has a half-life of {half_life} s. The reactant starts at {initial} mol/L. "
            "What is its concentration after {time} s?",
            "A reactant of initial concentration {initial} mol/L decays by first-order kinetics with a half-life of {half_life} s. "
            "How much is left after {time} s, in mol/L?",
        ),
        explanation="In a first-order reaction the concentration halves in every half-life.",
        formula=r"c = c_0 \left( \frac{1}{2} \right)^{t / t_{1/2}}",
        lines=("concentration = initial * 0.5 ** (time / half_life)",),
        result="concentration",
        quantity="concentration",
        unit="mol/L",
        solve=lambda half_life, time, initial: initial * math.exp(-math.log(2) * time / half_life),
    ),
    Template(
        name="parallel resistors",
        field="electronics",
        variables=(Variable("first", 10, 990), Variable("second", 10, 990)),
        questions=(
            "Two resistors of {first} ohm and {second} ohm are connected in parallel. What is the total resistance?",
            "What single resistance replaces {first} ohm and {second} ohm in parallel?",
        ),
        explanation="In parallel the conductances add, so the total resistance is the product over the sum.",
        formula=r"R = \frac{R_1 R_2}{R_1 + R_2}",
        lines=("resistance = first * second / (first + second)",),
        result="resistance",
        quantity="total resistance",
        unit="ohm",
        solve=lambda first, second: 1 / (1 / first + 1 / second),
    ),
    Template(
        name="RC cut-off",
        field="electronics",
        variables=(Variable("resistance", 1, 100, 1), Variable("capacitance", 1, 500)),
        questions=(
            "A low-pass filter consists of a {resistance} kilohm resistor and a {capacitance} nF capacitor. "
            "What is its cut-off frequency in Hz?",
            "Find the -3 dB frequency in Hz of an RC filter with R = {resistance} kilohm and C = {capacitance} nF.",
        ),
        explanation="At the cut-off frequency the reactance of the capacitor equals the resistance.",
        formula=r"f = \frac{1}{2 \pi R C}",
        lines=("frequency = 1 / (2 * math.pi * resistance * 1e3 * capacitance * 1e-9)",),
        result="frequency",
        quantity="cut-off frequency",
        unit="Hz",
        solve=lambda resistance, capacitance: 1e6 / (math.tau * resistance * capacitance),
        imports=_MATH,
    ),
    Template(
        name="voltage divider",
        field="electronics",
        variables=(Variable("supply", 3, 48), Variable("upper", 1, 100, 1), Variable("lower", 1, 100, 1)),
        questions=(
            "A voltage divider of {upper} kilohm (upper) and {lower} kilohm (lower) is fed with {supply} V. "
            "What is the voltage across the lower resistor?",
            "{supply} V lies across {upper} kilohm and {lower} kilohm in series. What voltage falls on the second resistor?",
        ),
        explanation="The same current flows through both resistors, so the voltage divides in the ratio of the resistances.",
        formula=r"V_\text{out} = V \frac{R_2}{R_1 + R_2}",
        lines=("voltage = supply * lower / (upper + lower)",),
        result="voltage",
        quantity="voltage",
        unit="V",
        solve=lambda supply, upper, lower: supply / (1 + upper / lower),
    ),
    Template(
        name="compound interest",
        field="mathematics",
        variables=(Variable("principal", 100, 20000), Variable("rate", 0.5, 9, 1), Variable("years", 2, 40)),
        questions=(
            "{principal} euros are invested at {rate} % a year, compounded yearly. How much is there after {years} years?",
            "What does a capital of {principal} euros grow to in {years} years at a yearly interest of {rate} %?",
        ),
        explanation="Each year the capital is multiplied by the same factor.",
        formula=r"K = K_0 \left( 1 + \frac{r}{100} \right)^n",
        lines=("capital = principal * (1 + rate / 100) ** years",),
        result="capital",
        quantity="capital",
        unit="euros",
        solve=lambda principal, rate, years: principal * math.exp(years * math.log1p(rate / 100)),
        form=".2f",
    ),
    Template(
        name="law of cosines",
        field="mathematics",
        variables=(Variable("a", 2, 60), Variable("b", 2, 60), Variable("angle", 15, 160)),
        questions=(
            "Two sides of a triangle measure {a} cm and {b} cm and enclose {angle} degrees. How long is the third side?",
            "A triangle has a = {a} cm, b = {b} cm and the angle between them is {angle} degrees. Find c.",
        ),
        explanation="Two sides and the angle between them determine the third side by the law of cosines.",
        formula=r"c = \sqrt{a^2 + b^2 - 2 a b \cos \gamma}",
        lines=("c = math.sqrt(a**2 + b**2 - 2 * a * b * math.cos(math.radians(angle)))",),
        result="c",
        quantity="third side",
        unit="cm",
        solve=lambda a, b, angle: abs(a - b * complex(math.cos(math.radians(angle)), math.sin(math.radians(angle)))),
        imports=_MATH,
    ),
    Template(
        name="combinations",
        field="mathematics",
        variables=(Variable("n", 8, 40), Variable("k", 2, 7)),
        questions=(
            "In how many ways can {k} people be chosen from a group of {n}?",
            "How many different subsets of {k} elements does a set of {n} elements have?",
        ),
        explanation="The order of the chosen does not matter, so we count combinations.",
        formula=r"\binom{n}{k} = \frac{n!}{k! (n - k)!}",
        lines=("ways = math.comb(n, k)",),
        result="ways",
        quantity="number of ways",
        unit="",
        solve=lambda n, k: math.prod(range(n - k + 1, n + 1)) // math.factorial(k),
        imports=_MATH,
        form="d",
    ),
    Template(
        name="kinetic energy",
        field="physics",
        variables=(Variable("mass", 0.5, 90, 1), Variable("speed", 2, 60, 1)),
        questions=(
            "What is the kinetic energy of a body of {mass} kg that moves at {speed} m/s?",
            "A body of mass {mass} kg moves with a speed of {speed} m/s. Calculate its kinetic energy in joules.",
        ),
        explanation="The kinetic energy grows with the mass and with the square of the speed.",
        formula=r"E = \frac{1}{2} m v^2",
        lines=("energy = mass * speed**2 / 2",),
        result="energy",
        quantity="kinetic energy",
        unit="J",
        solve=lambda mass, speed: 0.5 * mass * speed * speed,
    ),
    Template(
        name="photon energy",
        field="physics",
        variables=(Variable("wavelength", 120, 1600),),
        questions=(
            "What is the energy in eV of a photon with a wavelength of {wavelength} nm?",
            "Light of {wavelength} nm falls on a detector. How much energy in electronvolts does each photon carry?",
        ),
        explanation="The energy of a photon is Planck's constant times its frequency; dividing by the elementary charge gives eV.",
        formula=r"E = \frac{h c}{\lambda}",
        lines=("h = 6.62607015e-34", "c = 299792458", "energy = h * c / (wavelength * 1e-9) / 1.602176634e-19"),
        result="energy",
        quantity="energy",
        unit="eV",
        solve=lambda wavelength: 1239.8419843320025 / wavelength,
    ),
    Template(
        name="projectile range",
        field="physics",
        variables=(Variable("speed", 5, 90), Variable("angle", 15, 75)),
        questions=(
            "A ball is thrown at {speed} m/s at {angle} degrees above the horizontal over level ground. How far does it fly "
            "without air resistance?",
            "Neglecting air, what is the range of a projectile launched on level ground at {speed} m/s and {angle} degrees?",
        ),
        explanation="Without air resistance the horizontal velocity is constant and the flight ends when the height is zero again.",
        formula=r"R = \frac{v^2 \sin 2\theta}{g}",
        lines=("g = 9.81", "distance = speed**2 * math.sin(2 * math.radians(angle)) / g"),
        result="distance",
        quantity="range",
        unit="m",
        solve=lambda speed, angle: (
            2 * speed**2 * math.sin(math.radians(angle)) * math.cos(math.radians(angle)) / 9.81
        ),
        imports=_MATH,
    ),
    Template(
        name="pendulum",
        field="physics",
        variables=(Variable("length", 0.1, 12, 2),),
        questions=(
            "What is the period of small swings of a simple pendulum {length} m long?",
            "A simple pendulum has a length of {length} m. How long does one full swing of small amplitude take?",
        ),
        explanation="For small amplitudes the period depends on the length and the acceleration of gravity alone.",
        formula=r"T = 2 \pi \sqrt{\frac{L}{g}}",
        lines=("g = 9.81", "period = 2 * math.pi * math.sqrt(length / g)"),
        result="period",
        quantity="period",
        unit="s",
        solve=lambda length: math.tau * (length / 9.81) ** 0.5,
        imports=_MATH,
    ),
    Template(
        name="z-score",
        field="statistics",
        variables=(Variable("value", 20, 180), Variable("mean", 40, 140), Variable("deviation", 3, 25, 1)),
        questions=(
            "A measurement of {value} is from a population with mean {mean} and standard deviation {deviation}. Find its z-score.",
            "How many standard deviations does {value} lie from a mean of {mean}, if the standard deviation is {deviation}?",
        ),
        explanation="The z-score is the distance from the mean in units of the standard deviation.",
        formula=r"z = \frac{x - \mu}{\sigma}",
        lines=("z = (value - mean) / deviation",),
        result="z",
        quantity="z-score",
        unit="",
        solve=lambda value, mean, deviation: value / deviation - mean / deviation,
    ),
    Template(
        name="binomial probability",
        field="statistics",
        variables=(Variable("n", 5, 20), Variable("k", 0, 5), Variable("p", 0.05, 0.95, 2)),
        questions=(
            "A trial succeeds with probability {p}. What is the probability of exactly {k} successes in {n} independent trials?",
            "In {n} independent trials of success probability {p}, how likely are exactly {k} successes?",
        ),
        explanation="Each choice of the successful trials has the same probability, and there are n over k such choices.",
        formula=r"P(X = k) = \binom{n}{k} p^k (1 - p)^{n - k}",
        lines=("probability = math.comb(n, k) * p**k * (1 - p) ** (n - k)",),
        result="probability",
        quantity="probability",
        unit="",
        solve=lambda n, k, p: (
            math.factorial(n) // (math.factorial(k) * math.factorial(n - k)) * (1 - p) ** (n - k) * p**k
        ),
        imports=_MATH,
    ),
)  # fmt: skip
