// How a compiled model file hands over its program.
#ifndef DLC_DEFINE_H
#define DLC_DEFINE_H

namespace dlc {

/// Loads the shared object |library|, calls its `dlc::Program defineProgram()` and writes the
/// program to |output| (*.mlir: text, else bytecode). |policy|: what setDtypePolicy is called with
/// before, unless it is null or empty. Reports errors on stderr, one block each;
/// false when there were any. To be called in a process of its own: the model's code may do
/// anything.
bool writeDefinedProgram(const char *library, const char *output, const char *policy = nullptr);

} // namespace dlc

#endif
