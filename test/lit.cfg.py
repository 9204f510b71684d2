# Configuration of the lit suites: tools come from the build tree, FileCheck and not from LLVM.
import os
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
config.substitutions.append(("%source_dir", config.dlc_source_dir))
