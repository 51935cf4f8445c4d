# The app and the API in a container: docker build -t calame . && docker run --read-only --tmpfs /tmp -v calame:/data -p 127.0.0.1:5001:5001 calame
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY docs/records docs/records
COPY src src
# The second environment is what is shipped: without pip, and all of it from wheels, so without a compiler.
RUN python -m venv --without-pip /opt/calame \
    && pip --python /opt/calame/bin/python install --no-cache-dir --only-binary :all: \
       --constraint constraints.txt '.[redis]'

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="Calame" \
      org.opencontainers.image.description="Reads handwritten digits, and shows how it knows" \
      org.opencontainers.image.licenses="Apache-2.0"
# The home of this user is the volume; everything else may be read-only, but for /tmp, where large uploads pass.
RUN groupadd --gid 10001 calame \
    && useradd --uid 10001 --gid 10001 --home-dir /data --create-home --skel /dev/null --shell /usr/sbin/nologin calame
COPY --from=build /opt/calame /opt/calame
ENV PATH=/opt/calame/bin:$PATH \
    CALAME_HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 5001
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 5001, timeout=4); c.request('GET', '/health/ready'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["calame"]
CMD ["serve", "--host", "0.0.0.0", "--no-browser"]
