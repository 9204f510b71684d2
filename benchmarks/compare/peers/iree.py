"""IREE: the ONNX file imported, compiled for this processor, run on as many threads as the row."""
import pathlib
import subprocess
import sys

import numpy

from peers.onnx_file import channels_first, export


class Iree:
    name = "iree"

    def __init__(self, context):
        import iree.compiler.version
        import iree.runtime
        self.version = iree.compiler.version.VERSION
        self.context, self.runtime = context, iree.runtime

    def kernel(self, case, arrays):
        return None

    def inference(self, network, weights, arrays):
        path = export(self.context, network, weights, arrays)
        program = path.with_suffix(".vmfb")
        if not program.exists():
            self.compile(path, program)
        flags = ("--task_topology_group_count", str(self.context.threads))
        self.runtime.flags.parse_flags("=".join(flags))
        driver = "local-sync" if self.context.threads == 1 else "local-task"
        config = self.runtime.Config(driver)
        module = self.runtime.VmModule.mmap(config.vm_instance, str(program))
        return Side(self.runtime, config, self.runtime.load_vm_module(module, config), arrays)

    def compile(self, path, program):
        text = path.with_suffix(".mlir")
        tools = pathlib.Path(sys.executable).parent
        for command in (
                [tools / "iree-import-onnx", path, "-o", text, "--opset-version", "17"],
                [tools / "iree-compile", text, "-o", program, "--iree-hal-target-device=local",
                 "--iree-hal-local-target-device-backends=llvm-cpu",
                 "--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                lines = [line for line in done.stderr.splitlines() if "rror" in line]
                raise RuntimeError((lines or ["iree cannot compile it"])[0][:200])


class Side:
    def __init__(self, runtime, config, module, arrays):
        names = [name for name in module.vm_module.function_names
                 if "$" not in name and not name.startswith("__")]
        self.function = module[names[0]]
        self.inputs = [runtime.asdevicearray(config.device, channels_first(array))
                       for array in arrays.values()]

    def reset(self):
        pass

    def run(self, count):
        for _ in range(count):
            self.result = self.function(*self.inputs)
        self.result.to_host()

    def outputs(self):
        return {"y": numpy.array(self.result.to_host())}

    def close(self):
        self.function = self.result = self.inputs = None
