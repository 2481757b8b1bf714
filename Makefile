# `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-bench lint build test test-fleet spec static lib docs bench-plugin size demo bench bench-quick bench-simd gate programs bench-compile completions man listings samples clean

# One build folder for all: the product and the tests are built with the same flags, so nothing is compiled twice.
# -enable-testing lets tests see internal declarations of an optimized build.
FLAGS := -c release -Xswiftc -enable-testing
QUIET := 2>&1 | scripts/quiet.sh

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/' | expand -t 16

setup: ## install missing packages that building needs, by apt
	@scripts/setup.sh build

setup-bench:
	@scripts/setup.sh build bench

lint: setup ## check format, documents, docstrings, imports, and that tests use no wall clock
	@swift format lint --strict -r Sources Tests Package.swift
	@scripts/check-documents.sh
	@scripts/check-docstrings.sh
	@scripts/check-clocks.sh
	@scripts/check-imports.sh --self-test
	@scripts/check-imports.sh

build: setup ## build wasm-pgo and wasm-pgo-compile (.build/release)
	@swift build $(FLAGS) $(QUIET)
	@echo "build: .build/release/wasm-pgo"

# The test runner's own summary is the last line.
test: setup ## lint, build, run all tests (SPEC_TESTSUITE=FOLDER: the official suite too)
	@swift format lint --strict -r Sources Tests Package.swift
	@scripts/check-documents.sh
	@scripts/check-docstrings.sh
	@scripts/check-clocks.sh
	@swift build $(FLAGS) --build-tests $(QUIET)
	@swift build $(FLAGS) --product wasmpgo $(QUIET)
	@scripts/check-imports.sh
	@scripts/docs.sh .build/release out/docs
	@swift test $(FLAGS) --skip-build --disable-xctest $(QUIET)

test-fleet: build ## merge 1,000 generated profiles by Apache Beam's local runner: the same bytes as profile merge
	@scripts/setup.sh fleet
	@scripts/test-fleet.sh

spec: ## the official test suite on every tier (SPEC_TESTSUITE=FOLDER; without it: where to get the suite)
	@SPEC_TESTSUITE="$(SPEC_TESTSUITE)" scripts/spec.sh

# wasm-pgo uses no shared library: the dynamic linker would take a third of a small program's time. It is position independent all
# the same, so that it is loaded at a random address; only lld links that, and glibc refuses a run path in it. The compiler needs
# LLVM's shared library.
STATIC := --disable-local-rpath -Xswiftc -static-executable -Xswiftc -use-ld=lld -Xswiftc -Xclang-linker -Xswiftc -static-pie

static: setup ## build both executables as they are shipped: wasm-pgo without shared libraries (.build-static/release)
	@swift build -c release --static-swift-stdlib --scratch-path .build-static --product wasm-pgo-compile $(QUIET)
	@swift build -c release $(STATIC) --scratch-path .build-static/runtime --product wasm-pgo $(QUIET)
	@cp .build-static/runtime/release/wasm-pgo .build-static/release/wasm-pgo
	@echo "static: .build-static/release/wasm-pgo"

lib: setup ## build the C library: libwasmpgo.so, .a, headers (out/lib, out/include)
	@swift build -c release --static-swift-stdlib --scratch-path .build-static --product wasmpgo $(QUIET)
	@scripts/link-library.sh .build-static/release/libwasmpgo.a out

docs: build ## the Swift API's documentation (out/docs); fails on any warning
	@scripts/docs.sh .build/release out/docs

bench-plugin: lib static ## a plugin in a C host, recorded by the environment alone: with its profile against without
	@python3 Benchmarks/plugin/run.py --gate

size: static ## size of wasm-pgo as it is shipped; fails above a limit
	@scripts/size.sh

demo: build ## record, compile, run and deoptimize the sample; a short table
	@scripts/demo.sh

bench: setup-bench static ## all kernels against native code, wasmtime, V8 and wasm2c
	@python3 Benchmarks/run.py --rounds 5

bench-quick: setup-bench static ## the same with a tenth of the work, two rounds
	@python3 Benchmarks/run.py --rounds 2 --scale 0.1

bench-simd: setup-bench static ## kernels with vectors against native code, wasmtime and V8, a verdict for each target
	@python3 Benchmarks/run.py --suite simd --rounds 5 --gate

gate: setup-bench static ## the benchmark, and a verdict for each target
	@python3 Benchmarks/run.py --rounds 5 --gate

programs: static ## real programs on every tier against wasmtime (Benchmarks/programs/README.md)
	@scripts/setup.sh build wasm bench programs
	@python3 Benchmarks/programs/run.py --rounds 3

bench-compile: static ## what compiling costs against wasmtime and wamrc (Benchmarks/compile/README.md)
	@scripts/setup.sh build wasm bench programs
	@python3 Benchmarks/compile/run.py

completions: build ## write completions for bash, zsh and fish (out/share)
	@mkdir -p out/share/bash-completion/completions out/share/zsh/site-functions out/share/fish/vendor_completions.d
	@.build/release/wasm-pgo --generate-completion-script bash >out/share/bash-completion/completions/wasm-pgo
	@.build/release/wasm-pgo --generate-completion-script zsh >out/share/zsh/site-functions/_wasm-pgo
	@.build/release/wasm-pgo --generate-completion-script fish >out/share/fish/vendor_completions.d/wasm-pgo.fish
	@echo "completions: out/share, for /usr/local/share or ~/.local/share"

man: build ## write man pages from what --help prints (out/share/man; needs python3)
	@scripts/man-pages.py .build/release/wasm-pgo out/share/man/man1
	@echo "man: out/share/man"

listings: build ## write the listings of the documents that have addresses (needs python3 and gdb)
	@scripts/listings.py toolchain-docs/deopt-walkthrough.md toolchain-docs/profiling.md

samples: ## rebuild the committed .wasm from source
	@scripts/setup.sh wasm
	sh Samples/hello/build.sh
	sh Samples/shapes/build.sh
	sh Samples/virtual/build.sh
	sh Samples/tail-calls/build.sh
	sh Samples/memory64/build.sh
	sh Samples/exceptions/build.sh
	sh Samples/lines/build.sh
	sh Benchmarks/kernels/build.sh

clean: ## remove what was built
	rm -rf .build .build-static out
