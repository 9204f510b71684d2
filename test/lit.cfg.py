# Configuration of the lit suites: tools come from the build tree, FileCheck and not from LLVM.
import os
import sys
import lit.formats

site = lit_config.params.get("dlc_site_config")
if site:
    lit_config.load_config(config, site)
config.name = "dlc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.dlc_binary_dir, "test")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.dlc_binary_dir, "bin"), config.llvm_tools_dir, os.environ["PATH"]])
config.substitutions += [("%source_dir", config.dlc_source_dir), ("%python", sys.executable)]

# The same checks on code for another processor that this one can run: other tiles, other layouts,
# other ways to round.
cpu = lit_config.params.get("dlc_cpu")
if cpu:
    config.substitutions.append((r"\bdlc check\b", f"dlc check --cpu {cpu}"))
    config.test_exec_root += "-" + cpu
    with open("/proc/cpuinfo") as info:
        if cpu == "x86-64-v3" and " avx2 " not in info.read():
            lit_config.note(f"this processor cannot run {cpu}: its checks are skipped")
            config.unsupported = True
