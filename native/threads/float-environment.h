#pragma once
// Round to nearest, subnormals kept, exceptions masked: another addon linked with -ffast-math may have changed that
// for the calling thread, and with it every bit of our results.

#include <cstdint>

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

namespace lockstep {

class FloatEnvironment {
 public:
  FloatEnvironment() : saved_(get()) { set(kDefault); }
  ~FloatEnvironment() { set(saved_); }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
#ifdef __x86_64__
  static constexpr uint64_t kDefault = 0x1F80;
  static uint64_t get() { return _mm_getcsr(); }
  static void set(uint64_t value) { _mm_setcsr(static_cast<unsigned>(value)); }
#elif defined(__aarch64__)
  static constexpr uint64_t kDefault = 0;
  static uint64_t get() {
    uint64_t value;
    __asm__ __volatile__("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void set(uint64_t value) { __asm__ __volatile__("msr fpcr, %0" : : "r"(value)); }
#else
  static constexpr uint64_t kDefault = 0;
  static uint64_t get() { return 0; }
  static void set(uint64_t) {}
#endif
  uint64_t saved_;
};

}  // namespace lockstep
