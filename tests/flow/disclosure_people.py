"""What the machine's people do to each other's roles, and the policies that they sign."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import HubError
from exchange_schemas.standard import Standard
from hub import people, policies
from hub.database import write
from hub.states import ROLES
from tests.flow.disclosure_model import DEPARTMENTS, PEOPLE, Known, Served
from tests.flow.small_standard import DATASET


class People(Served):
    """`held` says for which departments somebody has a role, `policy` who signed the last one."""

    engine: Engine
    catalogue: Catalogue
    standard: Standard
    held: dict[tuple[str, str], set[str]]
    policy: tuple[str, str, int] | None

    # --- people -----------------------------------------------------------------------------------

    @initialize()
    def first_roles(self) -> None:
        for person, role in (("wang", "reviewer"), ("li", "approver"), ("li", "handler")):
            self.grant(person, role, DEPARTMENTS[0])

    def grant(self, person: str, role: str, department: str) -> None:
        with write(self.engine) as connection:
            people.grant(connection, person, department, role, "model")
        self.held.setdefault((person, role), set()).add(department)

    @rule(person=PEOPLE, role=st.sampled_from(ROLES), department=st.sampled_from(DEPARTMENTS))
    def appoint(self, person: str, role: str, department: str) -> None:
        self.grant(person, role, department)

    @rule(person=PEOPLE, role=st.sampled_from(ROLES), department=st.sampled_from(DEPARTMENTS))
    def dismiss(self, person: str, role: str, department: str) -> None:
        with suppress(HubError), write(self.engine) as connection:
            people.revoke(connection, person, department, role, "model")
        self.held.get((person, role), set()).discard(department)

    def may(self, person: str, role: str, known: Known) -> bool:
        return known.department in self.held.get((person, role), set())

    # --- policies ---------------------------------------------------------------------------------

    @rule(first=PEOPLE, second=PEOPLE)
    def sign_policy(self, first: str, second: str) -> None:
        told = policies.Proposal(
            DATASET, DEPARTMENTS[0], {"violation_type": ["无照经营"]}, "常见案由", "规定", today()
        )
        with suppress(HubError), write(self.engine) as connection:
            made = policies.propose(connection, self.standard, told, first)
            policies.approve_policy(connection, made, second)
            policies.apply_policies(connection, self.catalogue, self.standard, 1, today())
            assert first != second
            assert DEPARTMENTS[0] in self.held.get((first, "reviewer"), set())
            assert DEPARTMENTS[0] in self.held.get((second, "approver"), set())
            self.policy = (first, second, made)

    @rule(actor=PEOPLE)
    def end_policy(self, actor: str) -> None:
        if self.policy:
            with suppress(HubError), write(self.engine) as connection:
                policies.end_policy(connection, self.policy[2], actor)
                self.policy = None
