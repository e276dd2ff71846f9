# make demo   runs the main job on embedded parts
# make test   runs everything, and installs what it needs: Debian packages when root, axe-core and oidc-provider by npm
# make build  makes bin/insignia
# make docs   writes the parts of docs/ that are generated from the code
# make screenshots  takes the pictures in the README anew
# make sheets  takes pictures of every page in every language, wide and narrow, light and dark: dist/pages/index.html
# make release  makes static programs for linux/amd64 and linux/arm64 in dist/, with checksums and lists of their parts
# make bench  prints speed as ratios measured in the same run
# make crash  kills the server under load, and runs two on one database
# make takeover  takes over a database of 100,000 awards that the program of before made, killed twice at it (minutes)
# make fuzz   runs every fuzz target for FUZZTIME (30s)
# make conformance  has the official validators judge what we issue, and judges what the reference stack issues

SHELL       := /bin/bash
GO          ?= go
FUZZTIME    ?= 30s
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
LDFLAGS     := -s -w -X main.version=$(VERSION)
CYCLONEDX   := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

export CGO_ENABLED := 1

.PHONY: demo build test docs screenshots sheets release bench crash takeover fuzz conformance check unit clean

demo: build
	@bin/insignia demo

# Nothing is printed while Go compiles, and with an empty cache that takes minutes.
build: .ci/tools-build.ok
	@[ -x bin/insignia ] || echo "Compiling; the first time this takes some minutes and fetches the modules."
	@$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/insignia ./cmd/insignia

test: .ci/tools-test.ok check unit

check:
	@unformatted="$$(gofmt -l .)"; if [ -n "$$unformatted" ]; then echo "not gofmt-ed: $$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags conformance ./cmd/insignia
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff

# Packages with properties that are tested on random cases: make test draws them from a fixed seed, so that no build
# fails by chance, and make fuzz from a fresh one, which a failure prints.
DRAWN = $(shell grep -rl --include='*_test.go' pgregory.net/rapid . | xargs -n 1 dirname | sort -u)
DRAWS ?= 500

unit:
	.ci/with-postgres $(GO) test -race -timeout 20m $$($(GO) list ./... | grep -vxF "$$($(GO) list $(DRAWN))")
	.ci/with-postgres $(GO) test -race -timeout 20m $(DRAWN) -rapid.seed=1

docs:
	$(GO) test -count=1 -run 'TestConfigurationDocument|TestDocumentLinksToProofs|TestDocumentRows' ./cmd/insignia -update

screenshots: .ci/tools-test.ok
	$(GO) test -count=1 -run TestScreenshots ./cmd/insignia -document-pictures $(CURDIR)/docs/images

sheets: .ci/tools-test.ok
	mkdir -p dist/pages
	$(GO) test -count=1 -timeout 20m -run 'Browser' ./cmd/insignia -screenshots $(CURDIR)/dist/pages
	@echo "file://$(CURDIR)/dist/pages/index.html"

# Static, so that they run on every Linux: names and users are looked up by Go's own code, and SQLite loads no extensions.
STATIC  := -tags netgo,osusergo,sqlite_omit_load_extension -ldflags "$(LDFLAGS) -extldflags '-static'"
release: .ci/tools-release.ok
	rm -rf dist && mkdir dist
	set -e; for target in amd64:x86_64 arm64:aarch64; do \
	  export GOOS=linux GOARCH=$${target%:*} CC=$${target#*:}-linux-gnu-gcc; name=insignia-$(VERSION)-linux-$$GOARCH; \
	  $(GO) build -trimpath $(STATIC) -o dist/$$name ./cmd/insignia; \
	  GOOS= GOARCH= CC= $(GO) run $(CYCLONEDX) bin -json -version "$(VERSION)" -output dist/$$name.cdx.json dist/$$name; \
	done
	cd dist && sha256sum insignia-* > SHA256SUMS && cat SHA256SUMS

crash: .ci/tools-test.ok
	.ci/with-postgres $(GO) test -count=1 -v -run 'TestCrash|TestTwoProcesses' ./cmd/insignia

takeover: .ci/tools-test.ok
	.ci/takeover/run

bench: .ci/tools-test.ok
	.ci/with-postgres $(GO) test -run '^$$' -bench . -benchtime 1x ./cmd/insignia
	$(GO) test -p 1 -run '^$$' -bench . -benchtime 500ms ./openbadge ./openbadge/jsonld ./verifier
	$(GO) test -run '^$$' -bench 'Forms|Million' -benchtime 20x ./issuer
	$(GO) test -run '^$$' -bench Lists -benchtime 1x ./issuer
	$(GO) test -run '^$$' -bench . -benchtime 50x ./paper
	$(GO) test -run '^$$' -bench Exchange -benchtime 50x ./api/wallet
	$(GO) test -run '^$$' -bench QR -benchtime 200x ./api/badges

fuzz:
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || exit 1; \
	  done; \
	done
	$(GO) test -count=1 -timeout 60m $(DRAWN) -rapid.checks=$(DRAWS)

# Their code comes from PyPI, npm and Maven and is no part of this repository; what is left out is skipped with a
# message. INSIGNIA_PUBLIC_VALIDATOR is the class path of a build of 1EdTech's public validator (Java).
conformance:
	@.ci/conformance/install
	@set -o pipefail; $(GO) test -count=1 -v -timeout 15m -tags conformance -run TestConformance ./cmd/insignia | grep -Ev '^ *(=== |--- PASS)'

.ci/tools-%.ok: .ci/install .ci/browser/package.json
	@.ci/install $*
	@touch $@

clean:
	rm -rf bin dist .ci/*.ok .ci/conformance/*.ok
