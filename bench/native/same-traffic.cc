// The roofline of an optimizer's step: loops that read and write the same arrays in place, the same chunks on the same
// threads, and next to no arithmetic. Whatever a step loses against them, it loses to computing or to overhead. States in fewer
// bits are the bytes that they are, with the scales of their blocks. And a step of Adam as one would write it down, for a
// compiler that vectorises it.

#include <napi.h>

#include <chrono>
#include <cmath>
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

// All is read before anything is written: a load that follows a store to an address with the same low 12 bits, as
// arrays of whole pages have them, would wait for it.
void update(float* RESTRICT p, const float* RESTRICT g, size_t n, Factors f) {
  for (size_t i = 0; i < n; ++i) p[i] += f.rate * g[i];
}

void update(float* RESTRICT p, const float* RESTRICT g, float* RESTRICT m, size_t n, Factors f) {
  for (size_t i = 0; i < n; ++i) {
    const float newP = p[i] + f.rate * g[i], newM = m[i] * f.keep;
    p[i] = newP;
    m[i] = newM;
  }
}

void update(float* RESTRICT p, const float* RESTRICT g, float* RESTRICT m, float* RESTRICT v, size_t n, Factors f) {
  for (size_t i = 0; i < n; ++i) {
    const float newP = p[i] + f.rate * g[i], newM = m[i] * f.keep, newV = v[i] * f.keep;
    p[i] = newP;
    m[i] = newM;
    v[i] = newV;
  }
}

void update(float* RESTRICT p, const float* RESTRICT g, float* RESTRICT m, float* RESTRICT v, float* RESTRICT w,
            size_t n, Factors f) {
  for (size_t i = 0; i < n; ++i) {
    const float newP = p[i] + f.rate * g[i], newM = m[i] * f.keep, newV = v[i] * f.keep, newW = w[i] * f.keep;
    p[i] = newP;
    m[i] = newM;
    v[i] = newV;
    w[i] = newW;
  }
}

void update(float* RESTRICT p, const float* RESTRICT g, float* RESTRICT m, float* RESTRICT v, float* RESTRICT w,
            float* RESTRICT x, size_t n, Factors f) {
  for (size_t i = 0; i < n; ++i) {
    const float newP = p[i] + f.rate * g[i], newM = m[i] * f.keep, newV = v[i] * f.keep, newW = w[i] * f.keep,
                newX = x[i] * f.keep;
    p[i] = newP;
    m[i] = newM;
    v[i] = newV;
    w[i] = newW;
    x[i] = newX;
  }
}

// Numbers that nobody unpacks: with no bit flipped they stay as they are.
template <class Code>
void update(float* RESTRICT p, const float* RESTRICT g, Code* RESTRICT m, size_t n, Factors f) {
  for (size_t i = 0; i < n; ++i) {
    const float newP = p[i] + f.rate * g[i];
    const Code newM = static_cast<Code>(m[i] ^ f.flip);
    p[i] = newP;
    m[i] = newM;
  }
}

template <class Code>
void update(float* RESTRICT p, const float* RESTRICT g, Code* RESTRICT m, Code* RESTRICT v, size_t n, Factors f) {
  for (size_t i = 0; i < n; ++i) {
    const float newP = p[i] + f.rate * g[i];
    const Code newM = static_cast<Code>(m[i] ^ f.flip), newV = static_cast<Code>(v[i] ^ f.flip);
    p[i] = newP;
    m[i] = newM;
    v[i] = newV;
  }
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

constexpr uint32_t kAdamStates = 2, kMaxStates = 4, kMaxPackedStates = 2;
static_assert(lockstep::kStepChunk % lockstep::kPackedBlock == 0, "blocks belong to one chunk");

struct Task {
  float* arrays[2];  // the parameter and its gradient
  uint8_t* states[kMaxStates];
  uint32_t* scales[kMaxStates];  // of states of 8 bits, one for a block
  size_t length;
};

struct Job {
  std::vector<Task> tasks;
  uint32_t states;
  Factors factors;
  bool isAdam;

  uint32_t stateBytes;  // of an element: 4, 2 or 1

  void runTask(size_t index) const {
    const Task& task = tasks[index];
    if (stateBytes == 2) return runPacked<uint16_t>(task);
    if (stateBytes == 1) {
      runPacked<uint8_t>(task);
      const size_t blocks = (task.length + lockstep::kPackedBlock - 1) / lockstep::kPackedBlock;
      for (uint32_t k = 0; k < states; ++k) {
        for (size_t b = 0; b < blocks; ++b) task.scales[k][b] ^= factors.flip;
      }
      return;
    }
    float* const* a = task.arrays;
    float* s[kMaxStates];
    for (uint32_t k = 0; k < kMaxStates; ++k) s[k] = reinterpret_cast<float*>(task.states[k]);
    if (isAdam) return adam(a[0], a[1], s[0], s[1], task.length, factors);
    if (states == 0) update(a[0], a[1], task.length, factors);
    if (states == 1) update(a[0], a[1], s[0], task.length, factors);
    if (states == 2) update(a[0], a[1], s[0], s[1], task.length, factors);
    if (states == 3) update(a[0], a[1], s[0], s[1], s[2], task.length, factors);
    if (states == 4) update(a[0], a[1], s[0], s[1], s[2], s[3], task.length, factors);
  }

  template <class Code>
  void runPacked(const Task& task) const {
    float* const* a = task.arrays;
    Code* const m = reinterpret_cast<Code*>(task.states[0]);
    if (states == 1) update(a[0], a[1], m, task.length, factors);
    if (states == 2) update(a[0], a[1], m, reinterpret_cast<Code*>(task.states[1]), task.length, factors);
  }
};

// Below this the caller works alone, as in native/step-plan.h.
constexpr size_t kAloneElements = 1 << 16;

template <class T>
T* dataOf(const Napi::TypedArray& array) {
  return reinterpret_cast<T*>(static_cast<uint8_t*>(array.ArrayBuffer().Data()) + array.ByteOffset());
}

// run(operands, states, steps, threads, rate, keep, isAdam): seconds. `operands` holds for every tensor its parameter, its
// gradient and its states: Float32Arrays of one length. Adam has two states. States of Uint16Array or Uint8Array are packed
// as in native/storage.h.
Napi::Value run(const Napi::CallbackInfo& info) {
  const Napi::Array operands = info[0].As<Napi::Array>();
  Job job;
  job.states = info[1].As<Napi::Number>().Uint32Value();
  job.factors = {info[4].As<Napi::Number>().FloatValue(), info[5].As<Napi::Number>().FloatValue(), 0};
  // The rate is 0, which the compiler does not know.
  job.factors.flip = static_cast<uint32_t>(job.factors.rate);
  job.isAdam = info[6].As<Napi::Boolean>().Value() && job.states == kAdamStates;
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
