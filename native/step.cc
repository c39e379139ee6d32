#include "step.h"

#include <cstdlib>
#include <new>

#include "arguments.h"
#include "environment.h"
#include "step-plan.h"
#include "threads/float-environment.h"

namespace lockstep {
namespace {

// A plan, and where its steps run.
struct BoundPlan {
  BoundPlan(napi_env env, const Binding& binding, bool isKept) : binding(binding), plan(env, isKept) {}

  const Binding& binding;
  Plan plan;
};

BoundPlan* newPlan(napi_env env, const Binding& binding, bool isKept) {
  void* const place = std::malloc(sizeof(BoundPlan));
  return place == nullptr ? nullptr : new (place) BoundPlan(env, binding, isKept);
}

void deletePlan(BoundPlan* bound) {
  bound->~BoundPlan();
  std::free(bound);
}

// A step with its scalars, which lie behind it.
struct QueuedStep : Work {
  BoundPlan* bound;
  bool ownsPlan;

  double* scalars() { return reinterpret_cast<double*>(this + 1); }
};

const char* runStep(Work* work, Memory&) {
  auto* const step = static_cast<QueuedStep*>(work);
  step->bound->plan.run(step->scalars());
  return nullptr;
}

void endStep(Work* work) {
  auto* const step = static_cast<QueuedStep*>(work);
  if (step->ownsPlan) deletePlan(step->bound);
  std::free(step);
}

// False, with an exception, where there is no memory. `ownsPlan`: the plan ends with the step that is queued.
bool enqueue(napi_env env, BoundPlan* bound, bool ownsPlan) {
  void* const place = std::malloc(sizeof(QueuedStep) + bound->plan.scalarCount() * sizeof(double));
  if (place == nullptr) {
    throwError(env, "step: out of memory");
    return false;
  }
  auto* const step = new (place) QueuedStep;
  step->run = runStep;
  step->end = endStep;
  step->bound = bound;
  step->ownsPlan = ownsPlan;
  bound->plan.readScalars(step->scalars());
  if (ownsPlan) bound->plan.forget();
  bound->binding.environment->stream.add(step);
  return true;
}

// As enqueue(), where steps are not queued at once, with memory that is used again.
bool take(napi_env env, BoundPlan* bound, bool ownsPlan) {
  if (bound->binding.isQueued) return enqueue(env, bound, ownsPlan);
  Block& copies = bound->binding.environment->memory.copies;
  auto* const scalars = static_cast<double*>(copies.get(bound->plan.scalarCount() * sizeof(double)));
  if (scalars == nullptr) {
    throwError(env, "step: out of memory");
    return false;
  }
  FloatEnvironment environment;
  bound->plan.readScalars(scalars);
  bound->plan.run(scalars);
  if (ownsPlan) deletePlan(bound);
  return true;
}

// Node.js frees what was collected only once JavaScript pauses: whoever has ended a plan need not wait for that.
void endPlan(napi_env env, BoundPlan* bound) {
  int64_t total;
  napi_adjust_external_memory(env, -bound->plan.bytes(), &total);
  bound->plan.end();
}

// repeat(isOver): whether it took the step that its function's data holds. If not, it never will.
napi_value repeat(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value isOverValue = nullptr;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, &isOverValue, nullptr, &data);
  bool isOver = false;
  napi_get_value_bool(env, isOverValue, &isOver);
  auto* const bound = static_cast<BoundPlan*>(data);
  const bool isTaken = !isOver && bound->plan.isSame();
  if (isTaken) {
    if (!take(env, bound, false)) return nullptr;
  } else {
    bound->binding.environment->stream.wait();
    endPlan(env, bound);
  }
  napi_value value = nullptr;
  napi_get_boolean(env, isTaken, &value);
  return value;
}

// The function that has the plan: nobody reaches it but by calling, and it ends with the function. Null when there is none.
// The garbage collector is told how much goes with so small an object.
napi_value newRepeat(napi_env env, BoundPlan* bound) {
  const napi_finalize end = [](napi_env env, void* data, void*) {
    auto* const bound = static_cast<BoundPlan*>(data);
    endPlan(env, bound);
    deletePlan(bound);
  };
  napi_value function = nullptr;
  if (napi_create_function(env, "repeat", NAPI_AUTO_LENGTH, repeat, bound, &function) == napi_ok &&
      napi_add_finalizer(env, function, bound, end, nullptr, nullptr) == napi_ok) {
    int64_t total;
    napi_adjust_external_memory(env, bound->plan.bytes(), &total);
    return function;
  }
  bound->binding.environment->stream.wait();
  deletePlan(bound);
  return nullptr;
}

}  // namespace

napi_value step(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value values[2] = {};
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  bool isKept = false;
  napi_get_value_bool(env, values[1], &isKept);
  const auto& binding = *static_cast<const Binding*>(data);
  if (binding.isQueued && !binding.environment->isOpen()) {
    throwError(env, "the queue of kernels is not open");
    return nullptr;
  }
  BoundPlan* const bound = newPlan(env, binding, isKept);
  if (bound == nullptr) {
    throwError(env, "step: out of memory");
    return nullptr;
  }
  const bool isRead = bound->plan.read(values[0]), owned = !bound->plan.isKept();
  if (!isRead || !take(env, bound, owned)) {
    deletePlan(bound);
    return nullptr;
  }
  return owned ? nullptr : newRepeat(env, bound);
}

}  // namespace lockstep
