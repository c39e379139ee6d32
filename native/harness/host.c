// host ADDON: loads the addon where there is no Node.js, as under musl's loader, and multiplies matrices of whole numbers
// on every target it offers, on two threads. In C, against glibc's headers: the same program starts under either loader.
// See scripts/check-binary.mjs.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <node_api.h>

// As much of Node-API as the addon uses. Values live as long as the process.

typedef struct Property {
  const char* name;
  napi_value value;
  struct Property* next;
} Property;

struct napi_value__ {
  napi_valuetype type;
  double number;
  const char* text;
  napi_callback callback;
  void* data;  // of a function or of a typed array
  bool isArray, isTyped;
  napi_typedarray_type elementType;
  size_t length;
  napi_value* elements;
  Property* properties;
};

struct napi_callback_info__ {
  size_t count;
  const napi_value* values;
  void* data;
};

static napi_finalize finalizer;
static void* instance;
static char thrown[512];

static napi_value new_value(napi_valuetype type) {
  napi_value value = calloc(1, sizeof *value);
  if (value == NULL) abort();
  value->type = type;
  return value;
}

napi_status napi_create_object(napi_env env, napi_value* result) {
  *result = new_value(napi_object);
  return napi_ok;
}

napi_status napi_create_array_with_length(napi_env env, size_t length, napi_value* result) {
  *result = new_value(napi_object);
  (*result)->isArray = true;
  (*result)->length = length;
  (*result)->elements = calloc(length, sizeof(napi_value));
  return napi_ok;
}

napi_status napi_create_double(napi_env env, double number, napi_value* result) {
  *result = new_value(napi_number);
  (*result)->number = number;
  return napi_ok;
}

napi_status napi_create_string_utf8(napi_env env, const char* text, size_t length, napi_value* result) {
  *result = new_value(napi_string);
  (*result)->text = text;
  return napi_ok;
}

napi_status napi_get_boolean(napi_env env, bool truth, napi_value* result) {
  *result = new_value(napi_boolean);
  (*result)->number = truth;
  return napi_ok;
}

napi_status napi_get_null(napi_env env, napi_value* result) {
  *result = new_value(napi_null);
  return napi_ok;
}

napi_status napi_get_named_property(napi_env env, napi_value object, const char* name, napi_value* result) {
  for (Property* property = object->properties; property != NULL; property = property->next) {
    if (strcmp(property->name, name) != 0) continue;
    *result = property->value;
    return napi_ok;
  }
  *result = new_value(napi_undefined);
  return napi_ok;
}

napi_status napi_set_named_property(napi_env env, napi_value object, const char* name, napi_value value) {
  Property* property = malloc(sizeof *property);
  if (property == NULL) abort();
  *property = (Property){name, value, object->properties};
  object->properties = property;
  return napi_ok;
}

napi_status napi_define_properties(napi_env env, napi_value object, size_t count,
                                   const napi_property_descriptor* properties) {
  for (size_t i = 0; i < count; ++i) {
    napi_value function = new_value(napi_function);
    function->callback = properties[i].method;
    function->data = properties[i].data;
    napi_set_named_property(env, object, properties[i].utf8name, function);
  }
  return napi_ok;
}

napi_status napi_get_array_length(napi_env env, napi_value value, uint32_t* result) {
  if (value == NULL || !value->isArray) return napi_array_expected;
  *result = (uint32_t)value->length;
  return napi_ok;
}

napi_status napi_get_element(napi_env env, napi_value array, uint32_t index, napi_value* result) {
  *result = array->elements[index];
  return napi_ok;
}

napi_status napi_set_element(napi_env env, napi_value array, uint32_t index, napi_value value) {
  array->elements[index] = value;
  return napi_ok;
}

napi_status napi_is_typedarray(napi_env env, napi_value value, bool* result) {
  *result = value != NULL && value->isTyped;
  return napi_ok;
}

