import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatDate} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {formatQuantity} from "./quantity";

/** Parts of what was granted at and below which a balance is low, or very low. */
const LOW = 0.25;
const VERY_LOW = 0.1;

/** States of a contract in which a low balance matters. */
const RUNNING = ["active", "suspended"];

/**
 * Balances of ledgers as bars: what can be used (filled), what is reserved (hatched)
 * and what has been used (empty), of what was granted. The text says all of it too.
 */
export class SupportBalanceField extends Component {
    static template = "support_contract.SupportBalanceField";
    static props = {
        ...standardFieldProps,
        compact: {type: Boolean, optional: true},
        withContract: {type: Boolean, optional: true},
    };

    get balances() {
        return this.props.record.data[this.props.name].records.map((ledger) =>
            this.getBalance(ledger)
        );
    }

    getBalance({resId, data}) {
        const currencyId = data.currency_id && data.currency_id.id;
        const format = (value) => formatQuantity(value, data.unit, currencyId);
        const {usable, reserved} = data;
        const granted = Math.max(data.granted, usable + reserved);
        const part = (value) =>
            granted ? Math.round((1000 * value) / granted) / 10 : 0;
        const level = RUNNING.includes(data.contract_state)
            ? this.getLevel(usable, granted)
            : {color: "secondary", text: ""};
        const details = [];
        if (granted) {
            details.push(_t("%s used", format(granted - usable - reserved)));
        }
        if (reserved) {
            details.push(_t("%s reserved", format(reserved)));
        }
        if (data.next_expiry) {
            details.push(_t("to be used by %s", formatDate(data.next_expiry)));
        }
        return {
            id: resId,
            label: this.props.withContract ? data.display_name : data.label,
            usable: format(usable),
            left: granted
                ? _t("%(usable)s left of %(granted)s", {
                      usable: format(usable),
                      granted: format(granted),
                  })
                : _t("Nothing to use today"),
            details: details.join(" · "),
            usableWidth: part(usable),
            reservedWidth: part(reserved),
            color: level.color,
            warning: level.text,
        };
    }

    getLevel(usable, granted) {
        if (!usable) {
            return {color: "danger", text: granted ? _t("Used up") : ""};
        }
        if (usable <= VERY_LOW * granted) {
            return {color: "danger", text: _t("Almost used up")};
        }
        if (usable <= LOW * granted) {
            return {color: "warning", text: _t("Low")};
        }
        return {color: "success", text: ""};
    }
}

export const supportBalanceField = {
    component: SupportBalanceField,
    displayName: _t("Support Balances"),
    supportedTypes: ["one2many", "many2many"],
    supportedOptions: [
        {label: _t("Text only"), name: "compact", type: "boolean"},
        {label: _t("With contract"), name: "with_contract", type: "boolean"},
    ],
    relatedFields: [
        {name: "display_name", type: "char"},
        {name: "label", type: "char"},
        {name: "contract_state", type: "selection", selection: []},
        {name: "unit", type: "selection", selection: []},
        {name: "currency_id", type: "many2one", relation: "res.currency"},
        {name: "usable", type: "float"},
        {name: "granted", type: "float"},
        {name: "reserved", type: "float"},
        {name: "next_expiry", type: "date"},
    ],
    extractProps: ({options}) => ({
        compact: Boolean(options.compact),
        withContract: Boolean(options.with_contract),
    }),
};

registry.category("fields").add("support_balance", supportBalanceField);
