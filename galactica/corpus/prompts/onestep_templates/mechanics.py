"""Problems of physics: mechanics, gravity and waves."""

from __future__ import annotations

import math

from galactica.corpus.prompts.onestep_templates.template import MATH, Choice, Template, Variable

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="kinetic energy",
        field="physics",
        variables=(Variable("mass", 0.5, 90, 1), Variable("speed", 2, 60, 1)),
        questions=(
            "What is the kinetic energy of a body of {mass} kg that moves at {speed} m/s?",
            "A body of mass {mass} kg moves with a speed of {speed} m/s. Calculate its kinetic energy in joules.",
            "How much work in joules brings {mass} kg from rest to {speed} m/s on a track without friction?",
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
        name="projectile range",
        field="physics",
        variables=(Variable("speed", 5, 90), Variable("angle", 15, 75)),
        questions=(
            "A ball is thrown at {speed} m/s at {angle} degrees above the horizontal over level ground. How far does "
            "it fly "
            "without air resistance?",
            "Neglecting air, what is the range of a projectile launched on level ground at {speed} m/s and {angle} "
            "degrees?",
            "At what distance in metres does a stone land that leaves level ground with {speed} m/s, {angle} degrees "
            "upwards, in vacuum?",
        ),
        explanation=(
            "Without air resistance the horizontal velocity is constant and the flight ends when the height is zero "
            "again."
        ),
        formula=r"R = \frac{v^2 \sin 2\theta}{g}",
        lines=("g = 9.81", "distance = speed**2 * math.sin(2 * math.radians(angle)) / g"),
        result="distance",
        quantity="range",
        unit="m",
        solve=lambda speed, angle: 2 * speed**2 * math.sin(math.radians(angle)) * math.cos(math.radians(angle)) / 9.81,
        imports=MATH,
    ),
    Template(
        name="pendulum",
        field="physics",
        variables=(Variable("length", 0.1, 12, 2),),
        questions=(
            "What is the period of small swings of a simple pendulum {length} m long?",
            "A simple pendulum has a length of {length} m. How long does one full swing of small amplitude take?",
            "A weight hangs on a thread of {length} m. Find the period of its small oscillations in seconds.",
        ),
        explanation="For small amplitudes the period depends on the length and the acceleration of gravity alone.",
        formula=r"T = 2 \pi \sqrt{\frac{L}{g}}",
        lines=("g = 9.81", "period = 2 * math.pi * math.sqrt(length / g)"),
        result="period",
        quantity="period",
        unit="s",
        solve=lambda length: math.tau * (length / 9.81) ** 0.5,
        imports=MATH,
    ),
    Template(
        name="fall with initial speed",
        field="physics",
        variables=(Variable("height", 2, 150), Variable("speed", 1, 30)),
        questions=(
            "A stone is thrown straight down at {speed} m/s from a height of {height} m. After how many seconds does "
            "it hit the ground?",
            "How long does a body fall from {height} m if it starts downwards with {speed} m/s and air resistance is "
            "neglected?",
            "From a bridge {height} m high a ball is thrown vertically downwards with {speed} m/s. Find the time of "
            "fall in s.",
        ),
        explanation=(
            "The height is the sum of the way at constant speed and the way of the accelerated fall; we solve the "
            "quadratic equation."
        ),
        formula=r"t = \frac{-v + \sqrt{v^2 + 2 g h}}{g}",
        lines=("g = 9.81", "time = (-speed + math.sqrt(speed**2 + 2 * g * height)) / g"),
        result="time",
        quantity="time of fall",
        unit="s",
        solve=lambda height, speed: 2 * height / (speed + math.sqrt(speed * speed + 19.62 * height)),
        imports=MATH,
    ),
    Template(
        name="inclined plane",
        field="physics",
        variables=(Variable("angle", 20, 60), Variable("friction", 0.05, 0.3, 2)),
        questions=(
            "A block slides down a plane inclined at {angle} degrees with a coefficient of kinetic friction of "
            "{friction}. "
            "What is its acceleration in m/s²?",
            "Find the acceleration in m/s² of a sledge on a slope of {angle} degrees when the coefficient of "
            "friction is {friction}.",
            "A crate slips down a ramp at {angle} degrees to the horizontal; friction has the coefficient "
            "{friction}. How fast does it accelerate, in m/s²?",
        ),
        explanation="Along the plane gravity acts with the sine of the angle, and friction against it with the cosine.",
        formula=r"a = g (\sin \alpha - \mu \cos \alpha)",
        lines=(
            "g = 9.81",
            "alpha = math.radians(angle)",
            "acceleration = g * (math.sin(alpha) - friction * math.cos(alpha))",
        ),
        result="acceleration",
        quantity="acceleration",
        unit="m/s²",
        solve=lambda angle, friction: (
            9.81 * math.hypot(1, friction) * math.sin(math.radians(angle) - math.atan(friction))
        ),
        imports=MATH,
        form=".3g",
    ),
    Template(
        name="centripetal force",
        field="physics",
        variables=(Variable("mass", 600, 2400), Variable("speed_kmh", 20, 130), Variable("radius", 15, 400)),
        questions=(
            "A car of {mass} kg takes a curve of radius {radius} m at {speed_kmh} km/h. What centripetal force acts "
            "on it, in kN?",
            "Find the force in kN that keeps a vehicle of {mass} kg on a circle of {radius} m radius at {speed_kmh} "
            "km/h.",
            "How many kilonewtons must the tyres of a {mass} kg car supply sideways in a bend of {radius} m radius "
            "at {speed_kmh} km/h?",
        ),
        explanation="Motion on a circle needs a force to its centre; the speed must be in metres per second.",
        formula=r"F = \frac{m v^2}{r}",
        lines=("speed = speed_kmh / 3.6", "force = mass * speed**2 / radius / 1000"),
        result="force",
        quantity="centripetal force",
        unit="kN",
        solve=lambda mass, speed_kmh, radius: mass / radius * speed_kmh**2 / 12.96 / 1000,
        form=".3g",
        between=(0.1, 60),
    ),
    Template(
        name="gravitational acceleration at height",
        field="physics",
        variables=(Variable("height_km", 100, 40000),),
        questions=(
            "What is the acceleration of gravity at a height of {height_km} km above the surface of the Earth?",
            "A satellite orbits {height_km} km above the Earth's surface. How strongly does gravity accelerate it, "
            "in m/s²?",
            "Find g in m/s² at an altitude of {height_km} km (Earth: 5.972e24 kg, radius 6371 km).",
        ),
        explanation=(
            "Outside a sphere gravity acts as if the mass, 5.972e24 kg, were at the centre, 6371 km below the surface."
        ),
        formula=r"g = \frac{G M}{(R + h)^2}",
        lines=("G = 6.674e-11", "distance = (6371 + height_km) * 1000", "acceleration = G * 5.972e24 / distance**2"),
        result="acceleration",
        quantity="acceleration of gravity",
        unit="m/s²",
        solve=lambda height_km: 6.674 * 5.972e13 / (6.371e6 + 1e3 * height_km) ** 2,
    ),
    Template(
        name="mass on a spring",
        field="physics",
        variables=(Variable("mass", 20, 5000), Variable("stiffness", 2, 900)),
        questions=(
            "A mass of {mass} g hangs on a spring of stiffness {stiffness} N/m. With what frequency in Hz does it "
            "oscillate?",
            "Find the natural frequency in Hz of {mass} g on a spring with {stiffness} N/m.",
            "How many times a second does a body of {mass} g swing up and down on a spring of {stiffness} N/m?",
        ),
        explanation="A mass on a linear spring oscillates harmonically, whatever its amplitude.",
        formula=r"f = \frac{1}{2 \pi} \sqrt{\frac{k}{m}}",
        lines=("frequency = math.sqrt(stiffness / (mass / 1000)) / (2 * math.pi)",),
        result="frequency",
        quantity="frequency",
        unit="Hz",
        solve=lambda mass, stiffness: (1000 * stiffness / mass / (4 * math.pi**2)) ** 0.5,
        imports=MATH,
        form=".3g",
    ),
    Template(
        name="inelastic collision",
        field="physics",
        variables=(Variable("first_mass", 100, 5000), Variable("second_mass", 100, 5000), Variable("speed", 1, 40, 1)),
        questions=(
            "A body of {first_mass} g moving at {speed} m/s hits a resting body of {second_mass} g and sticks to it. "
            "How fast do they move on, in m/s?",
            "{first_mass} g at {speed} m/s collide with {second_mass} g at rest, completely inelastically. Find the "
            "common velocity in m/s.",
            "A lump of clay of {first_mass} g flies at {speed} m/s into a resting cart of {second_mass} g and stays "
            "there. "
            "What is the velocity afterwards in m/s?",
        ),
        explanation="Momentum is conserved, and after the collision both masses share one velocity.",
        formula=r"v' = \frac{m_1 v}{m_1 + m_2}",
        lines=("velocity = first_mass * speed / (first_mass + second_mass)",),
        result="velocity",
        quantity="common velocity",
        unit="m/s",
        solve=lambda first_mass, second_mass, speed: speed / (1 + second_mass / first_mass),
        form=".3g",
    ),
    Template(
        name="water pressure",
        field="physics",
        variables=(
            Choice(
                ("liquid", "density"),
                (("fresh water", 998), ("sea water", 1025), ("oil", 850), ("mercury", 13534), ("ethanol", 789)),
            ),
            Variable("depth", 0.5, 90, 1),
        ),
        questions=(
            "By how many kPa is the pressure at a depth of {depth} m in {liquid} ({density} kg/m³) above that at the "
            "surface?",
            "Find the hydrostatic pressure in kPa of a column of {liquid}, {depth} m high, with a density of "
            "{density} kg/m³.",
            "A tank holds {liquid} of density {density} kg/m³, {depth} m deep. What overpressure in kPa acts on its "
            "floor?",
        ),
        explanation="The liquid above weighs on each unit of area.",
        formula=r"p = \rho g h",
        lines=("g = 9.81", "pressure = density * g * depth / 1000"),
        result="pressure",
        quantity="pressure",
        unit="kPa",
        solve=lambda density, depth: 0.00981 * depth * density,
    ),
    Template(
        name="Doppler effect",
        field="physics",
        variables=(Variable("frequency", 200, 2000), Variable("speed_kmh", 20, 250)),
        questions=(
            "An ambulance approaches at {speed_kmh} km/h with a siren of {frequency} Hz. Which frequency does a "
            "resting listener hear? "
            "The speed of sound is 343 m/s.",
            "A train that whistles at {frequency} Hz comes towards a platform at {speed_kmh} km/h. What frequency in "
            "Hz is heard there "
            "(sound: 343 m/s)?",
            "Find the frequency in Hz that reaches an observer at rest from a source of {frequency} Hz moving "
            "towards him at {speed_kmh} km/h, "
            "with a speed of sound of 343 m/s.",
        ),
        explanation="A source that comes nearer shortens the wavelength in the direction of its motion.",
        formula=r"f' = \frac{f}{1 - v / c}",
        lines=("speed = speed_kmh / 3.6", "heard = frequency / (1 - speed / 343)"),
        result="heard",
        quantity="frequency",
        unit="Hz",
        solve=lambda frequency, speed_kmh: 343 * 3.6 * frequency / (343 * 3.6 - speed_kmh),
    ),
    Template(
        name="vibrating string",
        field="physics",
        variables=(Variable("length", 30, 120), Variable("tension", 20, 300), Variable("density", 0.3, 8, 1)),
        questions=(
            "A string {length} cm long has a mass of {density} g per metre and a tension of {tension} N. What is the "
            "frequency of its fundamental?",
            "Find the fundamental frequency in Hz of a string of {length} cm under {tension} N that weighs {density} "
            "g/m.",
            "With which frequency, in Hz, does a guitar string of {length} cm and {density} g/m sound at a tension "
            "of {tension} N?",
        ),
        explanation=(
            "Half a wavelength fits on the string, on which waves travel at the root of tension over mass per length."
        ),
        formula=r"f = \frac{1}{2 L} \sqrt{\frac{F}{\mu}}",
        lines=("speed = math.sqrt(tension / (density / 1000))", "frequency = speed / (2 * length / 100)"),
        result="frequency",
        quantity="frequency",
        unit="Hz",
        solve=lambda length, tension, density: 50 / length * (1000 * tension / density) ** 0.5,
        imports=MATH,
    ),
)
