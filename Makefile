# Everything a developer needs, each with one word. `make help` lists it.
# The same targets run on a developer's machine and in .ci/run; CI=true only
# turns a missing part (browser, Node) from a notice into a failure.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The static binary: no dynamic loading, Go's own resolver and user lookup,
# time zones inside, so that it runs on an empty image.
TAGS := sqlite_omit_load_extension,netgo,osusergo,timetzdata
LINT := go tool -modfile=.ci/tools.mod golangci-lint

# SQLite is C: the Go compiler needs gcc.
export CGO_ENABLED := 1

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Where the databases of tests lie: in memory where there is room (4 GB) and
# programs may run, else where the system keeps temporary files. A commit waits
# for the disk, and the tests make some ten thousand; what they hold is the same
# on any file system, since nothing here cuts the power.
scratch = $$(d=/dev/shm; if [ -w $$d ] && [ "$$(df -Pk $$d | awk 'NR == 2 { print $$4 }')" -gt 4000000 ] \
	&& ! grep -q " $$d .*noexec" /proc/mounts; then echo $$d; else echo "$${TMPDIR:-/tmp}"; fi)

.PHONY: test
test: need-browser ## every test: race detector, browser, bundles' own tests
	go vet ./...
	@scratch=$$(mktemp -d "$(scratch)/attune-tests-XXXXXX"); trap 'rm -rf "$$scratch"' EXIT; \
	echo "go test -race -timeout 35m ./..."; \
	GOTMPDIR="$$scratch" TMPDIR="$$scratch" go test -race -timeout 35m ./...
	@$(MAKE) --no-print-directory test-js

.PHONY: test-js
test-js: ## the tests of the browser code, under Node
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  echo "npm test"; cd static && npm test --silent; \
	else \
	  echo "Node is missing, so the browser code's own tests did not run: apt-get install nodejs npm" >&2; \
	  [ "$${CI:-}" != true ]; \
	fi

.PHONY: need-browser
need-browser:
	@command -v chromium >/dev/null || { \
	  echo "Chromium is missing, so the tests of the pages in a browser cannot run: apt-get install chromium" >&2; \
	  [ "$${CI:-}" != true ]; \
	}

.PHONY: lint
lint: ## the walls between packages, and the linters (.golangci.yml)
	$(LINT) run ./...

.PHONY: format
format: ## write the code in the one format
	$(LINT) fmt

.PHONY: assets
assets: ## rebuild static/bundles from static/js (needs Node)
	cd static && npm ci --ignore-scripts && node build.mjs

.PHONY: check-assets
check-assets: ## fail when the committed bundles are not what the sources build
	@before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; \
	cp -R static/bundles "$$before/bundles"; cat cmd/attune/testdata/axe.* >"$$before/axe"; \
	$(MAKE) --no-print-directory assets; \
	if ! diff -rq "$$before/bundles" static/bundles || ! cat cmd/attune/testdata/axe.* | cmp - "$$before/axe"; then \
	  echo "static/bundles, or axe in cmd/attune/testdata, was not built from these sources. It has been rebuilt: look at the change and commit it." >&2; \
	  exit 1; \
	fi; \
	echo "static/bundles is what the sources build"

.PHONY: screenshots
screenshots: need-browser ## take the pictures in docs/screenshots anew
	go test ./cmd/attune -run Screenshots -count=1 -timeout 10m -screenshots

.PHONY: build
build: ## one static binary, ./attune
	go build -trimpath -tags $(TAGS) -ldflags "-s -w -linkmode external -extldflags -static" -o attune ./cmd/attune

.PHONY: demo
demo: ## a synthetic organisation to look around in, on 127.0.0.1:8080
	go run ./cmd/attune demo

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf attune dist coverage.out static/node_modules
