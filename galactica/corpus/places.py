"""Where each source is had: the official addresses that its keepers document, for `galactica corpus fetch`.

A name is a source of the registry, or SOURCE/VARIANT for another place of the same source. None of the addresses was tried live;
`Place.documented` names the page that says what holds today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from galactica.corpus.downloads import Key
from galactica.corpus.listings import Fixed, Items, Links, Listing, Numbered, Paths, Sums
from galactica.corpus.places_prompts import ENTITIES, MOLECULENET, QUESTION_SETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A source's place: its `listings` in their order, the page that documents it, the pause between two requests to a host.

    Without listings no program may or can fetch it, and `note` says how it is had; otherwise `note` says what to know before.
    Where a place `may_lack` files that its listing names, those are left out; `one` counts all its files as one.
    """

    documented: str
    listings: tuple[Listing, ...] = ()
    seconds_between: float = 1.0
    note: str = ""
    key: Key | None = None
    may_lack: bool = False
    one: bool = False


_NCBI_SECONDS = 0.4
"""Three requests a second without a key are NCBI's limit."""
_ARXIV_SECONDS = 3.0
"""One request in three seconds is the rule of arXiv's API."""

_EUROPE_PMC = "https://www.ebi.ac.uk/europepmc/webservices/rest"
_S2 = "https://api.semanticscholar.org/datasets/v1/release/latest/dataset"
_S2_KEY = Key(
    "S2_API_KEY", "x-api-key", "api.semanticscholar.org", "https://www.semanticscholar.org/product/api#api-key"
)
_S2_DOCUMENTED = "https://api.semanticscholar.org/api-docs/datasets"
_UNARXIVE_NAME = {"items": "files", "name": "key", "address": "links.self", "checksum": "checksum"}
_PWC = "https://production-media.paperswithcode.com/about"
_PWC_NOTE = (
    "Papers with Code was closed in July 2025. Where these addresses are gone, its last dumps are kept at "
    "https://huggingface.co/datasets/pwc-archive."
)
_S3_PAID = "The bucket makes the requester pay, with an account of AWS: "


def _s3(name: str, page: str, command: str, other: str) -> Place:
    return Place(documented=page, note=f"{name}: {_S3_PAID}`{command}`. {other}")


def _github(repository: str, *, branch: str = "HEAD") -> Fixed:
    """The files of a repository as one archive."""
    return Fixed(f"https://github.com/{repository}/archive/{branch}.tar.gz", f"{repository.partition('/')[2]}.tar.gz")


def _wiki(wiki: str, pages: str) -> Place:
    """The pages of a wiki of Wikimedia in their current version, with the checksums of the dump."""
    return Place(
        documented="https://dumps.wikimedia.org/backup-index.html",
        listings=(
            Sums(
                f"https://dumps.wikimedia.org/{wiki}/latest/{wiki}-latest-sha1sums.txt",
                "sha1",
                rf"{wiki}-(?P<date>\d{{8}})-{pages}",
                f"https://dumps.wikimedia.org/{wiki}/{{date}}/{{name}}",
            ),
        ),
        seconds_between=2.0,
    )


