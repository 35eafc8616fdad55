# One image for every process of the scaled shape; compose.yaml says which command is which.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    PLACET_DATA_DIR=/data PLACET_STATIC_ROOT=/app/staticfiles
RUN useradd --uid 10001 --create-home placet && mkdir /data && chown placet /data
WORKDIR /app

# Words that people draw on pictures: the font that comes with Pillow has hardly more than ASCII.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
# The requirements first: they change less often than the code, and this layer is then kept.
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY manage.py ./
COPY placet placet
COPY accounts accounts
COPY agents agents
COPY files files
COPY reviews reviews
COPY inbox inbox
COPY runs runs
COPY webhooks webhooks
COPY templates templates
COPY static static
# No secret is needed to collect files, and none must end up in the image.
RUN PLACET_DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build

USER placet
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
# Without any setting: the embedded shape, everything in this one process and its data in /data.
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000"]
