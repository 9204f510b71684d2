// A generative adversarial network on 8x8 digits: entries of a user's own.
//
// Both training entries run both networks. Each updates the weights of one; the other is frozen
// there simply because the gradient is not taken by its weights. State is shared: what
// train_discriminator learns, train_generator sees.
#include "dlc/dlc.h"

using namespace dlc;

static const int64_t kLatent = 16;

static Sequential makeGenerator() {
  return Sequential({Dense({.units = 64, .activation = "relu"}),
                     Dense({.units = 64, .activation = "relu"}),
                     Dense({.units = 64, .activation = "sigmoid"})},
                    {.name = "generator"});
}

static Sequential makeDiscriminator() {
  return Sequential({Dense({.units = 64, .activation = "relu"}), Dropout({.rate = 0.2}),
                     Dense({.units = 32, .activation = "relu"}), Dense({.units = 1})},
                    {.name = "discriminator"});
}

// Noise for as many images as |like| has.
static Value makeNoise(const Value &like) { return randomNormal(like, Shape{"B", kLatent}); }

Program defineProgram() {
  Program program("gan");
  Sequential generator = makeGenerator(), discriminator = makeDiscriminator();
  Loss crossentropy = BinaryCrossentropy({.fromLogits = true});
  const Call training = {.training = true};

  Entry teach = program.entry("train_discriminator");
  Value real = teach.input("real", {"B", 64});
  Value fake = generator(makeNoise(real), training);
  Value onReal = discriminator(real, training), onFake = discriminator(fake, training);
  Value loss = 0.5 * (crossentropy(fullLike(onReal, 0.9), onReal) +
                      crossentropy(fullLike(onFake, 0), onFake));
  Adam({.learningRate = 2e-4, .beta1 = 0.5, .name = "discriminator_optimizer"})
      .minimize(loss, discriminator.trainableVariables(program));
  teach.output("loss", loss);

  Entry forge = program.entry("train_generator");
  Value like = forge.input("like", {"B", 64});
  Value judged = discriminator(generator(makeNoise(like), training), training);
  Value deceit = crossentropy(fullLike(judged, 1), judged);
  Adam({.learningRate = 2e-4, .beta1 = 0.5, .name = "generator_optimizer"})
      .minimize(deceit, generator.trainableVariables(program));
  forge.output("loss", deceit);

  Entry generate = program.entry("generate");
  generate.output("images", generator(generate.input("noise", {"B", kLatent})));
  return program;
}
