"""What the columns of the molecule tables mean, as questions: names, targets and units as MoleculeNet and the data's authors state
them (Wu et al. 2018, doi:10.1039/C7SC02664A, and the read-me files of the tables)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

YES_NO: Mapping[str, str] = {"1": "Yes", "0": "No"}


@dataclass(frozen=True, slots=True)
class Task:
    """A column: what is asked, in several wordings; what its values are called (None: they are numbers, in `unit`)."""

    questions: tuple[str, ...]
    answers: Mapping[str, str] | None = None
    unit: str = ""


def yes_no(*questions: str) -> Task:
    """A column of ones and zeros."""
    return Task(questions, YES_NO)


def measured(quantity: str, unit: str = "") -> Task:
    """A column of numbers."""
    questions = (
        f"What is the {quantity} of the chemical compound?",
        f"What is the {quantity} of this compound?",
        f"What value does the {quantity} of the molecule have?",
    )
    return Task((*questions, f"What is the {quantity} of the molecule, in {unit}?") if unit else questions, unit=unit)


def receptor(target: str, *questions: str) -> Task:
    """A column that says whether the compound is active against a protein."""
    return yes_no(
        f"Is the compound active in an assay of the {target}?",
        f"Will the chemical compound be active against the {target}?",
        f"Does the compound act on the {target}?",
        *questions,
    )


def pathway(target: str, effect: str) -> Task:
    """A column that says whether the compound triggers a stress response: `effect` is what it then does."""
    return yes_no(
        f"Is the compound active in the {target} assay?",
        f"Does the compound {effect}?",
        f"Will the chemical compound {effect}?",
        f"Does this molecule show activity in an assay of stress response, the {target} assay?",
    )


def pcba(number: str) -> Task:
    """An assay of PubChem BioAssay by its number."""
    return yes_no(
        f"Is the compound active in the PubChem bioassay AID {number}?",
        f"Will the chemical compound be active in PubChem BioAssay {number}?",
        f"Was this compound found active in the bioassay with the PubChem AID {number}?",
    )


def _side_effects(group: str) -> Task:
    asked: tuple[str, ...] = (
        f'Does the drug have side effects in the group "{group}"?',
        f'Are side effects of the class "{group}" known for this drug?',
        f'Side effects of drugs are grouped into system organ classes. Does the compound have any of the class "{group}"?',
    )
    if "disorders" in group:
        asked += (
            f"Can the drug cause {group.lower()}?",
            f"Are {group.lower()} among the side effects of the compound?",
        )
    return yes_no(*asked)


BBBP = {
    "p_np": yes_no(
        "Will the chemical compound penetrate the blood-brain barrier?",
        "Does the compound cross the blood-brain barrier?",
        "Can this molecule pass the blood-brain barrier?",
        "Is the compound permeable to the blood-brain barrier?",
    )
}
HIV = {
    "HIV_active": yes_no(
        "Will the chemical compound be active against HIV?",
        "Does the compound inhibit the replication of HIV?",
        "Is this compound an inhibitor of HIV replication?",
        "Can the molecule inhibit HIV?",
    )
}
BACE = {
    "Class": yes_no(
        "Will the chemical compound inhibit human beta-secretase 1 (BACE-1)?",
        "Is the compound an inhibitor of human β-secretase 1 (BACE-1)?",
        "Does the molecule bind to beta-secretase 1?",
        "Is this compound active against BACE-1?",
    )
}
BACE_REGRESSION = {
    "pIC50": Task(
        (
            "What is the pIC50 of the compound against human beta-secretase 1 (BACE-1)?",
            "How strongly does the compound inhibit BACE-1, as pIC50?",
            "What is the pIC50 of this molecule for human β-secretase 1?",
        )
    )
}
CLINTOX = {
    "FDA_APPROVED": yes_no(
        "Is the compound approved by the FDA?",
        "Has the drug been approved by the Food and Drug Administration?",
        "Is this molecule an FDA-approved drug?",
    ),
    "CT_TOX": yes_no(
        "Did the compound fail clinical trials for reasons of toxicity?",
        "Was the drug found toxic in clinical trials?",
        "Is the compound toxic in clinical trials?",
    ),
}
TOX21 = {
    "NR-AR": receptor("androgen receptor"),
    "NR-AR-LBD": receptor("ligand-binding domain of the androgen receptor"),
    "NR-AhR": receptor("aryl hydrocarbon receptor"),
    "NR-Aromatase": receptor("enzyme aromatase", "Does the compound inhibit aromatase?"),
    "NR-ER": receptor("estrogen receptor alpha"),
    "NR-ER-LBD": receptor("ligand-binding domain of the estrogen receptor alpha"),
    "NR-PPAR-gamma": receptor("peroxisome proliferator-activated receptor gamma (PPAR-γ)"),
    "SR-ARE": pathway("antioxidant response element (ARE)", "activate the Nrf2/ARE pathway of oxidative stress"),
    "SR-ATAD5": pathway("ATAD5 genotoxicity", "damage DNA, as the ATAD5-luciferase reporter shows it"),
    "SR-HSE": pathway("heat shock response element (HSE)", "activate the heat shock response"),
    "SR-MMP": pathway("mitochondrial membrane potential (MMP)", "disrupt the mitochondrial membrane potential"),
    "SR-p53": pathway("p53", "activate the p53 signalling pathway"),
}
SIDER = {
    group: _side_effects(group)
    for group in (
        "Hepatobiliary disorders",
        "Metabolism and nutrition disorders",
        "Product issues",
        "Eye disorders",
        "Investigations",
        "Musculoskeletal and connective tissue disorders",
        "Gastrointestinal disorders",
        "Social circumstances",
        "Immune system disorders",
        "Reproductive system and breast disorders",
        "Neoplasms benign, malignant and unspecified (incl cysts and polyps)",
        "General disorders and administration site conditions",
        "Endocrine disorders",
        "Surgical and medical procedures",
        "Vascular disorders",
        "Blood and lymphatic system disorders",
        "Skin and subcutaneous tissue disorders",
        "Congenital, familial and genetic disorders",
        "Infections and infestations",
        "Respiratory, thoracic and mediastinal disorders",
        "Psychiatric disorders",
        "Renal and urinary disorders",
        "Pregnancy, puerperium and perinatal conditions",
        "Ear and labyrinth disorders",
        "Cardiac disorders",
        "Nervous system disorders",
        "Injury, poisoning and procedural complications",
    )
}
LIPOPHILICITY = {"exp": measured("octanol/water distribution coefficient (log D at pH 7.4)")}
DELANEY = {
    "measured log solubility in mols per litre": measured("logarithm of the solubility in water in mol/L (log S)")
}
HYDRATION = {"expt": measured("hydration free energy", "kcal/mol")}
THERMOSOL = {"target": measured("thermodynamic solubility in buffer of pH 7.4")}
QM7 = {"u0_atom": measured("atomization energy", "kcal/mol")}
_QM8_METHODS = (
    ("CC2", "RI-CC2/def2-TZVP"),
    ("PBE0", "TD-PBE0/def2-SVP"),
    ("PBE0.1", "TD-PBE0/def2-TZVP"),
    ("CAM", "TD-CAM-B3LYP/def2-TZVP"),
)
QM8 = {
    f"{column}-{suffix}": measured(f"{quantity} ({method})", unit)
    for suffix, method in _QM8_METHODS
    for column, quantity, unit in (
        ("E1", "energy of the first electronic transition", "hartree"),
        ("E2", "energy of the second electronic transition", "hartree"),
        ("f1", "oscillator strength of the first electronic transition", ""),
        ("f2", "oscillator strength of the second electronic transition", ""),
    )
}
QM9 = {
    "mu": measured("dipole moment", "debye"),
    "alpha": measured("isotropic polarizability", "bohr³"),
    "homo": measured("energy of the highest occupied molecular orbital (HOMO)", "hartree"),
    "lumo": measured("energy of the lowest unoccupied molecular orbital (LUMO)", "hartree"),
    "gap": measured("gap between HOMO and LUMO", "hartree"),
    "r2": measured("electronic spatial extent", "bohr²"),
    "zpve": measured("zero point vibrational energy", "hartree"),
    "cv": measured("heat capacity at 298.15 K", "cal/(mol K)"),
    "u0": measured("internal energy at 0 K", "hartree"),
    "u298": measured("internal energy at 298.15 K", "hartree"),
    "h298": measured("enthalpy at 298.15 K", "hartree"),
    "g298": measured("free energy at 298.15 K", "hartree"),
}
HOPV = {
    "HOMO": measured("energy of the highest occupied molecular orbital (HOMO)", "hartree"),
    "LUMO": measured("energy of the lowest unoccupied molecular orbital (LUMO)", "hartree"),
    "electrochemical_gap": measured("electrochemical gap", "hartree"),
    "optical_gap": measured("optical gap", "hartree"),
    "PCE": measured("power conversion efficiency as a photovoltaic material", "%"),
    "V_OC": measured("open circuit potential as a photovoltaic material", "V"),
    "J_SC": measured("short circuit current density as a photovoltaic material", "mA/cm²"),
    "fill_factor": measured("fill factor as a photovoltaic material", "%"),
}
