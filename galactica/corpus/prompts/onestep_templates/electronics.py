"""Problems of electronics."""

from __future__ import annotations

import cmath
import math

from galactica.corpus.prompts.onestep_templates.template import MATH, Choice, Template, Variable

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="parallel resistors",
        field="electronics",
        variables=(Variable("first", 10, 990), Variable("second", 10, 990)),
        questions=(
            "Two resistors of {first} ohm and {second} ohm are connected in parallel. What is the total resistance?",
            "What single resistance replaces {first} ohm and {second} ohm in parallel?",
            "A {first} ohm resistor is bridged by one of {second} ohm. Find the resistance of the combination.",
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
            "At what frequency in Hz does a first-order filter of {resistance} kilohm and {capacitance} nF begin to "
            "attenuate?",
        ),
        explanation="At the cut-off frequency the reactance of the capacitor equals the resistance.",
        formula=r"f = \frac{1}{2 \pi R C}",
        lines=("frequency = 1 / (2 * math.pi * resistance * 1e3 * capacitance * 1e-9)",),
        result="frequency",
        quantity="cut-off frequency",
        unit="Hz",
        solve=lambda resistance, capacitance: 1e6 / (math.tau * resistance * capacitance),
        imports=MATH,
    ),
    Template(
        name="voltage divider",
        field="electronics",
        variables=(Variable("supply", 3, 48), Variable("upper", 1, 100, 1), Variable("lower", 1, 100, 1)),
        questions=(
            "A voltage divider of {upper} kilohm (upper) and {lower} kilohm (lower) is fed with {supply} V. "
            "What is the voltage across the lower resistor?",
            "{supply} V lies across {upper} kilohm and {lower} kilohm in series. What voltage falls on the second "
            "resistor?",
            "Find the unloaded output of a divider whose resistors are {upper} kilohm to the supply of {supply} V "
            "and {lower} kilohm to ground.",
        ),
        explanation=(
            "The same current flows through both resistors, so the voltage divides in the ratio of the resistances."
        ),
        formula=r"V_\text{out} = V \frac{R_2}{R_1 + R_2}",
        lines=("voltage = supply * lower / (upper + lower)",),
        result="voltage",
        quantity="voltage",
        unit="V",
        solve=lambda supply, upper, lower: supply / (1 + upper / lower),
    ),
    Template(
        name="LED resistor",
        field="electronics",
        variables=(
            Choice(
                ("colour", "forward"), (("red", 1.9), ("green", 2.2), ("yellow", 2.1), ("blue", 3.1), ("white", 3.2))
            ),
            Choice(("supply",), ((5,), (9,), (12,), (15,), (24,))),
            Variable("current", 2, 30),
        ),
        questions=(
            "A {colour} LED with a forward voltage of {forward} V shall carry {current} mA from a {supply} V supply. "
            "What series resistance "
            "is needed in ohm?",
            "Choose the series resistor, in ohm, for a {colour} LED ({forward} V) at {current} mA on {supply} V.",
            "What resistance in ohm limits the current of a {colour} LED to {current} mA if the supply gives "
            "{supply} V and the LED drops {forward} V?",
        ),
        explanation="The resistor takes the voltage that the LED does not, at the same current.",
        formula=r"R = \frac{V - V_F}{I}",
        lines=("resistance = (supply - forward) / (current / 1000)",),
        result="resistance",
        quantity="series resistance",
        unit="ohm",
        solve=lambda forward, supply, current: 1000 * supply / current - 1000 * forward / current,
        form=".3g",
        between=(10, 999),
    ),
    Template(
        name="capacitor charging",
        field="electronics",
        variables=(
            Variable("supply", 3, 24),
            Variable("resistance", 1, 470),
            Variable("capacitance", 1, 470),
            Variable("time", 0.1, 60, 1),
        ),
        questions=(
            "A {capacitance} μF capacitor is charged from {supply} V through {resistance} kilohm. What is its "
            "voltage after {time} s?",
            "At t = 0 an empty capacitor of {capacitance} μF is connected over {resistance} kilohm to {supply} V. "
            "Find its voltage at t = {time} s.",
            "What voltage has a capacitor of {capacitance} μF reached {time} s after it was connected to a {supply} "
            "V source with a "
            "{resistance} kilohm series resistor?",
        ),
        explanation="The voltage approaches that of the source exponentially with the time constant RC.",
        formula=r"V(t) = V_0 \left( 1 - e^{-t / (R C)} \right)",
        lines=(
            "time_constant = resistance * 1e3 * capacitance * 1e-6",
            "voltage = supply * (1 - math.exp(-time / time_constant))",
        ),
        result="voltage",
        quantity="voltage",
        unit="V",
        solve=lambda supply, resistance, capacitance, time: (
            -supply * math.expm1(-1000 * time / (resistance * capacitance))
        ),
        imports=MATH,
        form=".3g",
        between=(0.1, 24),
    ),
    Template(
        name="LC resonance",
        field="electronics",
        variables=(Variable("inductance", 1, 900), Variable("capacitance", 10, 2000)),
        questions=(
            "A coil of {inductance} μH and a capacitor of {capacitance} pF form a resonant circuit. What is its "
            "resonant frequency in kHz?",
            "At what frequency in kHz does an LC circuit with L = {inductance} μH and C = {capacitance} pF resonate?",
            "A radio is tuned with {inductance} μH and {capacitance} pF. Which frequency in kHz does it receive?",
        ),
        explanation="At resonance the reactances of coil and capacitor are equal in size.",
        formula=r"f = \frac{1}{2 \pi \sqrt{L C}}",
        lines=("frequency = 1 / (2 * math.pi * math.sqrt(inductance * 1e-6 * capacitance * 1e-12)) / 1e3",),
        result="frequency",
        quantity="resonant frequency",
        unit="kHz",
        solve=lambda inductance, capacitance: 1e6 / math.tau * (inductance * capacitance) ** -0.5,
        imports=MATH,
    ),
    Template(
        name="series RL impedance",
        field="electronics",
        variables=(
            Variable("resistance", 5, 500),
            Variable("inductance", 5, 800),
            Choice(("frequency",), ((50,), (60,), (400,), (1000,))),
        ),
        questions=(
            "A coil has a resistance of {resistance} ohm and an inductance of {inductance} mH. What is the magnitude "
            "of its impedance at {frequency} Hz?",
            "Find |Z| in ohm of {resistance} ohm in series with {inductance} mH at a frequency of {frequency} Hz.",
            "What impedance, in ohm, does a {inductance} mH inductor with a series resistance of {resistance} ohm "
            "present at {frequency} Hz?",
        ),
        explanation="Resistance and reactance add at right angles.",
        formula=r"|Z| = \sqrt{R^2 + (2 \pi f L)^2}",
        lines=(
            "reactance = 2 * math.pi * frequency * inductance / 1000",
            "impedance = math.hypot(resistance, reactance)",
        ),
        result="impedance",
        quantity="impedance",
        unit="ohm",
        solve=lambda resistance, inductance, frequency: abs(resistance + 1j * math.tau * frequency * inductance / 1e3),
        imports=MATH,
    ),
    Template(
        name="phase of an RC circuit",
        field="electronics",
        variables=(
            Variable("resistance", 50, 5000),
            Variable("capacitance", 0.1, 20, 1),
            Choice(("frequency",), ((50,), (60,), (400,))),
        ),
        questions=(
            "A resistor of {resistance} ohm and a capacitor of {capacitance} μF are in series on {frequency} Hz. By "
            "how many degrees does the "
            "current lead the voltage?",
            "Find the phase angle in degrees between current and voltage in a series circuit of {resistance} ohm and "
            "{capacitance} μF at "
            "{frequency} Hz.",
            "At {frequency} Hz, by what angle in degrees does the current run ahead of the voltage in {resistance} "
            "ohm in series with "
            "{capacitance} μF?",
        ),
        explanation="The tangent of the phase angle is the reactance of the capacitor over the resistance.",
        formula=r"\varphi = \arctan \frac{1}{2 \pi f C R}",
        lines=(
            "reactance = 1 / (2 * math.pi * frequency * capacitance * 1e-6)",
            "phase = math.degrees(math.atan(reactance / resistance))",
        ),
        result="phase",
        quantity="phase angle",
        unit="degrees",
        solve=lambda resistance, capacitance, frequency: (
            -math.degrees(cmath.phase(resistance + 1 / (2e-6j * math.pi * frequency * capacitance)))
        ),
        imports=MATH,
        form=".1f",
        between=(0.5, 89.5),
    ),
    Template(
        name="inverting amplifier",
        field="electronics",
        variables=(Variable("feedback", 10, 470), Variable("input_resistance", 1, 47), Variable("millivolts", 5, 400)),
        questions=(
            "An inverting operational amplifier has a feedback resistor of {feedback} kilohm and an input resistor "
            "of {input_resistance} kilohm. "
            "What is the output voltage in V for an input of {millivolts} mV?",
            "Find the output in volts of an ideal inverting op-amp circuit with R_f = {feedback} kilohm, R_in = "
            "{input_resistance} kilohm and "
            "an input of {millivolts} mV.",
            "{millivolts} mV is applied to an inverting amplifier (ideal op-amp) with {input_resistance} kilohm at "
            "the input and {feedback} "
            "kilohm in the feedback path. Which voltage appears at the output?",
        ),
        explanation=(
            "The inverting input is a virtual ground, so the same current flows through both resistors and the sign "
            "is reversed."
        ),
        formula=r"V_\text{out} = -\frac{R_f}{R_\text{in}} V_\text{in}",
        lines=("voltage = -feedback / input_resistance * millivolts / 1000",),
        result="voltage",
        quantity="output voltage",
        unit="V",
        solve=lambda feedback, input_resistance, millivolts: -1e-3 * feedback * millivolts / input_resistance,
        form=".3g",
        between=(0.02, 12),
    ),
    Template(
        name="power in decibels",
        field="electronics",
        variables=(Variable("input_power", 0.1, 90, 1), Variable("output_power", 1, 900, 1)),
        questions=(
            "An amplifier takes {input_power} mW and gives {output_power} mW. What is its power gain in dB?",
            "Express in decibels the ratio of an output power of {output_power} mW to an input power of "
            "{input_power} mW.",
            "By how many dB does a stage change a signal of {input_power} mW that leaves it with {output_power} mW?",
        ),
        explanation="The decibel is ten times the decimal logarithm of a ratio of powers.",
        formula=r"G = 10 \log_{10} \frac{P_2}{P_1}",
        lines=("gain = 10 * math.log10(output_power / input_power)",),
        result="gain",
        quantity="gain",
        unit="dB",
        solve=lambda input_power, output_power: 10 / math.log(10) * (math.log(output_power) - math.log(input_power)),
        imports=MATH,
        form=".2f",
        between=(0.1, 60),
    ),
    Template(
        name="wire resistance",
        field="electronics",
        variables=(
            Choice(
                ("metal", "resistivity"),
                (("copper", 1.68e-8), ("aluminium", 2.65e-8), ("silver", 1.59e-8), ("tungsten", 5.6e-8)),
            ),
            Variable("length", 1, 500),
            Variable("diameter", 0.2, 4, 1),
        ),
        questions=(
            "What is the resistance in ohm of {length} m of {metal} wire with a diameter of {diameter} mm? Its "
            "resistivity is {resistivity} ohm m.",
            "A {metal} wire (resistivity {resistivity} ohm m) is {length} m long and {diameter} mm thick. Find its "
            "resistance in ohm.",
            "{length} m of round {metal} wire, {diameter} mm in diameter, lies on a reel. With a resistivity of "
            "{resistivity} ohm m, how many ohm has it?",
        ),
        explanation="The resistance grows with the length and falls with the cross section of the wire.",
        formula=r"R = \rho \frac{l}{\pi d^2 / 4}",
        lines=("area = math.pi * (diameter / 1000) ** 2 / 4", "resistance = resistivity * length / area"),
        result="resistance",
        quantity="resistance",
        unit="ohm",
        solve=lambda resistivity, length, diameter: 4e6 / math.pi * resistivity * length / diameter**2,
        imports=MATH,
        form=".3g",
        between=(0.002, 900),
    ),
    Template(
        name="astable timer",
        field="electronics",
        variables=(
            Variable("first", 1, 100),
            Variable("second", 1, 220),
            Choice(("capacitance",), ((10,), (22,), (47,), (100,), (220,))),
        ),
        questions=(
            "A 555 timer runs as an astable multivibrator with R1 = {first} kilohm, R2 = {second} kilohm and C = "
            "{capacitance} nF. "
            "What is its frequency in Hz?",
            "Find the frequency in Hz of an astable 555 circuit with {first} kilohm, {second} kilohm and "
            "{capacitance} nF (R1, R2, C).",
            "How many pulses a second does a 555 astable give with R1 = {first} kilohm, R2 = {second} kilohm and a "
            "capacitor of {capacitance} nF?",
        ),
        explanation=(
            "The capacitor charges through both resistors and discharges through the second, between one third and "
            "two thirds of the supply."
        ),
        formula=r"f = \frac{1}{\ln 2 \, (R_1 + 2 R_2) C}",
        lines=("frequency = 1 / (math.log(2) * (first + 2 * second) * 1e3 * capacitance * 1e-9)",),
        result="frequency",
        quantity="frequency",
        unit="Hz",
        solve=lambda first, second, capacitance: (
            1e6 * math.log2(math.e) / (first * capacitance + 2 * second * capacitance)
        ),
        imports=MATH,
    ),
)
