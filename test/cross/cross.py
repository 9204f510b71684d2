"""Code for another processor computes what code for this one does.

    cross.py SOURCE BINARY TARGET EMULATOR FOREIGN_RUN_ENTRIES RUN_ENTRIES

Modules are compiled for TARGET and for this machine; both artifacts run, the first in the emulator,
and print their outputs. Numbers may differ by the order of their sums and by fused multiply-adds.
One model is held against the evaluator, too, and what an artifact says on another machine.
"""
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

source, binary = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
cross, emulator, foreign, native = sys.argv[3:7]
# Each emitter with its variants, the polynomials, conversions, integers and random numbers.
OPS = """attention attention_grad avg_pool_grad batch_norm_training broadcast cast compare concat
    contract conv conv_depthwise conv_filter_grad conv_input_grad cos dynamic_update_slice erf exp
    gather if layer_norm log log_softmax max_pool max_pool_grad one_hot pow prod random_bernoulli
    random_normal reduce_max rem reverse round scan scatter_add select sin softmax
    sparse_softmax_cross_entropy sum tanh transpose while winograd_conv winograd_filter""".split()
# Of an element's own size and of the largest element of its tensor, where sums of large terms are.
TOLERANCE = {"f32": 2e-5, "f64": 1e-12, "f16": 2e-3, "bf16": 2e-2}


def rows(text):
    """{entry and output: (type, numbers)}"""
    result, lines = {}, text.split("\n")
    at = 0
    while at < len(lines) and lines[at]:
        entry, name, kind, count = lines[at].split(" ")
        at += 1
        result[entry, name] = kind, [float(line) for line in lines[at:at + int(count)]]
        at += int(count)
    return result


def difference(kind, a, b):
    """What is wrong with a, which should be b; None where nothing is."""
    if len(a) != len(b):
        return f"{len(a)} elements, expected {len(b)}"
    finite = [abs(x) for x in b if math.isfinite(x)]
    scale = TOLERANCE.get(kind, 0) * max(finite, default=0)
    for i, (x, y) in enumerate(zip(a, b)):
        if math.isnan(x) and math.isnan(y) or x == y:
            continue
        if not abs(x - y) <= scale:
            return f"{x} at {i}, expected {y}"
    return None


def dlc(*words, **options):
    subprocess.run([binary / "bin" / "dlc", *words], check=True, **options)


def run(module, name, sizes, folder):
    texts = []
    for target, command in ((cross, [*emulator.split(), foreign]), (None, [native])):
        suffix = "wasm" if target == "wasm32" else "dlca"
        artifact = folder / f"{name}-{target}.{suffix}"
        dlc("compile", module, "-o", artifact, *([f"--target={target}"] if target else []))
        texts.append(subprocess.run([*command, artifact, *sizes], check=True, capture_output=True,
                                    text=True).stdout)
    theirs, ours = rows(texts[0]), rows(texts[1])
    assert ours and theirs.keys() == ours.keys(), (name, theirs.keys(), ours.keys())
    wrong = 0
    for key, (kind, expected) in ours.items():
        message = difference(kind, theirs[key][1], expected)
        if message:
            print(f"{name}: {' '.join(key)}: {message}")
            wrong += 1
    return wrong, sum(len(numbers) for _, numbers in ours.values())


def write_npy(path, dims, kind, seed):
    """The numbers that run_entries gives to input number `seed`, from 1."""
    def number(i):
        step = (i * 2654435761 + seed * 40503) % (1 << 32)
        return ((step >> 8) / (1 << 24) - .5) * 3 if kind == "f" else step >> 30
    header = f"{{'descr': '<{kind}4', 'fortran_order': False, 'shape': {tuple(dims)}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    content = struct.pack(f"<{math.prod(dims)}{kind}", *map(number, range(math.prod(dims))))
    path.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + content)