_PAPERS: Mapping[str, Place] = {
    "jats": Place(
        documented="https://europepmc.org/RestfulWebService",
        listings=(
            Links(
                f"{_EUROPE_PMC}/search?query=OPEN_ACCESS:y%20AND%20LICENSE:%22cc%20by%22%20AND%20IN_EPMC:y"
                "&resultType=lite&format=json&pageSize=1000&cursorMark={cursor}",
                r'"pmcid"\s*:\s*"(PMC\d{1,12})"',
                f"{_EUROPE_PMC}/{{}}/fullTextXML",
                "{}.xml",
                first="*",
                following=r'"nextCursorMark"\s*:\s*"([^"\\]{1,300})"',
            ),
        ),
        may_lack=True,
    ),
    "jats/pmc": Place(
        documented="https://pmc.ncbi.nlm.nih.gov/tools/pmcaws/",
        listings=(
            Links(
                "https://pmc-oa-opendata.s3.amazonaws.com/?list-type=2&prefix=PMC&delimiter=%2F&start-after={cursor}",
                r"<Prefix>(PMC\d{1,12}\.\d{1,3})/</Prefix>",
                "https://pmc-oa-opendata.s3.amazonaws.com/{}/{}.xml",
                "{}.xml",
                first="PMC10",
                following=r"(?s).*<Prefix>(PMC\d{1,12}\.\d{1,3}/)</Prefix>",
            ),
        ),
        seconds_between=0.2,
        note="All licences of the open access subset, also those that are not commercial; the corpus tells them apart.",
        may_lack=True,
    ),
    "biorxiv": _s3(
        "bioRxiv",
        "https://www.biorxiv.org/tdm",
        "aws s3 cp --request-payer requester s3://biorxiv-src-monthly/Current_Content/MONTH/FILE.meca .",
        "A .meca is a zip with the JATS in content/.",
    ),
    "medrxiv": _s3(
        "medRxiv",
        "https://www.medrxiv.org/tdm",
        "aws s3 cp --request-payer requester s3://medrxiv-src-monthly/Current_Content/MONTH/FILE.meca .",
        "A .meca is a zip with the JATS in content/.",
    ),
    "pubmed": Place(
        documented="https://pubmed.ncbi.nlm.nih.gov/download/",
        listings=(
            Links(
                "https://ftp.ncbi.nlm.nih.gov/pubmed/baseline/",
                r'href="(pubmed\d{2}n\d{4,5}\.xml\.gz)"',
                checksum_ending=".md5",
            ),
        ),
        seconds_between=_NCBI_SECONDS,
    ),
    "arxiv": Place(
        documented="https://github.com/IllDepence/unarXive",
        listings=(Items("https://zenodo.org/api/records/7752615", pattern=r".+\.tar\.xz", **_UNARXIVE_NAME),),
        note="unarXive's papers under licences that permit all use; one archive of some gigabytes.",
    ),
    "arxiv/sources": Place(
        documented="https://info.arxiv.org/help/api/user-manual.html",
        listings=(
            Links(
                "https://export.arxiv.org/api/query?search_query=submittedDate:%5B202201010000+TO+202212312359%5D"
                "&sortBy=submittedDate&sortOrder=ascending&max_results=100&start={cursor}",
                r"<id>https?://arxiv\.org/abs/([a-z.-]{0,20}(?:[A-Z]{2})?/?\d{4}\.?\d{3,5})(?:v\d{1,3})?</id>",
                "https://export.arxiv.org/e-print/{}",
                "{}.gz",
                first="0",
                step=100,
            ),
        ),
        seconds_between=_ARXIV_SECONDS,
        note="Sources one by one, slowly, as arXiv's rules want it; licences differ by paper. In bulk the requester pays: "
        "`aws s3 cp --request-payer requester s3://arxiv/src/FILE.tar .` (https://info.arxiv.org/help/bulk_data_s3.html).",
        may_lack=True,
    ),
    "s2orc": Place(documented=_S2_DOCUMENTED, listings=(Items(f"{_S2}/s2orc", "files"),), key=_S2_KEY),
    "s2abstracts": Place(
        documented=_S2_DOCUMENTED,
        listings=(Items(f"{_S2}/abstracts", "files"), Items(f"{_S2}/papers", "files")),
        key=_S2_KEY,
        note="Abstracts first, then the records of papers that they are joined with: take all files of both.",
    ),
    "anthology": Place(
        documented="https://aclanthology.org/info/development/",
        listings=(_github("acl-org/acl-anthology"),),
    ),
    "osf": Place(
        documented="https://developer.osf.io/#operation/preprints_list",
        listings=(
            Numbered(
                "https://api.osf.io/v2/preprints/?embed=contributors&embed=license&page%5Bsize%5D=100&page={}",
                "osf-preprints-{}.json",
                first=1,
            ),
        ),
        seconds_between=2.0,
    ),
    "chemrxiv": Place(
        documented="https://chemrxiv.org/engage/chemrxiv/public-api/documentation",
        listings=(
            Numbered(
                "https://chemrxiv.org/engage/chemrxiv/public-api/v1/items?sort=PUBLISHED_DATE_ASC&limit=50&skip={}",
                "chemrxiv-{}.json",
                step=50,
            ),
        ),
        seconds_between=2.0,
        note="Its host has been seen to refuse programs (403).",
    ),
    "pubag": Place(
        documented="https://api.nal.usda.gov/pubag/",
        listings=(
            Numbered(
                "https://api.nal.usda.gov/pubag/rest/search/?query=*&per_page=100&page={}", "pubag-{}.json", first=1
            ),
        ),
        key=Key("DATA_GOV_API_KEY", "X-Api-Key", "api.nal.usda.gov", "https://api.data.gov/signup/"),
    ),
}

_SITES = (
    "academia|ai|arduino|astronomy|aviation|bioinformatics|biology|chemistry|chess|cogsci|computergraphics|cs|cseducators|cstheory|"
    "datascience|dsp|earthscience|economics|electronics|engineering|hardwarerecs|health|hsm|math|matheducators|mathematica|mechanics|"
    "networkengineering|or|physics|puzzling|quant|quantumcomputing|retrocomputing|reverseengineering|robotics|scicomp|"
    "softwareengineering|softwarerecs|sound|space|stats"
)
"""The sites of the Galactica paper; mathoverflow.net has its own domain."""

