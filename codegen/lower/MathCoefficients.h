// Polynomials of codegen/lower/ExpandMath.h, made by tools/dev/remez.py: weighted minimax fits,
// lowest order first. The names say the function and the width of the result; the error is the
// fit's own (rounding of the coefficients included), relative to the value that is computed.
#pragma once

namespace dlc::codegen::coefficients {

// clang-format off
// |error| <= 2^-28.2
constexpr double kExp32[] = {
    0x1.fffffcp-2, 0x1.55548cp-3, 0x1.555858p-5, 0x1.123ddep-7, 0x1.6ac71ap-10};
// |error| <= 2^-28.2
constexpr double kLog32[] = {
    0x1.555548p-2, -0x1.000006p-2, 0x1.99a4b6p-3, -0x1.555c4ep-3, 0x1.233768p-3, -0x1.fc220ep-4,
    0x1.e6f062p-4, -0x1.de3be6p-4, 0x1.145782p-4};
// |error| <= 2^-27.7
constexpr double kTanh32[] = {
    -0x1.555532p-2, 0x1.1106f6p-3, -0x1.b835a4p-5, 0x1.51f8ccp-6, -0x1.750ccap-8};
// |error| <= 2^-25.5
constexpr double kErfSmall32[] = {
    0x1.06eba6p-3, -0x1.8126e2p-2, 0x1.ce1984p-4, -0x1.b67bcep-6, 0x1.46d856p-8, -0x1.386e54p-11};
// |error| <= 2^-29.3
constexpr double kErfLarge32[] = {
    -0x1.9a62acp-13, -0x1.20af58p+0, -0x1.463cc8p-1, -0x1.a9b3eap-4, 0x1.6c29dep-6, -0x1.8ee01ep-9,
    0x1.9ae6b6p-13};
// |error| <= 2^-28.3. Middles of sixteen pieces, erf there, and coefficients of the rest.
constexpr double kErfSixteen32[8][16] = {
    {0x0.0p+0, 0x1.041600p-2, 0x1.0129e0p-1, 0x1.80ede0p-1, 0x1.010e10p+0, 0x1.41bf90p+0,
     0x1.8075d0p+0, 0x1.c0b150p+0, 0x1.0051e8p+1, 0x1.1f07b0p+1, 0x1.3ff308p+1, 0x1.5f0558p+1,
     0x1.8032f8p+1, 0x1.9fca00p+1, 0x1.bf4320p+1, 0x1.df3788p+1},
    {0x0.0p+0, 0x1.1f48f8p-2, 0x1.0b846ep-1, 0x1.6cb552p-1, 0x1.b055c4p-1, 0x1.d95848p-1,
     0x1.eec148p-1, 0x1.f93fa8p-1, 0x1.fda19ep-1, 0x1.ff3910p-1, 0x1.ffca8cp-1, 0x1.fff236p-1,
     0x1.fffd22p-1, 0x1.ffff6ep-1, 0x1.ffffe6p-1, 0x1.fffffcp-1},
    {0x1.06eba8p-3, 0x1.0ed186p+0, 0x1.c0e9bap-1, 0x1.4848e4p-1, 0x1.a592f4p-2, 0x1.dc2c50p-3,
     0x1.e4844ep-4, 0x1.ac4144p-5, 0x1.4f3cb4p-6, 0x1.e449c8p-8, 0x1.1e13dep-9, 0x1.40913ep-11,
     0x1.21525cp-13, 0x1.eefc1ap-16, 0x1.794168p-18, 0x1.0301d2p-20},
    {-0x1.e59ed2p-26, -0x1.1323fep-2, -0x1.c2f41ap-2, -0x1.ed9e6cp-2, -0x1.a74fb8p-2, -0x1.2b3bf6p-2,
     -0x1.6bd2b8p-3, -0x1.774d7cp-4, -0x1.4fa7e6p-5, -0x1.0f7ea8p-6, -0x1.658a5ep-8, -0x1.b78d16p-10,
     -0x1.b234fcp-12, -0x1.91f99ep-14, -0x1.497bfcp-16, -0x1.f68e2ap-25},
    {-0x1.812696p-2, -0x1.3a7ffcp-2, -0x1.288d0ap-3, 0x1.c8badcp-6, 0x1.1daf48p-3, 0x1.56b900p-3,
     0x1.1b8232p-3, 0x1.6f2940p-4, 0x1.883c0ep-5, 0x1.6d83fap-6, 0x1.120f16p-7, 0x1.7712d6p-9,
     0x1.9a4660p-11, 0x1.9e86b2p-13, 0x1.701ff8p-15, 0x1.94fc76p-16},
    {-0x1.7af90cp-14, 0x1.07323ep-3, 0x1.772646p-3, 0x1.33ad5ap-3, 0x1.15a816p-4, -0x1.fb5ff0p-8,
     -0x1.6e6de8p-5, -0x1.893a20p-5, -0x1.18e304p-5, -0x1.3f4cb2p-6, -0x1.1aec2ap-7, -0x1.b94f72p-9,
     -0x1.0fb746p-10, -0x1.2ef4c6p-12, -0x1.292faep-14, -0x1.c4d6cep-12},
    {0x1.d3e8eep-4, 0x1.4258acp-4, 0x1.bcd862p-8, -0x1.b2420cp-5, -0x1.19331cp-4, -0x1.7aa6d8p-5,
     -0x1.e4bddep-7, 0x1.af0e52p-8, 0x1.a9f86ap-7, 0x1.60e670p-7, 0x1.926122p-8, 0x1.75678cp-9,
     0x1.0b94eap-10, 0x1.514098p-12, 0x1.6727e6p-14, -0x1.5e0da8p-11},
    {-0x1.4734ccp-7, -0x1.3a40bep-5, -0x1.9ea892p-5, -0x1.ca8394p-6, 0x1.e4b9cep-9, 0x1.53dd66p-6,
     0x1.39eb1ap-6, 0x1.137360p-7, 0x1.7f1324p-11, -0x1.7d1a3cp-9, -0x1.70bd62p-9, -0x1.a415b2p-10,
     -0x1.81ee60p-11, -0x1.237234p-12, -0x1.98cf60p-15, 0x1.327146p-6},
};
// |error| <= 2^-29.5. The same of eight pieces.
constexpr double kErfEight32[10][8] = {
    {0x0.0p+0, 0x1.125920p-1, 0x1.10ce10p+0, 0x1.96a230p+0, 0x1.10db28p+1, 0x1.53e180p+1,
     0x1.974b70p+1, 0x1.df38d0p+1},
    {0x0.0p+0, 0x1.1a53e8p-1, 0x1.bc84f2p-1, 0x1.f35cf8p-1, 0x1.feaeccp-1, 0x1.ffe94cp-1,
     0x1.ffff1cp-1, 0x1.fffffcp-1},
    {0x1.06eba8p-3, 0x1.b18a80p-1, 0x1.732b28p-2, 0x1.72bcdap-4, 0x1.8908aap-7, 0x1.00649ep-10,
     0x1.7b378ep-15, 0x1.ef43f6p-21},
    {0x1.ccb8e8p-30, -0x1.d09d34p-2, -0x1.8b889ep-2, -0x1.267132p-3, -0x1.a2e9b6p-6, -0x1.546730p-9,
     -0x1.2dab4cp-13, -0x1.cf8e5ap-19},
    {-0x1.812750p-2, -0x1.ec398ep-4, 0x1.3a8d22p-3, 0x1.f4040ep-4, 0x1.08e91ep-5, 0x1.17eca8p-8,
     0x1.302b7cp-12, 0x1.16fdb2p-17},
    {0x1.0f2a40p-18, 0x1.77b23ap-3, 0x1.805a36p-5, -0x1.91a366p-5, -0x1.a90efap-6, -0x1.3ae55ep-8,
     -0x1.b18be0p-12, -0x1.e3acacp-17},
    {0x1.cdeff0p-4, -0x1.aa2b54p-9, -0x1.0e9994p-4, -0x1.6764cap-8, 0x1.971324p-7, 0x1.f52e3ep-9,
     0x1.cc7c8ap-12, 0x1.3f0e36p-16},
    {0x1.00ac66p-11, -0x1.8d558ep-5, 0x1.674a4ep-7, 0x1.0595dcp-6, -0x1.f81604p-10, -0x1.14549cp-9,
     -0x1.775a18p-12, -0x1.4d5cfcp-16},
    {-0x1.dc757ep-6, 0x1.009460p-7, 0x1.8fc9dap-7, -0x1.75f202p-8, -0x1.e239bap-10, 0x1.5ab366p-11,
     0x1.d306aap-13, 0x1.2da4f4p-16},
    {0x1.5966e6p-8, 0x1.52f8acp-7, -0x1.6d427ep-8, -0x1.118d80p-10, 0x1.80e10ep-10, 0x1.9e2d58p-15,
     -0x1.568736p-14, -0x1.a1fc4cp-17},
};
// |error| <= 2^-37.6
constexpr double kSin32[] = {
    -0x1.5555554ca4646p-3, 0x1.111108866c991p-7, -0x1.a00f90b73fa8cp-13, 0x1.6cd53abb3e0d7p-19};
// |error| <= 2^-43.2
constexpr double kCos32[] = {
    0x1.5555554f3f2bbp-5, -0x1.6c16b8883e54ep-10, 0x1.a011151343c1bp-16, -0x1.242884ce0ccb8p-22};
// |error| <= 2^-43.9
constexpr double kPowLog32[] = {
    0x1.555555561e434p-1, 0x1.999996a948868p-2, 0x1.249411ef59d28p-2, 0x1.c62b1430710cbp-3,
    0x1.9115960a5e0f5p-3};
// |error| <= 2^-32.6
constexpr double kPowExp32[] = {
    0x1.0000003a33e7bp-1, 0x1.55555185fafe1p-3, 0x1.5554891aa3cfap-5, 0x1.1113ede2b7423p-7,
    0x1.6d961651b1b46p-10, 0x1.9f88d8ece7303p-13};
// |error| <= 2^-57.8
constexpr double kExp64[] = {
    0x1.000000p-1, 0x1.555555555555dp-3, 0x1.555555555556cp-5, 0x1.111111110e554p-7,
    0x1.6c16c16c0a48ep-10, 0x1.a01a01b5f022fp-13, 0x1.a01a01e7fbb6bp-16, 0x1.71ddeaa818bd9p-19,
    0x1.27e44cbbab718p-22, 0x1.af72564e909f1p-26, 0x1.203c486430ab5p-29};
// |error| <= 2^-65.6
constexpr double kLog64[] = {
    0x1.5555555555555p-1, 0x1.9999999999d11p-2, 0x1.24924924397fap-2, 0x1.c71c724b669dfp-3,
    0x1.745ce1c8ed452p-3, 0x1.3b202477e996ap-3, 0x1.0f674526c2349p-3, 0x1.0f0dc90317fb6p-3};
// |error| <= 2^-76.0
constexpr double kPowLog64[] = {
    0x1.999999999999ap-2, 0x1.2492492492363p-2, 0x1.c71c71c747eb4p-3, 0x1.745d172bc6f5ep-3,
    0x1.3b13ba5b9ae5bp-3, 0x1.110f1be60fddfp-3, 0x1.e26599d45e266p-4, 0x1.a5069164c2bccp-4,
    0x1.ecb6dba0b65b8p-4};
// |error| <= 2^-56.3
constexpr double kErfSmall64[] = {
    0x1.06eba8214db69p-3, -0x1.812746b037a35p-2, 0x1.ce2f21a0472a5p-4, -0x1.b82ce3141a893p-6,
    0x1.565bcd5838a0fp-8, -0x1.c02dc405337edp-11, 0x1.f9a55bde276abp-14, -0x1.f505a0724e3e5p-17,
    0x1.bd01d5929ceabp-20, -0x1.7f466dd2cf728p-23, 0x1.cd1a526ef083ep-26, -0x1.d580ff2adb318p-28,
    0x1.50c1f2bda15ddp-30};
// |error| <= 2^-58.0
constexpr double kSin64[] = {
    -0x1.5555555555549p-3, 0x1.111111110f88cp-7, -0x1.a01a019c10ec3p-13, 0x1.71de357574aeap-19,
    -0x1.ae5e637fedb3fp-26, 0x1.5d91fe8a3724cp-33};
// |error| <= 2^-69.1
constexpr double kCos64[] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16b2bp-10, 0x1.a01a019ffb916p-16, -0x1.27e4fb588d7dep-22,
    0x1.1eed6d78452efp-29, -0x1.9371d176fcde4p-37, 0x1.9c7d8ae144ee4p-45};
