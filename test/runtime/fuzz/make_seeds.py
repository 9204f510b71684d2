#!/usr/bin/env python3
"""Writes the seed corpora of the fuzz targets: small files, those named valid-* to be accepted.

usage: make_seeds.py FOLDER
"""
import gzip
import io
import json
import pathlib
import struct
import sys
import zipfile

root = pathlib.Path(sys.argv[1])


def put(target, name, content):
    path = root / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def weights(header, data=b""):
    text = json.dumps(header, separators=(",", ":")).encode() if isinstance(header, dict) else header
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


put("weights", "valid-two", weights(
    {"__metadata__": {"epoch": "3", "note": "\u00e9 \"quoted\""},
     "dense/kernel": tensor("F32", [2, 3], 0, 24), "step": tensor("I64", [], 24, 32)},
    bytes(range(32))))
put("weights", "valid-empty", weights({}))
put("weights", "valid-no-elements", weights({"e": tensor("BF16", [0, 4], 0, 0)}))
put("weights", "bad-gap", weights({"a": tensor("F32", [1], 4, 8)}, bytes(8)))
put("weights", "bad-huge", weights({"a": tensor("F64", [1 << 40, 1 << 40], 0, 8)}, bytes(8)))
put("weights", "bad-length", struct.pack("<Q", 1 << 62) + b"{}")
put("weights", "bad-text", weights(b'{"a":{"dtype":"F32","shape":[1],'))


def idx(kind, dims, data):
    return bytes([0, 0, kind, len(dims)]) + struct.pack(f">{len(dims)}I", *dims) + data


put("idx", "valid-u8", idx(8, [2, 2], bytes([1, 2, 3, 4])))
put("idx", "valid-f32", idx(13, [2], struct.pack(">2f", 1.5, -2)))
put("idx", "valid-gz", gzip.compress(idx(11, [3], struct.pack(">3h", 1, -2, 3)), mtime=0))
put("idx", "bad-huge", idx(8, [0xffffffff] * 8, b""))
put("idx", "bad-short", idx(8, [4, 4], bytes(3)))
put("idx", "bad-gz", gzip.compress(idx(8, [1 << 31], b"\0" * 64), mtime=0)[:-6])

put("csv", "valid-numbers", b"1,2.5,-3e4\n4,5,6\n")
put("csv", "valid-header", b"a;b;\"c; d\"\r\n1;2;3\r\n")
put("csv", "valid-tabs", b"1\t2\n3\t4")
put("csv", "bad-quote", b"\"1,2\n3,4\n")
put("csv", "bad-ragged", b"1,2\n3\n")
put("csv", "bad-words", b"a,b\nc,d\n")


def npy(descr, shape, data, fortran=False, version=1):
    text = repr({"descr": descr, "fortran_order": fortran, "shape": shape}).encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text) + 1)
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + b"\n" + data


put("npy", "valid-f32", npy("<f4", (2, 2), struct.pack("<4f", 1, 2, 3, 4)))
put("npy", "valid-fortran", npy("<i8", (2, 3), struct.pack("<6q", *range(6)), fortran=True))
put("npy", "valid-big-endian", npy(">u2", (2,), struct.pack(">2H", 1, 2), version=2))
put("npy", "bad-huge", npy("<f8", (1 << 40, 1 << 40), b""))
put("npy", "bad-negative", npy("<f4", (-1,), b""))
put("npy", "bad-type", npy("O", (1,), bytes(8)))


def npz(members, compression):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name + ".npy"), content, compression)
    return stream.getvalue()


one = npy("<f4", (2,), struct.pack("<2f", 1, 2))
put("npz", "valid-stored", npz({"x": one, "y": npy("|u1", (1,), b"\7")}, zipfile.ZIP_STORED))
put("npz", "valid-deflated", npz({"x": one * 1}, zipfile.ZIP_DEFLATED))
put("npz", "bad-cut", npz({"x": one}, zipfile.ZIP_STORED)[:-9])
put("npz", "bad-member", npz({"x": b"no array"}, zipfile.ZIP_DEFLATED))


def code(symbols, *words):
    return bytes([symbols]) + struct.pack(f"<{len(words)}q", *words)


CONST, SYM, ADD, MUL, FLOORDIV, MIN, MAX, NEG = range(1, 9)
put("expr", "valid-constant", code(0, CONST, 42))
put("expr", "valid-affine", code(2, CONST, 2, SYM, 0, MUL, SYM, 1, ADD))
put("expr", "valid-windows", code(1, SYM, 0, CONST, 3, NEG, ADD, CONST, 2, FLOORDIV, CONST, 0, MAX))
put("expr", "valid-overflow", code(0, CONST, (1 << 63) - 1, CONST, 2, MUL, CONST, 5, MIN))
put("expr", "bad-symbol", code(1, SYM, 7))
put("expr", "bad-underflow", code(0, CONST, 1, ADD))
put("expr", "bad-deep", code(1, *([SYM, 0] * 40)))


def field(number, content):
    """A length-delimited protobuf field."""
    content = content.encode() if isinstance(content, str) else content
    return bytes([number << 3 | 2, len(content)]) + content


put("manifest", "valid-empty", b"")
put("manifest", "valid-text", field(1, "0.1.0"))
put("manifest", "bad-cut", field(1, "0.1.0")[:-2])
put("manifest", "bad-wire", bytes([0x0f, 0xff, 0xff]))
