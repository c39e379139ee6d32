// The roofline of an optimizer's step: loops that read and write the same arrays in place, the same chunks on the same
// threads, and next to no arithmetic: one that leaves it to the processor what to fetch ahead, and one that asks for it. Whatever
// a step loses against the faster one, it loses to computing or to overhead. States in fewer bits are the bytes that they are,
// with the scales of their blocks. And a step of Adam as one would write it down, for a compiler that vectorises it.

#include <napi.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>
#include <type_traits>
#include <vector>

#include "../../native/chunks.h"
#include "../../native/storage.h"
#include "../../native/threads/pool.h"

#ifdef _MSC_VER
#define RESTRICT __restrict
#else
#define RESTRICT __restrict__
#endif

namespace {

// The factors come from the caller, so that no compiler can drop a multiplication.
struct Factors {
  float rate, keep;
  uint32_t flip;
};

// With these factors states stay what they are, and so do the bits of packed ones, which nobody unpacks.
inline float moved(float state, Factors f) { return state * f.keep; }

template <class Code>
inline Code moved(Code state, Factors f) {
  return static_cast<Code>(state ^ f.flip);
}

// All is read before anything is written: a load that follows a store to an address with the same low 12 bits, as
// arrays of whole pages have them, would wait for it.
template <class... States>
inline void updateAt(size_t i, Factors f, float* RESTRICT p, const float* RESTRICT g, States* RESTRICT... states) {
  const float newP = p[i] + f.rate * g[i];
  const std::tuple<States...> next{moved(states[i], f)...};
  p[i] = newP;
  std::apply([&](States... values) { ((states[i] = values), ...); }, next);
}

template <class... States>
void update(size_t n, Factors f, float* RESTRICT p, const float* RESTRICT g, States* RESTRICT... states) {
  for (size_t i = 0; i < n; ++i) updateAt(i, f, p, g, states...);
}

constexpr size_t kLine = 64, kBytesAhead = 1024;

// Asks for the lines that `count` elements take, some time before their turn.
template <class E>
inline void fetchAhead(const E* array, size_t count) {
#ifndef _MSC_VER
  for (size_t byte = 0; byte < count * sizeof(E); byte += kLine) {
    __builtin_prefetch(reinterpret_cast<const char*>(array) + kBytesAhead + byte);
  }
#endif
}

// Two lines of floats: of one alone the compiler makes no vectors.
constexpr size_t kFetched = 32;

template <class... States>
void updateFetching(size_t n, Factors f, float* RESTRICT p, const float* RESTRICT g, States* RESTRICT... states) {
  size_t i = 0;
  for (; i + kFetched <= n; i += kFetched) {
    fetchAhead(p + i, kFetched);
    fetchAhead(g + i, kFetched);
    (fetchAhead(states + i, kFetched), ...);
    for (size_t j = i; j < i + kFetched; ++j) updateAt(j, f, p, g, states...);
  }
  update(n - i, f, p + i, g + i, (states + i)...);
}

// Nothing moves with these factors, which the compiler does not know: the rates are 0.
void adam(float* RESTRICT p, const float* RESTRICT g, float* RESTRICT m, float* RESTRICT v, size_t n, Factors f) {
  const float eps = 1e-8f;
  for (size_t i = 0; i < n; ++i) {
    const float newM = m[i] + f.rate * (g[i] - m[i]), newV = f.keep * v[i] + f.rate * g[i] * g[i];
    p[i] -= f.rate * newM / (std::sqrt(newV) + eps);
    m[i] = newM;
    v[i] = newV;
  }
}

constexpr uint32_t kMaxStates = 4, kMaxPackedStates = 2;
static_assert(lockstep::kStepChunk % lockstep::kPackedBlock == 0, "blocks belong to one chunk");

struct Task {
  float* arrays[2];  // the parameter and its gradient
  uint8_t* states[kMaxStates];
  uint32_t* scales[kMaxStates];  // of states of 8 bits, one for a block
  size_t length;
};

enum class Loop : uint32_t { kPlain, kFetching, kAdam };

struct Job {
  std::vector<Task> tasks;
  uint32_t states;
  Factors factors;
  Loop loop;

  uint32_t stateBytes;  // of an element: 4, 2 or 1

  void runTask(size_t index) const {
    const Task& task = tasks[index];
    if (stateBytes == 2) return runStates<uint16_t>(task);
    if (stateBytes == 4) return runStates<float>(task);
    runStates<uint8_t>(task);
    const size_t blocks = (task.length + lockstep::kPackedBlock - 1) / lockstep::kPackedBlock;
    for (uint32_t k = 0; k < states; ++k) {
      for (size_t b = 0; b < blocks; ++b) task.scales[k][b] ^= factors.flip;
    }
  }

