"""The parts of the latency benchmark that are about whose turn it is."""

import click

from tests.benchmarks.agents import CALLS, FEW_CALLS, Results, Wanted, brief_agent, known_agent
from tests.benchmarks.disturbances import QUESTION, SOUNDS, disturb
from tests.benchmarks.figures import Figure, Row, show
from tests.benchmarks.heard_truth import beliefs
from tests.benchmarks.hesitations import HELD_OUT, hesitate
from tests.benchmarks.interruptions import interrupt
from tests.benchmarks.records import said_by_callers, thrown_away


async def interruptions(_wanted: Wanted) -> Results:
    """`barge_in_ms`, and heard truth on the same interrupted turns."""
    async with known_agent() as (parts, repertoire, folder):
        address = parts.asterisk.sip_address
        found = await interrupt(address, repertoire, folder, calls=CALLS, each=26)
        await parts.gateway.stop()
        records = parts.gateway.call_records()
    truths = [
        belief
        for record in records
        for belief in beliefs(record, found.runs[str(record["caller"])], repertoire)
    ]
    figure = Figure.of(found.reactions)
    errors = [truth.error for truth in truths]
    show(
        f"interrupted {figure.n} times by a human voice, {CALLS} phones",
        [Row("caller's onset → silence at the ear", figure, "p95 ≤ 200 ms")],
    )
    exact, near = errors.count(0), sum(error <= 1 for error in errors)
    click.echo(
        f"heard by the record and by the wire, {len(errors)} interrupted turns: {exact} the same, "
        f"{near} within one word, worst {max(errors)}; not interrupted: {found.missed}"
    )
    for truth in truths:
        if truth.error > 1:
            click.echo(f"  {truth.believed} words, truly {truth.truly}, of: {truth.said}")
    return {
        "barge_in_ms": figure.to_json(),
        "heard_truth": {"turns": len(errors), "within_one_word": near, "worst": max(errors)},
    }


async def disturbances(_wanted: Wanted) -> Results:
    """`lost_to_noise_share`."""
    async with known_agent() as (parts, repertoire, folder):
        address = parts.asterisk.sip_address
        each = -(-SOUNDS // CALLS)
        found = await disturb(address, repertoire, folder, calls=CALLS, each=each)
        await parts.gateway.stop()
        taken = said_by_callers(parts.gateway.call_records()) - {QUESTION}
    lost = [each.sound for each in found if each.lost]
    click.echo(f"{len(found)} coughs, noises and signs of listening: {len(lost)} lost the sentence")
    if lost:
        click.echo(f"lost to: {', '.join(lost)}; understood: {taken}")
    show("", [Row("the agent is not heard for", Figure.of([each.silence for each in found]))])
    return {"lost_to_noise_share": len(lost) / len(found), "noises": len(found)}


async def hesitations(_wanted: Wanted) -> Results:
    """`cut_off_share`, and how long those wait who think while they speak."""
    async with brief_agent({}) as (parts, model, folder):
        found = await hesitate(parts.asterisk.sip_address, folder, calls=FEW_CALLS)
        await parts.gateway.stop()
        thrown = thrown_away(parts.gateway.call_records())
    cut = [each.sentence for each in found if each.cut_off]
    click.echo(f"{len(found)} sentences with pauses: {len(cut)} answered before their end")
    for sentence in cut:
        click.echo(f"  {sentence}")
    latency = Figure.of([each.latency for each in found if each.latency is not None])
    show("", [Row("end of speech → first word, a human voice", latency)])
    requests = model.requests / len(found)
    click.echo(f"early start asks the model {requests:.2f} times a sentence; {thrown} thrown away")
    return {
        "cut_off_share": round(len(cut) / len(found), 4),
        "hesitations": len(found),
        "cut_off_held_out": sum(each.sentence in HELD_OUT for each in found if each.cut_off),
        "human_voice_ms": latency.to_json(),
        "early_start_thrown_away": thrown,
        "hesitations_requests_per_turn": round(requests, 3),
    }
