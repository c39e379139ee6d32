#include "sweep.h"

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "../dispatch.h"
#include "../samples.h"
#include "../threads/float-environment.h"
#include "../threads/pool.h"

namespace lockstep {
namespace {

using Long = long double;
constexpr size_t kBlock = 4096;

template <class T>
T sigmoid(T x) {
  return 1 / (1 + std::exp(-x));
}

// 0 and not NaN in the limit.
template <class T>
T silu(T x) {
  return x < -5000 ? T(-0.0) : x * sigmoid(x);
}

template <class T>
T softplus(T x) {
  return std::fmax(x, T(0)) + std::log1p(std::exp(-std::fabs(x)));
}

// 1 / sqrt(2) in two parts: what the first leaves counts x^2 times where the tail is small.
template <class T>
T gelu(T x) {
  if (x < -5000) return T(-0.0);
  if (x > 5000) return x;
  constexpr T kHigh = static_cast<T>(0.70710678118654752440084436210484904L);
  constexpr T kLow = sizeof(T) == sizeof(double) ? T(-0x1.bdd3413b26456p-55) : T(-1.1945083e-20L);
  const T a = -x * kHigh, low = std::fma(-x, kHigh, -a) - x * kLow;
  return x * T(0.5) * (std::erfc(a) - T(1.12837916709551257390L) * std::exp(-a * a) * low);
}

template <class T>
T geluTanh(T x) {
  if (x < -5000) return T(-0.0);
  if (x > 5000) return x;
  return x * sigmoid(T(1.5957691216057307117597842397375274739L) * (x + T(0.044715L) * x * x * x));
}

template <class T>
T relu(T x) {
  return x < 0 ? 0 : x;
}
template <class T>
T rsqrt(T x) {
  return 1 / std::sqrt(x);
}
template <class T>
T reciprocal(T x) {
  return 1 / x;
}
template <class T>
T square(T x) {
  return x * x;
}
template <class T>
T neg(T x) {
  return -x;
}
template <class T>
T elu(T x) {
  return x > 0 ? x : std::expm1(x);
}
template <class T>
T selu(T x) {
  return x > 0 ? T(1.0507009873554804934193349852946L) * x : T(1.7580993408473768599402175208123L) * std::expm1(x);
}

template <class T>
T hardsigmoid(T x) {
  return x < -3 ? T(0) : x > 3 ? T(1) : (x + 3) / 6;
}
template <class T>
T hardswish(T x) {
  return x * hardsigmoid(x);
}
template <class T>
T mish(T x) {
  return x < -5000 ? T(-0.0) : x * std::tanh(softplus(x));
}
template <class T>
T logsigmoid(T x) {
  return -softplus(-x);
}
template <class T>
T softsign(T x) {
  return x / (1 + std::fabs(x));
}

// The functions of libm under the names of ours.
#define LOCKSTEP_LIBM(name) \
  template <class T>        \
  T name(T x) {             \
    return std::name(x);    \
  }
namespace reference {
using lockstep::elu, lockstep::selu, lockstep::sigmoid, lockstep::silu, lockstep::softplus, lockstep::square;
using lockstep::gelu, lockstep::geluTanh, lockstep::neg, lockstep::reciprocal, lockstep::relu, lockstep::rsqrt;
using lockstep::hardsigmoid, lockstep::hardswish, lockstep::logsigmoid, lockstep::mish, lockstep::softsign;
LOCKSTEP_LIBM(abs)
LOCKSTEP_LIBM(acos)
LOCKSTEP_LIBM(acosh)
LOCKSTEP_LIBM(asin)
LOCKSTEP_LIBM(asinh)
LOCKSTEP_LIBM(atan)
LOCKSTEP_LIBM(atanh)
LOCKSTEP_LIBM(cos)
LOCKSTEP_LIBM(cosh)
LOCKSTEP_LIBM(erf)
LOCKSTEP_LIBM(exp)
LOCKSTEP_LIBM(exp2)
LOCKSTEP_LIBM(expm1)
LOCKSTEP_LIBM(log)
LOCKSTEP_LIBM(log10)
LOCKSTEP_LIBM(log1p)
LOCKSTEP_LIBM(log2)
LOCKSTEP_LIBM(sin)
LOCKSTEP_LIBM(sinh)
LOCKSTEP_LIBM(sqrt)
LOCKSTEP_LIBM(tan)
LOCKSTEP_LIBM(tanh)
}  // namespace reference

// The distance of y from the true value in units in the last place of T there; infinite where they differ in kind.
template <class T, class Wide>
double errorOf(T y, Wide exact) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  using Limits = std::numeric_limits<T>;
  if (y != y || exact != exact) return y != y && exact != exact ? 0 : kInfinity;
  const bool overflows = std::fabs(exact) >= static_cast<Wide>(Limits::max());
  if (std::fabs(y) > Limits::max()) return overflows && (y > 0) == (exact > 0) ? 0 : kInfinity;
  if (std::fabs(exact) > std::numeric_limits<Wide>::max()) return kInfinity;
  int exponent = Limits::min_exponent;
  if (exact != 0) std::frexp(exact, &exponent);
  if (exponent < Limits::min_exponent) exponent = Limits::min_exponent;
  return static_cast<double>(std::fabs(static_cast<Wide>(y) - exact) / std::ldexp(Wide(1), exponent - Limits::digits));
}

template <class T>
struct Worst {
  double error = -1;
  T input = 0;

