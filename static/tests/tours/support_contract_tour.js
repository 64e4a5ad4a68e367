import {registry} from "@web/core/registry";

/** Steps that choose a record in a many2one. */
function choose(field, name, scope = "") {
    return [
        {
            content: `Look for ${name}`,
            trigger: `${scope} .o_field_widget[name=${field}] input`,
            run: `edit ${name}`,
        },
        {
            content: `Choose ${name}`,
            trigger: `.o-autocomplete--dropdown-item a:contains(${name})`,
            run: "click",
        },
    ];
}

function type(field, text, scope = "") {
    return {
        content: `Type ${text}`,
        trigger: `${scope} .o_field_widget[name=${field}] input`,
        run: `edit ${text} && press Tab`,
    };
}

function see(content, trigger) {
    return {content, trigger};
}

function click(content, trigger) {
    return {content, trigger, run: "click"};
}

registry.category("web_tour.tours").add("support_contract_tour", {
    steps: () => [
        click("Make a contract", ".o_list_button_add"),
        ...choose("partner_id", "Alpha"),
        ...choose("type_id", "Tour Hours"),
        see(
            "The contract has the type's terms",
            ".o_field_widget[name=allotment_ids] .o_data_row:contains(10:00 h)"
        ),
        type("gate_minutes", "an hour"),
        see(
            "What is no time is refused, not turned into zero",
            ".o_field_widget[name=gate_minutes].o_field_invalid"
        ),
        type("gate_minutes", "1,5"),
        {
            content: "1,5 hours are 1:30",
            trigger: ".o_field_widget[name=gate_minutes] input",
            run() {
                if (this.anchor.value !== "1:30") {
                    throw new Error(`1:30 expected, not ${this.anchor.value}`);
                }
            },
        },
        click("Activate", "button[name=action_activate]"),
        see("It is active", ".o_arrow_button_current:contains(Active)"),
        see(
            "Its balance is full",
            ".o_field_widget[name=ledger_ids]:contains(10:00 h left of 10:00 h)"
        ),
        click("Go to its tickets", "button[name=action_view_tickets]"),
        see("There is none yet", ".o_breadcrumb:contains(Tickets)"),
        click("Open a ticket", ".o_list_button_add"),
        type("name", "The till does not start"),
        {
            content: "Describe it",
            trigger: ".o_field_widget[name=description] .odoo-editor-editable",
            run: "editor It stays dark.",
        },
        click("Save", ".o_form_button_save"),
        see(
            "The contract covers it",
            ".o_field_widget[name=support_cover]:contains(Contract)"
        ),
        see(
            "What the minimum cover reserves cannot be used by others",
            ".o_field_widget[name=support_cover_left]:contains(8:30 h)"
        ),
        click("Log work", "button[name=action_support_log_work]"),
        type("name", "Cable plugged in", ".modal"),
        click("Set its time by hand", ".modal [name=billable_by_hand] input"),
        type("manual_minutes", "2:30", ".modal"),
        type("manual_reason", "Agreed by phone", ".modal"),
        click("It is done", ".modal button[name=action_done]"),
        see("The dialog is closed", "body:not(:has(.modal))"),
        see(
            "The balance has fallen",
            ".o_field_widget[name=support_cover_left]:contains(7:30 h)"
        ),
        click("See the work", ".nav-link[name=support_work]"),
        see(
            "It was drawn",
            ".o_field_widget[name=support_intervention_ids] .o_data_row:contains(2:30 h)"
        ),
        click("Back to the contract", ".o_field_widget[name=support_contract_id] a"),
        see(
            "The contract shows it",
            ".o_field_widget[name=ledger_ids]:contains(7:30 h left of 10:00 h)"
        ),
    ],
});
