"""Packaging: four packages and the `hub` command. Tool settings are in pyproject.toml."""

from setuptools import find_packages, setup

# What runs; exact versions, of these and of what they bring along, are in constraints.txt.
RUNTIME = [
    "alembic",
    "argon2-cffi",
    "authlib",
    "babel",
    "celery[redis]",
    "chardet",
    "chinesecalendar",
    "ckanapi",
    "click",
    "cryptography",
    "datasketch",
    "dbfread",
    "duckdb",
    "feedgenerator",
    "flask",
    "gunicorn",
    "gmalg",
    "http-message-signatures",
    "http-sf",
    "httpx",
    "jinja2",
    "jsonschema",
    "limits",
    "lxml",
    "minio",
    "numpy",
    "opentelemetry-exporter-otlp-proto-http",
    "opentelemetry-sdk",
    "orjson",
    "paramiko",
    "polars",
    "polars-hash",
    "prometheus-client",
    "psycopg[binary]",
    "pyarrow",
    "pymysql",
    "pyotp",
    "python-calamine",
    "python-stdnum",
    "pyyaml",
    "rapidfuzz",
    "rdflib",
    "requests",
    "rich",
    "scikit-learn",
    "scipy",
    "segno",
    "splink",
    "sqlalchemy",
    "stamina",
    "structlog",
    "vl-convert-python",
    "waitress",
    "xlsxwriter",
    "zeep",
]

DEVELOPMENT = [
    "aiosmtpd",
    "check-jsonschema",
    "dlt",
    "fastexcel",
    "feedparser",
    "frictionless[ckan]",
    "hypothesis",
    "jsonschema-rs",
    "kubernetes-validate",
    "moto[s3,server]",
    "mypy",
    "oidc-provider-mock",
    "odfpy",
    "openapi-spec-validator",
    "openpyxl",
    "pillow",
    "pyftpdlib",
    "pyshacl",
    "pytest",
    "pytest-xdist",
    "ruff",
    "schemathesis",
    "selenium",
    "time-machine",
    "types-gunicorn",
    "types-paramiko",
    "types-pymysql",
    "types-pyyaml",
    "types-requests",
    "xlwt",
]

# Everything beside the code that is read at run time: standards, code lists, catalogues, pages.
DATA = [
    f"**/*.{suffix}"
    for suffix in (
        "css", "csv", "dbf", "html", "js", "json", "jsonl", "md", "po", "png", "svg", "toml", "txt", "xls",
        "xlsx", "xml", "yml",
    )
]  # fmt: skip

PACKAGES = find_packages(
    include=[f"{name}{tail}" for name in ("exchange_schemas", "adapters", "publisher", "hub")
             for tail in ("", ".*")]
)  # fmt: skip

setup(
    name="exchange-hub",
    version="0.1.0",
    description="Exchange hub for a city's market-regulation records",
    python_requires=">=3.11",
    packages=PACKAGES,
    package_data=dict.fromkeys(PACKAGES, DATA),
    install_requires=RUNTIME,
    extras_require={"dev": DEVELOPMENT},
    entry_points={"console_scripts": ["hub = hub.cli.main:hub"]},
    zip_safe=False,
)
