import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {getCurrency} from "@web/core/currency";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useInputField} from "@web/views/fields/input_field_hook";
import {useNumpadDecimal} from "@web/views/fields/numpad_decimal_hook";
import {user} from "@web/core/user";
import {formatQuantity, parseQuantity} from "./quantity";

/**
 * A number that means something only together with its unit: minutes shown as h:mm,
 * an amount in a currency, or whole tickets. The unit is fixed by the option `unit`,
 * or read from the record's field `unit` (or the one named by `unit_field`).
 */
export class SupportQuantityField extends Component {
    static template = "support_contract.SupportQuantityField";
    static props = {
        ...standardFieldProps,
        unit: {type: String, optional: true},
        unitField: {type: String, optional: true},
        currencyField: {type: String, optional: true},
        placeholder: {type: String, optional: true},
    };
    static defaultProps = {unitField: "unit", currencyField: "currency_id"};

    setup() {
        useInputField({
            getValue: () => this.editedValue,
            refName: "numpadDecimal",
            parse: (text) => parseQuantity(text, this.unit, this.currencyId),
        });
        useNumpadDecimal();
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get unit() {
        return this.props.unit || this.props.record.data[this.props.unitField];
    }

    get currencyId() {
        const currency = this.props.record.data[this.props.currencyField];
        return (currency && currency.id) || user.activeCompany.currency_id;
    }

    get editedValue() {
        return formatQuantity(this.value, this.unit, this.currencyId, {bare: true});
    }

    get formattedValue() {
        return formatQuantity(this.value, this.unit, this.currencyId);
    }

    get suffix() {
        if (this.unit === "money") {
            const currency = getCurrency(this.currencyId);
            return currency ? currency.symbol : "";
        }
        return this.unit === "time" ? _t("h") : _t("tickets");
    }
}

export const supportQuantityField = {
    component: SupportQuantityField,
    displayName: _t("Quantity with a Unit"),
    supportedTypes: ["float", "integer", "monetary"],
    supportedOptions: [
        {label: _t("Unit"), name: "unit", type: "string"},
        {
            label: _t("Unit field"),
            name: "unit_field",
            type: "field",
            availableTypes: ["selection"],
        },
        {
            label: _t("Currency field"),
            name: "currency_field",
            type: "field",
            availableTypes: ["many2one"],
        },
    ],
    isEmpty: (record, fieldName) => record.data[fieldName] === false,
    fieldDependencies: ({options}) =>
        options.unit
            ? []
            : [
                  {name: options.unit_field || "unit", type: "selection"},
                  {
                      name: options.currency_field || "currency_id",
                      type: "many2one",
                      relation: "res.currency",
                  },
              ],
    extractProps: ({options, placeholder}) => ({
        unit: options.unit,
        unitField: options.unit_field,
        currencyField: options.currency_field,
        placeholder,
    }),
};

registry.category("fields").add("support_quantity", supportQuantityField);

/** Whole minutes, shown and typed as h:mm. */
export const supportMinutesField = {
    ...supportQuantityField,
    displayName: _t("Time in Minutes"),
    supportedTypes: ["integer", "float"],
    supportedOptions: [],
    fieldDependencies: [],
    extractProps: ({placeholder}) => ({unit: "time", placeholder}),
};

registry.category("fields").add("support_minutes", supportMinutesField);

/** Seconds, shown as h:mm: a time that was measured, not typed. */
export class SupportSecondsField extends SupportQuantityField {
    get value() {
        return super.value / 60;
    }
}

registry.category("fields").add("support_seconds", {
    ...supportMinutesField,
    component: SupportSecondsField,
    displayName: _t("Time in Seconds"),
    supportedTypes: ["integer"],
});

// for totals of lists and for cells of pivots and graphs, of minutes or of hours
const formatters = registry.category("formatters");
formatters.add("support_minutes", (value) => formatQuantity(value, "time"));
formatters.add("support_hours", (value) => formatQuantity(value && 60 * value, "time"));
