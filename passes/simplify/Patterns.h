// The groups of rewrites that `--dlc-simplify` runs to a fixed point. Each group is one file with
// the reasons in its header, and can be run alone: `--dlc-simplify=only=sink-negate`.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace dlc::passes {

void addFoldPads(mlir::RewritePatternSet &patterns);
void addFoldSplats(mlir::RewritePatternSet &patterns);
void addFoldTransposes(mlir::RewritePatternSet &patterns);
void addHoistInvariants(mlir::RewritePatternSet &patterns);
void addMaskPooled(mlir::RewritePatternSet &patterns);
void addPairReshape(mlir::RewritePatternSet &patterns);
void addPruneControl(mlir::RewritePatternSet &patterns);
void addReduceBroadcast(mlir::RewritePatternSet &patterns);
void addSinkBroadcast(mlir::RewritePatternSet &patterns);
void addSinkNegate(mlir::RewritePatternSet &patterns);
void addSinkReshape(mlir::RewritePatternSet &patterns);
void addSkipUnread(mlir::RewritePatternSet &patterns);
void addUndoViews(mlir::RewritePatternSet &patterns);

/// Whether `value` is drawn at random: each element depends on its row-major number alone.
bool isRandom(mlir::Value value);

} // namespace dlc::passes
