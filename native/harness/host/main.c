// host ADDON: loads the addon where there is no Node.js, as under musl's loader, and multiplies matrices of whole numbers
// on every target it offers, on two threads. In C, against glibc's headers: the same program starts under either loader.
// See scripts/check-binaries.mjs.

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "values.h"

static napi_value call(napi_value object, const char* name, size_t count, const napi_value* values) {
  napi_value function;
  napi_get_named_property(NULL, object, name, &function);
  if (function->callback == NULL) abort();
  struct napi_callback_info__ info = {count, values, function->data};
  thrown[0] = '\0';
  return function->callback(NULL, &info);
}

static napi_value field(napi_value object, const char* name) {
  napi_value value;
  napi_get_named_property(NULL, object, name, &value);
  return value;
}

static napi_value number(double value) {
  napi_value result;
  napi_create_double(NULL, value, &result);
  return result;
}

static napi_value typedArray(napi_typedarray_type type, size_t length, void* data) {
  napi_value array = newValue(napi_object);
  array->isTyped = true;
  array->elementType = type;
  array->length = length;
  array->data = data;
  return array;
}

// Whole numbers from -4 to 4: their products and sums are exact in any order.
static float* wholeNumbers(size_t length, unsigned seed) {
  float* const data = malloc(length * sizeof(float));
  if (data == NULL) abort();
  for (size_t i = 0; i < length; ++i) {
    seed = seed * 1664525u + 1013904223u;
    data[i] = (float)((int)(seed >> 16) % 9 - 4);
  }
  return data;
}

// C = A B, against three plain loops.
static bool multiplies(napi_value kernels) {
  enum { kSize = 160, kArea = kSize * kSize };
  float *a = wholeNumbers(kArea, 1), *b = wholeNumbers(kArea, 2), *c = wholeNumbers(kArea, 3);
  const napi_value no = number(0), one = number(1), size = number(kSize);
  const napi_value x = typedArray(napi_float32_array, kArea, a), y = typedArray(napi_float32_array, kArea, b),
                   z = typedArray(napi_float32_array, kArea, c);
  const napi_value values[] = {no, no, size, size, size, size, size, size, one, no, no, no, x, y, no, z};
  call(kernels, "gemm", sizeof values / sizeof values[0], values);
  for (size_t i = 0; i < kArea; ++i) {
    float sum = 0;
    for (size_t k = 0; k < kSize; ++k) sum += a[i / kSize * kSize + k] * b[k * kSize + i % kSize];
    if (c[i] != sum) return false;
  }
  return thrown[0] == '\0';
}

// w = w - 2 g, by the rule of gradient descent.
static bool descends(napi_value kernels) {
  enum { kLength = 1 << 18 };
  // The rate, the weight decay, whether to maximize; what gradients are multiplied by, and their limit.
  static double scalars[] = {2, 0, 0, 1, INFINITY};
  float *w = wholeNumbers(kLength, 4), *g = wholeNumbers(kLength, 5), *before = wholeNumbers(kLength, 4);
  napi_value batch, batches, operands, rule;
  napi_create_object(NULL, &batch);
  napi_create_array_with_length(NULL, 1, &batches);
  napi_create_array_with_length(NULL, 2, &operands);
  napi_create_string_utf8(NULL, "sgd", NAPI_AUTO_LENGTH, &rule);
  napi_set_element(NULL, operands, 0, typedArray(napi_float32_array, kLength, w));
  napi_set_element(NULL, operands, 1, typedArray(napi_float32_array, kLength, g));
  napi_set_named_property(NULL, batch, "rule", rule);
  napi_set_named_property(NULL, batch, "scalars",
                          typedArray(napi_float64_array, sizeof scalars / sizeof scalars[0], scalars));
  napi_set_named_property(NULL, batch, "operands", operands);
  napi_set_element(NULL, batches, 0, batch);
  call(kernels, "step", 1, &batches);
  for (size_t i = 0; i < kLength; ++i) {
    if (w[i] != before[i] - 2 * g[i]) return false;
  }
  return thrown[0] == '\0';
}

static bool refuses(napi_value kernels) {
  const napi_value half = number(0.5);
  call(kernels, "gemm", 1, &half);
  return strcmp(thrown, "gemm: transA must be 0 or 1") == 0;
}

static size_t countThreads(void) {
  struct stat tasks;
  return stat("/proc/self/task", &tasks) == 0 ? tasks.st_nlink - 2 : 0;
}

static int fail(const char* what, const char* detail) {
  printf("%s: %s %s\n", what, detail, thrown);
  return EXIT_FAILURE;
}

int main(int count, char** words) {
  if (count != 2) return fail("host", "needs the path of an addon");
  void* const library = dlopen(words[1], RTLD_NOW);
  if (library == NULL) return fail(words[1], dlerror());
  // ISO C has no other way from one kind of pointer to the other.
  napi_addon_register_func start;
  *(void**)&start = dlsym(library, "napi_register_module_v1");
  if (start == NULL) return fail(words[1], "is no module of Node-API");
  napi_value exports;
  napi_create_object(NULL, &exports);
  start(NULL, exports);
  const napi_value kernels = field(exports, "kernels"), two = number(2);
  const size_t threads = countThreads();
  call(exports, "setThreads", 1, &two);

  const napi_value targets = call(exports, "listTargets", 0, NULL);
  for (size_t t = 0; t < targets->length; ++t) {
    const napi_value name = field(targets->elements[t], "target");
    if (field(targets->elements[t], "supported")->number == 0) continue;
    if (field(targets->elements[t], "fault")->type != napi_null) return fail(name->text, "fails its self-test");
    if (call(exports, "setTarget", 1, &name)->number != 1) return fail(name->text, "cannot be used");
    if (!multiplies(kernels)) return fail(name->text, "gives another product");
    if (!descends(kernels)) return fail(name->text, "takes another step");
    printf("%s ", name->text);
  }
  if (!refuses(kernels)) return fail("gemm", "takes any argument");
  if (countThreads() != threads + 1) return fail("the pool", "has started no thread, or several");
  finalizer(NULL, instance, NULL);
  dlclose(library);
  return EXIT_SUCCESS;
}
