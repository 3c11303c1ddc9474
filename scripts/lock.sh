#!/bin/sh
# One hashed requirement file a Python version and purpose; no registry address is written.
set -eu
cd "$(dirname "$0")/.."
for version in 3.11 3.12 3.13; do
  uv pip compile -q pyproject.toml --extra all --python-version "$version" --generate-hashes \
    --no-emit-index-url --no-header --no-annotate -o "requirements/run-$version.txt"
  uv pip compile -q pyproject.toml --extra all --extra dev --python-version "$version" --generate-hashes \
    --no-emit-index-url --no-header --no-annotate -o "requirements/dev-$version.txt"
done
