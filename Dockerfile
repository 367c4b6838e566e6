# One image; the command chooses the role: `bot serve` (the service), `bot migrate`, `bot check-audit`,
# or `gateway.sandbox.bpjs` (the imitated BPJS, for trying).
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-eng tesseract-ocr-ind \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

COPY rules rules
COPY bot bot
COPY gateway gateway
COPY db db
COPY migrations migrations
COPY locales locales
COPY config.yaml .

# The database (where it is SQLite) and the secret live in the volume; the program can't change its own code.
RUN useradd --system --uid 10001 siaga && install -d -o siaga -m 700 /var/lib/siaga
USER siaga
VOLUME /var/lib/siaga
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SIAGA_WEB__HOST=0.0.0.0 \
    SIAGA_DATABASE__URL=sqlite+aiosqlite:////var/lib/siaga/siaga.db \
    SIAGA_SECRET__FILE=/var/lib/siaga/secret.key

EXPOSE 8000
# The port inside is 8000 unless SIAGA_WEB__PORT says otherwise.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('SIAGA_WEB__PORT', 8000)}/healthz\", timeout=8)"]
CMD ["python", "-m", "bot", "serve"]
