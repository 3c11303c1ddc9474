#!/bin/sh
# Brings the pinned conftest, which only the benchmarks need: the one on PATH, else built with the Go toolchain, else
# downloaded from its release page and checked against the checksums published beside it. Ends with the path of the
# binary, or not with 0 and the reason.
set -eu

version="0.71.1"
tools="$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)/.tools/bin"
target="$tools/conftest"

fail() {
    echo "get_conftest: $1" >&2
    exit 1
}

# A build by `go install` does not know its release ("Conftest: dev"), but Go wrote it into the binary.
is_pinned() {
    [ -x "$1" ] || return 1
    "$1" --version 2>/dev/null | grep -qx "Conftest: $version" && return 0
    command -v go >/dev/null && go version -m "$1" 2>/dev/null | grep -q "conftest[[:space:]]*v$version"
}

build() {
    echo "get_conftest: building conftest $version with the Go toolchain (about two minutes)" >&2
    GOBIN="$tools" go install "github.com/open-policy-agent/conftest@v$version" >&2 && is_pinned "$target"
}

fetch() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --proto '=https' --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget --quiet --https-only --output-document="$2" "$1"
    else
        fail "neither Go, curl nor wget is here; install one, or put conftest $version on PATH"
    fi
}

sha256_of() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1" | cut -d ' ' -f 1
    else
        shasum -a 256 "$1" | cut -d ' ' -f 1
    fi
}

download() {
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) system="Linux_x86_64" ;;
        Linux-aarch64 | Linux-arm64) system="Linux_arm64" ;;
        Darwin-arm64) system="Darwin_arm64" ;;
        Darwin-x86_64) system="Darwin_x86_64" ;;
        *) fail "no conftest is published for $(uname -s) $(uname -m); build it with Go" ;;
    esac
    name="conftest_${version}_$system.tar.gz"
    page="https://github.com/open-policy-agent/conftest/releases/download/v$version"
    folder="$(mktemp -d "$tools/.new-XXXXXX")"
    trap 'rm -rf "$folder"' EXIT
    echo "get_conftest: downloading $name from its release page" >&2
    fetch "$page/$name" "$folder/$name" || fail "cannot download $page/$name"
    fetch "$page/checksums.txt" "$folder/checksums.txt" || fail "cannot download its checksum; nothing is installed"
    wanted="$(awk -v name="$name" '$2 == name { print $1 }' "$folder/checksums.txt")"
    [ "${#wanted}" -eq 64 ] || fail "no SHA-256 is published for $name; nothing is installed"
    found="$(sha256_of "$folder/$name")"
    [ "$found" = "$wanted" ] || fail "the download has SHA-256 $found, published is $wanted; nothing is installed"
    tar -xzf "$folder/$name" -C "$folder" conftest
    is_pinned "$folder/conftest" || fail "the download does not run here as conftest $version; nothing is installed"
    mv -f "$folder/conftest" "$target"
}

on_path="$(command -v conftest || true)"
if [ -n "${CONFTEST:-}" ] && is_pinned "$CONFTEST"; then
    echo "$CONFTEST"
elif [ -n "$on_path" ] && is_pinned "$on_path"; then
    echo "$on_path"
elif is_pinned "$target"; then
    echo "$target"
else
    mkdir -p "$tools"
    if command -v go >/dev/null && build; then
        :
    else
        download
    fi
    echo "$target"
fi
