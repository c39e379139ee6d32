#include "environment.h"

#include <cstring>
#include <new>

#include "threads/pool.h"

namespace lockstep {
namespace {

Environment& environmentOf(napi_env env, napi_callback_info info, size_t* count = nullptr,
                           napi_value* values = nullptr) {
  void* data = nullptr;
  napi_get_cb_info(env, info, count, values, nullptr, &data);
  return *static_cast<Environment*>(data);
}

constexpr char kOutOfMemory[] = "out of memory for a kernel's workspace";

// A kernel's call: what is its own lies behind it.
struct QueuedCall : Work {
  Invoke invoke;
  void (*kernel)();
  Block copies;
  Labels labels;
  size_t labelsField = 0;  // where in the arguments they belong

  void* arguments() { return reinterpret_cast<char*>(this) + roundUp(sizeof(QueuedCall), alignof(max_align_t)); }
};

// What is wrong, or null.
const char* readLabels(QueuedCall& call) {
  const Labels& labels = call.labels;
  auto* const copy = static_cast<int32_t*>(call.copies.get(area(labels.count, sizeof(int32_t))));
  if (copy == nullptr) return kOutOfMemory;
  if (copyLabels(labels.given, labels.count, labels.classes, labels.lowest, copy) < labels.count) {
    return "a kernel found places outside of its array";
  }
  std::memcpy(static_cast<char*>(call.arguments()) + call.labelsField, &copy, sizeof copy);
  return nullptr;
}

const char* runCall(Work* work, Memory& memory) {
  auto* const call = static_cast<QueuedCall*>(work);
  const char* const problem = call->labels.field == nullptr ? nullptr : readLabels(*call);
  if (problem != nullptr) return problem;
  call->invoke(call->arguments(), call->kernel, pool(memory));
  return memory.scratch.failed() ? kOutOfMemory : nullptr;
}

void endCall(Work* work) {
  auto* const call = static_cast<QueuedCall*>(work);
  call->~QueuedCall();
  std::free(call);
}

// The thread-safe function's, in the environment's thread.
void callBack(napi_env env, napi_value callback, void* environment, void*) {
  if (env == nullptr || callback == nullptr) return;
  static_cast<Environment*>(environment)->release(env);
  napi_value undefined = nullptr;
  napi_get_undefined(env, &undefined);
  napi_call_function(env, undefined, callback, 0, nullptr, nullptr);
}

}  // namespace

void Environment::release(napi_env env) { napi_unref_threadsafe_function(env, callback_); }

napi_value Environment::open(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value callback = nullptr, name = nullptr;
  Environment& self = environmentOf(env, info, &count, &callback);
  if (self.isOpen()) return nullptr;
  napi_create_string_utf8(env, "lockstep", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, callback, nullptr, name, 0, 1, nullptr, nullptr, &self, callBack,
                                      &self.callback_) != napi_ok) {
    self.callback_ = nullptr;
    throwTypeError(env, "openQueue: callback must be a function");
    return nullptr;
  }
  self.release(env);
  // Hooks run in the opposite order: that of the function above, which the stream's thread calls, after this one.
  napi_add_env_cleanup_hook(
      env, [](void* stream) { static_cast<Stream*>(stream)->close(); }, &self.stream);
  return nullptr;
}

napi_value Environment::wait(napi_env env, napi_callback_info info) {
  Environment& self = environmentOf(env, info);
  self.stream.wait();
  const char* const failure = self.stream.takeFailure();
  if (failure != nullptr) throwError(env, "%s", failure);
  return nullptr;
}

napi_value Environment::isDone(napi_env env, napi_callback_info info) {
  napi_value value = nullptr;
  napi_get_boolean(env, environmentOf(env, info).stream.isDone(), &value);
  return value;
}

napi_value Environment::notify(napi_env env, napi_callback_info info) {
  Environment& self = environmentOf(env, info);
  const auto tell = [](void* function) {
    napi_call_threadsafe_function(static_cast<napi_threadsafe_function>(function), nullptr, napi_tsfn_nonblocking);
  };
  const bool isExpected = self.isOpen() && self.stream.expect(tell, self.callback_);
  if (isExpected) napi_ref_threadsafe_function(env, self.callback_);
  napi_value value = nullptr;
  napi_get_boolean(env, isExpected, &value);
  return value;
}

napi_value Environment::delay(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value = nullptr;
  environmentOf(env, info, &count, &value);
  uint32_t microseconds = 0;
  napi_get_value_uint32(env, value, &microseconds);
  delayStreams(microseconds);
  return nullptr;
}

bool enqueueCall(napi_env env, Environment& environment, Invoke invoke, void (*kernel)(), const QueuedArguments& own) {
  const size_t size = roundUp(sizeof(QueuedCall), alignof(max_align_t)) + own.bytes;
  void* const place = environment.isOpen() ? std::malloc(size) : nullptr;
  if (place == nullptr) {
    throwError(env, environment.isOpen() ? "out of memory for a queued kernel" : "the queue of kernels is not open");
    return false;
  }
  auto* const call = new (place) QueuedCall;
  call->run = runCall;
  call->end = endCall;
  call->invoke = invoke;
  call->kernel = kernel;
  call->copies.take(*own.copies);
  call->labels = *own.labels;
  if (own.labels->field != nullptr) {
    call->labelsField =
        static_cast<size_t>(reinterpret_cast<const char*>(own.labels->field) - static_cast<const char*>(own.data));
  }
  std::memcpy(call->arguments(), own.data, own.bytes);
  environment.stream.add(call);
  return true;
}

}  // namespace lockstep
