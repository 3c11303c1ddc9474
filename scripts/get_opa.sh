#!/bin/sh
# Brings the pinned OPA: the one on PATH, else built with the Go toolchain, else downloaded from its release page and
# checked against the checksum published beside it. Ends with the path of the binary, or not with 0 and the reason.
set -eu

version="1.22.0"
tools="$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)/.tools/bin"
target="$tools/opa"

fail() {
    echo "get_opa: $1" >&2
    exit 1
}

is_pinned() {
    [ -x "$1" ] && "$1" version 2>/dev/null | grep -qx "Version: $version"
}

build() {
    echo "get_opa: building OPA $version with the Go toolchain (about a minute)" >&2
    GOBIN="$tools" go install "github.com/open-policy-agent/opa@v$version" >&2 && is_pinned "$target"
}

fetch() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --proto '=https' --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget --quiet --https-only --output-document="$2" "$1"
    else
        fail "neither Go, curl nor wget is here; install one, or put OPA $version on PATH"
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
        Linux-x86_64) name="opa_linux_amd64_static" ;;
        Linux-aarch64 | Linux-arm64) name="opa_linux_arm64_static" ;;
        Darwin-arm64) name="opa_darwin_arm64_static" ;;
        Darwin-x86_64) name="opa_darwin_amd64" ;;
        *) fail "no OPA is published for $(uname -s) $(uname -m); build it with Go" ;;
    esac
    page="https://github.com/open-policy-agent/opa/releases/download/v$version"
    folder="$(mktemp -d "$tools/.new-XXXXXX")"
    trap 'rm -rf "$folder"' EXIT
    echo "get_opa: downloading $name $version from its release page" >&2
    fetch "$page/$name" "$folder/opa" || fail "cannot download $page/$name"
    fetch "$page/$name.sha256" "$folder/opa.sha256" || fail "cannot download its checksum; nothing is installed"
    wanted="$(cut -d ' ' -f 1 "$folder/opa.sha256" | tr -d '\r\n')"
    [ "${#wanted}" -eq 64 ] || fail "the published checksum is no SHA-256; nothing is installed"
    found="$(sha256_of "$folder/opa")"
    [ "$found" = "$wanted" ] || fail "the download has SHA-256 $found, published is $wanted; nothing is installed"
    chmod 755 "$folder/opa"
    is_pinned "$folder/opa" || fail "the download does not run here as OPA $version; nothing is installed"
    mv -f "$folder/opa" "$target"
}

on_path="$(command -v opa || true)"
if [ -n "${QUAESTOR_OPA:-}" ] && is_pinned "$QUAESTOR_OPA"; then
    echo "$QUAESTOR_OPA"
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
