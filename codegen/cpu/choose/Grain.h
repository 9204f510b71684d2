// How many tiles of a phase are worth a fork: below twice that the calling thread runs them alone.
//
// Estimates, by sizes alone: a phase's cost in picoseconds on one core with its data in the second
// or third level of cache. They need no precision, since a fork pays or loses little around the
// limit; what they must tell apart is 100 ns of work from 10 us of it.
//
// Backed by measurements on Zen 4: for the 32 phases of a training step of digits_convnet at batch
// 32 the estimates lie within a factor of three. With two threads, handing tiles to one that still
// looks for work costs 0.3 us, to a sleeping one 2.4 us, so a share of 2 us gains at once or soon
// after.
#pragma once
#include "codegen/cpu/Target.h"
#include "ir/Dlc.h"

namespace dlc::codegen::cpu {

/// What each thread must get for a fork to pay.
constexpr int64_t kForkPicoseconds = 2'000'000;

constexpr int64_t kPicosecondsPerByte = 12;           ///< read or written once
constexpr int64_t kPicosecondsPerElement = 15;        ///< of an add, a compare, a convert
constexpr int64_t kPicosecondsPerFunctionValue = 250; ///< of an exp, a division, a random number

/// `flops` of multiply-adds in register tiles, at two thirds of the vector units' peak.
ir::SizeAttr multiplyCost(ir::SizeAttr flops, const CpuTarget &target);

/// Tiles worth a fork when `tiles` of them cost `cost` picoseconds; 0 and 1: each is.
ir::SizeAttr chooseGrain(ir::SizeAttr tiles, ir::SizeAttr cost);

} // namespace dlc::codegen::cpu