_OPENSTAX = (
    "anatomy-physiology", "astronomy", "biology-bundle", "chemistry-bundle", "college-algebra-bundle", "college-physics-bundle",
    "introductory-statistics-bundle", "microbiology", "organic-chemistry", "prealgebra-bundle", "university-physics-bundle",
    "calculus-bundle",
)  # fmt: skip

_REFERENCE: Mapping[str, Place] = {
    "wikipedia": _wiki("enwiki", r"pages-articles\d{1,2}\.xml-p\d+p\d+\.bz2"),
    "wikibooks": _wiki("enwikibooks", r"pages-articles\.xml\.bz2"),
    "wikiversity": _wiki("enwikiversity", r"pages-articles\.xml\.bz2"),
    "proofwiki": Place(
        documented="https://proofwiki.org/wiki/ProofWiki:Database_dumps",
        listings=(Fixed("https://proofwiki.org/xmldump/latest.xml.gz", "proofwiki-latest.xml.gz"),),
        note="Its robots.txt asks not to train with it (ai-train=no); its text is CC BY-SA 3.0. It is for you to decide.",
    ),
    "stackexchange": Place(
        documented="https://archive.org/details/stackexchange",
        listings=(
            Items(
                "https://archive.org/metadata/stackexchange",
                "files",
                "name",
                rf"(?:(?:{_SITES})\.stackexchange\.com|mathoverflow\.net)\.7z",
                target="https://archive.org/download/stackexchange/{}",
                checksum="sha1",
                kind="sha1",
            ),
        ),
        seconds_between=2.0,
        note="The archives are 7z, which the corpus opens with pip install 'galactica[7z]'.",
    ),
    "textbooks": Place(
        documented="https://github.com/openstax",
        listings=tuple(_github(f"openstax/osbooks-{book}") for book in _OPENSTAX),
        note="Licences differ by book and by version, some books are not for commercial use: see LICENSE in each.",
    ),
    "libretexts": Place(
        documented="https://libretexts.org",
        note="It offers no dump. Export the books that you may use from their pages (Get Page as PDF, or its API with a token).",
    ),
    "ocw": Place(
        documented="https://mitocw.zendesk.com/hc/en-us",
        note="It offers no bulk download: take `Download Course` on the page of each course at https://ocw.mit.edu.",
    ),
    "khan": Place(
        documented="https://www.khanacademy.org/about/tos",
        note="Its public API was closed in 2020, and its terms forbid programs that read the site; use an export that you have.",
    ),
    "pwc": Place(
        documented="https://github.com/paperswithcode/paperswithcode-data",
        listings=tuple(Fixed(f"{_PWC}/{name}.json.gz") for name in ("methods", "datasets", "evaluation-tables")),
        note=_PWC_NOTE,
    ),
    "pwc_papers": Place(
        documented="https://github.com/paperswithcode/paperswithcode-data",
        listings=(Fixed(f"{_PWC}/papers-with-abstracts.json.gz"),),
        note=_PWC_NOTE,
    ),
    "goldbook": Place(
        documented="https://goldbook.iupac.org/pages/api",
        listings=(
            Links(
                "https://goldbook.iupac.org/terms/index/all/json/download",
                r'"([A-Z]{0,2}\d{4,5})"\s*:\s*\{',
                "https://goldbook.iupac.org/terms/view/{}/json",
                "goldbook-{}.json",
            ),
        ),
        seconds_between=2.0,
        note="Its host has been seen to refuse programs (403).",
        may_lack=True,
    ),
    "foldoc": Place(
        documented="https://packages.debian.org/dict-foldoc",
        note="Take foldoc.dict.dz, the form that is read, out of Debian's package: `apt-get download dict-foldoc`.",
    ),
}

_LMSD = "https://www.lipidmaps.org/files/?file=LMSD&ext=sdf.zip"
_EXOPLANETS = "https://exoplanetarchive.ipac.caltech.edu/TAP/sync?query=select+*+from+pscomppars&format=csv"
_PUBCHEM = "https://ftp.ncbi.nlm.nih.gov/pubchem/Compound/CURRENT-Full/SDF/"
_REFSEQ = "https://ftp.ncbi.nlm.nih.gov/refseq/H_sapiens/mRNA_Prot/"

