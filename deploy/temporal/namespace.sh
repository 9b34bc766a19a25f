#!/bin/sh
# Creates the namespace and the search attributes that runs use. May run again at every start; a failure is repeated by
# the restart policy.
set -eu
: "${NAMESPACE:?the namespace to create}" "${RETENTION:?how long closed runs are kept, such as 90d}"
temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION" \
        --description "Gatehouse: one run per person"
# The server learns of a new namespace within seconds.
tries=0
until have=$(temporal operator search-attribute list --namespace "$NAMESPACE" 2>&1); do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || { echo "$have"; exit 1; }
    sleep 1
done
for name in Template PersonKey Stage Source; do
    echo "$have" | grep -q "^ *$name " ||
        temporal operator search-attribute create --namespace "$NAMESPACE" --name "$name" --type Keyword
done
