"""Prints a model of N sums in a chain, behind the mean of groups, as group normalisation has it."""
import sys

X, S = "tensor<2x50x4x8xf32>", "tensor<2x4xf32>"
print(f'dlc.entry @chain(%x: {X} {{dlc.name = "x"}}) -> ({X} {{dlc.name = "y"}}) {{')
print(f"  %s = dlc.sum %x over [1, 3] : {X} -> {S}")
print(f"  %n = dlc.neg %s : {S}")
print(f"  %v0 = dlc.broadcast %n to [0, 2] : {S} -> {X}")
for i in range(int(sys.argv[1])):
    print(f"  %v{i + 1} = dlc.add %v{i}, %x : {X}")
print(f"  dlc.return %v{sys.argv[1]} : {X}\n}}")
