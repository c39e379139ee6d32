#include "cpu.h"

#include <cstdint>

#ifdef __x86_64__
#include <cpuid.h>

namespace lockstep {
namespace {

struct Registers {
  uint32_t eax, ebx, ecx, edx;
};

Registers cpuid(uint32_t leaf) {
  Registers r{0, 0, 0, 0};
  __get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

constexpr bool has(uint32_t value, uint32_t bits) { return (value & bits) == bits; }
constexpr uint32_t bit(unsigned index) { return 1u << index; }

// The register state that the operating system saves on a context switch (XCR0).
bool systemSaves(uint32_t state) {
  const uint32_t kOsxsave = bit(27);
  if (!has(cpuid(1).ecx, kOsxsave)) return false;
  uint32_t low, high;
  __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return has(low, state);
}

}  // namespace

bool hasAvx2() {
  const uint32_t kFma = bit(12), kAvx = bit(28), kAvx2 = bit(5);
  const uint32_t kSseAndAvxState = 0x6;
  return has(cpuid(1).ecx, kFma | kAvx) && has(cpuid(7).ebx, kAvx2) && systemSaves(kSseAndAvxState);
}

#ifdef LOCKSTEP_EMULATED_AVX512
// In a developers' build the target is compiled to AVX2.
bool hasAvx512() { return hasAvx2(); }
#else
// A hypervisor may offer some subsets and not others: all that the target is compiled for are asked for.
bool hasAvx512() {
  const uint32_t kF = bit(16), kDq = bit(17), kCd = bit(28), kBw = bit(30), kVl = bit(31);
  const uint32_t kAvx512State = 0xE6;
  return hasAvx2() && has(cpuid(7).ebx, kF | kDq | kCd | kBw | kVl) && systemSaves(kAvx512State);
}
#endif

}  // namespace lockstep

#else

namespace lockstep {
bool hasAvx2() { return false; }
bool hasAvx512() { return false; }
}  // namespace lockstep

#endif
