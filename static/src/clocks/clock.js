/**
 * What a promise's clock says at a moment: the same rules as tools/sla.py, for a bar that
 * goes on without asking the server. Moments are milliseconds since 1970, durations
 * seconds.
 */

/** A moment of the server ("2026-11-24 09:40:00", UTC) in milliseconds. */
export function toMillis(text) {
    return text ? Date.parse(`${text.replace(" ", "T")}Z`) : null;
}

/** A clock as the server sends it (support.sla.clock, _prepare_bar), ready to be asked. */
export function readClock(bar) {
    return {
        ...bar,
        now: toMillis(bar.now),
        startedOn: toMillis(bar.started_on),
        endedOn: toMillis(bar.ended_on),
        due: toMillis(bar.deadline || bar.missed_on),
        riskAt: toMillis(bar.risk_at),
        openings: bar.openings.map((pair) => pair.map(toMillis)),
        segments: bar.segments.map(([kind, start, end]) => ({
            kind,
            start: toMillis(start),
            end: toMillis(end),
        })),
    };
}

/** Whether the clock's time passes, or would if it were within its hours. */
export function isCounting(clock) {
    return clock.open && !clock.paused;
}

/** The parts of the openings between two moments. */
export function clip(openings, start, end) {
    return openings
        .map(([opening, closing]) => [Math.max(opening, start), Math.min(closing, end)])
        .filter(([opening, closing]) => opening < closing);
}

/** Counted seconds at a moment that is not before the server's. */
export function getUsed(clock, now) {
    if (!isCounting(clock)) {
        return clock.used;
    }
    const passed = clip(clock.openings, clock.now, now).reduce(
        (sum, [start, end]) => sum + end - start,
        0
    );
    return clock.used + Math.floor(passed / 1000);
}

function getPhase(clock, now) {
    if (!clock.open) {
        return {met: "kept", missed: "missed"}[clock.state] || "cancelled";
    }
    // At the deadline itself the promise can still be kept.
    if (clock.state === "missed" || (!clock.paused && clock.due && now > clock.due)) {
        return "late";
    }
    return clock.paused ? "paused" : "running";
}

function getLevel(clock, phase, now) {
    if (phase === "late") {
        return "danger";
    }
    if (phase !== "running") {
        return "secondary";
    }
    return clock.riskAt && now >= clock.riskAt ? "warning" : "success";
}

/**
 * What there is to say about a clock.
 *
 * - phase: running, paused, late, kept, missed (and ended) or cancelled
 * - level: how it is coloured
 * - used, left, over: counted seconds, those that remain and those that are too many
 * - share: percent of the promised time that has been used
 * - resumesAt: the next opening, if nothing counts right now
 */
export function measure(clock, now) {
    const moment = Math.max(now, clock.now);
    const used = getUsed(clock, moment);
    const phase = getPhase(clock, moment);
    let resumesAt = null;
    if (isCounting(clock)) {
        const next = clock.openings.find(([, end]) => end > moment);
        resumesAt = next && next[0] > moment ? next[0] : null;
    }
    return {
        phase,
        level: getLevel(clock, phase, moment),
        used,
        left: Math.max(clock.seconds - used, 0),
        over: Math.max(used - clock.seconds, 0),
        share: Math.min(Math.round((100 * used) / clock.seconds), 100),
        resumesAt,
    };
}

function push(segments, kind, start, end) {
    const last = segments[segments.length - 1];
    if (last && last.kind === kind && last.end === start) {
        segments[segments.length - 1] = {...last, end};
    } else if (start < end) {
        segments.push({kind, start, end});
    }
}

/** What the clock went through up to a moment, oldest first. */
export function getHistory(clock, now) {
    const segments = [];
    for (const {kind, start, end} of clock.segments) {
        push(segments, kind, start, end);
    }
    if (!clock.open || now <= clock.now) {
        return segments;
    }
    if (clock.paused) {
        push(segments, "waiting", clock.now, now);
        return segments;
    }
    let at = clock.now;
    for (const [start, end] of clip(clock.openings, clock.now, now)) {
        push(segments, "outside", at, start);
        push(segments, "counted", start, end);
        at = end;
    }
    push(segments, "outside", at, now);
    return segments;
}

/** The openings that lead to the deadline. */
export function getAhead(clock, now) {
    if (!isCounting(clock) || !clock.due) {
        return [];
    }
    return clip(clock.openings, Math.max(now, clock.now), clock.due).map(
        ([start, end]) => ({kind: "ahead", start, end})
    );
}
