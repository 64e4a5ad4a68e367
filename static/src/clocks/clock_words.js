import {_t} from "@web/core/l10n/translation";
import {formatMinutes} from "../fields/quantity";

const {DateTime} = luxon;

/** Whole minutes that have passed: 1:10 h. */
export function formatHours(seconds) {
    return _t("%s h", formatMinutes(Math.floor(seconds / 60)));
}

/** Below this, seconds matter. */
const SHORT = 10 * 60;

/** Seconds as people read them: 2:30 h; in the last minutes 9:05 min. */
export function formatSeconds(seconds) {
    if (seconds < SHORT) {
        const rest = String(seconds % 60).padStart(2, "0");
        return _t("%s min", `${Math.floor(seconds / 60)}:${rest}`);
    }
    return formatHours(seconds);
}

/** The same, but begun minutes count: what is late by ten seconds is late. */
function formatBegunHours(seconds) {
    return formatHours(60 * Math.ceil(seconds / 60));
}

/** A local time of day, as the user's language writes it, without seconds. */
export function formatTime(millis) {
    return DateTime.fromMillis(millis).toLocaleString(DateTime.TIME_SIMPLE);
}

function formatDay(moment, today) {
    const day = {day: "numeric", month: "short"};
    return moment.toLocaleString(
        moment.year === today.year
            ? {...day, weekday: "short"}
            : {...day, year: "numeric"}
    );
}

/** A moment in the user's time zone as people say it: today, 10:40; Tue, Nov 24, 10:40. */
export function formatMoment(millis, now) {
    const moment = DateTime.fromMillis(millis);
    const today = DateTime.fromMillis(now).startOf("day");
    const days = Math.round(moment.startOf("day").diff(today, "days").days);
    const time = formatTime(millis);
    if (days === 0) {
        return _t("today, %s", time);
    }
    if (days === 1) {
        return _t("tomorrow, %s", time);
    }
    if (days === -1) {
        return _t("yesterday, %s", time);
    }
    return _t("%(day)s, %(time)s", {day: formatDay(moment, today), time});
}

/** How much of the time is left, in words. */
export function describeLeft({phase, left, over, used}) {
    switch (phase) {
        case "running":
            return _t("%s left", formatSeconds(left));
        case "paused":
            return _t("paused, %s left", formatSeconds(left));
        case "late":
            return over ? _t("late by %s", formatBegunHours(over)) : _t("late");
        case "kept":
            return _t("kept in %s", formatBegunHours(used));
        case "missed":
            return over ? _t("missed by %s", formatBegunHours(over)) : _t("missed");
        default:
            return _t("cancelled");
    }
}

/** By when, in words. */
export function describeDue(clock, {phase, resumesAt}, now) {
    if (!clock.open) {
        return clock.endedOn ? _t("ended %s", formatMoment(clock.endedOn, now)) : "";
    }
    if (phase === "paused") {
        return _t("waits for the customer");
    }
    const parts = [];
    if (clock.due) {
        const moment = formatMoment(clock.due, now);
        parts.push(phase === "late" ? _t("was due %s", moment) : _t("due %s", moment));
    }
    if (clock.paused) {
        parts.push(_t("waits for the customer"));
    } else if (resumesAt && phase === "running") {
        parts.push(_t("stands still until %s", formatMoment(resumesAt, now)));
    }
    return parts.join(", ");
}

/** Names of the kinds of segments. */
export function getSegmentNames() {
    return {
        counted: _t("Counted"),
        outside: _t("Outside hours"),
        waiting: _t("Waiting for the customer"),
        closed: _t("Ticket closed"),
        ahead: _t("Still to count"),
    };
}
