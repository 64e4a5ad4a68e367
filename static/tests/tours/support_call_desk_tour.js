import {registry} from "@web/core/registry";

/** The code that the test gives the contract. */
const CODE = "482 913 060";

/** The keyboard alone: what is typed goes where the focus is. */
function see(content, trigger) {
    return {content, trigger};
}

function focused(content, selector) {
    return see(content, `.o_support_call_desk ${selector}:focus`);
}

function type(content, selector, text) {
    return {
        content,
        trigger: `.o_support_call_desk ${selector}:focus`,
        run: `edit ${text} && press Enter`,
    };
}

function press(content, key, trigger = ".o_support_call_desk") {
    return {content, trigger, run: `press ${key}`};
}

registry.category("web_tour.tours").add("support_call_desk_tour", {
    steps: () => [
        focused("The code is asked for first", "#o_support_desk_code"),
        type("Enter a wrong code", "#o_support_desk_code", "123 456 789"),
        see(
            "It is refused, and nothing is told",
            ".o_support_desk_refused:contains(look at the digits)"
        ),
        focused("The code is asked for again", "#o_support_desk_code"),
        type("Enter the right one, as it is read aloud", "#o_support_desk_code", CODE),
        see("The customer is known", ".o_support_desk_customer:contains(Alpha)"),
        see("So is the contract", ".o_support_desk_contract:contains(10:00)"),
        type("Say what it is about", ".o_support_desk_topic", "The till is dark"),
        see(
            "That was all: a ticket, covered by the contract",
            ".o_support_desk_result:contains(The till is dark):contains(Covered by)"
        ),
        press("Next call", "Enter", ".o_support_desk_next:focus"),
        focused("The code is asked for again", "#o_support_desk_code"),
        press("Go to the phone number", "Alt+p"),
        type("Enter the number", "#o_support_desk_number", "06 4567 8901"),
        see(
            "The only contact with this number is the caller",
            ".o_support_desk_caller:has(option:checked:contains(Anna Alpha))"
        ),
        see(
            "The ticket is among the open ones",
            ".o_support_desk_ticket:contains(The till is dark)"
        ),
        press("Add the call to it", "Alt+a"),
        type("Say what was said", ".o_support_desk_note", "It has no power"),
        see("It is added", ".o_support_desk_result:contains(Call added to ticket)"),
        press("Start over", "Escape"),
        focused("The code is asked for again", "#o_support_desk_code"),
        press("Go to the search", "Alt+s"),
        type("Look for a name", "#o_support_desk_text", "Anna Al"),
        press("Choose the contact", "Enter", ".o_support_desk_match:focus"),
        see("The customer is known", ".o_support_desk_customer:contains(Alpha)"),
        press("Promise a call-back", "Alt+k"),
        {
            content: "Say what it is about",
            trigger: ".modal .o_field_widget[name=topic] input",
            run: "edit The till again && press Tab",
        },
        see(
            "The number is filled in",
            ".modal .o_field_widget[name=number] input:value(+39 06 4567 8901)"
        ),
        press("Promise it", "Alt+q", ".modal"),
        see("It is promised", ".o_support_desk_result:contains(Call-back recorded)"),
        {
            content: "Go elsewhere",
            trigger: "[data-menu-xmlid='support_contract.support_contract_menu']",
            run: "click",
        },
        {
            content: "To the contracts",
            trigger: "[data-menu-xmlid='support_contract.support_contract_all_menu']",
            run: "click",
        },
        press("The phone rings again", "Alt+Shift+c", ".o_searchview_input"),
        focused("The desk is open", "#o_support_desk_code"),
    ],
});
