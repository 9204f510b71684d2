// ORC links the same bytes that the artifact would hold, so what is tested is what ships.
#include "codegen/cpu/LoadObject.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace dlc::codegen::cpu;

struct LoadedObject::Impl {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

LoadedObject::LoadedObject(std::unique_ptr<Impl> i) : impl(std::move(i)) {}
LoadedObject::LoadedObject(LoadedObject &&) noexcept = default;
LoadedObject &LoadedObject::operator=(LoadedObject &&) noexcept = default;
LoadedObject::~LoadedObject() = default;

llvm::Expected<LoadedObject> LoadedObject::load(llvm::ArrayRef<char> bytes) {
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(bytes.data(), bytes.size()),
                                                     "kernels.o");
  if (llvm::Error error = (*jit)->addObjectFile(std::move(buffer)))
    return error;
  auto impl = std::make_unique<Impl>();
  impl->jit = std::move(*jit);
  return LoadedObject(std::move(impl));
}

llvm::Expected<void *> LoadedObject::find(llvm::StringRef symbol) const {
  auto address = impl->jit->lookup(symbol);
  if (!address)
    return address.takeError();
  return address->toPtr<void *>();
}
