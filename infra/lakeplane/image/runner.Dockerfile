# What the hub's runner runs: a project with its specs, lakeplane, the Pulumi CLI with its plugins, and kubelogin.
# `lakeplane image runner` lays the project and its locked dependencies beside this file, and names the base by its
# digest: a tag can be moved to another image.
#
# Nothing runs as root once it is built. A run writes to /tmp, to the CLI's home, and to what the project keeps of
# its stacks; the code itself it cannot change.
ARG BASE
FROM ${BASE} AS build
ENV LAKEPLANE_CACHE=/opt/lakeplane \
    PULUMI_HOME=/opt/pulumi
COPY requirements-runner.lock project.tar /build/
# Packages come as wheels, by hash: nothing of them runs while they are installed. pip stays, for the CLI asks it.
RUN mkdir /lakeplane \
    && tar -xf /build/project.tar -C /lakeplane \
    && python -m venv /lakeplane/.venv \
    && /lakeplane/.venv/bin/python -m pip install --no-cache-dir --only-binary :all: --require-hashes \
        --requirement /build/requirements-runner.lock \
    && /lakeplane/.venv/bin/python -m pip install --no-cache-dir --no-index --no-deps --no-build-isolation \
        --editable /lakeplane --editable /lakeplane/workloads
# The official installer at the version that lakeplane pins, else a build from modules by their checksums.
RUN /lakeplane/.venv/bin/lakeplane engine install --plugins --kubelogin /opt/kubelogin \
    && mkdir -p /lakeplane/.lakeplane /lakeplane/stacks/config \
    && chown -R 10001:10001 /lakeplane/.lakeplane /lakeplane/stacks/config /opt/pulumi

FROM ${BASE}
COPY --from=build /opt /opt
COPY --from=build /lakeplane /lakeplane
ENV PATH=/lakeplane/.venv/bin:/opt/kubelogin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    TMPDIR=/tmp \
    LAKEPLANE_CACHE=/opt/lakeplane \
    PULUMI_HOME=/opt/pulumi \
    PULUMI_SKIP_UPDATE_CHECK=true \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /lakeplane
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["lakeplane"]
CMD ["--help"]
