#!/bin/sh
# Rotel, a small OTLP collector, between Envoy and what stands behind it. It takes OTLP over gRPC (4317) and HTTP (4318) and hands logs on over
# OTLP; what cannot be handed on is tried again for five minutes and then gone.
#
#   pip install rotel
#   NEXT=https://otlp.siem.example.com sh rotel.sh "$(python3 -c 'import rotel, os; print(os.path.join(os.path.dirname(rotel.__file__), "rotel-agent"))')"
set -eu

export ROTEL_OTLP_GRPC_ENDPOINT="${GRPC:-127.0.0.1:4317}"
export ROTEL_OTLP_HTTP_ENDPOINT="${HTTP:-127.0.0.1:4318}"
export ROTEL_EXPORTER=otlp
export ROTEL_OTLP_EXPORTER_PROTOCOL=http
export ROTEL_OTLP_EXPORTER_ENDPOINT="${NEXT:?the base URL of the OTLP receiver behind, without /v1/logs}"

exec "${1:?the path of rotel-agent}" start
