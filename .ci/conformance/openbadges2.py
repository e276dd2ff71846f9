"""Has Open Badges 1.x and 2.0 badges judged by 1EdTech's validator, package openbadges, as it is published.

reads  [{"name", "input": URL, JSON or JWS text | "file": path, "profile": {"email": address} | null}]
writes {"versions": {...}, "reports": {name: the validator's report}}
"""
import collections
import collections.abc
import importlib.metadata
import json
import logging
import platform
import sys
import warnings

# The validator's libraries are older than Python 3.10, which took these names away.
for name in ("Callable", "Iterable", "Mapping", "MutableMapping", "Sequence"):
    setattr(collections, name, getattr(collections.abc, name))
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)  # what it logs is in the report, too

from openbadges import verify  # noqa: E402


def judge(job):
    profile = job.get("profile")
    if "file" not in job:
        return verify(job["input"], recipient_profile=profile, include_original_json=True)
    with open(job["file"], "rb") as badge:
        return verify(badge, recipient_profile=profile, include_original_json=True)


def judge_or_tell(job):
    try:
        return judge(job)
    except Exception as error:  # the validator fell over its input, which is a verdict, too
        told = {"name": "CRASH", "messageLevel": "ERROR", "result": f"{type(error).__name__}: {error}"}
        return {"graph": [], "report": {"valid": False, "messages": [told]}}


def text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


reports = {job["name"]: judge_or_tell(job) for job in json.load(sys.stdin)}
versions = {"python": platform.python_version(), "openbadges": importlib.metadata.version("openbadges")}
json.dump({"versions": versions, "reports": reports}, sys.stdout, default=text)
