"""Problems of mathematics: figures, vectors and lines."""

from __future__ import annotations

import math

from galactica.corpus.prompts.onestep_templates.template import MATH, Numbers, Template, Terms, Variable

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="law of cosines",
        field="mathematics",
        variables=(Variable("a", 2, 60), Variable("b", 2, 60), Variable("angle", 15, 160)),
        questions=(
            "Two sides of a triangle measure {a} cm and {b} cm and enclose {angle} degrees. How long is the third "
            "side?",
            "A triangle has a = {a} cm, b = {b} cm and the angle between them is {angle} degrees. Find c.",
            "What is the distance in cm between the ends of two rods of {a} cm and {b} cm that are joined at an "
            "angle of {angle} degrees?",
        ),
        explanation="Two sides and the angle between them determine the third side by the law of cosines.",
        formula=r"c = \sqrt{a^2 + b^2 - 2 a b \cos \gamma}",
        lines=("c = math.sqrt(a**2 + b**2 - 2 * a * b * math.cos(math.radians(angle)))",),
        result="c",
        quantity="third side",
        unit="cm",
        solve=lambda a, b, angle: abs(a - b * complex(math.cos(math.radians(angle)), math.sin(math.radians(angle)))),
        imports=MATH,
    ),
    Template(
        name="circular sector",
        field="mathematics",
        variables=(Variable("radius", 2, 60, 1), Variable("angle", 10, 350)),
        questions=(
            "What is the area in cm² of a circular sector of radius {radius} cm and central angle {angle} degrees?",
            "A slice of a disc of radius {radius} cm spans {angle} degrees. Find its area in cm².",
            "Find the area of the part of a circle of radius {radius} cm that a central angle of {angle} degrees "
            "cuts out, in square centimetres.",
        ),
        explanation="The sector is to the whole disc as its angle is to 360 degrees.",
        formula=r"A = \frac{\alpha}{360^\circ} \pi r^2",
        lines=("area = angle / 360 * math.pi * radius**2",),
        result="area",
        quantity="area",
        unit="cm²",
        solve=lambda radius, angle: radius * (math.radians(angle) * radius) / 2,
        imports=MATH,
    ),
    Template(
        name="frustum",
        field="mathematics",
        variables=(Variable("bottom", 2, 20, 1), Variable("top", 2, 20, 1), Variable("height", 2, 30, 1)),
        questions=(
            "A bucket is a truncated cone {height} cm high with radii of {bottom} cm and {top} cm. What is its "
            "volume in cm³?",
            "Find the volume in cm³ of a frustum of a cone with the radii {bottom} cm and {top} cm and the height "
            "{height} cm.",
            "How many cubic centimetres does a vessel hold whose circular ends have radii of {bottom} cm and {top} "
            "cm, {height} cm apart?",
        ),
        explanation="A truncated cone is the difference of two similar cones.",
        formula=r"V = \frac{\pi h}{3} \left( R^2 + R r + r^2 \right)",
        lines=("volume = math.pi * height / 3 * (bottom**2 + bottom * top + top**2)",),
        result="volume",
        quantity="volume",
        unit="cm³",
        solve=lambda bottom, top, height: math.pi * height / 3 * ((bottom + top) ** 2 - bottom * top),
        imports=MATH,
        form=".1f",
        between=(1, 99999),
    ),
    Template(
        name="determinant",
        field="mathematics",
        variables=(Numbers("u", -9, 9, 3, 3), Numbers("v", -9, 9, 3, 3), Numbers("w", -9, 9, 3, 3)),
        questions=(
            "Find the determinant of the matrix with the rows ({u}), ({v}) and ({w}).",
            "What is the oriented volume of the parallelepiped that the vectors ({u}), ({v}) and ({w}) span?",
            "Compute the determinant of the 3 x 3 matrix whose rows are ({u}), ({v}), ({w}).",
        ),
        explanation="The determinant is the scalar triple product of the rows.",
        formula=r"\det = u \cdot (v \times w)",
        lines=(
            "cross = [v[1] * w[2] - v[2] * w[1], v[2] * w[0] - v[0] * w[2], v[0] * w[1] - v[1] * w[0]]",
            "determinant = u[0] * cross[0] + u[1] * cross[1] + u[2] * cross[2]",
        ),
        result="determinant",
        quantity="determinant",
        unit="",
        solve=lambda u, v, w: sum(
            sign * u[i] * v[j] * w[k]
            for sign, (i, j, k) in zip(
                (1, 1, 1, -1, -1, -1), ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2), (2, 1, 0)), strict=True
            )
        ),
        form="d",
        between=(0, 1e6),
    ),
    Template(
        name="angle between vectors",
        field="mathematics",
        variables=(Numbers("u", 1, 12, 3, 3), Numbers("v", -12, 12, 3, 3)),
        questions=(
            "What angle in degrees do the vectors ({u}) and ({v}) enclose?",
            "Find the angle in degrees between u = ({u}) and v = ({v}).",
            "Two forces have the components ({u}) and ({v}). At what angle, in degrees, do they act to each other?",
        ),
        explanation="The cosine of the angle is the scalar product over the product of the lengths.",
        formula=r"\theta = \arccos \frac{u \cdot v}{|u| |v|}",
        lines=(
            "dot = sum(a * b for a, b in zip(u, v))",
            "angle = math.degrees(math.acos(dot / (math.hypot(*u) * math.hypot(*v))))",
        ),
        result="angle",
        quantity="angle",
        unit="degrees",
        solve=lambda u, v: math.degrees(
            math.atan2(
                math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]),
                sum(map(float.__mul__, map(float, u), map(float, v))),
            )
        ),
        imports=MATH,
        form=".1f",
        between=(3, 177),
    ),
    Template(
        name="Heron's formula",
        field="mathematics",
        variables=(Variable("a", 20, 40), Variable("b", 20, 40), Variable("c", 21, 39)),
        questions=(
            "A triangle has sides of {a} cm, {b} cm and {c} cm. What is its area in cm²?",
            "Find the area in square centimetres of the triangle with the sides {a} cm, {b} cm and {c} cm.",
            "Three rods of {a} cm, {b} cm and {c} cm are joined to a triangle. How many cm² does it enclose?",
        ),
        explanation="Heron's formula gives the area from the three sides, s being half the perimeter.",
        formula=r"A = \sqrt{s (s - a) (s - b) (s - c)}",
        lines=("s = (a + b + c) / 2", "area = math.sqrt(s * (s - a) * (s - b) * (s - c))"),
        result="area",
        quantity="area",
        unit="cm²",
        solve=lambda a, b, c: a * b * math.sin(math.acos((a * a + b * b - c * c) / (2 * a * b))) / 2,
        imports=MATH,
    ),
    Template(
        name="distance from a line",
        field="mathematics",
        variables=(
            Terms("line", (("a", 1, 9), ("b", -9, -1), ("c", -30, 30)), ("x", "y", "")),
            Variable("x", -20, 20),
            Variable("y", -20, 20),
        ),
        questions=(
            r"How far is the point ({x}, {y}) from the line \( {line} = 0 \)?",
            r"Find the distance of ({x}, {y}) from the straight line \( {line} = 0 \).",
            r"What is the radius of the circle about ({x}, {y}) that touches the line \( {line} = 0 \)?",
        ),
        explanation="Putting the point into the normal form of the line gives its distance.",
        formula=r"d = \frac{|a x + b y + c|}{\sqrt{a^2 + b^2}}",
        lines=("distance = abs(a * x + b * y + c) / math.sqrt(a**2 + b**2)",),
        result="distance",
        quantity="distance",
        unit="",
        solve=lambda a, b, c, x, y: abs((complex(x, y + c / b) * complex(a, -b)).real) / abs(complex(a, b)),
        imports=MATH,
        between=(0.05, 9999),
    ),
)