  void take(double other, T at) {
    if (other > error) error = other, input = at;
  }
};

template <class T>
using Kernel = void (*)(const args::Unary<T>&, const Parallel&);

template <class T, class Wide, class Fill>
Worst<T> measure(Kernel<T> kernel, Wide (*reference)(Wide), size_t blocks, const Fill& fill) {
  std::atomic<size_t> next{0};
  const size_t count = std::thread::hardware_concurrency();
  std::vector<Worst<T>> found(count);
  const auto work = [&](size_t thread) {
    FloatEnvironment environment;
    Memory memory;
    std::vector<T> x(kBlock), y(kBlock);
    for (size_t block = next++; block < blocks; block = next++) {
      for (size_t i = 0; i < kBlock; ++i) x[i] = fill(block, i);
      kernel({kBlock, x.data(), y.data()}, alone(memory));
      for (size_t i = 0; i < kBlock; ++i) found[thread].take(errorOf(y[i], reference(static_cast<Wide>(x[i]))), x[i]);
    }
  };
  std::vector<std::thread> threads;
  for (size_t t = 0; t < count; ++t) threads.emplace_back(work, t);
  for (auto& thread : threads) thread.join();
  Worst<T> worst;
  for (const auto& one : found) worst.take(one.error, one.input);
  return worst;
}

template <class T, class Bits>
T fromBits(Bits bits) {
  T value;
  static_assert(sizeof bits == sizeof value, "");
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// Some numbers of every size, and many of the sizes where the functions are neither 0 nor their asymptote.
double doubleSample(size_t block, size_t i) {
  uint64_t bits = (block * kBlock + i + 1) * 0x9e3779b97f4a7c15;
  bits = (bits ^ bits >> 32) * 0xd6e8feb86659fd93;
  bits ^= bits >> 32;
  constexpr double kScales[] = {0, 1, 8, 40, 750, 1e6};
  const size_t choice = block % (sizeof kScales / sizeof kScales[0]);
  return choice == 0 ? fromBits<double>(bits)
                     : static_cast<double>(static_cast<int64_t>(bits)) * 0x1p-63 * kScales[choice];
}

template <class T>
void print(const char* name, const char* type, const Worst<T>& worst) {
  std::printf("%s %s %.4f %a\n", name, type, worst.error, static_cast<double>(worst.input));
  std::fflush(stdout);
}

void sweepOne(const char* name, Kernel<float> f32, Kernel<double> f64, double (*exact32)(double), Long (*exact64)(Long),
              unsigned stride) {
  const size_t blocks = quotientUp((size_t{1} << 32) / stride, kBlock);
  print(name, "float32", measure<float, double>(f32, exact32, blocks, [&](size_t block, size_t i) {
          return fromBits<float>(static_cast<uint32_t>((block * kBlock + i) * stride));
        }));
  print(name, "float64", measure<double, Long>(f64, exact64, 3072, doubleSample));
}

}  // namespace

int sweep(char** names, int count, unsigned stride) {
  selectTarget();
  const KernelTable& table = activeTable();
  int found = 0;
  const auto wanted = [&](const char* name) {
    for (int i = 0; i < count; ++i) {
      if (std::strcmp(names[i], name) == 0) return true;
    }
    return count == 0;
  };
#define LOCKSTEP_TYPED_UNARY(name, Types)                                                                             \
  if (wanted(#name)) {                                                                                                \
    sweepOne(#name, table.name##Forward.f32, table.name##Forward.f64, reference::name<double>, reference::name<Long>, \
             stride);                                                                                                 \
    ++found;                                                                                                          \
  }
#include "../kernels.def"
  if (found > 0 && (count == 0 || found == count)) return 0;
  std::fprintf(stderr, "there is no function of one of these names\n");
  return 2;
}

}  // namespace lockstep
