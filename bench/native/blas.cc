// Matrix products of other people's libraries, loaded where the machine has them: many calls in a row, timed without a
// word of JavaScript between them.

#include <dlfcn.h>
#include <napi.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

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
  void (*setThreads)(int64_t);
};

std::vector<Library>& libraries() {
  static std::vector<Library> all;
  return all;
}

template <class F>
F find(void* handle, const std::string& name) {
  return reinterpret_cast<F>(dlsym(handle, name.c_str()));
}

// open(file, nameOfSetThreads): the library's number. Throws what the loader says.
Napi::Value open(const Napi::CallbackInfo& info) {
  const std::string file = info[0].As<Napi::String>();
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    Napi::Error::New(info.Env(), dlerror()).ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  Library library{find<Cblas<float>>(handle, "cblas_sgemm"), find<Cblas<double>>(handle, "cblas_dgemm"),
                  find<Dnnl>(handle, "dnnl_sgemm"), find<void (*)(int64_t)>(handle, info[1].As<Napi::String>())};
  if ((library.sgemm == nullptr && library.dnnl == nullptr) || library.setThreads == nullptr) {
    Napi::Error::New(info.Env(), file + " has no matrix product, or no way to set its threads")
        .ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  libraries().push_back(library);
  return Napi::Number::New(info.Env(), static_cast<double>(libraries().size() - 1));
}

struct Shape {
  int m, n, k, lda, ldb;
  bool transA, transB;
};

void multiply(const Library& library, const Shape& s, const float* a, const float* b, float* c) {
  if (library.dnnl != nullptr) {
    library.dnnl(s.transA ? 'T' : 'N', s.transB ? 'T' : 'N', s.m, s.n, s.k, 1, a, s.lda, b, s.ldb, 0, c, s.n);
    return;
  }
  library.sgemm(kRowMajor, s.transA ? kTrans : kNoTrans, s.transB ? kTrans : kNoTrans, s.m, s.n, s.k, 1, a, s.lda, b,
                s.ldb, 0, c, s.n);
}

void multiply(const Library& library, const Shape& s, const double* a, const double* b, double* c) {
  library.dgemm(kRowMajor, s.transA ? kTrans : kNoTrans, s.transB ? kTrans : kNoTrans, s.m, s.n, s.k, 1, a, s.lda, b,
                s.ldb, 0, c, s.n);
}

template <class Array>
double timeProducts(const Napi::CallbackInfo& info, const Library& library, const Shape& shape, uint32_t steps) {
  Array a = info[3].As<Array>(), b = info[4].As<Array>(), c = info[5].As<Array>();
  const auto start = std::chrono::steady_clock::now();
  for (uint32_t s = 0; s < steps; ++s) multiply(library, shape, a.Data(), b.Data(), c.Data());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count();
}

// run(library, threads, [m, n, k, transA, transB], a, b, c, steps): seconds for C = op(A) op(B), or a negative number
// where the library has no product of that type.
Napi::Value run(const Napi::CallbackInfo& info) {
  const Library& library = libraries()[info[0].As<Napi::Number>().Uint32Value()];
  const Napi::Array sizes = info[2].As<Napi::Array>();
  const auto size = [&](uint32_t i) { return Napi::Value(sizes[i]).As<Napi::Number>().Int32Value(); };
  Shape shape{size(0), size(1), size(2), 0, 0, size(3) != 0, size(4) != 0};
  shape.lda = shape.transA ? shape.m : shape.k;
  shape.ldb = shape.transB ? shape.k : shape.n;
  const uint32_t steps = info[6].As<Napi::Number>().Uint32Value();
  const bool doubles = info[5].As<Napi::TypedArray>().TypedArrayType() == napi_float64_array;
  if (doubles && library.dgemm == nullptr) return Napi::Number::New(info.Env(), -1);
  library.setThreads(info[1].As<Napi::Number>().Int64Value());
  const double seconds = doubles ? timeProducts<Napi::Float64Array>(info, library, shape, steps)
                                 : timeProducts<Napi::Float32Array>(info, library, shape, steps);
  return Napi::Number::New(info.Env(), seconds);
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New(env, open, "open"));
  exports.Set("run", Napi::Function::New(env, run, "run"));
  return exports;
}

NODE_API_MODULE(blas, initialize)

}  // namespace