def read_npy(path):
    data = path.read_bytes()
    return [x for x, in struct.iter_unpack("<f", data[10 + data[8] + 256 * data[9]:])]


def check_evaluator(folder):
    """How many outputs of digits_convnet differ from the evaluator's: of a training step, and of
    what follows with the variables that this step left."""
    artifact = next(folder.glob(f"digits_convnet-{cross}.*[am]"))
    state = folder / "state"
    text = subprocess.run([*emulator.split(), foreign, artifact, "B=5", f"--save={state}"],
                          check=True, capture_output=True, text=True).stdout
    write_npy(folder / "x.npy", (5, 8, 8, 1), "f", 1)
    write_npy(folder / "y.npy", (5,), "i", 2)
    results, wrong = rows(text), 0
    for entry, inputs in (("train_step", "xy"), ("evaluate", "xy"), ("predict", "x")):
        given = [word for name in inputs for word in ("--in", f"{name}={folder / name}.npy")]
        names = [name for made, name in results if made == entry]
        kept = [word for name in names for word in ("--out", f"{name}={folder / name}.npy")]
        dlc("run", "--reference", source / "examples/digits_convnet.cpp", "--entry", entry,
            "--weights", f"{state}.{0 if entry == 'train_step' else 1}", *given, *kept,
            stdout=subprocess.DEVNULL)
        for name in names:
            kind, numbers = results[entry, name]
            message = difference(kind, numbers, read_npy(folder / f"{name}.npy"))
            if message:
                print(f"digits_convnet and the evaluator: {entry} {name}: {message}")
                wrong += 1
    return wrong


def refuses(command, expected):
    """Whether a command fails with a message that holds `expected`."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and expected in done.stderr:
        return True
    print(f"{command}: expected a failure with \"{expected}\", got:\n{done.stderr}")
    return False


def check_foreign(folder):
    """How many of the messages are wrong that each side has for the other's artifacts."""
    theirs = next(folder.glob(f"digits_convnet-{cross}.*[am]"))
    ours = folder / "digits_convnet-None.dlca"
    wasm = cross == "wasm32"
    compile_ = [binary / "bin" / "dlc", "compile", source / "test/ops/relu.mlir", "-o", "-"]
    wrong = not refuses([*compile_, "--target=sparc64"],
                        'unknown target "sparc64"; there are: x86_64-linux-gnu, aarch64-linux-gnu, '
                        "riscv64-linux-gnu, wasm32")
    wrong += not refuses([*compile_, f"--target={cross}", "--cpu=znver4"],
                         f'processor "znver4" is not of {cross}')
    wrong += not refuses([native, theirs], "a WebAssembly module" if wasm else
                        f"made for another kind of processor, {cross}")
    if wasm:
        wrong += not refuses([*compile_, "--target=wasm32", "--emit=obj"],
                             "there are no objects for wasm32")
        script = pathlib.Path(foreign).with_name("model_test.mjs")
        subprocess.run([*emulator.split(), script, theirs], check=True)
    else:
        wrong += not refuses([*emulator.split(), foreign, ours],
                             "made for another kind of processor, x86_64-linux-gnu")
    return wrong


def main():
    wrong = numbers = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        modules = [(source / f"test/ops/{op}.mlir", op) for op in OPS]
        modules += [(source / f"examples/{name}.cpp", name) for name in ("digits_convnet", "gan")]
        for module, name in modules:
            text = module.read_text()
            sizes = [f"{symbol}=5" for symbol in "BHST" if f"#dlc.symbol<{symbol}," in text]
            if module.suffix == ".cpp":
                sizes = ["B=5"]
            one = run(module, name, sizes, folder)
            wrong, numbers = wrong + one[0], numbers + one[1]
        wrong += check_foreign(folder) + check_evaluator(folder)
    print(f"{len(modules)} modules, {numbers} numbers, {wrong} outputs or messages differ")
    return wrong != 0


sys.exit(main())
