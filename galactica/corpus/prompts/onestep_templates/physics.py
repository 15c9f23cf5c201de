"""Problems of physics: light, heat, atoms and relativity (mechanics has a file of its own)."""

from __future__ import annotations

import math

from galactica.corpus.prompts.onestep_templates.template import MATH, Choice, Template, Variable

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="photon energy",
        field="physics",
        variables=(Variable("wavelength", 120, 1600),),
        questions=(
            "What is the energy in eV of a photon with a wavelength of {wavelength} nm?",
            "Light of {wavelength} nm falls on a detector. How much energy in electronvolts does each photon carry?",
            "Convert a wavelength of {wavelength} nm to a photon energy in eV.",
        ),
        explanation=(
            "The energy of a photon is Planck's constant times its frequency; dividing by the elementary charge "
            "gives eV."
        ),
        formula=r"E = \frac{h c}{\lambda}",
        lines=("h = 6.62607015e-34", "c = 299792458", "energy = h * c / (wavelength * 1e-9) / 1.602176634e-19"),
        result="energy",
        quantity="energy",
        unit="eV",
        solve=lambda wavelength: 1239.8419843320025 / wavelength,
    ),
    Template(
        name="refraction",
        field="physics",
        variables=(
            Choice(
                ("medium", "index"),
                (("water", 1.333), ("crown glass", 1.52), ("flint glass", 1.62), ("diamond", 2.417), ("ice", 1.31)),
            ),
            Variable("angle", 5, 85),
        ),
        questions=(
            "Light enters {medium} (n = {index}) from air at {angle} degrees to the normal. At what angle in degrees "
            "does it go on?",
            "Find the angle of refraction in degrees of a ray that meets {medium} of index {index} from air at an "
            "incidence of {angle} degrees.",
            "A beam in air strikes {medium}, whose refractive index is {index}, {angle} degrees from the "
            "perpendicular. How many degrees "
            "from the perpendicular is it inside?",
        ),
        explanation="Snell's law relates the sines of the two angles; the index of air is taken as 1.",
        formula=r"\theta_2 = \arcsin \frac{\sin \theta_1}{n}",
        lines=("inside = math.degrees(math.asin(math.sin(math.radians(angle)) / index))",),
        result="inside",
        quantity="angle of refraction",
        unit="degrees",
        solve=lambda index, angle: math.degrees(
            math.atan2(math.sin(math.radians(angle)), math.sqrt(index**2 - math.sin(math.radians(angle)) ** 2))
        ),
        imports=MATH,
        form=".1f",
    ),
    Template(
        name="thin lens",
        field="physics",
        variables=(Variable("focal", 2, 30, 1), Variable("object_distance", 31, 300)),
        questions=(
            "An object stands {object_distance} cm in front of a converging lens of focal length {focal} cm. How far "
            "behind the lens is its image?",
            "Find the image distance in cm for a thin lens of f = {focal} cm and an object {object_distance} cm away.",
            "At what distance in cm from a lens of focal length {focal} cm must a screen stand to show an object "
            "{object_distance} cm before it?",
        ),
        explanation="The reciprocals of object and image distance add up to that of the focal length.",
        formula=r"\frac{1}{b} = \frac{1}{f} - \frac{1}{g}",
        lines=("image_distance = 1 / (1 / focal - 1 / object_distance)",),
        result="image_distance",
        quantity="image distance",
        unit="cm",
        solve=lambda focal, object_distance: focal * object_distance / (object_distance - focal),
    ),
    Template(
        name="de Broglie wavelength",
        field="physics",
        variables=(
            Choice(("particle", "mass"), (("electron", 9.109e-31), ("proton", 1.673e-27), ("neutron", 1.675e-27))),
            Variable("speed", 1000, 900000),
        ),
        questions=(
            "What is the de Broglie wavelength in nm of a free {particle} (mass {mass} kg) that moves at {speed} m/s?",
            "Find the wavelength in nanometres of a beam of {particle}s at {speed} m/s; the mass of one is {mass} kg.",
            "Which wavelength, in nm, belongs to a particle of {mass} kg, the mass of one {particle}, with a speed "
            "of {speed} m/s?",
        ),
        explanation=(
            "The wavelength of matter is Planck's constant over the momentum, which at this speed is the product of "
            "mass and velocity."
        ),
        formula=r"\lambda = \frac{h}{m v}",
        lines=("h = 6.62607015e-34", "wavelength = h / (mass * speed) * 1e9"),
        result="wavelength",
        quantity="wavelength",
        unit="nm",
        solve=lambda mass, speed: 6.62607015e-25 / mass / speed,
        form=".3g",
        between=(1e-3, 900),
    ),
    Template(
        name="mixing temperatures",
        field="physics",
        variables=(
            Variable("hot_mass", 50, 2000),
            Variable("hot", 50, 95),
            Variable("cold_mass", 50, 2000),
            Variable("cold", 5, 30),
        ),
        questions=(
            "{hot_mass} g of water at {hot} °C is mixed with {cold_mass} g of water at {cold} °C. What temperature "
            "results in °C?",
            "Find the final temperature in °C when {cold_mass} g of water at {cold} °C is poured to {hot_mass} g at "
            "{hot} °C, without losses.",
            "A bath is made of {hot_mass} g of water at {hot} °C and {cold_mass} g at {cold} °C. How warm is it, in "
            "°C?",
        ),
        explanation=(
            "The heat that the warm water gives is what the cold water takes, so the temperature is the mean "
            "weighted by the masses."
        ),
        formula=r"T = \frac{m_1 T_1 + m_2 T_2}{m_1 + m_2}",
        lines=("temperature = (hot_mass * hot + cold_mass * cold) / (hot_mass + cold_mass)",),
        result="temperature",
        quantity="temperature",
        unit="°C",
        solve=lambda hot_mass, hot, cold_mass, cold: cold + (hot - cold) / (1 + cold_mass / hot_mass),
        form=".1f",
    ),
    Template(
        name="radioactive decay",
        field="physics",
        variables=(
            Choice(
                ("nuclide", "half_life", "period"),
                (
                    ("iodine-131", 8.02, "days"),
                    ("cobalt-60", 5.27, "years"),
                    ("caesium-137", 30.1, "years"),
                    ("radon-222", 3.82, "days"),
                    ("technetium-99m", 6.01, "hours"),
                ),
            ),
            Variable("activity", 20, 900),
            Variable("time", 2, 60),
        ),
        questions=(
            "A source of {nuclide} (half-life {half_life} {period}) has an activity of {activity} MBq. What is its "
            "activity in MBq after "
            "{time} {period}?",
            "Find the activity in MBq left of {activity} MBq of {nuclide} after {time} {period}, with a half-life of "
            "{half_life} {period}.",
            "{nuclide} decays with a half-life of {half_life} {period}. To how many MBq have {activity} MBq fallen "
            "after {time} {period}?",
        ),
        explanation="The activity is proportional to the number of nuclei, which halves in every half-life.",
        formula=r"A = A_0 \, 2^{-t / t_{1/2}}",
        lines=("remaining = activity * 2 ** (-time / half_life)",),
        result="remaining",
        quantity="activity",
        unit="MBq",
        solve=lambda half_life, activity, time: activity * math.exp(-math.log(2) / half_life * time),
        between=(0.1, 900),
    ),
    Template(
        name="time dilation",
        field="physics",
        variables=(Variable("beta", 0.1, 0.995, 3), Variable("hours", 1, 90)),
        questions=(
            "A spaceship flies past at {beta} times the speed of light. How many hours pass here while its clock "
            "shows {hours} hours?",
            "{hours} hours pass on a clock that moves at {beta} c. What time has gone by, in hours, for an observer "
            "at rest?",
            "Find the dilated time in hours of a proper time of {hours} hours at a velocity of {beta} c.",
        ),
        explanation="A moving clock runs slow by the Lorentz factor.",
        formula=r"t = \frac{\tau}{\sqrt{1 - \beta^2}}",
        lines=("time = hours / math.sqrt(1 - beta**2)",),
        result="time",
        quantity="time",
        unit="hours",
        solve=lambda beta, hours: hours * math.cosh(math.atanh(beta)),
        imports=MATH,
    ),
    Template(
        name="Coulomb force",
        field="physics",
        variables=(Variable("first", 1, 900), Variable("second", 1, 900), Variable("distance", 1, 50, 1)),
        questions=(
            "Two small spheres carry {first} nC and {second} nC, {distance} cm apart. With what force in mN do they "
            "repel each other?",
            "Find the electrostatic force in millinewtons between point charges of {first} nC and {second} nC at a "
            "distance of {distance} cm.",
            "How strong, in mN, is the repulsion of {first} nC and {second} nC whose centres are {distance} cm from "
            "each other?",
        ),
        explanation=(
            "The force of Coulomb's law is proportional to both charges and falls with the square of the distance."
        ),
        formula=r"F = \frac{1}{4 \pi \varepsilon_0} \frac{q_1 q_2}{r^2}",
        lines=("k = 8.988e9", "force = k * first * 1e-9 * second * 1e-9 / (distance / 100) ** 2 * 1000"),
        result="force",
        quantity="force",
        unit="mN",
        solve=lambda first, second, distance: 89.88e-3 * second / distance * first / distance,
        form=".3g",
        between=(0.01, 900),
    ),
    Template(
        name="thermal expansion",
        field="physics",
        variables=(
            Choice(
                ("metal", "coefficient"),
                (("steel", 1.2e-5), ("aluminium", 2.3e-5), ("copper", 1.7e-5), ("brass", 1.9e-5)),
            ),
            Variable("length", 1, 300),
            Variable("rise", 10, 120),
        ),
        questions=(
            "A {metal} beam {length} m long is warmed by {rise} K. By how many mm does it grow, with a coefficient "
            "of expansion of {coefficient} per K?",
            "Find the expansion in mm of {length} m of {metal} ({coefficient} / K) for a temperature rise of {rise} K.",
            "How much longer, in mm, do {length} m of {metal} pipe become {rise} K warmer? The coefficient of linear "
            "expansion is {coefficient} / K.",
        ),
        explanation="The relative change of length is proportional to the change of temperature.",
        formula=r"\Delta L = \alpha L \, \Delta T",
        lines=("expansion = coefficient * length * rise * 1000",),
        result="expansion",
        quantity="expansion",
        unit="mm",
        solve=lambda coefficient, length, rise: length * 1e3 * (rise * coefficient),
        form=".3g",
        between=(0.05, 900),
    ),
    Template(
        name="thermal radiation",
        field="physics",
        variables=(Variable("temperature", 320, 3000), Variable("area", 1, 900), Variable("emissivity", 0.1, 0.98, 2)),
        questions=(
            "A surface of {area} cm² with an emissivity of {emissivity} is at {temperature} K. What power in W does "
            "it radiate?",
            "Find the thermal radiation in watts of {area} cm² at {temperature} K, with an emissivity of {emissivity}.",
            "How many watts does a body of {temperature} K, emissivity {emissivity} and surface {area} cm² emit?",
        ),
        explanation=(
            "By the Stefan-Boltzmann law the radiated power grows with the fourth power of the absolute temperature."
        ),
        formula=r"P = \varepsilon \sigma A T^4",
        lines=("sigma = 5.670374419e-8", "power = emissivity * sigma * area * 1e-4 * temperature**4"),
        result="power",
        quantity="power",
        unit="W",
        solve=lambda temperature, area, emissivity: 5.670374419 * (temperature / 1000) ** 4 * area * emissivity,
    ),
)
