#!/bin/sh
# Make or refresh the environment: scripts/setup.sh run|dev VENV PYTHON. Quick when nothing changed.
# uv where there is one, else venv and pip; both check the hashes of what they install.
set -eu
purpose=$1
venv=$2
python=$3
cd "$(dirname "$0")/.."

command -v "$python" >/dev/null 2>&1 || {
  echo "quaestor: no \`$python\` found; install Python 3.11 or later, or say which: make PYTHON=/path/to/python" >&2
  exit 2
}
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
requirements=requirements/$purpose-$version.txt
if [ ! -f "$requirements" ]; then
  for other in python3.13 python3.12 python3.11; do
    if command -v "$other" >/dev/null 2>&1; then
      python=$other
      version=${other#python}
      requirements=requirements/$purpose-$version.txt
      break
    fi
  done
fi
[ -f "$requirements" ] || {
  echo "quaestor: Python $version is not supported; install Python 3.11, 3.12 or 3.13" >&2
  exit 2
}

# A dev environment serves for running too.
stamp=$venv/.quaestor-$purpose
if [ "$purpose" = run ] && [ -f "$venv/.quaestor-dev" ]; then
  stamp=$venv/.quaestor-dev
  requirements=requirements/dev-$version.txt
fi
# One that was moved with its folder, or is shared with another checkout, would run the code of that one.
here() {
  for path in "$venv"/lib/python*/site-packages/quaestor-checkout.pth; do
    [ -f "$path" ] && [ "$(cat "$path")" = "$PWD" ] && return 0
  done
  return 1
}
fresh() {
  here && [ -f "$stamp" ] && [ "$stamp" -nt "$requirements" ] && [ "$stamp" -nt pyproject.toml ] &&
    [ "$stamp" -nt scripts/setup.sh ]
}

if ! fresh; then
  echo "quaestor: setting up $venv ($purpose, Python $version)"
  if command -v uv >/dev/null 2>&1; then
    [ -x "$venv/bin/python" ] || uv venv -q --python "$python" "$venv"
    VIRTUAL_ENV=$PWD/$venv uv pip sync -q --require-hashes "$requirements"
  else
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
      echo "quaestor: the venv module is missing; on Debian: apt-get install python3-venv" >&2
      exit 2
    }
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$requirements"
  fi
  # The project itself: its folders on the path, and its command, which processes that help it read too.
  site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  pwd > "$site/quaestor-checkout.pth"
  cat > "$venv/bin/quaestor" <<EOF
#!$PWD/$venv/bin/python
import sys
from integrations.cli.main import main
if __name__ == "__main__":
    sys.exit(main())
EOF
  chmod +x "$venv/bin/quaestor"
  touch "$stamp"
fi

# The confined children of a run cannot write bytecode: without it each would compile its modules anew.
"$venv/bin/python" -m compileall -qq evidence engine reports integrations policies examples tests/worlds || true

# WeasyPrint draws text with Pango, a system library that no wheel carries.
if ! "$venv/bin/python" -c 'import weasyprint' >/dev/null 2>&1; then
  packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b fontconfig"
  if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "quaestor: installing $packages"
    (apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages) >/dev/null
  elif command -v apt-get >/dev/null 2>&1; then
    echo "quaestor: PDF reports need system libraries: sudo apt-get install $packages" >&2
    exit 2
  elif command -v brew >/dev/null 2>&1; then
    echo "quaestor: installing pango"
    brew install -q pango
  else
    echo "quaestor: PDF reports need Pango: on macOS \`brew install pango\`, on Debian \`apt-get install $packages\`" >&2
    exit 2
  fi
fi
