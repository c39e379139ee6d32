#include "step.h"

#include <cstring>

#include "arguments.h"
#include "dispatch.h"
#include "threads/float-environment.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

struct Tensor {
  StepFunction step;
  const double* scalars;
  double* dots;  // of the first chunk
  size_t dotCount;
  size_t length;
  size_t firstTask;
  void* operands[kMaxOperands];
};

// Elements below which the caller does the step alone: the other threads would wake too late.
constexpr size_t kAloneElements = 1 << 16;

class Plan {
 public:
  explicit Plan(napi_env env) : env_(env) {}

  bool read(napi_value batches) {
    uint32_t count;
    if (napi_get_array_length(env_, batches, &count) != napi_ok) {
      throwTypeError(env_, "step: batches must be an array");
      return false;
    }
    size_t operands = 0;
    for (uint32_t i = 0; i < count; ++i) {
      uint32_t length = 0;
      if (napi_get_array_length(env_, field(element(batches, i), "operands"), &length) != napi_ok) {
        throwTypeError(env_, "step: operands must be an array of typed arrays");
        return false;
      }
      operands += length;
    }
    // No rule has less than one operand, so this is room enough.
    tensors_ = static_cast<Tensor*>(alone().scratch(alone(), operands * sizeof(Tensor)));
    if (tensors_ == nullptr) {
      outOfMemory();
      napi_throw_error(env_, nullptr, "step: out of memory");
      return false;
    }
    for (uint32_t i = 0; i < count; ++i) {
      if (!readBatch(element(batches, i))) return false;
    }
    return true;
  }

  void run() {
    FloatEnvironment environment;
    const Parallel parallel = elements_ < kAloneElements ? alone() : pool();
    parallel.run(
        parallel, tasks_, [](void* plan, size_t task) { static_cast<Plan*>(plan)->runTask(task); }, this);
  }

 private:
  // Null where there is none, which every reader below refuses.
  napi_value element(napi_value array, uint32_t index) {
    napi_value value = nullptr;
    napi_get_element(env_, array, index, &value);
    return value;
  }

  napi_value field(napi_value object, const char* name) {
    napi_value value = nullptr;
    if (object != nullptr) napi_get_named_property(env_, object, name, &value);
    return value;
  }

  bool readBatch(napi_value batch) {
    char name[64] = "";
    napi_get_value_string_utf8(env_, field(batch, "rule"), name, sizeof name, nullptr);
    const Rule* rule = nullptr;
    for (const Rule& candidate : activeTable().rules) {
      if (std::strcmp(candidate.name, name) == 0) rule = &candidate;
    }
    if (rule == nullptr) {
      throwTypeError(env_, "step: there is no rule \"%s\"", name);
      return false;
    }
    View scalars, dots{napi_float64_array, 0, nullptr};
    if (!readView(env_, field(batch, "scalars"), scalars) || scalars.type != napi_float64_array ||
        scalars.length < rule->scalars) {
      throwTypeError(env_, "step: scalars must be a Float64Array of %u numbers for %s", rule->scalars, name);
      return false;
    }
    if (rule->dots > 0 && (!readView(env_, field(batch, "dots"), dots) || dots.type != napi_float64_array)) {
      throwTypeError(env_, "step: dots must be a Float64Array for %s", name);
      return false;
    }
    return readTensors(*rule, static_cast<const double*>(scalars.data), dots, field(batch, "operands"));
  }

  bool readTensors(const Rule& rule, const double* scalars, View dots, napi_value list) {
    uint32_t length = 0;
    napi_get_array_length(env_, list, &length);
    if (length % rule.operands != 0) {
      throwRangeError(env_, "step: %s takes %u operands a tensor, got %u in all", rule.name, rule.operands, length);
      return false;
    }
    size_t usedDots = 0;
    for (uint32_t i = 0; i < length; i += rule.operands) {
      // Handles are only needed while one tensor is read.
      napi_handle_scope scope;
      napi_open_handle_scope(env_, &scope);
      const bool fits = readTensor(rule, list, i, tensors_[count_]);
      napi_close_handle_scope(env_, scope);
      if (!fits) return false;
      Tensor& tensor = tensors_[count_++];
      tensor.scalars = scalars;
      tensor.dotCount = rule.dots;
      tensor.dots = static_cast<double*>(dots.data) + usedDots;
      usedDots += rule.dots * ((tensor.length + kReductionChunk - 1) / kReductionChunk);
      tensor.firstTask = tasks_;
      tasks_ += (tensor.length + kStepChunk - 1) / kStepChunk;
      elements_ += tensor.length;
    }
    if (usedDots > dots.length) {
      throwRangeError(env_, "step: dots must hold at least %zu numbers for %s, got %zu", usedDots, rule.name,
                      dots.length);
      return false;
    }
    return true;
  }

  bool readTensor(const Rule& rule, napi_value list, uint32_t at, Tensor& tensor) {
    Ranges ranges;
    View first{napi_float32_array, 0, nullptr};
    for (uint32_t k = 0; k < rule.operands; ++k) {
      View view;
      if (!readView(env_, element(list, at + k), view) ||
          (view.type != napi_float32_array && view.type != napi_float64_array)) {
        throwTypeError(env_, "step: operand %u of %s must be a Float32Array or a Float64Array", at + k, rule.name);
        return false;
      }
      if (k == 0) first = view;
      if (view.type != first.type || view.length != first.length) {
        throwRangeError(env_, "step: operand %u of %s must have the type and length of the parameter", at + k,
                        rule.name);
        return false;
      }
      const size_t bytes = view.length * (view.type == napi_float32_array ? sizeof(float) : sizeof(double));
      if (!ranges.add(view.data, bytes, (rule.written >> k & 1) != 0 ? Ranges::kWritten : Ranges::kRead)) {
        throwRangeError(env_, "step: operand %u of %s overlaps another one", at + k, rule.name);
        return false;
      }
      tensor.operands[k] = view.data;
    }
    tensor.length = first.length;
    tensor.step = first.type == napi_float32_array ? rule.step32 : rule.step64;
    return true;
  }

  void runTask(size_t task) {
    // The last tensor that starts at or before this task; empty tensors have no task.
    size_t low = 0, high = count_;
    while (high - low > 1) {
      const size_t middle = (low + high) / 2;
      (tensors_[middle].firstTask <= task ? low : high) = middle;
    }
    const Tensor& tensor = tensors_[low];
    const size_t begin = (task - tensor.firstTask) * kStepChunk;
    const size_t end = tensor.length - begin < kStepChunk ? tensor.length : begin + kStepChunk;
    tensor.step(tensor.scalars, tensor.operands, begin, end, tensor.dots + begin / kReductionChunk * tensor.dotCount);
  }

  napi_env env_;
  Tensor* tensors_ = nullptr;
  size_t count_ = 0;
  size_t tasks_ = 0;
  size_t elements_ = 0;
};

}  // namespace

napi_value step(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value batches = nullptr;
  napi_get_cb_info(env, info, &count, &batches, nullptr, nullptr);
  Plan plan(env);
  if (plan.read(batches)) plan.run();
  return nullptr;
}

}  // namespace lockstep
