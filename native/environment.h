#pragma once
// What a Node-API environment, the main thread's or a worker's, has of this addon.

#include <node_api.h>

#include "arguments.h"
#include "threads/memory.h"
#include "threads/stream.h"

namespace lockstep {

class Environment {
 public:
  Environment() = default;

  Memory memory;
  Stream stream;

  // open(callback): from now on kernels may be queued. The callback is what notify() has called.
  static napi_value open(napi_env env, napi_callback_info info);
  // wait(): returns when everything that was queued is over. Throws, once, where a kernel had no memory.
  static napi_value wait(napi_env env, napi_callback_info info);
  // isDone(): whether everything that was queued is over.
  static napi_value isDone(napi_env env, napi_callback_info info);
  // notify(): whether something is left; then the callback is called once nothing is, and the process lives until then.
  static napi_value notify(napi_env env, napi_callback_info info);
  // delay(microseconds): see delayStreams().
  static napi_value delay(napi_env env, napi_callback_info info);

  // The process need not live for the callback any more.
  void release(napi_env env);

  bool isOpen() const { return callback_ != nullptr; }

 private:
  napi_threadsafe_function callback_ = nullptr;
};

// How a function of the addon runs a kernel.
struct Binding {
  Environment* environment;
  // Whether it is queued, rather than run at once.
  bool isQueued;
};

using Invoke = void (*)(const void* arguments, void (*kernel)(), const Parallel& parallel);

// The struct of a call's arguments, and what of it is not in arrays of JavaScript.
struct QueuedArguments {
  const void* data;
  size_t bytes;
  Block* copies;
  const Labels* labels;
};

// Has the kernel run in its turn. False, with an exception, where there is no memory for that, or the queue is not open.
bool enqueueCall(napi_env env, Environment& environment, Invoke invoke, void (*kernel)(), const QueuedArguments& own);

}  // namespace lockstep
