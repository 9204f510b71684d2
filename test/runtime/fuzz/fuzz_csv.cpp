// CSV text, as numbers, as labels and with columns selected.
#include "Fuzz.h"
#include "runtime/data/Loaders.h"

using dlc::runtime::data::CsvOptions;
using dlc::runtime::data::parseCsv;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  dlc::fuzz::countAccepted(parseCsv("fuzz", text, {}).ok());
  CsvOptions labels, columns;
  labels.columns = "0";
  labels.labels = true;
  columns.columns = "1-3/2,a";
  (void)parseCsv("fuzz", text, labels);
  (void)parseCsv("fuzz", text, columns);
  return 0;
}
