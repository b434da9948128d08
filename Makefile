# Jamline. `make` lists what can be made.

PREFIX ?= /usr/local
DESTDIR ?=
# The tune that `make jam` plays.
TUNE ?= Examples/saints.mid
# For `make model`: a folder of SET.SPLIT.jsonl files, where checkpoints and logs go, and the model.
CORPUS ?= corpus
RUN ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/jamline/runs/model
PRETRAINED ?= Models/pretrained.safetensors
# How it goes on after the recipe: with eight times as many excerpts a step.
LONG := --steps 1259 --batch 128 --self-generated 0.3 --self-generated-from 0 --chord-dropout 0.3 \
  --chord-dropout-weight 0.4 --melody-masking 0.2 --warm-up 100 --final-rate 0.01 --seed 3
# Songs for the tests that want some: those beside the clone, unless told otherwise.
ifneq ($(wildcard ../shared/corpus),)
export JAMLINE_CORPUS ?= $(abspath ../shared/corpus)
endif
# For `make evaluate`: what is measured, and where sessions, table and plots go.
MODEL ?= Models/accompanist.safetensors
OUT ?= evaluation
# For `make bench`: where its figures go.
RESULTS ?= Benchmarks/results
# For `make bench-live`: options of jam-latency.
LATENCY ?=

# What makes the tools start soon and stay small:
# - Swift's runtime library is linked statically: a tool starts in a third of the time.
# - So is C++'s, which Swift's needs: a sixth less time, and 1 MiB less.
# - lld folds equal functions into one, and relocations are compact, which the C library reads from
#   2.36 on: 1 MiB less.
# - No function is exported: 1 MiB less for plan-view.
COMPACT := $(shell getconf GNU_LIBC_VERSION 2> /dev/null | \
  awk '{ split($$2, v, "."); if (v[1] > 2 || v[2] >= 36) print "-Xlinker -z -Xlinker pack-relative-relocs" }')
# The linker finds C++'s there before the one to load.
STATIC := .build/static
SWIFT_BUILD := swift build -c release --static-swift-stdlib \
  -Xswiftc -use-ld=lld -Xlinker --icf=safe -Xlinker --no-export-dynamic $(COMPACT) \
  -Xlinker -L$(CURDIR)/$(STATIC)
SWIFT_CLANG = $(dir $(realpath $(shell command -v swift 2> /dev/null)))clang
BUILT := .build/release
TOOLS := midi-in jam-agent plan-view jam-tee midi-out jam-check jam-latency

bindir := $(DESTDIR)$(PREFIX)/bin
modeldir := $(DESTDIR)$(PREFIX)/share/jamline/models
mandir := $(DESTDIR)$(PREFIX)/share/man
docdir := $(DESTDIR)$(PREFIX)/share/doc/jamline
unitdir := $(DESTDIR)$(PREFIX)/lib/systemd/system

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help jam swift build bench bench-live bench-check check lint test check-training model evaluate \
  install uninstall format clean

help:
	@echo 'make jam             play a tune through the tools: jam.wav, jam.mid, jam.jsonl'
	@echo 'make check           lint and test'
	@echo 'make check-training  test Training/ (fetches PyTorch into a cache of its own)'
	@echo 'make bench           measure, on a machine with nothing else to do (fetches PyTorch, too)'
	@echo 'make bench-live      measure on real ports, here or in a virtual machine, with LATENCY=options'
	@echo 'make bench-check     whether anything has become slower than those results'
	@echo 'make build           the tools, in $(BUILT)'
	@echo 'make install         into PREFIX=$(PREFIX), below DESTDIR'
	@echo 'make uninstall       what install put there'
	@echo 'make model           pre-train the model on CORPUS=folder'
	@echo 'make evaluate        measure the tools and MODEL on CORPUS=folder, into OUT=$(OUT)'
	@echo 'make format          format the Swift sources'
	@echo 'make clean           remove what was built'

jam: swift
	@Scripts/debian-packages run
	@$(MAKE) --no-print-directory build
	@Scripts/jam $(BUILT) '$(TUNE)'

swift:
	@command -v swift > /dev/null || { \
	  echo 'There is no Swift here, which builds the tools. Install Swift 6.2 or newer from' >&2; \
	  echo 'https://www.swift.org/install/linux/ (swiftly installs it in your home folder), then run make again.' >&2; \
	  exit 69; }

build: swift
	@mkdir -p $(STATIC)
	@ln -sf "$$($(SWIFT_CLANG) -print-file-name=libstdc++.a)" $(STATIC)/libstdc++.a
	$(SWIFT_BUILD)

check: swift
	@Scripts/check

