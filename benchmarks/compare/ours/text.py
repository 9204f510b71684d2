"""Writes an entry of the `dlc` dialect as text, value by value.

    m = Text()
    x = m.input("x", (128, 784))
    w = m.weight("w", (784, 512))
    m.output("y", m.unary("relu", m.contract(x, w, reduce=([1], [0]))))
    print(m.finish())

Shapes are static: peers compile for one shape, too. Weights become variables, so that the compiler
may keep them in the form that its kernels read best.
"""
import dataclasses

MLIR_TYPE = {"f32": "f32", "bf16": "bf16", "i32": "i32", "i64": "i64", "i1": "i1"}


@dataclasses.dataclass(frozen=True)
class Value:
    name: str
    shape: tuple
    dtype: str = "f32"

    @property
    def type(self):
        return f"tensor<{''.join(f'{size}x' for size in self.shape)}{MLIR_TYPE[self.dtype]}>"


class Text:
    def __init__(self):
        self.variables, self.arguments, self.lines, self.results = [], [], [], []
        self.count = 0

    # The boundary of the entry.

    def input(self, name, shape, dtype="f32"):
        value = Value(f"%{name}", tuple(shape), dtype)
        self.arguments.append(f'%{name}: {value.type} {{dlc.name = "{name}"}}')
        return value

    def weight(self, name, shape, dtype="f32"):
        value = Value(f"%{name}", tuple(shape), dtype)
        self.variables.append(f'dlc.variable @"{name}" weight : {value.type}')
        self.arguments.append(f'%{name}: {value.type} {{dlc.state = @"{name}"}}')
        return value

    def tensor(self, name, tensor):
        make = self.weight if tensor.weight else self.input
        return make(name, tensor.shape, tensor.dtype)

    def output(self, name, value):
        self.results.append((value, f'{value.type} {{dlc.name = "{name}"}}'))

    def assign(self, name, value):
        self.results.append((value, f'{value.type} {{dlc.state = @"{name}"}}'))

    def finish(self):
        names = ", ".join(value.name for value, _ in self.results)
        types = ", ".join(value.type for value, _ in self.results)
        text = ["module @case {", *self.variables,
                f"dlc.entry @run({', '.join(self.arguments)})",
                f"    -> ({', '.join(described for _, described in self.results)}) {{",
                *self.lines, f"  dlc.return {names} : {types}", "}", "}"]
        return "\n".join(text) + "\n"

    # Operations.

    def emit(self, text, operands, shape, dtype="f32"):
        """`text` is what stands between the mnemonic and the types, with the operands in it."""
        self.count += 1
        value = Value(f"%t.{self.count}", tuple(shape), dtype)
        types = ", ".join(operand.type for operand in operands)
        self.lines.append(f"  {value.name} = dlc.{text} : ({types}) -> {value.type}")
        return value

    def emit_plain(self, text, operand, shape, dtype="f32"):
        """The same for operations that write one operand type without parentheses."""
        self.count += 1
        value = Value(f"%t.{self.count}", tuple(shape), dtype)
        self.lines.append(f"  {value.name} = dlc.{text} : {operand.type} -> {value.type}")
        return value

    def same(self, text, value):
        """For operations whose result has the type that is written."""
        self.count += 1
        result = Value(f"%t.{self.count}", value.shape, value.dtype)
        self.lines.append(f"  {result.name} = dlc.{text} : {value.type}")
        return result

    def unary(self, op, x):
        return self.same(f"{op} {x.name}", x)

    def binary(self, op, x, y):
        return self.same(f"{op} {x.name}, {y.name}", x)

    def constant(self, number, shape, dtype="f32"):
        text = f"{number:.9e}" if dtype in ("f32", "bf16") else str(number)
        return self.same(f"constant dense<{text}>", Value("", tuple(shape), dtype))

    def scaled(self, x, number):
        return self.binary("mul", x, self.constant(number, x.shape, x.dtype))

    def broadcast(self, x, axes, shape):
        return self.emit_plain(f"broadcast {x.name} to {list(axes)}", x, shape, x.dtype)

    def reduce(self, op, x, axes):
        shape = [size for axis, size in enumerate(x.shape) if axis not in axes]
        return self.emit_plain(f"{op} {x.name} over {list(axes)}", x, shape, x.dtype)

    def reshape(self, x, shape):
        return self.emit_plain(f"reshape {x.name}", x, shape, x.dtype)

    def transpose(self, x, order):
        shape = [x.shape[axis] for axis in order]
        return self.emit_plain(f"transpose {x.name} {list(order)}", x, shape, x.dtype)

    def cast(self, x, dtype):
        return self.emit_plain(f"cast {x.name}", x, x.shape, dtype)

    def contract(self, a, b, reduce, batch=([], [])):
        left, right = (set(reduce[i]) | set(batch[i]) for i in (0, 1))
        shape = [a.shape[axis] for axis in batch[0]]
        shape += [size for axis, size in enumerate(a.shape) if axis not in left]
        shape += [size for axis, size in enumerate(b.shape) if axis not in right]
        axes = f"batch {batch[0]} x {batch[1]} " if batch[0] else ""
        return self.emit(f"contract {a.name}, {b.name} {axes}reduce {reduce[0]} x {reduce[1]}",
                         (a, b), shape, a.dtype)

    def compare(self, predicate, x, y):
        return self.emit(f"compare {predicate} {x.name}, {y.name}", (x, y), x.shape, "i1")

    def select(self, predicate, x, y):
        return self.emit(f"select {predicate.name}, {x.name}, {y.name}", (predicate, x, y),
                         x.shape, x.dtype)

    def iota(self, axis, shape, dtype="i32"):
        return self.same(f"iota {axis}", Value("", tuple(shape), dtype))

    def gradients(self, loss_of, targets):
        """The gradients of a scalar by `targets`, and what else the function returned.

        `loss_of(watched targets)` returns (the scalar, anything)."""
        watched = []
        for index, target in enumerate(targets):
            watched.append(self.same(f"watch {index} {target.name}", target))
        loss, extra = loss_of(*watched)
        first = self.count + 1
        self.count += len(targets)
        grads = [Value(f"%t.{first + index}", target.shape, target.dtype)
                 for index, target in enumerate(targets)]
        self.lines.append(
            f"  {', '.join(g.name for g in grads)} = dlc.gradient {loss.name} "
            f"wrt({', '.join(w.name for w in watched)}) : {loss.type} -> "
            f"({', '.join(g.type for g in grads)})")
        return grads, extra
