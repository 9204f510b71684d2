// Trains an artifact on a data set and saves its weights, through the installed training library:
//
//   train model.dlca "x=...,y=..." weights.safetensors
#include "dlc/train.h"

#include <cstdio>

using namespace dlc::runtime;

static int fail(const std::string &message) {
  std::fprintf(stderr, "train: %s\n", message.c_str());
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 4)
    return fail("expected an artifact, data and a file for the weights");
  Artifact artifact;
  Pool pool;
  if (Status opened = Artifact::open(argv[1], artifact); !opened.ok())
    return fail(opened.message());
  if (Status made = Pool::create(1, pool); !made.ok())
    return fail(made.message());
  auto backend = openSessionBackend(artifact, pool);
  auto signature = readSignature(artifact);
  auto data = loadDataset(argv[2]);
  if (!backend.ok() || !signature.ok() || !data.ok())
    return fail(backend.message() + signature.message() + data.message());

  Trainer trainer(**backend, *signature);
  if (Outcome set = trainer.initialize(/*seed=*/1); !set.ok())
    return fail(set.message());
  FitOptions options;
  options.epochs = 2;
  auto history = trainer.fit(*data, options);
  if (!history.ok())
    return fail(history.message());
  if (Outcome saved = trainer.saveWeights(argv[3]); !saved.ok())
    return fail(saved.message());
  auto logs = trainer.evaluate(*data);
  if (!logs.ok())
    return fail(logs.message());
  std::printf("accuracy %.3f\n", *logs->find("accuracy"));
  return *logs->find("accuracy") < 0.8;
}
