import {Component, onMounted, onWillUnmount, toRaw, useState} from "@odoo/owl";
import {describeDue, describeLeft} from "./clock_words";
import {isCounting, measure, readClock} from "./clock";
import {ClockDetails} from "./clock_details";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {usePopover} from "@web/core/popover/popover_hook";
import {useService} from "@web/core/utils/hooks";

const ICONS = {
    running: "fa-clock-o",
    paused: "fa-pause",
    late: "fa-exclamation-triangle",
    kept: "fa-check",
    missed: "fa-times",
    cancelled: "fa-ban",
};

/** What stands still or is over is grey; what was missed stays red in words. */
const COLORS = {
    paused: "muted",
    kept: "success",
    missed: "danger",
    cancelled: "muted",
};

/** When a value came from the server, by the browser's clock: it may be drawn again. */
const RECEIVED = new WeakMap();

/** Milliseconds until the details come, and for the mouse to move over to them. */
const PATIENCE = 200;

/**
 * One bar for each clock of a ticket: how much of the promised time has been used, what is
 * left of it and until when. It goes on by itself, from the server's now and only within
 * the hours that count.
 */
export class ClockBarsField extends Component {
    static template = "support_contract.ClockBarsField";
    static components = {ClockDetails};
    static props = {
        ...standardFieldProps,
        details: {type: Boolean, optional: true},
    };

    setup() {
        this.action = useService("action");
        this.popover = usePopover(ClockDetails, {
            position: "bottom-start",
            popoverClass: "o_support_clock_popover",
            setActiveElement: false,
            onClose: () => {
                this.shown = null;
            },
        });
        this.state = useState({now: Date.now()});
        onMounted(() => {
            this.interval = browser.setInterval(() => this.tick(), 1000);
        });
        onWillUnmount(() => {
            browser.clearInterval(this.interval);
            browser.clearTimeout(this.waiting);
            browser.clearTimeout(this.closing);
        });
    }

    /** The clocks as they came, and the server's now, whatever the browser's clock says. */
    get read() {
        const value = toRaw(this.props.record.data[this.props.name]) || [];
        if (!RECEIVED.has(value)) {
            RECEIVED.set(value, {at: Date.now(), clocks: value.map(readClock)});
        }
        const {at, clocks} = RECEIVED.get(value);
        const sent = clocks.length ? clocks[0].now : 0;
        return {clocks, now: sent + Math.max(this.state.now - at, 0)};
    }

    tick() {
        if (this.read.clocks.some(isCounting)) {
            this.state.now = Date.now();
        }
    }

    get bars() {
        const {clocks, now} = this.read;
        return clocks.map((clock) => {
            const measured = measure(clock, now);
            const left = describeLeft(measured);
            const due = describeDue(clock, measured, now);
            return {
                clock,
                now,
                ...measured,
                icon: ICONS[measured.phase],
                color: COLORS[measured.phase] || measured.level,
                left,
                due,
                hours: _t("counted in: %s", clock.hours),
                text: [left, due].filter(Boolean).join(", "),
            };
        });
    }

    /** The mouse is over a bar: to stay, or only on its way. */
    hover(ev, clock) {
        const target = ev.currentTarget;
        browser.clearTimeout(this.waiting);
        this.waiting = browser.setTimeout(() => this.show(target, clock), PATIENCE);
    }

    show(target, clock) {
        browser.clearTimeout(this.waiting);
        browser.clearTimeout(this.closing);
        if (this.props.details || this.shown === clock.id) {
            return;
        }
        this.shown = clock.id;
        this.popover.open(target, {
            clock,
            now: this.read.now,
            onEnter: () => browser.clearTimeout(this.closing),
            onLeave: () => this.hide(),
        });
    }

    hide() {
        browser.clearTimeout(this.waiting);
        browser.clearTimeout(this.closing);
        this.closing = browser.setTimeout(() => this.close(), PATIENCE);
    }

    close() {
        this.popover.close();
    }

    onKeydown(ev) {
        if (ev.key === "Escape" && this.shown) {
            ev.stopPropagation();
            this.close();
        }
    }

    open(clock) {
        this.close();
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "support.sla.clock",
            res_id: clock.id,
            views: [[false, "form"]],
        });
    }
}

export const clockBarsField = {
    component: ClockBarsField,
    displayName: _t("Promised Times"),
    supportedTypes: ["json"],
    supportedOptions: [
        {label: _t("With all details"), name: "details", type: "boolean"},
    ],
    extractProps: ({options}) => ({details: Boolean(options.details)}),
};

registry.category("fields").add("support_clock_bars", clockBarsField);
