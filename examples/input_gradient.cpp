// Gradients by the input: what in an image speaks for a class (a saliency map), and an image that
// is moved towards a class step by step.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Program program("saliency");
  Sequential network({Conv2D({.filters = 8, .kernel = 3, .activation = "relu"}), Flatten(),
                      Dense({.units = 10})});

  // |d score / d pixel| of the wanted class.
  Entry saliency = program.entry("saliency");
  Value image = saliency.input("image", {"B", 8, 8, 1});
  Value wanted = saliency.input("label", {"B"}, DType::I32);
  Value score = sum(network(image) * oneHot(wanted, 10));
  saliency.output("map", abs(gradient(score, {image})[0]));

  // One step of gradient ascent on the image itself; the network's weights are only read.
  Entry dream = program.entry("dream");
  Value start = dream.input("image", {"B", 8, 8, 1});
  Value target = dream.input("label", {"B"}, DType::I32);
  Value rate = dream.input("rate", {});
  Value chance = sum(logSoftmax(network(start)) * oneHot(target, 10));
  Value step = gradient(chance, {start})[0];
  Value norm = sqrt(mean(square(step), {1, 2, 3}, /*keepDims=*/true)) + 1e-8;
  dream.output("image", clip(start + rate * step / norm, 0, 1));

  // The same network, trained as usual.
  Entry train = program.entry("train_step");
  Value x = train.input("x", {"B", 8, 8, 1}), y = train.input("y", {"B"}, DType::I32);
  Value perSample = sparseSoftmaxCrossEntropy(network(x, {.training = true}), y);
  Adam().minimize(mean(perSample), network.trainableVariables(program));
  train.output("loss.total", sum(perSample));
  train.output("loss.weight", train.size({"B"}));
  return program;
}
