#!/bin/sh
# Write the locks anew from pyproject.toml; needs uv. One lock serves Python 3.11 to 3.13.
#   run.txt   what the gateway needs          dev.txt   that, all extras, and what tests and checks need
set -eu
cd "$(dirname "$0")/.."

lock() {
  output=$1
  shift
  uv pip compile pyproject.toml "$@" --output-file "$output.new" --quiet \
    --universal --python-version 3.11 --fork-strategy fewest --upgrade \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
  { echo "# Written by requirements/lock.sh. Install: pip install --require-hashes -r $output"
    cat "$output.new"; } > "$output"
  rm "$output.new"
}

lock requirements/run.txt
lock requirements/dev.txt --group dev --all-extras --constraint requirements/run.txt
