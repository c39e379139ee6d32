// The limits of the machine: fused multiply-adds on registers alone, and loops that only read and write memory. Each
// thread has a share of its own and waits for no other: nothing that computes the same can be faster.

#include <napi.h>

#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr size_t kBytes = 64;
#elif defined(__AVX__)
constexpr size_t kBytes = 32;
#else
constexpr size_t kBytes = 16;
#endif

template <class T>
using Vector __attribute__((vector_size(kBytes))) = T;
using Floats = Vector<float>;
constexpr size_t kLanes = kBytes / sizeof(float);

// More than the latency of an addition times the units that every processor has, and registers enough for all of them.
constexpr size_t kChains = 12;

template <class Work>
void onThreads(uint32_t threads, const Work& work) {
  std::vector<std::thread> others;
  for (uint32_t t = 1; t < threads; ++t) others.emplace_back(work, t);
  work(0);
  for (std::thread& other : others) other.join();
}

template <class T>
void multiplyAdd(uint64_t iterations, T factor, T summand, volatile T* result) {
  const Vector<T> x = factor - Vector<T>{}, y = summand - Vector<T>{};
  Vector<T> sums[kChains];
  for (size_t c = 0; c < kChains; ++c) sums[c] = x + static_cast<T>(c);
  for (uint64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (size_t c = 0; c < kChains; ++c) sums[c] = sums[c] * x + y;
  }
  for (size_t c = 1; c < kChains; ++c) sums[0] += sums[c];
  *result = sums[0][0];
}

template <class T>
void multiplyAddOn(uint32_t threads, double operations) {
  const double perIteration = 2.0 * kChains * kBytes / sizeof(T);
  const uint64_t iterations = static_cast<uint64_t>(operations / perIteration / threads) + 1;
  // No compiler knows these, and every sum tends to 1.
  volatile T factor = T(0.5), summand = T(0.5);
  onThreads(threads, [&](uint32_t) {
    volatile T result;
    multiplyAdd<T>(iterations, factor, summand, &result);
  });
}

// multiplyAdd(threads, operations, doubles)
void multiplyAddCall(const Napi::CallbackInfo& info) {
  const uint32_t threads = info[0].As<Napi::Number>().Uint32Value();
  const double operations = info[1].As<Napi::Number>().DoubleValue();
  if (info[2].As<Napi::Boolean>().Value()) {
    multiplyAddOn<double>(threads, operations);
  } else {
    multiplyAddOn<float>(threads, operations);
  }
}

Floats load(const float* from) {
  Floats values;
  __builtin_memcpy(&values, from, kBytes);
  return values;
}

// Past the caches, where the processor has such a store: it then need not read what it overwrites.
void storePast(float* to, Floats values) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, values);
#elif defined(__AVX__)
  _mm256_stream_ps(to, values);
#elif defined(__x86_64__)
  _mm_stream_ps(to, values);
#else
  __builtin_memcpy(to, &values, kBytes);
#endif
}

constexpr size_t kMaxReads = 4, kMaxWrites = 3;
constexpr size_t kUnroll = 4;

struct Arrays {
  const float* reads[kMaxReads];
  float* writes[kMaxWrites];
};

template <size_t Reads, size_t Writes, bool Past>
void pass(const Arrays& arrays, size_t begin, size_t end, Floats* sums) {
  for (size_t i = begin; i < end; i += kUnroll * kLanes) {
#pragma GCC unroll 4
    for (size_t u = 0; u < kUnroll; ++u) {
      const size_t at = i + u * kLanes;
      Floats values = load(arrays.reads[0] + at);
      for (size_t r = 1; r < Reads; ++r) values += load(arrays.reads[r] + at);
      for (size_t w = 0; w < Writes; ++w) {
        if (Past) {
          storePast(arrays.writes[w] + at, values);
        } else {
          __builtin_memcpy(arrays.writes[w] + at, &values, kBytes);
        }
      }
      if (Writes == 0) sums[u] += values;
    }
  }
}

using Pass = void (*)(const Arrays&, size_t begin, size_t end, Floats* sums);

template <size_t Reads, bool Past>
Pass passOf(uint32_t writes) {
  const Pass passes[] = {pass<Reads, 0, Past>, pass<Reads, 1, Past>, pass<Reads, 2, Past>, pass<Reads, 3, Past>};
  return passes[writes];
}

template <bool Past>
Pass passOf(uint32_t reads, uint32_t writes) {
  const decltype(&passOf<1, Past>) ofReads[] = {passOf<1, Past>, passOf<2, Past>, passOf<3, Past>, passOf<4, Past>};
  return ofReads[reads - 1](writes);
}

// Memory that stays: of `elements` zeros each, on lines of their own.
float* arrayOf(size_t index, size_t elements) {
  struct Block {
    float* data = nullptr;
    size_t elements = 0;
  };
  static Block blocks[kMaxReads + kMaxWrites];
  Block& block = blocks[index];
  if (block.elements < elements) {
    std::free(block.data);
    block.data = static_cast<float*>(std::aligned_alloc(4096, (elements * sizeof(float) + 4095) / 4096 * 4096));
    if (block.data == nullptr) std::abort();
    block.elements = elements;
    for (size_t i = 0; i < elements; ++i) block.data[i] = 0;
  }
  return block.data;
}

// traffic(threads, reads, writes, elements, steps, past): `steps` times over arrays of `elements`.
void trafficCall(const Napi::CallbackInfo& info) {
  const auto number = [&](size_t i) { return info[i].As<Napi::Number>().Uint32Value(); };
  const uint32_t threads = number(0), reads = number(1), writes = number(2), steps = number(4);
  if (reads < 1 || reads > kMaxReads || writes > kMaxWrites) {
    Napi::RangeError::New(info.Env(), "reads must be in [1, 4], writes in [0, 3]").ThrowAsJavaScriptException();
    return;
  }
  const bool past = info[5].As<Napi::Boolean>().Value();
  constexpr size_t kBlock = kUnroll * kLanes;
  const size_t blocks = (number(3) + kBlock - 1) / kBlock;
  Arrays arrays{};
  for (uint32_t r = 0; r < reads; ++r) arrays.reads[r] = arrayOf(r, blocks * kBlock);
  for (uint32_t w = 0; w < writes; ++w) arrays.writes[w] = arrayOf(kMaxReads + w, blocks * kBlock);
  const Pass run = past ? passOf<true>(reads, writes) : passOf<false>(reads, writes);
  onThreads(threads, [&](uint32_t thread) {
    const size_t begin = blocks * thread / threads * kBlock, end = blocks * (thread + 1) / threads * kBlock;
    Floats sums[kUnroll]{};
    for (uint32_t s = 0; s < steps; ++s) run(arrays, begin, end, sums);
    volatile float result = sums[0][0] + sums[1][0] + sums[2][0] + sums[3][0];
    static_cast<void>(result);
  });
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("multiplyAdd", Napi::Function::New(env, multiplyAddCall, "multiplyAdd"));
  exports.Set("traffic", Napi::Function::New(env, trafficCall, "traffic"));
  exports.Set("bits", Napi::Number::New(env, 8 * kBytes));
  return exports;
}

NODE_API_MODULE(limits, initialize)

}  // namespace
