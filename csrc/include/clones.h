// NNTASKS_CLONES compiles a function once for the baseline and once each for AVX2 and AVX-512; the
// loader picks one when the library is loaded. Nothing of the machine that compiles gets in.
// NNTASKS_ONE_TARGET leaves it at the baseline.
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