  template <class State>
  void runStates(const Task& task) const {
    State* s[kMaxStates];
    for (uint32_t k = 0; k < kMaxStates; ++k) s[k] = reinterpret_cast<State*>(task.states[k]);
    if constexpr (std::is_same_v<State, float>) {
      if (loop == Loop::kAdam) return adam(task.arrays[0], task.arrays[1], s[0], s[1], task.length, factors);
      if (states == 3) return run(task, s[0], s[1], s[2]);
      if (states == 4) return run(task, s[0], s[1], s[2], s[3]);
    }
    if (states == 0) return run(task);
    if (states == 1) return run(task, s[0]);
    if (states == 2) return run(task, s[0], s[1]);
  }

  template <class... States>
  void run(const Task& task, States*... s) const {
    float *const p = task.arrays[0], *const g = task.arrays[1];
    const auto pass = loop == Loop::kFetching ? &updateFetching<States...> : &update<States...>;
    // Vectors that lie on two lines take longer: states begin in theirs where the value does.
    const size_t past = reinterpret_cast<uintptr_t>(p) % kLine;
    const size_t head = std::min((kLine - past) % kLine / sizeof(float), task.length);
    update(head, factors, p, g, s...);
    pass(task.length - head, factors, p + head, g + head, (s + head)...);
  }
};

// Below this the caller works alone, as in native/step-plan.h.
constexpr size_t kAloneElements = 1 << 16;

template <class T>
T* dataOf(const Napi::TypedArray& array) {
  return reinterpret_cast<T*>(static_cast<uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset());
}

// run(operands, states, steps, threads, rate, keep, loop): seconds. `operands` holds for every tensor its parameter, its
// gradient and its states: Float32Arrays of one length. States of Uint16Array or Uint8Array are packed as in native/storage.h.
// `loop` counts Loop; Adam is one of two states.
Napi::Value run(const Napi::CallbackInfo& info) {
  const Napi::Array operands = info[0].As<Napi::Array>();
  Job job;
  job.states = info[1].As<Napi::Number>().Uint32Value();
  job.factors = {info[4].As<Napi::Number>().FloatValue(), info[5].As<Napi::Number>().FloatValue(), 0};
  // The rate is 0, which the compiler does not know.
  job.factors.flip = static_cast<uint32_t>(job.factors.rate);
  job.loop = static_cast<Loop>(info[6].As<Napi::Number>().Uint32Value());
  job.stateBytes = sizeof(float);
  const uint32_t perTensor = 2 + job.states;
  if (job.states > 0 && operands.Length() >= perTensor) {
    job.stateBytes = Napi::Value(operands[2u]).As<Napi::TypedArray>().ElementSize();
  }
  if (job.states > (job.stateBytes == sizeof(float) ? kMaxStates : kMaxPackedStates)) {
    Napi::RangeError::New(info.Env(), "states must be at most 4, packed ones 2").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  size_t elements = 0;
  for (uint32_t at = 0; at + perTensor <= operands.Length(); at += perTensor) {
    Napi::HandleScope scope(info.Env());
    Task whole{};
    for (uint32_t k = 0; k < 2; ++k) {
      const Napi::TypedArray array = Napi::Value(operands[at + k]).As<Napi::TypedArray>();
      whole.arrays[k] = dataOf<float>(array);
      whole.length = array.ElementLength();
    }
    for (uint32_t k = 0; k < job.states; ++k) {
      whole.states[k] = dataOf<uint8_t>(Napi::Value(operands[at + 2 + k]).As<Napi::TypedArray>());
    }
    elements += whole.length;
    for (size_t begin = 0; begin < whole.length; begin += lockstep::kStepChunk) {
      Task task{};
      for (uint32_t k = 0; k < 2; ++k) task.arrays[k] = whole.arrays[k] + begin;
      for (uint32_t k = 0; k < job.states; ++k) {
        task.states[k] = whole.states[k] + begin * job.stateBytes;
        uint32_t* const scales = reinterpret_cast<uint32_t*>(whole.states[k] + whole.length);
        if (job.stateBytes == 1) task.scales[k] = scales + begin / lockstep::kPackedBlock;
      }
      const size_t left = whole.length - begin;
      task.length = left < lockstep::kStepChunk ? left : lockstep::kStepChunk;
      job.tasks.push_back(task);
    }
  }

  lockstep::usePoolThreads(info[3].As<Napi::Number>().Uint32Value());
  lockstep::Memory none;
  const lockstep::Parallel& parallel = elements < kAloneElements ? lockstep::alone(none) : lockstep::pool(none);
  const uint32_t steps = info[2].As<Napi::Number>().Uint32Value();
  const auto start = std::chrono::steady_clock::now();
  for (uint32_t s = 0; s < steps; ++s) {
    parallel.run(
        parallel, job.tasks.size(), [](void* context, size_t index) { static_cast<Job*>(context)->runTask(index); },
        &job);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return Napi::Number::New(info.Env(), elapsed.count());
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("run", Napi::Function::New(env, run, "run"));
  return exports;
}

NODE_API_MODULE(same_traffic, initialize)

}  // namespace
