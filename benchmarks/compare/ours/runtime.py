"""Compiles text with `dlc` and runs the artifact in this process through the runtime's C API."""
import ctypes
import hashlib
import pathlib
import resource
import subprocess

import numpy

DTYPES = {"float32": 0, "bfloat16": 3, "int64": 4, "int32": 5, "bool": 8}
NUMPY = {0: numpy.float32, 4: numpy.int64, 5: numpy.int32, 8: numpy.bool_}


class CannotCompile(Exception):
    """Our compiler refused; the message is its first line."""


class TensorInfo(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("dtype", ctypes.c_uint32), ("role", ctypes.c_uint32),
                ("rank", ctypes.c_uint32), ("dims", ctypes.c_int64 * 8)]


class Size(ctypes.Structure):
    _fields_ = [("symbol", ctypes.c_char_p), ("value", ctypes.c_int64)]


def load_stick(path):
    """The helper library with the runtime's core in it."""
    stick = ctypes.CDLL(str(path))
    for name in ("dlc_status_message", "dlc_artifact_entry_name", "dlc_artifact_variant"):
        getattr(stick, name).restype = ctypes.c_char_p
    for name in ("dlc_artifact_input", "dlc_artifact_output", "dlc_artifact_variable"):
        getattr(stick, name).restype = TensorInfo
    for name in ("dlc_session_arena_bytes", "dlc_state_bytes", "stick_peak_flops"):
        getattr(stick, name).restype = ctypes.c_int64
    stick.stick_peak.restype = stick.stick_peak_256.restype = ctypes.c_float
    # A status is a pointer, NULL for success; functions that return one are all that remain.
    for name in ("dlc_artifact_open", "dlc_state_create", "dlc_pool_create", "dlc_session_create",
                 "dlc_artifact_find_entry", "dlc_session_bind_input", "dlc_session_bind_output",
                 "dlc_session_prepare", "dlc_session_run", "dlc_state_set", "dlc_state_get",
                 "dlc_session_bind_size", "dlc_session_output_dims", "dlc_artifact_input_dims",
                 "stick_run", "stick_run_each"):
        getattr(stick, name).restype = ctypes.c_void_p
    return stick


# A compilation beyond these ends, and its rows say so; others use the machine, too.
MOST_SECONDS = 600  # of processor time
MOST_BYTES = 8 << 30


def limited():
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


class Compiler:
    """Runs `dlc compile` for the processor `cpu`; artifacts lie in a folder of its name in `folder`,
    named by the hash of their text and flags."""

    def __init__(self, dlc, folder, cpu="native"):
        self.dlc, self.folder, self.cpu = dlc, pathlib.Path(folder) / cpu, cpu
        self.folder.mkdir(parents=True, exist_ok=True)

    def compile_text(self, text, *flags):
        stem = self.folder / hashlib.sha256("\n".join((text, *flags)).encode()).hexdigest()[:16]
        source = stem.with_suffix(".mlir")
        source.write_text(text)
        return self.compile_file(source, stem.with_suffix(".dlca"), *flags)

    def compile_file(self, source, artifact, *flags):
        done = subprocess.run([self.dlc, "compile", source, "--cpu", self.cpu, "-o", artifact,
                               *flags], capture_output=True, text=True, preexec_fn=limited)
        if done.returncode < 0 or "bad_alloc" in done.stderr or "out of memory" in done.stderr:
            raise CannotCompile(f"compiling takes more than {MOST_SECONDS} s or "
                                f"{MOST_BYTES >> 30} GiB")
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise CannotCompile(lines[0].replace(str(source), source.name))
        return artifact


class Program:
    """An artifact with its variables and a session. `threads` counts the calling thread."""

    def __init__(self, stick, artifact, threads, sizes=None):
        self.stick = stick
        self.artifact, self.state, self.pool, self.session = (ctypes.c_void_p() for _ in range(4))
        pairs = [Size(name.encode(), value) for name, value in (sizes or {}).items()]
        self.sizes, self.size_count = (Size * max(1, len(pairs)))(*pairs), len(pairs)
        self.check(stick.dlc_artifact_open(str(artifact).encode(), None, self.to(self.artifact)))
        self.check(stick.dlc_state_create(self.artifact, None, ctypes.c_size_t(0),
                                          self.to(self.state)))
        self.check(stick.dlc_pool_create(ctypes.c_uint32(threads), self.to(self.pool)))
        self.check(stick.dlc_session_create(self.artifact, self.state, self.pool, None,
                                            ctypes.c_size_t(0), self.to(self.session)))

    @staticmethod
    def to(pointer):
        return ctypes.byref(pointer)

    def check(self, status):
        if status:
            message = self.stick.dlc_status_message(ctypes.c_void_p(status)).decode()
            self.stick.dlc_status_free(ctypes.c_void_p(status))
            raise RuntimeError(message)

    def close(self):
        for kind in ("session", "state", "pool", "artifact"):
            getattr(self.stick, f"dlc_{kind}_free")(getattr(self, kind))
            setattr(self, kind, ctypes.c_void_p())

    def variables(self):
        count = self.stick.dlc_artifact_variable_count(self.artifact)
        return [self.stick.dlc_artifact_variable(self.artifact, ctypes.c_uint32(i))
                for i in range(count)]

    def set(self, name, array):
        array = numpy.ascontiguousarray(array)
        self.check(self.stick.dlc_state_set(self.state, name.encode(),
                                            array.ctypes.data_as(ctypes.c_void_p),
                                            ctypes.c_size_t(array.nbytes)))

    def get(self, name):
        info = next(v for v in self.variables() if v.name.decode() == name)
        array = numpy.empty(tuple(info.dims[:info.rank]), numpy_type(info.dtype))
        self.check(self.stick.dlc_state_get(self.state, name.encode(),
                                            array.ctypes.data_as(ctypes.c_void_p),
                                            ctypes.c_size_t(array.nbytes)))
        return array

    def entry(self, name):
        return Entry(self, name)


