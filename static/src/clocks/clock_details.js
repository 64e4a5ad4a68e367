import {formatMoment, formatHours, formatTime, getSegmentNames} from "./clock_words";
import {getAhead, getHistory, measure} from "./clock";
import {Component} from "@odoo/owl";

const {DateTime} = luxon;

/** Rows of the past and of the time to come that a popover has room for. */
const PAST = 8;
const AHEAD = 4;

/**
 * Why a deadline is what it is: every stretch of the clock's life, as a strip and as a
 * table with local times.
 */
export class ClockDetails extends Component {
    static template = "support_contract.ClockDetails";
    static props = {
        clock: Object,
        now: Number,
        all: {type: Boolean, optional: true},
        close: {type: Function, optional: true},
        onEnter: {type: Function, optional: true},
        onLeave: {type: Function, optional: true},
    };

    setup() {
        this.formatMoment = (millis) => formatMoment(millis, this.props.now);
        this.formatHours = formatHours;
    }

    get measured() {
        return measure(this.props.clock, this.props.now);
    }

    get segments() {
        const {clock, now} = this.props;
        const names = getSegmentNames();
        const describe = (segment, index) => {
            const seconds = (segment.end - segment.start) / 1000;
            return {
                ...segment,
                key: index,
                name: names[segment.kind],
                seconds,
                duration: formatHours(seconds),
                from: formatMoment(segment.start, now),
                to: DateTime.fromMillis(segment.start).hasSame(
                    DateTime.fromMillis(segment.end),
                    "day"
                )
                    ? formatTime(segment.end)
                    : formatMoment(segment.end, now),
            };
        };
        const past = getHistory(clock, now).map(describe);
        const ahead = getAhead(clock, now).map((segment, index) =>
            describe(segment, past.length + index)
        );
        return {past, ahead};
    }

    get shown() {
        const {past, ahead} = this.segments;
        const {all, clock} = this.props;
        const strip = [...past, ...ahead];
        if (all) {
            return {strip, rows: strip, earlier: clock.earlier, later: 0};
        }
        return {
            strip,
            rows: [...past.slice(-PAST), ...ahead.slice(0, AHEAD)],
            earlier: clock.earlier + Math.max(past.length - PAST, 0),
            later: Math.max(ahead.length - AHEAD, 0),
        };
    }
}
