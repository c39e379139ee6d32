#pragma once
// What one optimizer step does, read from the arguments of its call. Mirror: src/backend/typescript/step.ts.

#include <node_api.h>

#include <cstring>

#include "arguments.h"
#include "chunks.h"
#include "dispatch.h"
#include "list.h"
#include "sizes.h"
#include "threads/pool.h"
#include "watched-buffers.h"

namespace lockstep {

// The rule, scalars and dot products of tensors [first, end).
struct Batch {
  const Rule* rule;
  napi_value scalarsValue, dotsValue;
  size_t first, end;
  size_t scalarCount;
  const double* scalars;  // as long as the plan holds
};

struct Tensor {
  const Rule* rule;
  StepFunction step;
  bool isPacked;
  Storage storages[kMaxOperands];
  size_t firstScalar;  // among those of all batches
  double* dots;        // of the first chunk
  size_t dotCount;
  size_t length;
  union {
    napi_value values[kMaxOperands];
    void* operands[kMaxOperands];
  };
};

// Where a task begins: element `begin` of a tensor. It ends where the next one begins.
struct Task {
  size_t tensor, begin;
};

// Elements below which the caller does the step alone: the other threads would wake too late.
constexpr size_t kAloneElements = 1 << 16;

// Read in two passes. The first one takes the values out of objects and arrays, which may run a getter, which may do
// anything: call this function, detach an array, make a list longer. The second one runs no JavaScript, and only what it
// finds is used.
class Plan {
 public:
  // `isKept`: it shall take the same step again.
  Plan(napi_env env, bool isKept) : env_(env), isKept_(isKept), buffers_(env) {}

  bool read(napi_value list) {
    uint32_t count;
    if (napi_get_array_length(env_, list, &count) != napi_ok) {
      throwTypeError(env_, "step: batches must be an array");
      return false;
    }
    for (uint32_t i = 0; i < count; ++i) {
      if (!collectBatch(element(list, i))) return false;
    }
    for (size_t i = 0; i < batches_.size(); ++i) {
      if (!checkBatch(batches_[i])) return false;
    }
    table_ = &activeTable();
    return true;
  }

  // How many scalars all batches have.
  size_t scalarCount() const { return scalarCount_; }

  // Copies them, as they now are: a step that is queued must not see those of the next one.
  void readScalars(double* scalars) {
    for (size_t i = 0; i < batches_.size(); ++i) {
      const Batch& batch = batches_[i];
      std::memcpy(scalars, batch.scalars, batch.scalarCount * sizeof(double));
      scalars += batch.scalarCount;
    }
  }

  // No longer watches over what it is of: it can then end on any thread.
  void forget() { buffers_.clear(); }

  // Whether it may outlive the call that read it.
  bool isKept() const { return isKept_; }

  // Whether reading the same objects again would find the same: then so did the checks.
  bool isSame() { return table_ == &activeTable() && buffers_.areSame(); }

  // It is no longer the same.
  void end() {
    table_ = nullptr;
    buffers_.clear();
    batches_.clear();
    tensors_.clear();
    tasks_.clear();
  }

  // Roughly, with what Node.js has of it.
  int64_t bytes() { return static_cast<int64_t>(sizeof(Tensor) * tensors_.size()) + buffers_.bytes(); }

  void run(const double* scalars) {
    Memory none;  // is what rules ask for
    const Parallel& parallel = elements_ < kAloneElements ? alone(none) : pool(none);
    Run run{*this, scalars};
    parallel.run(
        parallel, tasks_.size(), [](void* run, size_t task) { static_cast<Run*>(run)->task(task); }, &run);
  }

 private:
  struct Run {
    Plan& plan;
    const double* scalars;

    void task(size_t index) { plan.runTask(index, scalars); }
  };

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

  void watch(napi_value array) { isKept_ = isKept_ && buffers_.add(array); }

  bool fail() {
    napi_throw_error(env_, nullptr, "step: out of memory");
    return false;
  }

