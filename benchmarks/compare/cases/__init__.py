"""What is measured: see case.py for the form, the other modules for the lists."""
