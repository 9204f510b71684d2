// Objects for other programs, where the command line cannot reach: names of C, and what an object
// must not ask for.
#include "codegen/artifact/CNames.h"
#include "codegen/artifact/Freestanding.h"
#include "codegen/cpu/EmitObject.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include <gtest/gtest.h>

using namespace dlc::codegen;

namespace {

TEST(CNames, areLegalAndDiffer) {
  CScope scope({"state"});
  EXPECT_EQ(scope.name("loss.total"), "loss_total");
  EXPECT_EQ(scope.name("loss/total"), "loss_total_2");
  EXPECT_EQ(scope.name("loss_total"), "loss_total_3");
  EXPECT_EQ(scope.name("state"), "state_2");
  EXPECT_EQ(scope.name("int"), "int_2");
  EXPECT_EQ(scope.name("3d"), "n3d");
  EXPECT_EQ(scope.name("__x--y__"), "x_y");
  EXPECT_EQ(scope.name("\xc3\xa9"), "value");
}

/// What is said about an object of this LLVM IR.
std::string complaint(const char *code) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic problem;
  auto module = llvm::parseAssemblyString(code, problem, context);
  auto target = cpu::cpuTargetByName("x86-64-v2");
  if (!module || !target)
    return "no module or target";
  auto object = cpu::emitLlvm(*module, *target);
  if (!object)
    return llvm::toString(object.takeError());
  return llvm::toString(checkFreestanding({object->data(), object->size()}));
}

TEST(Freestanding, mayCopyAndFill) {
  EXPECT_EQ(complaint(R"(
    declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
    declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
    define void @f(ptr %a, ptr %b, i64 %n) {
      call void @llvm.memcpy.p0.p0.i64(ptr %a, ptr %b, i64 %n, i1 false)
      call void @llvm.memset.p0.i64(ptr %b, i8 0, i64 %n, i1 false)
      ret void
    })"),
            "");
}

TEST(Freestanding, needsNothingElse) {
  EXPECT_EQ(
      complaint(R"(
    declare float @llvm.sin.f32(float)
    declare ptr @malloc(i64)
    define float @f(float %x) {
      %p = call ptr @malloc(i64 4)
      store float %x, ptr %p
      %y = call float @llvm.sin.f32(float %x)
      ret float %y
    })"),
      "--freestanding: the model computes something that for this processor needs \"malloc\", "
      "\"sinf\", which no freestanding program has; leave --freestanding out, or choose "
      "another --cpu");
}

} // namespace