class Entry:
    """An entry with the memory of its inputs and outputs."""

    def __init__(self, program, name):
        self.program, self.stick = program, program.stick
        number = ctypes.c_uint32()
        program.check(self.stick.dlc_artifact_find_entry(program.artifact, name.encode(),
                                                         ctypes.byref(number)))
        self.number, self.inputs, self.outputs = number, {}, {}

    def bind(self, arrays):
        """Binds inputs by name, makes the outputs, reserves memory."""
        program, stick = self.program, self.stick
        for i in range(stick.dlc_artifact_input_count(program.artifact, self.number)):
            info = stick.dlc_artifact_input(program.artifact, self.number, ctypes.c_uint32(i))
            array = aligned(arrays[info.name.decode()])
            self.inputs[info.name.decode()] = array
            dims = (ctypes.c_int64 * 8)(*array.shape)
            program.check(stick.dlc_session_bind_input(
                program.session, self.number, ctypes.c_uint32(i),
                ctypes.c_uint32(DTYPES[array.dtype.name]),
                array.ctypes.data_as(ctypes.c_void_p), dims, ctypes.c_uint32(array.ndim)))
        for i in range(program.size_count):
            program.check(stick.dlc_session_bind_size(program.session, program.sizes[i].symbol,
                                                      ctypes.c_int64(program.sizes[i].value)))
        for i in range(stick.dlc_artifact_output_count(program.artifact, self.number)):
            self.bind_output(i)
        program.check(stick.dlc_session_prepare(program.session, self.number, None,
                                                ctypes.c_size_t(0)))
        return self

    def bind_output(self, index):
        program, stick = self.program, self.stick
        info = stick.dlc_artifact_output(program.artifact, self.number, ctypes.c_uint32(index))
        dims = (ctypes.c_int64 * 8)()
        program.check(stick.dlc_session_output_dims(program.session, self.number,
                                                    ctypes.c_uint32(index), dims))
        array = aligned(numpy.zeros(tuple(dims[:info.rank]), numpy_type(info.dtype)))
        self.outputs[info.name.decode()] = array
        program.check(stick.dlc_session_bind_output(
            program.session, self.number, ctypes.c_uint32(index),
            array.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(array.nbytes)))

    def run(self, count):
        self.program.check(self.stick.stick_run(self.program.session, self.number,
                                                ctypes.c_int64(count)))

    def run_each(self, count):
        """Nanoseconds of each of `count` runs."""
        times = numpy.zeros(count, numpy.int64)
        self.program.check(self.stick.stick_run_each(
            self.program.session, self.number, ctypes.c_int64(count),
            times.ctypes.data_as(ctypes.c_void_p)))
        return times


def numpy_type(dtype):
    if dtype == 3:
        import ml_dtypes
        return ml_dtypes.bfloat16
    return NUMPY[dtype]


def aligned(array):
    """A copy that begins at a multiple of 64 bytes, as every framework's own memory does."""
    memory = numpy.empty(array.nbytes + 64, numpy.uint8)
    start = -memory.ctypes.data % 64
    copy = memory[start:start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


class Kernel:
    """Our side of a kernel case."""

    def __init__(self, context, case, arrays, *flags):
        from ours.kernels import text_of
        artifact = context.compiler.compile_text(text_of(case), *flags)
        self.case, self.arrays = case, arrays
        self.program = Program(context.stick, artifact, context.threads)
        self.states = [name for name, tensor in case.inputs.items() if tensor.weight]
        self.reset()
        self.entry = self.program.entry("run").bind(arrays)

    def reset(self):
        for name in self.states:
            self.program.set(name, self.arrays[name])

    def run(self, count):
        self.entry.run(count)

    def outputs(self):
        """After a reset and one run."""
        if self.entry.outputs:
            return self.entry.outputs
        return {name: self.program.get(name) for name in self.case.outputs}

    def close(self):
        self.program.close()