  bool collectBatch(napi_value batch) {
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
    const napi_value scalars = field(batch, "scalars"), dots = field(batch, "dots");
    const size_t first = tensors_.size();
    if (!collectTensors(*rule, field(batch, "operands"))) return false;
    Batch* const added = batches_.add();
    if (added == nullptr) return fail();
    *added = {rule, scalars, dots, first, tensors_.size(), rule->scalars, nullptr};
    return true;
  }

  bool collectTensors(const Rule& rule, napi_value list) {
    uint32_t length;
    if (napi_get_array_length(env_, list, &length) != napi_ok) {
      throwTypeError(env_, "step: operands must be an array of typed arrays");
      return false;
    }
    if (length % rule.operands != 0) {
      throwRangeError(env_, "step: %s takes %u operands a tensor, got %u in all", rule.name, rule.operands, length);
      return false;
    }
    for (uint32_t i = 0; i < length; i += rule.operands) {
      Tensor* const tensor = tensors_.add();
      if (tensor == nullptr) return fail();
      for (uint32_t k = 0; k < rule.operands; ++k) {
        tensor->values[k] = element(list, i + k);
        if (tensor->values[k] == nullptr) return refuseOperand(rule, i + k);
      }
    }
    return true;
  }

  bool checkBatch(Batch& batch) {
    const Rule& rule = *batch.rule;
    View scalars, dots{napi_float64_array, 0, nullptr};
    if (!readView(env_, batch.scalarsValue, scalars) || scalars.type != napi_float64_array ||
        scalars.length < rule.scalars) {
      throwTypeError(env_, "step: scalars must be a Float64Array of %u numbers for %s", rule.scalars, rule.name);
      return false;
    }
    if (rule.dots > 0 && (!readView(env_, batch.dotsValue, dots) || dots.type != napi_float64_array)) {
      throwTypeError(env_, "step: dots must be a Float64Array for %s", rule.name);
      return false;
    }
    watch(batch.scalarsValue);
    if (rule.dots > 0) watch(batch.dotsValue);
    batch.scalars = static_cast<const double*>(scalars.data);
    // Behind those of the rule the key of what is packed.
    if (scalars.length > rule.scalars) batch.scalarCount = rule.scalars + 1;
    size_t usedDots = 0;
    for (size_t t = batch.first; t < batch.end; ++t) {
      Tensor& tensor = tensors_[t];
      if (!checkTensor(rule, tensor, static_cast<uint32_t>((t - batch.first) * rule.operands))) return false;
      if (tensor.isPacked && (batch.scalarCount == rule.scalars || rule.dots > 0)) {
        throwRangeError(env_, "step: packed operands need a key behind the scalars, and a rule without dot products");
        return false;
      }
      const size_t firstDot = usedDots;
      usedDots += rule.dots * quotientUp(tensor.length, kReductionChunk);
      if (usedDots > dots.length) {
        throwRangeError(env_, "step: dots must hold at least %zu numbers for %s, got %zu", usedDots, rule.name,
                        dots.length);
        return false;
      }
      tensor.firstScalar = scalarCount_;
      tensor.dotCount = rule.dots;
      tensor.dots = rule.dots == 0 ? nullptr : static_cast<double*>(dots.data) + firstDot;
      if (!addTasks(t)) return fail();
      elements_ += tensor.length;
    }
    scalarCount_ += batch.scalarCount;
    return true;
  }

