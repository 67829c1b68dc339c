"""Storage that speaks S3, on a free loopback port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto import settings
from moto.server import ThreadedMotoServer

from tests.services.server import free_port


@contextmanager
def s3_server() -> Iterator[str]:
    """Runs an empty storage until the block ends; gives its host and port."""
    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    try:
        yield "{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def make_reader(endpoint: str, bucket: str, *actions: str) -> dict[str, str]:
    """Keys of an account that may do only `actions` (e.g. s3:GetObject) in the bucket."""
    iam = boto3.client("iam", endpoint_url=f"http://{endpoint}", region_name="us-east-1",
                       aws_access_key_id="root", aws_secret_access_key="root")  # fmt: skip
    name = "reader-" + "-".join(action.rpartition(":")[2] for action in actions)
    iam.create_user(UserName=name)
    places = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    rule = {"Effect": "Allow", "Action": list(actions), "Resource": places}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    iam.put_user_policy(UserName=name, PolicyName="reads", PolicyDocument=policy)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return {"access_key": made["AccessKeyId"], "secret_key": made["SecretAccessKey"]}


@contextmanager
def looking_at_keys() -> Iterator[None]:
    """The storage, which otherwise takes any, looks at keys and rights until the block ends."""
    before = settings.INITIAL_NO_AUTH_ACTION_COUNT
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    try:
        yield
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = before
