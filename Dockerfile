# One image for each service: `docker build --target api-gateway .`; docker-compose.yml builds all of them.
# BASE_IMAGE is Debian 12 with Node.js 20 and npm.
ARG BASE_IMAGE=node:20-bookworm-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /src
# The sources of the packages change more often than what they depend on.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npm install --global --no-audit --no-fund "$(node -p 'require("./package.json").packageManager')" \
  && pnpm fetch
COPY tsconfig.base.json ./
COPY packages packages
COPY services services
RUN pnpm install --frozen-lockfile --offline
RUN node_modules/.bin/tsc -b $(printf 'services/%s ' $(ls services)) \
  && rm -rf node_modules packages/*/node_modules services/*/node_modules packages/*/src services/*/src
# For each service a workspace of its own: what the lockfile says, and no tools. `pnpm deploy` would resolve anew.
RUN for service in $(ls services); do \
  mkdir -p "/out/$service/services" \
  && cp -a package.json pnpm-lock.yaml pnpm-workspace.yaml packages "/out/$service/" \
  && cp -a "services/$service" "/out/$service/services/" \
  && (cd "/out/$service" && pnpm install --prod --frozen-lockfile --offline --filter "{./services/$service}...") || exit 1; \
  done

FROM ${BASE_IMAGE} AS runtime
ENV NODE_ENV=production \
  MALLOC_ARENA_MAX=1 \
  GOLEM_PROVIDER_DATA_DIR=/var/lib/golem-provider
# Services that are not root make their files in the data directory, and none can move those of another: hence the sticky bit.
RUN groupadd --system --gid 900 golem-provider \
  && useradd --system --uid 900 --gid golem-provider --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin \
  golem-provider \
  && install --directory --owner=root --group=golem-provider --mode=1771 /var/lib/golem-provider
WORKDIR /app

FROM runtime AS redis
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends redis-server \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=redis --group=redis --mode=0700 /data
USER redis
WORKDIR /data
EXPOSE 6379
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["redis-cli", "ping"]
# Without a password: only the services share its network.
CMD ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--dir", "/data", \
  "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"]

FROM runtime AS api-gateway
COPY --from=build /out/api-gateway ./
USER golem-provider
EXPOSE 7466
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7466/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--no-opt", "--expose-gc", "--max-semi-space-size=4", "services/api-gateway/dist/main.js"]

FROM runtime AS monitor
COPY --from=build /out/monitor ./
USER golem-provider
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 \
  CMD ["node", "packages/store/dist/health/main.js", "monitor"]
CMD ["node", "--no-opt", "--expose-gc", "--max-semi-space-size=2", "services/monitor/dist/main.js"]

FROM runtime AS advertiser
COPY --from=build /out/advertiser ./
USER golem-provider
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 \
  CMD ["node", "packages/store/dist/health/main.js", "advertiser"]
CMD ["node", "--no-opt", "--expose-gc", "--max-semi-space-size=2", "services/advertiser/dist/main.js"]

# For development; a provider is advertised at a discovery service of others.
FROM runtime AS discovery
COPY --from=build /out/discovery ./
ENV GOLEM_DISCOVERY_HOST=0.0.0.0
USER golem-provider
EXPOSE 7465
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7465/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--no-opt", "--expose-gc", "--max-semi-space-size=2", "services/discovery/dist/main.js"]

# Root: it gives each VM a user of its own.
FROM runtime AS vm-worker
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
  genisoimage libnginx-mod-stream nftables nginx openssh-client qemu-system-x86 qemu-utils tini \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --system --force kvm
COPY --from=build /out/vm-worker ./
COPY deploy/docker/vm-worker.sh /usr/local/bin/vm-worker
EXPOSE 50800-50819
HEALTHCHECK --interval=15s --timeout=10s --start-period=600s --retries=3 \
  CMD ["node", "packages/store/dist/health/main.js", "worker"]
# The machines outlive the worker; tini is there for them when they end.
ENTRYPOINT ["tini", "--"]
CMD ["vm-worker"]
