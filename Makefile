# The front door. `make` alone lists what there is; the work is done by cargo, cargo leptos and the scripts.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The project's tools and compiler, in every recipe alike.
env := . scripts/env.sh &&

# A run on a build machine and one at a desk do the same; insta would write new snapshots at the one and not at the other.
export INSTA_UPDATE := no

# With what a test printed though it passed: that is where it says what it had to leave out.
show := -- --show-output

.PHONY: help setup run dev test bench fmt clippy test-pure test-rust test-wasm test-browser schemathesis fuzz-api soak setup-build setup-test

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: setup-test ## Install whatever is missing to run, develop and test

setup-build:
	@scripts/setup.sh build

setup-test:
	@scripts/setup.sh test

run: setup-build ## Build what is shipped and run it with demonstration data on http://127.0.0.1:8480
	@scripts/build-release.sh
	@$(env) LEPTOS_SITE_ROOT=target/site exec target/release/strongroom serve --demo

dev: setup-build ## Run, and build and reload on every change
	@$(env) exec cargo leptos watch

test: setup-test ## Everything: format, lints, tests on the machine and in the browser, and the total
	@scripts/test.sh

fmt: ## Is everything formatted?
	@$(env) cargo fmt --all --check

clippy: ## Lint the pure modules, the server and the browser's half
	@$(env) cargo clippy --no-default-features --lib -- -D warnings
	@$(env) cargo clippy --features ssr --all-targets -- -D warnings
	@$(env) cargo clippy --lib --features split --target wasm32-unknown-unknown -- -D warnings

test-pure: ## Test the pure modules alone, in seconds; test-rust runs them too
	@$(env) cargo test --no-fail-fast --no-default-features --lib $(show)

test-rust: ## Test the server
	@$(env) cargo test --no-fail-fast --features ssr $(show)

test-wasm: ## Test what runs as WebAssembly
	@scripts/wasm-tests.sh

test-browser: ## Test the real server in a real browser; FILES="tests/a.spec.ts" for some of it
	@$(env) LEPTOS_SITE_ROOT=target/site-test cargo leptos build --split --lib-features split
	@scripts/browser-tests.sh $(FILES)

schemathesis: ## Ask the server what its description says can be asked, and compare the answers with it
	@$(env) cargo build --features ssr --bin strongroom
	@scripts/schemathesis.sh quick

fuzz-api: setup-test ## The same with 20,000 requests and more, other ones each time
	@$(env) cargo build --features ssr --bin strongroom
	@scripts/schemathesis.sh long

soak: setup-test ## 200 screens over a failing network before a service that is killed: the long form of a test
	@$(env) STRONGROOM_SOAK=1 cargo test --features ssr --test it realtime_faults -- --nocapture

bench: setup-test ## Measure what is shipped, from outside, beside the bars (docs/performance.md)
	@scripts/bench.sh
