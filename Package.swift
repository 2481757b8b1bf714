// swift-tools-version: 6.1
import PackageDescription

// Modules and the direction of their arrows: toolchain-docs/architecture.md.
// A target lists every module that it imports: what is left out is not compiled again when that module changes.
// What a server links (Runtime, WASI, CAPI and all below them) imports neither Foundation nor LLVM.
let package = Package(
  name: "wasm-pgo",
  products: [
    .executable(name: "wasm-pgo", targets: ["wasm-pgo"]),
    .executable(name: "wasm-pgo-compile", targets: ["wasm-pgo-compile"]),
    .library(name: "WasmPGORuntime", targets: ["Runtime", "WASI"]),
    // Its objects; scripts/link-library.sh makes libwasmpgo.so and .a of them.
    .library(name: "wasmpgo", type: .static, targets: ["CAPI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    // C: entry, capture and deopt trampolines, signal handler, mappings; forced guards; headers of LLVM.
    .target(name: "CRuntime"),
    .target(name: "CForcing"),
    .target(
      name: "CLLVM", exclude: ["cxx"], cxxSettings: [.headerSearchPath("cxx")],
      linkerSettings: [.linkedLibrary("LLVM-19"), .linkedLibrary("stdc++")]),
    .target(name: "CProcess"),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
    .target(name: "CWASI"),
    // For libraries of imports: their interface.
    .target(name: "CImports"),

    // Bytes of any format: the reader and the writer that all of them use.
    .target(name: "Bytes"),

    // The language, and machine code. Neither knows an engine.
    .target(name: "Wasm", dependencies: ["Bytes"]),
    .target(name: "WasmText", dependencies: ["Bytes", "Wasm"]),
    .target(name: "X64"),

    // Whole files: read, and written by rename.
    .target(
      name: "Files",
      dependencies: ["CProcess", .product(name: "SystemPackage", package: "swift-system")]),

    // What compiler and runtime agree on.
    .target(name: "Contract", dependencies: ["Bytes", "Wasm", "X64"]),
    .target(name: "Feedback", dependencies: ["Bytes", "Wasm", "Files"]),

    // Tiers.
    .target(name: "Baseline", dependencies: ["Wasm", "X64", "Contract", "Feedback"]),
    .target(name: "Speculation", dependencies: ["Wasm", "Feedback"]),
    .target(
      name: "AOT",
      dependencies: [
        "Wasm", "X64", "Feedback", "Speculation", "Contract", "Baseline", "Files", "CLLVM",
        "CProcess",
      ]),

    // Runtime: never AOT, never LLVM, never Foundation.
    .target(
      name: "Runtime",
      dependencies: ["CRuntime", "Wasm", "X64", "Contract", "Feedback", "Baseline", "Files"]),
    .target(name: "WASI", dependencies: ["CWASI", "Runtime", "Files", "Wasm"]),

    // The C API: wasm.h and wasm_pgo.h.
    .target(name: "CWasmAPI", exclude: ["cxx"]),
    .target(
      name: "CAPI",
      dependencies: ["CWasmAPI", "Runtime", "WASI", "Contract", "Feedback", "Files", "Wasm"]),

    // Deopts on purpose, and artefacts held against the baseline.
    .target(
      name: "Forcing", dependencies: ["CForcing", "Wasm", "X64", "Contract", "Runtime", "Files"]),
    .target(
      name: "Verification",
      dependencies: ["CProcess", "Wasm", "Contract", "Runtime", "Forcing", "Files"]),

    // Profiles as pprof has them.
    .target(name: "Pprof", dependencies: ["Bytes", "CZlib"]),

    // Executables.
    .target(
      name: "CommandLineSupport",
      dependencies: [
        "Wasm", "Feedback", "Files", "CProcess",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "wasm-pgo",
      dependencies: [
        "CommandLineSupport", "Runtime", "WASI", "Forcing", "Verification", "Feedback",
        "Speculation", "Files", "Contract", "Wasm", "X64", "CProcess", "CImports", "Pprof",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "wasm-pgo-compile",
      dependencies: [
        "CommandLineSupport", "AOT", "Contract", "Speculation", "Feedback", "Files", "Wasm", "WASI",
        "CProcess",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // What a deopt costs.
    .executableTarget(
      name: "wasm-pgo-deopt-bench",
      dependencies: [
        "AOT", "Runtime", "Speculation", "Contract", "Wasm", "WasmText", "TestSupport",
      ],
      path: "Benchmarks/DeoptBench"),

    // What a module does on each tier, for comparisons with other engines.
    .executableTarget(
      name: "wasm-pgo-diff", dependencies: ["Wasm", "TestSupport"], path: "Tests/Differential",
      exclude: ["campaign.py", "v8_transcript.py", "vectors.py", "wasmtime_transcript.py"]),

    // Readers of hostile bytes under libFuzzer (scripts/fuzz-readers.sh).
    .executableTarget(
      name: "wasm-pgo-fuzz-readers", dependencies: ["CProcess", "TestSupport"],
      path: "Tests/ReaderFuzz"),

    // Random modules.
    .executableTarget(
      name: "wasm-pgo-fuzz",
      dependencies: [
        "AOT", "CommandLineSupport", "CProcess", "Contract", "Feedback", "Files", "Forcing",
        "Runtime", "Speculation", "TestSupport", "Verification", "Wasm", "WasmText",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Fuzz"),

    // Tests.
    .target(
      name: "TestSupport",
      dependencies: [
        "Bytes", "Wasm", "WasmText", "Runtime", "AOT", "Speculation", "Feedback", "Contract",
        "Baseline", "Forcing", "Verification", "X64",
      ],
      path: "Tests/TestSupport"),
    .testTarget(name: "WasmTests", dependencies: ["Bytes", "Wasm", "WasmText", "TestSupport"]),
    .testTarget(name: "BytesTests", dependencies: ["Bytes"]),
    .testTarget(name: "X64Tests", dependencies: ["X64"]),
    .testTarget(
      name: "FeedbackTests", dependencies: ["Feedback", "Files", "Wasm", "WasmText", "TestSupport"]),
    .testTarget(
      name: "SpeculationTests", dependencies: ["Speculation", "Feedback", "Wasm", "WasmText"]),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "CRuntime", "Contract", "Feedback", "Runtime", "Baseline", "Wasm", "WasmText", "X64",
        "TestSupport",
      ]),
    .testTarget(
      name: "AOTTests",
      dependencies: [
        "AOT", "Baseline", "CLLVM", "Runtime", "Forcing", "Speculation", "Feedback", "Files",
        "Contract", "Wasm", "WasmText", "X64", "TestSupport",
      ]),
    .testTarget(
      name: "WASITests",
      dependencies: [
        "WASI", "CWASI", "AOT", "Runtime", "Contract", "Feedback", "Files", "Wasm", "WasmText",
        "TestSupport",
      ]),
    .testTarget(
      name: "CAPITests", dependencies: ["Feedback", "Wasm", "WasmText", "TestSupport"],
      exclude: ["Programs", "wasmpgo.supp"]),
    .testTarget(
      name: "SpecSuiteTests", dependencies: ["TestSupport"],
      exclude: ["Expected", "README.md", "suite.txt"]),
    .testTarget(
      name: "ReaderTests", dependencies: ["Contract", "X64", "TestSupport"], exclude: ["Corpus"]),
    .testTarget(
      name: "DifferentialTests", dependencies: ["Wasm", "TestSupport"], exclude: ["Modules"]),
    .testTarget(
      name: "GoldenTests",
      dependencies: [
        "AOT", "Runtime", "Speculation", "Feedback", "Wasm", "WasmText", "TestSupport",
      ],
      path: "Tests/Golden", exclude: ["Cases"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "CommandLineSupport", "WasmText", "TestSupport", "Feedback", "Files", "wasm-pgo",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