napi_status napi_get_typedarray_info(napi_env env, napi_value value, napi_typedarray_type* type, size_t* length,
                                     void** data, napi_value* buffer, size_t* offset) {
  if (value == NULL || !value->isTyped) return napi_invalid_arg;
  *type = value->elementType;
  *length = value->length;
  *data = value->data;
  return napi_ok;
}

napi_status napi_get_value_double(napi_env env, napi_value value, double* result) {
  if (value == NULL || value->type != napi_number) return napi_number_expected;
  *result = value->number;
  return napi_ok;
}

napi_status napi_get_value_string_utf8(napi_env env, napi_value value, char* text, size_t size, size_t* length) {
  if (value == NULL || value->type != napi_string) return napi_string_expected;
  snprintf(text, size, "%s", value->text);
  return napi_ok;
}

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t* count, napi_value* values,
                             napi_value* receiver, void** data) {
  for (size_t i = 0; count != NULL && i < *count && i < info->count; ++i) values[i] = info->values[i];
  if (count != NULL) *count = info->count;
  if (data != NULL) *data = info->data;
  return napi_ok;
}

napi_status napi_set_instance_data(napi_env env, void* data, napi_finalize finalize, void* hint) {
  instance = data;
  finalizer = finalize;
  return napi_ok;
}

napi_status napi_throw_error(napi_env env, const char* code, const char* message) {
  snprintf(thrown, sizeof thrown, "%s", message);
  return napi_ok;
}

napi_status napi_throw_type_error(napi_env env, const char* code, const char* message) {
  return napi_throw_error(env, code, message);
}

napi_status napi_throw_range_error(napi_env env, const char* code, const char* message) {
  return napi_throw_error(env, code, message);
}

// What calls the addon.

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

static napi_value typed_array(napi_typedarray_type type, size_t length, void* data) {
  napi_value array = new_value(napi_object);
  array->isTyped = true;
  array->elementType = type;
  array->length = length;
  array->data = data;
  return array;
}

// Whole numbers from -4 to 4: their products and sums are exact in any order.
static float* whole_numbers(size_t length, unsigned seed) {
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
  float *a = whole_numbers(kArea, 1), *b = whole_numbers(kArea, 2), *c = whole_numbers(kArea, 3);
  const napi_value no = number(0), one = number(1), size = number(kSize);
  const napi_value values[] = {no,
                               no,
                               size,
                               size,
                               size,
                               size,
                               size,
                               size,
                               one,
                               no,
                               no,
                               no,
                               typed_array(napi_float32_array, kArea, a),
                               typed_array(napi_float32_array, kArea, b),
                               no,
                               typed_array(napi_float32_array, kArea, c)};
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
  static double scalars[] = {2, 0, 0};  // the rate, the weight decay, whether to maximize
  float *w = whole_numbers(kLength, 4), *g = whole_numbers(kLength, 5), *before = whole_numbers(kLength, 4);
  napi_value batch, batches, operands, rule;
  napi_create_object(NULL, &batch);
  napi_create_array_with_length(NULL, 1, &batches);
  napi_create_array_with_length(NULL, 2, &operands);
  napi_create_string_utf8(NULL, "sgd", NAPI_AUTO_LENGTH, &rule);
  napi_set_element(NULL, operands, 0, typed_array(napi_float32_array, kLength, w));
  napi_set_element(NULL, operands, 1, typed_array(napi_float32_array, kLength, g));
  napi_set_named_property(NULL, batch, "rule", rule);
  napi_set_named_property(NULL, batch, "scalars", typed_array(napi_float64_array, 3, scalars));
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

static size_t count_threads(void) {
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
  const size_t threads = count_threads();
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
  if (count_threads() != threads + 1) return fail("the pool", "has started no thread, or several");
  finalizer(NULL, instance, NULL);
  dlclose(library);
  return EXIT_SUCCESS;
}
