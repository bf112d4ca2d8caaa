"""Every codec that the README promises, and phones that encrypt, by real softphones."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from siaga112.lab.callers import place
from siaga112.lab.lab import Lab
from siaga112.lab.layout import asterisk_conf
from siaga112.lab.ports import pick_all
from siaga112.lab.root import ensure_root
from siaga112.lab.sandbox import Sandbox
from siaga112.lab.softphone import Encrypted, Softphone
from siaga112.lab.sounds import loudness
from tests.asterisk.centre import Centre

CALLERS = {"111": "g722", "112": "opus", "113": "pcmu"}
TAKERS = ("114", "115", "116")


async def test_each_codec_is_understood_by_a_phone_that_has_another(centre: Centre) -> None:
    """Callers who offer nothing but G.722, opus or PCMU talk with call-takers who have nothing but PCMA."""
    async with AsyncExitStack() as stack:

        async def phone(name: str, codecs: str) -> Softphone:
            one = Softphone(centre.ground, name, answer_after=0.2, talk_s=2.0, codecs=codecs)
            return await stack.enter_async_context(one)

        takers = await asyncio.gather(*(phone(name, "pcma") for name in TAKERS))
        callers = await asyncio.gather(*(phone(name, codec) for name, codec in CALLERS.items()))
        await asyncio.gather(*(one.dial("*11") for one in takers))
        before = {one: len(one.events) for one in takers}
        await asyncio.gather(*(one.dial("112") for one in callers))
        await asyncio.gather(*(one.happened("CALL_CLOSED", since=before[one]) for one in takers))
        heard = {one.agent: loudness(one.heard()) for one in (*callers, *takers)}
        await asyncio.gather(*(one.dial("*13") for one in takers))
    records = await centre.records(list(CALLERS))
    await centre.at_rest()
    assert {one["outcome"] for one in records} == {"answered"}
    assert sorted(one["agent_id"] for one in records) == sorted(TAKERS)
    assert min(heard.values()) > -40, heard


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[Centre, Encrypted]]:
    """A centre whose phones must encrypt, by the sample that the product comes with."""
    lab = Lab(tmp_path, timings={"wrap_up": 0})
    lab.layout.make()
    (port,) = pick_all(0)
    etc = lab.layout.asterisk_etc
    certificate = _certify(etc / "keys")
    sample = (asterisk_conf() / "pjsip_tls.conf.sample").read_text()
    for before, after in (
        ("bind = 0.0.0.0:5061", f"bind = 127.0.0.1:{port}"),
        (";media_encryption_optimistic = no", "media_encryption_optimistic = no"),
    ):
        assert before in sample
        sample = sample.replace(before, after)
    (etc / "pjsip_tls.conf").write_text(sample)
    with lab:
        yield Centre(lab), Encrypted(f"127.0.0.1:{port}", certificate)


def _certify(folder: Path) -> Path:
    """Make a key, and a certificate that it has signed itself."""
    folder.mkdir(parents=True)
    names = [str(folder / f"siaga112.{ending}") for ending in ("key", "crt")]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", names[0], "-out", names[1], "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    argv = Sandbox(ensure_root().fs).argv(command, same_path=[folder])
    subprocess.run(argv, check=True, capture_output=True, timeout=30)  # noqa: S603 - our own
    return Path(names[1])


async def test_a_phone_that_encrypts_takes_a_call(encrypted: tuple[Centre, Encrypted]) -> None:
    """A desk registers over TLS, trusts the certificate, takes no audio but SRTP, and talks with a caller."""
    centre, secure = encrypted
    async with Softphone(centre.ground, "110", answer_after=0.2, encrypted=secure) as phone:
        await phone.dial("*11")
        before = len(phone.events)
        summary = await place(centre.ground, "talk", talk_s=2.0)
        await phone.happened("CALL_CLOSED", since=before)
        record = await centre.record(summary.numbers[0])
    assert record["agent_id"] == "110"
    assert loudness(phone.heard()) > -40
