"""The list of networks to compare."""
import dataclasses

from cases.case import Tensor
from models import networks


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    function: object  # in networks.py
    inputs: object  # batch to {name: Tensor}, in the order of the function's arguments
    labels: object  # batch to Tensor
    inference: tuple = (1, 8, 32)  # batches
    training: tuple = (8, 32)
    quick: tuple = (1,)  # batches of --quick
    quick_training: tuple = (8,)
    # Two f32 programs differ by so much of a gradient's length. Through fifty layers of batch
    # normalisation each is a few per cent away from f64: ours 2.3, XLA 2.3, PyTorch 4.8.
    gradient_tolerance: float = 1e-2
    dropout: bool = False  # trained with dropout, which is turned off to compare gradients
    flags: tuple = ()  # of the C++ compiler
    source: str = ""  # stem of the .cpp file; the name when empty
    policy: str = ""  # dtype policy of ours; peers multiply in bf16 when it is mixed_bfloat16

    @property
    def bf16(self):
        return self.policy == "mixed_bfloat16"

    @property
    def file(self):
        return (self.source or self.name) + ".cpp"


def images(*shape):
    return lambda batch: {"x": Tensor((batch, *shape))}


def classes(count):
    return lambda batch: Tensor((batch,), "i32", f"below {count}")


def tokens(vocabulary, length):
    return lambda batch: Tensor((batch, length), "i32", f"below {vocabulary}")


def pairs(length):
    """Tokens of two sentences in one."""
    return lambda batch: {"tokens": tokens(30522, length)(batch),
                          "segments": tokens(2, length)(batch)}


NETWORKS = [
    Network("mlp", networks.mlp, images(784), classes(10), (1, 8, 128), (8, 128), (1, 128),
            (1, 128)),
    Network("digits", networks.digits, images(8, 8, 1), classes(10), (1, 32, 128), (32, 128), (32,),
            (32,), dropout=True),
    Network("fashion", networks.fashion, images(28, 28, 1), classes(10), (1, 8, 128), (8, 128),
            (1, 32), (1, 32), 5e-2, True),
    Network("vgg", networks.vgg, images(32, 32, 3), classes(10), (1, 8, 32), (8, 32), (1, 32), (32,),
            5e-2, True),
    Network("resnet50", networks.resnet50, images(224, 224, 3), classes(1000), training=(8, 32),
            gradient_tolerance=0.15),
    Network("mobilenetv2", networks.mobilenetv2, images(224, 224, 3), classes(1000),
            training=(8, 32), gradient_tolerance=0.15),
    Network("vgg16", networks.vgg16, images(224, 224, 3), classes(1000), (1, 8), (8,), (), ()),
    Network("xception", networks.xception, images(299, 299, 3), classes(1000), (1, 8), (8,), (1,),
            ()),
    Network("bert", networks.bert, pairs(128), classes(2), (1, 8), (8,), (1,), (1,), dropout=True),
    Network("bert-64", networks.bert, pairs(64), classes(2), (1,), (8,), (), (), dropout=True,
            flags=("-DLENGTH=64",), source="bert"),
    Network("bert-256", networks.bert, pairs(256), classes(2), (1,), (4,), (), (), dropout=True,
            flags=("-DLENGTH=256",), source="bert"),
    Network("gpt2-64", networks.gpt2, lambda batch: {"tokens": tokens(50257, 64)(batch)},
            tokens(50257, 64), (1, 8), (8,), (1,), (1,), 1e-2, True, ("-DLENGTH=64",), "gpt2"),
    Network("gpt2-256", networks.gpt2, lambda batch: {"tokens": tokens(50257, 256)(batch)},
            tokens(50257, 256), (1,), (4,), (), (), 1e-2, True, ("-DLENGTH=256",), "gpt2"),
]

# Rounding factors to bf16 may move a gradient by so much of its length, more where the peer's is
# moved more.
MIXED = 0.2
NETWORKS += [
    dataclasses.replace(network, name=network.name + " bf16", source=network.source or network.name,
                        policy="mixed_bfloat16", gradient_tolerance=MIXED, inference=(), quick=())
    for network in NETWORKS
    if network.name in ("mlp", "fashion", "resnet50", "bert", "gpt2-256")]

SMALL = {network.name: network for network in (
    Network("dense32", networks.dense32, images(32), classes(32)),
    Network("dqn", networks.mlp, images(4), classes(2)),
    Network("convnet2", networks.convnet2, images(8, 8, 1), classes(10)))}
