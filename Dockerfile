# The daemon, and nothing else: Asterisk and PostgreSQL have images of their own (compose.yaml).
# `make try-image` carries out these steps without a container engine, in a clean Debian, and starts the result.

FROM debian:trixie-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
# Exactly what the locks say, hashes checked, wheels only: no compiler in the image, nothing unknown fetched.
RUN python3 -m venv /opt/siaga112 \
    && /opt/siaga112/bin/pip install -qq --no-cache-dir --require-hashes --only-binary=:all: -r requirements.lock
RUN python3 -m venv /opt/build \
    && /opt/build/bin/pip install -qq --no-cache-dir --require-hashes --only-binary=:all: -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY asterisk-conf asterisk-conf
RUN /opt/build/bin/pip wheel -qq --no-deps --no-build-isolation --no-index --wheel-dir /opt/wheels . \
    && /opt/siaga112/bin/pip install -qq --no-deps --no-index /opt/wheels/*.whl \
    && /opt/siaga112/bin/pip uninstall -qq -y pip

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && groupadd --system --gid 10112 siaga112 \
    && useradd --system --uid 10112 --gid 10112 --no-create-home --home-dir /var/lib/siaga112 siaga112 \
    && install -d -o siaga112 -g siaga112 -m 700 /var/lib/siaga112
COPY --from=build /opt/siaga112 /opt/siaga112
ENV PATH=/opt/siaga112/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# The spool: records that PostgreSQL does not have yet. It must outlive the container.
VOLUME /var/lib/siaga112
EXPOSE 8112
USER 10112:10112
# SIGTERM drains; give it time: `docker stop --time 30`, or stop_grace_period in compose.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8112/healthz', timeout=3)"]
ENTRYPOINT ["siaga112"]
CMD ["run", "--config", "/etc/siaga112/siaga112.toml"]
