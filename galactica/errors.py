"""What goes wrong in the user's input, data or machine, each said in one line: the value, what is allowed, what to do."""


class GalacticaError(Exception):
    """Something the user can mend. The command line prints its text alone and exits with status 2."""


class BadInput(GalacticaError):
    """An argument, a prompt or a title that cannot be used as it is."""


class BadConfig(GalacticaError):
    """A run file or a `--set` with an unknown key or a value out of range."""


class BadData(GalacticaError):
    """A file of the corpus, of a library or of a token shard that is missing, damaged or of another form."""


class BadCheckpoint(GalacticaError):
    """A model folder that is missing, damaged or of another architecture."""


class UnknownReference(GalacticaError):
    """A reference that is not a record of the library."""


class MissingExtra(GalacticaError):
    """An optional dependency that is not installed; the text names the command that installs it."""


def missing_extra(package: str, extra: str) -> MissingExtra:
    """The error for an optional `package` that the extra `extra` would have installed."""
    return MissingExtra(f"{package} is not installed. Run: pip install 'galactica[{extra}]'")
