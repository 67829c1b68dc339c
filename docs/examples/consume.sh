#!/bin/sh
# Pulls a dataset from an exchange hub with curl, zstd and sha256sum, and checks it.
#
#   export HUB=http://127.0.0.1:8000 HUB_CONSUMER_KEY=…
#   sh consume.sh administrative_penalty ./received
#
# All sealed segments come first, each checked by its SHA-256, then the open tail page by page. What is
# in the folder already isn't fetched again, so it can be run from a timer.

set -eu

dataset=$1
folder=$2
api="$HUB/exchange/v1/datasets/$dataset"
mkdir -p "$folder"

ask() { # Retries what may pass; a refusal ends the script.
    curl --silent --show-error --fail --retry 3 \
        --header "Authorization: Bearer $HUB_CONSUMER_KEY" "$@"
}

# One segment a line: first last name sha256. The list is JSON on one line; each has a "ndjson" file.
ask "$api/segments" | tr '{' '\n' | sed -n \
    -e 's/.*"first":\([0-9]*\),"last":\([0-9]*\),.*/\1 \2/p' \
    -e 's/.*"name":"\([^"]*ndjson\.zst\)","sha256":"\([0-9a-f]*\)".*/\1 \2/p' |
    paste -d ' ' - - >"$folder/.segments"

last=0
while read -r first end name sha256; do
    file="$folder/$(printf '%015d-%015d' "$first" "$end").ndjson.zst"
    if [ ! -e "$file" ]; then
        ask --continue-at - --output "$folder/.$name" "$api/segments/$name"
        echo "$sha256  $folder/.$name" | sha256sum --check --quiet || { rm "$folder/.$name"; exit 1; }
        mv "$folder/.$name" "$file"
    fi
    last=$end
done <"$folder/.segments"

# The tail: a page that doesn't begin right behind what is there is dropped, because a newer segment has
# its entries, or some of them; these are fetched again.
for page in "$folder"/*.ndjson; do
    [ -e "$page" ] || continue
    name=$(basename "$page" .ndjson)
    first=$(echo "$name" | sed 's/^0*\([0-9]*\)-.*/\1/')
    if [ "$first" -eq $((last + 1)) ]; then last=$(echo "$name" | sed 's/.*-0*//'); else rm "$page"; fi
done
while :; do
    ask --dump-header "$folder/.head" --output "$folder/.page" "$api/entries?after=$last&limit=5000"
    next=$(tr -d '\r' <"$folder/.head" | sed -n 's/^[Xx]-[Ll]ast-[Ss]eq: //p')
    [ "$next" -gt "$last" ] || break
    mv "$folder/.page" "$folder/$(printf '%015d-%015d' $((last + 1)) "$next").ndjson"
    last=$next
done
rm -f "$folder/.page" "$folder/.head" "$folder/.segments"

# Every number once and in order, and the first record's digest: SHA-256 of its text in the line.
zstd --decompress --stdout --force --quiet "$folder"/*.ndjson* |
    sed 's/^{"seq":\([0-9]*\),.*/\1/' |
    awk '$1 != NR { print "entry " NR " is missing"; exit 1 } END { print NR " entries" }'
line=$(zstd --decompress --stdout --force --quiet "$folder"/*.ndjson* | grep -m 1 ',"record":' || true)
if [ -n "$line" ]; then
    told=$(printf '%s' "$line" | sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/')
    found=$(printf '%s' "$line" | sed 's/^.*,"record":\(.*\)}$/\1/' | tr -d '\n' | sha256sum | cut -d ' ' -f 1)
    [ "$told" = "$found" ] && echo "digest right: $found"
fi
