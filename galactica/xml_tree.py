"""XML out of hostile files, as every reader parses it: no network, no DTD, no entities, no endless tree."""

from __future__ import annotations

from lxml import etree


class UsesEntity(ValueError):
    """Text that refers to an entity beyond those of XML: it would be missing without a word."""


def parsed(data: bytes, *, remove_comments: bool = False, remove_pis: bool = False) -> etree._Element:
    """The root of the tree. Raises etree.XMLSyntaxError or ValueError, UsesEntity among them, where it cannot be read whole."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=remove_comments,
        remove_pis=remove_pis,
    )
    root = etree.fromstring(data, parser)
    check_entities(root)
    return root


def check_entities(tree: etree._Element) -> None:
    """Raises UsesEntity where one stands in the tree, unresolved."""
    if next(tree.iter(etree.Entity), None) is not None:
        raise UsesEntity("the text refers to an entity that is left unread")
