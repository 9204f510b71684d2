"""Finding and loading native libraries of peers."""
import ctypes
import pathlib
import sys


def prefix():
    """The environment's folder: packages put shared libraries and headers into lib and include."""
    return pathlib.Path(sys.prefix)


def preload(folder, names):
    """Loads libraries for others that need them: the loader does not look into `folder`."""
    for name in names:
        for path in sorted(folder.glob(name)):
            ctypes.CDLL(str(path), ctypes.RTLD_GLOBAL)
            break


def pointers(arrays):
    return (ctypes.c_void_p * len(arrays))(
        *(None if array is None else array.ctypes.data for array in arrays))


def numbers(values):
    return (ctypes.c_int64 * len(values))(*(int(value) for value in values))
