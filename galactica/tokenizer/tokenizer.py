"""Text <-> ids: any `tokenizer.json`, with the rules of the document language applied inside `encode`.

The file's pipeline (spec: docs/language of the released tokenizer): normalise, remove the split marker, split digits,
brackets, operator runs and line feeds, byte-level BPE. Control tokens and split sequences are found here, before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import tokenizers

from galactica import files, markup
from galactica.errors import BadCheckpoint, BadInput
from galactica.markup import Parts

FILE = "tokenizer.json"
CONFIG_FILE = "tokenizer_config.json"
_MAX_FILE_BYTES = 64 * 2**20


class Tokenizer:
    """A loaded tokenizer. `encode` and `decode` are inverse up to normalisation for every Unicode string."""

    def __init__(self, definition: str) -> None:
        """`definition` is the text of a `tokenizer.json`. Raises BadCheckpoint where it is not one."""
        try:
            tree = json.loads(definition)
            added = tree.get("added_tokens") or []
            self._full = tokenizers.Tokenizer.from_str(definition)
            # Control tokens are cut out before this one sees the text, so what it sees can never act as one.
            self._plain = tokenizers.Tokenizer.from_str(
                json.dumps({**tree, "added_tokens": [], "post_processor": None})
            )
        except Exception as error:  # the library raises bare Exception for a file of another form
            raise BadCheckpoint(f"not a tokenizer.json: {str(error)[:200]}") from None
        self._full.no_truncation()
        self._full.no_padding()
        self._plain.no_truncation()
        self._plain.no_padding()
        self.definition = definition
        self._control_ids: dict[str, int] = {token["content"]: token["id"] for token in added if token["special"]}
        for token in markup.SPECIAL_TOKENS:
            known = self._full.token_to_id(token)
            if known is not None:
                self._control_ids[token] = known
        self._control = markup.control_pattern(self._control_ids) if self._control_ids else None
        self._has_marker = markup.SPLIT_MARKER in json.dumps(tree.get("pre_tokenizer"))
        self._character_ids: dict[str, list[int]] = {}
        self._plain_ids: dict[tuple[str, bool], list[int]] = {}

    @classmethod
    def load(cls, path: Path | str) -> Tokenizer:
        """From a folder that holds `tokenizer.json`, or from such a file."""
        path = Path(path)
        file = path / FILE if path.is_dir() else path
        if not file.is_file():
            raise BadCheckpoint(
                f"no {FILE} in {str(path)!r}. Give the folder of a tokenizer or of a checkpoint with one."
            )
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise BadCheckpoint(f"{file} is larger than {_MAX_FILE_BYTES >> 20} MiB: not a tokenizer.")
        try:
            return cls(file.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            raise BadCheckpoint(f"{file} is not UTF-8 text: the file is damaged.") from None
        except BadCheckpoint as error:
            raise BadCheckpoint(f"{file}: {error}") from None

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json` and a `tokenizer_config.json` from which other programs rebuild the same tokenizer."""
        files.write_file(folder / FILE, self.definition)
        config = {
            # Without the class name newer transformers rebuild an `opt` tokenizer as GPT-2's and drop the pre-tokenizer.
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": markup.BOS,
            "eos_token": markup.EOS,
            "pad_token": markup.PAD,
            "unk_token": markup.UNK,
            "padding_side": "left",
            "clean_up_tokenization_spaces": False,
            "model_max_length": 2048,
        }
        files.write_file(folder / CONFIG_FILE, json.dumps(config, indent=2) + "\n")

    @cached_property
    def sha256(self) -> str:
        """Identity of the definition; token shards and token tables carry it."""
        return hashlib.sha256(self.definition.encode()).hexdigest()

    @property
    def vocab_size(self) -> int:
        """Number of ids, control tokens included."""
        size: int = self._full.get_vocab_size(with_added_tokens=True)
        return size

    def id_of(self, token: str) -> int:
        """The id of a control token. Raises BadCheckpoint where the tokenizer lacks it."""
        if token not in self._control_ids:
            raise BadCheckpoint(f"the tokenizer has no token {token!r}: it is not one of a Galactica model.")
        return self._control_ids[token]

    def has(self, token: str) -> bool:
        """Whether `token` is a control token here."""
        return token in self._control_ids

    @property
    def control_ids(self) -> list[int]:
        """The ids of all control tokens, ascending."""
        return sorted(self._control_ids.values())

    def is_control(self, token_id: int) -> bool:
        """Whether an id is that of a control token."""
        return token_id in self._control_ids.values()

    def plain_ids(self, text: str, anywhere: bool = False) -> list[int]:
        """The ids, those of control tokens left out, whose piece begins with `text` (or holds it `anywhere`); `text` in
        ASCII without spaces, which every byte-level vocabulary spells as it is."""
        found = self._plain_ids.get((text, anywhere))
        if found is None:
            control = set(self._control_ids.values())
            pieces = ((piece, i) for piece, i in self._full.get_vocab().items() if i not in control)
            found = sorted(i for piece, i in pieces if (text in piece if anywhere else piece.startswith(text)))
            self._plain_ids[text, anywhere] = found
        return found

    @property
    def eos_id(self) -> int:
        """The document boundary."""
        return self.id_of(markup.EOS)

    @property
    def pad_id(self) -> int:
        """Padding; the document boundary where the tokenizer has none."""
        return int(self._control_ids.get(markup.PAD, self.eos_id))

    def encode(self, text: Parts, data: bool = False) -> list[int]:
        """Token ids. With `data`, or for parts that are `markup.Data`, tokens spelt in the text stay plain characters."""
        return self.encode_many([_as_data(text)] if data else [text])[0]

    def encode_many(self, texts: Sequence[Parts]) -> list[list[int]]:
        """Token ids of each text; the texts are encoded side by side on all cores."""
        plans: list[list[list[int] | None]] = []  # None stands for a stretch of plain text that is still to be encoded
        plain: list[str] = []
        for text in texts:
            plan: list[list[int] | None] = []
            for span in self._spans(text):
                if span.nature == "control":
                    plan.append([self._control_ids[span.text]])
                elif span.nature == "sequence":
                    plan.append([i for character in self._normalised(span.text) for i in self._character(character)])
                else:
                    pieces = self._uncut(self._normalised(span.text))
                    plain.extend(pieces)
                    plan.extend([None] * len(pieces))
            plans.append(plan)
        encoded = iter(self._plain.encode_batch(plain, add_special_tokens=False))
        return [[i for ids in plan for i in (next(encoded).ids if ids is None else ids)] for plan in plans]

    def decode(self, ids: Iterable[int], skip: Iterable[str] = ()) -> str:
        """The text of the ids, without the control tokens named in `skip`; bytes that are not UTF-8 become U+FFFD."""
        left_out = {self._control_ids[token] for token in skip if token in self._control_ids}
        return str(self._full.decode([i for i in ids if i not in left_out], skip_special_tokens=False))

    def pieces(self, text: Parts, data: bool = False) -> list[str]:
        """The vocabulary's spelling of each token (a space is `Ġ`, a line feed `Ċ`, as in the file)."""
        return [self.piece(i) for i in self.encode(text, data)]

    def piece(self, token_id: int) -> str:
        """The vocabulary's spelling of one id. Raises BadInput for an id outside it."""
        piece = self._full.id_to_token(token_id)
        if piece is None:
            raise BadInput(f"token id {token_id} is outside the vocabulary of {self.vocab_size}.")
        return str(piece)

    def normalise(self, text: Parts) -> str:
        """The text as the tokenizer sees it: what `decode(encode(text))` gives back."""
        return "".join(
            span.text if span.nature == "control" else self._normalised(span.text) for span in self._spans(text)
        )

    def _spans(self, text: Parts) -> Iterable[markup.Span]:
        if self._control is None:
            text = _as_data(text)
            return markup.spans(text)
        return markup.spans(text, self._control)

    def _normalised(self, text: str) -> str:
        if not text.isascii():
            # A lone surrogate is not a character; UTF-16 joins pairs and marks the rest.
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        normalizer = self._plain.normalizer
        return text if normalizer is None else str(normalizer.normalize_str(text))

    def _uncut(self, text: str) -> list[str]:
        """The text cut inside each spelt split marker, so that the file's first step leaves it alone. The cut stands
        before a digit, where tokens end anyway."""
        if not self._has_marker or markup.SPLIT_MARKER not in text:
            return [text]
        head = markup.SPLIT_MARKER.index("1")
        first, *rest = text.split(markup.SPLIT_MARKER)
        pieces = [first + markup.SPLIT_MARKER[:head]]
        for piece in rest[:-1]:
            pieces.append(markup.SPLIT_MARKER[head:] + piece + markup.SPLIT_MARKER[:head])
        return [*pieces, markup.SPLIT_MARKER[head:] + rest[-1]]

    def _character(self, character: str) -> list[int]:
        ids = self._character_ids.get(character)
        if ids is None:
            ids = self._plain.encode(character, add_special_tokens=False).ids
            self._character_ids[character] = ids
        return ids


def _as_data(text: Parts) -> list[str]:
    return [markup.Data(part) for part in ([text] if isinstance(text, str) else text)]