_KNOWLEDGE: Mapping[str, Place] = {
    "compounds": Place(
        documented="https://pubchem.ncbi.nlm.nih.gov/docs/downloads",
        listings=(Links(_PUBCHEM, r'href="(Compound_\d{9}_\d{9}\.sdf\.gz)"', checksum_ending=".md5"),),
        seconds_between=_NCBI_SECONDS,
    ),
    "proteins": Place(
        documented="https://www.uniprot.org/help/downloads",
        listings=(
            Fixed(
                "https://ftp.uniprot.org/pub/databases/uniprot/current_release/knowledgebase/complete/uniprot_sprot.dat.gz"
            ),
        ),
    ),
    "refseq": Place(
        documented="https://www.ncbi.nlm.nih.gov/refseq/",
        listings=(Links(_REFSEQ, r'href="(human\.\d{1,3}\.rna\.gbff\.gz)"'),),
        seconds_between=_NCBI_SECONDS,
    ),
    "oeis": Place(
        documented="https://oeis.org/wiki/Download",
        listings=(Fixed("https://oeis.org/names.gz"), Fixed("https://oeis.org/stripped.gz")),
        one=True,
    ),
    "lipidmaps": Place(
        documented="https://www.lipidmaps.org/databases/lmsd/download",
        listings=(Fixed(_LMSD, "LMSD.sdf.zip"),),
    ),
    "reactome": Place(
        documented="https://reactome.org/download-data",
        listings=(
            Fixed("https://reactome.org/download/current/biopax.zip", "reactome-biopax.zip"),
            Fixed("https://reactome.org/download/current/pathway2summation.txt"),
        ),
    ),
    "wikipathways": Place(
        documented="https://github.com/wikipathways/wikipathways-database",
        listings=(_github("wikipathways/wikipathways-database"),),
    ),
    "exoplanets": Place(
        documented="https://exoplanetarchive.ipac.caltech.edu/docs/TAP/usingTAP.html",
        listings=(Fixed(_EXOPLANETS, "exoplanets-pscomppars.csv"),),
    ),
    "exoplanets/oec": Place(
        documented="https://github.com/OpenExoplanetCatalogue/oec_gzip",
        listings=(_github("OpenExoplanetCatalogue/open_exoplanet_catalogue"),),
    ),
    "ontologies": Place(
        documented="https://obofoundry.org",
        listings=(
            Fixed("https://ftp.ebi.ac.uk/pub/databases/chebi/ontology/chebi.obo.gz"),
            Fixed("https://current.geneontology.org/ontology/go-basic.obo"),
        ),
    ),
    "scientific_cc": Place(
        documented="https://commoncrawl.org/get-started",
        listings=(
            Paths(
                "https://data.commoncrawl.org/crawl-data/CC-MAIN-2022-21/warc.paths.gz", "https://data.commoncrawl.org/"
            ),
        ),
        note="One crawl of 2022 (CC-MAIN-2022-21); a file has about 1 GB.",
    ),
}

_REPOSITORIES: Mapping[str, tuple[str, ...]] = {
    "elements": ("lmmentel/mendeleev",),
    "minerals": ("morganjwilliams/pyrolite",),
    "equations": ("nbeaver/equajson",),
    "metamath": ("metamath/set.mm",),
    "latexbooks": (
        "stacks/stacks-project",
        "OpenLogicProject/OpenLogic",
        "HoTT/book",
        "vEnhance/napkin",
        "jirilebl/ra",
    ),
    "joss": ("openjournals/joss-papers",),
    "iclr-blogposts": ("iclr-blogposts/2024", "iclr-blogposts/2023"),
    "manubot": ("greenelab/deep-review",),
    "markdown-books": ("d2l-ai/d2l-en", "cp-algorithms/cp-algorithms", "qiskit-community/qiskit-textbook"),
    "rst-books": ("gromacs/gromacs", "openmm/openmm", "sagemath/sage"),
    "pretext": ("twjudson/aata",),
    "doconce": ("CompPhysics/ComputationalPhysics", "CompPhysics/MachineLearning", "hplgit/num-methods-for-PDEs"),
}
"""Sources whose home is a repository, read as the package it is."""

_CODE = "Repositories of your own choice: give `galactica corpus build` a folder of their archives, each with its licence file."

PLACES: Mapping[str, Place] = {
    "clusters": Place(
        documented="https://cdsarc.cds.unistra.fr/viz-bin/cat/VII/110A", note="The catalogues of Abell, at CDS."
    ),
    "code": Place(documented="https://github.com", note=_CODE),
    **{
        name: Place(documented=f"https://github.com/{found[0]}", listings=tuple(map(_github, found)))
        for name, found in _REPOSITORIES.items()
    },
    "ribosome": _KNOWLEDGE["refseq"],  # the pairs are made of the same records
    **_PAPERS,
    **_REFERENCE,
    **_KNOWLEDGE,
    **{
        name: Place(documented=documented, listings=listings, note=note)
        for name, (documented, listings, note) in {**QUESTION_SETS, **ENTITIES, **MOLECULENET}.items()
    },
}
"""The places, by the name of the source."""
