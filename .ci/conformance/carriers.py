"""Finds badges inside pictures with nothing but Python's standard library, strictly by the two standards.

reads  [{"name", "file": path}]
writes {name: {"openbadges": [text], "openbadgecredential": [text], "faults": [text]}}
"""
import json
import struct
import sys
import xml.dom.minidom
import zlib

SVG_PLACES = {
    ("http://openbadges.org", "assertion"): "openbadges",
    ("https://purl.imsglobal.org/ob/v3p0", "credential"): "openbadgecredential",
}


def chunks(data):
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG signature")
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        (crc,) = struct.unpack(">I", data[at + 8 + length:at + 12 + length])
        if crc != zlib.crc32(kind + body):
            raise ValueError(f"wrong CRC of {kind}")
        yield kind, body
        at += 12 + length


def read_png(data, found):
    kinds, pixels = [], b""
    for kind, body in chunks(data):
        kinds.append(kind)
        if kind == b"IDAT":
            pixels += body
        keyword, _, rest = body.partition(b"\0")
        if keyword.decode("latin-1") not in ("openbadges", "openbadgecredential"):
            continue
        if kind != b"iTXt" or rest[:4] != b"\0\0\0\0":
            found["faults"].append(f"{kind} {keyword} is no plain uncompressed iTXt")
            continue
        found[keyword.decode()].append(rest[4:].decode("utf-8"))
    if kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or kinds.count(b"IHDR") != 1:
        found["faults"].append(f"chunks out of order: {kinds}")
    zlib.decompress(pixels)


def read_svg(data, found):
    root = xml.dom.minidom.parseString(data).documentElement
    if (root.namespaceURI, root.localName) != ("http://www.w3.org/2000/svg", "svg"):
        found["faults"].append("the root is no svg element")
    for element in root.getElementsByTagName("*"):
        place = SVG_PLACES.get((element.namespaceURI, element.localName))
        if place is None:
            if element.prefix == "openbadges":
                found["faults"].append(f"{element.tagName} is in {element.namespaceURI}")
            continue
        if element.parentNode is not root:
            found["faults"].append(f"{element.tagName} is not directly inside the root")
        body = "".join(node.data for node in element.childNodes).strip()
        verify = element.getAttribute("verify")
        if bool(body) == bool(verify):
            found["faults"].append(f"{element.tagName} needs either a body or verify")
        found[place].append(body or verify)


def read(path):
    found = {"openbadges": [], "openbadgecredential": [], "faults": []}
    with open(path, "rb") as picture:
        data = picture.read()
    try:
        (read_png if data[:1] == b"\x89" else read_svg)(data, found)
    except Exception as error:  # of whatever kind: the picture is broken
        found["faults"].append(f"{type(error).__name__}: {error}")
    return found


json.dump({job["name"]: read(job["file"]) for job in json.load(sys.stdin)}, sys.stdout)
