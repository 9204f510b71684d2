/* What the sanitizers of a program of ours assume, unless ASAN_OPTIONS and the like say otherwise.
 *
 * Debian's LLVM is compiled without them. It grows and shrinks standard containers that our code
 * sees too, without telling where their elements end; and it takes memory from bump allocators whose
 * slabs the inline functions of its headers, compiled by us, have marked as not to be touched. Its
 * threads have signal stacks of its own, which the sanitizer would unmap as if it had made them. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void) {
  return "detect_container_overflow=0:allow_user_poisoning=0:use_sigaltstack=0";
}
const char *__ubsan_default_options(void) { return "print_stacktrace=1"; }
