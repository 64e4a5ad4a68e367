import {
    describeDue,
    describeLeft,
    formatHours,
    formatMoment,
    formatSeconds,
} from "@support_contract/clocks/clock_words";
import {expect, test} from "@odoo/hoot";
import {
    getAhead,
    getHistory,
    measure,
    readClock,
    toMillis,
} from "@support_contract/clocks/clock";
import {makeMockEnv} from "@web/../tests/web_test_helpers";

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;

/**
 * Eight hours, asked for on Friday 20 November 2026 at 15:00 UTC; the hours that count
 * are 8 to 12 and 13 to 17 on working days. It is 16:00.
 */
function makeClock(changes = {}) {
    return readClock({
        id: 1,
        kind: "First response",
        state: "running",
        open: true,
        paused: false,
        seconds: 8 * 3600,
        used: 3600,
        now: "2026-11-20 16:00:00",
        started_on: "2026-11-20 15:00:00",
        deadline: "2026-11-23 15:00:00",
        missed_on: false,
        risk_at: "2026-11-23 13:00:00",
        ended_on: false,
        hours: "Office Hours",
        hours_from: "The contract",
        earlier: 0,
        openings: [
            ["2026-11-20 16:00:00", "2026-11-20 17:00:00"],
            ["2026-11-23 08:00:00", "2026-11-23 12:00:00"],
            ["2026-11-23 13:00:00", "2026-11-23 17:00:00"],
            ["2026-11-24 08:00:00", "2026-11-24 12:00:00"],
        ],
        segments: [["counted", "2026-11-20 15:00:00", "2026-11-20 16:00:00"]],
        ...changes,
    });
}

function at(text) {
    return toMillis(text);
}

test("a clock goes on only within the hours that count", () => {
    const clock = makeClock();
    expect(measure(clock, clock.now).left).toBe(7 * 3600);
    expect(measure(clock, clock.now + 30 * MINUTE).left).toBe(6.5 * 3600);
    expect(measure(clock, at("2026-11-21 10:00:00")).left).toBe(6 * 3600);
    expect(measure(clock, at("2026-11-23 09:15:00")).left).toBe(4.75 * 3600);
});

test("a clock never goes back behind the server's now", () => {
    const clock = makeClock();
    expect(measure(clock, clock.now - HOUR).used).toBe(3600);
});

test("outside the hours it says when it goes on", () => {
    const clock = makeClock();
    expect(measure(clock, clock.now).resumesAt).toBe(null);
    expect(measure(clock, at("2026-11-21 10:00:00")).resumesAt).toBe(
        at("2026-11-23 08:00:00")
    );
});

test("green, amber from the moment of risk, red one moment after the deadline", () => {
    const clock = makeClock();
    expect(measure(clock, at("2026-11-23 12:59:59")).level).toBe("success");
    expect(measure(clock, at("2026-11-23 13:00:00")).level).toBe("warning");
    const last = measure(clock, at("2026-11-23 15:00:00"));
    expect([last.phase, last.level, last.left]).toEqual(["running", "warning", 0]);
    const late = measure(clock, at("2026-11-23 16:10:00"));
    expect([late.phase, late.level, late.over]).toEqual(["late", "danger", 70 * 60]);
    expect(late.share).toBe(100);
});

test("a paused clock stands still and is grey", () => {
    const clock = makeClock({
        state: "paused",
        paused: true,
        deadline: false,
        risk_at: false,
        openings: [],
    });
    const measured = measure(clock, clock.now + 5 * HOUR);
    expect([measured.phase, measured.level, measured.left]).toEqual([
        "paused",
        "secondary",
        7 * 3600,
    ]);
});

test("a missed promise that waits for the customer stays missed", () => {
    const clock = makeClock({
        state: "missed",
        paused: true,
        used: 9 * 3600,
        deadline: false,
        missed_on: "2026-11-20 15:30:00",
        openings: [],
    });
    const measured = measure(clock, clock.now + HOUR);
    expect([measured.phase, measured.level, measured.over]).toEqual([
        "late",
        "danger",
        3600,
    ]);
});

