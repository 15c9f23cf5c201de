// One new token for each row of a batch, through all layers of the decoder, in one parallel region.
//
// At a batch of one the time of a step is the time of reading the weights once; what costs beside it is starting kernels and
// passing activations through memory, so a thread goes from layer to layer by itself and meets the others four times a layer.
// Weights are read where torch keeps them: (outputs, inputs) row by row, in float32 or bfloat16, and so is the cache. The residual
// stream, norms, attention scores and sums are float32.
//
// Compiled for one kind of weights: WEIGHTS is float or Bf16.
//
// B rows of the batch, D d_model, F d_ff, H heads, K d_head, S columns of the cache, V words.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <omp.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace {

using Bf16 = uint16_t;

inline float as_float(Bf16 value) {
    uint32_t bits = uint32_t(value) << 16;
    float result;
    std::memcpy(&result, &bits, 4);
    return result;
}

inline Bf16 as_bf16(float value) {  // to nearest, ties to even
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    if ((bits & 0x7fffffff) > 0x7f800000) return Bf16(bits >> 16 | 0x40);  // not a number stays one
    return Bf16((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

inline float load(const float *p) { return *p; }
inline float load(const Bf16 *p) { return as_float(*p); }
inline void store(float *p, float value) { *p = value; }
inline void store(Bf16 *p, float value) { *p = as_bf16(value); }

// What vectors are multiplied in, by the weights' type.
template <typename W> struct Side { using X = float; };
#if defined(__AVX512BF16__)
template <> struct Side<Bf16> { using X = Bf16; };
#endif

#if defined(__AVX512F__)

// Sixteen values as floats.
inline __m512 lanes(const float *p) { return _mm512_loadu_ps(p); }
[[maybe_unused]] inline __m512 lanes(const Bf16 *p) {
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

// One side of a register's worth of products, and their sum; with both sides in bfloat16 thirty-two at a time.
template <typename W, typename X> struct Lanes {
    static constexpr size_t count = 16;
    using Register = __m512;
    template <typename T> static Register load(const T *p) { return lanes(p); }
    static __m512 add(__m512 sum, Register w, Register x) { return _mm512_fmadd_ps(w, x, sum); }
};
#if defined(__AVX512BF16__)
template <> struct Lanes<Bf16, Bf16> {
    static constexpr size_t count = 32;
    using Register = __m512bh;
    static Register load(const Bf16 *p) { return (__m512bh)_mm512_loadu_si512(p); }
    static __m512 add(__m512 sum, Register w, Register x) { return _mm512_dpbf16_ps(sum, w, x); }
};
#endif

// R rows of a matrix by N vectors x (N, width), in float32; the next rows are fetched meanwhile.
template <int R, int N, typename W, typename X> inline void dots(const W *w, const X *x, size_t width, float *y) {
    using L = Lanes<W, X>;
    __m512 sums[R][N];
#pragma GCC unroll 16
    for (int r = 0; r < R; r++)
#pragma GCC unroll 16
        for (int n = 0; n < N; n++) sums[r][n] = _mm512_setzero_ps();
    for (size_t i = 0; i < width; i += L::count) {
        typename L::Register weights[R];
#pragma GCC unroll 16
        for (int r = 0; r < R; r++) {
            weights[r] = L::load(w + r * width + i);
            if (N == 1) _mm_prefetch((const char *)(w + (r + R) * width + i), _MM_HINT_T0);
        }
#pragma GCC unroll 16
        for (int n = 0; n < N; n++) {
            typename L::Register values = L::load(x + n * width + i);
            asm("" : "+v"(values));  // in a register: the compiler would load it again for each row
#pragma GCC unroll 16
            for (int r = 0; r < R; r++) sums[r][n] = L::add(sums[r][n], weights[r], values);
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; r++)
#pragma GCC unroll 16
        for (int n = 0; n < N; n++) y[r * N + n] = _mm512_reduce_add_ps(sums[r][n]);
}

#else

template <int R, int N, typename W, typename X> inline void dots(const W *w, const X *x, size_t width, float *y) {
    for (int r = 0; r < R; r++)
        for (int n = 0; n < N; n++) {
            float sum = 0;
#pragma omp simd reduction(+ : sum)
            for (size_t i = 0; i < width; i++) sum += load(w + r * width + i) * load(x + n * width + i);
            y[r * N + n] = sum;
        }
}

#endif

template <typename W> struct Matrix {
    const W *weights;   // (outputs, inputs)
    const float *bias;  // of each output, or none
};

// y(n, row) for rows `first` to `last` and all B vectors, handed to `out(n, row, value)`.
template <typename W, typename X, typename Out>
void multiply(const Matrix<W> &m, size_t inputs, size_t first, size_t last, const X *x, size_t batch, const Out &out) {
    auto give = [&](size_t row, size_t n, float value) {
        if (m.bias) value += m.bias[row];
        out(n, row, value);
    };
    auto block = [&]<int R, int N>(size_t row, size_t n) {
        float y[R * N];
        dots<R, N>(m.weights + row * inputs, x + n * inputs, inputs, y);
        for (int r = 0; r < R; r++)
            for (int k = 0; k < N; k++) give(row + r, n + k, y[r * N + k]);
    };
    auto rows = [&]<int R>(size_t row) {  // a block of rows stays in the first cache for all vectors
        size_t n = 0;
        for (; n + 4 <= batch; n += 4) block.template operator()<R, 4>(row, n);
        for (; n + 2 <= batch; n += 2) block.template operator()<R, 2>(row, n);
        for (; n < batch; n++) block.template operator()<R, 1>(row, n);
    };
    size_t row = first;
    if (batch == 1)
        for (; row + 8 <= last; row += 8) block.template operator()<8, 1>(row, 0);
    for (; row + 4 <= last; row += 4) rows.template operator()<4>(row);
    for (; row < last; row++) rows.template operator()<1>(row);
}

// Memory at the start of a cache line: a wide load across two costs two.
template <typename T> class Aligned {
    std::vector<T> held;

public:
    explicit Aligned(size_t n) : held(n + 64 / sizeof(T)) {}
    T *data() { return (T *)(((uintptr_t)held.data() + 63) / 64 * 64); }
};

template <typename X> void write(X *to, const float *from, size_t n) {
    for (size_t i = 0; i < n; i++) store(to + i, from[i]);
}

// Layer norm of B rows, as the next product takes it.
template <typename X>
void norm(const float *x, const float *weight, const float *bias, float epsilon, size_t batch, size_t width, X *to) {
    for (size_t n = 0; n < batch; n++) {
        const float *row = x + n * width;
        float mean = 0, square = 0;
#pragma omp simd reduction(+ : mean)
        for (size_t i = 0; i < width; i++) mean += row[i];
        mean /= width;
#pragma omp simd reduction(+ : square)
        for (size_t i = 0; i < width; i++) square += (row[i] - mean) * (row[i] - mean);
        float scale = 1 / std::sqrt(square / width + epsilon);
        for (size_t i = 0; i < width; i++) {
            float value = (row[i] - mean) * scale;
            if (weight) value = value * weight[i] + bias[i];
            store(to + n * width + i, value);
        }
    }
}

// What one head gathers: q (K) against the columns `begin` to `end` of keys and values (S, K). `scores` has room for them.
template <typename C>
void attend(const float *q, const C *keys, const C *values, size_t begin, size_t end, size_t width, float *scores, float *to) {
    float scale = 1 / std::sqrt(float(width)), greatest = -std::numeric_limits<float>::max(), total = 0;
    for (size_t s = begin; s < end; s++) {
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t i = 0; i < width; i++) sum += q[i] * load(keys + s * width + i);
        scores[s] = sum * scale;
        greatest = std::max(greatest, scores[s]);
    }
    for (size_t s = begin; s < end; s++) total += scores[s] = std::exp(scores[s] - greatest);
    std::fill(to, to + width, 0.0f);
    for (size_t s = begin; s < end; s++) {
        float share = scores[s] / total;
#pragma omp simd
        for (size_t i = 0; i < width; i++) to[i] += share * load(values + s * width + i);
    }
}

struct Layer {  // as `fused.py` lays it out: pointers, none where there is nothing
    const void *qkv, *out, *up, *down;
    const float *qkv_bias, *out_bias, *up_bias, *down_bias;
    const float *attention_norm, *attention_norm_bias, *feed_forward_norm, *feed_forward_norm_bias;
    void *keys, *values;  // (B, H, S, K)
};

struct Step {
    int64_t layers, batch, width, inner, heads, words, columns;  // columns: those the cache has room for
    int64_t threads;
    const int64_t *begin, *end;  // the columns that a row sees before the new token, which goes to `end`
    const Layer *layer;
    const void *head;
    const float *final_norm, *final_norm_bias;
    float epsilon;
    float *residual;  // (B, D), in: embeddings and positions
    float *logits;    // (B, V)
    float *scratch;   // (B, D) gathered, then (B, F)
};

struct Part {
    size_t first, last;
    Part(size_t n, size_t of, size_t which, size_t grain) {
        size_t grains = (n + grain - 1) / grain;
        first = std::min(n, grains * which / of * grain);
        last = std::min(n, grains * (which + 1) / of * grain);
    }
};

void run(const Step &step) {
    using W = WEIGHTS;
    using X = typename Side<W>::X;
    const size_t B = step.batch, D = step.width, F = step.inner, H = step.heads, K = D / H, V = step.words, S = step.columns;
    float *gathered = step.scratch, *inner = step.scratch + B * D;
#pragma omp parallel num_threads(step.threads)
    {
        const size_t thread = omp_get_thread_num(), n_threads = omp_get_num_threads();
        Aligned<X> products(B * std::max(D, F));
        Aligned<float> head(B * 3 * K), row(S);
        X *const x = products.data();
        float *const qkv = head.data(), *const scores = row.data();
        const Part heads(H, n_threads, thread, 1), outputs(D, n_threads, thread, 16), inners(F, n_threads, thread, 16),
            words(V, n_threads, thread, 16);
        for (int64_t l = 0; l < step.layers; l++) {
            const Layer &layer = step.layer[l];
            norm(step.residual, layer.attention_norm, layer.attention_norm_bias, step.epsilon, B, D, x);
            Matrix<W> m{(const W *)layer.qkv, layer.qkv_bias};
            for (size_t h = heads.first; h < heads.last; h++) {  // the rows of a head's q, k and v follow each other
                multiply(m, D, h * 3 * K, (h + 1) * 3 * K, x, B,
                         [&](size_t n, size_t row, float value) { qkv[n * 3 * K + row - h * 3 * K] = value; });
                for (size_t n = 0; n < B; n++) {
                    const float *q = qkv + n * 3 * K;
                    W *keys = (W *)layer.keys + (n * H + h) * S * K, *values = (W *)layer.values + (n * H + h) * S * K;
                    size_t end = step.end[n];
                    write(keys + end * K, q + K, K);
                    write(values + end * K, q + 2 * K, K);
                    attend(q, keys, values, step.begin[n], end + 1, K, scores, gathered + n * D + h * K);
                }
            }
#pragma omp barrier
            write(x, gathered, B * D);
            multiply(Matrix<W>{(const W *)layer.out, layer.out_bias}, D, outputs.first, outputs.last, x, B,
                     [&](size_t n, size_t row, float value) { step.residual[n * D + row] += value; });
#pragma omp barrier
            norm(step.residual, layer.feed_forward_norm, layer.feed_forward_norm_bias, step.epsilon, B, D, x);
            multiply(Matrix<W>{(const W *)layer.up, layer.up_bias}, D, inners.first, inners.last, x, B,
                     [&](size_t n, size_t row, float value) {
                         inner[n * F + row] = 0.5f * value * (1 + std::erf(value * float(M_SQRT1_2)));
                     });
#pragma omp barrier
            write(x, inner, B * F);
            multiply(Matrix<W>{(const W *)layer.down, layer.down_bias}, F, outputs.first, outputs.last, x, B,
                     [&](size_t n, size_t row, float value) { step.residual[n * D + row] += value; });
#pragma omp barrier
        }
        norm(step.residual, step.final_norm, step.final_norm_bias, step.epsilon, B, D, x);
        multiply(Matrix<W>{(const W *)step.head, nullptr}, D, words.first, words.last, x, B,
                 [&](size_t n, size_t row, float value) { step.logits[n * V + row] = value; });
    }
}

}  // namespace

extern "C" void fused_step(const Step *step) { run(*step); }
