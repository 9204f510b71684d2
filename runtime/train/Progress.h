// What training prints: a bar that rewrites its line, one line per epoch, JSON lines, or nothing.
//
// Bar and Line are Keras's texts to the character (utils/progbar.py of 3.16), with one difference:
// control characters go to terminals only. So Bar is taken for Line elsewhere.
#ifndef DLC_RUNTIME_TRAIN_PROGRESS_H
#define DLC_RUNTIME_TRAIN_PROGRESS_H

#include "dlc/train.h"

namespace dlc::runtime::train {

class Progress {
public:
  explicit Progress(const ProgressOptions &options);

  /// |steps| 0: not known beforehand.
  void beginEpoch(int64_t epoch, int64_t epochs, int64_t steps);
  /// Whether update() would print now; it does not do so more often than every 0.05 s.
  bool due() const;
  /// |logs| are the metrics so far.
  void update(int64_t step, const Logs &logs);
  void endEpoch(int64_t step, const Logs &logs);

  /// The same outside of epochs: a pass of evaluation.
  void beginEvaluation(int64_t steps);
  void endEvaluation(int64_t step, const Logs &logs);

  /// One line, below what is there.
  void message(const std::string &line);
  /// Ends a line that is being rewritten, when training stops in the middle of it.
  void breakLine();

  ProgressMode mode() const { return resolved; }

private:
  void begin(int64_t count);
  void print(const std::string &text);
  void drawBar(int64_t step, const Logs &logs, bool last);
  void printLine(int64_t step, const Logs &logs);
  double secondsPerStep(int64_t step, double now);

  ProgressOptions options;
  ProgressMode resolved;
  int64_t epoch = 0, epochs = 0, steps = 0;
  double started = 0, lastUpdate = 0, firstStepEnded = -1;
  int64_t drawnWidth = 0; // visible characters of the bar on the screen
  bool open = false;      // a bar stands on the current line
};

/// "0.1234", or "1.2345e-05" for small values.
std::string formatMetric(double value);
/// "3ms/step".
std::string formatStepTime(double seconds);
/// "12s", "1:05", "1:02:03".
std::string formatRemaining(double seconds);

} // namespace dlc::runtime::train

#endif