test("what has ended does not go on", () => {
    const ended = {open: false, ended_on: "2026-11-20 16:00:00", openings: []};
    const kept = measure(
        makeClock({...ended, state: "met"}),
        at("2027-01-01 00:00:00")
    );
    expect([kept.phase, kept.level, kept.used]).toEqual(["kept", "secondary", 3600]);
    const missed = makeClock({...ended, state: "missed", used: 9 * 3600});
    expect(measure(missed, missed.now).phase).toBe("missed");
    const cancelled = makeClock({...ended, state: "cancelled"});
    expect(measure(cancelled, cancelled.now).phase).toBe("cancelled");
});

test("the history goes on with the clock", () => {
    const clock = makeClock();
    const history = getHistory(clock, at("2026-11-23 09:00:00"));
    expect(history.map(({kind, start, end}) => [kind, (end - start) / HOUR])).toEqual([
        ["counted", 2],
        ["outside", 63],
        ["counted", 1],
    ]);
});

test("history and what is still to count make up the promise", () => {
    const clock = makeClock();
    for (const now of [
        clock.now,
        at("2026-11-21 10:00:00"),
        at("2026-11-23 14:20:00"),
    ]) {
        const counted = [...getHistory(clock, now), ...getAhead(clock, now)]
            .filter(({kind}) => kind === "counted" || kind === "ahead")
            .reduce((sum, {start, end}) => sum + end - start, 0);
        expect(counted).toBe(8 * HOUR);
    }
});

test("a wait for the customer goes on in the history", () => {
    const clock = makeClock({
        state: "paused",
        paused: true,
        deadline: false,
        openings: [],
        segments: [
            ["counted", "2026-11-20 15:00:00", "2026-11-20 15:30:00"],
            ["waiting", "2026-11-20 15:30:00", "2026-11-20 16:00:00"],
        ],
    });
    const history = getHistory(clock, clock.now + HOUR);
    expect(history[1].kind).toBe("waiting");
    expect(history[1].end - history[1].start).toBe(1.5 * HOUR);
    expect(getAhead(clock, clock.now)).toEqual([]);
});

test("what people read", async () => {
    await makeMockEnv();
    expect(formatHours(2.5 * 3600 + 59)).toBe("2:30 h");
    expect(formatSeconds(2.5 * 3600)).toBe("2:30 h");
    expect(formatSeconds(545)).toBe("9:05 min");
    const words = (now, changes) =>
        String(describeLeft(measure(makeClock(changes), now)));
    const now = at("2026-11-20 16:00:00");
    expect(words(now)).toBe("7:00 h left");
    expect(words(now, {paused: true, state: "paused"})).toBe("paused, 7:00 h left");
    expect(words(at("2026-11-23 16:10:00"))).toBe("late by 1:10 h");
    // begun minutes count: it is late, not late by nothing
    expect(words(at("2026-11-23 15:00:01"))).toBe("late by 0:01 h");
    expect(words(now, {open: false, state: "met", used: 6000})).toBe("kept in 1:40 h");
    expect(words(now, {open: false, state: "missed", used: 33000})).toBe(
        "missed by 1:10 h"
    );
    expect(words(now, {open: false, state: "cancelled"})).toBe("cancelled");
});

test("moments are told in the user's time zone, days from the server's today", async () => {
    await makeMockEnv();
    luxon.Settings.defaultZone = "Europe/Rome";
    const now = at("2026-11-20 22:30:00");
    const moment = (text) =>
        String(formatMoment(at(text), now)).replace(/\u202f/g, " ");
    expect(moment("2026-11-20 14:05:00")).toBe("today, 3:05 PM");
    expect(moment("2026-11-20 23:05:00")).toBe("tomorrow, 12:05 AM");
    expect(moment("2026-11-19 10:00:00")).toBe("yesterday, 11:00 AM");
    expect(moment("2026-11-24 09:40:00")).toBe("Tue, Nov 24, 10:40 AM");
    expect(moment("2025-11-24 09:40:00")).toBe("Nov 24, 2025, 10:40 AM");
    const clock = makeClock();
    const due = String(describeDue(clock, measure(clock, now), now));
    expect(due.replace(/\u202f/g, " ")).toBe(
        "due Mon, Nov 23, 4:00 PM, stands still until Mon, Nov 23, 9:00 AM"
    );
});
