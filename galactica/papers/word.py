"""The look of a Word file: serif type, black headings, hanging indents in the reference list, page numbers."""

from __future__ import annotations

import io
import zipfile

from lxml import etree

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FOOTER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
_FOOTER_ID = "rIdPageNumber"
_FOOTER = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:ftr xmlns:w="{_W}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>
<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>
<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>"""
_FONT = "Cambria"
_HALF_POINTS = {"Title": 36, "Heading1": 28, "Heading2": 24, "Heading3": 22, "Author": 24, "Date": 22}


def styled(docx: bytes) -> bytes:
    """The Word file that pandoc wrote, with the look of an article."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name in _CHANGES:
                root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
                _CHANGES[name](root)
                data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            new.writestr(name, data)
        new.writestr("word/footer1.xml", _FOOTER)
    return out.getvalue()


def _w(name: str) -> str:
    return f"{{{_W}}}{name}"


def _style(root: etree._Element) -> None:
    for size in root.iterfind(f"{_w('docDefaults')}//{_w('sz')}"):
        size.set(_w("val"), "22")
    for style in root.iterfind(_w("style")):
        identifier = (style.get(_w("styleId")) or "").removesuffix("Char")
        if identifier.startswith("Heading") or identifier == "Title":
            for colour in list(style.iter(_w("color"))):
                colour.set(_w("val"), "000000")
                for name in {_w("themeColor"), _w("themeShade"), _w("themeTint")} & {str(key) for key in colour.attrib}:
                    del colour.attrib[name]
        if identifier in _HALF_POINTS:
            for size in style.iter(_w("sz"), _w("szCs")):
                size.set(_w("val"), str(_HALF_POINTS[identifier]))
        if identifier.startswith("Heading") or identifier == "Title":
            properties = style.find(_w("rPr"))
            if properties is not None and properties.find(_w("b")) is None:
                fonts = properties.find(_w("rFonts"))
                properties.insert(0 if fonts is None else 1, etree.Element(_w("b")))
        if identifier == "Bibliography":
            properties = style.find(_w("pPr"))
            if properties is not None:
                etree.SubElement(properties, _w("ind"), {_w("left"): "480", _w("hanging"): "480"})


def _theme(root: etree._Element) -> None:
    for font in (*root.iter(f"{{{_A}}}majorFont"), *root.iter(f"{{{_A}}}minorFont")):
        for latin in font.iterfind(f"{{{_A}}}latin"):
            latin.attrib.clear()
            latin.set("typeface", _FONT)


def _types(root: etree._Element) -> None:
    etree.SubElement(
        root, root.tag.replace("Types", "Override"), PartName="/word/footer1.xml", ContentType=_FOOTER_TYPE
    )


def _relationships(root: etree._Element) -> None:
    attributes = {"Id": _FOOTER_ID, "Type": f"{_R}/footer", "Target": "footer1.xml"}
    etree.SubElement(root, root.tag.replace("Relationships", "Relationship"), attributes)


def _body(root: etree._Element) -> None:
    for section in root.iter(_w("sectPr")):
        reference = etree.Element(_w("footerReference"), {_w("type"): "default", f"{{{_R}}}id": _FOOTER_ID})
        section.insert(0, reference)


_CHANGES = {
    "word/styles.xml": _style,
    "word/theme/theme1.xml": _theme,
    "word/document.xml": _body,
    "word/_rels/document.xml.rels": _relationships,
    "[Content_Types].xml": _types,
}
