// Matrix products of one of other people's libraries, where the machine has it: many calls in a row without a word of
// JavaScript between them.

#include <dlfcn.h>
#include <napi.h>

#include <cstdint>
#include <string>

namespace {

// The C interfaces: cblas.h (OpenBLAS, BLIS) and dnnl.h (oneDNN).
constexpr int kRowMajor = 101, kNoTrans = 111, kTrans = 112;
template <class T>
using Cblas = void (*)(int order, int transA, int transB, int m, int n, int k, T alpha, const T* a, int lda, const T* b,
                       int ldb, T beta, T* c, int ldc);
using Dnnl = int (*)(char transA, char transB, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
                     int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

struct Library {
  Cblas<float> sgemm;
  Cblas<double> dgemm;
  Dnnl dnnl;
};

Library library;

template <class F>
F find(void* handle, const std::string& name) {
  return reinterpret_cast<F>(dlsym(handle, name.c_str()));
}

// open(file): the library of this process. Throws what the loader says.
void open(const Napi::CallbackInfo& info) {
  const std::string file = info[0].As<Napi::String>();
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    Napi::Error::New(info.Env(), dlerror()).ThrowAsJavaScriptException();
    return;
  }
  library = {find<Cblas<float>>(handle, "cblas_sgemm"), find<Cblas<double>>(handle, "cblas_dgemm"),
             find<Dnnl>(handle, "dnnl_sgemm")};
  if (library.sgemm == nullptr && library.dnnl == nullptr) {
    Napi::Error::New(info.Env(), file + " has no matrix product").ThrowAsJavaScriptException();
  }
}

struct Shape {
  int m, n, k, lda, ldb;
  bool transA, transB;
};

void multiply(const Shape& s, const float* a, const float* b, float* c) {
  if (library.dnnl != nullptr) {
    library.dnnl(s.transA ? 'T' : 'N', s.transB ? 'T' : 'N', s.m, s.n, s.k, 1, a, s.lda, b, s.ldb, 0, c, s.n);
    return;
  }
  library.sgemm(kRowMajor, s.transA ? kTrans : kNoTrans, s.transB ? kTrans : kNoTrans, s.m, s.n, s.k, 1, a, s.lda, b,
                s.ldb, 0, c, s.n);
}

void multiply(const Shape& s, const double* a, const double* b, double* c) {
  library.dgemm(kRowMajor, s.transA ? kTrans : kNoTrans, s.transB ? kTrans : kNoTrans, s.m, s.n, s.k, 1, a, s.lda, b,
                s.ldb, 0, c, s.n);
}

template <class Array>
void multiplyOften(const Napi::CallbackInfo& info, const Shape& shape, uint32_t steps) {
  Array a = info[1].As<Array>(), b = info[2].As<Array>(), c = info[3].As<Array>();
  for (uint32_t s = 0; s < steps; ++s) multiply(shape, a.Data(), b.Data(), c.Data());
}

// run([m, n, k, transA, transB], a, b, c, steps): C = op(A) op(B); false where the library has no product of that type.
Napi::Value run(const Napi::CallbackInfo& info) {
  const Napi::Array sizes = info[0].As<Napi::Array>();
  const auto size = [&](uint32_t i) { return Napi::Value(sizes[i]).As<Napi::Number>().Int32Value(); };
  Shape shape{size(0), size(1), size(2), 0, 0, size(3) != 0, size(4) != 0};
  shape.lda = shape.transA ? shape.m : shape.k;
  shape.ldb = shape.transB ? shape.k : shape.n;
  const uint32_t steps = info[4].As<Napi::Number>().Uint32Value();
  const bool doubles = info[3].As<Napi::TypedArray>().TypedArrayType() == napi_float64_array;
  if (doubles && library.dgemm == nullptr) return Napi::Boolean::New(info.Env(), false);
  if (doubles) {
    multiplyOften<Napi::Float64Array>(info, shape, steps);
  } else {
    multiplyOften<Napi::Float32Array>(info, shape, steps);
  }
  return Napi::Boolean::New(info.Env(), true);
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New(env, open, "open"));
  exports.Set("run", Napi::Function::New(env, run, "run"));
  return exports;
}

NODE_API_MODULE(blas, initialize)

}  // namespace
