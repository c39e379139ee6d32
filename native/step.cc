#include "step.h"

#include <cstdlib>
#include <new>

#include "arguments.h"
#include "step-plan.h"

namespace lockstep {
namespace {

Plan* newPlan(napi_env env, bool isKept) {
  void* const place = std::malloc(sizeof(Plan));
  return place == nullptr ? nullptr : new (place) Plan(env, isKept);
}

void deletePlan(Plan* plan) {
  plan->~Plan();
  std::free(plan);
}

// Node.js frees what was collected only once JavaScript pauses: whoever has ended a plan need not wait for that.
void endPlan(napi_env env, Plan* plan) {
  int64_t total;
  napi_adjust_external_memory(env, -plan->bytes(), &total);
  plan->end();
}

// repeat(isOver): whether it took the step that its function's data holds. If not, it never will.
napi_value repeat(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value isOverValue = nullptr;
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, &isOverValue, nullptr, &data);
  bool isOver = false;
  napi_get_value_bool(env, isOverValue, &isOver);
  Plan* const plan = static_cast<Plan*>(data);
  const bool isTaken = !isOver && plan->isSame();
  isTaken ? plan->run() : endPlan(env, plan);
  napi_value value = nullptr;
  napi_get_boolean(env, isTaken, &value);
  return value;
}

// The function that has the plan: nobody reaches it but by calling, and it ends with the function. Null when there is none.
// The garbage collector is told how much goes with so small an object.
napi_value newRepeat(napi_env env, Plan* plan) {
  const napi_finalize end = [](napi_env env, void* data, void*) {
    Plan* const plan = static_cast<Plan*>(data);
    endPlan(env, plan);
    deletePlan(plan);
  };
  napi_value function = nullptr;
  if (napi_create_function(env, "repeat", NAPI_AUTO_LENGTH, repeat, plan, &function) == napi_ok &&
      napi_add_finalizer(env, function, plan, end, nullptr, nullptr) == napi_ok) {
    int64_t total;
    napi_adjust_external_memory(env, plan->bytes(), &total);
    return function;
  }
  deletePlan(plan);
  return nullptr;
}

}  // namespace

napi_value step(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value values[2] = {};
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  bool isKept = false;
  napi_get_value_bool(env, values[1], &isKept);
  Plan* const plan = newPlan(env, isKept);
  if (plan == nullptr) {
    throwError(env, "step: out of memory");
    return nullptr;
  }
  const bool isRead = plan->read(values[0]);
  if (isRead) plan->run();
  if (isRead && plan->isKept()) return newRepeat(env, plan);
  deletePlan(plan);
  return nullptr;
}

}  // namespace lockstep
