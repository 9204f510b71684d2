// A program table as codegen emits it, in assembly: relative references are label differences.
// One entry `predict`, x: f32[] -> y: f32[], one kernel y = x + 1.
  .macro rel target
  .long \target - .
  .endm
  .macro ref target, count
  .long \target - ., \count
  .endm
  .macro empty
  .long 0, 0
  .endm

#ifndef NO_QUERY
  .text
  .globl dlc_query_program
  .type dlc_query_program, @function
dlc_query_program:
#ifdef TRAP
  ud2
#endif
  lea program(%rip), %rax
  ret
#endif

  .text
// int host(const dlc_api *api, dlc_ctx *ctx): dispatch(ctx, 0, args, NULL, NULL)
host:
  mov %rdi, %rax
  mov %rsi, %rdi
  xor %esi, %esi
  lea args(%rip), %rdx
  xor %ecx, %ecx
  xor %r8d, %r8d
  jmp *16(%rax)
// void phase(ptrs, sizes, begin, end)
phase:
  mov (%rdi), %rax
  movss (%rax), %xmm0
  addss one(%rip), %xmm0
  mov 8(%rdi), %rax
  movss %xmm0, (%rax)
  ret

#ifdef INITIALISER
  .section .init_array,"aw"
  .quad phase
#endif
#ifdef RESOLVER
  .text
#ifdef GLOBAL_RESOLVER
  .globl resolved
#endif
  .type resolved, @gnu_indirect_function
resolved:
  lea phase(%rip), %rax
  ret
  .data
  .quad resolved
#endif

  .section .rodata
one:
  .float 1.0
  .balign 8
args: // {uint32 buffer, 0, int64 offset} for x and y
  .long 0, 0, 0, 0, 1, 0, 0, 0
oneTile:
  .quad 1, 1
fourBytes:
  .quad 1, 4
name:
  .asciz "increment"
entryName:
  .asciz "predict"
x:
  .asciz "x"
y:
  .asciz "y"
  .balign 8
program:
  .long 72, 2
  .quad 0x314d524750434c44, 5
  rel name
  .long 0
  empty
  empty
  ref entry, 1
  ref variant, 1
  empty
entry:
  .long 40
  rel entryName
  ref input, 1
  ref output, 1
  empty
  empty
input:
  .long 24
  rel x
  .long 0, 0
  empty
output:
  .long 24
  rel y
  .long 0, 0
  empty
variant:
  .long 80
  rel name
  .long 0, 0
  .quad 0, 0, 0, 0, 0
  empty
  ref body, 1
  ref kernel, 1
body:
  .long 32
  rel host
  ref buffers, 2
  empty
  empty
buffers:
  .long 40, 0, 0, 0
  ref fourBytes, 2
  .long 0, 0, -1, 0
  .long 40, 1, 0, 0
  ref fourBytes, 2
  .long 0, 0, -1, 0
kernel:
  .long 72
  rel name
  .long 2, 0
  empty
  empty
  empty
  empty
  ref phases, 1
  .long 0, 0
  empty
phases:
  .long 24
  rel phase
  ref oneTile, 2
  empty
  .section .note.GNU-stack,"",@progbits
