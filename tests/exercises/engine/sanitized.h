/*
 * sanitized.h: whether the judge is built with AddressSanitizer. The sanitizer's memory does not fit
 * into a limit of address space, and its leak checker traces.
 */
#ifndef SANITIZED_H
#define SANITIZED_H

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#endif
