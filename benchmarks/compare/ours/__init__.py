"""Our side: cases as IR text (text.py, kernels.py), compiled by `dlc` and run through the C API
(runtime.py)."""
