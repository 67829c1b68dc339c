#!/usr/bin/env python3
"""核对开放数据的发布版，只需 Python 3.8。 Checks releases of open data; needs only Python 3.8.
python verify.py [DIR] [DIGEST ...]
DIR 一个发布版，或装有一个数据集全部发布版的文件夹 one release, or a folder with all of a dataset
DIGEST 网站公布的公钥指纹或最新清单摘要 the key's or the newest manifest's, as the web site tells
"""

import csv
import json
import sys
from base64 import b64decode, b64encode
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032
D, Y = -121665 * pow(121666, -1, P) % P, 4 * pow(5, -1, P) % P
X = 15112221349535400772501151409588531511454012693041857206046113283949847762202


def add(a: Any, b: Any) -> Any:
    t = D * a[0] * b[0] * a[1] * b[1]
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + t, -1, P)
    return x % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P) % P


def times(n: int, point: Any) -> Any:
    once = point if n % 2 else (0, 1)
    return add(times(n // 2, add(point, point)), once) if n else once


def ed25519(key: bytes, text: bytes, signed: bytes) -> bool:
    hashed = sha512(signed[:32] + key + text).digest()
    h, s, point = (int.from_bytes(raw, "little") for raw in (hashed, signed[32:], key))
    odd, y = divmod(point, 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    u, v = add(times(s, (X, Y)), times(h % Q, (P - x if x % 2 == odd else x, y)))
    same = (v | u % 2 << 255).to_bytes(32, "little") == signed[:32]
    return same and s < Q and y < P and x * x % P == square


class Release:
    def __init__(self, path: Path) -> None:
        self.path, self.told = path, json.loads(path.read_bytes())
        self.number, self.sha256 = self.told["number"], sha256(path.read_bytes()).hexdigest()

    def file(self, name: str) -> Path:  # a browser may have saved it as DATASET-NUMBER-name
        return self.path.with_name(self.path.name[: -len("manifest.json")] + name)

    def rows(self, name: str) -> Any:
        with self.file(name).open(encoding="utf-8", newline="") as lines:
            return list(csv.reader(lines, strict=True))[1:]

    def files(self) -> Any:
        absent = []
        for told in self.told["files"]:
            path = self.file(told["name"])
            if path.is_file():
                found = path.stat().st_size, sha256(path.read_bytes()).hexdigest()
                yield found == (told["bytes"], told["sha256"]), path.name
            else:
                absent += [path.name]
        why = "已删除 erased" if self.file("erased.json").is_file() else "不在此处 not here"
        yield None, f"{len(absent)} 个文件{why}: {' '.join(absent)}"

    def signature(self, keys: Any) -> Any:
        raw = self.file("manifest.sig").read_bytes()
        note = json.loads(raw)
        key, signed = b64decode(note["public_key"]), b64decode(note["signature"])
        sure = {"format": "exchange-hub manifest signature v1", "manifest_sha256": self.sha256}
        sure.update(public_key=b64encode(key).decode(), signature=b64encode(signed).decode())
        sure["key_id"] = self.key_id = sha256(key).hexdigest()
        exact = raw == (json.dumps({**note, **sure}, indent=2) + "\n").encode()
        text = f"exchange-hub release manifest v1\n{self.sha256}\n{note['verifier_sha256']}\n{note['signed_at']}\n".encode()
        if note["algorithm"] == "sm2":
            from gmalg import SM2  # 国密签名需要 for SM2: pip install gmalg

            right = SM2(uid=b"1234567812345678", pk=key).verify(text, signed[:32], signed[32:])
        else:
            right = ed25519(key, text, signed)
        yield exact and right, "清单签名 signature of the manifest"
        one = keys.get(self.key_id, {"valid_from": "9", "valid_until": None})
        known = one["valid_from"] <= note["signed_at"] <= (one["valid_until"] or "9")
        yield known if keys else None, f"公钥指纹，请核对 key, to be compared: {self.key_id}"

    def is_of(self, commitments: Any) -> bool:
        lines = "\n".join(sorted(commitments)).encode()
        return bool(sha256(lines).hexdigest() == self.told["commitments_sha256"])

    def history(self, live: Any, gone: Any) -> Any:
        counts = {"added": 0, "changed": 0, "removed": 0}
        for change, name, commitment, *why in self.rows("delta.csv"):
            counts[change] += 1
            gone.pop(name, None)
            live[name] = commitment
            if change == "removed":
                gone[name] = [str(self.number), *why]
                del live[name]
        right = {**counts, "records": len(live)} == self.told["counts"]
        yield right and self.is_of(live.values()), f"重放差异 replayed: {len(live)} 条 records"
        told = {name: [number, *why] for name, _, _, number, *why in self.rows("tombstones.csv")}
        yield told == gone, f"撤下的 {len(gone)} 条均有记载 what was removed is recorded"

    def records(self, live: Any) -> Any:
        lines = self.file("records.jsonl").read_bytes().split(b"\n")[:-1]
        found = [sha256(line).hexdigest() for line in lines]
        known = set(live.values() or found)
        lost, doubled = len(known - set(found)), len(found) - len(set(found))
        told = f"{lost} 缺 lost, {doubled} 重 doubled, {len(set(found) - known)} 改 altered"
        yield self.is_of(found) and known == set(found), f"{len(found)} 条记录 records: {told}"


def checks(folder: Path, told: Any) -> Any:
    keys: Any = {}
    for path in (folder / "keys.json", folder / "../keys.json", folder / "../../keys.json"):
        if path.is_file():
            keys.update({key["key_id"]: key for key in json.loads(path.read_bytes())["keys"]})
    paths = [*folder.glob("*manifest.json"), *folder.glob("[0-9]*/manifest.json")]
    releases: Any = sorted(map(Release, paths), key=lambda one: one.number)
    first = releases[0].number if releases else 0
    sets: Any = {}, {}  # of records that are public their commitment, of others why they aren't
    for before, release in zip([None, *releases], releases):
        yield None, f"—— 第 {release.number} 版 release {release.number}"
        if before:
            after = {"number": before.number, "manifest_sha256": before.sha256}
            yield release.told["previous"] == after, "接着前一版 follows the release before"
        yield from release.files()
        yield from release.signature(keys)
        if release.told.get("commitments_sha256") and first == 1:
            yield from release.history(*sets)
        if release.file("records.jsonl").is_file():
            yield from release.records(sets[0])
    for one in told:
        yield one in (releases[-1].sha256, releases[-1].key_id), f"与网站相符 as told: {one}"
    yield {0: False, 1: True}.get(first), f"共 {len(releases)} 版 from release {first}"


if __name__ == "__main__":
    wrong = 0
    try:
        for right, what in checks(Path([*sys.argv[1:2], "."][0]), sys.argv[2:]):
            print({True: "√", False: "×", None: "·"}[right], what)
            wrong += right is False
    except (OSError, ValueError, LookupError, TypeError, ImportError, csv.Error) as error:
        print("× 读不了 can't be read:", repr(error))
        wrong += 1
    print(f"× {wrong} 处不符 wrong" if wrong else "√ 全部相符 all right")
    sys.exit(min(wrong, 1))
