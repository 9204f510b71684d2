// Which sanitizers a test is built with: for what cannot be seen or done under them.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define DLC_TEST_ADDRESS true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DLC_TEST_ADDRESS true
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define DLC_TEST_THREAD true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DLC_TEST_THREAD true
#endif
#endif
#ifndef DLC_TEST_ADDRESS
#define DLC_TEST_ADDRESS false
#endif
#ifndef DLC_TEST_THREAD
#define DLC_TEST_THREAD false
#endif

namespace dlc::test {

inline constexpr bool kAddressSanitizer = DLC_TEST_ADDRESS;
inline constexpr bool kThreadSanitizer = DLC_TEST_THREAD;
inline constexpr bool kSanitized = kAddressSanitizer || kThreadSanitizer;

} // namespace dlc::test
