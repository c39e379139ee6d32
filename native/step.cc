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

// repeat(): whether it could take the step that its function's data holds.
napi_value repeat(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  Plan& plan = *static_cast<Plan*>(data);
  const bool isSame = plan.isSame();
  if (isSame) plan.run();
  napi_value value = nullptr;
  napi_get_boolean(env, isSame, &value);
  return value;
}

// The function that has the plan: nobody reaches it but by calling, and it ends with the function. Null when there is none.
// The garbage collector is told how much goes with so small an object.
napi_value newRepeat(napi_env env, Plan* plan) {
  const napi_finalize end = [](napi_env env, void* data, void*) {
    Plan* const plan = static_cast<Plan*>(data);
    int64_t total;
    napi_adjust_external_memory(env, -plan->bytes(), &total);
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
