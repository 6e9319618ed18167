#!/usr/bin/env bash
# Fetches the vendored front-end modules anew from npm, as the manifest names them, and writes their hashes into it.
set -euo pipefail
cd "$(dirname "$0")"
manifest=vendor.tsv
target=src/main/resources/console/lib/vendor
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
{
  head -1 "$manifest"
  tail -n +2 "$manifest" | while IFS=$'\t' read -r file name version licence path _; do
    package="$scratch/$name-$version"
    if [ ! -d "$package" ]; then
      mkdir -p "$package"
      (cd "$scratch" && tar xzf "$(npm pack --silent "$name@$version")" -C "$package")
    fi
    sed 's#^//\# sourceMappingURL.*##' "$package/package/$path" > "$target/$file"
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$file" "$name" "$version" "$licence" "$path" \
      "$(sha256sum "$target/$file" | cut -d' ' -f1)"
  done
} > "$scratch/new"
cp "$scratch/new" "$manifest"
