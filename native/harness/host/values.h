#pragma once
// As much of Node-API as the addon uses, without JavaScript. Values live as long as the process.

#include <node_api.h>

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

napi_value newValue(napi_valuetype type);

// What the addon asked to be called at the end, and with what.
extern napi_finalize finalizer;
extern void* instance;

// The message of the last exception.
extern char thrown[512];
