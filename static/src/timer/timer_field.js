import {Component, onWillUnmount, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Seconds as h:mm:ss. */
export function formatElapsed(value) {
    const seconds = Math.max(Math.floor(value), 0);
    const pad = (number) => String(number).padStart(2, "0");
    return [
        Math.floor(seconds / 3600),
        pad(Math.floor(seconds / 60) % 60),
        pad(seconds % 60),
    ].join(":");
}

/** How long something has been going on since the moment in the field: it goes on by itself. */
export class TimerField extends Component {
    static template = "support_contract.TimerField";
    static props = {...standardFieldProps};

    setup() {
        this.state = useState({now: Date.now()});
        const interval = browser.setInterval(() => {
            this.state.now = Date.now();
        }, 1000);
        onWillUnmount(() => browser.clearInterval(interval));
    }

    get elapsed() {
        const start = this.props.record.data[this.props.name];
        return start ? formatElapsed((this.state.now - start.toMillis()) / 1000) : "";
    }
}

export const timerField = {
    component: TimerField,
    displayName: _t("Timer"),
    supportedTypes: ["datetime"],
    isEmpty: () => false,
};

registry.category("fields").add("support_timer", timerField);
