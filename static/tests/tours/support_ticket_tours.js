import {choose, click, edit, go, see} from "./support_tour_tools";
import {registry} from "@web/core/registry";

// work modes as they are offered
const PHONE = "selectByIndex 0";
const REMOTE = "selectByIndex 1";

/** What a ticket is about, and how help is to be given. */
function describe(mode) {
    return [
        see("The form", ".o_support_ticket_form"),
        edit("Say what it is about", "#subject", "The till is dark"),
        edit("Describe it", "#description", "Since this morning"),
        {content: "Choose how", trigger: "#mode", run: mode},
    ];
}

registry.category("web_tour.tours").add("support_ticket_form_tour", {
    steps: () => [
        ...describe(PHONE),
        choose("Add a file", "#attachment", "log.txt"),
        click("Check what covers it", ".o_support_check"),
        see(
            "It says what is taken and what is promised",
            "#support_preview .card.border-success .o_support_promise"
        ),
        {content: "Another choice is another cover", trigger: "#mode", run: REMOTE},
        see("What was shown is gone", ".o_support_ticket_form:not(:has(section))"),
        {content: "Back to the phone", trigger: "#mode", run: PHONE},
        go("Send it, the file is still there", ".o_support_send"),
        see(
            "The ticket's page says what covers it",
            ".o_support_ticket_cover .text-success"
        ),
    ],
});

registry.category("web_tour.tours").add("support_ticket_gate_tour", {
    steps: () => [
        ...describe(REMOTE),
        click("Check what covers it", ".o_support_check"),
        see("Nothing does", "#support_preview .card.border-warning"),
        go("The way out", "#support_preview a[href$='/topup']"),
        see("What can be added", ".o_support_buy"),
    ],
});

registry.category("web_tour.tours").add("support_callback_tour", {
    steps: () => [
        ...describe(PHONE),
        click("Check what covers it", ".o_support_check"),
        see("The phone is closed", "#support_preview .fa-phone"),
        go("Be called then", "#support_preview a[href$='/my/callback']"),
        see("When is it open?", ".o_support_callback_form"),
        edit("What it is about", "#topic", "The till is dark"),
        edit("The number", "#number", "+39 06 4567 8901"),
        {content: "The contract", trigger: "#contract", run: "selectByIndex 1"},
        go("Call me", ".o_support_callback_form button[type=submit]"),
        see("When we call", ".alert-success"),
        see("It is in the list", ".list-group-item:contains(The till is dark)"),
    ],
});

registry.category("web_tour.tours").add("support_ticket_page_tour", {
    steps: () => [
        see("It begins with what is asked for", "#support_files:contains(The backup)"),
        choose("Choose the file", "#support_files_input", "backup.zip"),
        go("Send it", "#support_files button[type=submit]"),
        see(
            "Nothing is asked for any more",
            "main:has([name=support_news]):not(:has(#support_files))"
        ),
        go("Accept a price", "#support_prices button[value=accept]"),
        see(
            "It is accepted",
            "#support_prices:has(.fa-check):has(button[value=decline])"
        ),
        go("Refuse the other one", "#support_prices button[value=decline]"),
        see("Both are answered", "#card_body:not(:has(button[name=answer]))"),
        edit("Close the ticket", "#close_reason", "It works again"),
        go("Done", "form[action$='/ticket/close'] button:first"),
        see("How was it?", "#support_rating"),
        click("Good", "label[for=support_grade_5]"),
        edit("With a word", "#support_rating_comment", "Quick"),
        go("Send the rating", "#support_rating button[type=submit]"),
        see("It is kept", "#support_rating:has(#support_grade_5:checked)"),
        click("It is not over", ".o_support_reopen summary"),
        edit("Because", "#support_reopen_reason", "It beeps again"),
        go("Open it again", ".o_support_reopen button[type=submit]"),
        see("It is open", "main:has([name=support_news]):not(:has(#support_rating))"),
    ],
});
