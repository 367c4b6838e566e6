# make run, make test: each target sets up by itself what it needs, and does nothing twice.
# Nothing ever asks a question: as root on Debian missing packages are installed, otherwise you are told what to run.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run demo test check walks bench bench-reader setup-run setup-check setup-test

PYTHON := .venv/bin/python
# Each worker of the tests starts a PostgreSQL of its own, so more than four only cost memory.
WORKERS := $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 4 ? n : 4)))

help:
	@echo "make run     try Siaga here: a chat page, a card reader, an imitated BPJS. Ctrl-C stops all of it."
	echo "make demo    three phones on one page: the chat page, an imitated Telegram, an imitated WhatsApp"
	echo "             at night the bot doesn't ring: make demo AT=10:00 makes it ten in the morning there"
	echo "make test    everything that can be checked: make check, then all tests, one of them in a browser"
	echo "make check   style, formatting, types, and which part may import which"
	echo "make walks   ten thousand random walks over all conversations; takes ten minutes"
	echo "make bench   some of the figures of README.md, on this machine"
	echo "make bench-reader   the card reader's figures, on many drawn photos; takes long"

run: setup-run
	@exec $(PYTHON) -m bot try

demo: setup-run
	@exec $(PYTHON) -m bot demo $(if $(AT),--at "$(AT)")

test: setup-test check
	@$(PYTHON) -m pytest -n $(WORKERS)

check: setup-check
	@$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check --quiet || { $(PYTHON) -m ruff format --diff --quiet; exit 1; }
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-logo

bench: setup-test
	@$(PYTHON) -m bench.updates
	$(PYTHON) -m bench.webhooks --people 256 --rounds 3 --store sqlite
	$(PYTHON) -m bench.sending --messages 300
	$(PYTHON) -m bench.reminders --members 100000
	$(PYTHON) -m bench.backlog --errands 5000
	$(PYTHON) -m bench.months --members 50 --months 3
	$(PYTHON) -m bench.memory
	$(PYTHON) -m bench.reader --count 5
	$(PYTHON) -m bench.kill --kills 50

walks: setup-test
	@SIAGA_WALKS=10000 $(PYTHON) -m pytest tests/talk/test_random_walks.py

bench-reader: setup-test
	@$(PYTHON) -m bench.reader --count 200 --tesseract

setup-run:
	@$(call packages,python ocr)
	$(call environment,requirements.txt)

setup-check:
	@$(call packages,python)
	$(call environment,requirements-dev.txt)

setup-test:
	@$(call packages,python ocr test)
	$(call environment,requirements-dev.txt)

# $(call packages,SETS): what Debian calls the things that SETS need and this machine lacks.
define packages
missing=()
for set in $(1); do
    case $$set in
    python)
        [ -x $(PYTHON) ] || python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv) ;;
    ocr)
        command -v tesseract >/dev/null || missing+=(tesseract-ocr)
        tesseract --list-langs 2>/dev/null | grep -qx eng || missing+=(tesseract-ocr-eng)
        tesseract --list-langs 2>/dev/null | grep -qx ind || missing+=(tesseract-ocr-ind) ;;
    test)
        command -v git >/dev/null || missing+=(git)
        command -v chromium >/dev/null || missing+=(chromium)
        [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core) ;;
    esac
done
if [ $${#missing[@]} -gt 0 ]; then
    install="apt-get install -y --no-install-recommends $${missing[*]}"
    if ! command -v apt-get >/dev/null; then
        echo "Siaga needs what Debian calls: $${missing[*]}. Please install it, then run make again." >&2
        exit 1
    fi
    if [ "$$(id -u)" != 0 ]; then
        printf 'Some packages are missing. Please run this, then make again:\n  sudo %s\n' "$$install" >&2
        exit 1
    fi
    echo "Installing $${missing[*]} ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null || true
    $$install -qq </dev/null >/dev/null
fi
endef

# $(call environment,FILE): .venv holds what FILE lists; .venv/FILE is what was installed last.
define environment
if ! $(PYTHON) -m pip --version >/dev/null 2>&1; then
    found=
    for python in python3 python3.13 python3.12 python3.11; do
        if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            found=$$python
            break
        fi
    done
    if [ -z "$$found" ]; then
        echo "Siaga needs Python 3.11, 3.12 or 3.13; here python3 is $$(python3 --version 2>&1)." >&2
        exit 1
    fi
    $$found -m venv --clear .venv
fi
if ! cmp -s $(1) .venv/$(1); then
    echo "Installing $(1) ..."
    $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $(1)
    cp $(1) .venv/$(1)
fi
endef