// |error| <= 2^-53.8
constexpr double kErfLarge64_0[] = {
    -0x1.2b31d830c14d7p+1, -0x1.78057c654e642p+1, -0x1.b9f37a4297124p-1, -0x1.1faddac4122f7p-5,
    0x1.13c2713636c64p-7, -0x1.c29a451d217c0p-10, 0x1.064f055d4b6d6p-12, -0x1.44f56d4b59f74p-19,
    -0x1.ed4e5fb5b2903p-17, 0x1.a8aca02bbdad3p-18, -0x1.bb2057fcd72bfp-20, 0x1.04a70f7a88cfcp-22,
    0x1.6d333569ed745p-26, -0x1.f03f47a533c5dp-26, 0x1.842592525df29p-27, -0x1.7100f8640d563p-29,
    0x1.0e109dfaacb0bp-32};
// |error| <= 2^-56.1
constexpr double kErfLarge64_1[] = {
    -0x1.7ba0958d1a85dp+2, -0x1.29970851d1429p+2, -0x1.dbf5191b9ffc5p-1, -0x1.e49bac180766ep-7,
    0x1.9c00ef3190d09p-9, -0x1.4e3ae1257a1ebp-11, 0x1.ef395467b393ap-14, -0x1.3954a5551749dp-16,
    0x1.16b53023708dbp-19, 0x1.0c8ac109e19cfp-25, -0x1.ca7ba30fafbdep-24, 0x1.55517addd4d33p-25,
    -0x1.608fe2d9584f3p-27, 0x1.18b5718f8c811p-29, -0x1.4143ae00a43b1p-32, -0x1.160dffdae9824p-39,
    0x1.92b3ce90bd445p-36};
// |error| <= 2^-62.2
constexpr double kErfLarge64_2[] = {
    -0x1.536a7e6559565p+4, -0x1.1ef96a445fb91p+3, -0x1.f45c0d78935f7p-1, -0x1.8db8d153a3206p-9,
    0x1.caffa37e7292bp-12, -0x1.0f78306b4be44p-14, 0x1.4115de1d7095bp-17, -0x1.7607d7cd985a3p-20,
    0x1.a7f3a1954ae03p-23, -0x1.cd2966fb2c3ddp-26, 0x1.dd5294ff2330bp-29, -0x1.b7cab1eb01c91p-32,
    0x1.0a977d91b4e7ap-35, -0x1.0a31cbf4c956cp-36, -0x1.e0c3a567513d6p-38, -0x1.0388d836493a5p-39,
    -0x1.4a1d7a1b7e69dp-42};
// clang-format on

} // namespace dlc::codegen::coefficients
