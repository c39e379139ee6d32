#include "values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

napi_finalize finalizer;
void* instance;
char thrown[512];

napi_value newValue(napi_valuetype type) {
  napi_value value = calloc(1, sizeof *value);
  if (value == NULL) abort();
  value->type = type;
  return value;
}

napi_status napi_create_object(napi_env env, napi_value* result) {
  *result = newValue(napi_object);
  return napi_ok;
}

napi_status napi_create_array_with_length(napi_env env, size_t length, napi_value* result) {
  *result = newValue(napi_object);
  (*result)->isArray = true;
  (*result)->length = length;
  (*result)->elements = calloc(length, sizeof(napi_value));
  return napi_ok;
}

napi_status napi_create_double(napi_env env, double number, napi_value* result) {
  *result = newValue(napi_number);
  (*result)->number = number;
  return napi_ok;
}

napi_status napi_create_string_utf8(napi_env env, const char* text, size_t length, napi_value* result) {
  *result = newValue(napi_string);
  (*result)->text = text;
  return napi_ok;
}

napi_status napi_get_boolean(napi_env env, bool truth, napi_value* result) {
  *result = newValue(napi_boolean);
  (*result)->number = truth;
  return napi_ok;
}

napi_status napi_get_null(napi_env env, napi_value* result) {
  *result = newValue(napi_null);
  return napi_ok;
}

napi_status napi_get_named_property(napi_env env, napi_value object, const char* name, napi_value* result) {
  for (Property* property = object->properties; property != NULL; property = property->next) {
    if (strcmp(property->name, name) != 0) continue;
    *result = property->value;
    return napi_ok;
  }
  *result = newValue(napi_undefined);
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
    napi_value function = newValue(napi_function);
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

napi_status napi_get_typedarray_info(napi_env env, napi_value value, napi_typedarray_type* type, size_t* length,
                                     void** data, napi_value* buffer, size_t* offset) {
  if (value == NULL || !value->isTyped) return napi_invalid_arg;
  if (type != NULL) *type = value->elementType;
  if (length != NULL) *length = value->length;
  if (data != NULL) *data = value->data;
  // Nothing is shared here.
  if (buffer != NULL) *buffer = value;
  return napi_ok;
}

napi_status napi_is_arraybuffer(napi_env env, napi_value value, bool* result) {
  *result = true;
  return napi_ok;
}

napi_status napi_get_value_double(napi_env env, napi_value value, double* result) {
  if (value == NULL || value->type != napi_number) return napi_number_expected;
  *result = value->number;
  return napi_ok;
}

napi_status napi_get_value_bool(napi_env env, napi_value value, bool* result) {
  if (value == NULL || value->type != napi_boolean) return napi_boolean_expected;
  *result = value->number != 0;
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

// No step is kept here.

napi_status napi_create_function(napi_env env, const char* name, size_t length, napi_callback callback, void* data,
                                 napi_value* result) {
  return napi_generic_failure;
}

napi_status napi_add_finalizer(napi_env env, napi_value object, void* data, napi_finalize finalize, void* hint,
                               napi_ref* result) {
  return napi_generic_failure;
}

napi_status napi_get_arraybuffer_info(napi_env env, napi_value buffer, void** data, size_t* bytes) {
  return napi_generic_failure;
}

napi_status napi_create_reference(napi_env env, napi_value value, uint32_t count, napi_ref* result) {
  return napi_generic_failure;
}

napi_status napi_get_reference_value(napi_env env, napi_ref reference, napi_value* result) {
  return napi_generic_failure;
}

napi_status napi_delete_reference(napi_env env, napi_ref reference) { return napi_generic_failure; }

napi_status napi_adjust_external_memory(napi_env env, int64_t change, int64_t* result) { return napi_generic_failure; }

// What the queue asks for, which this host opens none of.

napi_status napi_get_undefined(napi_env env, napi_value* result) { return napi_generic_failure; }

napi_status napi_get_value_uint32(napi_env env, napi_value value, uint32_t* result) { return napi_number_expected; }

napi_status napi_call_function(napi_env env, napi_value self, napi_value function, size_t count,
                               const napi_value* values, napi_value* result) {
  return napi_generic_failure;
}

napi_status napi_add_env_cleanup_hook(napi_env env, void (*hook)(void*), void* argument) {
  return napi_generic_failure;
}

napi_status napi_create_threadsafe_function(napi_env env, napi_value function, napi_value resource, napi_value name,
                                            size_t most, size_t threads, void* data, napi_finalize finalize,
                                            void* context, napi_threadsafe_function_call_js call,
                                            napi_threadsafe_function* result) {
  return napi_generic_failure;
}

napi_status napi_call_threadsafe_function(napi_threadsafe_function function, void* data,
                                          napi_threadsafe_function_call_mode mode) {
  return napi_closing;
}

napi_status napi_ref_threadsafe_function(napi_env env, napi_threadsafe_function function) {
  return napi_generic_failure;
}

napi_status napi_unref_threadsafe_function(napi_env env, napi_threadsafe_function function) {
  return napi_generic_failure;
}
