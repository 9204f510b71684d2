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


class Table:
    """A program table as codegen lays it out: blocks behind each other, references relative."""

    def __init__(self):
        self.bytes = bytearray()

    def place(self, content, alignment=8):
        self.bytes += bytes(-len(self.bytes) % alignment)
        at = len(self.bytes)
        self.bytes += content
        return at

    def point(self, field, target, count=None):
        struct.pack_into("<i", self.bytes, field, target - field)
        if count is not None:
            struct.pack_into("<I", self.bytes, field + 4, count)

    def name(self, field, text):
        self.point(field, self.place(text.encode() + b"\0", 1))

    def expr(self, field, *words):
        self.point(field, self.place(struct.pack(f"<{len(words)}q", *words)), len(words))

    def array(self, field, size, count, head=None):
        """|count| zeroed structs of |size| bytes that know it."""
        at = self.place(bytes(size * count))
        for i in range(count):
            struct.pack_into("<I", self.bytes, at + i * size, size)
        self.point(field, at, count)
        return [at + i * size for i in range(count)]

    def put(self, at, *words):
        struct.pack_into(f"<{len(words)}I", self.bytes, at, *words)


def table():
    """One entry y = predict(x: f32[B, 4]) with a weight, its doubled form, and two kernels."""
    t = Table()
    program = t.place(struct.pack("<IIQQ", 72, 2, 0x314d524750434c44, 5) + bytes(48))
    t.name(program + 24, "seed")
    [batch] = t.array(program + 32, 32, 1)
    t.name(batch + 4, "B")
    struct.pack_into("<qqq", t.bytes, batch + 8, 1, 1000, 1)
    [weight] = t.array(program + 40, 24, 1)
    t.name(weight + 4, "w")
    t.point(weight + 16, t.place(bytes(8)), 1)
    t.expr(weight + 16 + struct.unpack_from("<i", t.bytes, weight + 16)[0], CONST, 4)
    [entry] = t.array(program + 48, 40, 1)
    t.name(entry + 4, "predict")
    for field, name in ((entry + 8, "x"), (entry + 16, "y")):
        [port] = t.array(field, 24, 1)
        t.name(port + 4, name)
        dims = t.place(bytes(16))
        t.point(port + 16, dims, 2)
        t.expr(dims, SYM, 0)
        t.expr(dims + 8, CONST, 4)
    t.point(entry + 24, t.place(struct.pack("<I", 0)), 1)
    [variant] = t.array(program + 56, 80, 1)
    t.name(variant + 4, "any")
    own, doubled = t.array(variant + 56, 56, 2)
    for storage, name, variable in ((own, "w", 0), (doubled, "w.double", 0xffffffff)):
        t.name(storage + 4, name)
        t.put(storage + 8, variable)
        t.expr(storage + 16, CONST, 16)
        struct.pack_into("<iii", t.bytes, storage + 40, -1, -1, 1 if variable else -1)
    t.point(doubled + 24, t.place(struct.pack("<I", 0)), 1)
    [body] = t.array(variant + 64, 32, 1)
    t.point(body + 4, program)
    t.expr(body + 16, CONST, 64)
    buffers = t.array(body + 8, 40, 5)
    for i, (kind, index) in enumerate(((0, 0), (1, 0), (2, 1), (4, 0), (5, 0))):
        t.put(buffers[i] + 4, kind, index)
        t.put(buffers[i] + 32, 0xffffffff)
        t.expr(buffers[i] + 16, CONST, 16, *((SYM, 0, MUL) if kind in (0, 1, 4) else ()))
    t.point(buffers[4] + 36, t.place(bytes(16), 64))
    for kernel, args, sizes in zip(t.array(variant + 72, 72, 2), (3, 2), (1, 0)):
        t.name(kernel + 4, "k")
        t.put(kernel + 8, args, sizes)
        [phase] = t.array(kernel + 48, 24, 1)
        t.point(phase + 4, program)
        t.expr(phase + 8, *((SYM, 0) if sizes else (CONST, 1)))
        t.name(kernel + 56, "layer, model.cpp:7")
        [result] = t.array(kernel + 64, 16, 1)
        t.expr(result + 8, CONST, 4)
    return t.bytes


whole = table()
put("table", "valid-predict", whole)
put("table", "bad-cut", whole[:-40])
put("table", "bad-version", whole[:4] + b"\3" + whole[5:])
put("table", "bad-reference", whole[:40] + struct.pack("<i", 1 << 28) + whole[44:])
put("table", "bad-count", whole[:60] + struct.pack("<I", 1 << 31) + whole[64:])