lint:
	swift format lint --strict --recursive Sources Tests Package.swift
	mandoc -T lint -W warning man/*.[15]
	@Scripts/lint

# The tests build the tools for debugging, beside those of `make build`.
test:
	swift test

check-training:
	@Scripts/debian-packages training
	@python=$$(Scripts/training-python) && $$python -m pytest Training/tests

model:
	@test -d '$(CORPUS)' || { echo 'make model: no folder $(CORPUS): say CORPUS=folder' >&2; exit 66; }
	@Scripts/debian-packages training
	@export PYTHONPATH=Training; python=$$(Scripts/training-python); \
	  pretrain=($$python -m jamline_training.training.pretrain --corpus '$(CORPUS)'); \
	  "$${pretrain[@]}" --out '$(RUN)'; \
	  "$${pretrain[@]}" --out '$(RUN)-long' --begin '$(RUN)/checkpoint.pt' $(LONG) --export '$(PRETRAINED)'

evaluate:
	@test -d '$(CORPUS)' || { echo 'make evaluate: no folder $(CORPUS): say CORPUS=folder' >&2; exit 66; }
	@Scripts/debian-packages training
	@$(MAKE) --no-print-directory build
	@python=$$(Scripts/training-python) && PYTHONPATH=Training $$python \
	  -m jamline_training.evaluation.evaluate --agent $(BUILT)/jam-agent --model '$(MODEL)' \
	  --corpus '$(CORPUS)' --out '$(OUT)'

# One that fails does not keep the others from being measured.
bench: build
	@Scripts/debian-packages check training
	@python=$$(Scripts/training-python Benchmarks/requirements.txt); mkdir -p '$(RESULTS)'; failed=; \
	  run() { $$python Benchmarks/$$1.py "$${@:3}" --json '$(RESULTS)'/$$2.json || failed="$$failed $$1"; }; \
	  $$python Benchmarks/allocations.py || failed=allocations; \
	  run tools tools; \
	  run tees tees; \
	  run plan_view plan_view; \
	  run network network --model '$(MODEL)'; \
	  run steps steps --model '$(MODEL)'; \
	  run replan replan; \
	  run replan lookahead --hypotheses 1 16 --lookahead 1 2 8; \
	  run replan history --hypotheses 1 16 --history 0 128 256 --frames 64; \
	  run replan backend --hypotheses 1 --backend avx512 avx2 neon plain --frames 240; \
	  run replan hour --hypotheses 1 16 --hour; \
	  run live_latency live_latency; \
	  run live_latency live_changes --tempo 240 --set hypotheses=64,16 --set melody_only=0,0.8 \
	    --set model=pretrained,accompanist; \
	  run sessions sessions; \
	  run records records; \
	  $$python Benchmarks/report.py '$(RESULTS)'; \
	  test -z "$$failed" || { echo "make bench: not as it should be:$$failed" >&2; exit 1; }

bench-live: build
	@Scripts/bench-live $(BUILT) $(LATENCY)

bench-check: build
	@Scripts/debian-packages check
	python3 Benchmarks/check.py --results '$(RESULTS)'

# Not built here: under sudo, swift is seldom in the PATH.
install:
	@test -x $(BUILT)/jam-agent || { echo 'make install: nothing is built yet: make build' >&2; exit 66; }
	install -d '$(bindir)' '$(modeldir)' '$(mandir)/man1' '$(mandir)/man5' '$(docdir)/examples' '$(unitdir)'
	install -s -m 755 $(TOOLS:%=$(BUILT)/%) '$(bindir)'
	install -m 644 Models/*.safetensors '$(modeldir)'
	install -m 644 man/*.1 '$(mandir)/man1'
	install -m 644 man/*.5 '$(mandir)/man5'
	install -m 644 README.md CHANGELOG.md LICENSE '$(docdir)'
	cp -R --no-preserve=ownership Examples/. '$(docdir)/examples'
	install -m 644 systemd/jam-agent.socket '$(unitdir)'
	sed 's|@bindir@|$(PREFIX)/bin|' 'systemd/jam-agent@.service' > '$(unitdir)/jam-agent@.service'

uninstall:
	rm -f $(TOOLS:%='$(bindir)/%')
	rm -f $(patsubst man/%.1,'$(mandir)/man1/%.1',$(wildcard man/*.1))
	rm -f $(patsubst man/%.5,'$(mandir)/man5/%.5',$(wildcard man/*.5))
	rm -f '$(unitdir)/jam-agent.socket' '$(unitdir)/jam-agent@.service'
	rm -rf '$(docdir)' '$(DESTDIR)$(PREFIX)/share/jamline'

format:
	swift format --in-place --recursive Sources Tests Package.swift

clean:
	rm -rf .build jam.wav jam.mid jam.jsonl
