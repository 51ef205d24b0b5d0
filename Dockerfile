# syntax=docker/dockerfile:1
# The tracker as one image: `docker compose up` beside compose.yaml, or docs/operating.md.
ARG PYTHON=3.13

# What is only needed to make the image stays behind here.
FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/rocc
RUN python -m venv /opt/venv
COPY requirements/run.txt requirements/run.txt
RUN /opt/venv/bin/pip install --no-input --require-hashes --requirement requirements/run.txt
COPY . .
# The key signs nothing: no session is made while files are collected, and none of it is kept in the image.
RUN SECRET_KEY="only-for-collecting-static-files-while-the-image-is-made-0" DATABASE_URL=sqlite://:memory: \
    /opt/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /opt/venv/bin/python -m compileall -q plans rocc

FROM python:${PYTHON}-slim
# Backups are kept here, and SQLite where DATABASE_URL says nothing else.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin rocc \
    && install --directory --owner=rocc --group=rocc --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/rocc /srv/rocc
ENV PATH="/opt/venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PORT=8000 \
    DATABASE_URL=sqlite:////data/rocc.sqlite3
WORKDIR /srv/rocc
USER rocc
VOLUME /data
EXPOSE 8000
# Nothing is written but to /data and to memory, so the root may be read-only.
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["python", "-m", "rocc.probe"]
# Within a container 127.0.0.1 is nobody else's: who may come in is for the network around it to say.
CMD ["sh", "-c", "exec gunicorn --bind 0.0.0.0:$PORT rocc.wsgi"]
