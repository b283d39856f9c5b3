# BEDS. Every target does its own set-up and can be run again; see README.md.
SHELL := /bin/bash
GO ?= go
# Tests of all packages; the servers are private and on loopback, see scripts/servers.
TEST_TIMEOUT ?= 14m
TEST_FLAGS ?= -race

.PHONY: help demo up down test check generate build lint lint-sql fuzz faults bench bench-gen clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## from nothing to answered requests: install, generate, build, start, tell a story, stop
	@scripts/demo

up: ## like demo, but leave servers and node running; make down ends them
	@scripts/demo --keep

down: ## stop what make up left running
	@scripts/demo --down

test: ## install what is missing, start private servers, run the whole suite with the race detector, stop them
	@scripts/install-servers
	@BEDS_SERVERS_DIR="$${BEDS_SERVERS_DIR:-$(CURDIR)/.beds-test}" scripts/with-servers $(GO) test $(TEST_FLAGS) -timeout $(TEST_TIMEOUT) ./...
	@$(GO) test -run Alloc $$($(GO) list ./runtime/... | grep -v /store/) # without the race detector, which allocates itself
	@GOWORK=off $(GO) -C devstack test ./faults/...
	@scripts/faults -short

build: generate ## build the node, bin/beds, and the generator, bin/bedsgen
	@CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/beds ./cmd/bedsgen

generate: ## emit generated/ and sql/ from recs/
	@$(GO) run ./cmd/bedsgen generate

check: ## prove that generated/ and sql/ are what bedsgen emits
	@$(GO) run ./cmd/bedsgen check

lint: ## gofmt, go vet and staticcheck
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	@$(GO) vet ./...
	@$(GO) run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...

lint-sql: ## what MariaDB's and other people's tools say of the emitted SQL; installs them where that is possible
	@scripts/install-servers
	@scripts/lint-sql

# The version that CI uses too; ask for another when Go moves on.
STATICCHECK ?= latest

bench: ## BEDS beside its peers, in alternation on private servers; writes docs/benchmarks.md (about 25 minutes)
	@scripts/bench

bench-gen: ## the generator, the compiler and a node with 1,000 templates, beside peers; writes docs/benchmarks-generator.md
	@scripts/bench-gen

FAULTS ?=
faults: ## kill, pause, cut and revoke everything under load; nothing lost, nothing twice; writes docs/faults.md
	@scripts/install-servers
	@scripts/faults $(FAULTS)

FUZZ_TIME ?= 30s
fuzz: ## run every fuzz target for FUZZ_TIME
	@scripts/fuzz $(FUZZ_TIME)

clean: ## remove what was built and the data of the private servers (after make down)
	@rm -rf bin .beds-*
