"""The wide net: many calls, agents who come and go, an ear, time, broken sockets, crashes, in any order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from siaga112.routing.plan import Listening
from tests.routing.world import World

AGENTS = 4


class Centre(RuleBasedStateMachine):
    """A world of some size, pushed at random; the rules of `World.check` hold after every push."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(AGENTS, ready=2, wrap_up=5.0, supervisors=1, listening=Listening())
        self.world.budget["hears"] = 1_000
        self.world.settle()
        self.callers = 0

    @rule(claim=st.booleans(), again=st.booleans())
    def somebody_calls(self, *, claim: bool, again: bool) -> None:
        """A call comes in, by broadcast or by the plain path, maybe of a number that is known."""
        self.callers += not (again and self.callers)
        self.world.model.invite(f"08{self.callers}", claim=claim)

    @rule(
        agent=st.integers(101, 100 + AGENTS),
        code=st.sampled_from([*("*11",) * 3, "*12", "*13", "*14", "*19", "*0", "*71", "*70", "*91", "*90"]),
    )
    def a_code_is_dialled(self, agent: int, code: str) -> None:
        """An agent says what they want to be."""
        self.world.model.dial_code(f"PJSIP/{agent}", code)

    @rule(code=st.sampled_from(["*33101", "*33102", "*31101"]))
    def a_supervisor_looks_in(self, code: str) -> None:
        """One more in a talk, if there is one."""
        self.world.model.dial_code(f"PJSIP/{100 + AGENTS}", code)

    @rule(agent=st.integers(101, 100 + AGENTS), online=st.booleans())
    def a_phone_comes_or_goes(self, agent: int, *, online: bool) -> None:
        """A phone registers or is lost; the next look sees it."""
        self.world.model.phones[f"PJSIP/{agent}"] = "online" if online else "offline"
        self.world.look_at_phones()

    @rule(pushes=st.lists(st.integers(0, 1000), min_size=1, max_size=12))
    def things_happen(self, pushes: list[int]) -> None:
        """Whatever may come next comes next."""
        for push in pushes:
            choices = list(self.world.choices())
            if choices:
                choices[push % len(choices)][1](self.world)
                self.world.check()

    @rule()
    def a_routine_look(self) -> None:
        """Nothing was missed, so a look changes nothing that events under way would not."""
        self.world.settle()
        self.world.resync(routine=True)

    @rule(what=st.sampled_from(["drop", "crash"]))
    def it_breaks(self, what: str) -> None:
        """The socket drops, or the daemon is killed."""
        getattr(self.world, what)()

    @rule()
    def it_rests(self) -> None:
        """Everything under way comes to rest."""
        self.world.settle()

    @invariant()
    def every_rule_holds(self) -> None:
        """The rules of the world."""
        self.world.check()


TestCentre = Centre.TestCase
TestCentre.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
