"""Leads schemathesis past the first check: bodies ask for the model that is served, and for short answers."""

import os

import schemathesis

MODEL = os.environ["TANDEM_FUZZ_MODEL"]
LIMITS = ("max_tokens", "max_completion_tokens")


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and isinstance(body.get("model"), str):
        body["model"] = MODEL
        for name in LIMITS:
            if isinstance(body.get(name), int) and body[name] > 8:
                body[name] = 8
    return body
