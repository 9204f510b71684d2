"""Modules that were cut and altered in many places: each is read, or refused with a message; none
kills the program that was given it.

  hostile.py MODULE FOLDER COMMAND...      COMMAND gets the path of a module and reads it
"""
import os
import random
import subprocess
import sys

path, folder, command = sys.argv[1], sys.argv[2], sys.argv[3:]
with open(path, "rb") as file:
    whole = file.read()
chance = random.Random(5)
refused = 0


def read(number, content):
    global refused
    broken = os.path.join(folder, f"broken{number}{os.path.splitext(path)[1]}")
    with open(broken, "wb") as out:
        out.write(content)
    done = subprocess.run(command[:2] + [broken] + command[2:], text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    assert done.returncode in (0, 1), (number, done.returncode, done.stderr[:500])
    assert done.returncode == 0 or "error:" in done.stderr, (number, done.stderr[:500])
    refused += done.returncode
    os.remove(broken)


read(99, whole)
assert refused == 0, "the module itself must be readable"
for i in range(12):
    read(i, whole[:len(whole) * i // 12])
for i in range(12, 36):
    altered = bytearray(whole)
    for _ in range(1 + i % 4):
        altered[chance.randrange(len(altered))] = chance.choice([0, 1, 0x7f, 0x80, 0xff])
    read(i, bytes(altered))
# Numbers of bytecode are variable in length: a run of high ones is a count beyond all memory.
for i in range(36, 44):
    at = chance.randrange(8, min(len(whole), 2000))
    read(i, whole[:at] + b"\x00" + b"\xff" * 8 + whole[at + 9:])
print(f"{refused} of 44 refused, the others read; none killed its reader")
assert refused >= 20
