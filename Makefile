# Everything a developer runs; CI runs the same targets. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The machine's Node starts things; everything else runs on the Node of node_modules.
BIN := $(CURDIR)/node_modules/.bin
NODE := $(BIN)/node
LOCAL := $(NODE) tools/local/dist/main.js
ON_PROJECT_NODE := PATH="$(BIN):$$PATH"
NAME ?=
FILTER ?=
CLUSTER ?=
KUBE ?=
VALUES ?=
DESCRIPTION ?=

##@ The local environment
.PHONY: up
up: build $(if $(KUBE),chart-tools) ## Start everything and a sample bot; safe to repeat, picks up new code. KUBE=context installs into that cluster, VALUES=file
	@$(if $(KUBE),$(NODE) tools/cluster/dist/main.js install "$(KUBE)" $(VALUES),$(LOCAL) up)

.PHONY: down
down: ## Stop everything; data stays in .local/
	@if [ -f tools/local/dist/main.js ]; then $(LOCAL) down; else echo 'Nothing was running.'; fi

.PHONY: status
status: built ## Show every process: pid, uptime, state, address
	@$(LOCAL) status

.PHONY: logs
logs: built ## Show logs; NAME=operator for one, FOLLOW=1 to keep on
	@$(LOCAL) logs $(NAME) $(if $(FOLLOW),--follow)

.PHONY: restart
restart: built ## Restart one process: NAME=executor
	@$(LOCAL) restart $(NAME)

.PHONY: clean-local
clean-local: down ## Stop everything and remove its data
	@rm -rf "$${BOTPLANE_LOCAL_DIR:-.local}"

##@ A Kubernetes node
.PHONY: cluster-up
cluster-up: build cluster-tools ## Bring up a real Kubernetes node on this machine; needs Linux and root (docs/cluster.md)
	@$(NODE) tools/cluster/dist/main.js up

.PHONY: cluster-down
cluster-down: ## End the node and everything that it made; packages from apt stay
	@if [ -f tools/cluster/dist/main.js ]; then $(NODE) tools/cluster/dist/main.js down; else echo 'No cluster was up.'; fi

.PHONY: cluster-images
cluster-images: build chart-tools ## Build all images and hand them to that node
	@$(NODE) tools/cluster/dist/main.js images

.PHONY: cluster-keda
cluster-keda: build keda-tools ## Install KEDA into that node
	@$(NODE) tools/cluster/dist/main.js keda

.PHONY: cluster-tools
cluster-tools: tools ## Build kubelet, kube-proxy, CoreDNS and metrics-server into the cache (once)
	@node tools/bootstrap/main.mjs charts node

.PHONY: keda-tools
keda-tools: tools ## Build KEDA into the cache (once); `make test-cluster` then scales executors by lag, too
	@node tools/bootstrap/main.mjs keda

##@ Development
.PHONY: tools
tools: ## Check the machine, install npm packages, build Go tools into the cache (once)
	@command -v node >/dev/null || { echo '✗ Node is missing: install Node 20.11 or newer (https://nodejs.org)'; exit 1; }
	@node tools/bootstrap/main.mjs

.PHONY: chart-tools
chart-tools: tools ## Build Helm, kubeconform and Prometheus into the cache (once), for the charts and the tests
	@node tools/bootstrap/main.mjs charts

.PHONY: build
build: tools ## Build all packages (Nx, cached)
	@node tools/bootstrap/build.mjs

.PHONY: generate
generate: tools ## Write generated files anew: CRDs, types, schemas, charts
	@NX_DAEMON=false NX_TUI=false $(ON_PROJECT_NODE) nx run-many -t generate --parallel=1 --outputStyle=static

.PHONY: images
images: build ## Build an image per service and print the sizes; NAME=executor for one, IMAGE_TAG=…, IMAGE_ARCHIVES=folder to save them
	@$(NODE) tools/images/main.mjs $(NAME)

.PHONY: new-service-chart
new-service-chart: tools ## Begin a service's chart: NAME=billing DESCRIPTION="…" (docs/adding-a-service.md)
	@$(NODE) tools/charts/scripts/new-service.ts "$(NAME)" "$(DESCRIPTION)"

.PHONY: record-release
record-release: chart-tools ## Keep charts and examples of this release: the tests upgrade from them
	@$(NODE) --conditions=@botplane/source tools/charts/scripts/record-release.ts

.PHONY: lint
lint: tools ## Check types of tests, style (oxlint), rings and cycles, and generated files
	@$(ON_PROJECT_NODE) tsc -p tsconfig.tests.json
	@$(ON_PROJECT_NODE) oxlint
	@$(ON_PROJECT_NODE) depcruise --config .dependency-cruiser.cjs operator/src services libs tools/local/src tools/backup/src tools/cli/src tools/kubectl-botplane/src
	@node tools/lint/generated.mjs

.PHONY: lint-charts
lint-charts: chart-tools ## Look at every profile of the charts with kube-score and checkov (from PyPI into the cache, once)
	@$(NODE) --conditions=@botplane/source tools/charts/scripts/lint-charts.ts

##@ Proof
.PHONY: test
test: build chart-tools ## Run all tests; ends with "N passed, N failed, N skipped"; CLUSTER=1 for those on a cluster, too
	@$(NODE) tools/test/run.mjs unit integration e2e $(if $(CLUSTER),e2e-cluster) $(FILTER)

.PHONY: test-unit
test-unit: tools ## Run unit tests; FILTER=path narrows every test target
	@$(NODE) tools/test/run.mjs unit $(FILTER)

.PHONY: test-integration
test-integration: build chart-tools ## Run tests against real servers
	@$(NODE) tools/test/run.mjs integration $(FILTER)

.PHONY: test-e2e
test-e2e: build chart-tools ## Run the journeys of users in an environment of their own
	@$(NODE) tools/test/run.mjs e2e $(FILTER)

.PHONY: test-cluster
test-cluster: build chart-tools ## Install on a cluster, use every example, scale and break things under load; CLUSTER_CONTEXT=context, CLUSTER_FULL=1 (docs/cluster.md)
	@$(NODE) tools/test/run.mjs e2e-cluster $(FILTER)

.PHONY: bench
bench: build ## Measure against a reference in the same run; NAME=apply-ready for one, BENCH_QUICK=1 for a sample
	@$(NODE) bench/dist/main.js $(NAME)

.PHONY: chaos
chaos: build ## Kill, stop and fault services under load; NAME=kill-executor for one, SEED=1, UPDATES=5000, CHAOS_QUICK=1
	@$(NODE) chaos/dist/main.js $(NAME)

.PHONY: soak
soak: build ## Faults between operator and kube-apiserver for half an hour; SOAK_S=300 for less, SEED=1
	@SOAK_S="$${SOAK_S:-1800}" $(NODE) tools/test/run.mjs integration $(or $(NAME),operator)/test/soak.test.ts

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  \033[36m%-18s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: built
built:
	@[ -f tools/local/dist/main.js ] || { echo '✗ not built yet: run make up'; exit 1; }
