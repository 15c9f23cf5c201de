"""Problems of chemistry."""

from __future__ import annotations

import math

from galactica.corpus.prompts.onestep_templates.template import MATH, Choice, Template, Variable

_SUBSTANCES = Choice(
    ("substance", "molar_mass"),
    (
        ("sodium chloride", 58.44),
        ("glucose", 180.16),
        ("potassium permanganate", 158.03),
        ("sodium hydroxide", 40.00),
        ("urea", 60.06),
        ("potassium nitrate", 101.10),
        ("copper(II) sulfate", 159.61),
        ("calcium chloride", 110.98),
        ("ammonium chloride", 53.49),
        ("sucrose", 342.30),
    ),
)
_WEAK_ACIDS = Choice(
    ("acid", "pKa"),
    (
        ("acetic acid", 4.76),
        ("formic acid", 3.75),
        ("benzoic acid", 4.20),
        ("lactic acid", 3.86),
        ("hypochlorous acid", 7.53),
    ),
)
_GASES = Choice(
    ("gas", "molar_mass"),
    (
        ("nitrogen", 28.01),
        ("oxygen", 32.00),
        ("carbon dioxide", 44.01),
        ("methane", 16.04),
        ("helium", 4.003),
        ("argon", 39.95),
    ),
)

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="molarity",
        field="chemistry",
        variables=(_SUBSTANCES, Variable("mass", 1, 120, 1), Variable("volume", 50, 2000)),
        questions=(
            "{mass} g of {substance} ({molar_mass} g/mol) is dissolved to give {volume} mL of solution. What is its "
            "molarity?",
            "What is the molar concentration of {volume} mL of a solution that holds {mass} g of {substance} (molar "
            "mass {molar_mass} g/mol)?",
            "A chemist dissolves {mass} g of {substance} and fills up to {volume} mL. The molar mass is {molar_mass} "
            "g/mol. "
            "Find the concentration in mol/L.",
        ),
        explanation=(
            "The amount of substance is the mass over the molar mass; the molarity is the amount per litre of solution."
        ),
        formula=r"c = \frac{m}{M V}",
        lines=("amount = mass / molar_mass", "molarity = amount / (volume / 1000)"),
        result="molarity",
        quantity="molarity",
        unit="mol/L",
        solve=lambda molar_mass, mass, volume: 1000 * mass / molar_mass / volume,
    ),
    Template(
        name="ideal gas pressure",
        field="chemistry",
        variables=(Variable("amount", 0.1, 9, 2), Variable("temperature", 200, 600), Variable("volume", 1, 90, 1)),
        questions=(
            "{amount} mol of an ideal gas is held at {temperature} K in a vessel of {volume} L. What is the pressure "
            "in kPa?",
            "A {volume} L flask contains {amount} mol of an ideal gas at {temperature} K. Find its pressure in kPa.",
            "What pressure in kPa do {amount} mol of an ideal gas exert in {volume} L at a temperature of "
            "{temperature} K?",
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
        variables=(
            Choice(("acid",), (("hydrochloric acid",), ("nitric acid",), ("perchloric acid",), ("hydrobromic acid",))),
            Variable("concentration", 0.0002, 0.5, 4),
        ),
        questions=(
            "What is the pH of a {concentration} mol/L solution of {acid}?",
            "A stock of {acid} is diluted to {concentration} mol/L. Calculate the pH, taking the acid as fully "
            "dissociated.",
            "Find the pH of {acid} at a concentration of {concentration} mol/L, neglecting activity coefficients.",
        ),
        explanation="A strong acid dissociates completely, so the concentration of hydronium ions is that of the acid.",
        formula=r"\mathrm{pH} = -\log_{10} [\mathrm{H_3O^+}]",
        lines=("pH = -math.log10(concentration)",),
        result="pH",
        quantity="pH",
        unit="",
        solve=lambda concentration: math.log(1 / concentration) / math.log(10),
        imports=MATH,
        form=".2f",
    ),
    Template(
        name="first-order decay",
        field="chemistry",
        variables=(Variable("half_life", 3, 900), Variable("time", 5, 2000), Variable("initial", 0.1, 5, 2)),
        questions=(
            "A first-order reaction has a half-life of {half_life} s. The reactant starts at {initial} mol/L. "
            "What is its concentration after {time} s?",
            "A reactant of initial concentration {initial} mol/L decays by first-order kinetics with a half-life of "
            "{half_life} s. "
            "How much is left after {time} s, in mol/L?",
            "The concentration of a compound halves every {half_life} s. From {initial} mol/L, what concentration "
            "remains after {time} s?",
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
        name="dilution",
        field="chemistry",
        variables=(Variable("stock", 1, 18, 1), Variable("wanted", 0.05, 0.9, 2), Variable("volume", 100, 2000)),
        questions=(
            "What volume in mL of a {stock} mol/L stock solution is needed to prepare {volume} mL of a {wanted} "
            "mol/L solution?",
            "A {stock} mol/L acid shall be diluted to {volume} mL of {wanted} mol/L. How many millilitres of it must "
            "be taken?",
            "How many mL of {stock} M solution give {volume} mL of {wanted} M solution when water is added?",
        ),
        explanation="Dilution changes the volume but not the amount of the solute.",
        formula=r"V_1 = \frac{c_2 V_2}{c_1}",
        lines=("stock_volume = wanted * volume / stock",),
        result="stock_volume",
        quantity="volume of the stock solution",
        unit="mL",
        solve=lambda stock, wanted, volume: volume / (stock / wanted),
    ),
    Template(
        name="buffer pH",
        field="chemistry",
        variables=(
            _WEAK_ACIDS,
            Variable("acid_concentration", 0.02, 0.8, 2),
            Variable("base_concentration", 0.02, 0.8, 2),
        ),
        questions=(
            "A buffer holds {acid_concentration} mol/L of {acid} (pKa = {pKa}) and {base_concentration} mol/L of its "
            "conjugate base. "
            "What is its pH?",
            "Find the pH of a solution of {acid} at {acid_concentration} M with its sodium salt at "
            "{base_concentration} M; the pKa is {pKa}.",
            "The pKa of {acid} is {pKa}. What is the pH of a buffer with {base_concentration} mol/L of the conjugate "
            "base and "
            "{acid_concentration} mol/L of the acid?",
        ),
        explanation="The pH of a buffer follows from the Henderson-Hasselbalch equation.",
        formula=r"\mathrm{pH} = \mathrm{p}K_a + \log_{10} \frac{[\mathrm{A^-}]}{[\mathrm{HA}]}",
        lines=("pH = pKa + math.log10(base_concentration / acid_concentration)",),
        result="pH",
        quantity="pH",
        unit="",
        solve=lambda pKa, acid_concentration, base_concentration: (
            -math.log10(10**-pKa * acid_concentration / base_concentration)
        ),
        imports=MATH,
        form=".2f",
    ),
    Template(
        name="gas density",
        field="chemistry",
        variables=(_GASES, Variable("pressure", 60, 900), Variable("celsius", -20, 300)),
        questions=(
            "What is the density in g/L of {gas} (molar mass {molar_mass} g/mol) at {pressure} kPa and {celsius} °C, "
            "taken as an ideal gas?",
            "Treating it as an ideal gas, find the density of {gas} in g/L at {celsius} °C and {pressure} kPa. Its "
            "molar mass is "
            "{molar_mass} g/mol.",
            "A tank holds {gas}, M = {molar_mass} g/mol, at a pressure of {pressure} kPa and a temperature of "
            "{celsius} °C. "
            "How many grams does a litre of the gas weigh?",
        ),
        explanation="From the ideal gas law the amount per volume is p/(RT); the molar mass makes a density of it.",
        formula=r"\rho = \frac{p M}{R T}",
        lines=("R = 8.314", "temperature = celsius + 273.15", "density = pressure * molar_mass / (R * temperature)"),
        result="density",
        quantity="density",
        unit="g/L",
        solve=lambda molar_mass, pressure, celsius: molar_mass / (8.314 * (273.15 + celsius) / pressure),
    ),
    Template(
        name="Nernst equation",
        field="chemistry",
        variables=(
            Choice(
                ("cell", "standard", "electrons"),
                (
                    ("zinc-copper", 1.10, 2),
                    ("nickel-silver", 1.05, 2),
                    ("copper-silver", 0.46, 2),
                    ("iron-copper", 0.78, 2),
                ),
            ),
            Variable("quotient", 0.001, 90, 3),
        ),
        questions=(
            "A {cell} cell has the standard potential {standard} V and transfers {electrons} electrons. What is its "
            "voltage at 298.15 K "
            "when the reaction quotient is {quotient}?",
            "Use the Nernst equation to find the potential of a {cell} cell (E° = {standard} V, n = {electrons}) at "
            "298.15 K for Q = {quotient}.",
            "At 298.15 K the reaction quotient of a {cell} cell is {quotient}. With a standard potential of "
            "{standard} V and {electrons} "
            "electrons per reaction, what voltage does it give?",
        ),
        explanation="The Nernst equation corrects the standard potential for concentrations that are not standard.",
        formula=r"E = E^\circ - \frac{R T}{n F} \ln Q",
        lines=(
            "R = 8.314",
            "F = 96485",
            "potential = standard - R * 298.15 / (electrons * F) * math.log(quotient)",
        ),
        result="potential",
        quantity="potential",
        unit="V",
        solve=lambda standard, electrons, quotient: (
            standard + math.log10(1 / quotient) * math.log(10) * 8.314 / 96485 * 298.15 / electrons
        ),
        imports=MATH,
        form=".3f",
    ),
    Template(
        name="Arrhenius ratio",
        field="chemistry",
        variables=(Variable("activation", 30, 120), Variable("low", 280, 320), Variable("rise", 5, 40)),
        questions=(
            "A reaction has an activation energy of {activation} kJ/mol. By what factor does its rate constant grow "
            "when the temperature "
            "rises by {rise} K from {low} K?",
            "With an activation energy of {activation} kJ/mol, how many times faster is a reaction when it is heated "
            "by {rise} K from {low} K?",
            "Find the ratio of the rate constants of a reaction before and after heating by {rise} K from {low} K, "
            "as the factor of "
            "increase; the activation energy is {activation} kJ/mol.",
        ),
        explanation="The frequency factor cancels from the ratio of two rate constants of the Arrhenius law.",
        formula=r"\frac{k_2}{k_1} = \exp \left[ \frac{E_a}{R} \left( \frac{1}{T_1} - \frac{1}{T_2} \right) \right]",
        lines=("R = 8.314", "high = low + rise", "factor = math.exp(activation * 1000 / R * (1 / low - 1 / high))"),
        result="factor",
        quantity="factor",
        unit="",
        solve=lambda activation, low, rise: math.e ** (1e3 * activation * rise / (8.314 * low * (low + rise))),
        imports=MATH,
        form=".3g",
        between=(1.1, 900),
    ),
    Template(
        name="combustion carbon dioxide",
        field="chemistry",
        variables=(
            Choice(
                ("fuel", "formula", "carbons", "molar_mass"),
                (
                    ("methane", "CH4", 1, 16.04),
                    ("propane", "C3H8", 3, 44.10),
                    ("butane", "C4H10", 4, 58.12),
                    ("octane", "C8H18", 8, 114.23),
                    ("ethanol", "C2H5OH", 2, 46.07),
                    ("glucose", "C6H12O6", 6, 180.16),
                ),
            ),
            Variable("mass", 1, 500, 1),
        ),
        questions=(
            "How many grams of carbon dioxide form when {mass} g of {fuel} ({formula}, {molar_mass} g/mol) burns "
            "completely?",
            "{mass} g of {fuel}, {formula}, is burnt in excess oxygen. Its molar mass is {molar_mass} g/mol. What "
            "mass of CO2 results, in g?",
            "Find the mass of carbon dioxide in g from the complete combustion of {mass} g of {formula} (M = "
            "{molar_mass} g/mol).",
        ),
        explanation=(
            "Every carbon atom of the fuel ends in one molecule of carbon dioxide, whose molar mass is 44.01 g/mol."
        ),
        formula=r"m_{\mathrm{CO_2}} = N_\mathrm{C} \frac{m}{M} M_{\mathrm{CO_2}}",
        lines=("amount = mass / molar_mass", "mass_CO2 = carbons * amount * 44.01"),
        result="mass_CO2",
        quantity="mass of carbon dioxide",
        unit="g",
        solve=lambda carbons, molar_mass, mass: carbons * 44.01 / molar_mass * mass,
    ),
    Template(
        name="freezing point depression",
        field="chemistry",
        variables=(
            Choice(
                ("solute", "molar_mass", "ions"),
                (
                    ("ethylene glycol", 62.07, 1),
                    ("urea", 60.06, 1),
                    ("sodium chloride", 58.44, 2),
                    ("calcium chloride", 110.98, 3),
                ),
            ),
            Variable("mass", 2, 90, 1),
            Variable("water", 0.25, 3, 2),
        ),
        questions=(
            "{mass} g of {solute} ({molar_mass} g/mol, van 't Hoff factor {ions}) is dissolved in {water} kg of "
            "water. By how many degrees "
            "does the freezing point fall? The cryoscopic constant is 1.86 K kg/mol.",
            "Find the depression of the freezing point of {water} kg of water (1.86 K kg/mol) by {mass} g of "
            "{solute}, with M = {molar_mass} "
            "g/mol and {ions} dissolved particles per formula unit.",
            "By how many kelvin do {mass} g of {solute} lower the freezing point of {water} kg of water? Take K_f = "
            "1.86 K kg/mol, "
            "M = {molar_mass} g/mol, i = {ions}.",
        ),
        explanation="The depression is proportional to the molality of the dissolved particles.",
        formula=r"\Delta T = i K_f \frac{m / M}{m_\text{solvent}}",
        lines=("molality = mass / molar_mass / water", "depression = ions * 1.86 * molality"),
        result="depression",
        quantity="depression of the freezing point",
        unit="K",
        solve=lambda molar_mass, ions, mass, water: 1.86 / water * mass * ions / molar_mass,
        form=".3g",
        between=(0.02, 30),
    ),
)
