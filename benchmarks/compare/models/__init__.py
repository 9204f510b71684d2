"""Whole networks.

registry.py has the list. To add one: write `<name>.cpp` here for us, a function in networks.py for
the peers, with the layer names of the first, and an entry of the list.
"""
