"""The homes of the question sets, annotated abstracts and tables of molecules: page that documents them, files, and what to know.

Training and development files alone where they are had apart: test files are for evaluation. None was tried live.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from galactica.corpus.listings import Fixed

_HAS_TEST = "The archive holds the test file too; the corpus reads training files alone."
_UDEL = "https://biocreative.bioinformatics.udel.edu"
_RAW = "https://raw.githubusercontent.com"


class Home(NamedTuple):
    """Page, files, note; without files the note says how it is had."""

    documented: str
    files: tuple[Fixed, ...] = ()
    note: str = ""


def _never_published() -> Home:
    return Home(
        "docs/formats.md", (), "It was never published; write one of your own in the form that `corpus sources` names."
    )


QUESTION_SETS: Mapping[str, Home] = {
    "reasoning": Home(
        "https://github.com/openai/grade-school-math",
        (Fixed(f"{_RAW}/openai/grade-school-math/master/grade_school_math/data/train.jsonl", "gsm8k-train.jsonl"),),
    ),
    "khan_problems": Home(
        "https://github.com/hendrycks/math",
        (),
        "AMPS lies on a Google Drive that its page links to: take amps.tar.gz by hand.",
    ),
    "medmcqa": Home(
        "https://github.com/medmcqa/medmcqa",
        (),
        "It lies on a Google Drive that its page links to: take train.json by hand.",
    ),
    "race": Home(
        "https://www.cs.cmu.edu/~glai1/data/race/",
        (Fixed("https://www.cs.cmu.edu/~glai1/data/race/RACE.tar.gz"),),
        f"For research that is not commercial. {_HAS_TEST}",
    ),
    "commonsenseqa": Home(
        "https://www.tau-nlp.sites.tau.ac.il/commonsenseqa",
        (Fixed("https://s3.amazonaws.com/commensenseqa/train_rand_split.jsonl", "commonsenseqa-train.jsonl"),),
    ),
    "sciq": Home(
        "https://allenai.org/data/sciq",
        (Fixed("https://s3-us-west-2.amazonaws.com/ai2-website/data/SciQ.zip"),),
        _HAS_TEST,
    ),
    "tqa": Home(
        "https://allenai.org/data/tqa",
        (Fixed("https://ai2-public-datasets.s3.amazonaws.com/tqa/tqa_train_val_test.zip"),),
        f"With its pictures it has some gigabytes. {_HAS_TEST}",
    ),
    "qasc": Home(
        "https://allenai.org/data/qasc",
        (Fixed("https://data.allenai.org/downloads/qasc/qasc_dataset.tar.gz"),),
        _HAS_TEST,
    ),
    "openbookqa": Home(
        "https://allenai.org/data/open-book-qa",
        (Fixed("https://ai2-public-datasets.s3.amazonaws.com/open-book-qa/OpenBookQA-V1-Sep2018.zip"),),
        _HAS_TEST,
    ),
    "arc": Home(
        "https://allenai.org/data/arc",
        (Fixed("https://ai2-public-datasets.s3.amazonaws.com/arc/ARC-V1-Feb2018.zip"),),
        _HAS_TEST,
    ),
    "boolq": Home(
        "https://github.com/google-research-datasets/boolean-questions",
        (Fixed("https://storage.googleapis.com/boolq/train.jsonl", "boolq-train.jsonl"),),
    ),
    "quoref": Home(
        "https://allenai.org/data/quoref",
        (Fixed("https://quoref-dataset.s3-us-west-2.amazonaws.com/train_and_dev/quoref-train-dev-v0.1.zip"),),
    ),
    "ropes": Home(
        "https://allenai.org/data/ropes",
        (Fixed("https://ropes-dataset.s3-us-west-2.amazonaws.com/train_and_dev/ropes-train-dev-v1.0.tar.gz"),),
    ),
    "bioasq7b": Home(
        "http://participants-area.bioasq.org/datasets/",
        (),
        "It wants a registration: take the training file of task 7b by hand.",
    ),
    "qasper": Home(
        "https://allenai.org/data/qasper",
        (Fixed("https://qasper-dataset.s3.us-west-2.amazonaws.com/qasper-train-dev-v0.3.tgz"),),
    ),
    "pubmedqa": Home(
        "https://github.com/pubmedqa/pubmedqa",
        (Fixed(f"{_RAW}/pubmedqa/pubmedqa/master/data/ori_pqal.json", "pubmedqa-ori_pqal.json"),),
        "The file holds training and test questions: cut it with preprocess/split_dataset.py of the repository.",
    ),
    "scitail": Home(
        "https://allenai.org/data/scitail",
        (Fixed("https://ai2-public-datasets.s3.amazonaws.com/scitail/SciTailV1.1.zip"),),
        _HAS_TEST,
    ),
    "scitldr": Home(
        "https://github.com/allenai/scitldr",
        (Fixed(f"{_RAW}/allenai/scitldr/master/SciTLDR-Data/SciTLDR-AIC/train.jsonl", "scitldr-train.jsonl"),),
    ),
    "pwc-descriptions": Home(
        "https://github.com/paperswithcode/paperswithcode-data",
        (),
        "It is made of the dumps: fetch `pwc` and `pwc_papers`.",
    ),
    "wizard-of-wikipedia": Home(
        "https://parl.ai/projects/wizard_of_wikipedia/",
        (Fixed("https://parl.ai/downloads/wizard_of_wikipedia/wizard_of_wikipedia.tgz"),),
        _HAS_TEST,
    ),
    "advising": Home(
        "https://ibm.github.io/dstc-noesis/public/datasets.html",
        (),
        "Its page links to where the files lie: take them by hand.",
    ),
    **{
        name: _never_published()
        for name in ("qcscience", "uchallenge", "trueorfalse", "methodnet", "scientific-entities", "fragmentedglass")
    },
}

_MTL = {
    "bc2gm": "BC2GM-IOB",
    "bc4chemd": "BC4CHEMD-IOB",
    "bc5cdr-chem": "BC5CDR-chem-IOB",
    "bc5cdr-disease": "BC5CDR-disease-IOB",
    "jnlpba": "JNLPBA-IOB",
    "s800": "s800-IOB",
    "ncbi-disease": "NCBI-disease-IOB",
    "linnaeus": "linnaeus-IOB",
    "anatem": "AnatEM-IOB",
    "bionlp09": "BioNLP09-IOB",
    "bionlp11epi": "BioNLP11EPI-IOB",
    "bionlp11id": "BioNLP11ID-IOB",
    "bionlp13ge": "BioNLP13GE-IOB",
    "bionlp13cg": "BioNLP13CG-IOB",
    "bionlp13pc": "BioNLP13PC-IOB",
    "ex-ptm": "Ex-PTM-IOB",
}

ENTITIES: Mapping[str, Home] = {
    **{
        name: Home(
            "https://github.com/cambridgeltl/MTL-Bioinformatics-2016",
            tuple(
                Fixed(
                    f"{_RAW}/cambridgeltl/MTL-Bioinformatics-2016/master/data/{folder}/{part}.tsv",
                    f"{folder}-{part}.tsv",
                )
                for part in ("train", "devel")
            ),
        )
        for name, folder in _MTL.items()
    },
    "bc5cdr-chem/pubtator": Home(
        f"{_UDEL}/tasks/biocreative-v/track-3-cdr/",
        (Fixed("https://ftp.ncbi.nlm.nih.gov/pub/lu/BC5CDR/CDR_Data.zip"),),
        _HAS_TEST,
    ),
    "ncbi-disease/pubtator": Home(
        "https://www.ncbi.nlm.nih.gov/research/bionlp/Data/disease/",
        (
            Fixed("https://www.ncbi.nlm.nih.gov/CBBresearch/Dogan/DISEASE/NCBItrainset_corpus.zip"),
            Fixed("https://www.ncbi.nlm.nih.gov/CBBresearch/Dogan/DISEASE/NCBIdevelopset_corpus.zip"),
        ),
    ),
    "chemprot": Home(
        f"{_UDEL}/news/corpora/chemprot-corpus-biocreative-vi/",
        (Fixed(f"{_UDEL}/media/store/files/2017/ChemProt_Corpus.zip"),),
        _HAS_TEST,
    ),
}

_DEEPCHEM = "https://deepchemdata.s3-us-west-1.amazonaws.com/datasets"

MOLECULENET: Mapping[str, Home] = {
    name: Home("https://moleculenet.org/datasets-1", (Fixed(f"{_DEEPCHEM}/{file}"),))
    for name, file in {
        "pcba": "pcba.csv.gz",
        "qm9": "qm9.csv",
        "qm8": "qm8.csv",
        "qm7": "qm7.csv",
        "tox21": "tox21.csv.gz",
        "hiv": "HIV.csv",
        "sider": "sider.csv.gz",
        "lipophilicity": "Lipophilicity.csv",
        "hopv": "hopv.tar.gz",
        "bbbp": "BBBP.csv",
        "thermosol": "thermosol.csv",
        "bace": "bace.csv",
        "clintox": "clintox.csv.gz",
        "delaney": "delaney-processed.csv",
        "freesolv": "freesolv.csv.gz",
        "sampl": "SAMPL.csv",
    }.items()
}
