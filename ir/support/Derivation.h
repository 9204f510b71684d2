// What derived variables are derived from.
//
// The entry that derives a variable takes the values of its sources. One source it may call by any
// name; of several, each argument names its variable, as in every entry:
//
//   dlc.variable @W.panels derived : !p from @W by @W.panels.pack
//   dlc.entry private @W.panels.pack(%w: !w {dlc.name = "source"}) -> (!p {dlc.name = "panels"})
//
//   dlc.variable @W.derived derived : !w from @W by @W.derived.derive
//   dlc.entry private @W.derived.derive(%w: !w {dlc.state = @W}, %s: !s {dlc.state = @scale}) -> ...
#pragma once
#include "ir/ops/State.h"

namespace dlc::ir {

/// The entry that derives the variable; null where there is none.
EntryOp derivationOf(VariableOp variable);

/// The variables that a derived one is made of, in the order of its derivation's arguments; none
/// for any other variable, and for one whose derivation is missing.
llvm::SmallVector<mlir::FlatSymbolRefAttr> sourcesOf(VariableOp variable);

} // namespace dlc::ir
