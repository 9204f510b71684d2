// Enumerations of the dialect.
#ifndef DLC_ENUMS_TD
#define DLC_ENUMS_TD

include "mlir/IR/EnumAttr.td"
include "ir/DlcBase.td"

class Dlc_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::dlc::ir";
  let genSpecializedAttr = 0;
}

def Dlc_ComparePredicate : Dlc_Enum<"ComparePredicate", "how two elements are compared", [
  I32EnumAttrCase<"eq", 0>, I32EnumAttrCase<"ne", 1>, I32EnumAttrCase<"lt", 2>,
  I32EnumAttrCase<"le", 3>, I32EnumAttrCase<"gt", 4>, I32EnumAttrCase<"ge", 5>]>;
def Dlc_ComparePredicateAttr : EnumAttr<Dlc_Dialect, Dlc_ComparePredicate, "compare_predicate">;

// What a variable is for: decides who may write it and which files hold it.
def Dlc_VariableRole : Dlc_Enum<"VariableRole", "what a variable is for", [
  I32EnumAttrCase<"weight", 0>,         // trained, or frozen by leaving it out of a gradient
  I32EnumAttrCase<"slot", 1>,           // an optimizer's state
  I32EnumAttrCase<"statistic", 2>,      // moving averages
  I32EnumAttrCase<"hyperparameter", 3>, // learning rate and the like, set from outside
  I32EnumAttrCase<"rng", 4>,            // {seed, step}
  I32EnumAttrCase<"cache", 5>,          // belongs to a session, not to a state
  I32EnumAttrCase<"derived", 6>]>;      // a second form of another variable, never saved
def Dlc_VariableRoleAttr : EnumAttr<Dlc_Dialect, Dlc_VariableRole, "role">;

// Where the bytes of a planned buffer are.
def Dlc_BufferKind : Dlc_Enum<"BufferKind", "where the bytes of a buffer are", [
  I32EnumAttrCase<"input", 0>,        // the caller's memory; index: the entry's input
  I32EnumAttrCase<"output", 1>,       // the caller's memory; index: the entry's output
  I32EnumAttrCase<"state", 2>,        // a variable's current value; index: the variable
  I32EnumAttrCase<"state_next", 3>,   // its new value, in the same memory
  I32EnumAttrCase<"temporary", 4>,    // in the session's arena
  I32EnumAttrCase<"slice", 5>]>;      // part of buffer `index`, at iteration * bytes
def Dlc_BufferKindAttr : EnumAttr<Dlc_Dialect, Dlc_BufferKind, "buffer_kind">;

#endif // DLC_ENUMS_TD
