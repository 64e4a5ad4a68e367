import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatDateTime} from "@web/core/l10n/dates";
import {formatMoment} from "./clock_words";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const RISK_FIELD = "support_risk_at";

/**
 * A deadline (of a ticket: the next one) in one cell: amber when it is at risk, red when it has
 * passed, and what that means for those who see no colours.
 */
export class DeadlineField extends Component {
    static template = "support_contract.DeadlineField";
    static props = {
        ...standardFieldProps,
        badge: {type: Boolean, optional: true},
        riskField: {type: String, optional: true},
        openField: {type: String, optional: true},
    };
    static defaultProps = {riskField: RISK_FIELD};

    get cell() {
        const now = Date.now();
        const {data} = this.props.record;
        const deadline = data[this.props.name];
        const risk = data[this.props.riskField];
        const atRisk = Boolean(risk && risk.toMillis() <= now);
        if (!deadline) {
            // a missed promise that waits for the customer has no deadline to come
            return atRisk
                ? {level: "danger", text: _t("Missed"), meaning: _t("Missed")}
                : null;
        }
        const text = formatMoment(deadline.toMillis(), now);
        const full = formatDateTime(deadline);
        if (this.props.openField && !data[this.props.openField]) {
            return {level: "", text, meaning: full};
        }
        if (deadline.toMillis() < now) {
            return {level: "danger", text, meaning: _t("Missed: %s", full)};
        }
        if (atRisk) {
            return {level: "warning", text, meaning: _t("At risk: %s", full)};
        }
        return {level: "", text, meaning: full};
    }
}

export const deadlineField = {
    component: DeadlineField,
    displayName: _t("Next Deadline"),
    supportedTypes: ["datetime"],
    supportedOptions: [
        {label: _t("As a badge"), name: "badge", type: "boolean"},
        {
            label: _t("At risk from"),
            name: "risk_field",
            type: "field",
            availableTypes: ["datetime"],
        },
        {
            label: _t("Open since"),
            name: "open_field",
            type: "field",
            availableTypes: ["datetime"],
        },
    ],
    listViewWidth: 175,
    fieldDependencies: ({options}) =>
        [options.risk_field || RISK_FIELD, options.open_field]
            .filter(Boolean)
            .map((name) => ({name, type: "datetime"})),
    isEmpty: () => false,
    extractProps: ({options}) => ({
        badge: Boolean(options.badge),
        riskField: options.risk_field,
        openField: options.open_field,
    }),
};

registry.category("fields").add("support_deadline", deadlineField);
