"""NOTE to the test-writing helper for core/web/architecture: tests/people, tests/home and tests/test_cli.py are now being written by another helper; finish tests/architecture and tests/web only."""
