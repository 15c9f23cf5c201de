"""Problems of astronomy."""

from __future__ import annotations

import math

from galactica.corpus.prompts.onestep_templates.template import MATH, Choice, Template, Variable

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="orbital period",
        field="astronomy",
        variables=(Variable("semi_major_axis", 0.3, 40, 2),),
        questions=(
            "A planet orbits the Sun with a semi-major axis of {semi_major_axis} AU. What is its orbital period in "
            "years?",
            "How many years does a body with a semi-major axis of {semi_major_axis} AU need for one orbit of the Sun?",
            "An asteroid is found at a mean distance of {semi_major_axis} AU from the Sun. How long is its year, in "
            "years of the Earth?",
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
            "A satellite measures a parallax of {parallax_mas} mas. Convert it to a distance in light years.",
        ),
        explanation=(
            "The distance in parsecs is the reciprocal of the parallax in arcseconds; one parsec is 3.2616 light years."
        ),
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
            "How fast, in km/s, must a probe leave the surface of a world of {mass_earths} Earth masses and radius "
            "{radius_km} km "
            "so that it never falls back?",
        ),
        explanation=(
            "A body escapes when its kinetic energy equals the depth of the gravitational potential at the surface."
        ),
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
        imports=MATH,
    ),
    Template(
        name="distance modulus",
        field="astronomy",
        variables=(Variable("apparent", -1, 12, 2), Variable("absolute", -8, 10, 2)),
        questions=(
            "A star has the apparent magnitude {apparent} and the absolute magnitude {absolute}. How far away is it "
            "in parsecs?",
            "Without extinction, at what distance in pc does a star of absolute magnitude {absolute} shine with "
            "apparent magnitude {apparent}?",
            "Find the distance in parsecs from m = {apparent} and M = {absolute}.",
        ),
        explanation=(
            "The difference of apparent and absolute magnitude is five times the logarithm of the distance in units "
            "of 10 pc."
        ),
        formula=r"d = 10^{(m - M + 5)/5}\,\mathrm{pc}",
        lines=("distance = 10 ** ((apparent - absolute + 5) / 5)",),
        result="distance",
        quantity="distance",
        unit="pc",
        solve=lambda apparent, absolute: 10 * math.exp(math.log(100) / 10 * (apparent - absolute)),
        between=(1, 9999),
    ),
    Template(
        name="Schwarzschild radius",
        field="astronomy",
        variables=(
            Choice(("body",), (("black hole",), ("collapsed star",), ("compact object",))),
            Variable("mass_suns", 3, 900, 1),
        ),
        questions=(
            "A {body} has {mass_suns} times the mass of the Sun. What is its Schwarzschild radius in km?",
            "To what radius in km must {mass_suns} solar masses be compressed to become a black hole?",
            "Find the radius of the event horizon, in km, of a {body} of {mass_suns} solar masses that does not "
            "rotate.",
        ),
        explanation="At the Schwarzschild radius the Newtonian escape velocity would equal the speed of light.",
        formula=r"r_s = \frac{2 G M}{c^2}",
        lines=(
            "G = 6.674e-11",
            "c = 299792458",
            "mass = mass_suns * 1.989e30",
            "radius_km = 2 * G * mass / c**2 / 1000",
        ),
        result="radius_km",
        quantity="Schwarzschild radius",
        unit="km",
        solve=lambda mass_suns: mass_suns * 2 * 6.674 * 1.989e16 / (2.99792458e8) ** 2,
    ),
)
