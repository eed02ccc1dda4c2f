// NNTASKS_CLONES compiles a function three times: for the baseline, AVX2 and AVX-512. The dynamic
// loader picks one when it loads the library. The machine that compiles has no influence.
// NNTASKS_ONE_TARGET compiles the baseline only.
#pragma once

#if !defined(NNTASKS_ONE_TARGET) && defined(__x86_64__) && defined(__linux__) && \
    defined(__GLIBC__) && defined(__has_attribute)
#if __has_attribute(target_clones)
#define NNTASKS_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
#ifndef NNTASKS_CLONES
#define NNTASKS_CLONES
#endif
