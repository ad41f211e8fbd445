# Thin names for tools/dev.py, which does the work and also runs where there is no make.
PYTHON ?= $(shell python3.11 -c "print('python3.11')" 2>/dev/null || echo python3)

.PHONY: run test drill check messages lock

run test drill check messages lock:
	@$(PYTHON) tools/dev.py $@ $(ARGS)