  // `at`: the place of its first operand in the list.
  bool checkTensor(const Rule& rule, Tensor& tensor, uint32_t at) {
    Ranges ranges;
    View first{napi_float32_array, 0, nullptr};
    tensor.isPacked = false;
    for (uint32_t k = 0; k < rule.operands; ++k) {
      View view;
      if (!readView(env_, tensor.values[k], view) || (k < 2 && !isFloats(view))) return refuseOperand(rule, at + k);
      if (k == 0) first = view;
      size_t bytes;
      if (isFloats(view)) {
        tensor.storages[k] = Storage::kPlain;
        bytes = view.length * (view.type == napi_float32_array ? sizeof(float) : sizeof(double));
        if (view.type != first.type || view.length != first.length) {
          throwRangeError(env_, "step: operand %u of %s must have the type and length of the parameter", at + k,
                          rule.name);
          return false;
        }
      } else {
        if (first.type != napi_float32_array || !storageOf(view, tensor.storages[k]))
          return refuseOperand(rule, at + k);
        tensor.isPacked = true;
        bytes = bytesOf(tensor.storages[k], first.length);
        if (view.length * (view.type == napi_uint16_array ? 2 : 1) != bytes) {
          throwRangeError(env_, "step: operand %u of %s must have the %zu bytes of the parameter's length", at + k,
                          rule.name, bytes);
          return false;
        }
      }
      if (!ranges.add(view.data, bytes, (rule.written >> k & 1) != 0 ? Ranges::kWritten : Ranges::kRead)) {
        throwRangeError(env_, "step: operand %u of %s overlaps another one", at + k, rule.name);
        return false;
      }
      watch(tensor.values[k]);
      tensor.operands[k] = view.data;
    }
    tensor.length = first.length;
    tensor.rule = &rule;
    tensor.step = first.type == napi_float32_array ? rule.step32 : rule.step64;
    return true;
  }

  // The lower 32 bits of a whole number: any double may come.
  static uint32_t keyOf(double number) {
    constexpr double kMost = 9007199254740992;
    return number > -kMost && number < kMost ? static_cast<uint32_t>(static_cast<int64_t>(number)) : 0;
  }

  static bool isFloats(const View& view) { return view.type == napi_float32_array || view.type == napi_float64_array; }

  // The type of an array says how a state is packed.
  static bool storageOf(const View& view, Storage& storage) {
    if (view.type == napi_uint16_array) {
      storage = Storage::kBFloat16;
    } else if (view.type == napi_int8_array) {
      storage = Storage::kSigned8;
    } else if (view.type == napi_uint8_array) {
      storage = Storage::kUnsigned8;
    } else {
      return false;
    }
    return true;
  }

  bool refuseOperand(const Rule& rule, uint32_t at) {
    throwTypeError(env_, "step: operand %u of %s must be a Float32Array or a Float64Array", at, rule.name);
    return false;
  }

  // Chunks that are neighbours share a task as long as it is none too long: small tensors would have one each.
  bool addTasks(size_t tensor) {
    const size_t length = tensors_[tensor].length;
    for (size_t begin = 0; begin < length; begin += kStepChunk) {
      const size_t count = least(kStepChunk, length - begin);
      if (tasks_.size() == 0 || count > room_) {
        Task* const added = tasks_.add();
        if (added == nullptr) return false;
        *added = {tensor, begin};
        room_ = kStepChunk;
      }
      room_ -= count;
    }
    return true;
  }

  void runTask(size_t task, const double* scalars) {
    Task at = tasks_[task];
    const Task end = task + 1 < tasks_.size() ? tasks_[task + 1] : Task{tensors_.size(), 0};
    while (at.tensor != end.tensor || at.begin != end.begin) {
      const Tensor& tensor = tensors_[at.tensor];
      const size_t stop = least(tensor.length, at.begin + kStepChunk);
      const double* const own = scalars + tensor.firstScalar;
      if (tensor.isPacked) {
        const PackedOperands operands{tensor.operands, tensor.storages, tensor.length};
        table_->stepPacked(*tensor.rule, own, keyOf(own[tensor.rule->scalars]), operands, at.begin, stop);
      } else {
        tensor.step(own, tensor.operands, at.begin, stop, tensor.dots + at.begin / kReductionChunk * tensor.dotCount);
      }
      at = stop < tensor.length ? Task{at.tensor, stop} : Task{at.tensor + 1, 0};
    }
  }

  napi_env env_;
  bool isKept_;
  WatchedBuffers buffers_;
  const KernelTable* table_ = nullptr;  // null before it is read and after it has ended
  List<Batch> batches_;
  List<Tensor> tensors_;
  List<Task> tasks_;
  size_t room_ = 0;  // elements that the last task may still take
  size_t elements_ = 0, scalarCount_ = 0;
};

}  // namespace lockstep
