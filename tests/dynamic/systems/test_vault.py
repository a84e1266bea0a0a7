"""Tokens in the database: found by every process, claimed by one, readable to nobody else."""

import asyncio
import time
from dataclasses import dataclass

import pytest
from django.db import connection

from dynamic.flow.exchange import NoToken
from dynamic.models import Credential, IssuedToken, System
from dynamic.outbound.tokens import LEASE, Token
from dynamic.systems import vault
from dynamic.systems.vault import DatabaseVault


@dataclass
class Recipe:
    credential: int
    made_for: str = "fingerprint"


@pytest.fixture
def recipe(transactional_db, alice):
    system = System.objects.create(owner=alice, slug="shop", name="Shop", base_url="https://s.test")
    return Recipe(Credential.objects.create(system=system, values={}).pk)


def run(work):
    """What `work` gives for a vault of its own, as in another process."""

    async def within():
        vault = DatabaseVault()
        try:
            return await work(vault)
        finally:
            await asyncio.get_running_loop().run_in_executor(None, vault.close)

    return asyncio.run(within())


def test_it_keeps_a_token_for_every_process(recipe):
    token = Token({"access_token": "canary-1"}, time.time() + 60)
    run(lambda vault: vault.save(recipe, token))
    assert run(lambda vault: vault.load(recipe)) == token


def test_it_keeps_it_encrypted(recipe):
    vault.save(recipe, Token({"access_token": "canary-1"}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM dynamic_issuedtoken")
        assert "canary" not in cursor.fetchone()[0]


def test_it_knows_no_token_of_other_settings(recipe):
    vault.save(recipe, Token({"access_token": "canary-1"}))
    assert vault.load(Recipe(recipe.credential, "changed")) is None


def test_it_lets_one_claim_at_a_time(recipe):
    assert run(lambda vault: vault.claim(recipe))
    assert not run(lambda vault: vault.claim(recipe))
    run(lambda vault: vault.release(recipe))
    assert run(lambda vault: vault.claim(recipe))
    run(lambda vault: vault.save(recipe, Token({})))
    assert run(lambda vault: vault.claim(recipe))


def test_it_takes_a_claim_over_whose_process_died(recipe):
    run(lambda vault: vault.claim(recipe))
    IssuedToken.objects.update(renewing_until=time.time() - LEASE)
    assert run(lambda vault: vault.claim(recipe))


def test_it_has_no_token_where_a_claim_was_all(recipe):
    run(lambda vault: vault.claim(recipe))
    assert run(lambda vault: vault.load(recipe)) is None


def test_it_says_when_the_credential_is_gone(recipe):
    Credential.objects.all().delete()
    with pytest.raises(NoToken, match="was deleted"):
        run(lambda vault: vault.claim(recipe))


def test_it_says_when_the_credential_went_while_the_token_was_obtained(recipe):
    assert run(lambda vault: vault.claim(recipe))
    Credential.objects.all().delete()
    with pytest.raises(NoToken, match="was deleted"):
        vault.save(recipe, Token({"access_token": "canary-1"}))
    run(lambda vault: vault.save(recipe, Token({"access_token": "canary-1"})))  # it goes on
