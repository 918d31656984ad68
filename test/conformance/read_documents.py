"""The text of attachments, read without a library for any of them: what a plain extractor gets, line by line."""

import io
import re
import struct
import xml.etree.ElementTree as xml
import zipfile
import zlib

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def docx_text(data):
    """Paragraphs of a word-processing document, one a line."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        broken = package.testzip()
        if broken:
            raise ValueError(f"docx: {broken} is damaged")
        document = xml.fromstring(package.read("word/document.xml"))
    lines = []
    for paragraph in document.iter(WORD + "p"):
        line = ""
        for node in paragraph.iter():
            if node.tag == WORD + "t":
                line += node.text or ""
            elif node.tag == WORD + "br":
                line += "\n"
        lines.append(line)
    return "\n".join(lines)


def pdf_text(data):
    """What the pages of a PDF show (ISO 32000-1 §9.4.3), one Tj a line: found through the cross-reference table."""
    start = int(re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", data).group(1))
    table = re.compile(rb"xref\s+0 (\d+)\s+").match(data, start)
    entries = [data[table.end() + 20 * i : table.end() + 20 * (i + 1)] for i in range(int(table.group(1)))]
    offsets = {n: int(entry[:10]) for n, entry in enumerate(entries) if entry[17:18] == b"n"}

    def body(reference):
        number = int(reference)
        head = re.compile(rb"%d 0 obj\s" % number).match(data, offsets[number])
        return data[head.end() : data.index(b"endobj", head.end())]

    def stream(reference):
        number = int(reference)
        head = re.compile(rb"%d 0 obj\s+<<[^>]*/Length (\d+)[^>]*>>\s*stream\r?\n" % number).match(data, offsets[number])
        end = head.end() + int(head.group(1))
        if not re.compile(rb"\s*endstream\s+endobj").match(data, end):
            raise ValueError(f"pdf: the length of stream {number} is wrong")
        return data[head.end() : end]

    root = re.search(rb"/Root (\d+) 0 R", data[start:]).group(1)
    pages = re.search(rb"/Pages (\d+) 0 R", body(root)).group(1)
    kids = re.search(rb"/Kids \[([^\]]*)\]", body(pages)).group(1)
    lines = []
    for kid in re.findall(rb"(\d+) 0 R", kids):
        content = stream(re.search(rb"/Contents (\d+) 0 R", body(kid)).group(1))
        for literal in re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", content, re.DOTALL):
            lines.append(re.sub(rb"\\(.)", rb"\1", literal, flags=re.DOTALL).decode("windows-1252"))
    return "\n".join(lines)


def check_png(data):
    """A PNG that opens: its chunks are whole, and there are as many pixels as it says (ISO 15948)."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("png: not one")
    chunks, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if struct.pack(">I", zlib.crc32(kind + content)) != data[at + 8 + length : at + 12 + length]:
            raise ValueError(f"png: a damaged {kind.decode('ascii')}")
        chunks.append((kind, content))
        at += 12 + length
    if chunks[0][0] != b"IHDR" or chunks[-1] != (b"IEND", b""):
        raise ValueError("png: no IHDR or IEND")
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    pixels = zlib.decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    if len(pixels) != height * (1 + (width * depth * channels + 7) // 8):
        raise ValueError("png: not as many pixels as it says")
