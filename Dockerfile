# syntax=docker/dockerfile:1
# One image per service: `docker build --target executor -t botplane/executor .` (or `make images` for all).
# Nothing is in it but Node (chrt too in the runtime's), the service with its production packages, and sbom.cdx.json; it runs as nobody, on a read-only root.

# Where Node and the base come from. BASE must have a C library and libstdc++; NODE_IMAGE has Node at /usr/local/bin/node, and /usr/bin/chrt.
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim
ARG BASE=gcr.io/distroless/cc-debian12:nonroot
# The stage (or image) with packed services in /out: by default they are built here; `make images` hands over what is built already.
ARG PACKED=build

FROM ${NODE_IMAGE} AS node

FROM node AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund
RUN NX_DAEMON=false npx nx run-many -t build --projects='@botplane/operator,@botplane/ingress,@botplane/executor,@botplane/runtime,@botplane/delivery,@botplane/api,@botplane/simulator,@botplane/backup' --outputStyle=static
RUN node tools/images/pack.mjs /out

FROM ${PACKED} AS packed

FROM ${BASE} AS base
COPY --from=node /usr/local/bin/node /usr/local/bin/node
ENV NODE_ENV=production
WORKDIR /app
USER 65532:65532
EXPOSE 8080

FROM base AS operator
COPY --from=packed /out/operator /app
CMD ["node", "--enable-source-maps", "--max-semi-space-size=4", "--heap-growing-percent=40", "operator/dist/main.js"]
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072

FROM base AS ingress
COPY --from=packed /out/ingress /app
CMD ["node", "--enable-source-maps", "services/ingress/dist/main.js"]

FROM base AS executor
COPY --from=packed /out/executor /app
CMD ["node", "--enable-source-maps", "services/executor/dist/main.js"]

# --no-node-snapshot: isolated-vm asks for it.
FROM base AS runtime
COPY --from=packed /out/runtime /app
CMD ["node", "--enable-source-maps", "--no-node-snapshot", "services/runtime/dist/main.js"]
# Greedy bots run on the processor time that others leave (ADR 12); it needs no more than the C library.
COPY --from=node /usr/bin/chrt /usr/bin/chrt

FROM base AS delivery
COPY --from=packed /out/delivery /app
CMD ["node", "--enable-source-maps", "services/delivery/dist/main.js"]

FROM base AS api
COPY --from=packed /out/api /app
CMD ["node", "--enable-source-maps", "services/api/dist/main.js"]

FROM base AS backup
COPY --from=packed /out/backup /app
CMD ["node", "--enable-source-maps", "tools/backup/dist/main.js"]

FROM base AS simulator
COPY --from=packed /out/simulator /app
CMD ["node", "--enable-source-maps", "services/simulator/dist/main.js"]
