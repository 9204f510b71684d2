"""Writes a module of as many layers as the first argument says: each a product, masked by numbers
that are drawn for it, and the sum of all results, so that none is lost. A layer's kernel takes a
size that is open (B) and the number of its random stream, which lie together neither among the
symbols' values nor in the host's table."""
import sys

layers = int(sys.argv[1])
print("""!h = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!m = tensor<?x4xi1, #dlc.dims<[B, 4]>>
!W = tensor<4x4xf32>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @layers(%h0: !h {dlc.name = "x"}, %W: !W {dlc.name = "W"},
    %s0: !h {dlc.name = "s"}, %key: tensor<2xi64> {dlc.name = "key"}) -> (!h {dlc.name = "y"}) {
  %p = dlc.constant dense<0.9> : tensor<f32>""")
for i in range(layers):
    print(f"""  %y{i} = dlc.contract %h{i}, %W reduce [1] x [0] : (!h, !W) -> !h
  %m{i} = dlc.random_bernoulli %key, %p stream {i + 1} : (tensor<2xi64>, tensor<f32>) -> !m
  %f{i} = dlc.cast %m{i} : !m -> !h
  %z{i} = dlc.mul %y{i}, %f{i} : !h
  %h{i + 1} = dlc.tanh %z{i} : !h
  %s{i + 1} = dlc.add %s{i}, %h{i + 1} : !h""")
print(f"""  dlc.return %s{layers} : !h
}}}}""")
