# watchd: every command that a person needs. "make" alone lists them.

SWIFT ?= swift
JOBS ?= $(shell nproc)
CONFIGURATION ?= release
# Flags for the benchmarks, as in: make bench BENCH="--large --shapes mid"
BENCH ?=
PREFIX ?= /usr/local
BIN = .build/$(CONFIGURATION)

.DEFAULT_GOAL := help
.PHONY: help setup build run test test-api test-browser test-proxy test-service test-monitoring deb test-deb soak sanitize lint format help-texts demo bench bench-quick bench-http install check-install clean

help: ## Lists the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## Installs the system packages that are missing (Debian; asks nothing).
	@Packaging/install-dependencies

# With Swift's runtime inside: each command then starts 10 ms sooner, and the programs run where no toolchain is.
build: setup ## Builds watchd and watchctl (release).
	$(SWIFT) build -c $(CONFIGURATION) -j $(JOBS) --static-swift-stdlib --product watchd
	$(SWIFT) build -c $(CONFIGURATION) -j $(JOBS) --static-swift-stdlib --product watchctl

run: build ## Builds, then runs watchd on ./inbox ./outbox ./state until Ctrl-C.
	@exec $(BIN)/watchd

# One test at a time: hundreds at once hold so many files open that libinotifytools, which uses
# select(2), cannot watch, and real processes would compete for two cores.
test: setup ## Builds everything and passes all tests.
	$(SWIFT) build --build-tests -j $(JOBS) --explicit-target-dependency-import-check error
	$(SWIFT) test --skip-build --no-parallel

test-service: build ## Passes the tests of the unit under a real systemd, in namespaces (as root).
	@Packaging/install-dependencies service
	Tests/Service/service-test $(BIN)

test-monitoring: build ## Holds alert rules and metrics to Prometheus' promtool (fetched from Debian).
	@Tests/Monitoring/check $(BIN) .build/promtool

deb: build ## Builds a Debian package into .build/packages: Swift's runtime inside, stripped.
	@Packaging/install-dependencies package
	Packaging/build-deb $(BIN) .build/packages

test-deb: deb ## Passes the tests of the package and of the runbook in a clean Debian (as root).
	@Packaging/install-dependencies service
	Tests/Service/package-test .build/packages/watchd_$$(cat Packaging/debian/version)_*.deb
	Tests/Service/runbook-test .build/packages/watchd_$$(cat Packaging/debian/version)_*.deb

# The parts of the tests that go on for long; the seed in its output, given as WATCHD_SEED, repeats a run. The programs
# are those of the release, whose many starts are quicker; the readers of CSV are of the debug build, which traps.
soak: build ## Passes the tests of kills, refused calls, full disks, lost power, bursts and changed bytes whole (hours; as root).
	$(SWIFT) build --build-tests -j $(JOBS) --explicit-target-dependency-import-check error
	WATCHD_SOAK=1 $(SWIFT) test --skip-build --filter FuzzTests
	WATCHD_SOAK=1 WATCHD_BIN_DIR=$(abspath $(BIN)) $(SWIFT) test --skip-build --no-parallel --filter Disasters
	Tests/Soak/year $(BIN) --report .build/year.md
	$(MAKE) sanitize

# Each builds all of it anew, which does not fit the time of a check of each change.
sanitize: setup ## Passes the tests under the address sanitizer and then the thread sanitizer.
	Tests/Sanitize/check address
	Tests/Sanitize/check thread

test-api: build ## Holds a running daemon to its /openapi.json, with schemathesis (from PyPI).
	@Packaging/install-dependencies api
	@Tests/API/check $(BIN) .build/api-venv

test-browser: build ## Drives the page with chromium, headless; screenshots go to .build/screenshots.
	@Packaging/install-dependencies browser
	@Tests/Browser/check $(BIN) .build/browser-venv .build/screenshots

test-proxy: build ## Puts the nginx of the README before a running daemon and asks it, over TLS.
	@Tests/Proxy/check $(BIN) .build/nginx

lint: ## Checks the format; any finding fails.
	$(SWIFT) format lint --strict -r -p Package.swift Sources Tests

format: ## Formats everything in place.
	$(SWIFT) format format --in-place -r -p Package.swift Sources Tests

help-texts: ## Writes the help texts anew that the tests hold the programs against.
	$(SWIFT) build -j $(JOBS) --product watchd
	$(SWIFT) build -j $(JOBS) --product watchctl
	Packaging/record-help .build/debug

demo: build ## Drops the files of Examples/ into a running daemon and shows what comes out.
	@Examples/demo $(BIN)

bench: build ## Measures watchd side by side with DuckDB, polars, ClickHouse, sqlite3 (most of an hour).
	@Packaging/install-dependencies benchmarks
	@Benchmarks/bench $(BIN) --venv .build/bench-venv $(BENCH)

bench-quick: build ## The same with less data, in under two minutes.
	@Packaging/install-dependencies benchmarks
	@Benchmarks/bench $(BIN) --venv .build/bench-venv --quick $(BENCH)

bench-http: build ## Measures HTTP: 200 uploads at a time, 1,000 listeners, an upload of 10 GB (two minutes).
	@Benchmarks/load $(BIN)

install: build ## Installs programs, manual pages and completions below PREFIX (/usr/local).
	Packaging/install $(BIN) $(PREFIX)

check-install: build ## Installs into a scratch folder and checks what is there.
	Packaging/check-install $(BIN)

clean: ## Removes what was built.
	rm -rf .build
